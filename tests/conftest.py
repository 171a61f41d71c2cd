"""What several tests share."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))  # the book's extensions, as Sphinx finds them


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The built book."""
    from tests.browser import site

    return site.build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def browser():
    """Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.browser import site

    with sync_playwright() as playwright:
        browser = site.launch(playwright)
        yield browser
        browser.close()
