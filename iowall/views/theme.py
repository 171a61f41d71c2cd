"""One colour for one meaning, and the parts that every instrument has.

The hues are near Okabe and Ito's, dark and light enough to be seen on white and on black. Six such
hues are too close in lightness to be told apart by everyone, so no meaning is carried by colour
alone: areas have a pattern, lines a dash, points a shape, or words stand at them.
"""

from contextlib import ExitStack
from html import escape

import bqplot
import ipywidgets as widgets

COMPUTE = "#009E73"  # the accelerator at work
TRANSFER = "#1A7ABF"  # bytes on the move
WAIT = "#D96814"  # nobody is served
LOCAL = "#A88D00"  # bytes that a nearer tier had kept
CHOICE = "#CC5FA0"  # the reader's own setting
REST = "#8A94A0"  # what is there for comparison
# The hues are for areas and marks, and too pale for words: these are the page's own, light or dark.
INK = "var(--iowall-ink)"
QUIET = "var(--iowall-muted)"
# Two meanings are seen beside others as areas: one is striped, one dotted, in the page's colour.
STRIPED = "var(--iowall-wait)"  # WAIT
DOTTED = "var(--iowall-local)"  # LOCAL

_PATTERNS = {
    STRIPED: ("iowall-wait", WAIT, 9, '<path d="M-1 1 1-1M-1 10 10-1M8 10 10 8"/>'),
    DOTTED: ("iowall-local", LOCAL, 8, '<path d="M2 2h0M6 6h0" stroke-width="2.6"/>'),
}
_DASHES = {"solid": "none", "dashed": "10 10", "dotted": "2 10", "dash_dotted": "10 5 2 5"}
_SHAPES = {
    "diamond": "M7 0 12 7 7 14 2 7Z",
    "square": "M3 3h8v8H3Z",
    "cross": "M5 2h4v3h3v4H9v3H5V9H2V5h3Z",
}


def area(fill, *, opacity=1, lane=(0, 1), rim="none"):
    """The sign of an area in a key; `lane` is where it lies, from the top, if that tells it apart.

    A pattern's sign brings the pattern, with which the picture is then filled as well.
    """
    pattern = ""
    if fill in _PATTERNS:
        name, colour, size, lines = _PATTERNS[fill]
        pattern = (
            f'<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
            f'<rect width="{size}" height="{size}" fill="{colour}"/>'
            f'<g class="iowall-lines">{lines}</g></pattern>'
        )
    top, bottom = (14 * end for end in lane)
    return _sign(
        20,
        f'{pattern}<rect y="{top:g}" width="20" height="{bottom - top:g}" '
        f'style="fill:{fill};fill-opacity:{opacity};stroke:{rim};stroke-dasharray:4 4"/>',
    )


def line(colour, *, width=2, style="solid"):
    """The sign of a line in a key."""
    look = f"stroke:{colour};stroke-width:{width};stroke-dasharray:{_DASHES[style]}"
    return _sign(30, f'<path d="M0 7H30" style="{look}"/>')


def point(colour, *, marker):
    """The sign of a point in a key."""
    return _sign(14, f'<path d="{_SHAPES[marker]}" style="fill:{colour}"/>')


def _sign(width, shapes):
    box = f'viewBox="0 0 {width} 14" width="{width}" height="14"'
    return f'<svg {box} aria-hidden="true">{shapes}</svg>'


def key(signs):
    """A line for above a picture, of names and what they look like in it.

    key({"wait": area(STRIPED), "you": point(CHOICE, marker="diamond")})
    """
    return "".join(
        f'<span class="iowall-key">{sign}{escape(name)}</span>' for name, sign in signs.items()
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


def label(scales, size, *, colour=INK, **more):
    """Words in a figure."""
    looks = {"colors": [colour], "default_size": size, "font_weight": "normal"}
    return bqplot.Label(scales=scales, **looks | more)


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
