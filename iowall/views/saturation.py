"""The saturation plot: what moving one slider does, where that ends, and the path you took."""

import bqplot
import numpy as np

from iowall.units import number
from iowall.views import theme

MOST = 40  # attempts that can be drawn


class SaturationPlot(theme.Instrument):
    """Utilization for each step of one slider: first epoch, later ones, whole run, and you."""

    kind, title = "saturation plot", "Utilization against the slider that you move"

    def __init__(self):
        self._x = bqplot.LinearScale()
        self._y = bqplot.LinearScale(min=0, max=108)
        scales = {"x": self._x, "y": self._y}
        line = lambda colour, width, style: bqplot.Lines(  # noqa: E731
            scales=scales, colors=[colour], stroke_width=width, line_style=style
        )
        self._run = line(theme.COMPUTE, 3.5, "solid")
        self._cold = line(theme.TRANSFER, 2, "dashed")
        self._warm = line(theme.LOCAL, 2, "dash_dotted")
        self._goal = line(theme.INK, 1.2, "dotted")
        self._path = line(theme.CHOICE, 1.2, "solid")
        self._curves = theme.label(scales, 12, x_offset=6)
        dot = lambda marker, colour, size: bqplot.Scatter(  # noqa: E731
            scales=scales, colors=[colour], marker=marker, default_size=size
        )
        self._knee = dot("circle", theme.COMPUTE, 80)
        self._tried = dot("square", theme.CHOICE, 40)
        self._here = dot("diamond", theme.CHOICE, 180)
        self._notes = theme.label(scales, 12, y_offset=20)
        self._numbers = theme.label(scales, 11, x_offset=5, y_offset=-6)
        self._you = theme.label(scales, 13, x_offset=9, y_offset=-9)
        self._steps = bqplot.Axis(scale=self._x, grid_lines="none", label_offset="34px")
        self._shares = bqplot.Axis(
            scale=self._y, orientation="vertical", label="utilization [%]", label_offset="40px",
            grid_lines="none", tick_values=[0, 25, 50, 75, 95],
        )  # fmt: skip
        self._marks = [
            self._goal, self._cold, self._warm, self._run, self._path, self._knee, self._tried,
            self._here, self._curves, self._notes, self._numbers, self._you,
        ]  # fmt: skip
        super().__init__(
            name="iowall-saturation",
            picture=[
                theme.figure(marks=self._marks, axes=[self._steps, self._shares], height="330px")
            ],
            colours=theme.key(
                {
                    "whole run": theme.line(theme.COMPUTE, width=3.5),
                    "first": theme.line(theme.TRANSFER, style="dashed"),
                    "later": theme.line(theme.LOCAL, style="dash_dotted"),
                    "target": theme.line(theme.INK, width=1.2, style="dotted"),
                    "you": theme.point(theme.CHOICE, marker="diamond"),
                    "your attempts": theme.point(theme.CHOICE, marker="square"),
                }
            ),
        )

    def show(self, *, slider, unit, steps, cold, warm, run, names, here, knee, target, attempts):
        """Draw one slider's whole range.

        Parameters
        ----------
        slider : str
            What is being moved.
        unit : str
            What it is measured in.
        steps : list of str
            What it offers, in that unit.
        cold, warm, run : array, one entry per step
            Utilization of the first epoch, of the later ones, and of the whole run. [-]
        names : (str, str)
            The first epoch and the later ones, in the track's words.
        here, knee : int
            The present step, and the one beyond which nothing is gained.
        target : float
            The utilization to be reached. [-]
        attempts : list of (int, float)
            Step and utilization of each attempt, in order; outcomes of different designs.
        """
        places = np.arange(len(steps), dtype=float)
        last = places[-1]
        # About six words fit under the picture on a phone.
        ticks = np.unique(np.append(np.arange(0, len(steps), max(1, round(len(steps) / 5))), here))
        ticks = ticks[(ticks == here) | (np.abs(ticks - here) > 1)]
        ends = [("run", run[-1]), (names[1].lower(), warm[-1]), (names[0].lower(), cold[-1])]
        drawn = attempts[-MOST:]
        first = len(attempts) - len(drawn) + 1
        with theme.held(self._x, self._steps, *self._marks):
            # Room for the names, to the right of the curves.
            self._x.min, self._x.max = -0.3, float(1.26 * last)
            self._steps.label = f"{slider} [{unit}]"
            self._steps.tick_values = ticks
            # All of them, not only those shown: bqplot may draw new ticks with the labels before.
            self._steps.tick_labels = {str(i): step for i, step in enumerate(steps)}
            for mark, values in ((self._cold, cold), (self._warm, warm), (self._run, run)):
                mark.x, mark.y = places, 100 * np.asarray(values)
            self._goal.x, self._goal.y = [-0.3, last + 0.3], [100 * target] * 2
            self._curves.x = [last] * 3
            self._curves.y = _apart([100 * end for _, end in ends])
            self._curves.text = [name for name, _ in ends]
            self._knee.x, self._knee.y = [places[knee]], [100 * run[knee]]
            self._notes.x, self._notes.y = [places[knee]], [100 * run[knee]]
            self._notes.text = ["knee"]
            self._path.x = self._tried.x = [place for place, _ in drawn]
            self._path.y = self._tried.y = [100 * value for _, value in drawn]
            self._numbers.x, self._numbers.y = self._tried.x, self._tried.y
            self._numbers.text = [str(first + i) for i in range(len(drawn))]
            self._here.x, self._here.y = [places[here]], [100 * run[here]]
            self._you.x, self._you.y, self._you.text = self._here.x, self._here.y, ["you"]
        side = "beyond" if here > knee else "at" if here == knee else "below"
        gain = (
            f"more of it gives nothing, and as little as {steps[knee]} {unit} would do"
            if here > knee
            else "more of it gives nothing"
            if here == knee
            else f"up to {steps[knee]} {unit} would give {number(100 * run[knee])} %"
        )
        self.say(
            f"{slider} at {steps[here]} {unit}: {number(100 * run[here])} % over the whole run, "
            f"target {number(100 * target)} %. You are {side} the knee: {gain}."
        )


def _apart(heights, gap=7.0):
    """Heights at which words do not overlap."""
    order = np.argsort(heights)
    placed = np.array(heights, dtype=float)
    for below, above in zip(order[:-1], order[1:], strict=True):
        placed[above] = max(placed[above], placed[below] + gap)
    return placed - max(0.0, placed.max() - 104)
