"""What a student does in Part 2, in a real browser, from a plain static server."""

import pytest
from playwright.sync_api import expect

from iowall import ledger
from iowall.labs import pipeline
from iowall.scenarios import TRACKS
from tests.browser.play import changes, choose, kept, lock_by_keyboard, ready, seed, settle, shape
from tests.test_lab_pipeline import GOOD

PAGE = "book/pipeline.html"
LAB = ".iowall-lab[data-lab=pipeline]"
PREDICTION = {
    "option": "depends",
    "estimate": 3.0,
    "reason": "hits",
    "time": "2026-01-01T00:00:00",
}


def figures(page):
    """Wait until the instruments are drawn."""
    for instrument in ("sankey", "gauge", "saturation"):
        page.wait_for_selector(f".iowall-{instrument} path.line >> nth=2", state="attached")


def seeded(track="cloud", attempts=(), **settings):
    """A ledger of someone who has locked a prediction."""
    mine = ledger.Ledger(track=track, predictions={"pipeline": PREDICTION})
    mine.settings["pipeline"] = TRACKS[track].pipeline.start_values | settings
    mine.attempts["pipeline"] = list(attempts)
    return mine.dumps()


def opened(visit, text, **options):
    reader = visit(**options)
    seed(reader.context, text)
    page = ready(reader.open(PAGE))
    figures(page)
    return page


def slide(page, slider, value):
    """Bring a slider to a value with the keyboard."""
    page.locator(".iowall-workbench").get_by_role("slider", name=slider.title).focus()
    page.keyboard.press("Home")
    steps = min(range(len(slider.options)), key=lambda i: abs(slider.options[i] - value))
    for _ in range(steps):
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("track", TRACKS)
def test_a_student_plays_with_the_keyboard_alone(visit, track):
    page = ready(visit().open(PAGE))
    words = TRACKS[track].pipeline
    option, reason = list(words.options)[2], "Only what was kept can be served."
    lock_by_keyboard(page, track, words, option=option, estimate="3", reason=reason)
    figures(page)
    expect(page.locator(".iowall-lock")).to_contain_text(f"3 {words.factor}")
    expect(page.locator(".iowall-verdict")).to_contain_text("Your prediction was about")

    run = page.get_by_role("button", name="Run this design")
    run.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".iowall-attempts tbody tr")).to_have_count(1)
    flow, curve = shape(page, "iowall-sankey"), shape(page, "iowall-saturation")
    *sizes, policy = GOOD[track]
    choice = page.get_by_role("button", name=words.policies[policy].label, exact=True)
    choice.focus()
    page.keyboard.press("Enter")
    for part, value in zip(pipeline.PARTS, sizes, strict=True):
        slide(page, words.sliders[part], value)
    changes(page, "iowall-sankey", flow)
    changes(page, "iowall-saturation", curve)
    page.get_by_role("button", name=words.names[1], exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".iowall-sankey .iowall-sentence")).to_contain_text(words.names[1])
    run.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".iowall-goals + .iowall-met")).to_have_text("✓ Reached with attempt 2.")
    expect(page.locator(".iowall-attempts tbody tr")).to_have_count(2)

    page.get_by_role("button", name="Show the equation").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".iowall-math math").first).to_be_visible()
    expect(page.locator(".iowall-reflection")).to_contain_text("impedance mismatch")
    page.locator(".iowall-reflection textarea").focus()
    page.keyboard.type("The idle tier's bytes never pass the one that binds.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".iowall-reflection")).to_contain_text("Mark your own answer")
    settle(page)
    work = kept(page)
    assert [one["outcome"]["met"] for one in work.attempts["pipeline"]] == [False, True]
    assert "pipeline" in work.reflections and work.settings["pipeline"]["epoch"] == "warm"


def test_nothing_of_the_workbench_is_there_before_the_lock(visit):
    page = ready(visit().open(PAGE))
    choose(page, "edge")
    hidden = ".iowall-workbench, .iowall-instrument, .iowall-reflection, .bqplot"
    expect(page.locator(hidden)).to_have_count(0)
    page.get_by_role("button", name="Lock in").click()
    expect(page.locator(".iowall-problem")).to_have_text("Choose one of the three answers first.")
    expect(page.locator(hidden)).to_have_count(0)


def test_cold_and_warm_epochs_are_told_apart(visit):
    page = opened(visit, seeded(policy="pinned", disk_size=5e12))
    flow = shape(page, "iowall-sankey")
    page.get_by_role("button", name="Later epochs").click()
    changes(page, "iowall-sankey", flow)
    expect(page.locator(".iowall-sankey .iowall-sentence")).to_contain_text("kept in the NVMe")
    expect(page.locator(".iowall-gauge .iowall-sentence")).to_contain_text("link binds")


def test_axes_are_all_there(visit):
    """Out of order, bqplot's messages lose an axis without an error."""
    page = opened(visit, seeded("mobile"))
    for instrument in ("iowall-gauge", "iowall-saturation"):
        boxes = page.locator(f".{instrument} .axis path.domain")
        expect(boxes).to_have_count(2)
        lying = boxes.evaluate_all(
            "all => all.map(one => one.getBBox().width > one.getBBox().height)"
        )
        assert sorted(lying) == [False, True]


def test_the_axis_names_the_steps_of_the_slider_that_moves(visit):
    page = opened(visit, seeded("tiny"))
    sliders = TRACKS["tiny"].pipeline.sliders
    axis = page.locator(".iowall-saturation .axis", has_text="[")
    for part in ("link", "link", "disk_size", "disk_size", "link"):
        page.locator(".iowall-workbench").get_by_role("slider", name=sliders[part].title).focus()
        page.keyboard.press("ArrowRight")
        expect(axis.first).to_contain_text(f"{sliders[part].title} [{sliders[part].unit_name}]")
        page.wait_for_timeout(300)
        shown = axis.first.locator(".tick text").all_text_contents()
        assert set(shown) <= {f"{step:g}" for step in sliders[part].steps}
        here = page.locator(".iowall-saturation .iowall-sentence").inner_text().split(" at ")[1]
        assert here.split()[0] in shown


def running(page):
    """How many of the flow's lines are on the move."""
    return page.locator(".iowall-sankey").evaluate(
        "box => box.getAnimations({ subtree: true })"
        ".filter((one) => one.playState === 'running' && one.animationName).length"
    )


def drawn_while_it_changes(page):
    """How many different pictures of the flow are seen after a slider has jumped."""
    before = shape(page, "iowall-sankey")
    page.locator(".iowall-workbench").get_by_role("slider", name="Download").focus()
    page.keyboard.press("End")
    changes(page, "iowall-sankey", before)
    seen = set()
    for _ in range(40):
        seen.add(shape(page, "iowall-sankey"))
    return len(seen)


def test_the_flow_moves(visit):
    page = opened(visit, seeded(), reduced_motion="no-preference")
    assert running(page) > 0
    assert drawn_while_it_changes(page) > 3


def test_the_flow_stands_still_for_those_who_prefer_it(visit):
    page = opened(visit, seeded(), reduced_motion="reduce")
    assert running(page) == 0
    assert drawn_while_it_changes(page) <= 2


def test_the_tenth_attempt_brings_a_hint_and_ten_more(visit):
    track = TRACKS["tiny"]
    buffers = track.pipeline.sliders["buffer"].options
    designs = [track.pipeline.start_values | {"buffer": buffers[n % 2]} for n in range(9)]
    made = [
        {"settings": one, "outcome": pipeline.outcome(track, one), "time": "2026-01-01T00:00:00"}
        for one in designs
    ]
    page = opened(visit, seeded("tiny", attempts=made))
    page.get_by_role("button", name="Run this design (iteration 10 of 10)").click()
    expect(page.locator(".iowall-workbench .iowall-notice").first).to_contain_text("ten more")
    expect(page.get_by_role("button", name="Run this design (iteration 1 of 10)")).to_be_visible()
    settle(page)
    assert "came nearest" in kept(page).attempts["pipeline"][9]["hint"]


def test_a_reload_brings_everything_back(visit):
    page = opened(visit, seeded("edge"))
    slide(page, TRACKS["edge"].pipeline.sliders["link"], 5e9 / 8)
    page.get_by_role("button", name="Run this design").click()
    page.get_by_role("button", name="Later shifts").click()
    page.locator(".iowall-reflection textarea").fill("My answer.")
    page.get_by_role("button", name="Submit my answer").click()
    expect(page.locator(".iowall-reflection")).to_contain_text("My answer.")
    settle(page)
    work = kept(page)
    said = page.locator(".iowall-sankey .iowall-sentence").inner_text()
    page.reload()
    ready(page)
    figures(page)
    expect(page.locator(".iowall-sankey .iowall-sentence")).to_have_text(said)
    expect(page.locator(".iowall-attempts tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="Run this design (iteration 2 of 10)")).to_be_visible()
    expect(page.locator(".iowall-reflection")).to_contain_text("My answer.")
    assert kept(page) == work


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(visit, width, scheme):
    viewport = {"width": width, "height": 900}
    page = opened(visit, seeded("mobile"), viewport=viewport, color_scheme=scheme)
    page.get_by_role("button", name="Run this design").click()
    page.get_by_role("button", name="Show the equation").click()
    expect(page.locator(".iowall-attempts")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The names of the tiers are inside the picture and do not overlap.
    boxes = page.locator(".iowall-sankey .bqplot text").evaluate_all(
        """all => all.filter((one) => one.textContent && getComputedStyle(one).fontWeight >= 600)
            .map((one) => one.getBoundingClientRect())
            .map((box) => [box.left, box.right, box.top])"""
    )
    picture = page.locator(".iowall-sankey .bqplot").bounding_box()
    for left, right, _ in boxes:
        assert picture["x"] - 1 <= left and right <= picture["x"] + picture["width"] + 1
    names = sorted(box for box in boxes if box[2] == min(top for *_, top in boxes))
    assert len(names) == 5
    assert all(a[1] < b[0] for a, b in zip(names, names[1:], strict=False))
