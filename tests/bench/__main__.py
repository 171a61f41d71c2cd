"""Every browser, every reader, every mistake, in one table: `python -m tests.bench`.

Runs the student's walks, the faults and the attacks as the tests have them, looks at every page
and state with axe-core, fuzzes both loaders, and moves sliders 10,000 times in one page. It takes
the better part of an hour. What did not pass is named below the table.
"""

import platform
import sys
from collections import Counter, defaultdict
from datetime import date

import pytest

from iowall.labs.ledger import PARTS
from tests.bench import fuzz, readers, soak
from tests.conftest import ROOT

WALKS = "tests/browser/test_engines.py"
FAULTS = {
    "of start, network, worker and memory": ["tests/browser/test_faults.py"],
    "of storage, tabs and time": ["tests/browser/test_storage.py"],
    "of a browser too old": ["tests/browser/test_old.py"],
    "of the network after a first visit": ["tests/browser/test_offline.py"],
    "of a file from elsewhere": [f"tests/test_{name}.py" for name in ("attacks", "collate", "fio")],
    "of a part of the runtime, at build": ["tests/test_runtime.py", "tests/test_supply.py"],
}


class Tally:
    """What came of each test, by its file and by the first of its parameters."""

    def __init__(self):
        self.came, self.amiss = defaultdict(Counter), []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or not report.passed:
            file, _, name = report.nodeid.partition("::")
            for key in (file, name.partition("[")[2].partition("-")[0]):
                self.came[key][report.outcome] += report.when == "call" or not report.passed
            if not report.passed:
                self.amiss.append(f"{report.outcome}: {report.nodeid}")

    def of(self, *files):
        """“12 of 12”, of the tests in these files."""
        sums = sum((self.came[file] for file in files), Counter())
        return f"{sums['passed']} of {sums.total()}"


def rows():
    """What stands in the table: what was tried, how much of it, and what came of it."""
    tally = Tally()
    files = [WALKS, *(file for some in FAULTS.values() for file in some)]
    pytest.main(["-q", *(str(ROOT / file) for file in files)], plugins=[tally])
    for engine in ("chromium", "firefox", "webkit"):
        walks = tally.came[engine]
        made = f"{walks.total()} tracks × {len(PARTS)} parts and the report"
        yield f"a student's walk in {engine.title()}", made, f"{walks['passed']} walked"
    seen = readers.run()
    looks = f"{seen['visits']} pages and labs, {seen['states']} states, {seen['looks']} looks"
    yield "axe-core: light and dark, wide and narrow", looks, f"{len(seen['violations'])} of ours"
    for fault, where in FAULTS.items():
        yield f"faults {fault}", "tests", tally.of(*where)
    inputs = fuzz.run()["both"]
    yield "files fuzzed", f"{inputs['inputs']:,} inputs", f"{inputs['uncaught']} exceptions"
    soaked = soak.run()
    made = f"{soaked['moves']:,} moves of {soaked['part']}"
    for name in ("p50", "p95"):
        yield f"soak, latency, {name}", made, f"{soaked[f'{name} ratio']:.2f} of the start's"
    before, after = (soaked["counts"][moves] for moves in (0, soaked["moves"]))
    for name in before:
        yield f"soak, {name}", made, f"{after[name] / before[name]:.2f} of the start's"
    for one in tally.amiss:
        print(one, file=sys.stderr)


def main():
    print(f"{date.today()}, Python {platform.python_version()}, {platform.system()}\n")
    print("| what | how much | what came of it |\n|---|---|---|")
    for row in rows():
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
