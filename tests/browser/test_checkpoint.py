"""What a student does in Part 3, in a real browser, from a plain static server."""

import time

import pytest
from playwright.sync_api import expect

from iowall.ledger import Ledger
from iowall.parts import checkpoint
from iowall.scenarios import TRACKS
from tests.browser.play import (
    changes,
    choose,
    kept,
    lock_by_keyboard,
    press,
    ready,
    seed,
    settle,
    shape,
)

PAGE = "book/checkpoint.html"
LAB = ".iowall-lab[data-lab=checkpoint]"
PREDICTION = {
    "option": "shorten",
    "estimate": 3.0,
    "reason": "less is lost",
    "time": "2026-01-01T00:00:00",
}


def figures(page):
    """Wait until the instruments are drawn."""
    page.wait_for_selector(".iowall-young-daly path.line >> nth=3", state="attached")
    page.wait_for_selector(".iowall-sankey path.line >> nth=3", state="attached")


def slide(page, name, steps):
    """Move a slider to a place with the keyboard."""
    page.locator(".iowall-workbench").get_by_role("slider", name=name).focus()
    page.keyboard.press("Home")
    for _ in range(steps):
        page.keyboard.press("ArrowRight")


def seeded(track="cloud", **settings):
    """A ledger of someone who has locked a prediction."""
    mine = Ledger(track=track)
    mine.predict("checkpoint", PREDICTION)
    mine.of("checkpoint").settings = settings
    return mine.dumps()


@pytest.mark.parametrize("track", TRACKS)
def test_a_student_plays_with_the_keyboard_alone(visit, track):
    page = ready(visit().open(PAGE))
    words = TRACKS[track].checkpoint
    first, later = at_hand(TRACKS[track])

    reason = "Writing takes long."
    lock_by_keyboard(page, track, words, option="lengthen", estimate="3", reason=reason)
    figures(page)
    expect(page.locator(".iowall-lock")).to_contain_text("3 times its pure time")

    plot, path = shape(page, "iowall-young-daly"), shape(page, "iowall-sankey")
    sentence = page.locator(".iowall-young-daly .iowall-sentence").inner_text()
    page.get_by_role("button", name="Commit this design").focus()
    press(page, "Enter")
    expect(page.locator(".iowall-commit")).to_contain_text("Not yet")
    page.get_by_role("button", name=words.strategies["local"], exact=True).focus()
    press(page, "Enter")
    changes(page, "iowall-sankey", path)
    slide(page, "Interval between saves", max({*first} - {*later}))
    changes(page, "iowall-young-daly", plot)
    expect(page.locator(".iowall-young-daly .iowall-sentence")).not_to_have_text(sentence)

    page.get_by_role("button", name="Draw simulated runs").focus()
    press(page, "Enter")
    page.wait_for_selector(".iowall-young-daly .dot >> nth=50", state="attached")
    page.get_by_role("button", name="Commit this design").focus()
    press(page, "Enter")
    expect(page.locator(".iowall-commit")).to_contain_text("Ops Lead")
    expect(page.locator(".iowall-met").first).to_be_visible()

    slide(page, "Interval between saves", later[0])
    page.get_by_role("button", name="Commit this design").focus()
    press(page, "Enter")
    expect(page.locator(".iowall-commit")).to_contain_text("That will hold")
    expect(page.locator(".iowall-goals .iowall-met")).to_have_count(2)

    page.get_by_role("button", name="Show the equation").focus()
    press(page, "Enter")
    expect(page.locator(".iowall-math math").first).to_be_visible()
    page.locator(".iowall-reflection textarea").focus()
    page.keyboard.type("Local first, because a save then costs nothing.")
    press(page, "Tab", "Enter")
    expect(page.locator(".iowall-reflection")).to_contain_text("Mark your own answer")
    settle(page)
    work = kept(page)
    attempts = work.of("checkpoint").attempts
    assert [one["outcome"]["good"] for one in attempts] == [False, True, True]

    page.reload()
    ready(page)
    figures(page)
    expect(page.locator(".iowall-commit")).to_contain_text("That will hold")
    expect(page.locator(".iowall-reflection")).to_contain_text("Local first")
    assert kept(page) == work


def at_hand(track):
    """Steps of the interval that are good with the local strategy and all else as on arrival: for
    the fleet as it is first, and as it is later."""
    steps = [option.name for option in checkpoint.options(track)["interval"]]
    return [
        [
            step
            for step, interval in enumerate(steps)
            if checkpoint.evaluate(
                track, {"strategy": "local", "interval": interval, "mtbf": mtbf}
            ).good
        ]
        for mtbf in checkpoint.reports(track)
    ]


def test_axes_are_all_there(visit):
    """Out of order, bqplot's messages lose an axis without an error."""
    reader = visit()
    seed(reader.context, seeded())
    page = ready(reader.open(PAGE))
    figures(page)
    boxes = page.locator(".iowall-young-daly .axis path.domain")
    expect(boxes).to_have_count(2)
    lying = boxes.evaluate_all("all => all.map(one => one.getBBox().width > one.getBBox().height)")
    assert sorted(lying) == [False, True]


def test_the_storm_is_caused_and_cured(visit):
    reader = visit()
    seed(reader.context, seeded())
    page = ready(reader.open(PAGE))
    figures(page)
    words = TRACKS["cloud"].checkpoint
    sentence = page.locator(".iowall-sankey .iowall-sentence")
    expect(sentence).to_contain_text("358 TB, 1,024 copies of 350 GB")
    expect(page.locator(".iowall-facts").first).to_contain_text("2.81 h for 988 GB")
    page.get_by_label("Shared store").select_option(index=0)
    expect(page.locator(".iowall-verdict")).to_contain_text("never ends")
    page.get_by_role("button", name=words.strategies["sharded"], exact=True).click()
    expect(sentence).to_contain_text("One save writes 350 GB. The GPUs wait for 35 s")
    page.get_by_label("Checkpoint", exact=True).select_option(index=1)
    expect(sentence).to_contain_text("98.8 s")


def test_a_bad_design_is_seen_to_fail(visit):
    reader = visit()
    store = TRACKS["cloud"].checkpoint.stores[0].name
    seed(reader.context, seeded(store=store, interval="4 h"))
    page = ready(reader.open(PAGE))
    figures(page)
    slide(page, "Mean time between failures", 0)
    expect(page.locator(".iowall-young-daly .iowall-sentence")).to_contain_text("never ends")
    inside = page.locator(".iowall-young-daly .dot").evaluate_all(
        """all => all.map((dot) => {
            const [one, plot] = [dot, dot.closest('.bqplot')].map((e) => e.getBoundingClientRect());
            return one.top >= plot.top && one.bottom <= plot.bottom;
        })"""
    )
    assert inside and all(inside)
    expect(page.locator(".iowall-young-daly").get_by_text("you: never ends")).to_be_visible()


def test_a_slider_is_followed_within_a_moment(visit):
    reader = visit()
    seed(reader.context, seeded())
    page = ready(reader.open(PAGE))
    figures(page)
    slide(page, "Interval between saves", 0)
    sentence = page.locator(".iowall-young-daly .iowall-sentence")
    expect(sentence).to_contain_text("Saving every 5 s")
    start = time.monotonic()
    page.keyboard.press("End")
    expect(sentence).to_contain_text("Saving every 24 h")
    assert time.monotonic() - start < 2


def test_the_notebook_is_the_same_lab_with_the_same_ledger(visit):
    reader = visit()
    page = ready(reader.open(PAGE))
    choose(page, "tiny")
    page.locator(".iowall-lock input[type=radio]").nth(1).check()
    page.get_by_label("How many times").fill("2")
    page.get_by_label("Your reason").fill("Written in the page.")
    page.get_by_role("button", name="Lock in").click()
    figures(page)
    settle(page)
    notebook = reader.context.new_page()
    notebook.goto(page.get_by_role("link", name="Open as notebook").evaluate("link => link.href"))
    figures(notebook)
    expect(notebook.locator(".iowall-bound")).to_contain_text("Written in the page.")
    before = shape(notebook, "iowall-sankey")
    notebook.get_by_role("button", name="Journal first").click()
    changes(notebook, "iowall-sankey", before)
    expect(page.locator(".iowall-notice").first).to_contain_text("another tab")
    assert kept(page).of("checkpoint").settings["strategy"] == "local"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(visit, width, scheme):
    reader = visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seed(reader.context, seeded(strategy="local"))
    page = ready(reader.open(PAGE))
    figures(page)
    page.get_by_role("button", name="Show the equation").click()
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
