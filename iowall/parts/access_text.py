"""The sentences of Part 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iowall.parts import Fact, Reflection, verdict
from iowall.units import amount, duration, number

if TYPE_CHECKING:
    from iowall.parts.access import AccessResult

GOALS = {
    "wall": "Find files, one a sample, wanted out of order, that cost 100 times a plain scan.",
    "free": "Find such files that cost next to nothing: at most 1.1 times.",
    "bought": "Buy the disorder back with shards and a buffer: at most 1.1 times, and neighbours "
    "from one shard in less than 1 % of cases.",
}

REFLECTION = Reflection(
    question="Patterson asks: why is sequential access the only way to reach the machine's "
    "peak? Answer with a number of your own from this workbench, and say whether “only” is true.",
    note="A question in the manner of that engineer, not a quotation.",
    rubric=(
        "name what each request costs before its first byte, whatever its size?",
        "say how reading in order hides that cost (large requests, read ahead)?",
        "name the other way to hide it (many requests in flight) and where that fails (a disk)?",
        "use a number of your own from this workbench?",
    ),
)


@dataclass(frozen=True, kw_only=True)
class AccessSaid:
    """What stands beside the pictures of one setting."""

    verdict: str
    facts: tuple[Fact, ...]
    meaning: str  # of the equations


def say(result: AccessResult, prediction: Mapping[str, Any]) -> AccessSaid:
    """The sentences of one setting."""
    words = result.track.access
    text = verdict(prediction=prediction, options=words.options, answer=result.asked)
    if result.settings["order"] == "sequential":
        text = (
            "Everything is read in order now. Your prediction was about the other order: "
            f"choose “{words.orders['shuffled']}”."
        )
    uses, gets = amount(result.demand, "B/s"), amount(result.throughput, "B/s")
    return AccessSaid(
        verdict=text,
        facts=tuple(_facts(result, words)),
        meaning=f"X: positioned requests a second of {amount(result.sample_time.request_size)} "
        f"each{_lost(result)}; the {result.track.accelerator} would use {uses} and gets {gets}.",
    )


def _lost(result):
    """Why a device gives fewer requests than its bounds allow, if it does."""
    share = result.iops / result.most_iops
    if share > 0.9995:
        return ""
    if result.workers == 1:
        why = "each waits before its bytes move"
    elif result.device.arms:
        why = "an arm serves one request at a time"
    else:
        why = "some of its chips have two requests and others none"
    return f", {number(100 * share)} % of the bound, since {why}"


def _facts(result, words):
    times, device = result.sample_time, result.device
    yield Fact(
        "Utilization", f"{number(100 * result.utilization)} %", f"of the {result.track.accelerator}"
    )
    yield Fact("Slower than a plain scan", f"{number(result.slowdown)} ×", "of the same device")
    yield Fact(
        "Opening files",
        f"{number(100 * times.metadata_time / times.total)} %",
        f"of the time; metadata requests a sample: {number(times.metadata_requests)}",
    )
    yield Fact(
        "Requests",
        f"{number(times.requests)} a sample",
        f"of {amount(times.request_size)}, {amount(times.stored_size)} stored",
    )
    if device.arms:
        arms = f"{number(device.arms)} request{'s' if device.arms > 1 else ''}"
        yield Fact("Served at once", arms, f"by this {device.name}, the nearest first")
    elif device.iops_limit * device.latency < 1.001:
        yield Fact("Served at once", "1 request", f"by this {device.name}, however many wait")
    if result.mixed:
        yield Fact(
            "Neighbours from one shard",
            f"{number(100 * result.same_shard)} %",
            f"chance that {words.mixing}",
        )
        yield Fact(
            "The buffer costs",
            amount(result.buffer_size),
            f"of memory, and {duration(result.fill_time)} before the first batch",
        )


def at_last(result: AccessResult, prediction: Mapping[str, Any]) -> str:
    """The verdict at the last settings, for the report."""
    options = result.track.access.options
    said = verdict(prediction=prediction, options=options, answer=result.asked)
    return f"At your last settings, in the order that the prediction is about: {said}"


def described(attempt: Mapping[str, Any]) -> Iterator[str]:
    """An attempt in a sentence, if it is one."""
    tried, numbers = attempt["settings"], attempt["outcome"]
    if {"slowdown", "utilization"} <= set(numbers):
        yield (
            f"{GOALS.get(numbers.get('goal'), 'Tried.')} Met with {tried.get('device')}, "
            f"{tried.get('workload')}, queue depth {tried.get('workers')}: "
            f"{number(numbers['slowdown'])} times a plain scan, "
            f"{number(100 * numbers['utilization'])} % utilization."
        )
