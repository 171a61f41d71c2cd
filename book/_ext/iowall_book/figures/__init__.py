"""The `iowall-figure` directive: still pictures, drawn from the models when the book is built.

The SVG goes into the page itself, so that its text and lines take the page's colour, light or dark.
It is a figure like any other to Sphinx: numbered, and referred to by its name.

```{iowall-figure} queue_depth
```

As {numref}`fig-queue-depth` shows, …
"""

import io
import re
from html import escape

import matplotlib
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from . import access, checkpoint, pipeline, trust
from .canvas import INK, PAPER, STYLE

FIGURES = {
    still.__name__: still
    for still in (*access.STILLS, *pipeline.STILLS, *checkpoint.STILLS, *trust.STILLS)
}


def draw(name):
    """One figure: what matplotlib drew, what it shows in words, and its caption."""
    with matplotlib.rc_context(STYLE):
        return FIGURES[name]()


def svg(figure, *, name, alternative):
    """A drawn figure as SVG for the inside of a page."""
    style = STYLE | {"svg.fonttype": "none", "svg.hashsalt": name}
    with matplotlib.rc_context(style), io.StringIO() as out:
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
        text = out.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = text.replace(PAPER, "var(--pst-color-background)")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # A style sheet in it would hold for the whole page, and ids of groups would meet their like.
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"font-family: [^;]*; | transform=\"rotate\(-0 [^\"]*\"", "", text)
    # Words on an area keep a rim of the page's own colour.
    rim = "paint-order: stroke; stroke: var(--pst-color-background); stroke-width: 2.5; "
    text = text.replace('<text style="', f'<text style="{rim}')
    label = f'<svg class="iowall-still" role="img" aria-label="{escape(alternative)}" '
    return text.replace("<svg ", label + 'stroke-linejoin="round" ', 1)


class FigureDirective(SphinxDirective):
    """A figure with its caption; its label is `fig-` and its name, with hyphens."""

    required_arguments = 1
    option_spec = {"class": directives.class_option}

    def run(self):
        name = self.arguments[0]
        if name not in FIGURES:
            raise self.error(f"no figure {name!r}: {sorted(FIGURES)}")
        drawn, alternative, caption = draw(name)
        picture = svg(drawn, name=name, alternative=alternative)
        figure = nodes.figure(
            "",
            nodes.raw("", picture, format="html"),
            nodes.caption("", caption),
            classes=["iowall-figure", *self.options.get("class", [])],
            names=[f"fig-{name.replace('_', '-')}"],
        )
        self.set_source_info(figure)
        self.state.document.note_explicit_target(figure, figure)
        return [figure]


def setup(app):
    app.add_directive("iowall-figure", FigureDirective)
