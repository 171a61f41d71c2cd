"""What several tests share."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent
BROWSER = ROOT / "tests" / "browser"
# Fixtures that start a browser, build the site, or a part of what the browser runs.
SLOW = ("engine", "browser", "html", "made")
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what needs a browser or the site; leave to `-m weekly` what it is for."""
    for item in items:
        if _slow(item) < len(SLOW) or BROWSER in item.path.parents:
            item.add_marker("browser")
    weekly = [item for item in items if item.get_closest_marker("weekly")]
    if weekly and "weekly" not in config.option.markexpr:
        config.hook.pytest_deselected(items=weekly)
        items[:] = [item for item in items if item not in weekly]
    if hasattr(config, "workerinput"):  # of several processes, which then end at the same time
        items.sort(key=lambda item: (not item.get_closest_marker("browser"), _slow(item)))


def _slow(item):
    """The place in `SLOW` of what a test asks for."""
    asked = getattr(item, "fixturenames", ())
    return next((place for place, name in enumerate(SLOW) if name in asked), len(SLOW))


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture
def sent(monkeypatch):
    """What labs hand to their store."""
    from iowall.ledger.browser_store import Store

    messages = []
    monkeypatch.setattr(Store, "send", lambda self, content, buffers=None: messages.append(content))
    return messages


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The built book; one for all processes of a run."""
    from filelock import FileLock

    from tests.browser import site

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    known = folder / "site.txt"
    with FileLock(folder / "site.lock"):
        if not known.exists():
            known.write_text(str(site.build(folder / "site")))
    return Path(known.read_text())


@pytest.fixture(scope="session")
def browser():
    """Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.browser import site

    with sync_playwright() as playwright:
        browser = site.launch(playwright)
        yield browser
        browser.close()
