"""The sentences of Part 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iowall.parts import Fact, Reflection, verdict
from iowall.scenarios import Track
from iowall.units import HOUR, amount, duration, number

if TYPE_CHECKING:
    from iowall.parts.checkpoint import CheckpointResult, Simulation

REFLECTION = Reflection(
    question="Local-First or Cloud-Native? Defend your storage strategy for saving, with "
    "numbers of your own from this workbench.",
    note="Local-First: save beside the writer and drain later. Cloud-Native: save straight to "
    "the store that all share. You put the choice itself into your ledger, on its page.",
    rubric=(
        "say what one save costs under your strategy, in seconds or as a share of the time?",
        "say what the shared store feels, and what happens when everybody saves at once?",
        "name what your strategy loses when the place of the newest save fails as well?",
        "say at what mean time between failures, or size, you would change your mind?",
    ),
)
GOOD = "Your design keeps to every limit."
GONE = "It was made with a setting that is no longer offered, so what it missed cannot be told."
EARLIER = "Earlier models found fault with it and today's do not: commit it once more."
TITLES = {
    "goodput": "Goes into the run",
    "excess": "Above the least possible",
    "busy": "The store is busy",
    "bandwidth": "The store's bandwidth",
    "pause": "Waits at a time",
    "power": "Power for saving",
    "life": "The flash lasts",
}


@dataclass(frozen=True, kw_only=True)
class CheckpointSaid:
    """What stands beside the pictures of one design."""

    verdict: str
    facts: tuple[Fact, ...]
    limits: tuple[Fact, ...]
    places: tuple[str, ...]  # on the way of a save
    written: str  # by a save
    meaning: str  # of the equations


def say(result: CheckpointResult, prediction: Mapping[str, Any]) -> CheckpointSaid:
    """The sentences of one design."""
    words = result.track.checkpoint
    return CheckpointSaid(
        verdict=_verdict(result, prediction),
        facts=tuple(_facts(result)),
        limits=tuple(_limits(result)),
        places=_places(result),
        written=amount(result.written) + _copies(result),
        meaning=f"δ: what a save takes; τ: the interval; M: from one {words.failure} to the "
        f"next; R: a restart, with reading back{_undrained(result)}. The sum is the first order, "
        f"good while all are small against M; the exact share is {_percent(result.waste.total)}.",
    )


def _verdict(result, prediction):
    """The prediction was about one interval; everything else is as it stands now."""
    options, often, before = result.track.checkpoint.options, result.often, result.before
    asked, habit = duration(often.interval), duration(before.interval)
    if not often.ends:
        said = options.get(prediction["option"], prediction["option"])
        return (
            f"You predicted “{said}” and {number(prediction['estimate'])} times; at these "
            f"settings a run that saves every {asked} never ends."
        )
    text = verdict(prediction=prediction, options=options, answer=result.asked)
    then = f"{number(before.factor)} times" if before.ends else "without end"
    return f"{text} That is for every {asked}; every {habit} it takes {then}."


def _facts(result):
    words = result.track.checkpoint
    others = "; ".join(
        f"{duration(result.pauses[one.name])} for {amount(one.size)}"
        for one in words.states
        if one.name != result.state.name
    )
    yield Fact(
        "The run takes",
        _long(words, result.wall_time) if result.ends else "no end",
        f"for {_long(words, words.work)} of {words.run}",
    )
    yield Fact(
        "Wasted",
        f"{_count(result.cost) if result.ends else 'all'} {words.currency}",
        "in the whole run",
    )
    yield Fact("One save takes", duration(result.pause), f"and {words.waits}; {others}")
    yield Fact(
        "One save writes", amount(result.written), f"of a state of {amount(result.state.size)}"
    )
    yield Fact("Reading it back", duration(result.read_time), _reading(result))


def _reading(result):
    """Who reads what after a failure."""
    words = result.track.checkpoint
    reading = {
        "replicated": f"every {words.writer} reads all of it",
        "single": f"one {words.writer} reads it and hands it on",
        "sharded": f"every {words.writer} reads its part",
        "local": f"every {words.writer} reads its part of the last save that has drained",
    }[result.strategy]
    lost = (
        f"; a {words.failure} within {duration(result.drain_time)} of a save takes that save too"
        if result.local_loss
        else ""
    )
    return f"after each {words.failure}: {reading}{lost}"


def _undrained(result):
    return "; D: until a save has drained" if result.local_loss else ""


def _limits(result):
    for one in result.limits:
        yield Fact(
            f"{'✓' if one.met else '✗'} {TITLES[one.name]}",
            _shown(one.name, one.value),
            f"at {'most' if one.at_most else 'least'} {_shown(one.name, one.limit)}; "
            f"{result.track.checkpoint.limits[one.name].why}",
        )


def _places(result):
    words = result.track.checkpoint
    writers, store = _counted(result.way.writing, words.writer), result.store.name
    return (writers, words.local, store) if result.strategy == "local" else (writers, store)


def _copies(result):
    if result.strategy != "replicated":
        return ""
    copies = _counted(result.track.checkpoint.writers, "copy")
    return f", {copies} of {amount(result.state.size)}"


def misses(result: CheckpointResult) -> Iterator[str]:
    """What is wrong with a design, one sentence each."""
    words = result.track.checkpoint
    if not result.ends:
        yield (
            f"This run never ends: a save takes {duration(result.pause)}, and a "
            f"{words.failure} comes every {duration(result.mtbf)}."
        )
    if not result.drains:
        yield (
            f"The store cannot drain: one save takes it {duration(result.drain_time)}, and the "
            f"next one comes after {duration(result.interval + result.pause)}."
        )
    for one in result.missed:
        yield (
            f"{TITLES[one.name]}: {_shown(one.name, one.value)}, "
            f"{'more' if one.at_most else 'less'} than {_shown(one.name, one.limit)}."
        )


def goals(track: Track, answered: int) -> tuple[tuple[str, bool], ...]:
    """The two goals, and whether each is met, once so many reports have been answered."""
    words = track.checkpoint
    later = (
        f"Commit another with a {words.failure} every {duration(words.later_mtbf)}."
        if answered
        else "Commit another when the Ops Lead has something to report."
    )
    return (
        (
            f"Commit a design that keeps to every limit with a {words.failure} every "
            f"{duration(words.mtbf)}.",
            answered > 0,
        ),
        (later, answered > 1),
    )


def report(track: Track, answered: int) -> str:
    """What the Ops Lead says once so many reports have been answered."""
    words = track.checkpoint
    if not answered:
        return ""
    if answered == 1:
        return f"{words.report} A {words.failure} comes every {duration(words.later_mtbf)} now."
    return "That will hold. Thank you. Write down why, below."


def fleet(result: CheckpointResult) -> str:
    """What a design was judged by, if the slider stood elsewhere."""
    failure = result.track.checkpoint.failure
    return f"Judged by the fleet as it is: a {failure} every {duration(result.mtbf)}. "


def described(track: Track, labels: Mapping[str, str], outcome: Mapping[str, Any]) -> str:
    """A committed design in a sentence; `labels` says how each setting reads."""
    return (
        f"{'✓ Good' if outcome['good'] else '○ Not yet'}: every {labels['interval']}, "
        f"“{labels['strategy']}”, {labels['state']}, {labels['store']}, a "
        f"{track.checkpoint.failure} every {labels['mtbf']}: "
        f"{_percent(outcome['goodput'])} goes into the run, the store is busy "
        f"{_percent(outcome['busy'])} of the time."
    )


def simulated(result: CheckpointResult, simulation: Simulation) -> str:
    """What was simulated, and how it compares with the curve."""
    words = result.track.checkpoint
    if not simulation.waste.size:
        return "These runs fail too often to be simulated to their end."
    count = (
        f"{simulation.waste.size} runs of {_long(words, words.work)}, each with "
        f"{words.failures} of its own"
    )
    if simulation.spread is None:
        return f"{count}. Those at your interval fail too often to be simulated to their end."
    low, high = simulation.spread
    return (
        f"{count}. At your interval nine in ten waste {number(100 * low)} to "
        f"{_percent(high)}; the curve says {_percent(result.waste.total)}."
    )


def _shown(name, value):
    """A limit's value, or what a design makes of it."""
    if name in ("goodput", "busy"):
        return _percent(value)
    if name == "excess":
        points = number(round(100 * value, 2))
        return f"{points} point{'' if points == '1' else 's'}"
    if name == "bandwidth":
        return amount(value, "B/s")
    if name == "pause":
        return duration(value)
    if name == "power":
        return amount(value, "W") if value >= 1 else f"{number(value * 1e3)} mW"
    return f"{number(value / HOUR)} h of use"


def _percent(share):
    return f"{number(100 * share)} %"


def _long(words, time):
    """A run's length, in the unit in which the track counts it."""
    name, unit = words.unit
    return f"{number(time / unit)} {name}"


def _count(value):
    return f"{number(value / 1e6)} million" if value >= 1e6 else number(value)


def _counted(count, noun):
    plural = {"copy": "copies"}.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else plural}"
