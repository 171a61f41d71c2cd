"""The `lab` directive: a place in a page where a lab runs, and its first state until it does.

```{lab} access
:notebook: 01_access_patterns
```
"""

import re
import shutil
from html import escape
from importlib import import_module
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

import iowall.views
from iowall.ledger import PARTS
from iowall.labs.report import EMPTY
from iowall.labs.workbench import CHOOSE
from iowall.scenarios import TRACKS

from . import figures, launch


def poster(name):
    """A lab's first state, as still HTML made of the words that the live one uses."""
    if name not in PARTS:
        return f'<div class="iowall-poster iowall-lab-body" inert>{EMPTY}</div>'
    cards = "".join(
        '<button type="button" class="jupyter-button iowall-track" disabled>'
        f"{escape(track.name)}\n{escape(track.persona)} {escape(track.crisis)}</button>"
        for track in TRACKS.values()
    )
    return (
        '<div class="iowall-poster iowall-lab-body" inert>'
        f'{CHOOSE}<div class="iowall-tracks">{cards}</div></div>'
    )


class LabDirective(SphinxDirective):
    """Emits the root that the page's script fills; the script is added to pages that have one."""

    required_arguments = 1
    option_spec = {"notebook": directives.unchanged_required}

    def run(self):
        name, notebook = self.arguments[0], self.options["notebook"]
        depth = self.env.docname.count("/")
        up = "../" * depth
        self.env.metadata[self.env.docname]["lab"] = name
        # Where all pages are one, this would be there several times.
        anchor = ' id="lab"' if self.env.app.builder.name == "html" else ""
        frame = (
            '<div class="iowall-frame"><div class="iowall-progress" role="status">'
            "This lab runs in your browser. It needs JavaScript; the text stands by itself.</div>"
            f'<a class="iowall-notebook-link" href="{up}lite/notebooks/index.html'
            f'?path={escape(notebook)}.ipynb">Open as notebook</a>'
            f"{launch.links(self.config, f'notebooks/{notebook}.ipynb')}</div>"
        )
        html = (
            f'<div class="iowall-lab"{anchor} data-lab="{escape(name)}" data-state="loading" '
            f'role="region" aria-label="Lab">{frame}{poster(name)}</div>'
        )
        place = nodes.raw("", html, format="html")
        return [*instruments(name), place, self._in_print(name)]

    def _in_print(self, name):
        """What stands on paper in the lab's place: a still picture, and where the lab is."""
        docname, drawn = self.env.docname, f"lab_{name}"
        still = ""
        text = Path(self.env.doc2path(docname)).read_text(encoding="utf-8")
        # The text may show that picture anyway.
        if drawn in figures.FIGURES and f"{{iowall-figure}} {drawn}" not in text:
            figure, alternative, caption = figures.draw(drawn)
            still = figures.svg(figure, name=drawn, alternative=alternative)
            still += f"<figcaption>{escape(caption)}</figcaption>"
        page, base = f"{docname}.html", self.config.html_baseurl
        where = f"on the page {page} of the chapter's site"
        if base:
            address = escape(f"{base.rstrip('/')}/{page}")
            where = f'at <a href="{address}">{address}</a>'
        html = f"{still}<p>The lab runs {where}.</p>"
        html = f'<figure class="iowall-figure iowall-print">{html}</figure>'
        return nodes.raw("", html, format="html")


def instruments(name):
    """What the lab draws, in words that the site's search finds."""
    drawn = getattr(import_module(f"iowall.labs.{name}"), "INSTRUMENTS", ())
    if drawn:
        listed = ", ".join(f"{one.kind} ({one.title[0].lower()}{one.title[1:]})" for one in drawn)
        text = f"In this lab: {listed}."
        yield nodes.paragraph(text, text, classes=["iowall-instruments"])


# What a browser that cannot parse it leaves undone is a sign for old.js.
SYNTAX = "(class { static { window.iowallSyntax = true; } });"


def old_browsers():
    """What tells old browsers so (old.js), without its comments."""
    script = Path(__file__).with_name("old.js").read_text(encoding="utf-8")
    return re.sub(r"^ *//.*\n| +// .*$", "", script, flags=re.MULTILINE)


def add_script(app, pagename, templatename, context, doctree):
    """Only a page with a lab pays for it."""
    if "lab" in app.env.metadata.get(pagename, {}) and app.builder.name == "html":
        app.add_css_file("iowall/lab.css")
        # In the page itself: nothing may start before it, and a file would be waited for.
        app.add_js_file(None, body=SYNTAX, priority=80)
        app.add_js_file(None, body=old_browsers(), priority=81)
        app.add_js_file("iowall/start.js", priority=90)
        app.add_js_file("iowall/lab.mjs", type="module", loading_method="async", priority=100)


def copy_style(app):
    """The labs' style belongs to the package; pages link the same file."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "iowall"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(iowall.views.__file__).parent / "lab.css", folder)


def setup(app):
    app.add_directive("lab", LabDirective)
    app.add_css_file("iowall/page.css")
    app.connect("builder-inited", copy_style)
    app.connect("html-page-context", add_script)
