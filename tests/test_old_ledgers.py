"""Ledgers that earlier versions wrote open, merge and collate for good (tests/data/ledgers)."""

import csv
import io
import json
from dataclasses import replace

import pytest

from iowall import parts, scenarios
from iowall.ledger import collate, loads, merged
from iowall.ledger.schema_1 import named
from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "data" / "ledgers" / "v1"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def text(name):
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def test_there_are_some_of_each_track():
    assert {f"{track}-whole" for track in ("cloud", "edge", "mobile", "tiny")} < set(NAMES)
    assert len(NAMES) == 12


@pytest.mark.parametrize("name", NAMES)
def test_all_that_was_done_is_there(name):
    old, mine = json.loads(text(name)), loads(text(name))
    assert mine.track == old["track"]
    for part in PARTS if mine.track else ():
        work = mine.of(part)
        if prediction := old["predictions"].get(part):
            assert prediction.items() <= work.prediction.items()
            assert prediction["option"] in work.prediction["options"]
            words = getattr(TRACKS[mine.track], part)
            assert work.prediction["question"] == words.question
            assert work.prediction.get("answer") is None and work.prediction["version"] == "0"
        else:
            assert work.prediction is None
        assert work.reflection == old["reflections"].get(part)
        assert work.draft == old["drafts"].get(part, {})
        assert work.settings.keys() == old["settings"].get(part, {}).keys()
        before = old["attempts"].get(part, [])
        assert len(work.attempts) == len(before)
        for attempt, was in zip(work.attempts, before, strict=True):
            assert attempt.keys() == was.keys() | {"version"} and attempt["version"] == "0"
            assert attempt["outcome"] == was["outcome"] and attempt["time"] == was["time"]
            assert attempt["settings"].keys() == was["settings"].keys()
    if mine.track:
        assert mine.strategies.get(mine.track) == old["strategy"]
        assert mine.drafts.get(mine.track) == old["drafts"].get("strategy")
        direction = TRACKS[mine.track].direction
        assert mine.measured(direction) == [
            one | {"direction": direction} for one in old["devices"]
        ]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_written_as_one_of_today(name):
    mine = loads(text(name))
    assert json.loads(mine.dumps())["schema"] == 2
    assert loads(mine.dumps()).dumps() == mine.dumps() == loads(text(name)).dumps()


def test_settings_have_the_names_that_stood_on_the_sliders():
    """Read off the labs of version 0.1.0."""
    cloud = loads(text("cloud-whole"))
    assert cloud.of("pipeline").attempts[0]["settings"] == {
        "buffer": "1 GB",
        "link": "4 Gbit/s",
        "disk_bandwidth": "1 GB/s",
        "disk_size": "1 TB",
        "policy": "random",
    }
    assert cloud.of("checkpoint").attempts[0]["settings"] == {
        "interval": "60 min",
        "mtbf": "1",
        "state": "350 GB, as the story gives it",
        "store": TRACKS["cloud"].checkpoint.start["store"],
        "strategy": "replicated",
    }
    assert cloud.of("checkpoint").attempts[-1]["settings"]["mtbf"] == "1/2"
    bought = cloud.of("access").attempts[-1]
    assert bought["outcome"]["goal"] == "bought"
    assert bought["settings"].items() >= {
        ("workers", "256"),
        ("shard_size", "1 MB"),
        ("shuffle_buffer", "1000000"),
    }


@pytest.mark.parametrize("key", PARTS)
@pytest.mark.parametrize("track", TRACKS.values(), ids=TRACKS.keys())
def test_a_value_of_then_has_the_name_of_now(track, key):
    for control, options in parts.part(key).options(track).items():
        numbers = [one for one in options if isinstance(one.value, (int, float))]
        for option in numbers:
            assert named(track, key, {control: option.value}) == {control: option.name}


def test_two_tabs_merge_as_they_did():
    base, mine, theirs, then = (
        loads(text(f"tabs-{name}")) for name in ("base", "mine", "theirs", "merged")
    )
    both = merged(base, mine, theirs)
    assert both == then
    assert both.dumps() == merged(base, theirs, mine).dumps()
    assert len(both.of("access").attempts) == 2 and len(both.of("pipeline").attempts) == 3


def table(folder):
    file = io.StringIO(newline="")
    collate.write(collate.rows(folder), file)
    file.seek(0)
    return list(csv.DictReader(file))


def test_they_collate_to_the_same_table():
    with (FOLDER / "collated.csv").open(newline="", encoding="utf-8") as file:
        then = csv.DictReader(file)
        assert then.fieldnames == collate.COLUMNS[: len(then.fieldnames)]
        for was, now in zip(then, table(FOLDER), strict=True):
            assert was.items() <= now.items(), was["file"]


def test_what_the_models_say_otherwise_now_is_noted_and_never_flagged():
    """Version 1 let nobody read a checkpoint back, and no curve bend."""
    found = {row["file"]: row for row in table(FOLDER)}
    assert not any(row["flags"] for row in found.values())
    cloud = found["cloud-whole.json"]
    for part, number in (("access", 1), ("pipeline", 1), ("checkpoint", 1)):
        assert f"{part} attempt {number}: made with an earlier version" in cloud["notes"]
    assert cloud["access_goals"] == "wall, free (not checked), bought (not checked)"
    assert cloud["checkpoint_goals"] == "good (not checked)"
    # What is said as before is checked as before: a queue without bends, and a recorder.
    assert found["tiny-whole.json"]["access_goals"] == "wall, free, bought"
    assert found["edge-whole.json"]["pipeline_goals"] == "met"


@pytest.fixture
def without_a_step(monkeypatch):
    """As if the uplink of 1 Gbit/s had never been on the edge track's slider."""
    edge = TRACKS["edge"]
    slider = edge.pipeline.sliders["link"]
    sliders = edge.pipeline.sliders | {
        "link": replace(slider, steps=tuple(step for step in slider.steps if step != 1))
    }
    changed = replace(edge, pipeline=replace(edge.pipeline, sliders=sliders))
    assert len(changed.pipeline.sliders["link"].options) == len(slider.options) - 1
    monkeypatch.setitem(scenarios.TRACKS, "edge", changed)


def test_an_attempt_on_a_step_that_was_removed_is_there_and_counts(without_a_step, tmp_path):
    mine = loads(text("removed-step"))
    attempts = mine.of("pipeline").attempts
    assert [one["settings"]["link"] for one in attempts] == ["1 Gbit/s", "0.1 Gbit/s"]
    (tmp_path / "x.json").write_text(mine.dumps())
    [row] = table(tmp_path)
    assert row["pipeline_attempts"] == "2"
    assert row["flags"] == row["notes"] == ""  # and it is checked as it was


def test_what_was_drafted_before_a_track_was_chosen_is_there_in_each():
    data = {"schema": 1, "drafts": {"access": {"option": None, "reason": "half a thou"}}}
    mine = loads(json.dumps(data))
    assert mine.track is None and mine.tracks() == []
    for track in TRACKS:
        assert mine.of("access", track=track).draft["reason"] == "half a thou"


OLD = json.loads((FOLDER / "cloud-whole.json").read_text(encoding="utf-8"))
BAD = {
    "predictions without a track": ({"track": None}, "predictions but no track"),
    "unknown part": ({"settings": {"part9": {}}}, "unknown part 'part9'"),
    "a word for predictions": ({"predictions": "none"}, "predictions must be an object"),
    "an attempt that is none": ({"attempts": {"access": [1]}}, "must be an object with settings"),
    "attempts that are none": ({"attempts": {"access": 1}}, "must be a list"),
    "a setting that is a list": ({"settings": {"access": {"order": []}}}, "words and numbers"),
    "no estimate": ({"predictions": {"access": {"option": "iops"}}}, "lacks a proper estimate"),
    "a rubric of words": (
        {"reflections": {"access": {"text": "", "rubric": ["yes"], "time": ""}}},
        "lacks a proper rubric",
    ),
    "a strategy without a choice": ({"strategy": {"defence": ""}}, "lacks a proper choice"),
    "a strategy that is a list": ({"strategy": []}, "must be an object"),
    "a device without speed": ({"devices": [{"name": "x"}]}, "devices must be"),
    "devices that are none": ({"devices": {}}, "devices must be"),
    "a list for drafts": ({"drafts": []}, "drafts must be an object"),
    "a number too large": ({"settings": {"access": {"workers": 10**30}}}, "too large"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_damaged_one_gets_one_sentence(case):
    change, reason = BAD[case]
    with pytest.raises(ValueError, match=reason) as error:
        loads(json.dumps(OLD | change))
    assert str(error.value).endswith(".") and len(str(error.value)) < 200


def test_other_keys_of_an_old_one_are_kept():
    mine = loads(json.dumps(OLD | {"note": [1]}))
    assert json.loads(mine.dumps())["note"] == [1]
