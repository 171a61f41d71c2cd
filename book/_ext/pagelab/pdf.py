"""The `pdf` builder: all pages in one, printed by a browser.

    jupyter-book build . --builder custom --custom-builder pdf

The style sheets' rules for paper say how it looks (page.css); here is what they cannot do.
"""

import shutil
from pathlib import Path

from sphinx.builders.singlehtml import SingleFileHTMLBuilder
from sphinx.errors import SphinxError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PREPARE = Path(__file__).with_name("pdf.js")
NEEDS = (
    "Printing needs a browser: install Chromium, or pip install playwright and "
    "python -m playwright install chromium."
)


class PdfBuilder(SingleFileHTMLBuilder):
    """One HTML page as Sphinx makes it, and book.pdf printed from it."""

    name = "pdf"
    epilog = "The PDF is %(outdir)s/book.pdf."

    def init(self):
        super().init()
        # The first page has no mathematics, and is the one that Sphinx asks about.
        self.app.set_html_assets_policy("always")

    def get_outfilename(self, pagename):
        """At the top, since Sphinx names what the one page needs as seen from there."""
        return str(self._page if pagename == self.config.root_doc else Path(self.outdir, pagename))

    @property
    def _page(self):
        return Path(self.outdir, "book.html")

    def write(self, *documents):
        # By this name Sphinx's writers know that they number across pages.
        self.name = "singlehtml"
        super().write(*documents)

    def fix_refuris(self, tree):
        """Leave links as #document-PAGE#ANCHOR: as many pages have an anchor, pdf.js sorts out."""

    def finish(self):
        super().finish()
        data = {
            "pages": sorted(self.env.all_docs),
            "root": Path(self.outdir).as_uri() + "/",
            "site": f"{self.config.html_baseurl.rstrip('/')}/" if self.config.html_baseurl else "",
        }
        write(self._page.as_uri(), data, self._page.with_suffix(".pdf"))


def write(address, data, pdf):
    """Print a page when its mathematics is set."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise SphinxError(NEEDS) from None
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, BROWSERS)), None)
        try:
            # Our own pages alone are shown, hence no sandbox, which root may not have.
            browser = playwright.chromium.launch(
                executable_path=installed, args=["--no-sandbox", "--disable-gpu"]
            )
        except Error:
            raise SphinxError(NEEDS) from None
        page = browser.new_page(color_scheme="light")
        page.goto(address)
        page.wait_for_function("window.MathJax?.startup?.promise", timeout=60_000)
        page.evaluate("MathJax.startup.promise")
        page.evaluate(PREPARE.read_text(encoding="utf-8"), data)
        page.pdf(path=pdf, prefer_css_page_size=True, outline=True, tagged=True, format="A4")
        browser.close()


def setup(app):
    app.add_builder(PdfBuilder)
