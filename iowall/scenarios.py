"""The tracks: one scenario each, in numbers that the models take and in its own words.

They stand in `data/tracks`, one file a track: a file more is a track more. A number's source stands
beside it; "assumption:" marks what is chosen for teaching. `caveat` says what is wrong or ambiguous
in the way the story is usually told.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from iowall import data, units
from iowall.data import Table
from iowall.hardware import CATALOGUE, Catalogue, Device, Store
from iowall.units import Plain, Power, Rate, Size, Time, amount, duration, number

Count = Annotated[int, ""]
Samples = Annotated[int, "samples"]

# What a file can pick from, by part. What the words mean is the parts' business.
AccessControl = Literal[
    "order", "file_format", "device", "workload", "workers", "shard_size", "shuffle_buffer"
]
AccessGoal = Literal["wall", "free", "bought"]
Tuned = Literal["buffer", "link", "disk_bandwidth", "disk_size"]
PipelineControl = Literal["buffer", "link", "disk_bandwidth", "disk_size", "policy", "epoch"]
PipelineGoal = Literal["fed", "balanced", "within_budget", "as_promised"]
CheckpointControl = Literal["interval", "strategy", "store", "state", "mtbf"]
EPOCHS = ("cold", "warm")


def _some(**more):
    """A mapping that need not have all the keys that it could have."""
    return field(metadata={"some": True}, **more)


def _stated(**more):
    """A number whose source is the story itself."""
    return field(metadata={"stated": True}, **more)


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the accelerators ask for: the keyword arguments of `models.access.demand`."""

    name: str
    accelerators: Count
    batch_size: Samples  # per accelerator and step
    sample_size: Size
    step_time: Time
    sources: Mapping[str, str]

    @property
    def demand(self) -> dict[str, float]:
        """The keyword arguments of `models.access.demand`."""
        names = ("accelerators", "batch_size", "sample_size", "step_time")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, kw_only=True)
class AccessScenario:
    """Part 1 in a track's words: the lock's question, the controls, the reflection."""

    situation: str
    question: str
    options: Mapping[Literal["accelerator", "iops", "bandwidth"], str]
    estimate: str
    factor: str  # what the estimate counts
    goals: tuple[AccessGoal, ...]
    controls: tuple[AccessControl, ...]
    orders: Mapping[Literal["sequential", "shuffled"], str]
    formats: Mapping[Literal["raw", "tfrecord", "webdataset"], str]
    workers: str
    buffer: str
    mixing: str  # what the chance of two neighbours from one shard means here
    shard_sizes: tuple[Size, ...]  # what the slider offers, an assumption
    start: Mapping[AccessControl, str]  # the settings found on arrival, by name


@dataclass(frozen=True, kw_only=True)
class State:
    """What one checkpoint holds."""

    name: str
    size: Size
    source: str
    rebuilding: Time = 0.0  # after a restart, of what it does not hold


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a design must keep to, and why."""

    value: float
    why: str


# What each limit counts.
LIMITS = {
    "goodput": "",
    "excess": "",
    "busy": "",
    "bandwidth": "B/s",
    "pause": "s",
    "power": "W",
    "life": "s",
}


@dataclass(frozen=True, kw_only=True)
class CheckpointScenario:
    """Part 3 in a track's words: the lock's question, what writes to what, and its limits."""

    situation: str
    question: str
    options: Mapping[Literal["shorten", "lengthen", "same"], str]
    estimate: str
    factor: str  # what the estimate counts
    habit: Time = _stated()  # how often it saves so far
    asked: Time = _stated()  # how often it saves in the question
    work: Time  # the run without checkpoints and failures
    run: str
    unit: tuple[str, float]  # in which the run is counted [s]
    state: str  # the title of the choice of states
    states: tuple[State, ...]
    writer: str
    writers: Count
    writer_bandwidth: Rate  # of one writer
    local: str  # where a checkpoint is written first, and drained from later
    local_writers: Count = _stated()  # how many of these there are
    local_bandwidth: Rate  # of one of them
    drain_bandwidth: Rate = math.inf  # from one of them to the store
    local_loss: Plain = 0.0  # share of the failures that take what is not drained yet
    store: str  # the title of the choice of stores
    stores: tuple[Store | Device, ...]
    controls: tuple[CheckpointControl, ...]
    strategies: Mapping[Literal["replicated", "single", "sharded", "local"], str] = _some()
    failure: str
    failures: str
    intervals: tuple[Time, ...]  # what the slider offers
    mtbf: Time  # of the whole job, as it is first
    later_mtbf: Time  # as the Ops Lead reports it
    restart_time: Time  # before the state is read back
    report: str  # what the Ops Lead says after the first good answer
    waits: str  # what stands still while a checkpoint is written
    currency: str  # what waste is paid in
    rate: Plain  # of that currency an hour
    limits: Mapping[str, Limit]
    start: Mapping[CheckpointControl, str]  # the settings found on arrival, by name
    sources: Mapping[str, str]
    caveat: str
    wear_area: Size = math.inf  # of flash, over which writing is spread
    active_power: Power = 0.0  # of the store while it is written

    @property
    def mtbfs(self) -> tuple[float, ...]:
        """What the slider offers: halvings and doublings. [s]"""
        return tuple(self.mtbf * factor for factor in FACTORS.values())


# Of the mean time between failures, on that of the arrival.
FACTORS = {"1" if n == 0 else f"1/{2**-n}" if n < 0 else f"{2**n}": 2.0**n for n in range(-5, 4)}


@dataclass(frozen=True, kw_only=True)
class Slider:
    """One part of a design: what can be had of it, and what a unit of it costs."""

    title: str
    short: str  # as a column of the table of attempts
    unit: float
    unit_name: str
    steps: tuple[Plain, ...]  # in units; what the slider offers, an assumption
    price: Plain  # for one unit, in the track's currency
    source: str  # of the price

    @property
    def options(self) -> tuple[float, ...]:
        """What the slider offers, in bytes or bytes per second."""
        return tuple(step * self.unit for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What software decides: which bytes stay, which go on, and what interrupts them."""

    label: str
    cache: Literal["pinned", "random", "lru_scan"] = "pinned"  # as `models.pipeline` knows it
    written: Plain = 1.0  # share of the bytes that goes to the local tier
    uploaded: Plain = 1.0  # share of the bytes that goes over the link, when writing
    stalls: Plain = 0.0  # for each frame
    stall_time: Time = 0.0  # as a rule
    longest_stall: Time = 0.0


@dataclass(frozen=True, kw_only=True)
class PipelineScenario:
    """Part 2 in a track's words and numbers: tiers, sliders, prices, and what must be kept to."""

    situation: str
    question: str
    options: Mapping[Literal["always", "never", "depends"], str]
    estimate: str
    factor: str  # what the estimate counts: 2 "times as fast"
    goals: tuple[PipelineGoal, ...]
    controls: tuple[PipelineControl, ...]
    tiers: Mapping[Literal["store", "link", "disk", "memory", "accelerator"], str]
    sliders: Mapping[Tuned, Slider]
    policy: str
    policies: Mapping[str, Policy]
    workload: Workload
    store_bandwidth: Rate
    memory_bandwidth: Rate
    epoch: str
    epochs: Count  # of a whole run; the first of them is cold
    names: tuple[str, str]  # of the cold epoch and of the warm ones
    notes: tuple[str, str]  # what is different about them
    run: str
    busy: str  # what utilization is here
    starved: str  # what the accelerator does while nothing comes
    variation: Plain = 0.0  # of the time of a batch, standard deviation over mean
    clocked: bool  # frames come whether or not anyone is ready; a late one is lost
    currency: str
    budget: Plain = _stated()
    budget_source: str
    promise: str = ""  # the track's own condition, if it has one
    park_time: Time = 0.0  # after each epoch, for the upload
    look_back: Time = 0.0  # the promise: what must be at hand before an event
    longest_gap: Time = _stated(default=0.0)  # the promise: less may be missing at a stretch
    log_size: Size = 0.0  # flash over which erasing is spread
    erase_cycles: Plain = 0.0
    least_life: Time = 0.0  # the promise: what the flash must last
    start: Mapping[PipelineControl, str]  # the settings found on arrival, by name
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Track:
    """One persona, one crisis, and what the three parts need to know about both."""

    key: str
    order: Plain  # among the tracks
    name: str
    persona: str
    mission: str
    crisis: str
    caveat: str
    accelerator: str
    sample: str
    direction: Literal["read", "write"]  # what storage is asked to do
    dataset_size: Size
    dataset_source: str
    workloads: tuple[Workload, ...]
    devices: tuple[Device, ...]
    access: AccessScenario
    pipeline: PipelineScenario
    checkpoint: CheckpointScenario


_SHARED = ("texts", "numbers", "workload")  # what several places of a file name


def folder() -> Any:
    """Where the tracks' files lie."""
    return data.FOLDER / "tracks"


def load(
    path: Any, *, catalogue: Catalogue = CATALOGUE, workloads: Mapping[str, Workload] | None = None
) -> Track:
    """Read a track's file; `ValueError` of one sentence if it is wrong."""
    path = Path(path) if isinstance(path, str) else path
    table = data.read(path)
    table.expect(Track)
    table.only(*_SHARED, *(name for name in table.hints if name != "key"))
    table.names |= catalogue.names
    table.name_texts("texts")
    table.name_numbers("numbers")
    workloads = dict(WORKLOADS if workloads is None else workloads)
    for key, inner in table.inners("workload").items():
        if key in workloads:
            inner.fail("name", f"belongs to a workload {key!r} that is published; use another key")
        workloads[key] = data.build(Workload, inner)
    for key in _SHARED:
        table.content.pop(key, None)
    given = {
        "workloads": _picked(table, "workloads", workloads),
        "devices": _picked(table, "devices", catalogue.devices),
    }
    return data.build(
        Track,
        table,
        key=path.name.removesuffix(".toml"),
        access=_access(table.inner("access", table.take("access")), given),
        pipeline=_pipeline(table.inner("pipeline", table.take("pipeline")), workloads),
        checkpoint=_checkpoint(table.inner("checkpoint", table.take("checkpoint")), catalogue),
        **given,
    )


def _picked(table, key, known):
    """Those of the known things that a list of keys names."""
    keys = table.take(key)
    if not isinstance(keys, list) or not keys:
        table.fail(key, f"must be a list of some of {', '.join(known)}")
    return tuple(table.one(key, name, known) for name in keys)


def _start(table: Table, offered: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The settings on arrival, as the controls name them, {control: {name: value}}.

    A file may write a quantity otherwise than its slider does: "1 h" is "60 min".
    """
    hint = table.hints["start"]
    start = data.value(table, "start", table.take("start"), hint)
    inner = table.inner("start", start)
    for control, said in start.items():
        if control not in offered:  # steps that the part itself offers
            start[control] = str(inner.whole(control, inner.quantity(control, said, "").value))
        elif said not in offered[control]:
            names = [name for name, step in offered[control].items() if _same(said, step)]
            if not names:
                known = ", ".join(offered[control])
                inner.fail(control, f"cannot be {said!r:.60}; it may be {known}")
            start[control] = names[0]
    return start


def _same(said, step):
    try:
        return math.isclose(units.parse(said), step)
    except (TypeError, ValueError):  # a name
        return False


def _named(things):
    return {thing.name: thing for thing in things}


def _steps(values, text):
    """{as the slider writes it: value}; commas are for reading."""
    return {text(one).replace(",", ""): one for one in values}


def _access(table, given):
    table.expect(AccessScenario)
    sizes = data.value(table, "shard_sizes", table.take("shard_sizes"), tuple[Size, ...])
    devices, workloads = _named(given["devices"]), _named(given["workloads"])
    offered = {
        "order": table.need("orders", dict),
        "file_format": table.need("formats", dict),
        "device": devices,
        "workload": workloads,
        "shard_size": _steps(sizes, amount),
    }
    start = _start(table, offered)
    table.name_fields("device", devices[start["device"]])
    table.name_fields("workload", workloads[start["workload"]])
    return data.build(AccessScenario, table, shard_sizes=sizes, start=start)


def _pipeline(table, workloads):
    table.expect(PipelineScenario)
    workload = table.one("workload", table.take("workload"), workloads)
    table.name_fields("workload", workload)
    table.names["step_time"] = table.names["workload.step_time"]
    sliders = {key: _slider(inner) for key, inner in table.inners("sliders").items()}
    table.inner("sliders", table.take("sliders")).only(*get_args(Tuned))
    for key in get_args(Tuned):
        if key not in sliders:
            table.fail(f"sliders.{key}", "is missing")
    offered = {
        key: _steps(one.options, lambda size, one=one: f"{number(size / one.unit)} {one.unit_name}")
        for key, one in sliders.items()
    }
    offered |= {"policy": table.need("policies", dict), "epoch": dict.fromkeys(EPOCHS)}
    start = _start(table, offered)
    table.names |= {key: table.quantity(key, start[key], None) for key in sliders}
    return data.build(PipelineScenario, table, workload=workload, sliders=sliders, start=start)


def _slider(table):
    name = table.need("unit_name", str)
    counts = "B/s" if table.path[-1] in ("link", "disk_bandwidth") else "B"
    unit = table.quantity("unit_name", f"1 {name}", counts).value
    return data.build(Slider, table, unit=unit)


def _checkpoint(table, catalogue):
    table.expect(CheckpointScenario)
    stores = _picked(table, "stores", {**catalogue.devices, **catalogue.stores})
    states = data.value(table, "states", table.take("states"), tuple[State, ...])
    intervals = data.value(table, "intervals", table.take("intervals"), tuple[Time, ...])
    offered = {
        "interval": _steps(intervals, duration),
        "strategy": table.need("strategies", dict),
        "store": _named(stores),
        "state": _named(states),
        "mtbf": FACTORS,
    }
    start = _start(table, offered)
    table.name_fields("store", offered["store"][start["store"]])
    table.name_fields("state", offered["state"][start["state"]])
    inners = table.inners("limits")
    table.inner("limits", table.take("limits")).only(*LIMITS)
    unit = table.take("unit")
    return data.build(
        CheckpointScenario,
        table,
        stores=stores,
        states=states,
        intervals=intervals,
        start=start,
        limits={key: _limit(inner) for key, inner in inners.items()},
        unit=(unit, table.quantity("unit", f"1 {unit}", "s").value),
    )


def _limit(table):
    table.need("value")
    table.units = {"value": LIMITS[table.path[-1]]}
    limit = table.number("value").value
    table.take("value")
    return data.build(Limit, table, value=limit)


def load_workloads(path: Any) -> dict[str, Workload]:
    """Read a file of workloads; `ValueError` of one sentence if it is wrong."""
    table = data.read(path)
    table.name_texts("documents")
    table.content.pop("documents", None)
    return {
        key: data.build(Workload, table.inner(key, content))
        for key, content in table.content.items()
    }


WORKLOADS = load_workloads(data.FOLDER / "workloads.toml")
RESNET50, UNET3D = WORKLOADS["resnet50"], WORKLOADS["unet3d"]
COSMOFLOW, BERT = WORKLOADS["cosmoflow"], WORKLOADS["bert"]


def load_all(where: Any) -> dict[str, Track]:
    """The tracks of a folder, in the order that they ask for."""
    files = [path for path in where.iterdir() if path.name.endswith(".toml")]
    tracks = sorted(map(load, files), key=lambda track: (track.order, track.key))
    return {track.key: track for track in tracks}


TRACKS = load_all(folder())
