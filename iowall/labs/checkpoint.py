"""The lab of Part 3: controls and pictures."""

from html import escape

import ipywidgets as widgets
import numpy as np

from iowall import parts
from iowall.labs.controls import (
    FITTING,
    button,
    dropdown,
    fact_list,
    goal_list,
    slider,
    spoken,
    titled,
    toggle,
)
from iowall.labs.frame import Lab
from iowall.labs.workbench import Workbench
from iowall.parts import checkpoint, checkpoint_text
from iowall.units import amount, duration, number
from iowall.views.math_peek import MathPeek, fraction, most, root, row, subscript
from iowall.views.write_path import WritePath
from iowall.views.young_daly import YoungDalyPlot

INSTRUMENTS = (YoungDalyPlot, WritePath, MathPeek)
NO_RUNS = np.array([]), np.array([])


class CheckpointWorkbench(Workbench):
    """Sets how, how often and where a run saves; commits designs and is told what they miss."""

    part = checkpoint

    def _make(self):
        offered = self.options
        self.interval, self.mtbf = slider(offered["interval"]), slider(offered["mtbf"])
        self.strategy = toggle(offered["strategy"])
        self.store, self.state = dropdown(offered["store"]), dropdown(offered["state"])
        self.controls = {name: getattr(self, name) for name in offered}
        self.commit = button("Commit this design", self._commit, "primary")
        self.simulate = widgets.ToggleButton(layout=FITTING)
        self.simulate.observe(lambda _: self._show_plot(self.result), names="value")
        self.plot, self.path, self.math = YoungDalyPlot(), WritePath(), MathPeek()
        self._goals, self._verdict, self._numbers = (widgets.HTML() for _ in range(3))
        self._answer, self._ops, self._designs, self._runs = (widgets.HTML() for _ in range(4))

    def _laid_out(self):
        words = self.track.checkpoint
        titles = {
            "interval": "Interval between saves",
            "mtbf": f"Mean time between {words.failures}",
            "strategy": "Who writes what",
            "store": f"{words.store} (write bandwidth)",
            "state": words.state,
        }
        shown = widgets.GridBox(
            [
                titled(title, self.controls[name])
                for name, title in titles.items()
                if name in words.controls
            ]
        )
        shown.add_class("iowall-controls")
        desk = widgets.VBox([self.commit, self._answer, self._ops, self._designs])
        desk.add_class("iowall-commit")
        return [
            widgets.HTML("<h4>Act and observe</h4>"),
            self._goals,
            shown,
            self._verdict,
            self._numbers,
            desk,
            self.plot,
            widgets.VBox([self.simulate, self._runs]),
            self.path,
            self.math,
            widgets.HTML(f'<p class="iowall-note">{escape(words.caveat)}</p>'),
        ]

    def _arrival(self):
        return super()._arrival() | {"mtbf": self._reported()}

    def _reported(self):
        return checkpoint.reported(self.track, self.work.attempts)

    def _show(self, result, said):
        self._show_plot(result)
        self._show_path(result, said)
        self.math.show(equations=_equations(result), meaning=said.meaning)
        self._verdict.value = spoken(said.verdict, "verdict")
        self._numbers.value = fact_list(said.facts) + fact_list(said.limits)

    def _show_plot(self, result):
        self.plot.show(
            interval=result.curve.interval,
            waste=_stacked(result.curve.waste),
            here=(result.interval, _stacked(result.waste)),
            optima={"Young": result.young, "Daly": result.daly, "exact": result.best},
            least=result.least,
            never=checkpoint.NEVER,
            busy_until=result.busy_until,
            runs=self._simulated(result),
        )

    def _simulated(self, result):
        """Simulated runs at the reader's interval and around it, while asked for."""
        asked = self.simulate.value
        self.simulate.description = f"{'Hide' if asked else 'Draw'} simulated runs"
        self._runs.value = ""
        if not asked:
            return NO_RUNS
        runs = checkpoint.simulate(result)
        self._runs.value = spoken(checkpoint_text.simulated(result, runs), "sentence")
        return runs.interval, runs.waste

    def _show_path(self, result, said):
        way = result.way
        self.path.show(
            places=list(zip(said.places, way.bandwidths, strict=True)),
            flows=way.flows,
            writing=way.writing,
            written=said.written,
            binds=way.binds,
            waits=self.track.checkpoint.waits,
            drains=result.drains,
        )

    def _commit(self):
        moved = self.mtbf.value != self._reported()
        self.mtbf.value = self._reported()  # a design is for the fleet as it is
        self._attempt(self.settings, checkpoint.outcome(self.result))
        told = checkpoint_text.fleet(self.result) if moved else ""
        self._show_attempts(told=told, misses=self.result.misses)
        self.mtbf.value = self._reported()  # which the Ops Lead may just have changed
        self.session.save()

    def _show_attempts(self, told="", misses=None):
        """The goals, what came of the last design, what the Ops Lead says, and all designs."""
        attempts = checkpoint.whole(self.track, self.work.attempts)
        answered = checkpoint.stage(self.track, attempts)
        self._goals.value = goal_list(checkpoint_text.goals(self.track, answered))
        self._answer.value = self._judged(attempts[-1], told, misses) if attempts else ""
        report = checkpoint_text.report(self.track, answered)
        self._ops.value = report and (
            f'<p class="iowall-notice" role="status"><b>Ops Lead:</b> {escape(report)}</p>'
        )
        designs = "".join(
            f"<li>{escape(line)}</li>" for line in checkpoint.described(self.track, attempts)
        )
        self._designs.value = designs and (
            f"<details><summary>Your designs so far: {len(attempts)}</summary>"
            f"<ol>{designs}</ol></details>"
        )

    def _judged(self, attempt, told, misses):
        """What came of a design, `told` what it was judged by; what it misses is found out anew if
        it was not committed just now."""
        if attempt["outcome"]["good"]:
            said = f"✓ {escape(told)}{checkpoint_text.GOOD}"
            return f'<p class="iowall-met" role="status">{said}</p>'
        if misses is None:
            misses = checkpoint.misses(self.track, attempt)
        listed = "".join(f"<li>{escape(miss)}</li>" for miss in misses)
        return (
            f'<div class="iowall-problem" role="alert">{escape(told)}Not yet:'
            f"<ul>{listed}</ul></div>"
        )


def _stacked(waste):
    """Shares of the time from the bottom of the picture to its top."""
    return waste.restarts, waste.lost_work, waste.writing


def _equations(result):
    """The pause, Young's interval, the waste and how busy the store is, letters and numbers."""
    way, tau, delta = result.way, result.interval, result.pause
    mtbf, restart = result.mtbf, result.restart_time
    local = result.strategy == "local"
    lost = ("+", fraction("D", "M")) if result.local_loss else ()
    lost_time = ("+", fraction(duration(result.drain_time), duration(mtbf))) if lost else ()
    letters = fraction("own", subscript("β", "local" if local else "writer"))
    numbers = fraction(amount(way.own), amount(way.own_bandwidth, "B/s"))
    if not local:
        store = fraction(amount(result.written), amount(result.store.bandwidth, "B/s"))
        letters = most(letters, fraction("all", subscript("β", "store")))
        numbers = most(numbers, store)
    return [
        row("δ", "=", letters, "=", numbers, "=", duration(delta)),
        row(subscript("τ", "Young"), "=", root("2", "δ", "M"), "=",
            root("2", "·", duration(delta), "·", duration(mtbf)), "=",
            duration(result.young)),
        row("waste", "≈", fraction("δ", "τ"), "+", fraction(row("τ", "+", "δ"), row("2", "M")),
            "+", fraction("R", "M"), *lost, "=",
            fraction(duration(delta), duration(tau)), "+",
            fraction(duration(tau + delta), row("2", "·", duration(mtbf))), "+",
            fraction(duration(restart), duration(mtbf)), *lost_time, "=",
            f"{number(100 * result.first_order)} %"),
        row("busy", "=", fraction("drain", row("τ", "+", "δ")), "=",
            fraction(duration(result.drain_time), duration(tau + delta)), "=",
            f"{number(100 * result.busy)} %"),
    ]  # fmt: skip


def lab(asked):
    """The lab of Part 3."""
    return Lab(part=parts.part("checkpoint"), workbench=CheckpointWorkbench, asked=asked)
