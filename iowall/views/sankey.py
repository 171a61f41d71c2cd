"""The Sankey picture: bytes on their way through the tiers, as wide as they are many."""

from functools import partial

import anywidget
import bqplot
import numpy as np
import traitlets

from iowall.units import amount
from iowall.views import theme

TIERS = 5
_HALF = 24  # points along one edge of a ribbon; a closed ribbon has two
_BAR = 0.045  # half the width of a tier's bar
_WIDEST = 1.7  # most distance of walls that is drawn, in shares of the demand
_SINK = 0.62  # how far a lost ribbon runs to the right before it leaves the picture
_FLOOR = -1.02
_MOVE = 600  # [ms]

_GAPS, _FRESH, _LOCAL, _LOST = TIERS - 1, 0, TIERS - 1, 2 * (TIERS - 1)
_RIBBONS = 3 * _GAPS  # in each gap what is fresh from the source, what was kept, what is lost


class Motion(anywidget.AnyWidget):
    """Lets a figure move, once it knows that the reader does not want pictures to stand still."""

    _esm = """
    export default {
      render({ model }) {
        const query = matchMedia("(prefers-reduced-motion: reduce)");
        const tell = () => {
          model.set("moving", !query.matches);
          model.save_changes();
        };
        query.addEventListener("change", tell);
        tell();
        return () => query.removeEventListener("change", tell);
      },
    };
    """
    moving = traitlets.Bool(False).tag(sync=True)

    def __init__(self, figure):
        super().__init__()
        self._figure = figure

    @traitlets.observe("moving")
    def _allow(self, change):
        self._figure.animation_duration = _MOVE if change["new"] else 0


class DataFlowSankey(theme.Instrument):
    """Five tiers in a row: grey walls for what each could carry, ribbons for what flows."""

    kind, title = "data-flow Sankey", "The flow of bytes"

    def __init__(self):
        scales = {
            "x": bqplot.LinearScale(min=-0.5, max=TIERS - 0.42),
            "y": bqplot.LinearScale(min=-1.28, max=1.52),
        }
        self._walls = ribbons(scales, [theme.REST] * _GAPS, opacity=0.22, rim=0.75)
        flows = [theme.TRANSFER] * _GAPS + [theme.DOTTED] * _GAPS + [theme.STRIPED] * _GAPS
        self._flows = ribbons(scales, flows, opacity=0.9, rim=0)
        self._streams = bqplot.Lines(
            x=np.zeros((_RIBBONS, _HALF)), y=np.zeros((_RIBBONS, _HALF)), scales=scales,
            colors=["#ffffff"] * _RIBBONS, stroke_width=1.6, line_style="dashed",
        )  # fmt: skip
        self._bars = bqplot.Lines(
            x=np.zeros((TIERS, 5)), y=np.zeros((TIERS, 5)), scales=scales,
            colors=[theme.REST] * TIERS, fill_colors=[theme.REST] * TIERS, fill="inside",
            close_path=True, stroke_width=1,
        )  # fmt: skip
        middle = partial(theme.label, scales, align="middle")
        self._names = middle(13, font_weight="bold")
        self._rates = middle(11)
        self._limits = middle(10)
        self._binds = middle(13, font_weight="bold")
        self._drops = middle(12)
        self._marks = [
            self._walls, self._flows, self._streams, self._bars,
            self._names, self._rates, self._limits, self._binds, self._drops,
        ]  # fmt: skip
        figure = theme.figure(
            marks=self._marks, axes=[], height="340px", top=4, bottom=4, left=4, right=4
        )
        super().__init__(
            name="iowall-sankey",
            picture=[figure, Motion(figure)],
            colours=theme.key(
                {
                    "from the source": theme.area(theme.TRANSFER, opacity=0.9),
                    "kept locally": theme.area(theme.DOTTED, opacity=0.9),
                    "lost, or the tier that binds": theme.area(theme.STRIPED, opacity=0.9),
                    "unused capacity": theme.area(theme.REST, opacity=0.22),
                }
            ),
        )

    def show(
        self, *, epoch, names, fresh, local, lost, carried, capacity, demand, binding, arrives
    ):
        """Draw one moment of the line.

        Parameters
        ----------
        epoch : str
            Which epoch it is, in the track's words.
        names : list of str
            The tiers, in the order in which the bytes meet them.
        fresh, local, lost : array, one entry per gap between two tiers
            What comes from the source, what a tier had kept, and what goes no further. [B/s]
        carried, capacity : array, one entry per tier
            What each tier itself moves, and the most that it could. [B/s]
        demand : float
            What the line is to carry, which gives the picture its scale. [B/s]
        binding : int
            The tier that sets the pace.
        arrives : str
            What reaches the end, as a sentence.
        """
        fresh, local, lost = (np.asarray(a, dtype=float) / demand for a in (fresh, local, lost))
        river = np.maximum(np.append(fresh + local + lost, 0), np.insert(fresh + local, 0, 0))
        carried, capacity = np.asarray(carried, dtype=float), np.asarray(capacity, dtype=float)
        # Where a tier moves only a part of the river, its walls are as far from full as it is.
        scale = np.divide(river, carried, out=np.full(TIERS, 1 / demand), where=carried > 0)
        walls = np.maximum(np.minimum(capacity * scale, _WIDEST), river)
        top = river / 2
        x = np.arange(TIERS, dtype=float)
        edges = [
            # Left and right: upper and lower edge at a ribbon's two ends.
            *((top[i], top[i] - fresh[i], top[i + 1], top[i + 1] - fresh[i])
              for i in range(_GAPS)),
            *((top[i] - fresh[i], top[i] - fresh[i] - local[i],
               top[i + 1] - fresh[i], top[i + 1] - fresh[i] - local[i]) for i in range(_GAPS)),
            *((top[i] - fresh[i] - local[i], top[i] - fresh[i] - local[i] - lost[i],
               _FLOOR + min(lost[i], 0.6), _FLOOR) for i in range(_GAPS)),
        ]  # fmt: skip
        spans = [(x[i], x[i + 1]) for i in range(_GAPS)] * 2
        spans += [(x[i], x[i] + _SINK) for i in range(_GAPS)]
        widths = np.concatenate([fresh, local, lost])
        channel = [
            (walls[i] / 2, -walls[i] / 2, walls[i + 1] / 2, -walls[i + 1] / 2) for i in range(_GAPS)
        ]
        with theme.held(*self._marks):
            self._walls.x, self._walls.y = outlines(spans[:_GAPS], channel)
            self._flows.x, self._flows.y = outlines(spans, edges)
            self._streams.x, self._streams.y = _middle(spans, edges, widths)
            half = np.maximum(walls / 2, 0.06)
            self._bars.x = x[:, None] + _BAR * np.array([-1, 1, 1, -1, -1])
            self._bars.y = half[:, None] * np.array([1, 1, -1, -1, 1])
            self._bars.colors, self._bars.fill_colors = (
                [held_up if i == binding else theme.REST for i in range(TIERS)]
                for held_up in (theme.WAIT, theme.STRIPED)
            )
            for mark, height in ((self._names, 1.38), (self._rates, 1.19), (self._limits, 1.02)):
                mark.x, mark.y = x, np.full(TIERS, height)
            self._names.text = list(names)
            self._rates.text = [_rate(rate) for rate in carried]
            self._limits.text = [f"of {_rate(most)}" for most in capacity]
            self._binds.x, self._binds.y = [x[binding]], [-1.04]
            self._binds.text = ["▲ binds"]
            falls = np.flatnonzero(lost > 0.004)
            self._drops.x, self._drops.y = x[falls] + _SINK, np.full(len(falls), -1.16)
            self._drops.text = [f"−{_rate(lost[i] * demand)}" for i in falls]
        self.say(f"{epoch}: {arrives}")


def _rate(value):
    return amount(value, "B/s")


def _smooth(begin, end):
    """From one height to the other without a corner."""
    s = np.linspace(0, 1, _HALF)
    return begin + (end - begin) * s * s * (3 - 2 * s)


def ribbons(scales, fills, *, opacity, rim, **more):
    """Room for as many ribbons as there are fills."""
    shape = np.zeros((len(fills), 2 * _HALF))
    return bqplot.Lines(
        x=shape, y=shape, scales=scales, colors=fills, fill_colors=fills, fill="inside",
        fill_opacities=[opacity] * len(fills), close_path=True, stroke_width=rim, **more,
    )  # fmt: skip


def outlines(spans, edges):
    """Ribbons as closed lines: along the upper edge, and back along the lower one.

    A ribbon spans (left, right); its edges are (upper, lower) on the left, then on the right.
    """
    x = [np.linspace(a, b, _HALF) for a, b in spans]
    upper = [_smooth(left, right) for left, _, right, _ in edges]
    lower = [_smooth(left, right) for _, left, _, right in edges]
    return (
        np.array([np.concatenate([one, one[::-1]]) for one in x]),
        np.array([np.concatenate([u, w[::-1]]) for u, w in zip(upper, lower, strict=True)]),
    )


def _middle(spans, edges, widths):
    """The middle of each ribbon, along which it is seen to move; an empty one has no middle."""
    x = np.array([np.linspace(a, b, _HALF) for a, b in spans])
    y = np.array([_smooth((a + b) / 2, (c + d) / 2) for a, b, c, d in edges])
    empty = np.asarray(widths) < 0.004
    x[empty], y[empty] = x[empty, :1], y[empty, :1]
    return x, y
