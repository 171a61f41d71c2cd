"""Devices from files that fio 3.33 wrote, and sentences for files that are none.

The files in tests/data were written by Debian's fio; what is expected of them is read off them.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iowall.labs import fio


@pytest.fixture
def read(root):
    return lambda name: (root / "tests" / "data" / name).read_text()


def test_three_jobs_one_after_the_other(read):
    text = read("fio-three-jobs.json")
    scan, alone, queue = (job["read"] for job in json.loads(text)["jobs"])
    device = fio.device(text, name="mine")
    assert device.bandwidth == scan["bw_bytes"]
    assert device.iops_limit == queue["iops"]
    assert device.latency == pytest.approx(alone["lat_ns"]["mean"] * 1e-9)
    assert [point.request_size for point in device.points] == [2**20, 4096, 4096]
    # Little's law on fio's own figures: 32 in flight means IOPS times latency is 32.
    assert queue["iops"] * queue["lat_ns"]["mean"] * 1e-9 == pytest.approx(32, rel=0.1)


def test_four_jobs_at_once_add_up(read):
    text = read("fio-four-jobs-apart.json")
    jobs = [job["read"] for job in json.loads(text)["jobs"]]
    device = fio.device(text, name="mine")
    assert device.bandwidth == sum(job["bw_bytes"] for job in jobs)
    assert device.iops_limit == pytest.approx(sum(job["iops"] for job in jobs))
    assert len(device.points) == 1


def test_writes_count_where_writes_are_asked_for(read):
    text = read("fio-write-only.json")
    with pytest.raises(ValueError, match="no job that did a read; use rw=read"):
        fio.device(text, name="mine")
    device = fio.device(text, name="mine", direction="write")
    assert device.points[0].request_size == 64 * 1024


def test_warnings_before_the_json_are_passed_over(read):
    text = read("fio-three-jobs.json")
    noisy = "fio: this platform does not support process shared mutexes\n" + text
    assert fio.device(noisy, name="mine") == fio.device(text, name="mine")


def test_it_survives_the_ledger(read):
    device = fio.device(read("fio-three-jobs.json"), name="mine")
    kept = fio.from_entry(json.loads(json.dumps(fio.as_entry(device))))
    for field in ("name", "latency", "iops_limit", "bandwidth"):
        assert getattr(kept, field) == getattr(device, field)
    assert [p.throughput for p in kept.points] == [p.throughput for p in device.points]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not valid JSON"),
        ('{"jobs": [', "not valid JSON"),
        ("[1, 2]", "not from fio: it has no list of jobs"),
        ('{"schema": 1}', "not from fio: it has no list of jobs"),
        ('{"jobs": []}', "names no fio version"),
        ('{"fio version": "fio-2.21", "jobs": []}', "from fio-2.21; use fio 3"),
        ('{"fio version": "fio-3.33", "jobs": []}', "no job that did a read"),
        ('{"fio version": "fio-3.33", "jobs": [3, {}, {"read": {"iops": "x"}}]}', "no job"),
        (" " * 5_000_001, "too long"),
        ("[" * 100_000, "not valid JSON|not from fio"),
    ],
)
def test_bad_files_get_one_sentence(text, reason):
    with pytest.raises(ValueError, match=reason) as error:
        fio.device(text, name="mine")
    assert str(error.value).endswith(".")


def test_normal_output_is_told_what_to_do(read):
    with pytest.raises(ValueError, match="write it with fio --output-format=json"):
        fio.device(read("fio-normal-output.txt"), name="mine")


HALF = st.fixed_dictionaries(
    {
        name: st.none() | st.floats() | st.integers() | st.text(max_size=4)
        for name in ("io_bytes", "total_ios", "bw_bytes", "iops")
    }
    | {"lat_ns": st.none() | st.fixed_dictionaries({"mean": st.floats()})}
)


@given(jobs=st.lists(st.fixed_dictionaries({"read": HALF}), max_size=4))
def test_property_any_jobs_are_a_device_or_a_sentence(jobs):
    text = json.dumps({"fio version": "fio-3.40", "jobs": jobs})
    try:
        device = fio.device(text, name="mine")
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert min(device.latency, device.iops_limit, device.bandwidth) > 0
