"""Labs in the pages of a Jupyter Book: Python and ipywidgets in the reader's browser.

README.md says how a book uses it.
"""

from contextlib import contextmanager
from pathlib import Path

from docutils import nodes

from . import lab_directive, licences, lite, offline, pages, parts, pdf, served, settings
from .runtime import Runtime
from .settings import Poster

__all__ = ["Poster", "setup"]


def setup(app):
    for name, default in settings.DEFAULTS.items():
        app.add_config_value(f"pagelab_{name}", default, "env")
    lab_directive.setup(app)
    pdf.setup(app)
    licences.setup(app)
    app.connect("config-inited", _read_settings)
    app.connect("builder-inited", _assemble)
    app.connect("env-get-outdated", _read_all_pages)
    app.connect("doctree-read", _close_code)
    app.connect("html-page-context", _without_thebe)
    app.connect("build-finished", _publish, priority=900)  # after the theme has finished its own
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read_settings(app, config):
    values = {name: getattr(config, f"pagelab_{name}") for name in settings.DEFAULTS}
    with _one_sentence():
        app.pagelab_settings = settings.read(values, Path(app.srcdir))
    prefix = app.pagelab_settings.prefix
    app.add_css_file(f"{prefix}/page.css")
    app.add_css_file(f"{prefix}/tables.css")
    called = {"data-called": app.pagelab_settings.called}
    app.add_js_file(f"{prefix}/offline.js", loading_method="defer", **called)
    config.mathjax_path = "mathjax/es5/tex-mml-chtml.js"  # else from a CDN


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


def _assemble(app):
    """Before the pages, so that a part that cannot be had stops the build at once."""
    if app.builder.format != "html":
        return
    with _one_sentence():
        app.pagelab_runtime = Runtime(app.pagelab_settings)
    static = Path(app.outdir) / "_static"
    app.pagelab_runtime.publish_mathjax(static)
    for name, data in served.files(app.pagelab_settings).items():
        parts.write(static / app.pagelab_settings.prefix / name, data)
    if app.builder.name == "html":
        # Formulas out of sight wait, so that a lab does not wait for them.
        app.config.mathjax3_config |= {"loader": {"load": ["ui/lazy"]}}


def _publish(app, exception):
    if exception or app.builder.name != "html":
        return
    site, runtime = Path(app.outdir), app.pagelab_runtime
    runtime.publish(site)
    with _one_sentence():
        if app.pagelab_settings.notebooks:
            lite.build(app.pagelab_settings, site=site, packages=runtime.packages("notebook"))
        pages.finish(site)
    offline.publish(site, app.pagelab_settings.prefix)  # last: it lists what is there


@contextmanager
def _one_sentence():
    """A SystemExit, because Jupyter Book buries any other exception under its traceback."""
    try:
        yield
    except (parts.PartError, settings.SettingError) as error:
        raise SystemExit(f"The book was not built. {error}") from None
