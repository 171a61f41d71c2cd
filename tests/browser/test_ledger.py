"""The ledger page, as a student ends with it."""

from playwright.sync_api import expect

from iowall import ledger
from iowall.labs import open_lab
from tests.browser.play import PREDICTION, kept, locked, ready, seed, settle
from tests.test_lab_access import answer

PAGE = "book/ledger.html"


def done():
    mine = ledger.Ledger(track="cloud")
    mine.predict("access", PREDICTION)
    mine.of("access").reflection = {"text": "Trips cost.", "rubric": [True], "time": "now"}
    return mine.dumps()


def test_the_report_and_the_strategy(visit):
    reader = visit()
    seed(reader.context, done())
    page = reader.open(PAGE)
    ready(page)
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
    settle(page)
    assert kept(page).strategies["cloud"]["choice"] == "local"
    page.reload()
    ready(page)
    expect(page.get_by_label("Your defence")).to_have_value("Because I saw it.")


def full():
    """Someone who has done all three parts, with many attempts and long answers."""
    text = locked("cloud")
    for part, button, slider in (
        ("pipeline", "run", "disk_size"),
        ("checkpoint", "commit", "interval"),
    ):
        lab = open_lab(part)
        answer(lab, "opened", text)
        control = getattr(lab.workbench, slider)
        for _, value in control.options[:8]:
            control.value = value
            getattr(lab.workbench, button).click()
        text = lab.ledger.dumps()
    mine = ledger.loads(text)
    for part in ledger.PARTS:
        words = "Each request costs a trip before it moves a byte. " * 8
        mine.of(part).reflection = {"text": words, "rubric": [True] * 4, "time": "now"}
    return mine.dumps()


def test_it_prints_on_one_page(visit):
    reader = visit()
    seed(reader.context, full())
    reader.context.add_init_script("window.print = () => { window.printed = true }")
    page = reader.open(PAGE)
    ready(page)
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("() => window.printed")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Download ledger")).to_be_hidden()
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1


def test_an_empty_ledger_says_where_to_begin(visit):
    page = visit().open(PAGE)
    ready(page)
    expect(page.locator(".iowall-lab")).to_contain_text("Begin with Part 1")
