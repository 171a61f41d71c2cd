"""The `iowall-figure` directive: still pictures, drawn from the models when the book is built.

The SVG goes into the page itself, so that its text takes the page's colour, light or dark.
"""

import io
import re
from html import escape

import matplotlib
import numpy as np
from docutils import nodes
from matplotlib.figure import Figure
from sphinx.util.docutils import SphinxDirective

from iowall import hardware
from iowall.models import access, checkpoint
from iowall.units import GB, HOUR, MB, MINUTE, KiB, S, amount, duration, kB
from iowall.views import theme

_INK = "#000000"  # becomes the page's own colour


def queue_depth():
    """4 KiB reads against queue depth: one arm against many chips."""
    depths = np.geomspace(1, 512, 60)
    figure, axes = _axes("requests in flight (queue depth)", "throughput of random 4 KiB reads")
    for device, colour, dash in (
        (hardware.NVME_GEN5, theme.TRANSFER, "-"),
        (hardware.SATA_SSD, theme.COMPUTE, "--"),
        (hardware.HDD, theme.WAIT, "-."),
    ):
        rate = access.throughput(
            request_size=4 * KiB,
            queue_depth=depths,
            latency=device.latency,
            iops_limit=device.iops_limit,
            bandwidth=device.bandwidth,
        )
        axes.plot(depths, rate, color=colour, linestyle=dash, linewidth=2.5)
        axes.annotate(device.name, (depths[-1], rate[-1]), (6, -4), textcoords="offset points")
    axes.set_xlim(1, 512)
    axes.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
    ticks = [100 * kB / S, 1 * MB / S, 10 * MB / S, 100 * MB / S, 1 * GB / S, 10 * GB / S]
    axes.set_yticks(ticks, [amount(tick, "B/s") for tick in ticks])
    return (
        figure,
        "A disk stays below 1 MB/s however many requests are in flight; a SATA SSD and an NVMe "
        "drive rise in proportion to the queue depth until their request limits bind.",
        "Random reads of 4 KiB. More requests in flight help a drive of many chips; they do "
        "little for a disk, which has one arm.",
    )


def interval_waste():
    """Waste against the interval between saves, for three write times: where ten minutes lies."""
    interval = np.geomspace(1 * MINUTE, 12 * HOUR, 200)
    run = {"mtbf": 3.6 * HOUR, "restart_time": 10 * MINUTE}
    figure, axes = _axes("interval between saves", "share of the time wasted")
    for write_time, colour, dash in (
        (350 * S, theme.WAIT, "-."),
        (60 * S, theme.COMPUTE, "--"),
        (7 * S, theme.TRANSFER, "-"),
    ):
        wasted = checkpoint.waste(interval=interval, write_time=write_time, **run).total
        axes.plot(interval, wasted, color=colour, linestyle=dash, linewidth=2.5)
        best = checkpoint.optimal_interval(write_time=write_time, mtbf=run["mtbf"])
        least = checkpoint.waste(interval=best, write_time=write_time, **run).total
        axes.plot(best, least, "o", color=colour)
        beside = (interval[25], wasted[25])
        note = f"a save of {duration(write_time)}"
        axes.annotate(note, beside, (6, 4), textcoords="offset points")
    axes.axvline(10 * MINUTE, color=_INK, linewidth=1, linestyle=":")
    axes.set(yscale="linear", ylim=(0, 1), xlim=(interval[0], interval[-1]))
    ticks = [1 * MINUTE, 10 * MINUTE, 1 * HOUR, 10 * HOUR]
    axes.set_xticks(ticks, [duration(tick) for tick in ticks])
    axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    return (
        figure,
        "Three curves that fall and rise again; the longer a save takes, the further right and the "
        "higher lies the lowest point: 7, 20 and 46 minutes. Ten minutes is near the first.",
        "A failure every 3.6 hours, a restart of 10 minutes. The dotted line is at ten minutes: "
        "about right for a save of 7 s, much too often for one of 350 s.",
    )


FIGURES = {"interval_waste": interval_waste, "queue_depth": queue_depth}


def _axes(x_label, y_label):
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.minorticks_off()
    return figure, axes


def _svg(figure, alternative):
    style = {"svg.fonttype": "none", "svg.hashsalt": "iowall", "font.family": "sans-serif"}
    with matplotlib.rc_context(style), io.StringIO() as out:
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
        svg = out.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    label = f'<svg role="img" aria-label="{escape(alternative)}" class="iowall-still" '
    return svg.replace("<svg ", label, 1)


class FigureDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        figure, alternative, caption = FIGURES[self.arguments[0]]()
        words = f"<figcaption>{escape(caption)}</figcaption>"
        return [
            nodes.raw("", f"<figure>{_svg(figure, alternative)}{words}</figure>", format="html")
        ]


def setup(app):
    app.add_directive("iowall-figure", FigureDirective)
