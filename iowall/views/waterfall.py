"""The waterfall: for each training step, what storage did and what the accelerator did."""

import bqplot
import numpy as np

from iowall.units import MS, NS, US, S, number
from iowall.views import theme

MOST = 12  # steps that can be drawn; bqplot wants a colour for each bar
_LANE = 0.36  # height of a lane; a step has two, and some air
_UPPER, _LOWER = (0, 0.5), (0.5, 1)  # the lanes in the key


class IOWaterfall(theme.Instrument):
    """Wait and load in a step's upper lane, compute in its lower one; time runs to the right."""

    kind, title = "I/O waterfall", "Step by step"

    def __init__(self):
        self._x, self._y = bqplot.LinearScale(min=0), bqplot.LinearScale(reverse=True)
        self._wait = self._bars(theme.WAIT, theme.STRIPED)
        self._load = self._bars(theme.TRANSFER, theme.TRANSFER)
        self._compute = self._bars(theme.COMPUTE, theme.COMPUTE)
        self._time = bqplot.Axis(scale=self._x, grid_lines="none", label_offset="34px")
        steps = bqplot.Axis(scale=self._y, orientation="vertical", label="step", grid_lines="none")
        self._steps = steps
        picture = theme.figure(
            marks=[self._wait, self._load, self._compute], axes=[self._time, steps], left=48
        )
        super().__init__(
            name="iowall-waterfall",
            picture=[picture],
            colours=theme.key(
                {
                    "wait for requests": theme.area(theme.STRIPED, lane=_UPPER),
                    "load bytes": theme.area(theme.TRANSFER, lane=_UPPER),
                    "compute, below": theme.area(theme.COMPUTE, lane=_LOWER),
                }
            ),
        )

    def _bars(self, colour, fill):
        return bqplot.Lines(
            x=np.zeros((1, 5)),
            y=np.zeros((1, 5)),
            scales={"x": self._x, "y": self._y},
            colors=[colour] * MOST,
            fill="inside",
            fill_colors=[fill] * MOST,
            close_path=True,
            stroke_width=0.5,
        )

    def show(
        self, *, load_start, wait_time, transfer_time, compute_start, compute_time, accelerator
    ):
        """Draw some steps.

        Parameters
        ----------
        load_start, compute_start : array, one entry per step
            When a batch's loading and its computing begin. [s]
        wait_time, transfer_time, compute_time : float
            A batch's wait for requests, its bytes' transfer, its computing. [s]
        accelerator : str
            What computes, in the track's words.
        """
        steps = np.arange(1, len(load_start) + 1)
        loaded = load_start + wait_time + transfer_time
        last = max(compute_start[-1] + compute_time, loaded[-1])
        unit, name = next((u, n) for u, n in _UNITS if last >= u or u == NS)
        moved = load_start + wait_time
        parts = (self._wait, self._load, self._compute, self._x, self._y, self._time, self._steps)
        with theme.held(*parts):
            self._rectangles(self._wait, load_start / unit, moved / unit, steps - _LANE)
            self._rectangles(self._load, moved / unit, loaded / unit, steps - _LANE)
            computed = (compute_start + compute_time) / unit
            self._rectangles(self._compute, compute_start / unit, computed, steps)
            self._x.max = float(1.02 * last / unit)
            self._time.tick_values = _round_steps(last / unit)
            self._y.min, self._y.max = 0.5, len(steps) + 0.5
            self._time.label = f"time [{name}]"
            self._steps.tick_values = steps
        step = max(compute_time, wait_time + transfer_time)
        idle = 1 - compute_time / step
        held = "the wait for requests" if wait_time > transfer_time else "the bytes"
        self.say(
            f"The {accelerator} never waits: loading hides behind computing."
            if idle < 0.005
            else f"The {accelerator} waits {number(100 * idle)} % of each step; most of the "
            f"loading is {held}."
        )

    @staticmethod
    def _rectangles(mark, left, right, top):
        bottom = top + _LANE
        mark.x = np.stack([left, right, right, left, left], axis=-1)
        mark.y = np.stack([top, top, bottom, bottom, top], axis=-1)


_UNITS = ((S, "s"), (MS, "ms"), (US, "µs"), (NS, "ns"))


def _round_steps(last):
    """About four ticks at round numbers."""
    rough = last / 4
    size = 10 ** np.floor(np.log10(rough))
    step = size * next(m for m in (1, 2, 5, 10) if m * size >= rough)
    return np.arange(0, last * 1.001, step)
