"""What a student does in Part 3, in a real browser, from a plain static server."""

import time

from playwright.sync_api import expect

from iowall.scenarios import TRACKS
from tests.browser.play import begun, ready, seed

PAGE = "book/checkpoint.html"
LAB = ".iowall-lab[data-lab=checkpoint]"


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
    return begun("checkpoint", track, option="shorten", **settings)


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
