"""The throughput curve: bytes per second against bytes per request, for each device."""

import bqplot
import numpy as np

from iowall.units import amount, number
from iowall.views import theme

_GAP = 0.055  # least distance of two names, as a share of the picture's height


class ThroughputCurve(theme.Instrument):
    """Log-log: the IOPS slope, the bandwidth ceiling, the knee between them, and where you are."""

    kind, title = "throughput curve", "Throughput against request size"

    def __init__(self):
        self._x, self._y = bqplot.LogScale(), bqplot.LogScale()
        scales = {"x": self._x, "y": self._y}
        self._others = bqplot.Lines(scales=scales, colors=[theme.REST], stroke_width=1.2)
        self._device = bqplot.Lines(scales=scales, colors=[theme.TRANSFER], stroke_width=3.5)
        self._ceiling = bqplot.Lines(
            scales=scales, colors=[theme.TRANSFER], stroke_width=1.2, line_style="dashed"
        )
        self._names = theme.label(scales, 11, colour=theme.QUIET, x_offset=8)
        self._name = theme.label(scales, 12, x_offset=8)
        self._name.font_weight = "bold"
        self._published = bqplot.Scatter(
            scales=scales, colors=[theme.TRANSFER], marker="cross", default_size=60, fill=True
        )
        self._knee = bqplot.Scatter(
            scales=scales, colors=[theme.TRANSFER], marker="circle", default_size=70, fill=True
        )
        self._here = bqplot.Scatter(
            scales=scales, colors=[theme.CHOICE], marker="diamond", default_size=180, fill=True
        )
        self._notes = theme.label(scales, 12, x_offset=6, y_offset=18)
        self._you = theme.label(scales, 13, x_offset=8)
        self._sizes = bqplot.Axis(
            scale=self._x, label="request size", grid_lines="none", label_offset="34px"
        )
        self._rates = bqplot.Axis(
            scale=self._y, orientation="vertical", label="throughput", label_offset="62px",
            grid_lines="none",
        )  # fmt: skip
        self._marks = [
            self._others, self._ceiling, self._device, self._published, self._knee,
            self._here, self._names, self._name, self._notes, self._you,
        ]  # fmt: skip
        super().__init__(
            name="iowall-throughput",
            picture=[
                theme.figure(
                    marks=self._marks, axes=[self._sizes, self._rates], height="380px", left=78
                )
            ],
            colours=theme.key(
                {
                    "your device": theme.line(theme.TRANSFER, width=3.5),
                    "its bandwidth": theme.line(theme.TRANSFER, width=1.2, style="dashed"),
                    "published": theme.point(theme.TRANSFER, marker="cross"),
                    "you": theme.point(theme.CHOICE, marker="diamond"),
                    "other devices": theme.line(theme.REST, width=1.2),
                }
            ),
        )

    def show(self, *, request_size, throughput, names, chosen, knee, bandwidth, published, here):
        """Draw every device's curve, and on the chosen one the knee and the present setting.

        Parameters
        ----------
        request_size : array, (points,)
            Where the curves are drawn. [B]
        throughput : array, (devices, points)
            What each device gives random requests of that size. [B/s]
        names : list of str
            The devices.
        chosen : int
            Which of them is the reader's.
        knee : float
            Where its IOPS slope meets its bandwidth ceiling. [B]
        bandwidth : float
            Its ceiling. [B/s]
        published : array, (2, points)
            Request sizes and throughputs that others measured on it. [B], [B/s]
        here : (float, float)
            The present request size and throughput. [B], [B/s]
        """
        low, high = request_size[0], request_size[-1]
        floor = 10 ** np.floor(np.log10(min(throughput[:, 0].min(), here[1])))
        top = 10 ** np.ceil(np.log10(throughput.max() * 1.2))
        others = [i for i in range(len(names)) if i != chosen]
        heights = _spread(throughput[:, -1], floor, top)
        knee_rate = min(bandwidth, np.interp(knee, request_size, throughput[chosen]))
        in_sight = low < knee < high
        with theme.held(self._x, self._y, self._sizes, self._rates, *self._marks):
            # Room for the names, to the right of the curves.
            self._x.min, self._x.max = float(low), float(high * (high / low) ** 0.4)
            self._y.min, self._y.max = float(floor), float(top)
            _ticks(self._sizes, low, high, "B")
            _ticks(self._rates, floor, top, "B/s")
            self._others.x, self._others.y = request_size, throughput[others]
            self._device.x, self._device.y = request_size, throughput[chosen]
            self._ceiling.x, self._ceiling.y = [low, high], [bandwidth, bandwidth]
            self._names.x = np.full(len(others), high)
            self._names.y, self._names.text = heights[others], [names[i] for i in others]
            self._name.x, self._name.y = [high], heights[[chosen]]
            self._name.text = [names[chosen]]
            self._published.x, self._published.y = published
            self._knee.x, self._knee.y = ([knee], [knee_rate]) if in_sight else ([], [])
            self._notes.x, self._notes.y = self._knee.x, self._knee.y
            self._notes.text = [f"knee {amount(knee)}"] if in_sight else []
            self._here.x, self._here.y = [here[0]], [here[1]]
            self._you.x, self._you.y, self._you.text = [here[0]], [here[1]], ["you"]
        share = here[1] / bandwidth
        side = "below" if here[0] < knee else "at or above"
        self.say(
            f"Requests of {amount(here[0])}, {side} the knee of {amount(knee)}: {names[chosen]} "
            f"delivers {amount(here[1], 'B/s')}, {number(100 * share)} % of its bandwidth."
        )


def _ticks(axis, low, high, unit):
    """Name every decade, or every second one where they would crowd."""
    decades = np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
    values = 10.0 ** decades[:: 1 if len(decades) <= 5 else 2]
    axis.tick_values = values
    axis.tick_labels = {f"{value:.0f}": amount(value, unit) for value in values}


def _spread(values, low, high):
    """Heights near `values`, on a log axis, at which names do not overlap."""
    place = np.log(values / low) / np.log(high / low)
    order = np.argsort(place)
    for below, above in zip(order[:-1], order[1:], strict=True):
        place[above] = max(place[above], place[below] + _GAP)
    excess = max(0.0, place[order[-1]] - 1)
    for above, below in zip(order[::-1][:-1], order[::-1][1:], strict=True):
        place[above] -= excess
        excess = max(0.0, place[below] + _GAP - place[above])
    place[order[0]] -= excess
    return low * (high / low) ** place
