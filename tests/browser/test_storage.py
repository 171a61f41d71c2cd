"""A student's work where storage, tabs and clocks misbehave: nothing is lost without a word."""

import json
import random
import re

import pytest
from playwright.sync_api import expect

from iowall import ledger, units
from iowall.ledger import collate
from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests import work
from tests.browser.play import kept, locked, ready, seed, settle
from tests.browser.test_access import LAB, PAGE, figures, lock, seeded

LIGHT = "genindex.html"  # a page without a lab
SAVED = "Your work is saved in this browser after every step."
KEYS = {name: f"iowall-{name}:/course/" for name in ("ledger", "broken")}
FILL = """() => {
    let size = 4_000_000;
    for (let n = 0; size >= 1; n += 1) {
        try { localStorage.setItem(`filler-${n}`, "x".repeat(size)) }
        catch { size = Math.floor(size / 2) }
    }
}"""
EMPTY = """() => Object.keys(localStorage).filter((key) => key.startsWith("filler"))
    .forEach((key) => localStorage.removeItem(key))"""


def item(page, name="ledger"):
    return page.evaluate("key => localStorage.getItem(key)", KEYS[name])


def put(page, text, name="ledger"):
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEYS[name], text])


def status(page):
    return page.locator(".iowall-ledger p").first


def notice(page):
    return page.locator(".iowall-notice[role=status]").first


def opened(page):
    ready(page)
    return page


def downloaded(page, button="Download ledger"):
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return download.value.path().read_text()


def type_in_haste(page, selector, text):
    """As in the moment before what is typed reaches Python."""
    script = "(area, text) => { area.focus(); area.value = text }"
    page.locator(selector).evaluate(script, text)


def forgive(reader, word):
    """The theme's own script, which would keep light or dark, does not catch this."""
    reader.wrong = [wrong for wrong in reader.wrong if word not in wrong]


# ---- No room ------------------------------------------------------------------------------------


def test_storage_that_fills_up_keeps_what_it_had_and_takes_the_rest_later(visit):
    reader = visit()
    seed(reader.context, seeded())
    page = ready(reader.open(PAGE))
    figures(page)
    settle(page)
    expect(status(page)).to_contain_text(SAVED)
    before = item(page)

    page.evaluate(FILL)
    answer = page.locator(".iowall-reflection textarea")
    answer.fill("Because each request costs a trip.")
    page.get_by_role("button", name="Submit my answer").click()
    told = "This browser keeps your earlier work but has no room for your new steps: download your"
    expect(status(page)).to_contain_text(told)
    expect(page.locator("blockquote.iowall-answer")).to_have_text(
        "Because each request costs a trip."
    )
    assert item(page) == before
    mine = ledger.loads(downloaded(page))
    assert mine.of("access").reflection["text"] == "Because each request costs a trip."

    page.evaluate(EMPTY)
    page.locator(".iowall-reflection input[type=checkbox]").first.check()
    expect(status(page)).to_contain_text(SAVED)
    page.evaluate(FILL)
    page.reload()
    ready(page)
    expect(page.locator("blockquote.iowall-answer")).to_have_text(
        "Because each request costs a trip."
    )
    expect(status(page)).to_contain_text("no room for your new steps")
    mine.of("access").reflection["rubric"][0] = True
    assert kept(page) == mine


def test_storage_that_was_full_before_says_so_at_once(visit):
    reader = visit()
    page = reader.open(LIGHT)
    page.evaluate(FILL)
    page.goto(reader.address + f"{PAGE}?track=edge")
    ready(page)
    expect(status(page)).to_contain_text("keeps nothing, since its storage is full: download your")
    assert not item(page)
    page.evaluate(EMPTY)
    lock(page)
    expect(status(page)).to_contain_text(SAVED)
    assert kept(page).of("access").prediction
    forgive(reader, "QuotaExceeded")


BLOCKED = {
    "reading": "Storage.prototype.getItem = refuse;",
    "writing": "Storage.prototype.setItem = refuse;",
    "all": "for (const name of names) Object.defineProperty(window, name, { get: refuse });",
    "none": "for (const name of names) Object.defineProperty(window, name, { get: () => null });",
}


def block(context):
    """Where a page's or a frame's address ends in one of these words, storage is blocked so."""
    cases = "".join(f'if (location.hash === "#{case}") {{ {BLOCKED[case]} }}' for case in BLOCKED)
    context.add_init_script(
        'const names = ["localStorage", "sessionStorage"];'
        'const refuse = () => { throw new DOMException("refused", "SecurityError") };'
        # early.js defines them anew.
        + cases.replace("{ get:", "{ configurable: true, get:")
    )


@pytest.mark.parametrize("frame", [False, True], ids=["page", "frame"])
def test_storage_that_is_blocked_is_told_and_the_lab_works(visit, frame):
    reader = visit()
    block(reader.context)
    page = reader.context.new_page()
    addresses = {case: f"{reader.address}{PAGE}?embed&track=edge#{case}" for case in BLOCKED}
    if frame:
        page.goto(reader.address + LIGHT)
        frames = "".join(
            f'<iframe src="{one}" width=900 height=900></iframe>' for one in addresses.values()
        )
        page.evaluate("frames => { document.body.innerHTML = frames }", frames)
    for n, address in enumerate(addresses.values()):
        if frame:
            place = page.frame_locator("iframe").nth(n)
        else:
            page.goto("about:blank")
            page.goto(address)
            place = page
        expect(place.locator(f'{LAB}[data-state="ready"]')).to_be_visible(timeout=60_000)
        told = "This browser keeps nothing, since its storage is"
        expect(place.locator(".iowall-ledger")).to_contain_text(told)
        place.locator(".iowall-lock input[type=radio]").first.check()
        place.get_by_label("How many times").fill("3")
        place.get_by_label("Your reason").fill("so")
        place.get_by_role("button", name="Lock in").click()
        expect(place.locator(".iowall-bound")).to_contain_text("so")
    forgive(reader, "refused")


# ---- Tabs ---------------------------------------------------------------------------------------


def test_three_parts_in_three_tabs(visit):
    """One locks while another is written in: who writes is not disturbed, and all is kept."""
    reader = visit()
    seed(reader.context, ledger.Ledger(track="cloud").dumps())
    parts = {part: opened(reader.open(f"book/{part}.html")) for part in ledger.PARTS}
    writing = parts["pipeline"]
    reason = writing.get_by_label("Your reason")
    reason.press_sequentially("A narrow link ")
    reason.evaluate("area => { window.area = area }")

    lock(parts["access"])
    expect(writing.get_by_role("button", name="Choose another track")).to_be_hidden()
    reason.press_sequentially("stays narrow.")
    assert writing.evaluate("window.area.isConnected && document.activeElement === window.area")
    expect(reason).to_have_value("A narrow link stays narrow.")

    for part in ("checkpoint", "pipeline"):
        page = parts[part]
        page.locator(".iowall-lock input[type=radio]").first.check()
        page.locator(".iowall-lock input[type=text]").fill("2")
        if part != "pipeline":
            page.get_by_label("Your reason").fill("Because it saves.")
        page.get_by_role("button", name="Lock in").click()
        expect(page.locator(".iowall-bound")).to_be_visible()
    settle(writing)
    mine = kept(writing)
    assert {part: mine.of(part).prediction["reason"] for part in PARTS} == {
        "access": "Because of seeks.",
        "pipeline": "A narrow link stays narrow.",
        "checkpoint": "Because it saves.",
    }


def test_two_tabs_at_work_at_the_same_moment_lose_nothing(visit):
    reader = visit()
    seed(reader.context, locked("cloud"))
    first, second = (opened(reader.open(f"book/{part}.html")) for part in ("access", "pipeline"))
    first.get_by_role("slider", name="Workers").focus()
    slider = second.locator(".iowall-workbench .noUi-handle").first
    run = second.get_by_role("button", name="Run this design")
    for step in range(6):
        slider.focus()
        second.keyboard.press("ArrowLeft" if step % 2 else "ArrowRight")
        # Clicks that Python gets while the other tab's are on their way.
        run.evaluate("button => button.click()")
        first.keyboard.press("ArrowRight")
    settle(first)
    mine = kept(first)
    assert mine.of("access").settings["workers"] == str(2**6)
    assert len(mine.of("pipeline").attempts) == 6
    expect(second.get_by_role("button", name="iteration 7 of 10")).to_be_visible()
    assert downloaded(first) == downloaded(second) == mine.dumps()


def test_the_first_of_two_tabs_binds_and_a_replaced_ledger_is_followed(visit, tmp_path):
    reader = visit()
    seed(reader.context, ledger.Ledger(track="cloud").dumps())
    first, second = (ready(reader.open(PAGE)) for _ in range(2))
    first.locator(".iowall-lock input[type=radio]").nth(1).check()
    first.get_by_label("How many times").fill("30")
    first.get_by_label("Your reason").fill("Because of seeks.")
    expect(second.get_by_label("Your reason")).to_have_value("Because of seeks.")
    type_in_haste(second, ".iowall-lock textarea", "My second thought.")
    first.get_by_role("button", name="Lock in").click()
    expect(second.locator(".iowall-bound")).to_contain_text("Because of seeks.")
    expect(notice(second)).to_contain_text("changed in another tab")
    expect(notice(second)).to_contain_text("not in it: “My second thought.”")
    assert kept(second).of("access").prediction["reason"] == "Because of seeks."

    type_in_haste(second, ".iowall-reflection textarea", "Half an answer")
    first.get_by_role("button", name="Start over").click()
    first.get_by_role("button", name="Yes, erase").click()
    expect(second.locator(".iowall-tracks")).to_be_visible()
    expect(notice(second)).to_contain_text("replaced in another tab")
    expect(notice(second)).to_contain_text("not in it: “Half an answer”")
    settle(first)
    assert kept(first) == ledger.Ledger()  # and nothing has come back

    file = tmp_path / "mine.json"
    file.write_text(locked("tiny"))
    with first.expect_file_chooser() as chooser:
        first.get_by_role("button", name=re.compile("^Load ledger")).click()
    chooser.value.set_files(file)
    expect(second.locator(".iowall-mission")).to_contain_text(TRACKS["tiny"].name)
    figures(second)
    second.locator(".iowall-reflection textarea").press_sequentially("Half an answer")
    settle(second)
    first.close()
    second.close()
    third = ready(reader.open(PAGE))
    expect(third.locator(".iowall-reflection textarea")).to_have_value("Half an answer")
    mine, theirs = kept(third), ledger.loads(locked("tiny"))
    assert all(mine.of(part).prediction == theirs.of(part).prediction for part in PARTS)


# ---- Leaving in the middle ----------------------------------------------------------------------


def _lock(page):
    page.get_by_role("button", name="Lock in").click()


def _slide(page):
    page.locator(".iowall-workbench .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")


def _run(page):
    page.get_by_role("button", name="Run this design").click()


def _submit(page):
    page.get_by_role("button", name="Submit my answer").click()


def _drafted():
    mine = ledger.Ledger(track="cloud")
    option = next(iter(TRACKS["cloud"].pipeline.options))
    mine.of("pipeline").draft = {"option": option, "estimate": "3", "reason": "It is narrow."}
    return mine.dumps()


def _answered():
    mine = ledger.loads(locked("cloud"))
    mine.of("pipeline").draft = {"reflection": "The store is slow."}
    return mine.dumps()


# What is done, from which ledger, and what of the work it changes.
LEAVING = {
    "lock": (_lock, _drafted, {"prediction", "draft", "settings"}),
    "slide": (_slide, lambda: locked("cloud"), {"settings"}),
    "run": (_run, lambda: locked("cloud"), {"attempts"}),
    "submit": (_submit, _answered, {"reflection", "draft"}),
}


WATCH = """
const keep = Storage.prototype.setItem;
window.texts = [];
Storage.prototype.setItem = function (key, text) {
    if (key.startsWith("iowall-ledger:") && !key.endsWith("probe")) window.texts.push(text);
    keep.call(this, key, text);
};"""


def test_whoever_leaves_in_the_middle_finds_the_step_whole_or_not_at_all(visit):
    reader, chance = visit(), random.Random(20)
    reader.context.add_init_script(WATCH)
    light, found = reader.open(LIGHT), []
    for n in range(12):
        name, (act, begin, entries) = list(LEAVING.items())[n % 4]
        delay = [0, chance.uniform(0, 100), 500][n // 4]
        put(light, begin())
        page = opened(reader.open("book/pipeline.html"))
        page.wait_for_selector(".iowall-lock")
        settle(page, quiet=2)
        page.evaluate("window.texts = []")
        before = kept(page)
        act(page)
        page.wait_for_timeout(delay)
        # What was kept at any moment until now is what a reader who left then would find.
        texts = page.evaluate("window.texts")
        page.reload(wait_until="commit") if n % 2 else page.close()
        settle(light, quiet=1)
        for text in [*texts, item(light)]:
            after = ledger.loads(text)
            was, now = (vars(one.of("pipeline")) for one in (before, after))
            different = {one for one in was if was[one] != now[one]}
            assert different <= entries, (name, delay)
            if name in ("lock", "submit") and different:
                assert {"draft", "prediction" if name == "lock" else "reflection"} <= different
        found.append((name, round(delay), bool(different)))
        if n % 2:
            page.close()
    # What was done half a second before is there.
    assert [there for _, delay, there in found if delay == 500] == [True] * 4, found


# ---- Clocks -------------------------------------------------------------------------------------

CLOCK = """
let now = () => 1.8e12; // 2027
Date.now = () => now();
globalThis.Date = class extends Date {
    constructor(...given) { super(...(given.length ? given : [now()])) }
};
new BroadcastChannel("clock").onmessage = ({ data }) => { now = () => data };
"""
YEAR = 365 * 24 * 3600_000


def test_a_clock_that_jumps_confuses_nothing(visit, tmp_path):
    reader = visit()

    def wrong(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=CLOCK + answer.text())

    reader.context.route("**/worker.mjs*", wrong)
    seed(reader.context, ledger.Ledger(track="cloud").dumps())
    page = opened(reader.open("book/pipeline.html"))
    page.locator(".iowall-lock input[type=radio]").first.check()
    page.locator(".iowall-lock input[type=text]").fill("2")
    page.get_by_label("Your reason").fill("Because.")
    clock = "now => new BroadcastChannel('clock').postMessage(now)"
    moments = [1.8e12, 1.8e12 - YEAR, -YEAR, 253_402_300_800_000]  # the last: the year 10000
    page.get_by_role("button", name="Lock in").click()
    for number, moment in enumerate(moments, 1):
        page.evaluate(clock, moment)
        page.wait_for_timeout(100)
        page.locator(".iowall-workbench .noUi-handle").first.focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("button", name=f"Run this design (iteration {number} of").click()
    page.locator(".iowall-reflection textarea").fill("It is idle.")
    page.get_by_role("button", name="Submit my answer").click()
    expect(page.locator("blockquote.iowall-answer")).to_have_text("It is idle.")
    settle(page)
    mine = kept(page)
    attempts = mine.of("pipeline").attempts
    # Python in the browser has no time before 1970.
    assert [one["time"][:4] for one in attempts] == ["2027", "2026", "", ""]
    buffers = [one["settings"]["buffer"] for one in attempts]
    assert buffers == sorted(buffers, key=units.parse)  # in the order in which they were tried
    (tmp_path / "a.json").write_text(mine.dumps())
    [row] = collate.rows(tmp_path)
    assert (row["flags"], row["pipeline_attempts"]) == ("", 4)
    work.opened_everywhere(mine.dumps())


def test_the_service_worker_needs_no_clock(visit):
    """What an opening page needs stays, and what nobody needs goes, whatever the clock says."""
    reader = visit()
    page = ready(reader.open(PAGE))
    expect(page.locator(".iowall-offline")).to_have_text(
        "Saved for reading offline", timeout=60_000
    )
    [worker] = reader.context.service_workers
    left = worker.evaluate(
        """async (year) => {
            const files = ["gone", "opening"].map((name) => [name, `${name}.html`]);
            for (const [name, path] of files) {
                await remember(`list/${name}`, { book: { [path]: [name, 1] } });
                await (await store()).put(address(path, name), new Response("x"));
            }
            const at = Date.now() + year; // of a worker that is no more, by another clock
            await remember("client/1", { version: "gone", at });
            await belong("2", "opening");
            const { now } = Date;
            Date.now = () => now() + year / 2;
            await finish(await recall("complete"));
            Date.now = now;
            const all = await store();
            const there = files.map(([name, path]) => all.match(address(path, name)));
            return (await Promise.all(there)).map(Boolean);
        }""",
        YEAR,
    )
    assert left == [False, True]


# ---- What cannot be read ------------------------------------------------------------------------

UNREADABLE = {
    "newer": (seeded().replace('"schema": 2', '"schema": 3'), "written by a newer version"),
    "damaged": (seeded()[:-30], "damaged or is not a ledger"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_kept_ledger_that_cannot_be_read_stays_until_it_is_erased(visit, case):
    text, why = UNREADABLE[case]
    reader = visit()
    seed(reader.context, text)
    page = ready(reader.open(f"{PAGE}?track=edge"))
    said = page.locator(".iowall-ledger .iowall-problem")
    expect(said).to_contain_text("Your saved ledger could not be read. This")
    expect(said).to_contain_text(why)
    lock(page)
    settle(page)
    page.reload()
    figures(ready(page))
    assert kept(page).track == "edge" and item(page, "broken") == text
    assert downloaded(page, "Download the unreadable ledger") == text
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Yes, erase").click()
    expect(page.get_by_role("button", name="Download the unreadable ledger")).to_have_count(0)
    settle(page)
    assert item(page, "broken") is None


def test_what_another_tab_made_unreadable_is_not_written_over(visit):
    reader = visit()
    seed(reader.context, seeded())
    light, page = reader.open(LIGHT), ready(reader.open(PAGE))
    figures(page)
    settle(page)
    text, why = UNREADABLE["newer"]
    put(light, text)
    expect(status(page)).to_contain_text(why)
    expect(status(page)).to_contain_text("Nothing more is saved here: download your ledger")
    page.get_by_label("Storage", exact=True).select_option("S3")
    settle(page)
    assert item(light) == text
    assert json.loads(downloaded(page))["work"]["cloud/access"]["settings"]["device"] == "S3"
    light.evaluate("key => localStorage.removeItem(key)", KEYS["ledger"])  # nor taken for no work
