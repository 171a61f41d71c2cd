"""Each track is complete, says where its numbers come from, and fits the models it is for."""

import inspect

import pytest

from iowall.models import access
from iowall.scenarios import TRACKS
from iowall.units import GB, MB

EACH = pytest.mark.parametrize("track", TRACKS.values(), ids=TRACKS)


@EACH
def test_workloads_are_the_keywords_of_demand(track):
    names = set(inspect.signature(access.demand).parameters)
    for workload in track.workloads:
        assert set(workload.demand) == names
        assert set(workload.sources) == names


@EACH
def test_words_name_what_the_models_know(track):
    words = track.access
    assert tuple(words.orders) == access.ORDERS
    assert tuple(words.formats) == access.FILE_FORMATS
    assert set(words.options) == {"accelerator", "iops", "bandwidth"}


@EACH
def test_it_starts_from_its_own_devices_and_workloads(track):
    assert track.access.start["device"] in [device.name for device in track.devices]
    assert track.access.start["workload"] in [workload.name for workload in track.workloads]


@EACH
def test_nothing_said_before_the_lock_gives_the_answer(track):
    words = track.access
    said = " ".join([words.situation, words.question, words.estimate, track.mission, track.caveat])
    for giveaway in ("100 times", "slower by", "IOPS", "bottleneck"):
        assert giveaway not in said


@pytest.mark.parametrize(
    ("index", "rate"),
    # MLCommons Storage v1.0, one H100 at full utilization: batch x record / step, in GB/s. The
    # figures are those of the fact table, worked out by hand from the workload files.
    [(0, 0.2048), (1, 3.1771), (2, 0.8081)],
)
def test_mlperf_demand(index, rate):
    workload = TRACKS["cloud"].workloads[index]
    one = access.demand(**workload.demand | {"accelerators": 1})
    assert one / GB == pytest.approx(rate, rel=5e-4)


def test_both_readings_of_five_terabytes_an_hour():
    # 5 TB/h over 10,000 vehicles is 139 kB/s each; for each vehicle it is 1.39 GB/s.
    assert "139 kB/s" in TRACKS["edge"].caveat
    assert "1.39 GB/s" in TRACKS["edge"].caveat


def test_weights_of_a_frame():
    for workload in TRACKS["mobile"].workloads:
        assert workload.batch_size * workload.sample_size == pytest.approx(40 * MB, rel=0.06)
