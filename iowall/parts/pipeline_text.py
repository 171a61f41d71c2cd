"""The sentences of Part 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from iowall.parts import Fact, Option, Reflection, verdict
from iowall.parts.pipeline_size import EPOCHS, MOST_OVER, SIZES, TARGET
from iowall.scenarios import PipelineScenario, Track
from iowall.units import DAY, amount, duration, number

if TYPE_CHECKING:
    from iowall.parts.pipeline import PipelineResult

GOALS = {
    "fed": "fed",
    "balanced": "balanced",
    "within_budget": "within budget",
    "as_promised": "as promised",
}
REFLECTION = Reflection(
    question="Jeff Dean observes: your storage is 50 % idle while your GPUs starve: name the "
    "impedance mismatch. Use your own numbers; they stand above.",
    note="A question in the manner of that engineer, not a quotation. If your track has no "
    "GPUs, read its accelerator for them.",
    rubric=(
        "name the two tiers that do not match, and the rate of each?",
        "say why the one that idles cannot help: its bytes never pass, or pass only in some "
        "epochs?",
        "say what you would move from the idle tier to the binding one?",
        "use a number of your own from this workbench?",
    ),
)
_YEAR = 365 * DAY
_STORAGE = ("store", "link", "disk")
_LATE = 0.02  # of the demand: jitter that takes less is not spoken of


@dataclass(frozen=True, kw_only=True)
class PipelineSaid:
    """What stands beside the pictures of one setting."""

    verdict: str
    facts: tuple[Fact, ...]
    costs: Mapping[str, str]  # of each size
    arrives: str  # at the end of the line
    notes: tuple[str, ...]  # on each tier
    diagnosis: str
    meaning: str  # of the equations
    mismatch: str


def say(result: PipelineResult, prediction: Mapping[str, Any]) -> PipelineSaid:
    """The sentences of one setting."""
    words, moment = result.track.pipeline, result.shown
    return PipelineSaid(
        verdict=_verdict(result, prediction),
        facts=tuple(_facts(result, words)),
        costs={part: _cost(words, words.sliders[part], result.costs[part]) for part in SIZES},
        arrives=_arrives(result, words, moment),
        notes=tuple(_notes(moment)),
        diagnosis=_diagnosis(words, moment),
        meaning=_meaning(result, words, moment),
        mismatch=mismatch(result, "the design on the sliders"),
    )


def goals(words: PipelineScenario) -> dict[str, str]:
    """What one design has to meet, {goal: sentence}."""
    lines = {
        "fed": f"Fed: {words.busy}, at least {number(100 * TARGET)} % over {words.run}.",
        "balanced": f"Balanced: you pay for at most {number(MOST_OVER)} times what the line needs "
        "of each part.",
        "within_budget": f"Within the budget: at most {number(words.budget)} {words.currency}.",
        "as_promised": f"As promised: {words.promise}.",
    }
    return {goal: line for goal, line in lines.items() if goal in words.goals}


def _verdict(result, prediction):
    """The prediction was about more local room behind a slow link: compare with the arrival."""
    words, arrival = result.track.pipeline, result.arrival
    link = words.tiers["link"]
    if not arrival.binds:
        return (
            f"With what you found on arrival behind it, this {link} is no bottleneck. Your "
            "prediction was about one that is: give it less bandwidth."
        )
    if not arrival.added:
        return (
            f"The {link} is too narrow, and you have added nothing behind it yet. Your "
            f"prediction was about what that does: move “{words.sliders['disk_size'].title}”, and "
            f"look at every {words.epoch}."
        )
    text = verdict(prediction=prediction, options=words.options, answer=result.asked)
    each = " and ".join(
        f"{name.lower()} {number(gain)}"
        for name, gain in zip(words.names, arrival.gains, strict=True)
    )
    return f"{text} Against the {words.tiers['disk']} of your arrival: {each} {words.factor}."


def _facts(result, words):
    yield Fact(
        "Whole run", f"{number(100 * result.utilization)} %", f"{words.busy}, in {words.run}"
    )
    for name, share, note in zip(words.names, result.busy, words.notes, strict=True):
        yield Fact(name, f"{number(100 * share)} %", note)
    too_much = "" if result.goals.get("within_budget", True) else ", too much"
    yield Fact(
        "Price",
        f"{number(result.price)} {words.currency}",
        f"of {number(words.budget)}{too_much}",
    )
    yield Fact(
        "Most over-provided",
        f"{number(result.over[result.most_over])} ×",
        f"{words.sliders[result.most_over].title}: what you pay for over what the line needs",
    )
    promise = result.promise
    if words.look_back:
        yield Fact(
            "Before an event",
            "all of it" if np.isinf(promise.look_back) else duration(promise.look_back),
            f"at hand; {duration(words.look_back)} are asked for",
        )
    if words.longest_gap:
        yield Fact(
            "Longest gap",
            duration(promise.gap),
            f"in the {words.names[1].lower()}, at the longest pause of the flash",
        )
    if words.least_life:
        yield Fact(
            "The flash lasts",
            f"{number(promise.life / _YEAR)} years",
            f"of erasing; {number(words.least_life / _YEAR)} are asked for",
        )


def _cost(words, slider, cost):
    return f"{number(cost)} {words.currency} ({number(slider.price)} for each {slider.unit_name})"


def _arrives(result, words, moment):
    """What reaches the end of the line, and what would keep up with the demand."""
    whose, wanted = f"the {words.tiers['accelerator']}", amount(moment.demand, "B/s")
    if result.track.direction == "write":
        return (
            f"{number(100 * moment.busy)} % of what the log is to keep survives; {whose} make "
            f"{wanted}. Rates are for each second of driving."
        )
    gets, kept = amount(moment.busy * moment.demand, "B/s"), moment.local[-1]
    whence = f", {amount(kept, 'B/s')} of it kept in the {words.tiers['disk']}" if kept else ""
    return f"{gets} reach {whose}{whence}; {wanted} would keep up."


def _notes(moment):
    for tier, idle in moment.idle.items():
        if tier != moment.binding:
            yield f"{100 * idle:.0f} % idle"
        else:
            yield "its room binds" if moment.room and tier == "disk" else "binds"


def _diagnosis(words, moment):
    """Which tier binds, what that means, and what idles most, in a sentence or two."""
    binding, name = moment.binding, words.tiers[moment.binding]
    idle = {tier: share for tier, share in moment.idle.items() if tier in _STORAGE}
    most = max(idle, key=idle.get)
    rest = f"Most idle: {words.tiers[most]}, {number(100 * idle[most])} %."
    bridge = words.sliders["buffer"].short
    if not moment.fits:
        return f"The {bridge} holds less than one frame, so none is ever complete. {rest}"
    if not moment.reaches:
        return (
            f"Reading a frame takes longer than the {bridge} lasts, so none is in time: a larger "
            f"{bridge}, or more bandwidth, would help. {rest}"
        )
    if binding == "accelerator":
        text = f"Every tier keeps up with the {name}. "
    else:
        what = f"The room of the {name}" if binding == "disk" and moment.room else f"The {name}"
        text = (
            f"{what} binds: {number(100 * moment.supply / moment.demand)} % of the demand passes. "
            f"Only more of it, or fewer bytes that need it, improves this {words.epoch}. "
        )
    if moment.late > _LATE:
        text += (
            f"Jitter takes {number(100 * moment.late)} % more: a larger {bridge}, or shorter "
            "pauses, would help. "
        )
    return text + rest


def _meaning(result, words, moment):
    """What the letters of the equations stand for."""
    if result.track.direction == "read":
        letters = (
            f"m = {number(moment.share)} of the bytes come over the {words.tiers['link']}; a "
            "tier's bandwidth over the share of the bytes that pass it is its rate."
        )
    else:
        letters = (
            f"w = {number(result.policy.written)} of the stream is written and u = "
            f"{number(result.policy.uploaded)} uploaded, in P = {duration(words.park_time)} after "
            "T = 1 h; C is the capacity. In the first shift nothing has to be uploaded yet."
        )
    return (
        f"{_name(words, moment.epoch)}: {letters} j is what jitter and pauses take, as far as the "
        "buffer does not bridge them."
    )


def mismatch(result: PipelineResult, which: str) -> str:
    """Two tiers that do not match, and what that costs, where the line starves most."""
    words, moment = result.track.pipeline, result.starving
    storage = "disk" if moment.binding != "disk" else "store"
    return (
        f"{which}, {_name(words, moment.epoch).lower()}: {_the(words, moment.binding)} binds and "
        f"{_the(words, storage)} is {number(100 * moment.idle[storage])} % idle, while the "
        f"{words.tiers['accelerator']} {words.starved}: {number(100 * moment.busy)} % instead of "
        "100 %."
    )


# Attempts


def said(track: Track, attempt: Mapping, count: int, result: PipelineResult | None) -> str:
    """One attempt's outcome in a sentence, with the reason for what it misses if it is known."""
    numbers = attempt["outcome"]
    missed = [missing(goal, result) for goal in _missed(numbers)]
    return (
        f"Attempt {count}: {number(100 * numbers['utilization'])} % for {number(numbers['price'])} "
        f"{track.pipeline.currency}. "
        + (f"Not {', not '.join(missed)}." if missed else "It meets the goal.")
    )


def _missed(numbers):
    """The goals that an attempt's outcome misses."""
    return [goal for goal in GOALS if not numbers.get(goal, True)]


def missing(goal: str, result: PipelineResult | None) -> str:
    """A goal that is missed, with the reason where there is one to tell."""
    why = ""
    if result and goal == "fed":
        why = f" ({_held_up(result)})"
    elif result and goal == "balanced":
        cause = result.causes[goal]
        title = result.track.pipeline.sliders[cause.what].title
        why = f" ({title}: {number(cause.value)} times the need)"
    return GOALS[goal] + why


def _held_up(result):
    """What keeps the line from its demand, and in which epoch."""
    words, cause = result.track.pipeline, result.causes["fed"]
    what = {
        "frame": f"the {words.sliders['buffer'].short} holds less than a frame",
        "read": f"reading a frame takes longer than the {words.sliders['buffer'].short} lasts",
        "jitter": "jitter and pauses",
        "tier": cause.what and f"{_the(words, cause.what)} binds",
    }[cause.kind]
    return f"{_name(words, cause.epoch).lower()}: {what}"


def hint(
    result: PipelineResult, numbers: Mapping[str, Any], *, count: int, way: Mapping | None
) -> str:
    """Where to go from the attempt that came nearest, without the numbers to set."""
    words = result.track.pipeline
    missed = ", not ".join(GOALS[goal] for goal in _missed(numbers))
    return (
        f"Your attempt {count} came nearest: {number(100 * numbers['utilization'])} % for "
        f"{number(numbers['price'])} {words.currency}, but not {missed} ({_held_up(result)}). "
        + _way(words, way)
    )


def _way(words, way):
    if way is None:
        return "No design that is offered here does it all."
    advice = [f"{words.policy}: another choice"] if "policy" in way else []
    advice += [
        f"{words.sliders[part].title}: {'more' if way[part] > 0 else 'less'}"
        for part in SIZES
        if part in way
    ]
    changes = "change" if len(advice) == 1 else "changes"
    return f"A design that does it all is {len(advice)} {changes} away. {'; '.join(advice)}."


def table(
    words: PipelineScenario, attempts: Sequence[Mapping], options: Mapping[str, Sequence[Option]]
) -> list[list[str]]:
    """The path of attempts as rows of cells, the first of them the heads."""
    heads = ["#", "run", words.currency, "over", "met"]
    heads += [*(words.sliders[part].short for part in SIZES), words.policy]
    return [heads] + [
        [str(count), *_numbers(one["outcome"]), *_labels(one["settings"], options).values()]
        for count, one in enumerate(attempts, 1)
    ]


def _numbers(numbers):
    missed = [GOALS[goal] for goal in _missed(numbers)]
    return (
        f"{number(100 * numbers['utilization'])} %",
        number(numbers["price"]),
        f"{number(numbers['over'])} ×",
        f"not {', '.join(missed)}" if missed else "✓ all",
    )


def design(
    words: PipelineScenario, settings: Mapping[str, str], options: Mapping[str, Sequence[Option]]
) -> str:
    """A design in words."""
    labels = _labels(settings, options)
    sizes = ", ".join(f"{words.sliders[part].short} {labels[part]}" for part in SIZES)
    return f"{sizes}; {labels['policy']}"


def _labels(settings, options):
    """A design's settings as a reader sees them; one that is offered no more by its name."""
    return {
        control: next(
            (one.label for one in options[control] if one.name == settings[control]),
            settings[control],
        )
        for control in (*SIZES, "policy")
    }


def _name(words, epoch):
    return words.names[EPOCHS.index(epoch)]


def _the(words, tier):
    """A tier with its article, which a proper name has not."""
    name = words.tiers[tier]
    return name if name == "S3" else f"the {name}"
