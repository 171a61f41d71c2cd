"""Waste against the interval between checkpoints: what Young and Daly looked for the least of."""

import bqplot
import numpy as np

from iowall.units import duration, number
from iowall.views import theme

_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # of the axis
_TICKS = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000)


class YoungDalyPlot(theme.Instrument):
    """Waste split by cause, three published optima, the reader's choice, and simulated runs."""

    kind, title = "Young–Daly plot", "Waste against the interval"

    def __init__(self):
        self._x, self._y = bqplot.LogScale(), bqplot.LinearScale()
        scales = {"x": self._x, "y": self._y}
        self._causes = bqplot.Lines(
            x=np.zeros((3, 3)),
            y=np.zeros((3, 3)),
            scales=scales,
            colors=[theme.REST, theme.WAIT, theme.TRANSFER],
            fill="inside",
            fill_colors=[fill for fill, _ in _CAUSES.values()],
            fill_opacities=[opacity for _, opacity in _CAUSES.values()],
            close_path=True,
            stroke_width=1,
        )
        self._total = bqplot.Lines(scales=scales, colors=[theme.INK], stroke_width=2.5)
        self._optima = [
            bqplot.Lines(scales=scales, colors=[theme.INK], line_style=style, stroke_width=1.5)
            for style in ("dotted", "dashed", "solid")
        ]
        self._too_busy = bqplot.Lines(scales=scales, colors=[theme.WAIT], stroke_width=7)
        self._spread = bqplot.Lines(scales=scales, colors=[theme.INK], stroke_width=1.5)
        self._runs = bqplot.Scatter(
            scales=scales, colors=[theme.INK], marker="circle", default_size=9, opacities=[0.45]
        )
        self._here = bqplot.Scatter(
            scales=scales, colors=[theme.CHOICE], marker="diamond", default_size=180, fill=True
        )
        self._names = theme.label(scales, 12, x_offset=6)
        self._shares = theme.label(scales, 12, align="middle")
        self._limit = theme.label(scales, 12, x_offset=6)
        self._you = theme.label(scales, 13, font_weight="bold", align="middle", y_offset=-14)
        self._times = bqplot.Axis(
            scale=self._x, label="interval between saves", grid_lines="none", label_offset="34px"
        )
        self._wasted = bqplot.Axis(
            scale=self._y, orientation="vertical", label="share of the time wasted",
            label_offset="48px", tick_format=".1~%", grid_lines="none",
        )  # fmt: skip
        self._marks = [
            self._causes, self._total, *self._optima, self._too_busy, self._spread, self._runs,
            self._here, self._names, self._shares, self._limit, self._you,
        ]  # fmt: skip
        super().__init__(
            name="iowall-young-daly",
            picture=[
                theme.figure(
                    marks=self._marks, axes=[self._times, self._wasted], height="380px", right=24
                )
            ],
            colours=theme.key(
                {name: theme.area(fill, opacity=much) for name, (fill, much) in _CAUSES.items()}
                | {"you": theme.point(theme.CHOICE, marker="diamond")}
            ),
        )

    def show(self, *, interval, waste, here, optima, least, never, busy_until, runs):
        """Draw the waste of each interval, split by cause, and what may be done.

        Parameters
        ----------
        interval : array, (points,)
            Where the curves are drawn, increasing. [s]
        waste : three arrays, (points,)
            Shares of the time for restarts, lost work, and writing.
        here : (float, (float, float, float))
            The present interval [s] and its three shares.
        optima : dict of str to float
            The interval that each author calls best; three of them, the exact one last. [s]
        least : float
            The least waste, at the exact optimum.
        never : float
            A run that wastes more than this is said never to end.
        busy_until : float
            Below this interval the store is busier than it may be. [s]
        runs : (array, array)
            Intervals (runs, places) and wastes of simulated runs; empty arrays for none. [s]
        """
        low, high = float(interval[0]), float(interval[-1])
        chosen, shares = here
        total = float(sum(shares))
        floors = np.cumsum([np.zeros_like(interval), *waste], axis=0)
        # The axis ends where the reader's own point and the optimum are well within it.
        seen = max(total, 1.6 * least)
        top = next((top for top in _TOPS if seen <= 0.8 * top), 1.0)
        with theme.held(self._x, self._y, self._times, self._wasted, *self._marks):
            self._x.min, self._x.max = low, high
            self._y.min, self._y.max = -0.13 * top, 1.36 * top
            ticks = np.array([tick for tick in _TICKS if low <= tick <= high])
            self._times.tick_values = ticks
            self._times.tick_labels = {_plain(tick): duration(tick) for tick in ticks}
            self._wasted.tick_values = np.linspace(0, top, 6)
            self._causes.x = np.tile(np.append(interval, interval[::-1]), (3, 1))
            self._causes.y = np.concatenate([floors[:-1], floors[1:, ::-1]], axis=1)
            self._total.x, self._total.y = interval, floors[-1]
            self._show_optima(optima, low, high, top)
            self._show_shares(interval, floors, top)
            self._show_limit(busy_until, low, high, top)
            self._show_runs(*runs, top)
            self._here.x, self._here.y = [chosen], [total]
            self._you.x, self._you.y = [chosen], [total]
            self._you.text = ["you: never ends" if total > never else "you"]
        self.say(_sentence(chosen, shares, total, list(optima.values())[-1], least, never))

    def _show_optima(self, optima, low, high, top):
        heights = top * np.array([1.31, 1.23, 1.15])
        seen = [
            (line, name, time, height)
            for line, (name, time), height in zip(
                self._optima, optima.items(), heights, strict=True
            )
        ]
        for line, _, time, height in seen:
            inside = low <= time <= high
            line.x, line.y = ([time, time], [0, height]) if inside else ([], [])
        named = [one for one in seen if low <= one[2] <= high]
        right = named and np.log(named[-1][2] / low) > 0.6 * np.log(high / low)
        self._names.align, self._names.x_offset = ("end", -6) if right else ("start", 6)
        self._names.x = [one[2] for one in named]
        self._names.y = [one[3] for one in named]
        self._names.text = [f"{name}: {duration(time)}" for _, name, time, _ in named]

    def _show_shares(self, interval, floors, top):
        """Name each cause where its band is thickest, if it can be read there."""
        names, xs, ys = [], [], []
        inner = slice(len(interval) // 8, -len(interval) // 8)
        for name, lower, upper in zip(_CAUSES, floors, floors[1:], strict=False):
            below, above = (
                np.minimum(lower, 0.85 * top)[inner],
                np.minimum(upper, 0.85 * top)[inner],
            )
            i = np.argmax(above - below)
            if above[i] - below[i] > 0.08 * top:
                names.append(name)
                xs.append(interval[inner][i])
                ys.append((below[i] + above[i]) / 2)
        self._shares.x, self._shares.y, self._shares.text = xs, ys, names

    def _show_limit(self, until, low, high, top):
        end = min(max(until, low), high)
        inside = end > low * 1.001
        self._too_busy.x, self._too_busy.y = ([low, end], [-0.03 * top] * 2) if inside else ([], [])
        self._limit.x, self._limit.y = ([low], [-0.09 * top]) if inside else ([], [])
        self._limit.text = [f"store too busy below {duration(until)}"] if inside else []

    def _show_runs(self, interval, simulated, top):
        """Each run a point, a little aside of its neighbours; each spread a line from 5 to 95 %."""
        if not len(interval):
            self._runs.x = self._runs.y = self._spread.x = self._spread.y = []
            return
        aside = np.exp(np.linspace(-0.1, 0.1, simulated.shape[-1]))
        inside = np.ravel(simulated) <= top
        self._runs.x = np.ravel(interval[:, None] * aside)[inside]
        self._runs.y = np.ravel(simulated)[inside]
        self._spread.x = np.stack([interval, interval], axis=-1)
        self._spread.y = np.percentile(simulated, (5, 95), axis=-1).T


def _sentence(chosen, shares, total, best, least, never):
    restarts, lost, writing = (f"{number(100 * share)} %" for share in shares)
    split = f"{writing} writing, {lost} lost work, {restarts} restarts"
    advice = f"The least possible is {number(100 * least)} % at {duration(best)}."
    if total > never:
        advice = "No interval would end it." if least > never else advice
        return f"Saving every {duration(chosen)}, this run never ends: {split}. {advice}"
    return f"Saving every {duration(chosen)} wastes {number(100 * total)} %: {split}. {advice}"


def _plain(value):
    return f"{value:.0f}" if value >= 1 else f"{value:g}"


_CAUSES = {
    "restarts": (theme.REST, 0.3),
    "lost work": (theme.STRIPED, 0.75),
    "writing": (theme.TRANSFER, 0.9),
}
