"""Every browser, every reader, every mistake, in one table: `python -m tests.bench`.

Runs the student's walks, the faults and the attacks as the tests have them, looks at every page
and state with axe-core, fuzzes both loaders, and moves sliders 10,000 times in one page. It takes
the better part of an hour. What did not pass is named as well.
"""

import platform
import sys
from datetime import date

import pytest

from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests.bench import fuzz, readers, soak
from tests.conftest import ROOT

WALKS = "tests/browser/test_walk.py::test_a_student_walks"
FAULTS = {
    "a file of the start, the network, the worker, memory": ["browser/test_faults"],
    "storage, tabs, the clock": ["browser/test_storage"],
    "a browser too old, or without WebAssembly": ["browser/test_old"],
    "no network after a first visit, half a new version": ["browser/test_offline"],
    "a file from elsewhere: ledger, fio, a folder of them": [
        "test_attacks",
        "test_collate",
        "test_fio",
    ],
    "a part of the runtime, at build": ["test_runtime", "test_supply"],
}


class Tally:
    """What came of each test."""

    def __init__(self):
        self.came = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or not report.passed:
            self.came[report.nodeid] = report.outcome

    def of(self, *words):
        """“12 of 12” of the tests whose names have one of these words in them."""
        came = [how for name, how in self.came.items() if any(word in name for word in words)]
        return f"{came.count('passed')} of {len(came)}"


def rows():
    """What stands in the table: what was tried, how much of it, and what came of it."""
    tally = Tally()
    faults = [f"tests/{name}.py" for names in FAULTS.values() for name in names]
    files = [WALKS.partition(":")[0], *faults]
    whole = ["-q", "-m", "weekly or not weekly", "--rootdir", str(ROOT)]
    pytest.main([*whole, *(str(ROOT / file) for file in files)], [tally])
    for name, how in tally.came.items():
        if how != "passed":
            print(f"{how}: {name}", file=sys.stderr)
    for engine in ("Chromium", "Firefox", "WebKit"):
        made = f"{len(TRACKS)} tracks × {len(PARTS)} parts and the report"
        yield f"a student in {engine}", made, f"{tally.of(f'[{engine.lower()}-')} tracks"
    for what, names in FAULTS.items():
        yield f"fault: {what}", "tests", tally.of(*names)
    seen = readers.run()
    looks = f"{seen['visits']} pages and labs, {seen['states']} states, {seen['looks']} looks"
    wrong = f"{len(seen['violations'])} violations of ours, {len(seen['known'])} of others"
    yield "axe-core: light and dark, wide and narrow", looks, wrong
    inputs = fuzz.run()["both"]
    yield "files fuzzed", f"{inputs['inputs']:,} inputs", f"{inputs['uncaught']} exceptions"
    soaked = soak.run()
    made = f"{soaked['moves']:,} moves of {soaked['part']}"
    for name in ("p50", "p95"):
        first, last = soaked[f"{name} [ms]"]
        yield f"soak: latency, {name}", made, f"{last:.0f} ms, at first {first:.0f}"
    before, after = (soaked["counts"][moves] for moves in (0, soaked["moves"]))
    for name in before:
        yield f"soak: {name}", made, f"{after[name]:,}, at first {before[name]:,}"
    before, after = (f"{size / 1e6:.0f}" for size in soaked["memory [B]"])
    yield "soak: memory of the browser [MB]", made, f"{after}, at first {before}"


def main():
    table = ["| what | how much | what came of it |", "|---|---|---|"]
    table += [f"| {' | '.join(row)} |" for row in rows()]
    print(f"{date.today()}, Python {platform.python_version()}, {platform.system()}", "", sep="\n")
    print("\n".join(table))


if __name__ == "__main__":
    main()
