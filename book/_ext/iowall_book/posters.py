"""What a page shows of a lab until it runs, and on paper: what joins this book to pagelab.

All that the book's extension takes from the labs themselves it takes here.
"""

from html import escape
from importlib import import_module

from pagelab import Poster

from iowall.labs.frame import CHOOSE
from iowall.labs.report import EMPTY
from iowall.parts import PARTS
from iowall.scenarios import TRACKS

from . import figures


def poster(lab, source):
    """The poster of a lab, on the page whose text is `source`."""
    return Poster(first=_first(lab), words=_instruments(lab), still=_still(lab, source))


def _first(lab):
    """Its first state, made of the words that the live one uses."""
    if lab not in PARTS:
        return EMPTY
    cards = "".join(
        '<button type="button" class="jupyter-button iowall-track" disabled>'
        f"{escape(track.name)}\n{escape(track.persona)} {escape(track.crisis)}</button>"
        for track in TRACKS.values()
    )
    return f'{CHOOSE}<div class="iowall-tracks">{cards}</div>'


def _instruments(lab):
    """What it draws, in words that the site's search finds."""
    drawn = getattr(import_module(f"iowall.labs.{lab}"), "INSTRUMENTS", ())
    listed = ", ".join(f"{one.kind} ({one.title[0].lower()}{one.title[1:]})" for one in drawn)
    return f"In this lab: {listed}." if drawn else ""


def _still(lab, source):
    """A picture of it for paper, unless the text shows that anyway."""
    drawn = f"lab_{lab}"
    if drawn not in figures.FIGURES or f"{{iowall-figure}} {drawn}" in source:
        return ""
    figure, alternative, caption = figures.draw(drawn)
    still = figures.svg(figure, name=drawn, alternative=alternative)
    return f"{still}<figcaption>{escape(caption)}</figcaption>"
