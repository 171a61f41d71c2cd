"""What labs share: controls under their titles, numbers under their names, sentences."""

from datetime import UTC, datetime
from html import escape

import ipywidgets as widgets
from traitlets import TraitError

FULL = {"width": "100%"}  # of which each widget makes a layout of its own
FITTING = {"width": "auto"}


def now():
    """The time of a step, as the ledger writes it: for people to read, since clocks err."""
    try:
        return datetime.now(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a clock that is after the year 9999
        return ""


def button(text, on_click, style=""):
    """A button as wide as its text; `on_click()` is called without it."""
    made = widgets.Button(description=text, button_style=style, layout=FITTING)
    made.on_click(lambda _: on_click())
    return made


def slider(options):
    """A slider over options of a part."""
    return widgets.SelectionSlider(options=pairs(options), layout=FULL)


def toggle(options):
    """Buttons of which one is pressed, over options of a part."""
    return widgets.ToggleButtons(options=pairs(options))


def dropdown(options):
    """A list to choose from, over options of a part."""
    return widgets.Dropdown(options=pairs(options), layout=FULL)


def pairs(options):
    """What a widget offers: labels to be seen, names to be kept."""
    return [(option.label, option.name) for option in options]


def titled(title, control):
    """A control under its title, which also names it for screen readers."""
    control.tooltip = title
    label = widgets.HTML(f'<span class="iowall-title">{escape(title)}</span>')
    box = widgets.VBox([label, control])
    box.add_class("iowall-control")
    return box


def put(controls, settings):
    """Put controls, {name: widget}, where settings say, but for values that no longer exist."""
    for name, control in controls.items():
        try:
            control.value = settings.get(name, control.value)
        except TraitError:
            continue


def fact_list(facts):
    """Numbers under their names, as HTML; `facts` holds (name, value, note) in words."""
    return (
        '<dl class="iowall-facts">'
        + "".join(
            f"<div><dt>{escape(name)}</dt><dd><b>{escape(value)}</b> {escape(note)}</dd></div>"
            for name, value, note in facts
        )
        + "</dl>"
    )


def goal_list(goals):
    """Goals as HTML; `goals` holds (text, whether it is met)."""
    return (
        '<ul class="iowall-goals">'
        + "".join(
            f'<li class="{"iowall-met" if met else "iowall-open"}">{"✓" if met else "○"} '
            f"{escape(text)}</li>"
            for text, met in goals
        )
        + "</ul>"
    )


def problem(text):
    """A mistake, in the HTML of one sentence that is announced at once."""
    return f'<p class="iowall-problem" role="alert">{escape(text)}</p>' if text else ""


def spoken(text, kind):
    """A sentence of a kind ("verdict", "notice", "sentence") that is announced when it changes."""
    return f'<p class="iowall-{kind}" role="status">{escape(text)}</p>' if text else ""


def inside(widget):
    """A widget and all that it is made of: what is in it, layouts, styles, marks, scales."""
    found, ahead = set(), [widget]
    while ahead:
        one = ahead.pop()
        if isinstance(one, widgets.Widget) and one not in found:
            found.add(one)
            ahead += [getattr(one, name) for name in one.keys]
        elif isinstance(one, dict):
            ahead += one.values()
        elif isinstance(one, (list, tuple)):
            ahead += one
    return found
