"""A device from the JSON that `fio` wrote on the reader's own machine, and as a ledger keeps it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from iowall import untrusted
from iowall.hardware import Device, Point
from iowall.units import NS, US, KiB, amount, duration

LARGEST = 5_000_000  # [characters]
TRIES = 20  # places where the JSON may begin
SLOWEST, FASTEST = 1e-12, 1e15  # bounds of what is measured on a device, in SI units
DIRECTIONS = ("read", "write")
LONGEST = 200  # [characters] of a device's name
COMMAND = (
    "fio --output-format=json --output=my-disk.json --filename=fio.tmp --size=1G --direct=1 "
    "--ioengine=libaio --runtime=10 --time_based --group_reporting "
    "--name=scan --rw=read --bs=1M --iodepth=8 "
    "--name=alone --stonewall --rw=randread --bs=4k --iodepth=1 "
    "--name=queue --stonewall --rw=randread --bs=4k --iodepth=32"
)


def device(text: str, *, name: str, direction: str = "read") -> Device:
    """The device that fio measured; a `ValueError` of one sentence if the text holds none.

    Each group of jobs that ran together gives a point: bytes per request (bytes moved over requests
    done), throughput and IOPS (their sums), and mean latency. The device's bandwidth and IOPS limit
    are the most that any group reached, so they are lower bounds; its latency is the least mean
    latency, the one nearest to an idle device.

    Parameters
    ----------
    text : str
        What ``fio --output-format=json`` wrote.
    name : str
        What to call the device.
    direction : {"read", "write"}
        Which half of each job counts.
    """
    if len(text) > LARGEST:
        raise ValueError(
            f"This file is too long for a fio result (at most {LARGEST:,} characters)."
        )
    data = _result(text)
    version = data.get("fio version") if isinstance(data, dict) else None
    if not isinstance(version, str) or not re.fullmatch(r"fio-\d\S{0,40}", version):
        raise ValueError("This file is JSON, but not from fio: it names no fio version.")
    if not isinstance(data.get("jobs"), list):
        raise ValueError("This fio file has no list of jobs; run fio itself, without --client.")
    counted = [job for job in data["jobs"] if isinstance(job, dict) and not job.get("error")]
    groups = {}
    for job in counted:
        if measured := _job(job, direction):
            groups.setdefault(str(job.get("groupid"))[:40], []).append(measured)
    if not groups:
        raise ValueError(_missing(data["jobs"], counted, direction))
    jobs = [_together(group) for group in groups.values()]
    size, rate, requests, latency = zip(*jobs, strict=True)
    alone = latency.index(min(latency))
    source = f"measured with {version}: "
    found = Device(
        name=untrusted.whole(name),
        latency=latency[alone],
        iops_limit=max(requests),
        bandwidth=max(rate),
        points=tuple(
            Point(request_size=s, throughput=r, source=f"{source}{amount(s)} a request")
            for s, r in zip(size, rate, strict=True)
        ),
        sources={
            "latency": f"{source}the least mean latency of a job, {duration(latency[alone])}",
            "iops_limit": f"{source}the most that a job reached",
            "bandwidth": f"{source}the most that a job reached",
        },
    )
    if not is_entry(as_entry(found, direction)):
        raise ValueError("This fio file has numbers that no disk can have; run fio again.")
    return found


def _result(text):
    """What fio wrote last: warnings may stand around it, and at each interval a result so far."""
    begins = [match.start() for match in re.finditer(r"^\ufeff?\{", text, re.MULTILINE)] or [0]
    for begin in islice(reversed(begins), TRIES):
        try:
            data, _ = untrusted.parsed(text[begin:])
        except ValueError:
            continue
        if isinstance(data, (dict, list)):
            return data
    raise ValueError(
        "This file is not valid JSON; write it with fio --output-format=json --output=my-disk.json."
    )


def _missing(jobs, counted, direction):
    """Why no job counts, and what to run instead."""
    if jobs and not counted:
        return (
            "Every job in this fio file failed; see what fio says on the screen, and run it again."
        )
    if any(_number(_half(job, direction).get("io_bytes")) for job in counted):
        return (
            f"This fio file has a {direction} without its throughput or latency; run it for some "
            "seconds and without gtod_reduce."
        )
    return f"This fio file has no job that did a {direction}; use rw={direction}."


def _half(job, direction):
    half = job.get(direction)
    return half if isinstance(half, dict) else {}


def _job(job, direction):
    """Request size, throughput, IOPS and latency of one job; None if they are not all there.

    fio 2 counted io_bytes in KiB and latencies in µs; fio 3 has other names for its units.
    """
    half = _half(job, direction)
    rate = _number(half.get("bw_bytes")) or _number(half.get("bw")) * KiB
    requests, done = _number(half.get("iops")), _number(half.get("total_ios"))
    moved = _number(half.get("io_bytes")) if "io_kbytes" in half else 0
    means = (
        _number(half[name].get("mean")) * unit
        for name, unit in (("lat_ns", NS), ("lat", US), ("clat_ns", NS), ("clat", US))
        if isinstance(half.get(name), dict)
    )
    latency = next(filter(None, means), 0)
    if not (rate and requests and latency):
        return None
    return moved / done if moved and done else rate / requests, rate, requests, latency


def _number(value):
    """A number above zero, or 0 for anything else."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good and value > 0 else 0.0


def _together(jobs):
    """The point of jobs that ran at the same time: their rates add up."""
    size, rate, requests, latency = zip(*jobs, strict=True)
    total = sum(requests)
    shares = [r / total for r in requests]
    return (
        sum(s * share for s, share in zip(size, shares, strict=True)),
        sum(rate),
        total,
        sum(t * share for t, share in zip(latency, shares, strict=True)),
    )


def as_entry(device: Device, direction: str = "read") -> dict[str, Any]:
    """A measured device as the ledger keeps it."""
    return {
        "name": device.name,
        "direction": direction,
        **{name: getattr(device, name) for name in _MEASURED},
        "points": [[point.request_size, point.throughput] for point in device.points],
    }


def from_entry(entry: Mapping[str, Any]) -> Device:
    """The device that the ledger kept."""
    source = "measured on the reader's own machine"
    return Device(
        **{name: entry[name] for name in ("name", *_MEASURED)},
        points=tuple(
            Point(request_size=s, throughput=r, source=source) for s, r in entry["points"]
        ),
        sources=dict.fromkeys(_MEASURED, source),
    )


def is_entry(entry: Any) -> bool:
    """Whether something is a device as `as_entry` writes it, with numbers that a disk can have."""
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and len(entry["name"]) <= LONGEST
        and entry.get("direction") in DIRECTIONS
        and all(_plausible(entry.get(name)) for name in _MEASURED)
        and isinstance(entry.get("points"), list)
        and all(
            isinstance(point, list) and len(point) == 2 and all(map(_plausible, point))
            for point in entry["points"]
        )
    )


def _plausible(value):
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    return good and SLOWEST <= value <= FASTEST


_MEASURED = ("latency", "iops_limit", "bandwidth")
