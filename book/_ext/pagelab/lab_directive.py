"""The `lab` directive: a place in a page where a lab runs, and its first state until it does.

```{lab} access
:notebook: 01_access_patterns
```
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from . import launch, served


class LabDirective(SphinxDirective):
    """Emits the root that the page's script fills; the script is added to pages that have one."""

    required_arguments = 1
    option_spec = {"notebook": directives.unchanged_required}

    def run(self):
        name, docname = self.arguments[0], self.env.docname
        settings = self.env.app.pagelab_settings
        prefix = settings.prefix
        self.env.metadata[docname]["lab"] = name
        source = Path(self.env.doc2path(docname)).read_text(encoding="utf-8")
        poster = settings.poster_of(name, source)
        # Where all pages are one, this would be there several times.
        anchor = ' id="lab"' if self.env.app.builder.name == "html" else ""
        frame = (
            f'<div class="{prefix}-frame"><div class="{prefix}-progress" role="status">'
            "This lab runs in your browser. It needs JavaScript; the text stands by itself.</div>"
            f"{self._notebook(settings)}</div>"
        )
        first = f'<div class="{prefix}-poster {prefix}-lab-body" inert>{poster.first}</div>'
        html = (
            f'<div class="{prefix}-lab"{anchor} data-lab="{escape(name)}" data-state="loading" '
            f'role="region" aria-label="Lab">{frame}{first}</div>'
        )
        found = [nodes.raw("", html, format="html"), self._in_print(settings, poster.still)]
        if poster.words:
            classes = [f"{prefix}-instruments"]
            found.insert(0, nodes.paragraph(poster.words, poster.words, classes=classes))
        return found

    def _notebook(self, settings):
        """The links that open the lab as a notebook: here, and on other machines."""
        name = self.options.get("notebook")
        if not name:
            return ""
        folder = settings.notebooks
        if not (folder and (folder / f"{name}.ipynb").is_file()):
            raise self.error(f"there is no notebook {name!r} in the folder pagelab_notebooks")
        up = "../" * self.env.docname.count("/")
        path = (folder / f"{name}.ipynb").relative_to(settings.root).as_posix()
        return (
            f'<a class="{settings.prefix}-notebook-link" href="{up}lite/notebooks/index.html'
            f'?path={escape(name)}.ipynb">Open as notebook</a>{launch.links(self.config, path)}'
        )

    def _in_print(self, settings, still):
        """What stands on paper in the lab's place: a still picture, and where the lab is."""
        page, base = f"{self.env.docname}.html", self.config.html_baseurl
        where = f"on the page {page} of the {settings.called}'s site"
        if base:
            address = escape(f"{base.rstrip('/')}/{page}")
            where = f'at <a href="{address}">{address}</a>'
        classes = f"{settings.prefix}-figure {settings.prefix}-print"
        html = f'<figure class="{classes}">{still}<p>The lab runs {where}.</p></figure>'
        return nodes.raw("", html, format="html")


# What a browser that cannot parse it leaves undone is a sign for old.js.
SYNTAX = "(class {{ static {{ window.{prefix}Syntax = true; }} }});"


def old_browsers(prefix):
    """What tells old browsers so (old.js), without its comments."""
    script = served.text(served.HERE / "old.js", prefix)
    return re.sub(r"^ *//.*\n| +// .*$", "", script, flags=re.MULTILINE)


def add_scripts(app, pagename, templatename, context, doctree):
    """Only a page with a lab pays for its scripts."""
    settings = app.pagelab_settings
    prefix = settings.prefix
    # Before any other script, since the theme's own need what it mends.
    early = context["pathto"](f"_static/{prefix}/early.js", 1)
    context["metatags"] = f'<script src="{early}"></script>' + context.get("metatags", "")
    if "lab" in app.env.metadata.get(pagename, {}) and app.builder.name == "html":
        for style in settings.styles:
            app.add_css_file(f"{prefix}/{style.name}")
        # In the page itself: nothing may start before it, and a file would be waited for.
        app.add_js_file(None, body=SYNTAX.format(prefix=prefix), priority=80)
        app.add_js_file(None, body=old_browsers(prefix), priority=81)
        if settings.kept:
            app.add_js_file(None, body=settings.kept.read_text(encoding="utf-8"), priority=82)
        app.add_js_file(f"{prefix}/start.js", priority=90)
        app.add_js_file(f"{prefix}/lab.mjs", type="module", loading_method="async", priority=100)


def setup(app):
    app.add_directive("lab", LabDirective)
    app.connect("html-page-context", add_scripts)
