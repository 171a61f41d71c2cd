"""Part 3, the Checkpoint Wall: what saving costs, and what not having saved costs."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from iowall import hardware, parts
from iowall.models import checkpoint, streaming
from iowall.models.checkpoint import Waste
from iowall.parts import Answer, Option, checkpoint_text
from iowall.scenarios import CheckpointScenario, State, Track
from iowall.units import HOUR, amount, duration

KEY = "checkpoint"
TITLE = "The Checkpoint Wall"
REFLECTION = checkpoint_text.REFLECTION
NEVER = 0.99  # who wastes more than this takes 100 times as long: "never ends"
SAME = 0.02  # two runs that differ by less take equally long
AT_MOST = ("excess", "busy", "bandwidth", "pause", "power")  # the other limits are at least
POINTS = 120  # of the curve
SIMULATED = 24  # runs at each of up to 12 intervals
MOST_FAILURES = 200_000  # at one interval, so that a phone draws them at once


class Judged(NamedTuple):
    """One of the track's limits, and what a design makes of it."""

    name: str
    value: float
    limit: float
    at_most: bool  # or at least

    @property
    def met(self) -> bool:
        """Whether the design keeps to it."""
        return bool(self.value <= self.limit if self.at_most else self.value >= self.limit)


class Pace(NamedTuple):
    """What becomes of the run if it saves this often and all else is as it stands."""

    interval: float  # [s]
    goodput: float
    ends: bool

    @property
    def factor(self) -> float:
        """How many times its pure time the run takes."""
        return 1 / self.goodput if self.goodput else math.inf


@dataclass(frozen=True, kw_only=True)
class Way:
    """The way of one save, from those who write to the store that keeps it."""

    writing: int  # how many write at once
    own: float  # [B] what one of those writes that the run waits for
    own_bandwidth: float  # [B/s]
    bandwidths: tuple[float | None, ...]  # [B/s] of each place on the way, if that is known
    flows: tuple[tuple[float, float], ...]  # from each to the next: a rate [B/s], and how long [s]
    binds: int  # the place that the run waits for


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Waste over the whole slider."""

    interval: np.ndarray  # [s] (points,)
    waste: Waste  # of arrays (points,)


@dataclass(frozen=True, kw_only=True)
class CheckpointResult:
    """What the models say of one design."""

    track: Track
    settings: Mapping[str, str]
    interval: float  # [s]
    mtbf: float  # [s]
    strategy: str
    state: State
    store: hardware.Store | hardware.Device
    restart_time: float  # [s] reading the state back included
    read_time: float  # [s]
    written: float  # [B] by one save
    pause: float  # [s] for which the run waits for a save
    pauses: Mapping[str, float]  # [s] the same for every state that could be saved
    drain_time: float  # [s] for which the store is written to
    local_loss: float  # share of the failures that take a save that is not drained yet
    drains: bool  # whether the store has one save before it gets the next
    way: Way
    waste: Waste
    first_order: float  # the waste, nearly, while all times are short against the MTBF
    goodput: float
    ends: bool
    wall_time: float  # [s] inf if the run never ends
    cost: float  # of the waste in the whole run, in the track's currency
    young: float  # [s] the best interval, as each of them calls it
    daly: float  # [s]
    best: float  # [s] exactly
    least: float  # waste, at the best
    excess: float  # waste above the least
    busy: float  # share of the time in which the store is written to
    busy_until: float  # [s] below this interval the store is busier than it may be
    curve: Curve
    often: Pace  # saving as in the lock's question
    before: Pace  # saving as so far
    limits: tuple[Judged, ...]

    @property
    def goals(self) -> Mapping[str, bool]:
        """Which of the track's limits this design keeps to."""
        return {one.name: one.met for one in self.limits}

    @property
    def missed(self) -> tuple[Judged, ...]:
        """The limits that it does not keep to."""
        return tuple(one for one in self.limits if not one.met)

    @property
    def good(self) -> bool:
        """Whether this run ends, its store drains, and every limit is kept to."""
        return self.ends and self.drains and not self.missed

    @property
    def misses(self) -> tuple[str, ...]:
        """What is wrong with this design, one sentence each."""
        return tuple(checkpoint_text.misses(self))

    @property
    def asked(self) -> Answer:
        """What the models say on the lock's question at these settings."""
        often, before = self.often, self.before
        if before.ends and abs(often.goodput / before.goodput - 1) < SAME:
            return Answer("same", often.factor)
        return Answer("shorten" if often.goodput > before.goodput else "lengthen", often.factor)


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Simulated runs at the reader's interval and around it, but for those that fail too often."""

    interval: np.ndarray  # [s] (intervals,)
    waste: np.ndarray  # (intervals, runs)
    spread: tuple[float, float] | None  # of nine in ten at the reader's own interval, if there


def words(track: Track) -> CheckpointScenario:
    """The track's words for this part."""
    return track.checkpoint


def options(track: Track) -> dict[str, tuple[Option, ...]]:
    """What each control offers."""
    words = track.checkpoint
    return {
        "interval": parts.steps(words.intervals, duration),
        "strategy": parts.choices(words.strategies),
        "store": parts.named(
            words.stores, lambda one: f"{one.name}: {amount(one.bandwidth, 'B/s')}"
        ),
        "state": parts.named(words.states),
        "mtbf": tuple(
            Option(_factor(words, mtbf), duration(mtbf), mtbf)
            for mtbf in sorted({*words.mtbfs, words.later_mtbf})
        ),
    }


def _factor(words, mtbf):
    """A mean time between failures by its factor on arrival's, which stays when that is mended."""
    return str(Fraction(mtbf / words.mtbf).limit_denominator(1000))


def start(track: Track) -> dict[str, str]:
    """The settings found on arrival."""
    return dict(track.checkpoint.start)


def evaluate(track: Track, settings: Mapping[str, str]) -> CheckpointResult:
    """All that the models say of one design."""
    words, offered = track.checkpoint, options(track)
    settings = parts.completed(start(track), settings)
    chosen = parts.values(offered, settings)
    interval, mtbf, strategy = chosen["interval"], chosen["mtbf"], chosen["strategy"]
    state, store = chosen["state"], chosen["store"]

    pause, drain_time = _save_times(words, strategy, state, store)
    pair = {"write_time": pause, "mtbf": mtbf}
    read_time = _read_time(words, strategy, state, store)
    local_loss = words.local_loss if strategy == "local" else 0.0
    run = pair | {
        "restart_time": words.restart_time + read_time + state.rebuilding,
        "drain_time": drain_time,
        "local_loss": local_loss,
    }
    saves = {"write_time": pause, "drain_time": drain_time}
    waste = checkpoint.waste(interval=interval, **run)
    goodput = float(checkpoint.goodput(interval=interval, **run))
    ends = _ends(goodput)
    wall_time = words.work / goodput if ends else math.inf
    best = float(checkpoint.optimal_interval(**pair))
    least = float(checkpoint.waste(interval=best, **run).total)
    excess = waste.total - least
    busy = float(checkpoint.store_busy_share(interval=interval, **saves))
    may_be_busy = words.limits["busy"].value if "busy" in words.limits else 1.0
    written = state.size * (words.writers if strategy == "replicated" else 1.0)
    measured = {"goodput": goodput, "excess": excess, "busy": busy, "pause": pause}
    measured |= _wear_and_power(words, store, rate=written / (interval + pause))
    return CheckpointResult(
        track=track,
        settings=settings,
        interval=interval,
        mtbf=mtbf,
        strategy=strategy,
        state=state,
        store=store,
        restart_time=run["restart_time"],
        read_time=read_time,
        written=written,
        pause=pause,
        pauses={one.name: _save_times(words, strategy, one, store)[0] for one in words.states},
        drain_time=drain_time,
        local_loss=local_loss,
        drains=drain_time <= interval + pause,
        way=_way(words, strategy, state, store, written, pause, drain_time),
        waste=waste,
        first_order=pause / interval
        + (interval + pause) / (2 * mtbf)
        + (run["restart_time"] + local_loss * drain_time) / mtbf,
        goodput=goodput,
        ends=ends,
        wall_time=wall_time,
        cost=wall_time / HOUR * words.rate * float(waste.total),
        young=float(checkpoint.young_interval(**pair)),
        daly=float(checkpoint.daly_interval(**pair)),
        best=best,
        least=least,
        excess=excess,
        busy=busy,
        busy_until=float(checkpoint.shortest_interval(busy_share=may_be_busy, **saves)),
        curve=_curve(words, run),
        often=_pace(words.asked, run),
        before=_pace(words.habit, run),
        limits=tuple(
            Judged(name, measured[name], limit.value, name in AT_MOST)
            for name, limit in words.limits.items()
        ),
    )


def _save_times(words, strategy, state, store):
    """How long a save holds up the run, and how long the store is written to. [s]"""
    if strategy == "local":
        times = checkpoint.local_first(
            checkpoint_size=state.size,
            writers=words.local_writers,
            local_bandwidth=words.local_bandwidth,
            writer_bandwidth=words.drain_bandwidth,
            storage_bandwidth=store.bandwidth,
        )
        return float(times.blocked_time), float(times.drain_time)
    time = checkpoint.write_time(
        checkpoint_size=state.size,
        writers=words.writers,
        writer_bandwidth=words.writer_bandwidth,
        storage_bandwidth=store.bandwidth,
        strategy=strategy,
    )
    return float(time), float(time)


def _read_time(words, strategy, state, store):
    """How long the state is read back after a failure. [s]

    What was written locally first is read from the store: there it is whatever has failed.
    """
    return float(
        checkpoint.restart_time(
            checkpoint_size=state.size,
            readers=words.writers,
            reader_bandwidth=words.writer_bandwidth,
            storage_bandwidth=store.read_bandwidth or store.bandwidth,
            strategy="sharded" if strategy == "local" else strategy,
        )
    )


def _way(words, strategy, state, store, written, pause, drain_time):
    writing = 1 if strategy == "single" else words.writers
    if strategy == "local":
        return Way(
            writing=writing,
            own=state.size / words.local_writers,
            own_bandwidth=words.local_bandwidth,
            bandwidths=(None, words.local_writers * words.local_bandwidth, store.bandwidth),
            flows=((written / pause, pause), (written / drain_time, drain_time)),
            binds=1,
        )
    together = writing * words.writer_bandwidth
    return Way(
        writing=writing,
        own=state.size / words.writers if strategy == "sharded" else state.size,
        own_bandwidth=words.writer_bandwidth,
        bandwidths=(together, store.bandwidth),
        flows=((written / pause, pause),),
        binds=int(store.bandwidth <= together),
    )


def _wear_and_power(words, store, *, rate):
    """What writing at this rate asks of the store, by the limits' names."""
    endurance = streaming.endurance(
        size=words.wear_area, erase_cycles=float(hardware.NOR_ERASE_CYCLES)
    )
    return {
        "bandwidth": store.bandwidth,
        "life": float(
            streaming.lifetime(endurance=endurance, write_rate=rate, write_amplification=1.0)
        ),
        "power": float(
            streaming.average_power(
                rate=rate,
                bandwidth=store.bandwidth,
                active_power=words.active_power,
                idle_power=0.0,
            )
        ),
    }


def _curve(words, run):
    interval = np.geomspace(words.intervals[0], words.intervals[-1], POINTS)
    shares = checkpoint.waste(interval=interval, **run)
    return Curve(
        interval=interval,
        waste=Waste(*(np.broadcast_to(share, interval.shape) for share in shares)),
    )


def _pace(interval, run):
    goodput = float(checkpoint.goodput(interval=interval, **run))
    return Pace(interval, goodput, _ends(goodput))


def _ends(goodput):
    return goodput >= 1 - NEVER


def simulate(result: CheckpointResult) -> Simulation:
    """Runs with failures of their own, the same ones each time."""
    words = result.track.checkpoint
    run = {
        "write_time": result.pause,
        "mtbf": result.mtbf,
        "restart_time": result.restart_time,
    }
    # A period whose save is lost before it has drained is done again.
    undone = result.local_loss * -math.expm1(-result.drain_time / result.mtbf)
    work = words.work / (1 - undone)
    interval = np.geomspace(words.intervals[0], words.intervals[-1], 13)[1:-1]
    interval = np.append(interval, result.interval)
    goodput = checkpoint.goodput(interval=interval, **run)
    failures = work / np.maximum(goodput, 1e-300) / result.mtbf * SIMULATED
    few = (failures < MOST_FAILURES) & (interval <= words.work)
    if not few.any():
        return Simulation(interval=np.array([]), waste=np.array([]), spread=None)
    runs = checkpoint.simulate_runs(
        work=work, interval=interval[few], runs=SIMULATED, seed=1, **run
    )
    wasted = 1 - words.work / runs.wall_time
    low, high = np.percentile(wasted[-1], (5, 95))
    return Simulation(
        interval=interval[few],
        waste=wasted,
        spread=(float(low), float(high)) if few[-1] else None,
    )


def say(result: CheckpointResult, prediction: Mapping[str, Any]) -> checkpoint_text.CheckpointSaid:
    """The sentences beside the pictures."""
    return checkpoint_text.say(result, prediction)


def answer(track: Track) -> Answer:
    """The models on the lock's question, as things are on arrival."""
    return evaluate(track, start(track)).asked


def outcome(result: CheckpointResult) -> dict[str, Any]:
    """The numbers of a design that an attempt keeps, and whether it is good."""
    numbers = {name: float(getattr(result, name)) for name in _NUMBERS}
    return numbers | {"good": result.good}


def whole(track: Track, attempts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The attempts that this part could have recorded: a ledger comes from anywhere.

    A step or a store that is no longer offered hides none of them.
    """
    return [attempt for attempt in attempts if _is_whole(attempt, options(track))]


def _is_whole(attempt, controls):
    settings, numbers = attempt["settings"], attempt["outcome"]
    return (
        all(isinstance(settings.get(control), str) for control in controls)
        and all(isinstance(numbers.get(name), (int, float)) for name in _NUMBERS)
        and isinstance(numbers.get("good"), bool)
    )


def reports(track: Track) -> tuple[str, ...]:
    """The mean times between failures that are reported one after the other, by name."""
    words = track.checkpoint
    return tuple(_factor(words, mtbf) for mtbf in (words.mtbf, words.later_mtbf))


def stage(track: Track, attempts: Iterable[Mapping[str, Any]]) -> int:
    """How many of the two reports a student has answered with a good design: 0, 1 or 2."""
    due, answered = reports(track), 0
    for attempt in whole(track, attempts):
        good, mtbf = attempt["outcome"]["good"], attempt["settings"]["mtbf"]
        answered += good and mtbf in due[answered : answered + 1]
    return answered


def reported(track: Track, attempts: Iterable[Mapping[str, Any]]) -> str:
    """The mean time between failures of the fleet as it is, by name; the slider may leave it."""
    due = reports(track)
    return due[min(stage(track, attempts), len(due) - 1)]


def misses(track: Track, attempt: Mapping[str, Any]) -> Sequence[str]:
    """What is wrong with a design that was committed, one sentence each; none if it was good."""
    if attempt["outcome"]["good"]:
        return ()
    try:
        return evaluate(track, attempt["settings"]).misses or (checkpoint_text.EARLIER,)
    except ValueError:
        return (checkpoint_text.GONE,)


def described(track: Track, attempts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Each committed design in a sentence."""
    offered = options(track)
    for attempt in whole(track, attempts):
        labels = {
            control: next((one.label for one in offered[control] if one.name == name), name)
            for control, name in attempt["settings"].items()
            if control in offered
        }
        # A store is called by its name alone: what it can take has been told.
        labels["store"] = attempt["settings"]["store"]
        yield checkpoint_text.described(track, labels, attempt["outcome"])


def summary(track: Track, work: Any) -> Iterator[str]:
    """What came of this part, in sentences for the report."""
    return described(track, work.attempts)


_NUMBERS = ("goodput", "excess", "busy", "pause")
