"""One colour for one meaning, and the parts that every instrument has.

The hues are Okabe and Ito's, told apart by readers with any colour vision, and dark and light
enough to be seen on white and on black. No meaning is carried by colour alone.
"""

from contextlib import ExitStack
from html import escape

import bqplot
import ipywidgets as widgets

COMPUTE = "#009E73"  # the accelerator at work
TRANSFER = "#3A86C8"  # bytes on the move
WAIT = "#E2711D"  # nobody is served
LOCAL = "#B79A00"  # bytes that a nearer tier had kept
CHOICE = "#CC5FA0"  # the reader's own setting
REST = "#8A94A0"  # what is there for comparison
# The hues are for areas and marks, and too pale for words: these are the page's own, light or dark.
INK = "var(--iowall-ink)"
QUIET = "var(--iowall-muted)"


def key(**colours):
    """A line that names colours, for above a picture: key(wait=WAIT, load=TRANSFER)."""
    return "".join(
        f'<span class="iowall-key" style="--iowall-colour:{colour}">{escape(name)}</span>'
        for name, colour in colours.items()
    )


def figure(*, marks, axes, height="300px", **margins):
    """A figure that fills the width it is given and has no ornament of its own."""
    return bqplot.Figure(
        marks=marks,
        axes=axes,
        fig_margin={"top": 12, "bottom": 46, "left": 62, "right": 18} | margins,
        min_aspect_ratio=0.1,
        max_aspect_ratio=20,
        animation_duration=0,
        display_toolbar=False,
        layout=widgets.Layout(width="100%", height=height),
    )


def held(*parts):
    """Hold the messages of all these widgets until the whole picture is ready."""
    stack = ExitStack()
    for part in parts:
        stack.enter_context(part.hold_sync())
    return stack


def sentence(text):
    """What an instrument says, as the HTML of its sentence."""
    return f'<p class="iowall-sentence" role="status">{escape(text)}</p>'


class Instrument(widgets.VBox):
    """A titled picture with its sentence; `name` is the class by which the page finds it."""

    kind = ""  # what the text calls it
    title = ""  # what stands above it

    def __init__(self, *, name, picture, colours=""):
        self._sentence = widgets.HTML()
        heading = widgets.HTML(f"<h4>{escape(self.title)}</h4><div>{colours}</div>")
        super().__init__([heading, self._sentence, *picture])
        self.add_class("iowall-instrument")
        self.add_class(name)

    def say(self, text):
        """Put the picture in one sentence."""
        self._sentence.value = sentence(text)
