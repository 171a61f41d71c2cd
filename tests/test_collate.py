"""A class's ledgers become one table; what does not agree is flagged, nothing is executed."""

import csv
import json
import subprocess
import sys

import pytest

from iowall.labs import collate, ledger
from tests.test_lab_access import locked


@pytest.fixture
def honest():
    lab = locked()
    lab.workbench.order.value, lab.workbench.workload.value = "shuffled", "Text records (bert)"
    return lab.ledger


@pytest.fixture
def folder(tmp_path, honest):
    (tmp_path / "a-honest.json").write_text(honest.dumps())
    return tmp_path


def test_an_honest_ledger_has_no_flag(folder):
    [row] = collate.rows(folder)
    assert row["flags"] == "" and row["track"] == "cloud"
    assert (row["access_option"], row["access_estimate"], row["access_attempts"]) == ("iops", 30, 1)


def test_an_edited_outcome_is_flagged(folder, honest):
    data = json.loads(honest.dumps())
    data["attempts"]["access"][0]["outcome"]["utilization"] = 0.99
    (folder / "b-edited.json").write_text(json.dumps(data))
    flags = collate.rows(folder)[1]["flags"]
    assert flags.startswith("access attempt 1: utilization is recorded as 0.99, not 0.0")


def test_settings_of_no_lab_are_flagged(folder, honest):
    data = json.loads(honest.dumps())
    data["attempts"]["access"][0]["settings"]["device"] = "Drum memory"
    (folder / "b-edited.json").write_text(json.dumps(data))
    assert "none of this lab's" in collate.rows(folder)[1]["flags"]


def test_the_last_digits_may_differ():
    assert collate.same(1.0, 1.0 + 1e-12) and not collate.same(1.0, 1.001)
    assert collate.same("wall", "wall") and not collate.same(None, 1.0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b'{"schema": 99}',
        b" " * 5_000_000,
        b'{"a": 1e999}',
    ],
)
def test_files_that_are_no_ledgers_are_flagged_and_stop_nothing(folder, content):
    (folder / "z-other.json").write_bytes(content)
    (folder / "notes.txt").write_text("not looked at")
    rows = collate.rows(folder)
    assert [row["file"] for row in rows] == ["a-honest.json", "z-other.json"]
    assert rows[0]["flags"] == "" and rows[1]["flags"].endswith(".")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r="])
def test_a_spreadsheet_executes_nothing(tmp_path, start):
    mine = ledger.Ledger(track="cloud")
    reason = f"{start}HYPERLINK(1)"
    mine.predict("access", {"option": "iops", "estimate": 3.0, "reason": reason, "time": "now"})
    (tmp_path / "x.json").write_text(mine.dumps())
    with (tmp_path / "out.csv").open("w+", newline="") as file:
        collate.write(collate.rows(tmp_path), file)
        file.seek(0)
        [row] = csv.DictReader(file)
    assert row["access_reason"] == "'" + reason


def test_the_command(folder):
    out = folder / "class.csv"
    run = subprocess.run(
        [sys.executable, "-m", "iowall", "collate", str(folder), "--output", str(out)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0 and "1 ledgers, 0 flagged" in run.stderr
    assert out.read_text().splitlines()[0].startswith("file,track,access_option")
    wrong = subprocess.run(
        [sys.executable, "-m", "iowall", "collate", str(folder / "nowhere")],
        capture_output=True,
        text=True,
    )
    assert wrong.returncode == 2 and "is not a folder" in wrong.stderr
