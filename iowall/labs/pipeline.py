"""The lab of Part 2: controls and pictures."""

from html import escape

import ipywidgets as widgets
import numpy as np

from iowall import parts
from iowall.labs.controls import button, fact_list, goal_list, slider, spoken, titled, toggle
from iowall.labs.frame import Lab
from iowall.labs.workbench import Workbench
from iowall.parts import pipeline, pipeline_text
from iowall.parts.pipeline import DESIGN, ITERATIONS
from iowall.parts.pipeline_size import EPOCHS, SIZES, TARGET
from iowall.units import amount, duration, number
from iowall.views.gauge import DataFlowGauge
from iowall.views.math_peek import MathPeek, fraction, least, row, subscript
from iowall.views.sankey import DataFlowSankey
from iowall.views.saturation import SaturationPlot

INSTRUMENTS = (DataFlowSankey, DataFlowGauge, SaturationPlot, MathPeek)


class PipelineWorkbench(Workbench):
    """Sizes the tiers, sees which one binds, and runs designs, ten iterations at a time."""

    part = pipeline

    def _make(self):
        offered = self.options
        self.buffer, self.link, self.disk_bandwidth, self.disk_size = (
            slider(offered[part]) for part in SIZES
        )
        self.policy, self.epoch = toggle(offered["policy"]), toggle(offered["epoch"])
        self.controls = {name: getattr(self, name) for name in offered}
        self.run = button("", self._run, "primary")
        self.sankey, self.gauge = DataFlowSankey(), DataFlowGauge()
        self.saturation, self.math = SaturationPlot(), MathPeek()
        self._verdict, self._numbers, self._goals = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._ran, self._path, self._mismatch = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._costs = {part: widgets.HTML() for part in SIZES}

    def _laid_out(self):
        words = self.track.pipeline
        titles = {part: words.sliders[part].title for part in SIZES}
        titles |= {"policy": words.policy, "epoch": f"{words.epoch.capitalize()} shown"}
        boxes = {name: titled(titles[name], self.controls[name]) for name in words.controls}
        for part, cost in self._costs.items():
            if part in boxes:
                boxes[part].children = [*boxes[part].children, cost]
        looked_at = [boxes.pop("epoch")] if "epoch" in boxes else []
        shown = widgets.GridBox(list(boxes.values()))
        shown.add_class("iowall-controls")
        return [
            widgets.HTML("<h4>Act and observe</h4>"),
            self._goals,
            shown,
            widgets.VBox([self.run, self._ran]),
            self._verdict,
            *looked_at,
            self.sankey,
            self._numbers,
            self.gauge,
            self.saturation,
            self._path,
            self.math,
            self._mismatch,
        ]

    @property
    def settings(self):
        """The controls, and the size that was moved last: its slider is the one that is drawn."""
        moved = self.work.settings.get("moved")
        return self.positions | {"moved": moved if moved in SIZES else "link"}

    def _move(self, change=None):
        if change and not self._still:
            for part in SIZES:
                if change["owner"] is self.controls[part]:
                    self.work.settings = self.work.settings | {"moved": part}
        super()._move(change)

    def _show(self, result, said):
        words, moment = self.track.pipeline, result.shown
        names = [words.tiers[tier] for tier in moment.tiers]
        binding = moment.tiers.index(moment.binding)
        self.sankey.show(
            epoch=words.names[EPOCHS.index(moment.epoch)],
            names=names,
            fresh=moment.fresh,
            local=moment.local,
            lost=moment.lost,
            carried=moment.carried,
            capacity=moment.capacity,
            demand=moment.demand,
            binding=binding,
            arrives=said.arrives,
        )
        self.gauge.show(
            names=names,
            at_work=moment.at_work,
            notes=said.notes,
            binding=binding,
            sentence=said.diagnosis,
        )
        self.math.show(equations=_equations(result), meaning=said.meaning)
        for part, cost in self._costs.items():
            cost.value = f'<span class="iowall-note">{escape(said.costs[part])}</span>'
        self._numbers.value = fact_list(said.facts)
        self._verdict.value = spoken(said.verdict, "verdict")
        self._show_mismatch(self._worst or said.mismatch)
        self._show_saturation(result)

    def _show_mismatch(self, text):
        self._mismatch.value = (
            f'<p class="iowall-notice"><b>Your own numbers</b>, from {escape(text)}</p>'
        )

    def _show_saturation(self, result):
        curve = result.curve
        words = self.track.pipeline.sliders[curve.moved]
        self.saturation.show(
            slider=words.title,
            unit=words.unit_name,
            steps=[number(step) for step in words.steps],
            cold=curve.cold,
            warm=curve.warm,
            run=curve.run,
            names=self.track.pipeline.names,
            here=int(curve.here),  # a slider stands at one of its steps
            knee=curve.knee,
            target=TARGET,
            attempts=pipeline.path(self.track, curve.moved, self._attempts),
        )

    # Iterations

    def _run(self):
        """Use one iteration on the design as it stands."""
        if pipeline.left(self._attempts) == 0:
            return
        design = {name: self.positions[name] for name in DESIGN}
        if self._attempts and self._attempts[-1]["settings"] == design:
            self._say("You have just run this design; change something first.")
            return
        attempt = self._attempt(design, pipeline.outcome(self.result))
        attempts = pipeline.whole(self.track, self.work.attempts)
        if not len(attempts) % ITERATIONS and not pipeline.reached(attempts):
            attempt["hint"] = pipeline.hint(self.track, attempts)
            attempt["fresh_iterations"] = ITERATIONS
        self._show_attempts()
        self._show_mismatch(self._worst)
        self._show_saturation(self.result)
        self.session.save()

    def _say(self, text):
        self._ran.value = f'<p role="status">{escape(text)}</p>'

    def _show_attempts(self):
        attempts = self._attempts = pipeline.whole(self.track, self.work.attempts)
        self._worst = pipeline.mismatch(self.track, attempts)
        left, count = pipeline.left(attempts), len(attempts)
        self.run.description = (
            f"Run this design (iteration {ITERATIONS + 1 - left} of {ITERATIONS})"
            if left
            else "All ten iterations are used"
        )
        self.run.disabled = not left
        last = attempts[-1]["outcome"] if attempts else {}
        which = f"of attempt {count}, your last" if attempts else "in one design"
        lines = pipeline_text.goals(self.track.pipeline)
        reached = pipeline.reached(attempts)
        self._goals.value = (
            f"<p>Your goal, {which}:</p>"
            + goal_list((line, bool(last.get(goal))) for goal, line in lines.items())
            + (f'<p class="iowall-met">✓ Reached with attempt {reached}.</p>' if reached else "")
        )
        if attempts:
            self._say(pipeline.said(self.track, attempts[-1], count))
        if hints := [one["hint"] for one in attempts if isinstance(one.get("hint"), str)]:
            self._ran.value += (
                f'<p class="iowall-notice">Ten iterations without success: here is a hint, and ten '
                f"more. {escape(hints[-1])}</p>"
            )
        self._path.value = _table(pipeline.table(self.track, attempts)) if attempts else ""


def _table(rows):
    """The path of attempts as HTML."""
    heads, *rows = [[escape(cell) for cell in cells] for cells in rows]
    head = "".join(f"<th scope='col'>{cell}</th>" for cell in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in rows)
    return (
        '<div class="iowall-attempts" tabindex="0" role="region" aria-label="Your attempts"><table>'
        f"<caption>Your attempts</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


STORAGE = ("store", "link", "disk", "memory")


def _equations(result):
    """Demand, the rate of each tier, and what the accelerator makes of the least of them."""
    load, moment = result.track.pipeline.workload, result.shown
    rates = getattr(result.rates, moment.epoch)
    if result.track.direction == "read":
        letters = [
            [fraction(subscript("β", "store"), "m")],
            [fraction(subscript("β", "link"), "m")],
            [fraction(subscript("β", "disk"), "d")],
            [subscript("β", "memory")],
        ]
    else:
        letters = [
            [fraction([subscript("β", "store"), "·", "P"], ["u", "·", "T"])],
            [fraction([subscript("β", "link"), "·", "P"], ["u", "·", "T"])],
            [fraction(subscript("β", "disk"), "w")],
            [fraction("C", ["u", "·", "T"])],
            [subscript("β", "memory")],
        ]
    met = min(1.0, moment.supply / moment.demand)
    return [
        row("demand", "=", fraction(["N", "·", "B", "·", "S"], "t"), "=",
            fraction(
                [number(load.accelerators), "·", number(load.batch_size), "·",
                 amount(load.sample_size)],
                duration(load.step_time),
            ), "=", amount(moment.demand, "B/s")),
        row("supply", "=", least(*letters)),
        row("=", least(*[[_rate(getattr(rates, tier))] for tier in STORAGE]), "=",
            _rate(moment.supply)),
        row("U", "=", least("1", [fraction("supply", "demand")]), "-", "j", "=",
            number(met), "-", number(max(moment.late, 0.0)), "=", number(moment.busy)),
    ]  # fmt: skip


def _rate(value):
    return "∞" if np.isinf(value) else amount(value, "B/s")


def lab(asked):
    """The lab of Part 2."""
    return Lab(part=parts.part("pipeline"), workbench=PipelineWorkbench, asked=asked)
