"""Part 2 without a widget: what it evaluates, judges and says."""

import dataclasses

import numpy as np
import pytest

from iowall.models import streaming
from iowall.parts import pipeline, pipeline_text
from iowall.parts.pipeline_size import EPOCHS, SIZES
from iowall.scenarios import TRACKS
from iowall.units import MS, US

EACH = pytest.mark.parametrize("track", TRACKS.values(), ids=TRACKS)
PREDICTION = {"option": "depends", "estimate": 3.0}
# Designs that meet the goal, found by hand on the sliders.
GOOD = {
    key: dict(zip(pipeline.DESIGN, design, strict=True))
    for key, design in {
        "cloud": ("8 GB", "10 Gbit/s", "1 GB/s", "6 TB", "pinned"),
        "edge": ("0.5 GB", "5 Gbit/s", "2 GB/s", "1 TB", "marked"),
        "mobile": ("80 MB", "10 Gbit/s", "2 GB/s", "2.5 GB", "pinned"),
        "tiny": ("16 kB", "6 Mbit/s", "3 MB/s", "256 kB", "minute"),
    }.items()
}


def evaluated(track, **settings):
    return pipeline.evaluate(track, settings)


def tried(track, **settings):
    """An attempt as a lab keeps it."""
    result = evaluated(track, **settings)
    design = {name: result.settings[name] for name in pipeline.DESIGN}
    return {"settings": design, "outcome": pipeline.outcome(result), "version": "1", "time": "t"}


def last(track, part):
    """The name of a slider's last step."""
    return pipeline.options(track)[part][-1].name


def changed(track, **scenario):
    return dataclasses.replace(track, pipeline=dataclasses.replace(track.pipeline, **scenario))


def without(track, part, value):
    """The same track with a slider that has one step less."""
    sliders = dict(track.pipeline.sliders)
    slider = sliders[part]
    steps = tuple(step for step in slider.steps if step != value)
    sliders[part] = dataclasses.replace(slider, steps=steps)
    return changed(track, sliders=sliders)


class Work:
    def __init__(self, attempts):
        self.attempts = attempts


# Settings


@EACH
def test_every_setting_is_evaluated_and_said(track):
    for control, offered in pipeline.options(track).items():
        for option in offered:
            for epoch in EPOCHS:
                result = evaluated(track, **{"epoch": epoch, control: option.name})
                said = pipeline.say(result, PREDICTION)
                texts = [said.verdict, said.diagnosis, said.arrives, said.meaning, said.mismatch]
                texts += [*said.notes, *said.costs.values(), *map(" ".join, said.facts)]
                assert not any("nan" in text or "inf" in text for text in texts), option
                assert np.isfinite([*result.shown.carried, *result.shown.at_work]).all()


@EACH
def test_a_result_holds_still(track):
    result = evaluated(track)
    assert result.settings == pipeline.start(track) | {"epoch": "cold", "moved": "link"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.price = 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"link": "4 Gbit/h"}, "link cannot be '4 Gbit/h'; it can be 1 Gbit/s, 2 Gbit/s"),
        ({"policy": "magic"}, "policy cannot be 'magic'; it can be random, pinned"),
        ({"epoch": "third"}, "epoch cannot be 'third'; it can be cold, warm"),
        ({"moved": "x"}, "moved cannot be 'x'; it can be buffer, link"),
        ({"disk_size": None}, "disk_size cannot be 'None'"),
    ],
)
def test_what_cannot_be_set_gets_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        evaluated(TRACKS["cloud"], **settings)


def test_a_quantity_that_is_no_step_is_taken_as_it_is():
    result = evaluated(TRACKS["cloud"], link="4.5 Gbit/s")
    assert result.design["link"] == pytest.approx(4.5e9 / 8)
    # Between 4 and 5 Gbit/s, the fourth and the fifth step.
    assert result.curve.here == pytest.approx(3.5)


@EACH
def test_a_slider_seen_at_once_is_the_slider_seen_step_by_step(track):
    for part in SIZES:
        curve = evaluated(track, moved=part).curve
        alone = [
            evaluated(track, **{part: one.name, "moved": part})
            for one in pipeline.options(track)[part]
        ]
        assert curve.run == pytest.approx([one.utilization for one in alone])
        assert curve.cold == pytest.approx([one.busy.cold for one in alone])
        assert curve.warm == pytest.approx([one.busy.warm for one in alone])
        assert [one.curve.here for one in alone] == list(range(len(alone)))


# The physics that the lab is about


@EACH
def test_more_local_room_behind_a_slow_link_helps_in_one_kind_of_epoch_only(track):
    policy = next(key for key, one in track.pipeline.policies.items() if one.cache == "pinned")
    before = evaluated(track, policy=policy).rates
    after = evaluated(track, policy=policy, disk_size=last(track, "disk_size")).rates
    cold, warm = after.cold.line / before.cold.line, after.warm.line / before.warm.line
    helped, not_helped = (warm, cold) if track.direction == "read" else (cold, warm)
    assert helped > 1.1 and not_helped == pytest.approx(1)


@pytest.mark.parametrize("track", ["mobile", "tiny"])
def test_the_same_order_and_lru_serve_nothing_until_all_fits(track):
    for room in pipeline.options(TRACKS[track])["disk_size"]:
        result = evaluated(TRACKS[track], disk_size=room.name)
        assert result.moments["warm"].share == 1


def test_the_edges_two_times():
    # By hand: a shift makes 5 TB; 0.5 TB of room keeps a tenth of it in the first shift; half an
    # hour of 1 Gbit/s uploads 225 GB, 4.5 % of the next.
    busy = evaluated(TRACKS["edge"]).busy
    assert busy.cold == pytest.approx(0.1) and busy.warm == pytest.approx(0.045)


def test_what_a_ring_remembers():
    # 32 GB hold 23 s of 1.39 GB/s, 16 GB hold 11.5 s: an event asks for 20 s.
    for ring, enough in (("16 GB", False), ("32 GB", True)):
        result = evaluated(TRACKS["edge"], policy="scenes", buffer=ring)
        assert result.goals["as_promised"] == enough
    assert result.promise.look_back == pytest.approx(23, abs=0.1)


def test_a_suspended_erase_needs_one_frame_and_a_blocking_one_more_than_there_is():
    design = {"link": "16 Mbit/s", "disk_size": "192 kB", "buffer": "64 kB"}
    gap = lambda policy: evaluated(TRACKS["tiny"], policy=policy, **design).promise.gap  # noqa: E731
    # 108 of 300 kB come over the bus: 10.8 kB for each 10 ms, so 64 kB hold 5 of them, 50 ms.
    frame = 10 * MS * 3e6 / (16e6 / 8 / (108 / 300))
    frame = max(frame, 10 * MS * 3e6 / (2e6 / (192 / 300)))  # the SRAM's own 2 MB/s
    assert gap("pinned") == pytest.approx(400 * MS + frame - 50 * MS)
    assert gap("suspended") == 0


def test_wear_is_the_number_of_erases():
    life = lambda policy: evaluated(TRACKS["tiny"], policy=policy).promise.life  # noqa: E731
    # 256 sectors of 4 KiB, 100,000 times each, one a second: 25.6 million seconds.
    assert life("pinned") == pytest.approx(25.6e6)
    assert life("minute") == pytest.approx(60 * 25.6e6)


@pytest.mark.parametrize(
    ("frames", "read", "stall", "every"),
    [(1, 5, 45, 100), (4, 5, 45, 100), (5, 5, 45, 100), (30, 7, 250, 100), (26, 9, 250, 100),
     (3, 16, 45, 100), (6, 9.5, 60, 50)],
)  # fmt: skip
def test_skipped_frames_against_a_simulation(frames, read, stall, every):
    """A reader that jumps to the present, millisecond numbers, frames of 10 ms."""
    clock, wanted, served, count = 0.0, 0, 0, 60 * every
    next_stall = 10.0 * every
    while wanted < count:
        clock = max(clock, 10.0 * (wanted - frames))  # no room for it before
        done = clock + read
        if done > next_stall:
            done, next_stall = done + stall, next_stall + 10.0 * every
        served += done <= 10.0 * wanted + 1e-9
        clock, wanted = done, max(wanted + 1, int(np.ceil((done + read) / 10.0 - 1e-9)))
    model = streaming.skipped_share(
        frames_ahead=frames, frame_time=10, read_time=read, stall_probability=1 / every,
        stall_time=stall,
    )  # fmt: skip
    assert 1 - served / count == pytest.approx(model, abs=0.035)


def test_skipped_frames_in_the_limits():
    shares = streaming.skipped_share(
        frames_ahead=np.array([0, 1, 2, 1, np.inf]),
        frame_time=10 * MS,
        read_time=np.array([5, 5, 20, 20, 5]) * MS,
        stall_probability=np.array([0, 0, 0, 0, 0.01]),
        stall_time=400 * MS,
    )
    # No room; no stall; twice too slow; the same with a frame held for half of the read; a stall
    # that unlimited room outlasts once refilled.
    assert shares == pytest.approx([1, 0, 0.5, 1, 0])
    tie = streaming.skipped_share(
        frames_ahead=5, frame_time=10 * MS, read_time=5 * MS, stall_probability=0.01,
        stall_time=45 * MS,
    )  # fmt: skip
    assert tie == 0
    assert streaming.skipped_share(
        frames_ahead=1,
        frame_time=10 * MS,
        read_time=5 * MS,
        stall_probability=1,
        stall_time=30 * US,
    ) == pytest.approx(0)


# Goals, and what is missed


@EACH
def test_the_goal_can_be_reached_but_not_by_every_design(track):
    good = pipeline.successes(track)
    share = sum(one.sum() for one in good.values()) / sum(one.size for one in good.values())
    assert 0.0005 < share < 0.02


@EACH
def test_everything_to_the_right_does_not_win(track):
    most = {part: last(track, part) for part in SIZES}
    for policy in track.pipeline.policies:
        result = evaluated(track, policy=policy, **most)
        assert result.goals["fed"]  # at any price
        assert not (result.good or result.goals["within_budget"] or result.goals["balanced"])


@EACH
def test_the_arrival_does_not_win_and_its_link_binds(track):
    result = evaluated(track)
    assert not result.good
    assert result.moments["warm"].binding == "link"
    assert result.missed["fed"] == ("tier", "link", result.busy.warm, "warm")


@EACH
def test_good_designs_are_good(track):
    result = evaluated(track, **GOOD[track.key])
    assert result.good and not result.missed and not result.misses
    assert set(result.goals) == set(pipeline_text.goals(track.pipeline))
    assert "meets the goal" in pipeline.said(track, tried(track, **GOOD[track.key]), 1)


@EACH
def test_what_is_missed_is_data(track):
    """Each cause is the number that its goal compares."""
    result = evaluated(track, **{part: last(track, part) for part in SIZES})
    part = result.missed["balanced"]
    assert part.kind == "part" and part.value == result.over[part.what] > 3
    price = result.missed["within_budget"]
    assert price == ("price", "", sum(result.costs.values()), "") and price.value > 0
    assert price.value > track.pipeline.budget
    assert len(result.misses) == len(result.missed)


def test_each_promise_that_breaks_is_named():
    broken = {
        ("edge", "scenes", "16 GB"): "look_back",
        ("tiny", "pinned", "64 kB"): "gap",
        ("tiny", "suspended", "64 kB"): "life",
    }
    for (track, policy, buffer), kind in broken.items():
        result = evaluated(TRACKS[track], **GOOD[track] | {"policy": policy, "buffer": buffer})
        cause = result.missed["as_promised"]
        assert cause.kind == kind and cause.value == getattr(result.promise, kind)


def test_what_holds_the_line_up():
    tiny = TRACKS["tiny"]
    no_frame = evaluated(tiny, **GOOD["tiny"] | {"policy": "lru"}).causes["fed"]
    assert no_frame.kind == "frame" and no_frame.value == 0
    # 4 Mbit/s read 30 kB in 60 ms, and a ring of 64 kB holds two of them: 20 ms.
    slow = evaluated(tiny, link="4 Mbit/s")
    assert slow.causes["fed"].kind == "read" and slow.utilization == 0
    assert "not fed (later passes: reading a frame takes longer than the ring lasts)" in (
        slow.misses[0].lower()
    )
    assert "Reading a frame takes longer than the ring lasts" in (
        pipeline.say(slow, PREDICTION).diagnosis
    )
    # Room for one batch of 367 MB; the NVMe has all data, and more than the 1.638 GB/s asked for.
    cloud = TRACKS["cloud"]
    ample = {part: last(cloud, part) for part in SIZES}
    late = evaluated(cloud, **ample | {"buffer": "0.5 GB", "disk_bandwidth": "2 GB/s"})
    assert late.missed["fed"].kind == "jitter"
    assert late.misses[0] == "Not fed (later epochs: jitter and pauses)."


# The verdict


def verdict(track, prediction=PREDICTION, **settings):
    result = evaluated(TRACKS[track], **settings)
    return pipeline.say(result, prediction).verdict


def test_the_verdict_asks_for_what_the_prediction_was_about():
    depends = {"option": "depends", "estimate": 3.0}
    assert "added nothing behind it yet" in verdict("cloud", depends)
    added = {"disk_size": "10 TB", "policy": "pinned", "disk_bandwidth": "2 GB/s"}
    # By hand: 0.5 GB/s over 0.9 is 0.556 GB/s with 1 TB; with 10 TB the GPUs get their 1.638: 2.95.
    text = verdict("cloud", depends, **added)
    assert "2.95 times" in text and "first epoch 1 and later epochs 2.95" in text
    assert "the model says the same" in text
    assert "is no bottleneck" in verdict("cloud", depends, **added, link="100 Gbit/s")


def test_never_is_right_where_an_lru_cache_reads_in_order():
    never = {"option": "never", "estimate": 1.0}
    text = verdict("mobile", never, disk_size="3 GB")
    assert "the model says the same and 1 times: right on the spot" in text
    pinned = verdict("mobile", never, disk_size="3 GB", policy="pinned")
    assert "It depends on the pass" in pinned


def test_the_reflection_has_the_readers_own_numbers():
    text = pipeline.say(evaluated(TRACKS["cloud"]), PREDICTION).mismatch
    # The arrival: 4 Gbit/s write 0.5 GB/s into a drive of 1 GB/s; 0.5 of 1.638 GB/s are 30.5 %.
    # Two batches of 367 MB fit into 1 GB and leave jitter nothing: ρ = 0.305 and K = 1 + 5.14 +
    # 1/0.3² = 17.2, so that ρ^K is 1e-9.
    assert "the NVMe is 50 % idle, while the GPUs starve: 30.5 % instead of 100 %" in text


# Attempts


def test_iterations_are_counted_by_tens():
    missed, met = ({"outcome": {"met": truth}} for truth in (False, True))
    assert [pipeline.left([missed] * n) for n in (0, 1, 9, 10, 11)] == [10, 9, 1, 10, 9]
    assert pipeline.left([missed] * 9 + [met]) == 0
    assert pipeline.reached([missed, met, met]) == 2 and pipeline.reached([missed]) == 0


@EACH
@pytest.mark.parametrize("which", ["start", "last"])
def test_a_step_that_is_gone_hides_no_attempt(track, which):
    """It is shown, counted, explained as far as can be, and drawn where its value stands."""
    other = tried(track, link=pipeline.options(track)["link"][0].name)
    attempt = tried(track) if which == "start" else tried(track, link=last(track, "link"))
    name, steps = attempt["settings"]["link"], track.pipeline.sliders["link"].steps
    n = [option.name for option in pipeline.options(track)["link"]].index(name)
    later = without(track, "link", steps[n])
    assert name not in [option.name for option in pipeline.options(later)["link"]]
    attempts = [attempt, other]
    assert pipeline.whole(later, attempts) == attempts
    assert name in pipeline.table(later, attempts)[1]
    (place, utilization), _ = pipeline.path(later, "link", attempts)
    assert utilization == attempt["outcome"]["utilization"]
    if which == "start":
        share = (steps[n] - steps[n - 1]) / (steps[n + 1] - steps[n - 1])
        assert place == pytest.approx(n - 1 + share)
        assert pipeline.said(later, attempt, 1) == pipeline.said(track, attempt, 1)
    else:  # beyond all that is offered now
        assert n - 1 < place < n
        assert pipeline.again(later, attempt) is None
        missed = ", ".join(f"not {pipeline_text.GOALS[goal]}" for goal in later.pipeline.goals
                           if not attempt["outcome"][goal])  # fmt: skip
        assert pipeline.said(later, attempt, 1).lower().endswith(f". {missed}.")
    assert "came nearest" in pipeline.hint(later, attempts)
    worst = min(attempts, key=lambda one: one["outcome"]["utilization"])
    assert f"your attempt {1 + attempts.index(worst)}" in pipeline.mismatch(later, attempts)
    assert len(list(pipeline.summary(later, Work(attempts)))) == 2


def test_a_policy_that_is_gone_hides_no_attempt():
    cloud = TRACKS["cloud"]
    attempt = tried(cloud)
    attempt["settings"]["policy"] = "oracle"
    assert pipeline.whole(cloud, [attempt]) == [attempt]
    assert pipeline.table(cloud, [attempt])[1][-1] == "oracle"
    assert "Attempt 1: 30" in pipeline.said(cloud, attempt, 1)
    assert pipeline.mismatch(cloud, [attempt]) == ""


@pytest.mark.parametrize(
    ("settings", "numbers"),
    [
        ({"a": 1}, {}),
        ({"link": 5e8}, {}),
        ({"link": "wide"}, {}),
        ({"policy": 3}, {}),
        ({}, {"utilization": "all"}),
        ({}, {"price": None}),
    ],
)
def test_what_is_no_attempt_is_neither_shown_nor_counted(settings, numbers):
    one = tried(TRACKS["cloud"])
    settings = one["settings"] | settings if settings != {"a": 1} else settings
    odd = {"settings": settings, "outcome": one["outcome"] | numbers, "time": "t"}
    assert pipeline.whole(TRACKS["cloud"], [odd, one]) == [one]
    assert pipeline.whole(TRACKS["cloud"], [{"settings": {}, "outcome": {}}]) == []


@EACH
def test_what_a_hint_names_leads_to_a_good_design(track):
    attempts = [tried(track, buffer=one.name) for one in pipeline.options(track)["buffer"][:2]]
    text = pipeline.hint(track, attempts)
    result = evaluated(track, **pipeline.nearest(attempts)["settings"])
    way = pipeline.nearest_success(result)
    design = dict(result.settings)
    assert f"{len(way)} change" in text
    for part in SIZES:
        options = pipeline.options(track)[part]
        here = pipeline.place(track, part, result.design[part])
        design[part] = options[int(here + way.get(part, 0))].name
        title = track.pipeline.sliders[part].title
        for word in ("more", "less"):
            wanted = way.get(part, 0) * (1 if word == "more" else -1) > 0
            assert (f"{title}: {word}" in text) == wanted
    policies = track.pipeline.policies if "policy" in way else [design["policy"]]
    assert any(evaluated(track, **design | {"policy": policy}).good for policy in policies)


@pytest.mark.parametrize(("track", "hidden"), [("cloud", "policy"), ("tiny", "disk_bandwidth")])
def test_a_hint_moves_only_what_can_be_moved(track, hidden):
    track = TRACKS[track]
    assert hidden in pipeline.nearest_success(evaluated(track))
    controls = tuple(name for name in track.pipeline.controls if name != hidden)
    way = pipeline.nearest_success(evaluated(changed(track, controls=controls)))
    assert way and hidden not in way


def test_a_goal_that_no_design_meets_is_said():
    poor = changed(TRACKS["cloud"], budget=1)
    assert pipeline.hint(poor, [tried(poor)]).endswith(
        "No design that is offered here does it all."
    )


@EACH
def test_every_number_says_where_it_comes_from(track):
    words = track.pipeline
    assert all(len(slider.source) > 15 for slider in words.sliders.values())
    assert all(len(source) > 15 for source in words.sources.values())
    assert {"store_bandwidth", "memory_bandwidth", "epochs"} <= set(words.sources)
    assert set(words.sliders) == set(SIZES)
    for part in SIZES:
        names = [option.name for option in pipeline.options(track)[part]]
        assert words.start[part] in names
        assert len(names) == len(set(names)) == len(words.sliders[part].steps)
        assert list(words.sliders[part].steps) == sorted(set(words.sliders[part].steps))
