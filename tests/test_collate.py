"""A class's ledgers become one table; what does not agree is flagged, nothing is executed."""

import csv
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import iowall
from iowall import ledger
from iowall.cli import EXAMPLE, main
from iowall.ledger import collate
from tests import work
from tests.test_attacks import ACCEPTED, REFUSED


@pytest.fixture
def honest():
    lab = work.locked()
    lab.workbench.order.value, lab.workbench.workload.value = "shuffled", "Text records (bert)"
    return lab.ledger


@pytest.fixture
def folder(tmp_path, honest):
    (tmp_path / "a-honest.json").write_text(honest.dumps())
    return tmp_path


def in_access(data):
    return data["work"]["cloud/access"]


def test_an_honest_ledger_has_no_flag(folder):
    [row] = collate.rows(folder)
    assert row["flags"] == "" and row["track"] == "cloud"
    assert (row["access_option"], row["access_estimate"], row["access_attempts"]) == (
        "accelerator",
        30,
        1,
    )


def test_an_edited_outcome_is_flagged(folder, honest):
    data = json.loads(honest.dumps())
    in_access(data)["attempts"][0]["outcome"]["utilization"] = 0.99
    (folder / "b-edited.json").write_text(json.dumps(data))
    flags = collate.rows(folder)[1]["flags"]
    assert flags.startswith("access attempt 1: utilization is recorded as 0.99, not 0.0")


def test_settings_of_no_lab_are_flagged(folder, honest):
    data = json.loads(honest.dumps())
    in_access(data)["attempts"][0]["settings"]["device"] = "Drum memory"
    (folder / "b-edited.json").write_text(json.dumps(data))
    assert "none of this lab's" in collate.rows(folder)[1]["flags"]


def test_a_goal_that_its_settings_do_not_meet_is_flagged_and_does_not_count(folder, honest):
    data = json.loads(honest.dumps())
    [attempt] = in_access(data)["attempts"]
    for goal in ("bought", "invented"):
        pretended = attempt | {"outcome": attempt["outcome"] | {"goal": goal}}
        in_access(data)["attempts"].append(pretended)
    (folder / "b-edited.json").write_text(json.dumps(data))
    row = collate.rows(folder)[1]
    assert row["access_goals"] == attempt["outcome"]["goal"] and row["access_attempts"] == 3
    assert row["flags"] == (
        "access attempt 2: the goal 'bought' is recorded, but is not met; "
        "access attempt 3: the goal 'invented' is recorded, but is not met"
    )


@pytest.mark.parametrize(
    ("version", "which"), [("0", "an earlier"), ("0.9", "an earlier"), ("99", "a later")]
)
def test_what_another_version_said_is_no_flag_and_is_not_checked(folder, honest, version, which):
    data = json.loads(honest.dumps())
    in_access(data)["attempts"][0] |= {"version": version}
    (folder / "b-same.json").write_text(json.dumps(data))
    in_access(data)["attempts"][0]["outcome"] |= {"slowdown": 3.0}
    (folder / "c-other.json").write_text(json.dumps(data))
    honest_row, same, other = collate.rows(folder)
    goal = honest_row["access_goals"]
    assert (same["flags"], same["notes"], same["access_goals"]) == ("", "", goal)
    assert (other["flags"], other["access_goals"]) == ("", f"{goal} (not checked)")
    assert other["notes"] == f"access attempt 1: made with {which} version"


def test_each_track_of_a_ledger_has_its_row(folder, honest):
    mine = ledger.merged(ledger.Ledger(), honest, work.done("tiny"))
    (folder / "a-honest.json").write_text(mine.dumps())
    cloud, tiny = collate.rows(folder)
    assert (cloud["track"], tiny["track"]) == ("cloud", "tiny")
    assert cloud["strategy"] == "" and tiny["strategy"] == "local"
    assert cloud["pipeline_attempts"] == 0 and tiny["pipeline_attempts"] == 2
    assert cloud["flags"] == tiny["flags"] == ""
    assert main(["collate", str(folder), "--output", str(folder / "class.csv")]) == 0


def test_a_device_is_known_in_the_direction_in_which_it_was_measured(folder):
    """Part 1 of the edge track writes; the same disk, measured by reading, is another."""
    mine = work.done("edge")
    (folder / "a-honest.json").write_text(mine.dumps())
    assert collate.rows(folder)[0]["flags"] == ""
    [device] = mine.devices
    mine.of("access").attempts[0]["settings"]["device"] = device["name"]
    mine.devices = [device | {"direction": "read"}]
    (folder / "a-honest.json").write_text(mine.dumps())
    assert "access attempt 1: its settings are none" in collate.rows(folder)[0]["flags"]


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


def test_a_bad_file_of_every_kind_stops_nothing(folder, honest, capsys):
    cloud = work.done("cloud").dumps()
    for kind, cases in (("bad", REFUSED), ("odd", ACCEPTED)):
        for number, make in enumerate(cases.values()):
            content = make(cloud)
            content = content.encode() if isinstance(content, str) else content
            (folder / f"{kind}-{number:02d}.json").write_bytes(content)
    (folder / "broken.json").symlink_to(folder / "nowhere")
    (folder / "endless.json").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.json")
    (folder / "folder.json").mkdir()
    (folder / "zipped").mkdir()
    (folder / "zipped" / "a-honest.JSON").write_text(honest.dumps())
    (folder / "zipped" / "._a-honest.json").write_bytes(b"\0\5\x16\7")
    (folder / "essay.pdf").write_bytes(b"%PDF")
    bad = len(REFUSED) + 3
    assert main(["collate", str(folder), "--output", str(folder / "class.csv")]) == 1
    with (folder / "class.csv").open(newline="") as file:
        table = {row["file"]: row for row in csv.DictReader(file)}
    assert len(table) == bad + len(ACCEPTED) + 2
    read = [name for name, row in table.items() if row["access_attempts"]]
    assert [name for name in read if "odd" not in name] == ["a-honest.json", "zipped/a-honest.JSON"]
    assert len(read) == len(ACCEPTED) + 2
    assert table["a-honest.json"]["flags"] == table["zipped/a-honest.JSON"]["flags"] == ""
    *lines, last = capsys.readouterr().err.splitlines()
    assert last.startswith(f"{len(table)} ledgers, ") and len(lines) == bad
    for line in lines:
        name, flag = line.split(": ", 1)
        assert table[name]["flags"] == flag and flag.endswith(".")
    assert "is no file" in table["pipe.json"]["flags"]


def test_what_may_not_be_read_is_told(folder, honest, monkeypatch):
    def closed(self, *_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "open", closed)
    [row] = collate.rows(folder)
    assert row["flags"] == "This file cannot be read: Permission denied."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_folder_is_told(folder):
    (folder / "closed").mkdir(mode=0)
    assert collate.rows(folder)[1]["flags"] == "This folder cannot be read: Permission denied."
    (folder / "closed").chmod(0o700)


def test_a_folder_without_ledgers_is_a_mistake(tmp_path, capsys):
    for folder, sentence in ((tmp_path, "no .json file in"), (tmp_path / "x", "is not a folder")):
        with pytest.raises(SystemExit) as ended:
            main(["collate", str(folder)])
        assert ended.value.code == 2 and sentence in capsys.readouterr().err


def test_a_table_that_cannot_be_written_is_a_sentence(folder, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["collate", str(folder), "--output", str(folder / "nowhere" / "class.csv")])
    assert ended.value.code == 2 and "cannot be written: No such file" in capsys.readouterr().err


def test_a_file_name_of_any_kind(folder, honest, capsys):
    for name in (b"\xff.json", b"a\nb\x1b[31m.json", "=ä.json".encode()):
        with open(os.path.join(os.fsencode(folder), name), "w") as file:
            file.write("{}")
    assert main(["collate", str(folder), "--output", str(folder / "class.csv")]) == 1
    with (folder / "class.csv").open(newline="", encoding="utf-8") as file:
        names = {row["file"] for row in csv.DictReader(file)}
    assert names == {"a-honest.json", "?.json", "a\nb\x1b[31m.json", "'=ä.json"}
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and not any("\x1b" in line for line in lines)


def test_the_screen_takes_every_letter(folder, honest):
    mine = ledger.loads(honest.dumps())
    mine.of("access").prediction["reason"] = "größer → schneller"
    (folder / "a-honest.json").write_text(mine.dumps())
    run = subprocess.run(
        [sys.executable, "-m", "iowall", "collate", str(folder)],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert run.returncode == 0 and "größer → schneller" in run.stdout.decode()


def written(tmp_path, reason):
    """A reason as it stands in the table."""
    mine = ledger.Ledger(track="cloud")
    mine.predict("access", {"option": "iops", "estimate": 3.0, "reason": reason, "time": "now"})
    (tmp_path / "x.json").write_text(mine.dumps())
    with (tmp_path / "out.csv").open("w+", newline="", encoding="utf-8") as file:
        collate.write(collate.rows(tmp_path), file)
        file.seek(0)
        [row] = csv.DictReader(file)
    return row["access_reason"]


@pytest.mark.parametrize(
    "reason",
    [
        "plain",
        "a = b",
        "",
        'say "so"',
        "one\ntwo",
        "one\r\ntwo, three",
        "a\0b",
        "'quoted",
        '"',
        ",",
    ],
)
def test_other_text_comes_through_whole(tmp_path, reason):
    assert written(tmp_path, reason) == reason


def test_a_text_longer_than_a_cell_says_that_it_is_cut(tmp_path):
    cell = written(tmp_path, "é" * 500_000)
    assert len(cell) < 32_767 and cell.endswith("(500,000 characters in the ledger)")
    assert written(tmp_path, "é" * 30_000) == "é" * 30_000


def test_many_edited_outcomes_fit_in_a_cell(folder, honest):
    data = json.loads(honest.dumps())
    in_access(data)["attempts"] *= 2_000
    for attempt in in_access(data)["attempts"]:
        attempt["outcome"] = {"slowdown": 1.5, "utilization": 0.5}
    (folder / "a-honest.json").write_text(json.dumps(data))
    [row] = collate.rows(folder)
    assert row["flags"].endswith("; and more") and len(row["flags"]) < 3_000


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "\t=", " =", "\r=", "\n=", "＝", "＋", "－", "＠", "−"]
    + ["\u3000=", "\xa0@", "\u200b=", "\ufeff＝", "\0=", " \t +"],
)
def test_a_spreadsheet_executes_nothing(tmp_path, start):
    reason = f"{start}HYPERLINK(1)"
    assert written(tmp_path, reason) == f"'{reason}"


def test_the_command(folder):
    out = folder / "class.csv"
    run = subprocess.run(
        [sys.executable, "-m", "iowall", "collate", str(folder), "--output", str(out)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0 and "1 ledgers, 0 flagged" in run.stderr
    assert out.read_text().splitlines()[0].startswith("file,track,access_option")
    assert run.stderr == "1 ledgers, 0 flagged\n"
    wrong = subprocess.run(
        [sys.executable, "-m", "iowall", "collate", str(folder / "nowhere")],
        capture_output=True,
        text=True,
    )
    assert wrong.returncode == 2 and "is not a folder" in wrong.stderr


def test_version_and_help(capsys):
    for arguments, said in ((["--version"], f"iowall {iowall.__version__}"), (["--help"], EXAMPLE)):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0 and said in capsys.readouterr().out


def test_without_a_command_it_says_what_there_is(capsys):
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2 and "usage: iowall" in capsys.readouterr().err
