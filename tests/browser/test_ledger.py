"""The ledger page, as a student ends with it."""

from playwright.sync_api import expect

from iowall.labs import ledger
from tests.browser.test_access import PREDICTION, kept, seed

PAGE = "book/ledger.html"


def done():
    mine = ledger.Ledger(track="cloud", predictions={"access": PREDICTION})
    mine.reflections["access"] = {"text": "Trips cost.", "rubric": [True], "time": "now"}
    return mine.dumps()


def test_the_report_and_the_strategy(visit):
    reader = visit()
    seed(reader.context, done())
    page = reader.open(PAGE)
    page.wait_for_selector('.iowall-lab[data-state="ready"]')
    lab = page.locator(".iowall-lab")
    expect(lab).to_contain_text("Trips cost.")
    expect(lab).to_contain_text("Not predicted yet.")
    page.get_by_role("radio", name="Local-First").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Because I saw it.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(lab).to_contain_text("Your strategy is in your ledger.")
    page.wait_for_timeout(300)
    assert kept(page).strategy["choice"] == "local"
    page.reload()
    page.wait_for_selector('.iowall-lab[data-state="ready"]')
    expect(page.get_by_label("Your defence")).to_have_value("Because I saw it.")


def test_it_prints_on_paper(visit):
    reader = visit()
    seed(reader.context, done())
    reader.context.add_init_script("window.print = () => { window.printed = true }")
    page = reader.open(PAGE)
    page.wait_for_selector('.iowall-lab[data-state="ready"]')
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("window.printed")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Download ledger")).to_be_hidden()


def test_an_empty_ledger_says_where_to_begin(visit):
    page = visit().open(PAGE)
    page.wait_for_selector('.iowall-lab[data-state="ready"]')
    expect(page.locator(".iowall-lab")).to_contain_text("Begin with Part 1")
