"""Sphinx extension of the book: the browser's runtime, the `lab` directive, JupyterLite."""

from contextlib import contextmanager
from pathlib import Path

from docutils import nodes

from . import (
    figures,
    lab_directive,
    licences,
    lite,
    offline,
    pages,
    pdf,
    sources,
    stories,
    tables,
    trust,
)
from .parts import PartError
from .runtime import Runtime

ROOT = Path(__file__).parents[3]


def setup(app):
    lab_directive.setup(app)
    pdf.setup(app)
    figures.setup(app)
    tables.setup(app)
    trust.setup(app)
    sources.setup(app)
    licences.setup(app)
    stories.setup(app)
    offline.setup(app)
    app.connect("config-inited", _serve_mathjax_ourselves)
    app.connect("builder-inited", _assemble)
    app.connect("env-get-outdated", _read_all_pages)
    app.connect("doctree-read", _close_code)
    app.connect("html-page-context", _without_thebe)
    app.connect("html-page-context", _early_script)
    app.connect("build-finished", _publish, priority=900)  # after the theme has finished its own
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _serve_mathjax_ourselves(app, config):
    config.mathjax_path = "mathjax/es5/tex-mml-chtml.js"


def _read_all_pages(app, env, added, changed, removed):
    """Pages show what the code says, and Sphinx does not see that the code has changed."""
    return env.found_docs


def _close_code(app, doctree):
    """Doctest asks for a blank line at the end of an example; the page need not show it."""
    for block in doctree.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip("\n")  # equal to its text, else it has no colours
        block.children = [nodes.Text(block.rawsource)]


def _without_thebe(app, pagename, templatename, context, doctree):
    """Jupyter Book always adds thebe, which would load itself from a CDN when called."""
    context["script_files"] = [
        script for script in context["script_files"] if "thebe" not in str(script)
    ]


def _early_script(app, pagename, templatename, context, doctree):
    """Before any other script, since the theme's own need what it mends."""
    script = context["pathto"]("_static/iowall/early.js", 1)
    context["metatags"] = f'<script src="{script}"></script>' + context.get("metatags", "")


def _assemble(app):
    """Before the pages, so that a part that cannot be had stops the build at once."""
    if app.builder.format != "html":
        return
    with _one_sentence():
        app.iowall_runtime = Runtime(ROOT)
    app.iowall_runtime.publish_mathjax(Path(app.outdir) / "_static")
    if app.builder.name == "html":
        # Formulas out of sight wait, so that a lab does not wait for them.
        app.config.mathjax3_config |= {"loader": {"load": ["ui/lazy"]}}


def _publish(app, exception):
    if exception or app.builder.name != "html":
        return
    site, runtime = Path(app.outdir), app.iowall_runtime
    runtime.publish(site)
    with _one_sentence():
        lite.build(notebooks=ROOT / "notebooks", site=site, packages=runtime.packages("notebook"))
        pages.finish(site)
    offline.publish(site)  # last: it lists what is there


@contextmanager
def _one_sentence():
    """A SystemExit, because Jupyter Book buries any other exception under its traceback."""
    try:
        yield
    except PartError as error:
        raise SystemExit(f"The book was not built. {error}") from None
