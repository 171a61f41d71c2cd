"""Part 2, Sizing the Pipeline: which tier binds, when, and what a balanced design costs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from iowall import parts, units
from iowall.models.pipeline import Epochs
from iowall.parts import Answer, Option, pipeline_text
from iowall.parts.pipeline_flow import Moment, moment
from iowall.parts.pipeline_size import EPOCHS, SIZES, TARGET, Promise, size
from iowall.scenarios import PipelineScenario, Policy, Track
from iowall.units import number

KEY = "pipeline"
TITLE = "Sizing the Pipeline"
REFLECTION = pipeline_text.REFLECTION
DESIGN = (*SIZES, "policy")  # the settings that an attempt keeps
ITERATIONS = 10
HELPS = 1.01  # less of a gain is none
_NO_GAIN = 0.005  # of utilization
_OUTSIDE = 0.25  # [steps] where a value is drawn that lies beyond the first or the last step


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """The same design against one with the local tier that was found on arrival."""

    binds: bool  # the link does, in the later epochs, with what was found behind it
    added: bool  # there is more behind it now
    gains: tuple[float, float]  # times as fast, in the first epoch and in the later ones


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The slider that was moved last, from end to end."""

    moved: str
    cold: np.ndarray  # utilization at each step
    warm: np.ndarray
    run: np.ndarray
    here: float  # the step of the design; between two of them if it is none
    knee: int  # the step beyond which nothing is gained


class Cause(NamedTuple):
    """What decides whether a goal is met."""

    kind: str  # "frame", "read", "jitter", "tier"; "part"; "price"; "look_back", "gap", "life"
    what: str  # the tier or the part, if there is one
    value: float  # utilization; times the need; price; seconds
    epoch: str = ""


@dataclass(frozen=True, kw_only=True)
class PipelineResult:
    """What the models say of one setting."""

    track: Track
    settings: Mapping[str, str]
    design: Mapping[str, float]  # the four sizes [B, B/s]
    policy: Policy
    demand: float  # [B/s]
    rates: Epochs  # of every tier [B/s]
    busy: Epochs  # utilization
    utilization: float  # over the whole run
    costs: Mapping[str, float]  # of each part
    price: float
    over: Mapping[str, float]  # times what the line needs of each part
    most_over: str  # the part that is most too large
    promise: Promise
    moments: Mapping[str, Moment]  # by epoch
    arrival: Arrival
    curve: Curve
    goals: Mapping[str, bool]
    causes: Mapping[str, Cause]  # of each goal, met or not

    @property
    def good(self) -> bool:
        """Whether all goals are met, in one design."""
        return all(self.goals.values())

    @property
    def missed(self) -> dict[str, Cause]:
        """The goals that are not met, and why."""
        return {goal: self.causes[goal] for goal, met in self.goals.items() if not met}

    @property
    def misses(self) -> tuple[str, ...]:
        """The same in sentences."""
        return tuple(f"Not {pipeline_text.missing(goal, self)}." for goal in self.missed)

    @property
    def shown(self) -> Moment:
        """The epoch that is looked at."""
        return self.moments[self.settings["epoch"]]

    @property
    def starving(self) -> Moment:
        """The epoch that starves most."""
        return self.moments["cold" if self.busy.cold < self.busy.warm else "warm"]

    @property
    def asked(self) -> Answer:
        """What the models say on the lock's question at these settings."""
        helps = [gain >= HELPS for gain in self.arrival.gains]
        option = "always" if all(helps) else "depends" if any(helps) else "never"
        return Answer(option, max(1.0, *self.arrival.gains))


def words(track: Track) -> PipelineScenario:
    """The track's words for this part."""
    return track.pipeline


def options(track: Track) -> dict[str, tuple[Option, ...]]:
    """What each control offers."""
    scenario = track.pipeline
    policies = {key: policy.label for key, policy in scenario.policies.items()}
    return {part: _steps(scenario.sliders[part]) for part in SIZES} | {
        "policy": parts.choices(policies),
        "epoch": parts.choices(dict(zip(EPOCHS, scenario.names, strict=True))),
    }


def _steps(slider):
    return parts.steps(
        slider.options, lambda value: f"{number(value / slider.unit)} {slider.unit_name}"
    )


def start(track: Track) -> dict[str, str]:
    """The settings found on arrival."""
    return dict(track.pipeline.start)


def evaluate(track: Track, settings: Mapping[str, str]) -> PipelineResult:
    """All that the models say of one setting.

    Beside the controls there is `moved`, the size that was moved last: its whole slider is seen.
    """
    offered = options(track) | {"moved": parts.choices({part: part for part in SIZES})}
    found = {"epoch": EPOCHS[0], "moved": "link"} | start(track)
    settings = parts.completed(found, settings)
    chosen, arrived = parts.values(offered, settings), parts.values(offered, found)
    design, policy = {part: chosen[part] for part in SIZES}, chosen["policy"]
    sliders = track.pipeline.sliders
    result = size(track, policy=policy, **design)
    moments = {epoch: moment(track, design, policy, result, epoch) for epoch in EPOCHS}
    over = {part: float(times) for part, times in result.over.items()}
    most_over = max(over, key=over.get)
    return PipelineResult(
        track=track,
        settings=settings,
        design=design,
        policy=track.pipeline.policies[policy],
        demand=float(result.demand),
        rates=result.rates,
        busy=Epochs(*map(float, result.busy)),
        utilization=float(result.utilization),
        costs={part: design[part] / sliders[part].unit * sliders[part].price for part in SIZES},
        price=float(result.price),
        over=over,
        most_over=most_over,
        promise=Promise(*map(float, result.promise)),
        moments=moments,
        arrival=_arrival(track, design, policy, arrived, result),
        curve=_curve(track, design, policy, chosen["moved"]),
        goals={goal: bool(met) for goal, met in result.goals.items()},
        causes={
            "fed": _held_up(moments, result),
            "balanced": Cause("part", most_over, over[most_over]),
            "within_budget": Cause("price", "", float(result.price)),
            "as_promised": _broken(result),
        },
    )


def _arrival(track, design, policy, arrived, result):
    local = {part: arrived[part] for part in ("disk_bandwidth", "disk_size")}
    before = size(track, policy=policy, **design | local)
    return Arrival(
        binds=str(before.rates.warm.binding) == "link",
        added=any(design[part] > found for part, found in local.items()),
        gains=tuple(
            float(now.line / was.line) for now, was in zip(result.rates, before.rates, strict=True)
        ),
    )


def _curve(track, design, policy, moved):
    slider = np.array(track.pipeline.sliders[moved].options)
    result = size(track, policy=policy, **design | {moved: slider})
    cold, warm, run = (
        np.broadcast_to(each, slider.shape)
        for each in (result.busy.cold, result.busy.warm, result.utilization)
    )
    return Curve(
        moved=moved,
        cold=cold,
        warm=warm,
        run=run,
        here=place(track, moved, design[moved]),
        knee=int(np.argmax(run >= run.max() - _NO_GAIN)),
    )


def _held_up(moments, result):
    """What keeps the line from its demand in the epoch that weighs most on the run."""
    cold, warm = result.busy
    # The first epoch is one of many: it is to blame only where the others are well fed.
    worse = moments["warm" if warm < TARGET or warm <= cold else "cold"]
    if not worse.fits:
        return Cause("frame", "", worse.busy, worse.epoch)
    if not worse.reaches:
        return Cause("read", "", worse.busy, worse.epoch)
    if worse.binding == "accelerator":
        return Cause("jitter", "", worse.busy, worse.epoch)
    return Cause("tier", worse.binding, worse.busy, worse.epoch)


def _broken(result):
    """What breaks the promise; where nothing does, how far the reader can look back."""
    name = next((name for name, kept in result.kept.items() if not kept), "look_back")
    return Cause(name, "", float(getattr(result.promise, name)))


def place(track: Track, part: str, value: float) -> float:
    """Where a value stands among a slider's steps, counted from 0; between two if it is none."""
    steps = track.pipeline.sliders[part].options
    last = len(steps) - 1
    return float(np.interp(value, steps, range(last + 1), left=-_OUTSIDE, right=last + _OUTSIDE))


def say(result: PipelineResult, prediction: Mapping[str, Any]) -> pipeline_text.PipelineSaid:
    """The sentences beside the pictures."""
    return pipeline_text.say(result, prediction)


def answer(track: Track) -> Answer:
    """The models on the lock's question: as much local room as there is, and as fast."""
    offered = options(track)
    return evaluate(
        track, {part: offered[part][-1].name for part in ("disk_bandwidth", "disk_size")}
    ).asked


def outcome(result: PipelineResult) -> dict[str, Any]:
    """The numbers and truths that an attempt keeps."""
    return {
        "utilization": result.utilization,
        "cold": result.busy.cold,
        "warm": result.busy.warm,
        "price": result.price,
        "over": result.over[result.most_over],
        **result.goals,
        "met": result.good,
    }


# Attempts


def whole(track: Track, attempts: Iterable[Mapping]) -> list[Mapping]:
    """The attempts at a design; a ledger may come from anywhere.

    A step or a policy that is offered no more hides none.
    """
    offered = options(track)
    return [one for one in attempts if _is_whole(offered, one["settings"], one["outcome"])]


def _is_whole(offered, settings, numbers):
    measured = [numbers.get(name) for name in ("utilization", "price", "over")]
    return (
        "met" in numbers
        and all(isinstance(value, (int, float)) for value in measured)
        and isinstance(settings.get("policy"), str)
        and all(_amount(offered[part], settings.get(part)) is not None for part in SIZES)
    )


def _amount(offered, name):
    """A size by its name, whether or not the slider offers it."""
    for option in offered:
        if option.name == name:
            return option.value
    try:
        return units.parse(name) if isinstance(name, str) else None
    except ValueError:
        return None


def left(attempts: Sequence[Mapping]) -> int:
    """Iterations that are left: ten, and ten more after each ten without success."""
    used = len(attempts) % ITERATIONS
    return 0 if attempts and not used and reached(attempts) else ITERATIONS - used


def reached(attempts: Iterable[Mapping]) -> int:
    """The number of the first attempt that meets the goal, from 1; 0 if none does."""
    return next((n for n, one in enumerate(attempts, 1) if one["outcome"]["met"]), 0)


def path(track: Track, part: str, attempts: Iterable[Mapping]) -> list[tuple[float, float]]:
    """Step of one slider and utilization of each attempt."""
    offered = options(track)[part]
    return [
        (place(track, part, _amount(offered, one["settings"][part])), one["outcome"]["utilization"])
        for one in attempts
    ]


def again(track: Track, attempt: Mapping) -> PipelineResult | None:
    """What the models say of an attempt's design today; None where it can no longer be set."""
    try:
        return evaluate(track, {name: attempt["settings"][name] for name in DESIGN})
    except ValueError:
        return None


def said(track: Track, attempt: Mapping, count: int) -> str:
    """One attempt's outcome in a sentence, with the reason for what it misses."""
    return pipeline_text.said(track, attempt, count, again(track, attempt))


def table(track: Track, attempts: Sequence[Mapping]) -> list[list[str]]:
    """The path of attempts as rows of cells, the first of them the heads."""
    return pipeline_text.table(track.pipeline, attempts, options(track))


def mismatch(track: Track, attempts: Sequence[Mapping]) -> str:
    """The reader's own numbers for the reflection: the attempt that starved most."""
    for attempt in sorted(attempts, key=lambda one: one["outcome"]["utilization"]):
        if result := again(track, attempt):
            which = f"your attempt {1 + attempts.index(attempt)}"
            return pipeline_text.mismatch(result, which)
    return ""


def nearest(attempts: Sequence[Mapping]) -> Mapping:
    """The attempt that meets most goals; of equals, the one that is fed best."""
    return max(attempts, key=_nearness)


def _nearness(attempt):
    numbers = attempt["outcome"]
    return sum(bool(numbers.get(goal)) for goal in pipeline_text.GOALS), numbers["utilization"]


def hint(track: Track, attempts: Sequence[Mapping]) -> str:
    """What the reader's own attempts say about where to go, without the numbers to set."""
    results = {n: again(track, one) for n, one in enumerate(attempts)}
    best = nearest([attempts[n] for n, result in results.items() if result])
    count = attempts.index(best)
    result = results[count]
    way = nearest_success(result)
    return pipeline_text.hint(result, best["outcome"], count=count + 1, way=way)


def nearest_success(result: PipelineResult) -> dict[str, float] | None:
    """Where to go for the good design that differs in least, if there is any: {control: steps}.

    Another policy is one step.
    """
    track, controls = result.track, result.track.pipeline.controls
    here = [place(track, part, result.design[part]) for part in SIZES]
    fixed = [n for n, part in enumerate(SIZES) if part not in controls]
    found = []
    for policy, good in successes(track).items():
        other = policy != result.settings["policy"]
        steps = np.argwhere(good) - here
        steps = steps[~steps[:, fixed].any(axis=1)]
        if not len(steps) or (other and "policy" not in controls):
            continue
        changes = np.count_nonzero(steps, axis=1) + other
        # Of equally many changes the shortest way, though no way is as long as a change.
        costs = changes + np.abs(steps).sum(axis=1) / 1000
        way = dict(zip(DESIGN, [*steps[costs.argmin()].tolist(), int(other)], strict=True))
        found.append(
            (costs.min(), policy, {control: step for control, step in way.items() if step})
        )
    return min(found, key=lambda one: one[:2])[2] if found else None


def successes(track: Track) -> dict[str, np.ndarray]:
    """Every good design: policy -> truth for each combination of slider steps."""
    offered = [track.pipeline.sliders[part].options for part in SIZES]
    grid = dict(zip(SIZES, np.meshgrid(*offered, indexing="ij", sparse=True), strict=True))
    return {
        policy: np.broadcast_to(size(track, policy=policy, **grid).good, [*map(len, offered)])
        for policy in track.pipeline.policies
    }


def summary(track: Track, work: Any) -> Iterator[str]:
    """What came of this part, in sentences for the report."""
    for count, attempt in enumerate(whole(track, work.attempts), 1):
        design = pipeline_text.design(track.pipeline, attempt["settings"], options(track))
        yield f"{said(track, attempt, count)} ({design}.)"
        if isinstance(attempt.get("hint"), str):
            yield f"Hint after ten: {attempt['hint']}"
