"""What all still pictures share: one width, one size of letter, labels beside what they name.

A picture is drawn as wide as a phone. On a wider page it grows, and nothing in it ever gets smaller
than it can be read.
"""

from matplotlib.figure import Figure

from iowall.units import DAY, HOUR, MINUTE, S, amount, number
from iowall.views.theme import LOCAL, WAIT

WIDTH = 5.0  # [in]
INK = "#010203"  # becomes the colour of the page's words
PAPER = "#040506"  # becomes the colour of the page itself
STYLE = {
    "font.family": "sans-serif",
    "font.size": 10.5,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2.4,
    "lines.markersize": 7,
    "hatch.linewidth": 1.1,
} | dict.fromkeys(
    ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
)


_HATCHES = {WAIT: "///", LOCAL: ".."}  # what is striped and dotted in the labs


def filled(colour, alpha=None):
    """How an area of this meaning is filled, told from its neighbours without its colour."""
    hatch = _HATCHES.get(colour, "")
    return {"facecolor": colour, "hatch": hatch, "edgecolor": PAPER, "lw": 0, "alpha": alpha}


def panels(count, *, height, **more):
    """A figure and its axes, one below the other."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(count, 1, **more)


def chart(x_label, y_label, *, height=3.2, log="xy"):
    """A figure and its axes; what is upwards stands above, so that nobody turns their head."""
    figure, axes = panels(1, height=height)
    axes.set(xlabel=x_label, title=y_label)
    for name, axis in (("x", axes.set_xscale), ("y", axes.set_yscale)):
        axis("log" if name in log else "linear")
    axes.minorticks_off()
    return figure, axes


def rows(axes, names):
    """Rows with names instead of an axis, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def ticks(axis, values, words):
    """Ticks at these values and nowhere else, said in words."""
    axis.set_ticks(values, [words(value) for value in values])
    axis.set_ticks([], minor=True)


def say(axes, text, point, offset=(6, 0), **more):
    """A label so many points beside a point of the picture."""
    # Lines that begin together still do so in another font than the one measured here.
    more = {"textcoords": "offset points", "va": "center", "multialignment": "left"} | more
    return axes.annotate(text, point, offset, **more)


def rate(value):
    return amount(value, "B/s")


def clock(value):
    """A time at a tick, from a second up: 1 h, where a sentence has 60 min.

    >>> clock(3600.0), clock(90.0), clock(864_000.0)
    ('1 h', '1.5 min', '10 d')
    """
    size, unit = next(
        (size, unit)
        for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (S, "s"))
        if value >= size or size == S
    )
    return f"{number(value / size)} {unit}"


def percent(share):
    """A share in whole percents, or in tenths where whole ones would say nothing or all.

    >>> percent(0.4567), percent(0.0012), percent(0.9988), percent(1)
    ('46 %', '0.1 %', '99.9 %', '100 %')
    """
    extreme = 0 < share < 0.00995 or 0.99 < share < 1
    return f"{100 * share:.{int(extreme)}f} %"
