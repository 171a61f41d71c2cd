"""What several tests share."""

import sys
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))  # the book's extensions, as Sphinx finds them

# A first run has caches to fill, and a runner has neighbours: no test is wrong for being slow.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def characters(request):
    """Hypothesis' map of all characters, made before a test is timed whose first text needs it."""
    if not any(item.get_closest_marker("hypothesis") for item in request.session.items):
        return

    @hypothesis.settings(
        max_examples=1,
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    @hypothesis.given(hypothesis.strategies.text(min_size=1))
    def draw(_text):
        pass

    draw()


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
