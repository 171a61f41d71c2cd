"""The way of one save, from those who write to the place that keeps it."""

import bqplot
import numpy as np

from iowall.units import amount, duration
from iowall.views import theme
from iowall.views.sankey import Motion, outlines, ribbons

STRANDS = 12  # drawn at most; a thousand writers could not be told apart
_BAR = 0.022  # half the width of a place
_TALL = 0.55  # half the height of the place that could carry most


class WritePath(theme.Instrument):
    """Places as bars, bytes as ribbons between them, unused bandwidth as the grey around.

    Heights go with the root of the rate: bandwidths on the way differ a thousand times.
    """

    kind, title = "write-path Sankey", "The way of one save"

    def __init__(self):
        self._x, self._y = (
            bqplot.LinearScale(min=-0.04, max=1.04),
            bqplot.LinearScale(min=-1, max=1),
        )
        scales = {"x": self._x, "y": self._y}
        self._walls = ribbons(scales, [theme.REST] * 2, opacity=0.22, rim=0.75)
        self._waited = ribbons(scales, [theme.TRANSFER] * STRANDS, opacity=0.8, rim=0.8)
        self._later = ribbons(scales, [theme.TRANSFER], opacity=0.25, rim=1.5, line_style="dashed")
        self._bars = ribbons(scales, [theme.REST] * 3, opacity=1, rim=1)
        self._names, self._limits = (
            [
                theme.label(scales, size, font_weight=weight, align=align)
                for align in ("start", "middle", "end")
            ]
            for size, weight in ((13, "bold"), (12, "normal"))
        )  # fmt: skip
        self._flows = theme.label(scales, 12, align="middle")
        self._marks = [
            self._walls, self._waited, self._later, self._bars, *self._names, *self._limits,
            self._flows,
        ]  # fmt: skip
        figure = theme.figure(
            marks=self._marks, axes=[], height="280px", left=8, right=8, top=6, bottom=10
        )
        super().__init__(
            name="iowall-sankey",
            picture=[figure, Motion(figure)],
            colours=theme.key(
                {
                    "bytes": theme.area(theme.TRANSFER, opacity=0.8),
                    "later, while the run goes on": theme.area(
                        theme.TRANSFER, opacity=0.25, rim=theme.TRANSFER
                    ),
                    "unused bandwidth": theme.area(theme.REST, opacity=0.22),
                    "what holds it up": theme.area(theme.STRIPED),
                }
            ),
        )

    def show(self, *, places, flows, writing, written, binds, waits, drains):
        """Draw one save.

        Parameters
        ----------
        places : list of (str, float or None)
            Two or three places on the way, and what each can take or give, if that is known. [B/s]
        flows : list of (float, float)
            Between them: a rate [B/s] and how long it lasts [s]. The run waits for the first.
        writing : int
            How many write at once.
        written : str
            What is written, in words.
        binds : int
            The place that the run waits for.
        waits : str
            What stands still meanwhile, in the track's words.
        drains : bool
            Whether the last place has one save before it gets the next.
        """
        capacities = [capacity or flows[0][0] for _, capacity in places]
        tall = _TALL * np.sqrt(np.array(capacities) / max(capacities))
        half = [_TALL * np.sqrt(rate / max(capacities)) for rate, _ in flows]
        at = np.linspace(0, 1, len(places))
        gaps = list(zip(at + _BAR, at[1:] - _BAR, strict=False))
        walls = [(*gap, t, -t, u, -u) for gap, t, u in zip(gaps, tall, tall[1:], strict=False)]
        strands = min(writing, STRANDS)
        # Each strand leaves from its own share of the writers and joins the others.
        spread, joined = (np.linspace(-1, 1, strands + 1) * size for size in (tall[0], half[0]))
        own = half[0] / strands
        waited = [
            (*gaps[0], (low + high) / 2 + own, (low + high) / 2 - own, above, below)
            for low, high, below, above in zip(spread, spread[1:], joined, joined[1:], strict=False)
        ]
        later = [(*gaps[-1], half[-1], -half[-1], half[-1], -half[-1])] if len(flows) > 1 else []
        bars = [(a - _BAR, a + _BAR, t, -t, t, -t) for a, t in zip(at, tall, strict=True)]
        with theme.held(*self._marks):
            for mark, shapes in (
                (self._walls, walls),
                (self._waited, waited),
                (self._later, later),
                (self._bars, bars),
            ):
                _draw(mark, shapes)
            self._bars.colors, self._bars.fill_colors = (
                [held_up if i == binds else theme.REST for i in range(3)]
                for held_up in (theme.WAIT, theme.STRIPED)
            )
            groups = [[0], list(range(1, len(places) - 1)), [len(places) - 1]]
            for name, limit, group, aside in zip(
                self._names, self._limits, groups, (-_BAR, 0, _BAR), strict=True
            ):
                name.x = limit.x = at[group] + aside
                # On a phone three names do not fit side by side.
                name.y, limit.y = (
                    np.full(len(group), height)
                    for height in ((-0.74, -0.86) if name is self._names[1] else (0.86, 0.74))
                )
                name.text = [places[i][0] for i in group]
                limit.text = [_limit(places[i][1], i == binds) for i in group]
            self._flows.x = (at[1:] + at[:-1]) / 2
            self._flows.y = np.full(len(flows), -0.98)
            self._flows.text = [
                f"{amount(rate, 'B/s')} for {duration(time)}" + (", later" if i else "")
                for i, (rate, time) in enumerate(flows)
            ]
        drained = (
            f"; {places[-1][0]} is written to for {duration(flows[1][1])} while the run goes on"
            if len(flows) > 1
            else ""
        )
        self.say(
            f"One save writes {written}. {waits[0].upper()}{waits[1:]} for "
            f"{duration(flows[0][1])}, held up by {places[binds][0]}{drained}."
            + ("" if drains else " The next save comes before that: the store cannot drain.")
        )


def _draw(mark, shapes):
    """Put ribbons (left, right, upper and lower edge on both sides) into as many lines as before.

    Those that are not needed shrink to nothing.
    """
    count = len(mark.colors)
    shapes = (shapes + [(0.5, 0.5, 0, 0, 0, 0)] * count)[:count]
    mark.x, mark.y = outlines([one[:2] for one in shapes], [one[2:] for one in shapes])


def _limit(capacity, binds):
    if capacity is None:
        return ""
    return f"{'binds at ' if binds else 'up to '}{amount(capacity, 'B/s')}"
