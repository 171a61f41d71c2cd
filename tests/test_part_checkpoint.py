"""Part 3 without a widget: what `evaluate` finds, and what `say` makes of it."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest

from iowall.parts import checkpoint, checkpoint_text
from iowall.scenarios import TRACKS
from iowall.units import DAY, HOUR, MINUTE, MS

EACH = pytest.mark.parametrize("track", TRACKS)
PREDICTION = {"option": "shorten", "estimate": 3.0, "reason": "Less is lost."}


def arrival(track, **settings):
    """What is found on arrival, but for some settings."""
    return checkpoint.evaluate(track, checkpoint.start(track) | settings)


def attempt(track, settings, **outcome):
    """An attempt as the lab puts it into the ledger."""
    kept = checkpoint.outcome(checkpoint.evaluate(track, settings)) | outcome
    return {"settings": settings, "outcome": kept, "version": "1", "time": ""}


def results(track, mtbf):
    """Every design that the controls allow, for one mean time between failures."""
    offered = checkpoint.options(track) | {"mtbf": [SimpleNamespace(name=mtbf)]}
    for chosen in itertools.product(*offered.values()):
        names = (option.name for option in chosen)
        yield checkpoint.evaluate(track, dict(zip(offered, names, strict=True)))


@pytest.fixture(scope="module")
def every():
    """All designs of a track, for the fleet as it is first and as it is later."""
    found = {}

    def of(track):
        if track not in found:
            mtbfs = checkpoint.reports(TRACKS[track])
            found[track] = [list(results(TRACKS[track], mtbf)) for mtbf in mtbfs]
        return found[track]

    return of


@EACH
def test_nothing_above_the_lock_gives_the_answer(track):
    words = TRACKS[track].checkpoint
    said = f"{words.situation} {words.question} {words.estimate}".lower()
    assert "lengthen or shorten" in said and "10 minutes" in said
    for giveaway in ("waste", "young", "optim", "shard", "best"):
        assert giveaway not in said


def test_all_three_answers_are_right_somewhere():
    answers = {checkpoint.answer(track).option for track in TRACKS.values()}
    assert answers == {"shorten", "lengthen", "same"}


def test_the_verdict_names_both_and_the_factor_between():
    text = checkpoint.say(arrival(TRACKS["cloud"]), PREDICTION).verdict
    # Worked out apart from this code: a save of 1,024 × 350 GB at 100 GB/s is 3,584 s, and
    # reading as much back takes as long. With M = 12,981 s (3.606 h) and R = 300 + 3,584 s,
    # M e^(R/M) (e^(4184/M) - 1) / 600 = 12,981 · 1.3488 · 0.3803 / 600 = 11.1 and
    # M e^(R/M) (e^(7184/M) - 1) / 3600 = 12,981 · 1.3488 · 0.7392 / 3600 = 3.60.
    assert "Shorten it" in text and "Lengthen it" in text
    assert "11.1 times: a factor of 3.7 off" in text
    assert "That is for every 10 min; every 60 min it takes 3.6 times." in text


def test_the_storm_is_caused_and_cured():
    track = TRACKS["cloud"]
    storms = {
        (state.name[:3], strategy.name): arrival(
            track, state=state.name, strategy=strategy.name
        ).pause
        for state in checkpoint.options(track)["state"]
        for strategy in checkpoint.options(track)["strategy"]
    }
    # Bytes over bandwidth, by hand: 1,024 × 350 GB, 350 GB and 350 GB at 100, 50 and 100 GB/s; the
    # local copy is 342 MB at 7 GB/s. 988 GB is 70.55e9 × 14 B.
    assert storms["350", "replicated"] == pytest.approx(3584)
    assert storms["350", "single"] == pytest.approx(7)
    assert storms["350", "sharded"] == pytest.approx(3.5)
    assert storms["350", "local"] == pytest.approx(0.0488, rel=1e-3)
    assert storms["988", "replicated"] == pytest.approx(1024 * 9.8775, rel=1e-4)
    said = checkpoint.say(arrival(track), PREDICTION)
    assert said.written == "358 TB, 1,024 copies of 350 GB"
    # Both sizes are told, whichever is chosen.
    save = next(fact for fact in said.facts if fact.name == "One save takes")
    assert save.value == "59.7 min" and "2.81 h for 988 GB" in save.note


def test_the_storm_comes_back_after_a_failure():
    track = TRACKS["cloud"]
    # By hand, as for writing: 1,024 × 350 GB at 100 GB/s, 350 GB through one port of 50 GB/s, and
    # 350 GB at 100 GB/s; on top of the 300 s of starting again.
    for strategy, read in {"replicated": 3584, "single": 7, "sharded": 3.5, "local": 3.5}.items():
        result = arrival(track, strategy=strategy)
        assert result.read_time == pytest.approx(read)
        assert result.restart_time == pytest.approx(300 + read)
    fact = next(
        one for one in checkpoint.say(arrival(track), PREDICTION).facts if "back" in one.name
    )
    assert (fact.name, fact.value) == ("Reading it back", "59.7 min")
    assert fact.note == "after each failure: every node reads all of it"


def test_flash_is_read_faster_than_it_is_written():
    # 4 KiB over four lines of 133 MHz: 61.6 µs, where erasing and writing takes 57.8 ms.
    result = arrival(TRACKS["tiny"])
    assert result.read_time == pytest.approx(4096 / 66.5e6)
    assert result.pause == pytest.approx(57.8e-3)


def test_a_failed_node_takes_the_save_that_has_not_drained():
    """The goodput by hand, from Daly's equation and what a lost save takes."""
    big = {"strategy": "local", "state": "988 GB, what resuming needs", "interval": "10 min"}
    result = arrival(TRACKS["cloud"], **big)
    mtbf, size = 1000 * DAY / 6.5 / 1024, 70_553_706_496 * 14
    drain, pause = size / 100e9, size / 1024 / 7e9
    a = (600 + pause) / mtbf
    kept = math.exp(-(300 + drain) / mtbf) * a / math.expm1(a) * 600 / (600 + pause)
    assert result.goodput == pytest.approx(kept * math.exp(-drain / mtbf), rel=1e-9)
    said = checkpoint.say(result, PREDICTION)
    note = next(fact.note for fact in said.facts if fact.name == "Reading it back")
    assert "a failure within 9.88 s of a save takes that save too" in note
    for track in ("edge", "mobile", "tiny"):  # there it outlives what fails
        result = arrival(TRACKS[track], strategy="local")
        assert result.local_loss == 0
        assert "too" not in checkpoint.say(result, PREDICTION).facts[-1].note


def never_ends():
    track = TRACKS["cloud"]
    offered = checkpoint.options(track)
    return arrival(track, store=offered["store"][0].name, state=offered["state"][1].name)


def test_a_run_that_never_ends_is_said_to():
    result = never_ends()
    assert not result.ends and not result.good and math.isinf(result.wall_time)
    said = checkpoint.say(result, PREDICTION)
    assert said.facts[0].value == "no end" and "never ends" in said.verdict
    assert "This run never ends" in result.misses[0]
    simulated = checkpoint_text.simulated(result, checkpoint.simulate(result))
    assert "fail too often to be simulated" in simulated


def test_a_store_that_cannot_drain_is_said_not_to():
    track = TRACKS["cloud"]
    store = checkpoint.options(track)["store"][0].name
    result = arrival(track, strategy="local", store=store, interval="30 s")
    assert result.ends and not result.drains and not result.good
    assert "The store cannot drain" in result.misses[0]
    assert checkpoint.outcome(result)["busy"] == 1


@EACH
def test_what_is_good_is_a_field_and_the_sentences_follow_from_it(track, every):
    for result in itertools.chain(*every(track)):
        assert result.good == (not result.misses)
        assert len(result.misses) == (not result.ends) + (not result.drains) + len(result.missed)
        assert result.goals == {one.name: one not in result.missed for one in result.limits}


@EACH
def test_no_number_is_missing_anywhere(track, every):
    for result in itertools.chain(*every(track)):
        said = checkpoint.say(result, PREDICTION)
        texts = [said.verdict, said.meaning, said.written, *result.misses]
        texts += [text for fact in (*said.facts, *said.limits) for text in fact]
        text = " ".join(texts).lower().replace("information", "")
        assert "nan" not in text and "inf" not in text
        for share in (*result.waste, *result.curve.waste):
            assert np.isfinite(share).all()


@EACH
def test_each_track_has_good_answers_but_not_many_and_none_on_arrival(track, every):
    first, second = (
        [{**one.settings, "mtbf": ""} for one in many if one.good] for many in every(track)
    )
    count = len(every(track)[0])
    assert 0.01 < len(first) / count < 0.4 and 0.005 < len(second) / count < len(first) / count
    assert not arrival(TRACKS[track]).good
    # What answers the first report need not answer the second.
    assert any(design not in second for design in first)
    # A small reserve is no accident: not only one interval does.
    assert len({design["interval"] for design in second}) > 1


@EACH
def test_each_limit_stands_in_the_way_of_something(track, every):
    kept = [result.goals for result in itertools.chain(*every(track))]
    # A hearable's flash takes power while it is busy: its milliwatt is the stricter of the two.
    for name in set(kept[0]) - ({"busy"} if track == "tiny" else set()):
        assert any(not one[name] and sum(one.values()) == len(one) - 1 for one in kept), name


@EACH
def test_simulated_runs_lie_around_the_curve(track, every):
    result = next(one for one in every(track)[0] if one.good)
    simulation = checkpoint.simulate(result)
    assert simulation.waste.size > 50 and simulation.interval[-1] == result.interval
    low, high = simulation.spread
    # The mean of 24 runs lies nearer than any of them: the band of single runs holds it.
    assert low <= result.waste.total <= high


@EACH
def test_mtbfs_are_named_by_their_factor_on_arrivals(track):
    track = TRACKS[track]
    for option in checkpoint.options(track)["mtbf"]:
        above, _, below = option.name.partition("/")
        factor = int(above) / int(below or 1)
        assert option.value == pytest.approx(factor * track.checkpoint.mtbf)
    first, later = checkpoint.reports(track)
    assert first == checkpoint.start(track)["mtbf"] == "1"
    assert arrival(track, mtbf=later).mtbf == pytest.approx(track.checkpoint.later_mtbf)


@EACH
def test_a_step_or_a_store_that_is_no_longer_offered_hides_no_attempt(track, every):
    track = TRACKS[track]
    good = dict(next(one for one in every(track.key)[0] if one.good).settings)
    before = [attempt(track, good), attempt(track, checkpoint.start(track))]
    old = before + [
        {**one, "settings": one["settings"] | {"interval": "11.5 s", "store": "Drum"}}
        for one in before
    ]
    assert checkpoint.stage(track, old[2:]) == checkpoint.stage(track, old) == 1
    lines = list(checkpoint.described(track, old))
    assert len(lines) == 4 and "✓ Good: every 11.5 s" in lines[2] and "Drum" in lines[2]
    assert checkpoint.misses(track, old[2]) == ()
    assert checkpoint.misses(track, old[3]) == (checkpoint_text.GONE,)


@EACH
def test_a_recorded_attempt_of_another_make_does_no_harm(track):
    track = TRACKS[track]
    whole = attempt(track, checkpoint.start(track))
    wrong = [
        {"settings": {}, "outcome": {"good": 1}},
        whole | {"settings": whole["settings"] | {"interval": 600.0}},
        whole | {"outcome": whole["outcome"] | {"busy": "often"}},
        whole | {"outcome": {"good": True}},
    ]
    assert checkpoint.whole(track, [*wrong, whole]) == [whole]
    assert checkpoint.stage(track, wrong) == 0
    assert list(checkpoint.summary(track, SimpleNamespace(attempts=wrong))) == []


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
