"""The gauge: how much of each tier is at work, which one binds, and how much idles."""

import bqplot
import numpy as np

from iowall.views import theme

TIERS = 5
_THICK = 0.32  # half the height of a bar


class DataFlowGauge(theme.Instrument):
    """One bar a tier, all of it being what the tier can do: the busy share, and the idle rest."""

    kind, title = "data-flow gauge", "Each tier against its capacity"

    def __init__(self):
        self._x = bqplot.LinearScale(min=0, max=100)
        self._y = bqplot.LinearScale(min=-0.5, max=TIERS - 0.5, reverse=True)
        self._idle = self._bars(theme.REST, 0.25)
        self._busy = self._bars(theme.TRANSFER, 0.9)
        self._texts = theme.label({"x": self._x, "y": self._y}, 13, x_offset=8, y_offset=0)
        self._tiers = bqplot.Axis(
            scale=self._y, orientation="vertical", grid_lines="none", tick_values=np.arange(TIERS)
        )
        share = bqplot.Axis(
            scale=self._x, label="at work [% of what the tier can do]", grid_lines="none",
            label_offset="34px", tick_values=[0, 25, 50, 75, 100],
        )  # fmt: skip
        self._marks = [self._idle, self._busy, self._texts]
        super().__init__(
            name="iowall-gauge",
            picture=[
                theme.figure(
                    marks=self._marks, axes=[self._tiers, share], height="250px", left=82, right=26
                )
            ],
            colours=theme.key(
                {
                    "at work": theme.area(theme.TRANSFER),
                    "binds": theme.area(theme.STRIPED),
                    "idle": theme.area(theme.REST, opacity=0.25),
                }
            ),
        )

    def _bars(self, colour, opacity):
        return bqplot.Lines(
            x=np.zeros((TIERS, 5)), y=np.zeros((TIERS, 5)),
            scales={"x": self._x, "y": self._y}, colors=[colour] * TIERS,
            fill="inside", fill_colors=[colour] * TIERS, fill_opacities=[opacity] * TIERS,
            close_path=True, stroke_width=0.5,
        )  # fmt: skip

    def show(self, *, names, at_work, notes, binding, sentence):
        """Draw the tiers.

        Parameters
        ----------
        names : list of str
            The tiers, in the order in which the bytes meet them.
        at_work : array, one entry per tier
            Share of its capacity that the flow needs, between 0 and 1. [-]
        notes : list of str
            What stands on each bar.
        binding : int
            The tier that sets the pace.
        sentence : str
            The gauge in words.
        """
        rows = np.arange(TIERS, dtype=float)
        busy = 100 * np.asarray(at_work, dtype=float)
        with theme.held(*self._marks, self._tiers):
            self._tiers.tick_labels = {str(i): name for i, name in enumerate(names)}
            self._rectangles(self._idle, busy, np.full(TIERS, 100.0), rows)
            self._rectangles(self._busy, np.zeros(TIERS), busy, rows)
            self._busy.colors, self._busy.fill_colors = (
                [held_up if i == binding else theme.TRANSFER for i in range(TIERS)]
                for held_up in (theme.WAIT, theme.STRIPED)
            )
            self._texts.x, self._texts.y = np.zeros(TIERS), rows
            self._texts.text = [
                f"{share:.0f} %, {note}" for share, note in zip(busy, notes, strict=True)
            ]
        self.say(sentence)

    @staticmethod
    def _rectangles(mark, left, right, row):
        mark.x = np.stack([left, right, right, left, left], axis=-1)
        top, bottom = row - _THICK, row + _THICK
        mark.y = np.stack([top, top, bottom, bottom, top], axis=-1)
