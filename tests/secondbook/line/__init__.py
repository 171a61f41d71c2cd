"""A slider that turns a line."""

import bqplot
import ipywidgets


def open_lab(name, /, *, slope=1, kept=None):
    """The lab: at what the reader left it at, else at what the address says."""
    slider = ipywidgets.IntSlider(int(kept or slope), min=0, max=9, description="Slope")
    scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale(min=0, max=9)}
    line = bqplot.Lines(x=[0, 1], y=[0, slider.value], scales=scales)
    axes = [bqplot.Axis(scale=scales["x"]), bqplot.Axis(scale=scales["y"], orientation="vertical")]

    def turn(change):
        line.y = [0, change.new]

    slider.observe(turn, "value")
    return ipywidgets.VBox([slider, bqplot.Figure(marks=[line], axes=axes)])
