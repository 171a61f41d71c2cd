"""Browsers that cannot run a lab say so in one sentence; what they can show stays.

Here one thing after the other is taken from a new browser. What old ones really do was tried in
them: Chromium 69 to 102 and WebKit of 2022 say the sentence, Chromium 103 plays.
"""

import re

import pytest
from playwright.sync_api import expect

from iowall.scenarios import TRACKS
from tests.browser import play
from tests.browser import test_access as access

PAGES = ["access", "pipeline", "checkpoint", "ledger"]
STAYS = "The text and its pictures stand by themselves."
OLD = re.compile(
    "^This browser is too old to run the lab: it needs Chrome or Edge 103, Firefox 114, "
    rf"Safari or iOS 16\.4, or newer\. {STAYS}$"
)
OFF = re.compile(f"^The lab needs WebAssembly, which this browser has switched off: .* {STAYS}$")
# As they are where the options of a worker are not read: its type is not asked for.
NO_MODULE_WORKERS = """{
  const Whole = Worker;
  window.Worker = function (address) { return new Whole(address); };
}"""
LACKS = {
    "AbortSignal": "delete window.AbortSignal",
    "AbortSignal.timeout": "delete AbortSignal.timeout",
    "structuredClone": "delete window.structuredClone",
    "workers": "delete window.Worker",
    "module workers": NO_MODULE_WORKERS,
    "exceptions in WebAssembly": "WebAssembly.validate = () => false",
    "WebAssembly and more": "delete window.WebAssembly; delete window.structuredClone",
}


@pytest.fixture
def limited(visit):
    """Open a page in a browser that lacks something; it may complain, and gives its requests."""
    visits = []

    def limited(lack, path=access.PAGE):
        visits.append(visit(service_workers="block"))
        visits[-1].context.add_init_script(lack)
        visits[-1].context.on("request", lambda request: page_requests.append(request.url))
        return visits[-1].open(path)

    page_requests = limited.requests = []
    yield limited
    for one in visits:
        one.wrong.clear()


def stands(page, sentence, requests):
    """One sentence, and the page as it is without a lab; nothing of Python was asked for."""
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_text(sentence)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_text(sentence)
    expect(page.locator(".iowall-lab")).to_have_attribute("data-state", "failed")
    expect(page.locator(".iowall-progress, .iowall-bar, .iowall-retry")).to_have_count(0)
    expect(page.get_by_role("link", name="Open as notebook")).to_have_count(0)
    assert not [url for url in requests if re.search(r"worker\.mjs|/runtime/", url)]


def reads(page):
    """Text, still pictures, formulas, and the lab's first state."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for track in TRACKS.values():
        expect(page.locator(".iowall-poster")).to_contain_text(track.crisis)
    expect(page.locator(".iowall-figure:not(.iowall-print) svg").first).to_be_visible()
    formula = page.locator("article mjx-container").first
    formula.evaluate("one => one.scrollIntoView()")  # those out of sight are not drawn yet
    expect(formula.locator("mjx-math")).to_be_visible()


@pytest.mark.parametrize("lack", LACKS.values(), ids=LACKS)
def test_too_old(limited, lack):
    page = limited(lack)
    stands(page, OLD, limited.requests)
    reads(page)


def test_too_old_to_parse_the_scripts(limited, visit):
    def scramble(route):
        response = route.fetch()
        text = response.text()
        if route.request.url.endswith(".html"):
            assert "static {" in text
            text = text.replace("static {", "static ? {")
        else:
            text = f"static ? {{ {text}"
        route.fulfill(response=response, body=text)

    page = limited("", "genindex.html")
    page.route(re.compile(r"access\.html|lab\.mjs"), scramble)
    page.goto(page.url.replace("genindex.html", access.PAGE))
    stands(page, OLD, limited.requests)
    reads(page)


@pytest.mark.parametrize("name", PAGES)
def test_webassembly_switched_off(limited, name):
    page = limited("delete window.WebAssembly", f"book/{name}.html")
    stands(page, OFF, limited.requests)


def test_on_a_phone_the_sentence_is_whole(visit):
    phone = visit(viewport={"width": 320, "height": 640}, service_workers="block")
    phone.context.add_init_script("delete window.WebAssembly")
    page = phone.open(access.PAGE)
    message = page.get_by_role("alert")
    expect(message).to_have_text(OFF)
    assert message.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_any_signal_the_lab_runs(visit):
    """Chrome 103 to 115, Firefox 114 to 123, Safari 16.4 to 17.3."""
    reader = visit(service_workers="block")
    reader.context.add_init_script("delete AbortSignal.any")
    page = play.ready(reader.open(access.PAGE))
    play.choose(page, "cloud")
    access.lock(page)
    expect(page.get_by_role("alert").filter(has_text=re.compile("."))).to_have_count(0)
    assert play.kept(page).may_explore("access")


ANY = """() => {
  const [one, other] = [new AbortController(), new AbortController()];
  const both = AbortSignal.any([one.signal, other.signal]);
  let heard = 0;
  both.addEventListener("abort", () => (heard += 1));
  const before = both.aborted;
  other.abort("enough");
  one.abort("too late");
  const late = AbortSignal.any([one.signal, other.signal]);
  return [before, both.aborted, both.reason, heard, late.aborted, late.reason];
}"""


def test_the_stand_in_does_as_the_browsers_own(visit):
    reader = visit(service_workers="block")
    own = reader.open(access.PAGE).evaluate(ANY)
    reader.context.add_init_script("delete AbortSignal.any")
    page = reader.open(access.PAGE)
    assert "native" not in page.evaluate("String(AbortSignal.any)")
    assert page.evaluate(ANY) == own


def test_a_page_without_a_lab_does_not_carry_it(html):
    carry = [path.name for path in html.glob("book/*.html") if "iowallUnfit" in path.read_text()]
    assert sorted(carry) == sorted(f"{name}.html" for name in PAGES)


def test_old_browsers_can_read_it(html):
    """As far as the words and signs go that came after ES5,."""
    script = next(
        text
        for text in re.findall(r"<script>(.*?)</script>", (html / access.PAGE).read_text(), re.S)
        if "iowallUnfit" in text
    )
    words = re.sub(r'"[^"\n]*"', '""', script)
    assert re.findall(r"=>|`|\?\.|\?\?|\.\.\.|\b(?:let|const|class|async|await)\b", words) == []
    assert len(script) < 4_000
