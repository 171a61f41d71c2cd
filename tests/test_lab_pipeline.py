"""The lab of Part 2, moved by its public controls and read by its traits."""

import json

import numpy as np
import pytest

from iowall.labs import open_lab
from iowall.parts import pipeline
from iowall.parts.pipeline_size import EPOCHS, SIZES
from iowall.scenarios import TRACKS
from iowall.views.sankey import DataFlowSankey
from tests.test_lab_access import answer, classes, kept, sent  # noqa: F401
from tests.test_part_pipeline import GOOD

EACH = pytest.mark.parametrize("track", TRACKS.values(), ids=TRACKS)


def opened(text=""):
    lab = open_lab("pipeline")
    answer(lab, "opened", text)
    return lab


def locked(track="cloud", option="depends", estimate="3"):
    lab = opened()
    lab.tracks[track].click()
    lab.lock.option.value, lab.lock.estimate.value = option, estimate
    lab.lock.reason.value = "Because of the link."
    lab.lock.submit.click()
    return lab


def put(bench, settings):
    """Set controls by name."""
    for name, value in settings.items():
        bench.controls[name].value = value


def design(bench):
    return {name: bench.positions[name] for name in pipeline.DESIGN}


def instruments(bench):
    return bench.sankey, bench.gauge, bench.saturation, bench.math


def attempts(lab):
    return lab.ledger.of("pipeline").attempts


@pytest.fixture
def evaluated(monkeypatch):
    """The settings of each evaluation."""
    calls, evaluate = [], pipeline.evaluate

    def counted(track, settings):
        calls.append(dict(settings))
        return evaluate(track, settings)

    monkeypatch.setattr(pipeline, "evaluate", counted)
    return calls


# The lock


@EACH
def test_nothing_of_the_workbench_is_there_before_the_lock(track):
    lab = opened()
    lab.tracks[track.key].click()
    assert "iowall-lock" in classes(lab) and lab.workbench is None
    assert not {"iowall-workbench", "iowall-instrument", "iowall-reflection"} & set(classes(lab))


@EACH
def test_nothing_above_the_lock_gives_the_answer(track):
    words = track.pipeline
    said = " ".join([words.situation, words.question, words.estimate]).lower()
    for giveaway in ("cold", "warm", "first", "later", "no help", "does not help", "idle"):
        assert giveaway not in said
    assert set(words.options) == {"always", "never", "depends"}


def test_the_lock_is_bound_in_its_own_words():
    lab = locked("edge")
    assert "3 times as much kept" in lab.stage.children[1].children[0].value


# Controls and pictures


@EACH
def test_every_setting_can_be_shown(track):
    bench = locked(track.key).workbench
    start = bench.positions
    for name, control in bench.controls.items():
        for _, option in control.options:
            control.value = option
            for epoch in EPOCHS if name != "epoch" else ():
                bench.epoch.value = epoch
            texts = [one._sentence.value for one in instruments(bench)]
            texts += [bench._verdict.value, bench._numbers.value, bench._mismatch.value]
            assert not any("nan" in text or "inf" in text for text in texts), (name, option)
            for mark in (bench.sankey._flows, bench.sankey._walls, bench.gauge._busy):
                assert np.isfinite(mark.x).all() and np.isfinite(mark.y).all()
        control.value = start[name]


def test_a_move_is_evaluated_once(evaluated):
    lab = locked()
    bench = lab.workbench
    bench.run.click()
    for name, control in bench.controls.items():
        evaluated.clear()
        control.value = next(option for _, option in control.options if option != control.value)
        assert evaluated == [lab.ledger.of("pipeline").settings], name
        assert evaluated[0][name] == control.value


@EACH
def test_the_ribbons_keep_their_number_and_their_points(track):
    bench = locked(track.key).workbench
    shapes = {mark: mark.x.shape for mark in (bench.sankey._flows, bench.sankey._walls)}
    bench.epoch.value = "warm"
    put(bench, GOOD[track.key])
    for mark, shape in shapes.items():
        assert mark.x.shape == mark.y.shape == shape
        assert shape[1] == 48 and 0 not in mark.fill_opacities


def test_ribbons_are_as_wide_as_what_flows():
    bench = locked().workbench
    put(bench, {"buffer": "64 GB", "disk_size": "5 TB", "policy": "pinned", "epoch": "warm"})
    # By hand: half of 10 TB is kept, so 0.5 GB/s from S3 carry 1 GB/s; the GPUs want 1.638.
    height = lambda row: bench.sankey._flows.y[row, 0] - bench.sankey._flows.y[row, -1]  # noqa: E731
    assert height(0) == pytest.approx(0.5 / 1.638, rel=1e-3)
    assert height(4 + 3) == pytest.approx(0.5 / 1.638, rel=1e-3)
    bench.epoch.value = "cold"
    assert height(4 + 3) == 0


def test_pictures_stand_still_until_motion_is_wanted():
    *_, figure, motion = DataFlowSankey().children
    assert figure.animation_duration == 0
    motion.moving = True
    assert figure.animation_duration == 600
    motion.moving = False
    assert figure.animation_duration == 0


@EACH
def test_the_saturation_plot_follows_the_slider_that_moves(track):
    bench = locked(track.key).workbench
    for part in SIZES:
        control = bench.controls[part]
        options = [option for _, option in control.options]
        control.value = next(option for option in options if option != control.value)
        slider = track.pipeline.sliders[part]
        assert bench.saturation._steps.label == f"{slider.title} [{slider.unit_name}]"
        here = options.index(control.value)
        assert bench.saturation._here.x[0] == here
        assert bench.saturation._run.y[here] == pytest.approx(bench.saturation._here.y[0])


# The game


@EACH
def test_a_thoughtful_student_gets_there_within_ten(track):
    """One who picks the software by the numbers shown, makes everything ample, and then trims the
    dearest part first, each as far as the saturation plot and the promise allow."""
    lab = locked(track.key)
    bench, sliders = lab.workbench, track.pipeline.sliders
    options = pipeline.options(track)

    def shown(**changes):
        seen = pipeline.outcome(pipeline.evaluate(track, design(bench) | changes))
        return seen.get("as_promised", True), seen["utilization"]

    bench.policy.value = max(track.pipeline.policies, key=lambda one: shown(policy=one))
    put(bench, {part: options[part][-1].name for part in SIZES})
    bench.run.click()
    dearest = sorted(SIZES, key=lambda part: -sliders[part].steps[-1] * sliders[part].price)
    for part in (*dearest, *dearest):
        bench.controls[part].value = next(
            one.name for one in options[part] if shown(**{part: one.name}) >= (True, 0.95)
        )
        bench.run.click()
        if attempts(lab)[-1]["outcome"]["met"]:
            break
    assert len(attempts(lab)) <= 10 and attempts(lab)[-1]["outcome"]["met"]
    assert "Reached with attempt" in bench._goals.value


@EACH
def test_good_designs_are_good(track):
    lab = locked(track.key)
    put(lab.workbench, GOOD[track.key])
    lab.workbench.run.click()
    assert attempts(lab)[0]["outcome"]["met"]
    assert lab.workbench._goals.value.count("✓") >= 4
    assert "meets the goal" in lab.workbench._ran.value
    assert "✓ all" in lab.workbench._path.value


@EACH
def test_outcomes_are_computed_again_from_their_settings(track, sent):  # noqa: F811
    lab = locked(track.key)
    lab.workbench.run.click()
    put(lab.workbench, GOOD[track.key])
    lab.workbench.run.click()
    kept_attempts = kept(sent)["work"][f"{track.key}/pipeline"]["attempts"]
    assert len(kept_attempts) == 2
    for attempt in kept_attempts:
        again = pipeline.evaluate(track, attempt["settings"])
        assert pipeline.outcome(again) == attempt["outcome"]


def run_ten(bench):
    """Ten different designs that starve."""
    for n in range(10):
        bench.buffer.value = bench.buffer.options[n % 2][1]
        bench.run.click()


@EACH
def test_after_ten_without_success_a_hint_and_a_fresh_ten(track, sent):  # noqa: F811
    lab = locked(track.key)
    bench = lab.workbench
    run_ten(bench)
    tenth = kept(sent)["work"][f"{track.key}/pipeline"]["attempts"][9]
    assert tenth["fresh_iterations"] == 10 and "came nearest" in tenth["hint"]
    assert "here is a hint, and ten more" in bench._ran.value
    assert "iteration 1 of 10" in bench.run.description and not bench.run.disabled
    assert not any("hint" in attempt for attempt in attempts(lab)[:9])


def test_ten_are_ten():
    lab = locked()
    put(lab.workbench, GOOD["cloud"])
    lab.workbench.run.click()
    for n in range(20):
        lab.workbench.buffer.value = lab.workbench.buffer.options[n % 2][1]
        lab.workbench.run.click()
    assert len(attempts(lab)) == 10 and lab.workbench.run.disabled
    assert "All ten" in lab.workbench.run.description
    assert "hint" not in attempts(lab)[9]


def test_the_same_design_is_not_run_twice():
    lab = locked()
    lab.workbench.run.click()
    lab.workbench.epoch.value = "warm"  # looks at it from elsewhere
    lab.workbench.run.click()
    assert len(attempts(lab)) == 1
    assert "change something first" in lab.workbench._ran.value


def test_attempts_are_drawn():
    lab = locked()
    bench = lab.workbench
    bench.run.click()
    assert list(bench.saturation._numbers.text) == ["1"]
    bench.link.value = "8 Gbit/s"
    bench.run.click()
    options = [option for _, option in bench.link.options]
    assert list(bench.saturation._tried.x) == list(map(options.index, ("4 Gbit/s", "8 Gbit/s")))
    assert list(bench.saturation._numbers.text) == ["1", "2"]
    assert bench._path.value.count("<tr>") == 3


# Prediction, reflection, ledger


def test_the_verdict_follows_the_controls():
    bench = locked().workbench
    assert "added nothing behind it yet" in bench._verdict.value
    put(bench, {"disk_size": "10 TB", "policy": "pinned", "disk_bandwidth": "2 GB/s"})
    assert "first epoch 1 and later epochs 2.95" in bench._verdict.value
    bench.link.value = "100 Gbit/s"
    assert "is no bottleneck" in bench._verdict.value


def test_the_reflection_has_the_students_own_numbers():
    lab = locked()
    text = lab.workbench._mismatch.value
    assert "the NVMe is 50 % idle, while the GPUs starve: 30.5 % instead of 100 %" in text
    assert "not a quotation" in lab.reflection._head.value
    lab.workbench.link.value = "2 Gbit/s"
    lab.workbench.run.click()
    after = lab.workbench._mismatch.value
    assert "your attempt 1" in after
    lab.workbench.link.value = "8 Gbit/s"
    assert lab.workbench._mismatch.value == after


def test_a_reload_brings_everything_back(sent):  # noqa: F811
    lab = locked("tiny")
    put(lab.workbench, GOOD["tiny"])
    lab.workbench.epoch.value = "warm"
    lab.workbench.run.click()
    lab.reflection.answer.value = "Because."
    lab.reflection.submit.click()
    again = opened(json.dumps(kept(sent)))
    assert again.ledger == lab.ledger
    assert again.workbench.positions == lab.workbench.positions
    assert again.workbench.epoch.value == "warm"
    assert again.workbench.settings["moved"] == "disk_size"
    assert "Reached with attempt 1" in again.workbench._goals.value
    assert "iteration 2 of 10" in again.workbench.run.description


def test_what_this_track_does_not_know_is_passed_over():
    lab = locked()
    work = lab.ledger.of("pipeline")
    work.settings = {"buffer": "-1", "link": "8 Gbit/s", "moved": "x", "policy": "magic"}
    odd = {"settings": {"a": "1"}, "outcome": {}, "version": "0", "time": "t"}
    work.attempts = [odd]
    bench = opened(lab.ledger.dumps()).workbench
    assert bench.link.value == "8 Gbit/s" and bench.policy.value == "random"
    # What cannot be shown as an attempt is not counted as one either.
    assert "iteration 1 of 10" in bench.run.description
    bench.run.click()
    assert "iteration 2 of 10" in bench.run.description
    assert bench._path.value.count("<tr>") == 2
    assert bench.work.attempts[0] == odd


def test_an_attempt_at_a_step_that_is_gone_is_shown_and_counted():
    lab = locked()
    lab.workbench.run.click()
    attempts(lab)[0]["settings"]["link"] = "4.5 Gbit/s"
    bench = opened(lab.ledger.dumps()).workbench
    assert "iteration 2 of 10" in bench.run.description
    assert "<td>4.5 Gbit/s</td>" in bench._path.value
    assert bench.saturation._tried.x[0] == pytest.approx(3.5)
    assert "your attempt 1" in bench._mismatch.value


def test_another_tabs_step_moves_the_controls_as_one(evaluated):
    lab = locked()
    work = lab.ledger.of("pipeline")
    work.settings = work.settings | {"link": "8 Gbit/s", "buffer": "2 GB", "moved": "buffer"}
    evaluated.clear()
    lab.workbench.put()
    assert evaluated == [lab.workbench.settings]
    assert lab.workbench.link.value == "8 Gbit/s"
    assert lab.workbench.settings["moved"] == "buffer"
