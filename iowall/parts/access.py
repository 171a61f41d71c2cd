"""Part 1, the Access Pattern Audit: what order and file format cost on which device."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from iowall import parts
from iowall.hardware import Device
from iowall.models import access
from iowall.parts import Answer, Option, access_text
from iowall.scenarios import AccessScenario, Track, Workload
from iowall.units import MB, amount

KEY = "access"
TITLE = "The Access Pattern Audit"
REFLECTION = access_text.REFLECTION
WORKERS = tuple(2**n for n in range(9))
BUFFERS = tuple(10**n for n in range(7))  # [samples]
PREFETCH = 2  # [batches] as PyTorch's DataLoader does by default, for each worker
STEPS = 6  # drawn
FREE = 1.1  # times a plain scan: no more than that is no price
WALL = 100  # times a plain scan
MIXED = 0.01  # chance of two neighbours from one shard that passes for none


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What each device gives random requests of many sizes."""

    devices: tuple[Device, ...]
    chosen: int  # which of them is the reader's
    request_size: np.ndarray  # [B] (points,)
    throughput: np.ndarray  # [B/s] (devices, points)
    knee: float  # [B] where the chosen one's bounds on requests and on bytes meet


@dataclass(frozen=True, kw_only=True)
class AccessResult:
    """What the models say of one setting."""

    track: Track
    settings: Mapping[str, str]
    device: Device
    workload: Workload
    workers: int
    sample_time: access.SampleTime
    timeline: access.Timeline  # of a few steps
    batch: int  # [samples] of all accelerators together
    iops: float  # [1/s] positioned requests of the size that is asked for
    most_iops: float  # [1/s] the least of the three bounds on them
    slowdown: float  # times a plain scan of the same device
    demand: float  # [B/s]
    throughput: float  # [B/s] of samples
    stored_throughput: float  # [B/s] of what is stored of them
    utilization: float
    limit: str  # "accelerator", "iops" or "bandwidth"
    mixed: bool  # shuffled by shards and a buffer
    same_shard: float  # chance of two neighbours from one shard
    buffer_size: float  # [B] that the shuffle buffer holds
    fill_time: float  # [s] before it is full
    curve: Curve
    goals: Mapping[str, bool]

    @property
    def good(self) -> bool:
        """Whether all goals are met, which no one setting does: each is met by itself."""
        return all(self.goals.values())

    @property
    def misses(self) -> tuple[str, ...]:
        """The goals that this setting does not meet."""
        return tuple(access_text.GOALS[goal] for goal, met in self.goals.items() if not met)

    @property
    def asked(self) -> Answer:
        """What the models say on the lock's question at these settings."""
        return Answer(self.limit, self.slowdown)


def words(track: Track) -> AccessScenario:
    """The track's words for this part."""
    return track.access


def options(track: Track) -> dict[str, tuple[Option, ...]]:
    """What each control offers."""
    return {
        "order": parts.choices(track.access.orders),
        "file_format": parts.choices(track.access.formats),
        "device": parts.named(track.devices),
        "workload": parts.named(track.workloads),
        "workers": parts.steps(WORKERS, str),
        "shard_size": parts.steps(track.access.shard_sizes, amount),
        "shuffle_buffer": parts.steps(BUFFERS, "{:,}".format),
    }


def start(track: Track) -> dict[str, str]:
    """The settings found on arrival."""
    return dict(track.access.start)


def evaluate(track: Track, settings: Mapping[str, str]) -> AccessResult:
    """All that the models say of one setting."""
    settings = parts.completed(start(track), settings)
    chosen = parts.values(options(track), settings)
    device, workload, workers = chosen["device"], chosen["workload"], int(chosen["workers"])
    order, file_format = chosen["order"], chosen["file_format"]
    shuffle_buffer = chosen["shuffle_buffer"]
    positioned = {"queue_depth": workers, **device.requests}
    bounds = {"arms": 0, "metered": True}  # what only counts reaches its bounds
    time = partial(
        access.sample_time,
        sample_size=workload.sample_size,
        shard_size=chosen["shard_size"],
        read_size=device.read_size,
        sequential_latency=device.sequential_latency,
        **positioned,
    )
    times = time(file_format=file_format, order=order, metadata_requests=device.metadata_requests)
    scan = time(file_format="raw", order="sequential", metadata_requests=0)
    slowdown = float(times.total / scan.total)
    demand = access.demand(**workload.demand)
    throughput = float(workload.sample_size / times.total)
    utilization = float(access.utilization(throughput=throughput, demand=demand))
    samples = track.dataset_size / workload.sample_size
    same_shard = float(
        access.same_shard_probability(
            shard_samples=max(1.0, chosen["shard_size"] / times.stored_size),
            interleave=workers,
            shuffle_buffer=shuffle_buffer,
            samples=samples,
        )
    )
    batch = workload.accelerators * workload.batch_size
    buffered = min(shuffle_buffer, samples)
    mixed = file_format != "raw" and order == "shuffled"
    requests_limit = times.transfer_time < 0.5 * times.total
    return AccessResult(
        track=track,
        settings=settings,
        device=device,
        workload=workload,
        workers=workers,
        sample_time=times,
        timeline=access.timeline(
            load_time=np.full(STEPS, batch * times.total),
            compute_time=workload.step_time,
            prefetch=PREFETCH,
        ),
        batch=batch,
        iops=float(access.iops(request_size=times.request_size, **positioned)),
        most_iops=float(access.iops(request_size=times.request_size, **positioned | bounds)),
        slowdown=slowdown,
        demand=demand,
        throughput=throughput,
        stored_throughput=float(times.stored_size / times.total),
        utilization=utilization,
        limit="accelerator" if utilization >= 1 else "iops" if requests_limit else "bandwidth",
        mixed=mixed,
        same_shard=same_shard,
        buffer_size=buffered * workload.sample_size,
        fill_time=float(buffered * times.total),
        curve=_curve(track, device, workload, workers),
        goals={
            goal: order == "shuffled" and met
            for goal, met in {
                "wall": file_format == "raw" and slowdown >= WALL,
                "free": file_format == "raw" and slowdown <= FREE,
                "bought": mixed and slowdown <= FREE and same_shard < MIXED,
            }.items()
            if goal in track.access.goals
        },
    )


def _curve(track, device, workload, workers):
    low = 10 ** np.floor(np.log10(min(512, workload.sample_size)))
    high = 10 ** np.ceil(np.log10(max(8 * MB, min(workload.sample_size, 100 * MB))))
    sizes = np.geomspace(low, high, 60)

    def throughput(one):
        return access.throughput(request_size=sizes, queue_depth=workers, **one.requests)

    return Curve(
        devices=track.devices,
        chosen=track.devices.index(device),
        request_size=sizes,
        throughput=np.stack([throughput(one) for one in track.devices]),
        knee=min(device.bandwidth, workers * device.connection_bandwidth)
        / min(workers / device.latency, device.iops_limit),
    )


def say(result: AccessResult, prediction: Mapping[str, Any]) -> access_text.AccessSaid:
    """The sentences beside the pictures."""
    return access_text.say(result, prediction)


def answer(track: Track) -> Answer:
    """The models on the lock's question: shuffled files, all else as on arrival."""
    asked = {"order": "shuffled", "file_format": "raw", "workers": "1", "shuffle_buffer": "1"}
    return evaluate(track, asked).asked


def outcome(result: AccessResult) -> dict[str, float]:
    """The numbers that an attempt keeps."""
    return {"slowdown": result.slowdown, "utilization": result.utilization}


def summary(track: Track, work: Any) -> Iterator[str]:
    """What came of this part, in sentences for the report."""
    try:
        result = evaluate(track, work.settings | {"order": "shuffled"})
    except ValueError:  # a ledger that no lab has written
        return
    yield access_text.at_last(result, work.prediction)
    for attempt in work.attempts:
        yield from access_text.described(attempt)
