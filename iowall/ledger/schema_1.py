"""Ledgers of schema 1, which version 0.1.0 wrote: one track, settings by value, no versions."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from fractions import Fraction
from reprlib import repr as short
from typing import Any

from iowall.parts import PARTS
from iowall.scenarios import TRACKS, Track
from iowall.units import amount, duration, number


def problems(data: dict[str, Any]) -> Iterator[str]:
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
    if data.get("predictions") and data.get("track") is None:
        yield "it holds predictions but no track"


def migrated(data: dict[str, Any]) -> dict[str, Any]:
    """A ledger of schema 1 as one of schema 2; what is wrong in its entries stays wrong."""
    old = ("predictions", "settings", "attempts", "reflections", "drafts", "strategy", "devices")
    new = {name: one for name, one in data.items() if name not in old}
    new |= {"schema": 2, "draw": zlib.crc32(repr(sorted(data.items())).encode()), "work": {}}
    # What was drafted before a track was chosen went with the student into any.
    for track in [data["track"]] if data.get("track") else TRACKS:
        for part in PARTS:
            new["work"][f"{track}/{part}"] = _work(data, TRACKS[track], part)
        if data.get("strategy") is not None:
            new.setdefault("strategies", {})[track] = data["strategy"]
        if "strategy" in data.get("drafts", {}):
            new.setdefault("drafts", {})[track] = data["drafts"]["strategy"]
    direction = TRACKS[data["track"]].direction if data.get("track") else "read"
    new["devices"] = data.get("devices", [])
    if isinstance(new["devices"], list):
        new["devices"] = [
            one | {"direction": direction} if isinstance(one, dict) else one
            for one in new["devices"]
        ]
    return new


def _work(data, track, part):
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


def named(track: Track, part: str, settings: dict[str, Any]) -> dict[str, str]:
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
