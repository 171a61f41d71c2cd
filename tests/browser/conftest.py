"""Every page is watched: an error in its console, or a request elsewhere, fails its test."""

import pytest
from playwright.sync_api import expect

from tests.browser import site
from tests.browser.host import Host

expect.set_options(timeout=20_000)  # milliseconds: several browsers may share a slow machine


@pytest.fixture(scope="session")
def address(html):
    """Where the book is served."""
    with site.served(html) as address:
        yield address


@pytest.fixture
def host(html):
    """A server of one's own, to break things on."""
    host = Host(html)
    yield host
    host.stop()


class Visit:
    """A reader with a browser profile of their own, and a list of what went wrong."""

    def __init__(self, browser, address, **options):
        self.address, self.wrong = address, []
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        self.context.set_default_timeout(20_000)
        self.context.on("request", self._request)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.wrong.append(f"exception: {error.error}"))

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", f"blob:{self._origin()}")):
            self.wrong.append(f"request elsewhere: {request.url}")

    def _console(self, message):
        if message.type == "error":
            self.wrong.append(f"console: {message.text}")

    def _origin(self):
        return "/".join(self.address.split("/")[:3])

    def open(self, path):
        page = self.context.new_page()
        page.goto(self.address + path)
        return page


@pytest.fixture
def visit(browser, address):
    """Make visits; those that are not told to `expect` something wrong may have nothing wrong."""
    visits = []

    def visit(**options):
        visits.append(Visit(browser, address, **options))
        return visits[-1]

    yield visit
    for one in visits:
        one.context.close()
    assert [wrong for one in visits for wrong in one.wrong] == []
