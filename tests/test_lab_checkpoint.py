"""The lab of Part 3, moved by its public controls and read by its traits."""

import itertools
import json
import math

import numpy as np
import pytest

from iowall.labs import checkpoint, open_lab
from iowall.scenarios import TRACKS
from iowall.units import DAY, HOUR, MINUTE, MS
from tests.test_lab_access import classes, sent  # noqa: F401

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


def designs(words):
    """Every design that the controls allow, but for the mean time between failures."""
    names = ("interval", "strategy", "state", "store")
    stores, states = ([one.name for one in many] for many in (words.stores, words.states))
    for values in itertools.product(words.intervals, words.strategies, states, stores):
        yield dict(zip(names, values, strict=True))


def good(words, mtbf):
    return [d for d in designs(words) if not list(checkpoint.failings(words, d | {"mtbf": mtbf}))]


@EACH
def test_the_workbench_is_not_there_before_the_lock(track):
    lab = opened()
    lab.tracks[track].click()
    assert lab.workbench is None and "iowall-instrument" not in set(classes(lab))
    assert {"iowall-young-daly", "iowall-sankey", "iowall-math"} <= set(classes(locked(track)))


@EACH
def test_nothing_above_the_lock_gives_the_answer(track):
    words = TRACKS[track].checkpoint
    said = f"{words.situation} {words.question} {words.estimate}".lower()
    assert "lengthen or shorten" in said and "10 minutes" in said
    for giveaway in ("waste", "young", "optim", "shard", "best"):
        assert giveaway not in said


def test_all_three_answers_are_right_somewhere():
    answers = set()
    for track in TRACKS.values():
        words = track.checkpoint
        asked, habit = (
            checkpoint.audit(words, **words.start_values | {"mtbf": words.mtbf, "interval": time})
            for time in (words.asked, words.habit)
        )
        answers.add(checkpoint.compared(asked["goodput"], habit["goodput"]))
    assert answers == {"shorten", "lengthen", "same"}


def test_the_verdict_names_both_and_the_factor_between():
    text = locked(estimate="3").workbench._verdict.value
    # Worked out apart from this code: a save of 1,024 × 350 GB at 100 GB/s is 3,584 s; with
    # M = 13,000 s (3.606 h) and R = 300 s, M e^(R/M) (e^(4184/M) - 1) / 600 = 8.42 and
    # M e^(R/M) (e^(7184/M) - 1) / 3600 = 2.73.
    assert "Shorten it" in text and "Lengthen it" in text
    assert "8.42 times: a factor of 2.81 off" in text
    assert "That is for every 10 min; every 60 min it takes 2.73 times." in text


def shown(bench):
    widgets = (bench.plot._sentence, bench.path._sentence, bench.math._sentence, bench._verdict)
    numbers = (bench._numbers, bench._runs, bench._answer, bench._designs)
    return " ".join(widget.value for widget in (*widgets, *numbers))


@EACH
def test_every_setting_of_every_track_can_be_shown(track):
    bench = locked(track).workbench
    words = TRACKS[track].checkpoint
    ends = (words.intervals[0], words.intervals[-1])
    for design in designs(words):
        if design["interval"] not in ends:
            continue
        put(bench, mtbf=words.mtbfs[0], **design)
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
    bench.interval.value = TRACKS[track].checkpoint.intervals[3]
    assert bench.plot._here.x[0] != seen[1] and bench.plot._sentence.value != seen[0]
    bench.strategy.value = "local"
    assert bench.path._sentence.value != seen[2]


def test_causes_are_stacked_up_to_the_total():
    plot = locked().workbench.plot
    upper = plot._causes.y[-1][len(plot._total.y) :][::-1]
    assert upper == pytest.approx(plot._total.y)


def test_the_storm_is_caused_and_cured():
    bench = locked().workbench
    storms = {}
    for state in bench.state.options:
        for strategy in ("replicated", "single", "sharded", "local"):
            put(bench, state=state, strategy=strategy)
            settings = bench._ledger.settings["checkpoint"]
            storms[state[:3], strategy] = checkpoint.audit(bench._words, **settings)["pause"]
    # Bytes over bandwidth, by hand: 1,024 × 350 GB, 350 GB and 350 GB at 100, 50 and 100 GB/s; the
    # local copy is 342 MB at 7 GB/s. 988 GB is 70.55e9 × 14 B.
    assert storms["350", "replicated"] == pytest.approx(3584)
    assert storms["350", "single"] == pytest.approx(7)
    assert storms["350", "sharded"] == pytest.approx(3.5)
    assert storms["350", "local"] == pytest.approx(0.0488, rel=1e-3)
    assert storms["988", "replicated"] == pytest.approx(1024 * 9.8775, rel=1e-4)
    put(bench, state=bench.state.options[0], strategy="replicated")
    assert "358 TB, 1,024 copies of 350 GB" in bench.path._sentence.value
    # Both sizes are told, whichever is chosen.
    assert "59.7 min" in bench._numbers.value and "2.81 h for 988 GB" in bench._numbers.value


def test_a_run_that_never_ends_is_shown_to():
    bench = locked().workbench
    put(bench, store=bench._words.stores[0].name, state=bench.state.options[1], interval=1 * HOUR)
    assert "this run never ends" in bench.plot._sentence.value
    assert bench.plot._you.text == ["you: never ends"]
    assert "no end" in bench._numbers.value and "never ends" in bench._verdict.value
    bench.simulate.value = True
    assert "fail too often to be simulated" in bench._runs.value
    bench.commit.click()
    assert "This run never ends" in bench._answer.value
    json.loads(bench._ledger.dumps())


def test_a_store_that_cannot_drain_is_shown_to():
    bench = locked().workbench
    put(bench, strategy="local", store=bench._words.stores[0].name, interval=30.0)
    assert "the store cannot drain" in bench.path._sentence.value
    bench.commit.click()
    assert "The store cannot drain" in bench._answer.value
    assert bench._ledger.attempts["checkpoint"][-1]["outcome"]["busy"] == 1


@EACH
def test_each_track_has_good_answers_but_not_many_and_none_on_arrival(track):
    words = TRACKS[track].checkpoint
    every = sum(1 for _ in designs(words))
    first, second = good(words, words.mtbf), good(words, words.later_mtbf)
    assert 0.01 < len(first) / every < 0.4 and 0.005 < len(second) / every < len(first) / every
    assert words.start_values not in first
    # What answers the first report need not answer the second.
    assert any(design not in second for design in first)
    # A small reserve is no accident: not only one interval does.
    assert len({design["interval"] for design in second}) > 1


@EACH
def test_each_limit_stands_in_the_way_of_something(track):
    words = TRACKS[track].checkpoint
    kept = [
        checkpoint.kept_to(words, checkpoint.audit(words, mtbf=mtbf, **design))
        for design in designs(words)
        for mtbf in (words.mtbf, words.later_mtbf)
    ]
    # A hearable's flash takes power while it is busy: its milliwatt is the stricter of the two.
    for name in set(words.limits) - ({"busy"} if track == "tiny" else set()):
        assert any(not one[name] and sum(one.values()) == len(one) - 1 for one in kept), name


@EACH
def test_the_ops_lead_speaks_after_the_first_good_answer_and_a_reload_remembers(track, sent):  # noqa: F811
    lab = locked(track)
    bench, words = lab.workbench, TRACKS[track].checkpoint
    bench.commit.click()
    assert "Not yet" in bench._answer.value and bench._ops.value == ""
    later = good(words, words.later_mtbf)
    first = next(design for design in good(words, words.mtbf) if design not in later)
    put(bench, **first)
    bench.commit.click()
    assert "keeps to every limit" in bench._answer.value and words.report[:20] in bench._ops.value
    assert bench.mtbf.value == words.later_mtbf
    bench.mtbf.value = words.mtbf
    bench.commit.click()  # the same design does not answer the report
    assert bench.mtbf.value == words.later_mtbf
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
    attempts = again._ledger.attempts["checkpoint"]
    assert [attempt["outcome"]["good"] for attempt in attempts] == [False, True, False, True]
    assert again._ledger.attempts == json.loads(again._ledger.dumps())["attempts"]


def test_an_easier_fleet_does_not_count():
    bench, words = locked().workbench, TRACKS["cloud"].checkpoint
    put(bench, **good(words, words.mtbf)[0], mtbf=words.mtbfs[-1])
    bench.commit.click()
    assert bench._ledger.attempts["checkpoint"][0]["settings"]["mtbf"] == words.mtbf


@EACH
def test_outcomes_can_be_worked_out_anew(track):
    lab = locked(track)
    for strategy in ("replicated", "local"):
        lab.workbench.strategy.value = strategy
        lab.workbench.commit.click()
    attempts = json.loads(lab.ledger.dumps())["attempts"]["checkpoint"]
    for attempt in attempts:
        assert checkpoint.outcome(TRACKS[track], attempt["settings"], []) == attempt["outcome"]
    lines = list(checkpoint.summary(TRACKS[track], lab.ledger))
    assert len(lines) == 2 and all("goes into the run" in line for line in lines)


@EACH
def test_simulated_runs_lie_around_the_curve(track):
    bench, words = locked(track).workbench, TRACKS[track].checkpoint
    put(bench, **good(words, words.mtbf)[0])
    bench.simulate.value = True
    points = len(bench.plot._runs.x)
    assert points > 50
    low, high = bench.plot._spread.y[-1]  # at the reader's own interval, 5 to 95 %
    # The mean of 24 runs lies nearer than any of them: the band of single runs holds it.
    assert low <= bench.plot._here.y[0] <= high
    bench.simulate.value = False
    assert len(bench.plot._runs.x) == 0 and bench._runs.value == ""


def test_settings_that_no_longer_exist_are_passed_over():
    lab = locked()
    lab.ledger.settings["checkpoint"] = {"interval": 11.5, "store": "Drum", "strategy": "local"}
    bench = opened(lab.ledger.dumps()).workbench
    assert bench.strategy.value == "local" and bench.interval.value == 1 * HOUR


@EACH
def test_a_recorded_attempt_of_another_make_does_no_harm(track):
    lab = locked(track)
    lab.ledger.attempts["checkpoint"] = [{"settings": {}, "outcome": {"good": 1}, "time": ""}]
    again = opened(lab.ledger.dumps()).workbench
    assert again._ops.value == "" and list(checkpoint.summary(TRACKS[track], lab.ledger)) == []


def test_the_numbers_of_the_tracks_are_those_of_their_sources():
    cloud = TRACKS["cloud"].checkpoint
    # Fact tables: 6.50 failures in 1,000 node-days on 1,024 nodes are 3.606 h; 14 B for each of
    # 70.55e9 parameters are 988 GB.
    assert cloud.mtbf / HOUR == pytest.approx(3.606, abs=5e-4)
    assert cloud.states[1].size == pytest.approx(988e9, rel=1e-3)
    assert cloud.work == 30 * DAY and cloud.asked == 10 * MINUTE
    assert TRACKS["mobile"].checkpoint.limits["pause"].value == 50 * MS
    assert TRACKS["edge"].checkpoint.limits["pause"].value < 10 * MS
    # 4 KiB in 45 ms of erasing and 16 pages of 0.8 ms.
    tiny = TRACKS["tiny"].checkpoint
    assert tiny.stores[1].bandwidth == pytest.approx(4096 / 57.8e-3)
    assert math.isinf(cloud.wear_area) and tiny.wear_area == 65_536
    # 1000 MB/s for each of 10 and 100 TiB, and 2 TB/s; two lines of UFS; all in GB/s.
    assert [store.bandwidth / 1e9 for store in cloud.stores] == [10, 100, 2000]
    assert [store.bandwidth / 1e9 for store in TRACKS["mobile"].checkpoint.stores[2:]] == [1.2, 2.8]
