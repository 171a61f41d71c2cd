"""The `iowall-sources` directive: each number of the catalogue and the tracks, with its source.

One idea: walk the dataclasses. A field's unit is the one in its type; its
source is looked up in the `sources` beside it, or further out. What is found without a source fails
a test.

```{iowall-sources} catalogue
```

The argument is `catalogue`, the key of a track, or `others`: the tracks that the page has not shown
so far.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, get_args, get_origin, get_type_hints

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from iowall import hardware
from iowall.scenarios import LIMITS, TRACKS
from iowall.units import KiB, MiB, amount, duration, number

from . import tables
from .stories import OTHERS, told_of

# Not numbers of the world: what a slider offers and where it stands, and in what it counts.
SETTINGS = {"order", "start", "steps", "unit", "shard_sizes", "intervals"}
# Numbers that one sentence of `sources` speaks of together.
TOGETHER = {
    "written": ("uploaded",),
    "stalls": ("stalls",),
    "stall_time": ("stalls", "stall_time", "suspended"),
    "longest_stall": ("stalls", "stall_time", "suspended"),
}
# Numbers that the track's own words state: field to the sentence about it.
STATED = {
    "habit": lambda words: "the track's question",
    "asked": lambda words: "the track's question",
    "local_writers": lambda words: f"by design: {words.local}",
    "longest_gap": lambda words: f"the track's promise: {words.promise}",
    "stalls": lambda policy: f"by design: {policy.label}",
}
_PARTS = {"points": "beside the curve", "sliders": "slider", "limits": "limit"}
_PARTS["policies"] = "option"
# Constants that the page shows where they are used.
ELSEWHERE = {"nor_sector", "nor_page", "nor_erase_cycles", "dram_channel", "sram"}
_BINARY = ((MiB, "MiB"), (KiB, "KiB"), (1.0, "B"))


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number of the world."""

    group: tuple[str, ...]  # where it stands, from outside inwards
    name: str
    value: float
    unit: str
    source: str  # empty if there is none

    @property
    def text(self):
        """The number as people write it."""
        if self.unit == "s":
            return duration(self.value)
        if self.unit == "B" and self.value >= 1 and math.log2(self.value).is_integer():
            size, prefix = next(unit for unit in _BINARY if self.value >= unit[0])
            return f"{self.value / size:g} {prefix}"
        if self.unit in ("B", "B/s"):
            return amount(self.value, self.unit)
        if self.unit == "W" and 0 < self.value < 1:
            return f"{number(self.value * 1e3)} mW"
        unit = {"1/s": "a second", "-": ""}.get(self.unit, self.unit)
        if self.value == 1:
            unit = re.sub(r"^(\w+)s\b", r"\1", unit)
        return f"{number(self.value)} {unit}".strip()

    @property
    def kind(self):
        """How far the number is anybody's but ours."""
        if "assumption" in self.source:
            return "assumption"
        for start in ("derived", "by design", "by definition"):
            if self.source.startswith(start):
                return start
        if self.source.startswith(("the track's", "the question", "the story")):
            return "story"
        return "published"


def walk(thing, *, group=(), outer=()):
    """Yield each number in a dataclass and what it holds; `outer` are the dataclasses around it."""
    units = field_units(type(thing))
    for field in fields(thing):
        value, name = getattr(thing, field.name), field.name
        if name in SETTINGS:
            continue
        if isinstance(value, bool | str):
            continue
        if isinstance(value, int | float):
            absent = field.default is not MISSING and value == field.default
            if not absent or name in getattr(thing, "sources", {}):
                unit = units.get(name) or worded_unit(name, thing, outer, group)
                source = find_source(name, (thing, *outer))
                yield Number(group=group, name=name, value=value, unit=unit, source=source)
        for label, part in named_parts(name, value):
            if not isinstance(part, hardware.Device | hardware.Store):  # in the catalogue
                yield from walk(part, group=(*group, label), outer=(thing, *outer))


def named_parts(name, value):
    """The dataclasses in a field: itself, or in a tuple or a mapping."""
    words = _PARTS.get(name, name.replace("_", " "))
    if is_dataclass(value):
        return [(getattr(value, "name", words), value)]
    if isinstance(value, Mapping):
        return [
            (f"{words} {key.replace('_', ' ')}", part)
            for key, part in value.items()
            if is_dataclass(part)
        ]
    if isinstance(value, tuple):
        return [(getattr(part, "name", words), part) for part in value if is_dataclass(part)]
    return []


@cache
def field_units(cls):
    """Field to unit, as the types of a dataclass have it."""
    hints = get_type_hints(cls, include_extras=True)
    return {
        name: get_args(hint)[1] for name, hint in hints.items() if get_origin(hint) is Annotated
    }


def worded_unit(name, thing, outer, group):
    """The unit of a number that is counted in a track's own words."""
    if name == "price":
        return f"{outer[0].currency} for each {thing.unit_name}"
    if name == "rate":
        return f"{thing.currency} an hour"
    if name == "budget":
        return thing.currency
    if isinstance(thing, hardware.Device | hardware.Store) or name != "value":
        return ""
    return LIMITS.get(group[-1].split()[-1], "")


def find_source(name, nested):
    """What is said to be the source of a number: beside it, or in what is around it."""
    innermost = nested[0]
    for attribute in (f"{name}_source", "source", "why"):
        if said := getattr(innermost, attribute, ""):
            return said
    for thing in nested:
        sources = getattr(thing, "sources", {})
        if said := [sources[key] for key in TOGETHER.get(name, (name,)) if key in sources]:
            return "; ".join(said)
    if name in STATED:
        return STATED[name](innermost)
    return getattr(innermost, f"{name.removesuffix('_size')}_source", "")


def catalogue():
    """Every number in the catalogue: of devices and stores, and the constants."""
    found = []
    for thing in (*hardware.DEVICES.values(), *hardware.STORES.values()):
        written = thing in hardware.WRITERS
        found += walk(thing, group=(f"{thing.name}, written to" if written else thing.name,))
    for name, one in hardware.CONSTANTS.items():
        number = Number(
            group=("Constants",), name=name, value=one.value, unit=one.unit, source=one.source
        )
        found.append(number)
    return found


def everything():
    """All numbers by section: the catalogue and each track."""
    found = {"catalogue": catalogue()}
    return found | {key: list(walk(track)) for key, track in TRACKS.items()}


_HEAD = ("Number", "Value", "Kind", "Source")


def _tables(numbers):
    groups = {}
    for one in numbers:
        groups.setdefault(one.group[:1], []).append(one)
    for group, members in groups.items():
        rows = [
            tables.row(
                ", ".join([*one.group[1:], one.name.replace("_", " ")]),
                (
                    one.text.replace(" ", "\N{NO-BREAK SPACE}"),
                    one.kind,
                    one.source.removeprefix(f"{one.kind}: "),
                ),
                head=_HEAD,
                css=f"iowall-{one.kind.replace(' ', '-')}",
            )
            for one in members
            if one.name not in ELSEWHERE
        ]
        title = "".join(group) or "The track"
        yield tables.table(
            rows, head=_HEAD, title=title[:1].upper() + title[1:], css="iowall-numbers"
        )


class SourcesDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        asked = self.arguments[0]
        if asked == "catalogue":
            return [_shown(catalogue())]
        shown = []
        for track in told_of(self, asked).values():
            shown += [nodes.rubric(text=track.name)] if asked == OTHERS else []
            shown.append(_shown(walk(track)))
        return shown


def _shown(numbers):
    return nodes.raw("", "".join(_tables(numbers)), format="html")


def setup(app):
    app.add_directive("iowall-sources", SourcesDirective)
