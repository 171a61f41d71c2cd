"""Part 2 without a widget: what it evaluates, judges and says."""

import json

import pytest

from iowall.parts import pipeline, pipeline_text
from iowall.scenarios import TRACKS
from tests.conftest import ROOT

BEFORE = json.loads((ROOT / "tests" / "data" / "pipeline-before.json").read_text())
EACH = pytest.mark.parametrize("track", TRACKS.values(), ids=TRACKS)


def near(value):
    """To 1e-12, whatever a number stands in."""
    return pytest.approx(value, rel=1e-12)


@EACH
def test_numbers_and_sentences_are_those_of_the_first_version(track):
    for case in BEFORE[track.key]["cases"]:
        result = pipeline.evaluate(track, case["settings"])
        numbers, moment = case["numbers"], result.shown
        assert pipeline.outcome(result) == near(case["outcome"])
        assert result.goals == {goal: case["outcome"][goal] for goal in result.goals}
        assert result.good == case["outcome"]["met"]
        assert result.promise._asdict() == near({name: numbers[name] for name in result.promise._fields})
        assert result.over == near(numbers["over"])
        assert [one.in_time for one in result.moments.values()] == near(numbers["in_time"])
        for name in ("local", "lost", "carried", "at_work"):
            assert list(getattr(moment, name)) == near(numbers[name]), name
        assert moment.tiers.index(moment.binding) == case["binding"]
        assert (result.curve.here, result.curve.knee) == (numbers["here"], numbers["knee"])
        said = pipeline.say(result, BEFORE["prediction"])
        assert [list(fact) for fact in said.facts] == case["facts"]
        assert list(said.notes) == case["notes"]
        for name in ("verdict", "costs", "arrives", "diagnosis", "meaning", "mismatch"):
            assert getattr(said, name) == case[name], name


@EACH
def test_what_is_said_of_attempts_is_that_of_the_first_version(track):
    before = BEFORE[track.key]
    attempts, ten = before["attempts"], before["attempts"][:10]
    assert pipeline_text.goals(track.pipeline) == before["goals"]
    assert list(pipeline.answer(track)) == [before["answer"][0], near(before["answer"][1])]
    assert pipeline.whole(track, attempts) == attempts
    assert attempts.index(pipeline.nearest(ten)) == before["nearest"]
    assert pipeline.hint(track, ten) == before["hint"]
    assert [pipeline.said(track, one, n) for n, one in enumerate(attempts, 1)] == before["said"]
    assert pipeline.table(track, attempts) == before["table"]
    assert pipeline.mismatch(track, attempts) == before["mismatch"]
