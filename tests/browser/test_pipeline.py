"""What a student does in Part 2, in a real browser, from a plain static server."""

from playwright.sync_api import expect

from iowall.parts import pipeline
from iowall.scenarios import TRACKS
from tests.browser.play import begun, changes, kept, ready, seed, settle, shape
from tests.test_part_pipeline import tried

PAGE = "book/pipeline.html"
LAB = ".iowall-lab[data-lab=pipeline]"


def figures(page):
    """Wait until the instruments are drawn."""
    for instrument in ("sankey", "gauge", "saturation"):
        page.wait_for_selector(f".iowall-{instrument} path.line >> nth=2", state="attached")


def seeded(track="cloud", made=(), **settings):
    """A ledger of someone who has locked a prediction."""
    return begun("pipeline", track, option="depends", attempts=made, **settings)


def opened(visit, text, **options):
    reader = visit(**options)
    seed(reader.context, text)
    page = ready(reader.open(PAGE))
    figures(page)
    return page


def test_cold_and_warm_epochs_are_told_apart(visit):
    page = opened(visit, seeded(policy="pinned", disk_size="5 TB"))
    flow = shape(page, "iowall-sankey")
    page.get_by_role("button", name="Later epochs").click()
    changes(page, "iowall-sankey", flow)
    expect(page.locator(".iowall-sankey .iowall-sentence")).to_contain_text("kept in the NVMe")
    expect(page.locator(".iowall-gauge .iowall-sentence")).to_contain_text("link binds")


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
    buffers = pipeline.options(track)["buffer"]
    made = [tried(track, buffer=buffers[n % 2].name) for n in range(9)]
    page = opened(visit, seeded("tiny", made))
    page.get_by_role("button", name="Run this design (iteration 10 of 10)").click()
    expect(page.locator(".iowall-workbench .iowall-notice").first).to_contain_text("ten more")
    expect(page.get_by_role("button", name="Run this design (iteration 1 of 10)")).to_be_visible()
    settle(page)
    assert "came nearest" in kept(page).of("pipeline").attempts[9]["hint"]
