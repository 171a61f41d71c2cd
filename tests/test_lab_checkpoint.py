"""The lab of Part 3, moved by its public controls and read by its traits."""

import json

import numpy as np
import pytest

from iowall.labs import open_lab
from iowall.parts import checkpoint
from iowall.scenarios import TRACKS
from tests.test_lab_access import classes, sent  # noqa: F401
from tests.test_part_checkpoint import every  # noqa: F401

EACH = pytest.mark.parametrize("track", TRACKS)


def opened(text=""):
    lab = open_lab("checkpoint")
    lab.store._receive(lab.store, {"answer": "opened", "kept": True, "text": text}, [])
    return lab


def locked(track="cloud", option="shorten", estimate="3"):
    lab = opened()
    lab.tracks[track].click()
    lab.lock.option.value, lab.lock.estimate.value = option, estimate
    lab.lock.reason.value = "Less is lost."
    lab.lock.submit.click()
    return lab


def put(bench, **settings):
    for name, value in settings.items():
        bench.controls[name].value = value


def named(bench, control, index):
    """What a control offers at a place, by name."""
    return bench.options[control][index].name


def good(results):
    """The settings of good designs, but for the mean time between failures."""
    for result in results:
        if result.good:
            yield {name: value for name, value in result.settings.items() if name != "mtbf"}


@EACH
def test_the_workbench_is_not_there_before_the_lock(track):
    lab = opened()
    lab.tracks[track].click()
    assert lab.workbench is None and "iowall-instrument" not in set(classes(lab))
    assert {"iowall-young-daly", "iowall-sankey", "iowall-math"} <= set(classes(locked(track)))


def shown(bench):
    widgets = (bench.plot._sentence, bench.path._sentence, bench.math._sentence, bench._verdict)
    numbers = (bench._numbers, bench._runs, bench._answer, bench._designs)
    return " ".join(widget.value for widget in (*widgets, *numbers))


@EACH
def test_every_setting_of_every_track_can_be_shown(track, every):  # noqa: F811
    bench = locked(track).workbench
    put(bench, mtbf=named(bench, "mtbf", 0))
    ends = {named(bench, "interval", index) for index in (0, -1)}
    for design in (one.settings for one in every(track)[0]):
        if design["interval"] not in ends:
            continue
        put(bench, **design | {"mtbf": bench.mtbf.value})
        text = shown(bench).lower()
        assert "nan" not in text and "inf" not in text.replace("information", "")
        for mark in (bench.plot._total, bench.plot._causes, bench.plot._here):
            assert np.isfinite(mark.x).all() and np.isfinite(mark.y).all()
        # The reader's own point is in the picture, however bad.
        assert bench.plot._here.y[0] <= bench.plot._y.max


@EACH
def test_moving_a_control_moves_the_pictures(track):
    bench = locked(track).workbench
    seen = bench.plot._sentence.value, bench.plot._here.x[0], bench.path._sentence.value
    bench.interval.value = named(bench, "interval", 3)
    assert bench.plot._here.x[0] != seen[1] and bench.plot._sentence.value != seen[0]
    bench.strategy.value = "local"
    assert bench.path._sentence.value != seen[2]


def test_causes_are_stacked_up_to_the_total():
    plot = locked().workbench.plot
    upper = plot._causes.y[-1][len(plot._total.y) :][::-1]
    assert upper == pytest.approx(plot._total.y)


def test_the_verdict_and_the_storm_are_shown():
    bench = locked(estimate="3").workbench
    assert "11.1 times: a factor of 3.7 off" in bench._verdict.value
    assert "358 TB, 1,024 copies of 350 GB" in bench.path._sentence.value
    # Both sizes are told, whichever is chosen.
    assert "59.7 min" in bench._numbers.value and "2.81 h for 988 GB" in bench._numbers.value


def test_a_run_that_never_ends_is_shown_to():
    bench = locked().workbench
    put(bench, store=named(bench, "store", 0), state=named(bench, "state", 1), interval="60 min")
    assert "this run never ends" in bench.plot._sentence.value
    assert bench.plot._you.text == ["you: never ends"]
    assert "no end" in bench._numbers.value and "never ends" in bench._verdict.value
    bench.simulate.value = True
    assert "fail too often to be simulated" in bench._runs.value
    bench.commit.click()
    assert "This run never ends" in bench._answer.value
    json.loads(bench.session.ledger.dumps())


def test_a_store_that_cannot_drain_is_shown_to():
    bench = locked().workbench
    put(bench, strategy="local", store=named(bench, "store", 0), interval="30 s")
    assert "the store cannot drain" in bench.path._sentence.value
    bench.commit.click()
    assert "The store cannot drain" in bench._answer.value
    assert bench.work.attempts[-1]["outcome"]["busy"] == 1


@EACH
def test_the_ops_lead_speaks_after_the_first_good_answer_and_a_reload_remembers(
    track, sent, every  # noqa: F811
):  # fmt: skip
    lab = locked(track)
    bench, words = lab.workbench, TRACKS[track].checkpoint
    begin, end = checkpoint.reports(TRACKS[track])
    bench.commit.click()
    assert "Not yet" in bench._answer.value and bench._ops.value == ""
    sooner, later = (list(good(results)) for results in every(track))
    first = next(design for design in sooner if design not in later)
    put(bench, **first)
    bench.commit.click()
    assert "keeps to every limit" in bench._answer.value and words.report[:20] in bench._ops.value
    assert bench.mtbf.value == end
    bench.mtbf.value = begin
    bench.commit.click()  # the same design does not answer the report
    assert bench.mtbf.value == end
    assert (
        "Judged by the fleet as it is" in bench._answer.value and "Not yet" in bench._answer.value
    )

    kept = [message["keep"] for message in sent if "keep" in message][-1]
    again = opened(kept).workbench
    assert words.report[:20] in again._ops.value and again._answer.value.count("<li>")
    assert {name: again.controls[name].value for name in first} == first
    put(again, **later[0])
    again.commit.click()
    assert "That will hold" in again._ops.value and again._goals.value.count("iowall-met") == 2
    attempts = again.work.attempts
    assert [attempt["outcome"]["good"] for attempt in attempts] == [False, True, False, True]
    kept = [message["keep"] for message in sent if "keep" in message][-1]
    assert opened(kept).workbench.work.attempts == attempts


def test_an_easier_fleet_does_not_count(every):  # noqa: F811
    bench = locked().workbench
    put(bench, **next(good(every("cloud")[0])), mtbf=named(bench, "mtbf", -1))
    bench.commit.click()
    assert bench.work.attempts[0]["settings"]["mtbf"] == "1"


@EACH
def test_outcomes_can_be_worked_out_anew(track):
    lab, track = locked(track), TRACKS[track]
    for strategy in ("replicated", "local"):
        lab.workbench.strategy.value = strategy
        lab.workbench.commit.click()
    work = lab.ledger.of("checkpoint")
    for attempt in json.loads(json.dumps(work.attempts)):
        result = checkpoint.evaluate(track, attempt["settings"])
        assert checkpoint.outcome(result) == attempt["outcome"]
    lines = list(checkpoint.summary(track, work))
    assert len(lines) == 2 and all("goes into the run" in line for line in lines)


@EACH
def test_simulated_runs_are_drawn_while_asked_for(track, every, monkeypatch):  # noqa: F811
    bench, asked = locked(track).workbench, []
    simulate = checkpoint.simulate
    monkeypatch.setattr(checkpoint, "simulate", lambda one: asked.append(one) or simulate(one))
    put(bench, **next(good(every(track)[0])))
    assert not asked
    bench.simulate.value = True
    assert asked == [bench.result] and "nine in ten waste" in bench._runs.value
    assert len(bench.plot._runs.x) > 50
    low, high = bench.plot._spread.y[-1]  # at the reader's own interval, 5 to 95 %
    assert low <= bench.plot._here.y[0] <= high
    bench.interval.index += 1
    assert len(asked) == 2
    bench.simulate.value = False
    assert len(bench.plot._runs.x) == 0 and bench._runs.value == ""
    assert len(asked) == 2


def test_a_commit_evaluates_nothing_anew(monkeypatch):
    bench, calls = locked().workbench, []
    evaluate = checkpoint.evaluate
    monkeypatch.setattr(checkpoint, "evaluate", lambda *a: calls.append(a) or evaluate(*a))
    bench.commit.click()
    bench.simulate.value = True
    assert calls == []


def test_settings_that_no_longer_exist_are_passed_over():
    lab = locked()
    lab.workbench.work.settings |= {"interval": "11.5 s", "store": "Drum", "strategy": "local"}
    bench = opened(lab.ledger.dumps()).workbench
    assert bench.strategy.value == "local" and bench.interval.value == "60 min"


@EACH
def test_attempts_with_what_is_no_longer_offered_are_shown_and_counted(track, every):  # noqa: F811
    lab = locked(track)
    put(lab.workbench, **next(good(every(track)[0])))
    lab.workbench.commit.click()
    lab.workbench.work.attempts[0]["settings"] |= {"interval": "11.5 s", "store": "Drum"}
    bench = opened(lab.ledger.dumps()).workbench
    assert "Your designs so far: 1" in bench._designs.value and "Drum" in bench._designs.value
    assert "keeps to every limit" in bench._answer.value
    assert TRACKS[track].checkpoint.report[:20] in bench._ops.value


@EACH
def test_a_recorded_attempt_of_another_make_does_no_harm(track):
    lab = locked(track)
    wrong = {"settings": {}, "outcome": {"good": True}, "version": "1", "time": ""}
    lab.workbench.work.attempts.append(wrong)
    again = opened(lab.ledger.dumps()).workbench
    assert again._ops.value == "" and again._designs.value == "" == again._answer.value
