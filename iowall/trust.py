"""What the models say beside what others have published: rows, predictions, verdicts.

One idea: a row is a published figure and a call of a model; the verdict is computed from the two,
never typed in. A row that is missed says why, and stays.

The rows are data, in ``iowall/data/published/``: what was published, as text with its unit, and the
name of one of the `PREDICTIONS` below with its arguments. The page that draws them is the book's.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from iowall import hardware, units
from iowall.models import access, checkpoint, pipeline, streaming
from iowall.units import DAY, MS, TB, S

# How far off a model may be and still agree, as a share of the published figure. Half of the last
# digit that was printed is always allowed.
TOLERANCE = {
    "prediction": 0.05,  # from inputs that know nothing of the result
    "chosen afterwards": 0.05,  # one of several models, chosen because it fits this result
    "formula": 0.01,  # what the publisher computed, computed again
    "unit check": 0.01,  # one published figure from another
}
CLAIMS = ("equal", "ceiling", "more than")
REACHED = 0.9  # a bound that is reached less than this explains nothing
AGREES, HOLDS, MISS = "agrees", "bound holds", "miss"
SECTIONS = ("access", "pipeline", "checkpoint", "edge")
NEWER = ("mlperf_v3",)  # counted apart: rows that no term of the models had been chosen after
FOLDER = Path(__file__).parent / "data" / "published"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published figure, and what a model makes of the same inputs."""

    what: str
    inputs: str
    published: float  # [unit]
    modelled: float  # [unit] a call of a model
    unit: str = ""
    digit: float = 0.0  # [unit] of the last digit in the published figure
    claim: str = "equal"  # "ceiling": the model is a bound. "more than": all that is published
    kind: str = "prediction"
    reason: str = ""  # why it is missed
    after: str = ""  # what had been seen when a term of the model, or an input, was chosen
    arguments: Mapping[str, object] = field(default_factory=dict)  # of the model, in SI units

    @property
    def off(self) -> float:
        """By how much the model differs, as a share of the published figure."""
        return self.modelled / self.published - 1

    @property
    def verdict(self) -> str:
        """One of three words, computed from the two numbers."""
        allowed = max(TOLERANCE[self.kind] * abs(self.published), self.digit / 2)
        above = self.modelled - self.published
        if self.claim == "more than":
            return AGREES if above > 0 else MISS
        if abs(above) <= allowed * (1 + 1e-9):
            return AGREES
        if self.claim == "ceiling" and above > 0 and self.published >= REACHED * self.modelled:
            return HOLDS
        return MISS


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Rows that share a source and a question."""

    section: str
    title: str
    source: str
    words: str
    rows: tuple[Row, ...]


# ---------------------------------------------------------------------------- predictions
# Each takes what a row names under `with`, in SI units, and returns the figure in SI units.


def accelerators_fed(
    *,
    workload: str,
    accelerator: str,
    device: str | None = None,
    iops_limit: float | None = None,
    bandwidth: float | None = None,
) -> float:
    """How many accelerators a drive feeds, from nothing but its data sheet. [-]"""
    work = _workload(workload)
    drive = {"latency": 0, "iops_limit": iops_limit, "bandwidth": bandwidth}
    if device:
        drive = getattr(hardware, device).requests | {"latency": 0}
    rate = access.throughput(request_size=work["file_size"], queue_depth=1, **drive)
    return np.floor(rate / (work["threshold"] * _demand(workload, accelerator, 1)))


def busy_share(
    *,
    throughput: float,
    workload: str,
    accelerator: str,
    accelerators: float,
    step_overhead: float = 0.0,
) -> float:
    """Utilization of accelerators at a delivered rate. [-]"""
    return access.utilization(
        throughput=throughput,
        demand=_demand(workload, accelerator, accelerators),
        step_time=_workload(workload)["step_time"][accelerator],
        step_overhead=step_overhead,
    )


def sample_rate(*, workload: str, samples: float) -> float:
    """Bytes per second of so many samples per second. [B/s]"""
    size = _workload(workload)["sample_size"]
    return access.demand(accelerators=1, batch_size=samples, sample_size=size, step_time=1 * S)


def volume_iops(*, request_size: float, iops_limit: float, bandwidth: float) -> float:
    """Requests per second of a volume with as many in flight as it takes. [1/s]"""
    return access.iops(
        request_size=request_size,
        queue_depth=1e6,
        latency=1 * MS,
        iops_limit=iops_limit,
        bandwidth=bandwidth,
        metered=True,
    )


def crossover(*, iops_limit: float, bandwidth: float) -> float:
    """Request size at which a volume reaches both of its limits. [B]"""
    limits = {"iops_limit": iops_limit, "bandwidth": bandwidth}
    small = volume_iops(request_size=512, **limits)
    large = volume_iops(request_size=16 * units.MiB, **limits) * 16 * units.MiB
    return large / small


def requests_that_fill(*, link: float, each: float) -> float:
    """Requests in flight that fill a link, if one connection alone moves `each`. [-]"""
    one = access.throughput(
        request_size=8 * units.MB,
        queue_depth=1,
        latency=0,
        iops_limit=np.inf,
        bandwidth=link,
        connection_bandwidth=each,
        metered=True,
    )
    return link / one


def random_reads(
    *,
    request_size: float,
    queue_depth: float,
    device: str | None = None,
    iops_limit: float | None = None,
    bandwidth: float | None = None,
) -> float:
    """Bytes per second of random reads: of a device of the catalogue, or from two limits. [B/s]"""
    drive = {"latency": 0, "iops_limit": iops_limit, "bandwidth": bandwidth}
    if device:
        drive = getattr(hardware, device).requests
        drive |= {"bandwidth": bandwidth or drive["bandwidth"]}
    return access.throughput(request_size=request_size, queue_depth=queue_depth, **drive)


def missed_share(*, cached: float, policy: str) -> float:
    """Share of a data set that is fetched in each epoch. [-]"""
    return 1 - pipeline.hit_ratio(cache_size=cached, dataset_size=1.0, policy=policy)


def fetched(*, dataset_size: float, cached: float, policy: str) -> float:
    """Bytes that are fetched in each epoch. [B]"""
    return dataset_size * missed_share(cached=cached, policy=policy)


def network_pace(*, store: float, link: float) -> float:
    """Pace of a store whose nodes and clients have so much network, and no other limit. [B/s]"""
    return pipeline.epoch_rates(
        dataset_size=1 * TB,
        store_bandwidth=store,
        link_bandwidth=link,
        disk_bandwidth=np.inf,
        disk_size=0,
        memory_bandwidth=np.inf,
        memory_size=0,
        demand=np.inf,
        policy="pinned",
    ).cold.line


def fleet_mtbf(*, failures: float, nodes: float) -> float:
    """Time between failures of a job, from failures in 1,000 node-days. [s]"""
    return checkpoint.cluster_mtbf(node_mtbf=1000 * DAY / failures, nodes=nodes)


def fleet_goodput(
    *,
    failures: float,
    nodes: float,
    interval: float,
    write_time: float,
    restart_time: float,
    drain_time: float = 0.0,
    local_loss: float = 0.0,
) -> float:
    """Share of progress of a job, from failures in 1,000 node-days. [-]"""
    return checkpoint.goodput(
        interval=interval,
        write_time=write_time,
        mtbf=fleet_mtbf(failures=failures, nodes=nodes),
        restart_time=restart_time,
        drain_time=drain_time,
        local_loss=local_loss,
    )


def checkpoint_rate(
    *,
    checkpoint_size: float,
    clients: float,
    client_bandwidth: float = np.inf,
    storage_bandwidth: float = np.inf,
) -> float:
    """Most bytes per second at which clients can write or read a sharded checkpoint. [B/s]"""
    return checkpoint_size / checkpoint.write_time(
        checkpoint_size=checkpoint_size,
        writers=clients,
        writer_bandwidth=client_bandwidth,
        storage_bandwidth=storage_bandwidth,
        strategy="sharded",
    )


def best_goodput(
    *,
    checkpoint_size: float,
    writers: float,
    writer_bandwidth: float,
    storage_bandwidth: float,
    mtbf: float,
    restart_time: float,
) -> float:
    """Share of progress at the best interval of a sharded checkpoint. [-]"""
    write_time = checkpoint.write_time(
        checkpoint_size=checkpoint_size,
        writers=writers,
        writer_bandwidth=writer_bandwidth,
        storage_bandwidth=storage_bandwidth,
        strategy="sharded",
    )
    interval = checkpoint.optimal_interval(write_time=write_time, mtbf=mtbf)
    return checkpoint.goodput(
        interval=interval, write_time=write_time, mtbf=mtbf, restart_time=restart_time
    )


PREDICTIONS = {
    function.__name__: function
    for function in (
        accelerators_fed,
        busy_share,
        sample_rate,
        volume_iops,
        crossover,
        requests_that_fill,
        random_reads,
        missed_share,
        fetched,
        network_pace,
        fleet_mtbf,
        fleet_goodput,
        best_goodput,
        checkpoint_rate,
        access.demand,
        checkpoint.checkpoint_size,
        checkpoint.cluster_mtbf,
        checkpoint.daly_interval,
        checkpoint.optimal_interval,
        checkpoint.young_interval,
        pipeline.run_time,
        streaming.fill_time,
    )
}

# ---------------------------------------------------------------------------- reading

_PUBLISHED = re.compile(r"([\d.,]+)(?: (.+))?")
_COUNTED = ("", "requests")  # units that units.parse does not know: they count, and scale by 1


def quantity(text: Any) -> Any:
    """The number that a text with a unit stands for, in SI units; other values as they are.

    >>> quantity("25.6 KiB"), quantity("90 %"), quantity("5 min"), quantity("lru"), quantity(4)
    (26214.4, 0.9, 300.0, 'lru', 4)
    """
    if not isinstance(text, str) or not text[:1].isdigit():
        return text
    return units.parse(text)


def _read(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _workload(name):
    """An MLPerf workload: batch, sample, file, threshold, and a step's time by accelerator."""
    entry = _read("workloads")[name]
    step_time = {key: quantity(time) for key, time in entry["step_time"].items()}
    work = {key: quantity(value) for key, value in entry.items()} | {"step_time": step_time}
    return work | {"file_size": work["sample_size"] * work.get("samples_per_file", 1)}


def _demand(name, accelerator, accelerators):
    work = _workload(name)
    return access.demand(
        accelerators=accelerators,
        batch_size=work["batch_size"],
        sample_size=work["sample_size"],
        step_time=work["step_time"][accelerator],
    )


def _row(entry, words):
    """A row of a file: its prediction is made here, in the unit of what was published."""
    entry = {key: _quote(value, words) for key, value in entry.items()}
    arguments = {key: quantity(_quote(value, words)) for key, value in entry.pop("with").items()}
    number, unit = _PUBLISHED.fullmatch(entry.pop("published")).groups(default="")
    scale = 1.0 if unit in _COUNTED else units.parse(f"1 {unit}")
    predicted = PREDICTIONS[entry.pop("predict")](**arguments)
    return Row(
        **entry,
        published=float(number.replace(",", "")),
        modelled=float(predicted / scale),
        unit=unit,
        arguments=arguments,
    )


def _quote(value, words):
    return value.format(**words) if isinstance(value, str) else value


def topics(section: str) -> tuple[Topic, ...]:
    """What a file of `FOLDER` holds, every row with its prediction."""
    file = _read(section)
    words = file.get("words", {})
    return tuple(
        Topic(
            section=section,
            title=topic["title"],
            source=_quote(topic["source"], words),
            words=_quote(topic.get("words", ""), words),
            rows=tuple(_row(entry, words) for entry in topic["row"]),
        )
        for topic in file["topic"]
    )


TOPICS = tuple(topic for section in (*SECTIONS, *NEWER) for topic in topics(section))
ROWS = tuple(row for topic in TOPICS for row in topic.rows if topic.section in SECTIONS)
NEW_ROWS = tuple(row for topic in TOPICS for row in topic.rows if topic.section in NEWER)
