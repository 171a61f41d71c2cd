"""No page asks another host for anything, and none could: each has a policy."""

from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from tests.browser import play
from tests.browser import test_access as access
from tests.browser.conftest import Visit
from tests.browser.test_notebooks import NOTEBOOKS

NOTEBOOK = f"lite/notebooks/index.html?path={NOTEBOOKS[0]}"


@pytest.fixture
def stopped(browser, address):
    """A reader whose browser has reason to complain."""
    reader = Visit(browser, address)
    yield reader
    reader.context.close()


def pages(html):
    """All pages of the built site, without the templates that the theme leaves behind."""
    names = sorted(path.relative_to(html).as_posix() for path in html.rglob("*.html"))
    return [name for name in names if not name.startswith("_static/")]


class Policy(HTMLParser):
    """The policy of a page, and whether a script comes before it."""

    def __init__(self, page):
        super().__init__()
        self.directives, self.late = None, False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get("http-equiv") == "Content-Security-Policy":
            parts = (one.split() for one in attrs["content"].split(";"))
            self.directives = {name: sources for name, *sources in parts}
        elif tag in ("script", "link", "style") and self.directives is None:
            self.late = self.late or attrs.get("type") != "application/json"


def test_every_page_has_a_policy_before_all_else(html):
    for name in pages(html):
        policy = Policy((html / name).read_text(encoding="utf-8"))
        assert policy.directives and not policy.late, name
        assert policy.directives["default-src"] == ["'self'"]
        assert policy.directives["object-src"] == ["'none'"]
        scripts = policy.directives["script-src"]
        assert "'unsafe-inline'" not in scripts and not any("://" in one for one in scripts), name
        assert "'unsafe-eval'" not in scripts or name.startswith("lite/"), name


def test_no_page_asks_another_host_and_no_policy_is_in_its_way(visit, html):
    reader = visit()
    page = reader.context.new_page()
    for name in [*pages(html), "search.html?q=latency", "book/access.html?embed&track=edge"]:
        if name.startswith("lite/"):
            continue  # below, and each notebook in test_notebooks.py
        page.goto(reader.address + name)
        page.wait_for_load_state("networkidle")
        lab = page.locator(".iowall-lab")
        if lab.count():
            expect(lab).to_have_attribute("data-state", "ready")
        if "?q=" in name:
            expect(page.locator("#search-results li").first).to_be_visible()


def test_nor_does_the_front_page_of_the_notebooks(visit):
    page = visit().open("lite/index.html")
    page.wait_for_url("**/lite/notebooks/**")
    page.wait_for_function("() => window.jupyterapp")
    page.wait_for_load_state("networkidle")


def test_a_missing_page_asks_nobody_else(stopped):
    page = stopped.context.new_page()
    assert page.goto(f"{stopped.address}book/none.html").status == 404
    page.wait_for_load_state("networkidle")
    assert not any("elsewhere" in wrong for wrong in stopped.wrong)


@pytest.mark.parametrize("path", ["book/intro.html", access.PAGE, NOTEBOOK])
def test_the_policy_stops_what_is_not_of_the_site(stopped, path):
    page = stopped.open(path)
    # The same server by its other name is another site, and one that would answer.
    other = stopped.address.replace("127.0.0.1", "localhost")
    assert other != stopped.address
    found = page.evaluate(
        """async (other) => {
            const stopped = [];
            document.addEventListener("securitypolicyviolation",
                ({ effectiveDirective }) => stopped.push(effectiveDirective));
            const gone = (element) => new Promise((done) => {
                element.onload = element.onerror = done;
                document.head.append(element);
            });
            await fetch(`${other}search.html`, { mode: "no-cors" }).catch(() => {});
            await gone(Object.assign(document.createElement("script"),
                { src: `${other}_static/doctools.js` }));
            await gone(Object.assign(document.createElement("script"),
                { src: `data:text/javascript,window.foreign = 1` }));
            const image = new Image();
            await new Promise((done) => {
                image.onload = image.onerror = done;
                image.src = `${other}_static/favicon.svg`;
            });
            const button = document.createElement("button");
            button.setAttribute("onclick", "window.foreign = 1");
            button.click();
            for (let tries = 0; stopped.length < 5 && tries < 100; tries += 1) {
                await new Promise((done) => setTimeout(done, 50)); // it is said a moment later
            }
            return [stopped, window.foreign];
        }""",
        other,
    )
    assert found == [
        ["connect-src", "script-src-elem", "script-src-elem", "img-src", "script-src-attr"],
        None,
    ]


def test_a_page_may_not_make_scripts_of_texts(visit):
    page = play.ready(visit().open(access.PAGE))
    said = page.evaluate(
        """() => new Promise((done) => {
            setTimeout(() => { // out of reach of the test's own leave to do so
                try {
                    done(new Function("return 1")());
                } catch (error) {
                    done(error.name);
                }
            });
        })"""
    )
    assert said == "EvalError"
