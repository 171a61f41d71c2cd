"""A device from the JSON that `fio` wrote on the reader's own machine."""

import json
import re

from iowall.hardware import Device, Point
from iowall.units import NS, amount, duration

LARGEST = 5_000_000  # [characters]
BEYOND = 1e18  # no disk moves, counts or waits this much; also turns away nan and inf
COMMAND = (
    "fio --output-format=json --output=my-disk.json --filename=fio.tmp --size=1G --direct=1 "
    "--ioengine=libaio --runtime=10 --time_based --group_reporting "
    "--name=scan --rw=read --bs=1M --iodepth=8 "
    "--name=alone --stonewall --rw=randread --bs=4k --iodepth=1 "
    "--name=queue --stonewall --rw=randread --bs=4k --iodepth=32"
)


def device(text, *, name, direction="read"):
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
    # fio writes its warnings before the JSON when its output is redirected into a file.
    try:
        data = json.loads(text[max(0, text.find("{")) :])
    except (ValueError, RecursionError):
        raise ValueError(
            "This file is not valid JSON; write it with fio --output-format=json."
        ) from None
    if not isinstance(data, dict) or not isinstance(data.get("jobs"), list):
        raise ValueError("This file is JSON, but not from fio: it has no list of jobs.")
    version = re.fullmatch(r"fio-(\d{1,4})\S{0,40}", str(data.get("fio version", "")))
    if not version:
        raise ValueError("This file is JSON, but not from fio: it names no fio version.")
    if int(version[1]) < 3:
        raise ValueError(f"This file is from {version[0]}; use fio 3 or newer.")
    groups = {}
    for job in data["jobs"]:
        if measured := _job(job, direction):
            groups.setdefault(str(job.get("groupid")), []).append(measured)
    if not groups:
        raise ValueError(f"This fio file has no job that did a {direction}; use rw={direction}.")
    jobs = [_together(group) for group in groups.values()]
    size, rate, requests, latency = zip(*jobs, strict=True)
    alone = latency.index(min(latency))
    source = f"measured with {version[0]}: "
    return Device(
        name=name,
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


def _job(job, direction):
    """Request size, throughput, IOPS and latency of one job; None if it did not go this way."""
    half = job.get(direction) if isinstance(job, dict) else None
    if not isinstance(half, dict):
        return None
    try:
        moved, done = float(half["io_bytes"]), float(half["total_ios"])
        rate, requests = float(half["bw_bytes"]), float(half["iops"])
        latency = float(half["lat_ns"]["mean"]) * NS
    except (KeyError, TypeError, ValueError):
        return None
    if not all(0 < value < BEYOND for value in (moved, done, rate, requests, latency)):
        return None
    return moved / done, rate, requests, latency


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


def as_entry(device):
    """A measured device as the ledger keeps it."""
    return {
        "name": device.name,
        "latency": device.latency,
        "iops_limit": device.iops_limit,
        "bandwidth": device.bandwidth,
        "points": [[point.request_size, point.throughput] for point in device.points],
    }


def from_entry(entry):
    """The device that the ledger kept."""
    source = "measured on the reader's own machine"
    return Device(
        **{name: entry[name] for name in ("name", "latency", "iops_limit", "bandwidth")},
        points=tuple(
            Point(request_size=s, throughput=r, source=source) for s, r in entry["points"]
        ),
        sources=dict.fromkeys(("latency", "iops_limit", "bandwidth"), source),
    )
