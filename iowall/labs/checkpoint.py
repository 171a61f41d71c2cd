"""Part 3, the Checkpoint Wall: what saving costs, and what not having saved costs."""

from html import escape

import ipywidgets as widgets
import numpy as np

from iowall import hardware
from iowall.labs import links
from iowall.labs.prediction import verdict
from iowall.labs.workbench import FULL, Lab, choices, fact_list, now, restore, step_slider, titled
from iowall.models import checkpoint, streaming
from iowall.units import HOUR, amount, duration, number
from iowall.views.math_peek import MathPeek, fraction, most, root, row, subscript
from iowall.views.write_path import WritePath
from iowall.views.young_daly import NEVER, YoungDalyPlot

SAME = 0.02  # two runs that differ by less take equally long
SIMULATED = 24  # runs at each of up to 12 intervals
MOST_FAILURES = 200_000  # at one interval, so that a phone draws them at once
AT_MOST = ("excess", "busy", "bandwidth", "pause", "power")  # the other limits are at least

INSTRUMENTS = (YoungDalyPlot, WritePath, MathPeek)

REFLECTION = {
    "question": "Local-First or Cloud-Native? Defend your storage strategy for saving, with "
    "numbers of your own from this workbench.",
    "note": "Local-First: save beside the writer and drain later. Cloud-Native: save straight to "
    "the store that all share. You put the choice itself into your ledger, on its page.",
    "rubric": (
        "say what one save costs under your strategy, in seconds or as a share of the time?",
        "say what the shared store feels, and what happens when everybody saves at once?",
        "name what your strategy loses when the place of the newest save fails as well?",
        "say at what mean time between failures, or size, you would change your mind?",
    ),
}


class CheckpointWorkbench(widgets.VBox):
    """Controls, instruments, and designs to commit; `_update` is where models run."""

    def __init__(self, *, track, ledger, save, asked):
        self._words, self._ledger, self._save = track.checkpoint, ledger, save
        words = self._words
        self.interval = step_slider(words.intervals, duration)
        self.strategy = widgets.ToggleButtons(options=choices(words.strategies))
        self.store = widgets.Dropdown(
            options=[(f"{s.name}: {amount(s.bandwidth, 'B/s')}", s.name) for s in words.stores],
            layout=FULL,
        )
        self.state = widgets.Dropdown(options=[s.name for s in words.states], layout=FULL)
        self.mtbf = step_slider(words.mtbfs, duration)
        self.controls = {
            "interval": self.interval,
            "strategy": self.strategy,
            "store": self.store,
            "state": self.state,
            "mtbf": self.mtbf,
        }
        self.commit = widgets.Button(
            description="Commit this design", button_style="primary", layout={"width": "auto"}
        )
        self.simulate = widgets.ToggleButton(
            description="Draw simulated runs", layout={"width": "auto"}
        )
        self.plot, self.path, self.math = YoungDalyPlot(), WritePath(), MathPeek()
        self._goals, self._verdict, self._numbers = (widgets.HTML() for _ in range(3))
        self._answer, self._ops, self._designs, self._runs = (widgets.HTML() for _ in range(4))
        restore(self.controls, words.start_values | {"mtbf": self._reported()})
        restore(self.controls, ledger.settings.get("checkpoint", {}))
        self.misfits = list(links.take(self.controls, asked))

        controls = widgets.GridBox(
            [
                titled("Interval between saves", self.interval),
                titled(f"Mean time between {words.failures}", self.mtbf),
                titled("Who writes what", self.strategy),
                titled(f"{words.store} (write bandwidth)", self.store),
                titled(words.state, self.state),
            ]
        )
        controls.add_class("iowall-controls")
        desk = widgets.VBox([self.commit, self._answer, self._ops, self._designs])
        desk.add_class("iowall-commit")
        super().__init__(
            [
                widgets.HTML("<h4>Act and observe</h4>"),
                self._goals,
                controls,
                self._verdict,
                self._numbers,
                desk,
                self.plot,
                widgets.VBox([self.simulate, self._runs]),
                self.path,
                self.math,
                widgets.HTML(f'<p class="iowall-note">{escape(words.caveat)}</p>'),
            ]
        )
        self.add_class("iowall-workbench")
        for control in (*self.controls.values(), self.simulate):
            control.observe(self._update, names="value")
        self.commit.on_click(self._commit)
        self._show_attempts()
        self._update()

    def _reported(self):
        """The mean time between failures of the fleet as it is, which the slider may leave."""
        answered = stage(self._words, self._attempts())
        return self._words.later_mtbf if answered else self._words.mtbf

    def _attempts(self):
        return self._ledger.attempts.setdefault("checkpoint", [])

    def _settings(self):
        return {name: control.value for name, control in self.controls.items()}

    def _update(self, _change=None):
        words, settings = self._words, self._settings()
        result = audit(words, **settings)
        self._show_plot(settings, result)
        self._show_path(settings, result)
        self._show_math(settings, result)
        self._show_verdict(settings)
        self._show_numbers(settings, result)
        self._ledger.settings["checkpoint"] = settings
        self._save()

    def _commit(self, _button):
        words, moved = self._words, self.mtbf.value != self._reported()
        self.mtbf.value = self._reported()  # a design is for the fleet as it is
        settings = self._settings()
        kept = outcome_of(words, settings)
        self._attempts().append({"settings": settings, "outcome": kept, "time": now()})
        self._show_attempts(moved)
        self.mtbf.value = self._reported()  # which the Ops Lead may just have changed
        self._save()

    def _show_attempts(self, moved=False):
        """The goals, what came of the last design, what the Ops Lead says, and all designs."""
        words = self._words
        attempts = list(whole(words, self._attempts()))
        answered = stage(words, attempts)
        goals = (
            f"Commit a design that keeps to every limit with a {words.failure} every "
            f"{duration(words.mtbf)}.",
            "Commit another when the Ops Lead has something to report."
            if not answered
            else f"Commit another with a {words.failure} every {duration(words.later_mtbf)}.",
        )
        lines = "".join(
            f'<li class="{"iowall-met" if n < answered else "iowall-open"}">'
            f"{'✓' if n < answered else '○'} {escape(goal)}</li>"
            for n, goal in enumerate(goals)
        )
        self._goals.value = f'<ul class="iowall-goals">{lines}</ul>'
        self._answer.value = self._judged(attempts[-1], moved) if attempts else ""
        self._ops.value = self._told(answered)
        designs = "".join(f"<li>{escape(line)}</li>" for line in described(words, attempts))
        self._designs.value = (
            f"<details><summary>Your designs so far: {len(attempts)}</summary>"
            f"<ol>{designs}</ol></details>"
            if attempts
            else ""
        )

    def _judged(self, attempt, moved):
        words, settings = self._words, attempt["settings"]
        told = (
            f"Judged by the fleet as it is: a {words.failure} every {duration(settings['mtbf'])}. "
            if moved
            else ""
        )
        problems = list(failings(words, settings))
        if not problems:
            return (
                f'<p class="iowall-met" role="status">✓ {escape(told)}Your design keeps to every '
                "limit.</p>"
            )
        listed = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
        return (
            f'<div class="iowall-problem" role="alert">{escape(told)}Not yet:'
            f"<ul>{listed}</ul></div>"
        )

    def _told(self, answered):
        words = self._words
        if not answered:
            return ""
        text = (
            f"{words.report} A {words.failure} comes every {duration(words.later_mtbf)} now."
            if answered == 1
            else "That will hold. Thank you. Write down why, below."
        )
        return f'<p class="iowall-notice" role="status"><b>Ops Lead:</b> {escape(text)}</p>'

    def _show_plot(self, settings, result):
        words = self._words
        interval = np.geomspace(words.intervals[0], words.intervals[-1], 120)
        curve = audit(words, **settings | {"interval": interval})["waste"]
        here = result["waste"]
        self.plot.show(
            interval=interval,
            waste=_stacked(curve, interval),
            here=(settings["interval"], tuple(float(share) for share in _order(here))),
            optima={"Young": result["young"], "Daly": result["daly"], "exact": result["best"]},
            least=result["least"],
            busy_until=result["from"],
            runs=self._simulated(settings, result),
        )

    def _simulated(self, settings, result):
        """Waste of simulated runs at the reader's interval and around it, while asked for."""
        nothing = np.array([]), np.array([])
        self._runs.value = ""
        self.simulate.description = f"{'Hide' if self.simulate.value else 'Draw'} simulated runs"
        if not self.simulate.value:
            return nothing
        words = self._words
        interval = np.geomspace(words.intervals[0], words.intervals[-1], 13)[1:-1]
        interval = np.append(interval, settings["interval"])
        goodput = audit(words, **settings | {"interval": interval})["goodput"]
        failures = words.work / np.maximum(goodput, 1e-300) / settings["mtbf"] * SIMULATED
        few = (failures < MOST_FAILURES) & (interval <= words.work)
        if not few.any():
            self._runs.value = _status("These runs fail too often to be simulated to their end.")
            return nothing
        runs = checkpoint.simulate_runs(
            work=words.work,
            interval=interval[few],
            write_time=result["pause"],
            mtbf=settings["mtbf"],
            restart_time=result["restart_time"],
            runs=SIMULATED,
            seed=1,
        )
        wasted = 1 - words.work / runs.wall_time
        length = _long(words, words.work)
        count = f"{wasted.size} runs of {length}, each with {words.failures} of its own"
        if few[-1]:
            low, high = np.percentile(wasted[-1], (5, 95))
            count += (
                f". At your interval nine in ten waste {number(100 * low)} to "
                f"{number(100 * high)} %; the curve says {number(100 * result['waste'].total)} %"
            )
        else:
            count += ". Those at your interval fail too often to be simulated to their end"
        self._runs.value = _status(f"{count}.")
        return interval[few], wasted

    def _show_path(self, settings, result):
        words, strategy = self._words, settings["strategy"]
        writing = 1 if strategy == "single" else words.writers
        name = _counted(writing, words.writer)
        places = [
            (name, writing * words.writer_bandwidth),
            (settings["store"], result["bandwidth"]),
        ]
        flows = [(result["written"] / result["pause"], result["pause"])]
        binds = int(places[1][1] <= places[0][1])
        if strategy == "local":
            local = (words.local, words.local_writers * words.local_bandwidth)
            places, binds = [(name, None), local, places[1]], 1
            flows.append((result["written"] / result["drain_time"], result["drain_time"]))
        copies = f", {_counted(words.writers, 'copy')} of {amount(result['size'])}"
        self.path.show(
            places=places,
            flows=flows,
            writing=writing,
            written=amount(result["written"]) + (copies if strategy == "replicated" else ""),
            binds=binds,
            waits=words.waits,
            drains=drains(settings, result),
        )

    def _show_math(self, settings, result):
        words, strategy = self._words, settings["strategy"]
        tau, delta = settings["interval"], result["pause"]
        mtbf, restart = settings["mtbf"], result["restart_time"]
        n = 1 if strategy in ("single", "replicated") else words.writers
        own = result["size"] / (words.local_writers if strategy == "local" else n)
        rate = words.local_bandwidth if strategy == "local" else words.writer_bandwidth
        letters = fraction("own", subscript("β", "local" if strategy == "local" else "writer"))
        numbers = fraction(amount(own), amount(rate, "B/s"))
        if strategy != "local":
            everything = fraction(amount(result["written"]), amount(result["bandwidth"], "B/s"))
            letters = most(letters, fraction("all", subscript("β", "store")))
            numbers = most(numbers, everything)
        first_order = delta / tau + (tau + delta) / (2 * mtbf) + restart / mtbf
        equations = [
            row("δ", "=", letters, "=", numbers, "=", duration(delta)),
            row(subscript("τ", "Young"), "=", root("2", "δ", "M"), "=",
                root("2", "·", duration(delta), "·", duration(mtbf)), "=",
                duration(result["young"])),
            row("waste", "≈", fraction("δ", "τ"), "+", fraction(row("τ", "+", "δ"), row("2", "M")),
                "+", fraction("R", "M"), "=",
                fraction(duration(delta), duration(tau)), "+",
                fraction(duration(tau + delta), row("2", "·", duration(mtbf))), "+",
                fraction(duration(restart), duration(mtbf)), "=", f"{number(100 * first_order)} %"),
            row("busy", "=", fraction("drain", row("τ", "+", "δ")), "=",
                fraction(duration(result["drain_time"]), duration(tau + delta)), "=",
                f"{number(100 * result['busy'])} %"),
        ]  # fmt: skip
        self.math.show(
            equations=equations,
            meaning=f"δ: what a save takes; τ: the interval; M: from one {words.failure} to the "
            "next; R: a restart. The sum of three is the first order, good while all are small "
            f"against M; the exact share is {number(100 * result['waste'].total)} %.",
        )

    def _show_verdict(self, settings):
        """The prediction was about one interval; everything else is as it stands now."""
        words = self._words
        often, before = (
            float(audit(words, **settings | {"interval": time})["goodput"])
            for time in (words.asked, words.habit)
        )
        prediction = self._ledger.predictions["checkpoint"]
        asked, habit = duration(words.asked), duration(words.habit)
        if often < 1 - NEVER:
            said = words.options.get(prediction["option"], prediction["option"])
            text = (
                f"You predicted “{said}” and {number(prediction['estimate'])} times; at these "
                f"settings a run that saves every {asked} never ends."
            )
        else:
            text = verdict(
                prediction=prediction,
                options=words.options,
                answer=compared(often, before),
                value=1 / often,
            )
            then = f"{number(1 / before)} times" if before >= 1 - NEVER else "without end"
            text += f" That is for every {asked}; every {habit} it takes {then}."
        self._verdict.value = f'<p class="iowall-verdict" role="status">{escape(text)}</p>'

    def _show_numbers(self, settings, result):
        words = self._words
        ends = result["goodput"] >= 1 - NEVER
        wall = words.work / result["goodput"] if ends else np.inf
        others = "; ".join(
            f"{duration(audit(words, **settings | {'state': one.name})['pause'])} for "
            f"{amount(one.size)}"
            for one in words.states
            if one.name != settings["state"]
        )
        facts = [
            (
                "The run takes",
                _long(words, wall) if ends else "no end",
                f"for {_long(words, words.work)} of {words.run}",
            ),
            (
                "Wasted",
                f"{_count(wall / HOUR * words.rate * result['waste'].total)} {words.currency}"
                if ends
                else f"all {words.currency}",
                "in the whole run",
            ),
            ("One save takes", duration(result["pause"]), f"and {words.waits}; {others}"),
            (
                "One save writes",
                amount(result["written"]),
                f"of a state of {amount(result['size'])}",
            ),
        ]
        kept = kept_to(words, result)
        limits = [
            (
                f"{'✓' if kept[name] else '✗'} {_TITLES[name]}",
                _shown(name, result[name]),
                f"at {'most' if name in AT_MOST else 'least'} {_shown(name, limit.value)}; "
                f"{limit.why}",
            )
            for name, limit in words.limits.items()
        ]
        self._numbers.value = fact_list(facts) + fact_list(limits)


def audit(words, *, interval, strategy, state, store, mtbf):
    """What the models say of one design: the numbers behind every instrument of this part.

    `state` and `store` are names in the track's words. The interval may be an array.
    """
    held = next(one for one in words.states if one.name == state)
    bandwidth = next(one.bandwidth for one in words.stores if one.name == store)
    pause, drain_time = save_times(words, strategy, held.size, bandwidth)
    restart_time = words.restart_time + held.rebuilding
    pair = {"write_time": pause, "mtbf": mtbf}
    run = pair | {"restart_time": restart_time}
    times = {"write_time": pause, "drain_time": drain_time}
    waste = checkpoint.waste(interval=interval, **run)
    best = float(checkpoint.optimal_interval(**pair))
    least = float(checkpoint.waste(interval=best, **run).total)
    written = held.size * (words.writers if strategy == "replicated" else 1.0)
    rate = written / (interval + pause)
    return {
        "size": held.size,
        "restart_time": restart_time,
        "written": written,
        "bandwidth": bandwidth,
        "pause": pause,
        "drain_time": drain_time,
        "waste": waste,
        "goodput": checkpoint.goodput(interval=interval, **run),
        "young": float(checkpoint.young_interval(**pair)),
        "daly": float(checkpoint.daly_interval(**pair)),
        "best": best,
        "least": least,
        "excess": waste.total - least,
        "busy": checkpoint.store_busy_share(interval=interval, **times),
        "from": float(checkpoint.shortest_interval(busy_share=words.limits["busy"].value, **times)),
        "life": streaming.lifetime(
            endurance=streaming.endurance(
                size=words.wear_area, erase_cycles=float(hardware.NOR_ERASE_CYCLES)
            ),
            write_rate=rate,
            write_amplification=1.0,
        ),
        "power": streaming.average_power(
            rate=rate, bandwidth=bandwidth, active_power=words.active_power, idle_power=0.0
        ),
    }


def save_times(words, strategy, size, bandwidth):
    """How long a save holds up the run, and how long the store is written to. [s]"""
    if strategy == "local":
        times = checkpoint.local_first(
            checkpoint_size=size,
            writers=words.local_writers,
            local_bandwidth=words.local_bandwidth,
            writer_bandwidth=words.drain_bandwidth,
            storage_bandwidth=bandwidth,
        )
        return float(times.blocked_time), float(times.drain_time)
    time = checkpoint.write_time(
        checkpoint_size=size,
        writers=words.writers,
        writer_bandwidth=words.writer_bandwidth,
        storage_bandwidth=bandwidth,
        strategy=strategy,
    )
    return float(time), float(time)


def kept_to(words, result):
    """Which of the track's limits a design keeps to."""
    return {
        name: bool(result[name] <= limit.value if name in AT_MOST else result[name] >= limit.value)
        for name, limit in words.limits.items()
    }


def drains(settings, result):
    """Whether the store has one save before it gets the next."""
    return result["drain_time"] <= settings["interval"] + result["pause"]


def failings(words, settings):
    """What is wrong with a design, one sentence each; none if it keeps to every limit."""
    result = audit(words, **settings)
    if result["goodput"] < 1 - NEVER:
        yield (
            f"This run never ends: a save takes {duration(result['pause'])}, and a "
            f"{words.failure} comes every {duration(settings['mtbf'])}."
        )
    if not drains(settings, result):
        yield (
            f"The store cannot drain: one save takes it {duration(result['drain_time'])}, and the "
            f"next one comes after {duration(settings['interval'] + result['pause'])}."
        )
    for name, kept in kept_to(words, result).items():
        if not kept:
            limit = words.limits[name]
            side = "more" if name in AT_MOST else "less"
            yield (
                f"{_TITLES[name]}: {_shown(name, result[name])}, {side} than "
                f"{_shown(name, limit.value)}."
            )


def compared(often, before):
    """What a change from one goodput to another does to a run, as the lock's answers call it."""
    if before < 1 - NEVER or abs(often / before - 1) >= SAME:
        return "shorten" if often > before else "lengthen"
    return "same"


def stage(words, attempts):
    """How many of the two reports a student has answered with a good design: 0, 1 or 2."""
    reports = [words.mtbf, words.later_mtbf]
    for attempt in whole(words, attempts):
        if reports and attempt["outcome"]["good"] and attempt["settings"]["mtbf"] == reports[0]:
            reports.pop(0)
    return 2 - len(reports)


def whole(words, attempts):
    """The attempts that this lab could have recorded: a ledger comes from anywhere."""
    known = {
        "strategy": words.strategies,
        "state": [one.name for one in words.states],
        "store": [one.name for one in words.stores],
        "interval": words.intervals,
        "mtbf": words.mtbfs,
    }
    for attempt in attempts:
        settings, numbers = attempt["settings"], attempt["outcome"]
        told = {"goodput", "busy", "good"} <= set(numbers)
        if told and set(settings) == set(known) and all(settings[n] in known[n] for n in known):
            yield attempt


def outcome_of(words, settings):
    """The numbers of one design as the ledger keeps them."""
    result = audit(words, **settings)
    numbers = {name: float(result[name]) for name in ("goodput", "excess", "busy", "pause")}
    return numbers | {"good": not list(failings(words, settings))}


def outcome(track, settings, devices=()):
    """The numbers of one design as the ledger keeps them, worked out anew."""
    return outcome_of(track.checkpoint, settings)


def described(words, attempts):
    """Each committed design in a sentence."""
    for attempt in whole(words, attempts):
        settings, numbers = attempt["settings"], attempt["outcome"]
        how = words.strategies[settings["strategy"]]
        yield (
            f"{'✓ Good' if numbers['good'] else '○ Not yet'}: every "
            f"{duration(settings['interval'])}, “{how}”, {settings['state']}, "
            f"{settings['store']}, a {words.failure} every {duration(settings['mtbf'])}: "
            f"{number(100 * numbers['goodput'])} % goes into the run, the store is busy "
            f"{number(100 * numbers['busy'])} % of the time."
        )


def answer(track):
    """The models on the lock's question, as things are on arrival: an option and the number."""
    words = track.checkpoint
    often, before = (
        float(
            audit(words, **words.start_values | {"interval": time, "mtbf": words.mtbf})["goodput"]
        )
        for time in (words.asked, words.habit)
    )
    return compared(often, before), 1 / often


def summary(track, ledger):
    """What came of this part, in sentences for the report."""
    return described(track.checkpoint, ledger.attempts.get("checkpoint", ()))


_TITLES = {
    "goodput": "Goes into the run",
    "excess": "Above the least possible",
    "busy": "The store is busy",
    "bandwidth": "The store's bandwidth",
    "pause": "Waits at a time",
    "power": "Power for saving",
    "life": "The flash lasts",
}


def _shown(name, value):
    """A limit's value, or what a design makes of it."""
    if name in ("goodput", "busy"):
        return f"{number(100 * value)} %"
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


def _long(words, time):
    """A run's length, in the unit in which the track counts it."""
    name, unit = words.unit
    return f"{number(time / unit)} {name}"


def _count(value):
    return f"{number(value / 1e6)} million" if value >= 1e6 else number(value)


def _order(waste):
    return waste.restarts, waste.lost_work, waste.writing


def _stacked(waste, like):
    return [np.broadcast_to(share, like.shape) for share in _order(waste)]


def _counted(count, noun):
    plural = {"copy": "copies"}.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else plural}"


def _status(text):
    return f'<p class="iowall-sentence" role="status">{escape(text)}</p>'


def words(track):
    """The track's words for this part."""
    return track.checkpoint


def lab(asked):
    """The lab of Part 3."""
    return Lab(
        part="checkpoint",
        words=words,
        workbench=CheckpointWorkbench,
        reflection=REFLECTION,
        asked=asked,
    )
