"""What a student does in any part, and what is seen of it."""

import json

from iowall import ledger
from iowall.parts import PARTS
from iowall.scenarios import TRACKS

READY = '.iowall-lab[data-state="ready"]'
PREDICTION = {"option": "iops", "estimate": 30.0, "reason": "seeks", "time": "2026-01-01T00:00:00"}


def ready(page):
    page.wait_for_selector(READY)
    return page


def choose(page, track):
    page.get_by_role("button", name=TRACKS[track].name).click()
    page.wait_for_selector(".iowall-lock")


def shape(page, instrument):
    """All that an instrument has drawn, as one text."""
    paths = page.locator(f".{instrument} .bqplot path.line")
    return "|".join(paths.evaluate_all("all => all.map(path => path.getAttribute('d') ?? '')"))


def changes(page, instrument, before):
    """Wait until an instrument has drawn something else."""
    page.wait_for_function(
        """([name, before]) => {
            const paths = [...document.querySelectorAll(`.${name} .bqplot path.line`)];
            return before !== paths.map((path) => path.getAttribute('d') ?? '').join('|');
        }""",
        arg=[instrument, before],
    )


def kept(page):
    """The ledger that the browser keeps."""
    text = page.evaluate(
        "() => Object.entries(localStorage).find(([key]) => key.startsWith('iowall-ledger:'))?.[1]"
    )
    return ledger.loads(text)


def begun(part, track="cloud", *, option, attempts=(), **settings):
    """The ledger of someone who has locked a prediction."""
    mine = ledger.Ledger(track=track)
    mine.predict(part, PREDICTION | {"option": option})
    mine.of(part).settings, mine.of(part).attempts = settings, list(attempts)
    return mine.dumps()


def locked(track):
    """The ledger of someone who has locked all three predictions."""
    mine = ledger.Ledger(track=track)
    for part in PARTS:
        option = next(iter(getattr(TRACKS[track], part).options))
        mine.predict(part, PREDICTION | {"option": option})
    mine.of("access").settings = {"order": "shuffled"}
    return mine.dumps()


def settle(page, quiet=4):
    """Wait until what the browser keeps has not changed for nearly a second."""
    text, same = None, 0
    while same < quiet:
        page.wait_for_timeout(200)
        now = page.evaluate("() => JSON.stringify(localStorage)")
        same = same + 1 if now == text else 0
        text = now


def seed(context, text):
    key = "'iowall-ledger:/course/'"
    context.add_init_script(
        f"try {{ localStorage.getItem({key}) ?? localStorage.setItem({key}, {json.dumps(text)}) }}"
        "catch { /* a frame that has no storage */ }"
    )
