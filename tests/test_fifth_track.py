"""A track more is a file more: labs, ledger, report and collate find it without a line of Python.

That the pages find it, too, is looked at in the newer site of `browser/test_offline.py`.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests import fifth

PLAY = """
import json, sys
from pathlib import Path
from iowall.ledger import collate
from iowall.labs import open_lab
from tests import work
mine = work.done("rail")
Path(sys.argv[1]).write_text(mine.dumps(), encoding="utf-8")
bench = work.arrive(open_lab("access"), mine.dumps()).workbench
report = work.arrive(open_lab("report"), mine.dumps())
titles = [box.children[0].value for box in bench.children[2].children]
shown = " ".join(str(getattr(one, "value", "")) for one in work.all_widgets(report.stage))
[row] = collate.rows(Path(sys.argv[1]).parent)
cards = list(work.arrive(open_lab("access"), "").tracks)
print(json.dumps({"row": row, "goals": bench._goals.value, "titles": titles, "report": shown,
                  "cards": cards, "devices": [name for name, _ in bench.device.options]}))
"""


@pytest.fixture(scope="module")
def played(root, tmp_path_factory):
    """What came of playing it, with a copy of the package that has its file."""
    folder = tmp_path_factory.mktemp("fifth")
    shutil.copytree(root / "iowall", folder / "iowall")
    fifth.add(folder / "iowall/data/tracks")
    (folder / "ledgers").mkdir()
    run = subprocess.run(
        [sys.executable, "-c", PLAY, str(folder / "ledgers/rail.json")],
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{root}"},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


def test_its_card_is_the_last(played):
    assert played["cards"] == ["cloud", "edge", "mobile", "tiny", "rail"]


def test_its_lab_has_the_goals_controls_and_devices_that_it_picks(played):
    assert played["goals"].count("<li") == 2 and "100 times" not in played["goals"]
    assert len(played["titles"]) == 4
    assert played["devices"][:3] == ["QSPI NOR", "SD card", "eMMC 5.1"]


def test_its_report_and_its_row_are_there(played):
    assert fifth.NAME in played["report"]
    row = played["row"]
    assert (row["track"], row["flags"]) == ("rail", "")
    assert all(row[f"{part}_attempts"] for part in ("access", "pipeline", "checkpoint"))
