"""What a ledger's file must be, and how the files of earlier versions become it.

Every key that any code reads is checked here; a key that is not known is a later version's, and
is kept.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from reprlib import repr as short
from typing import Any, NamedTuple

from iowall import fio, untrusted
from iowall.ledger.ledger import DRAWS, LEAST, MOST, SCHEMA, Ledger
from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from iowall.units import amount, duration, number

LARGEST = 6_000_000  # [characters] a browser keeps 5 million; a file longer than this is no ledger
LONGEST = 200  # [characters] of a name
DEVICES = "devices must be a list of named measurements, each number of a disk"


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
        problem = next(_problems_of_1(data), None)
        data = data if problem else _from_1(data)
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
        yield DEVICES
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


# Schema 1, of version 0.1.0: one track, settings by value, no versions


def _problems_of_1(data):
    """What of a ledger of schema 1 cannot be put into today's places."""
    for name in ("predictions", "settings", "attempts", "reflections", "drafts"):
        entries = data.get(name, {})
        if not isinstance(entries, dict):
            yield f"{name} must be an object"
            continue
        for part, entry in entries.items():
            if part not in PARTS and (name, part) != ("drafts", "strategy"):
                yield f"{name} has an unknown part {short(part)}"
            elif not isinstance(entry, list if name == "attempts" else dict):
                yield f"{name} of {part} must be {'a list' if name == 'attempts' else 'an object'}"
            elif name == "settings" and not all(map(_simple, entry.values())):
                yield f"settings of {part} must be words and numbers"
            elif name == "attempts":
                for attempt in entry:
                    settings = attempt.get("settings") if isinstance(attempt, dict) else attempt
                    if not isinstance(settings, dict) or not all(map(_simple, settings.values())):
                        yield f"an attempt of {part} must be an object with settings"
    if not isinstance(data.get("devices", []), list):
        yield DEVICES
    if data.get("predictions") and data.get("track") is None:
        yield "it holds predictions but no track"


def _from_1(data):
    """A ledger of schema 1 as one of schema 2; what is wrong in its entries stays wrong."""
    old = ("predictions", "settings", "attempts", "reflections", "drafts", "strategy", "devices")
    new = {name: one for name, one in data.items() if name not in old}
    new |= {"schema": 2, "draw": zlib.crc32(repr(sorted(data.items())).encode()), "work": {}}
    # What was drafted before a track was chosen went with the student into any.
    for track in [data["track"]] if data.get("track") else TRACKS:
        for part in PARTS:
            new["work"][f"{track}/{part}"] = _work_from_1(data, TRACKS[track], part)
        if data.get("strategy") is not None:
            new.setdefault("strategies", {})[track] = data["strategy"]
        if "strategy" in data.get("drafts", {}):
            new.setdefault("drafts", {})[track] = data["drafts"]["strategy"]
    direction = TRACKS[data["track"]].direction if data.get("track") else "read"
    new["devices"] = [
        one | {"direction": direction} if isinstance(one, dict) else one
        for one in data.get("devices", [])
    ]
    return new


def _work_from_1(data, track, part):
    of = {name: data[name][part] for name in data if part in _as_object(data[name])}
    words = getattr(track, part)
    work = {"reflection": of.get("reflections"), "draft": of.get("drafts")}
    if "predictions" in of:
        work["prediction"] = of["predictions"] | {
            "question": words.question,
            "options": dict(words.options),
            "version": "0",
        }
    work["settings"] = named(track, part, of.get("settings", {}))
    work["attempts"] = [
        one | {"settings": named(track, part, one["settings"]), "version": "0"}
        for one in of.get("attempts", ())
    ]
    return work


def _as_object(value):
    return value if isinstance(value, dict) else {}


def _simple(value):
    return isinstance(value, (str, int, float))


def named(track, part: str, settings: dict[str, Any]) -> dict[str, str]:
    """Settings of schema 1 by the names that a slider's steps have, though a step may be gone.

    >>> named(TRACKS["cloud"], "pipeline", {"link": 500e6, "policy": "random"})
    {'link': '4 Gbit/s', 'policy': 'random'}
    """
    return {
        control: value if isinstance(value, str) else _name_of(track, part, control, value)
        for control, value in settings.items()
    }


def _name_of(track, part, control, value):
    if part == "pipeline" and control in track.pipeline.sliders:
        slider = track.pipeline.sliders[control]
        return f"{number(value / slider.unit)} {slider.unit_name}"
    if control == "mtbf":
        return str(Fraction(value / track.checkpoint.mtbf).limit_denominator(64))
    of = {"shard_size": amount, "interval": duration}
    return of.get(control, lambda count: f"{count:.15g}")(value)
