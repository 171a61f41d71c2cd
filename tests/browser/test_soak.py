"""A page that is used for long: it does not come to hold more than it did."""

import pytest

from iowall import ledger
from iowall.parts import part
from iowall.scenarios import TRACKS
from tests.bench import soak
from tests.browser.play import locked
from tests.browser.test_readers import upload

MOVES = 300
# These are the same in the end; of the others, a leak adds at least one with each move.
EXACT = (
    "comms in the page",
    "models in the page",
    "views",
    "comms in Python",
    "widgets in Python",
)
LINK = "() => document.querySelector('.iowall-link a')?.href"
NEARLY = ("nodes", "listeners", "objects in Python")


@pytest.fixture
def watched(visit, address):
    # A service worker would answer for the scripts that are added to.
    reader = visit(service_workers="block")
    soak.prepare(reader.context, locked("cloud"))
    return soak.opened(reader.context.new_page(), address, "pipeline")


def grown(before, after):
    """What a page holds more of than it did."""
    return {name: count - before[name] for name, count in after.items() if count > before[name]}


def test_many_moves_leave_nothing(watched):
    times, counts = soak.measure(watched, MOVES, counted=1)
    assert len(times) == MOVES
    more = grown(counts[0], counts[MOVES])
    assert [name for name in EXACT if name in more] == []
    assert [(name, more[name]) for name in NEARLY if more.get(name, 0) > MOVES / 2] == []
    assert "memory of Python [B]" not in more

    # The counts would see a leak.
    watched.page.evaluate(
        """() => {
            const kept = (window.kept = []);
            addEventListener("keydown", () => {
                kept.push(document.createElement("p"));
                kept.at(-1).addEventListener("click", () => kept);
            });
        }"""
    )
    [worker] = watched.page.workers
    worker.evaluate(soak.IN_WORKER, "import ipywidgets; ipywidgets.Label(); _held = ''")
    watched.moves(10, soak.random.Random(1))
    leaks = grown(counts[MOVES], watched.held())
    assert leaks["nodes"] >= 10 and leaks["listeners"] >= 10
    assert {name: leaks[name] for name in EXACT if name in leaks} == {
        "comms in the page": 3,  # the label, its layout and its style
        "models in the page": 3,
        "comms in Python": 3,
        "widgets in Python": 3,
    }


def test_a_lab_that_is_drawn_anew_leaves_nothing_of_the_old(watched):
    """A ledger that comes from a file, or from another tab, is drawn as a new lab."""
    buffers = part("pipeline").options(TRACKS["cloud"])["buffer"]
    page, counts = watched.page, []
    for number in range(6):
        mine = ledger.loads(locked("cloud"))
        mine.of("pipeline").settings = {"buffer": buffers[number % 2].name}
        link = page.evaluate(LINK)
        upload(page, "Load ledger", "ledger.json", mine.dumps().encode())
        page.wait_for_function(f"before => ({LINK})() !== before", arg=link)
        page.wait_for_function(
            "all => document.querySelectorAll(all).length === 4", arg=soak.SLIDERS
        )
        if number in (1, 5):
            counts.append(watched.held())
    more = grown(*counts)
    assert [name for name in EXACT if name in more and name != "views"] == []
    # A lab has hundreds of views and listeners and thousands of nodes. What stays: two widgets that
    # are shown anew (two views each), and what bqplot's figures leave in the page.
    assert more.get("views", 0) <= 4 * 4
    assert more.get("listeners", 0) <= 4 * 10 and more.get("nodes", 0) <= 4 * 100
