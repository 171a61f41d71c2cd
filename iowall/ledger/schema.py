"""What a ledger's file must be.

Every key that any code reads is checked here; a key that is not known is a later version's, and
is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from reprlib import repr as short
from typing import Any, NamedTuple

from iowall import fio, untrusted
from iowall.ledger import schema_1
from iowall.ledger.ledger import DRAWS, LEAST, MOST, SCHEMA, Ledger
from iowall.scenarios import TRACKS

LARGEST = 6_000_000  # [characters] a browser keeps 5 million; a file longer than this is no ledger
LONGEST = 200  # [characters] of a name


def loads(text: str | bytes) -> Ledger:
    """The ledger in a JSON text or a file's bytes; a `ValueError` of one sentence if it is none.

    >>> loads('{"schema": 1, "track": "cloud"}').track
    'cloud'
    >>> loads('{"schema": 3}')
    Traceback (most recent call last):
    ValueError: This ledger was written by a newer version of the chapter (schema 3, not 2).
    """
    if len(text) > LARGEST:
        raise ValueError(f"This file is too long to be a ledger (at most {LARGEST:,} characters).")
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        data, more = untrusted.parsed(text, once=True)
    except UnicodeDecodeError:
        raise ValueError("This file is damaged or is no ledger: it is not UTF-8 text.") from None
    except ValueError as error:
        raise ValueError(f"This file is damaged or is not a ledger: {error}.") from None
    if more.strip():
        raise ValueError("This file is damaged or is not a ledger: more follows after its end.")
    if not isinstance(data, dict) or "schema" not in data:
        raise ValueError("This file is not a ledger of this chapter: it names no schema.")
    schema = data["schema"]
    if type(schema) is int and schema > SCHEMA:
        raise ValueError(
            "This ledger was written by a newer version of the chapter "
            f"(schema {short(schema)}, not {SCHEMA})."
        )
    if type(schema) is not int or schema < 1:
        raise ValueError(f"This ledger's schema must be a number from 1 to {SCHEMA}.")
    problems = _problems_of_any(data)
    problem = next(problems, None)
    if problem is None and schema == 1:
        problem = next(schema_1.problems(data), None)
        data = data if problem else schema_1.migrated(data)
    if problem := problem or next(_problems(data), None):
        raise ValueError(f"This ledger is damaged: {problem}.")
    return Ledger.from_data(data)


def _problems_of_any(data):
    """What no ledger of any version may be."""
    if not all(map(_within_reach, _leaves(data))):
        yield "it holds a number that is too large"
    if data.get("track") is not None and not _is_track(data["track"]):
        yield f"the track must be one of {', '.join(TRACKS)}"


def _problems(data: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a ledger's data, in words, one after the other."""
    yield from _misfits(data, _LEDGER, "it")
    work = data.get("work")
    for key, one in work.items() if isinstance(work, dict) else ():
        if not _KEY.fullmatch(key):
            yield f"its work has an unknown part {short(key)}"
        yield from _misfits(one, _WORK, f"the work on {key}")
    for name, shape in (("strategies", _STRATEGY), ("drafts", _texts)):
        entries = data.get(name)
        for track, one in entries.items() if isinstance(entries, dict) else ():
            if len(track) > LONGEST:
                yield f"{name} has a track of too long a name"
            yield from _misfits(one, shape, f"{name} of {short(track)}")
    if data.get("devices") is not None and not _devices(data["devices"]):
        yield "devices must be a list of named measurements, each number of a disk"
    ours = {device.name for track in TRACKS.values() for device in track.devices}
    if any(entry["name"] in ours for entry in data.get("devices") or ()):
        yield "a device of its own has the name of one in a track"


class _Shape(NamedTuple):
    """An object's known keys and the kinds of their values: those it needs, and those it may have.

    A kind is a predicate, another shape, or a list of the one kind of all its entries.
    """

    needs: dict[str, Any]
    may: dict[str, Any]


def _misfits(value: Any, kind: Callable | _Shape | list, where: str) -> Iterator[str]:
    """What in a value is not of its kind."""
    if isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{where} must be a list"
            return
        for one in value:
            yield from _misfits(one, kind[0], f"an entry of {where}")
    elif isinstance(kind, _Shape):
        if not isinstance(value, dict):
            yield f"{where} must be an object"
            return
        for name, inner in (kind.needs | kind.may).items():
            if name in kind.needs or value.get(name) is not None:
                yield from _within(value.get(name), name, inner, where)
    elif not kind(value):
        yield f"{where} must be words and numbers"


def _within(value, name, kind, where):
    """What in one entry of an object is not of its kind."""
    if isinstance(kind, (list, _Shape)):
        yield from _misfits(value, kind, f"{name} in {where}")
    elif not kind(value):
        yield f"{where} lacks a proper {name}"


def _leaves(value):
    if isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield value


def _within_reach(value):
    """Whether a value, if it is a number, is one that arithmetic and pictures can hold."""
    if isinstance(value, int):
        return abs(value) <= 2**63
    return not isinstance(value, float) or math.isfinite(value)


# Kinds of values


def _text(value):
    return isinstance(value, str)


def _name(value):
    return isinstance(value, str) and len(value) <= LONGEST


def _truth(value):
    return isinstance(value, bool)


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _object(value):
    return isinstance(value, dict)


def _texts(value):
    return _object(value) and all(text is None or _text(text) for text in value.values())


def _names(value):
    return _object(value) and all(map(_name, [*value, *value.values()]))


def _labels(value):
    return _object(value) and all(map(_name, value)) and all(map(_text, value.values()))


def _estimate(value):
    return _number(value) and LEAST <= value <= MOST


def _truths(value):
    return isinstance(value, list) and all(map(_truth, value))


def _version(value):
    return _name(value) and re.fullmatch(r"\d{1,6}(\.\d{1,6}){0,2}", value, re.ASCII)


def _is_track(value):
    return isinstance(value, str) and value in TRACKS


def _draw(value):
    return type(value) is int and 0 <= value < DRAWS


def _outcome(value):
    return (
        _object(value)
        and all(isinstance(one, (str, int, float)) for one in value.values())
        and all(_number(value.get(name, 0)) for name in _NUMBERS)
        and all(_truth(value.get(name, True)) for name in _TRUTHS)
        and _name(value.get("goal", ""))
    )


def _devices(value):
    return isinstance(value, list) and all(map(fio.is_entry, value))


# What the labs calculate with, of an attempt's outcome, if it is there.
_NUMBERS = ("slowdown", "utilization", "cold", "warm", "price", "over")
_NUMBERS += ("goodput", "excess", "busy", "pause")
_TRUTHS = ("fed", "balanced", "within_budget", "as_promised", "met", "good")
_KEY = re.compile(r"[\w-]{1,40}(/[\w-]{1,40}){1,2}", re.ASCII)
_SAID = _Shape({"text": _text, "time": _name}, {})
_PREDICTION = _Shape(
    {
        "question": _text,
        "options": _labels,
        "option": _name,
        "estimate": _estimate,
        "reason": _text,
        "version": _version,
        "time": _name,
    },
    {"confidence": _name, "answer": _Shape({"option": _name, "value": _number}, {})},
)
_ATTEMPT = _Shape(
    {"settings": _names, "outcome": _outcome, "version": _version, "time": _name},
    {"hint": _text},
)
_REFLECTION = _Shape({"text": _text, "rubric": _truths, "time": _name}, {"second": _SAID})
_STRATEGY = _Shape({"choice": _name, "defence": _text, "time": _name}, {})
_WORK = _Shape(
    {},
    {
        "prediction": _PREDICTION,
        "settings": _names,
        "attempts": [_ATTEMPT],
        "why": _SAID,
        "reflection": _REFLECTION,
        "draft": _texts,
        "bet": _object,
        "transfer": _object,
        "times": _object,
    },
)
_LEDGER = _Shape(
    {"draw": _draw},
    {"work": _object, "strategies": _object, "drafts": _object},
)
