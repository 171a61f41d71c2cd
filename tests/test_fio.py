"""Devices from files that fio 3.33 wrote, and sentences for files that are none.

The files in tests/data were written by Debian's fio; what is expected of them is read off them.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iowall import fio
from tests.bench.fuzz import is_sentence


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fio: {} is no option\nfio: latencies are in {ns}\n", ""),
        ("\ufeff", ""),
        ("note: both offset={0} and size\n", "\nfio: terminating on signal 2\n"),
        ("", "\n\nscan: (groupid=0, jobs=1): err= 0: pid=7: {\n  read: IOPS=1104\n}\n"),
    ],
)
def test_what_stands_around_the_json_is_passed_over(read, before, after):
    text = read("fio-three-jobs.json")
    assert fio.device(before + text + after, name="mine") == fio.device(text, name="mine")


def test_of_results_at_intervals_the_last_counts(read):
    """What `--status-interval` writes: the result so far, again and again."""
    last = read("fio-three-jobs.json")
    data = json.loads(last)
    for job in data["jobs"]:
        job["read"]["bw_bytes"] //= 2
    assert fio.device(json.dumps(data) + "\n" + last, name="x") == fio.device(last, name="x")
    # And if the last one was cut off, the one before.
    cut = fio.device(last + "\n" + json.dumps(data)[:-9], name="x")
    assert cut == fio.device(last, name="x")


def edited(text, edit, version=None):
    """A result with each job's half of reads edited."""
    data = json.loads(text)
    for job in data["jobs"]:
        edit(job["read"])
    return json.dumps(data | ({"fio version": version} if version else {}))


def as_in_fio_2(half):
    """fio 2 wrote whole KiB and microseconds, and knew no other names (its stat.c)."""
    half["io_bytes"] >>= 10
    half["bw"] = half.pop("bw_bytes") // 1024
    for name in ("slat", "clat", "lat"):
        half[name] = {"mean": half.pop(f"{name}_ns")["mean"] / 1000}
    for name in ("io_kbytes", "total_ios"):
        del half[name]


def test_fio_2_counts_in_other_units(read):
    text = read("fio-three-jobs.json")
    new = fio.device(text, name="x")
    for version in ("fio-2.2.10", "fio-2.99"):
        old = fio.device(edited(text, as_in_fio_2, version), name="x")
        for field in ("latency", "iops_limit", "bandwidth"):
            assert getattr(old, field) == pytest.approx(getattr(new, field), rel=1e-3)
        sizes = [point.request_size for point in old.points]
        assert sizes == pytest.approx([2**20, 4096, 4096], rel=1e-3)
        assert version in old.sources["latency"]


def test_other_fio_3s(read):
    text = read("fio-three-jobs.json")
    same = fio.device(text, name="x")
    bins = lambda half: half["clat_ns"].update(bins={"6912": 3, "7008": 5})  # noqa: E731
    assert fio.device(edited(text, bins, "fio-3.33"), name="x") == same  # json+
    for version in ("fio-3.0", "fio-3.41-12-gdeadbeef-dirty"):
        other = fio.device(edited(text, bins, version), name="x")
        assert (other.latency, other.bandwidth) == (same.latency, same.bandwidth)
    only_kib = edited(text, lambda half: half.pop("bw_bytes"))
    assert fio.device(only_kib, name="x").bandwidth == pytest.approx(same.bandwidth, rel=1e-6)


def test_without_the_whole_latency_that_of_completion_counts(read):
    """`disable_lat` leaves zeros; here submission took 1 % of the time or less."""

    def disable(half):
        half["lat_ns"] = {"min": 0, "max": 0, "mean": 0.0, "stddev": 0.0, "N": 0}

    text = read("fio-three-jobs.json")
    clat = [job["read"]["clat_ns"]["mean"] for job in json.loads(text)["jobs"]]
    assert fio.device(edited(text, disable), name="x").latency == pytest.approx(min(clat) * 1e-9)


def test_a_job_that_failed_does_not_count(read):
    text = read("fio-three-jobs.json")
    data = json.loads(text)
    data["jobs"][0]["error"] = 28
    assert len(fio.device(json.dumps(data), name="x").points) == 2
    for job in data["jobs"]:
        job["error"] = 5
    with pytest.raises(ValueError, match="Every job in this fio file failed; see what fio says"):
        fio.device(json.dumps(data), name="x")


def test_a_job_without_requests_does_not_count(read):
    """Beside a job that did some; alone it is as if it had not been there."""

    def nothing(half):
        half.update(io_bytes=0, io_kbytes=0, bw_bytes=0, bw=0, iops=0.0, runtime=0, total_ios=0)
        half["lat_ns"]["mean"] = half["clat_ns"]["mean"] = 0.0

    text = read("fio-three-jobs.json")
    data = json.loads(text)
    nothing(data["jobs"][1]["read"])
    assert len(fio.device(json.dumps(data), name="x").points) == 2
    with pytest.raises(ValueError, match="no job that did a read; use rw=read"):
        fio.device(edited(text, nothing), name="x")


def test_a_job_without_a_rate_is_told_to_run_longer(read):
    def hurried(half):
        half.update(bw_bytes=0, bw=0, iops=0.0, runtime=0)

    with pytest.raises(ValueError, match="run it for some seconds and without gtod_reduce"):
        fio.device(edited(read("fio-three-jobs.json"), hurried), name="x")


@pytest.mark.parametrize("value", [10**400, 1e300, -5, True, "fast", None, [], {"mean": 1}])
@pytest.mark.parametrize("field", ["io_bytes", "total_ios", "bw_bytes", "iops", "lat_ns"])
def test_absurd_numbers_are_refused_or_done_without(read, field, value):
    text = edited(read("fio-three-jobs.json"), lambda half: half.update({field: value}))
    try:
        device = fio.device(text, name="x")
    except ValueError as error:
        assert is_sentence(error)
    else:
        assert fio.is_entry(fio.as_entry(device))


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
        ("[1, 2]", "not from fio: it names no fio version"),
        ('{"schema": 1}', "not from fio: it names no fio version"),
        ('{"jobs": []}', "names no fio version"),
        ('{"fio version": "fio-2.21", "jobs": []}', "no job that did a read"),
        ('{"fio version": "fio-3.33", "client_stats": []}', "no list of jobs; run fio itself"),
        ('{"fio version": {"a": 1}, "jobs": []}', "names no fio version"),
        ('{"start": {"version": "iperf 3.12"}, "intervals": [], "end": {}}', "not from fio"),
        ('{"fio version": "fio-3.33", "jobs": []}', "no job that did a read"),
        ('{"fio version": "fio-3.33", "jobs": [3, {}, {"read": {"iops": "x"}}]}', "no job"),
        (" " * 5_000_001, "too long"),
        ("[" * 100_000, "not valid JSON|not from fio"),
    ],
)
def test_bad_files_get_one_sentence(text, reason):
    with pytest.raises(ValueError, match=reason) as error:
        fio.device(text, name="mine")
    assert is_sentence(error.value)


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
