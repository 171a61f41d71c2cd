"""The parts of the chapter: what each one *is*, without a widget.

A part is a module of this package (the protocol `Part` says what is in it). A move of a control is

    settings → `evaluate` → one frozen `Result` → `say` → sentences

and nothing is evaluated twice for it: curves, goals and verdict are fields of the result. The
frame, the ledger, the report, collate and the pages know parts through `part` alone.

Settings are texts: a choice by its key or name, a quantity as it stands on its slider. So a changed
list of steps hides nothing that a student has done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from iowall import fio, units
from iowall.scenarios import Track

PARTS = ("access", "pipeline", "checkpoint")


class Option(NamedTuple):
    """One value that a control offers."""

    name: str  # by which ledgers and links know it
    label: str  # as a reader sees it
    value: Any  # as a model takes it


class Answer(NamedTuple):
    """What the models say on a lock's question."""

    option: str  # a key of the question's options
    value: float  # what the reader estimates


class Fact(NamedTuple):
    """A number under its name, in words."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Reflection:
    """What a reader is asked after a part, and what they mark their own answer by."""

    question: str
    note: str
    rubric: tuple[str, ...]


class Question(Protocol):
    """A part's question in a track's words."""

    situation: str
    question: str
    options: Mapping[str, str]
    estimate: str
    factor: str  # what the estimate counts


class Result(Protocol):
    """What every part's frozen result has; the rest is its own."""

    track: Track
    settings: Mapping[str, str]
    goals: Mapping[str, bool]  # which of the part's goals these settings meet
    good: bool  # all that is asked of one design
    misses: tuple[str, ...]  # what is missing, one sentence each


class Part(Protocol):
    """What the module of a part has."""

    KEY: str
    TITLE: str
    REFLECTION: Reflection

    def words(self, track: Track) -> Question:
        """The track's words for this part."""

    def options(self, track: Track) -> Mapping[str, Sequence[Option]]:
        """What each control offers."""

    def start(self, track: Track) -> dict[str, str]:
        """The settings found on arrival: one for each control."""

    def evaluate(self, track: Track, settings: Mapping[str, str]) -> Result:
        """All that the models say of one setting, curves over a slider included.

        What `settings` leaves out is as on arrival; a `ValueError` of one sentence says which of
        them cannot be.
        """

    def say(self, result: Result, prediction: Mapping[str, Any]) -> Any:
        """The sentences beside the pictures, as a frozen record of the part's own."""

    def answer(self, track: Track) -> Answer:
        """The models on the lock's question, as things are on arrival."""

    def outcome(self, result: Result) -> dict[str, Any]:
        """The numbers and truths that an attempt keeps."""

    def summary(self, track: Track, work: Any) -> Iterable[str]:
        """What came of this part, in sentences for the report."""


def part(key: str) -> Part:
    """The part of this name, imported when it is first asked for: in a browser each import is
    waited for."""
    if key not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, got {key!r}")
    return import_module(f"iowall.parts.{key}")


def scenario(track: Track, entries: Iterable[Mapping[str, Any]] = ()) -> Track:
    """A track as a reader has it: with the devices that they measured among its own."""
    return replace(track, devices=(*track.devices, *map(fio.from_entry, entries)))


def choices(labels: Mapping[str, str]) -> tuple[Option, ...]:
    """What a control offers, from {key: label}."""
    return tuple(Option(key, label, key) for key, label in labels.items())


def steps(values: Iterable[float], text: Callable[[float], str]) -> tuple[Option, ...]:
    """What a slider offers; each step is named as it is labelled, without commas."""
    labels = {value: text(value) for value in values}
    return tuple(Option(label.replace(",", ""), label, value) for value, label in labels.items())


def named(
    things: Iterable[Any], label: Callable[[Any], str] = lambda one: one.name
) -> tuple[Option, ...]:
    """What a list of named things offers."""
    return tuple(Option(one.name, label(one), one) for one in things)


def completed(start: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as a part evaluates them: what is left out is as on arrival, and no others."""
    return {control: settings.get(control, found) for control, found in start.items()}


def values(options: Mapping[str, Sequence[Option]], settings: Mapping[str, str]) -> dict[str, Any]:
    """What a model takes for these settings, {control: value}.

    A quantity that is no longer a step is taken as it is. Raises `ValueError` for anything else
    that a control does not offer.
    """
    return {control: _value(control, offered, settings) for control, offered in options.items()}


def _value(control, offered, settings):
    name = settings.get(control)
    for option in offered:
        if option.name == name:
            return option.value
    if isinstance(name, str) and all(isinstance(one.value, (int, float)) for one in offered):
        value = _parsed(name)
        least, most = (edge(one.value for one in offered) for edge in (min, max))
        if least <= value <= most:
            return value
    known = ", ".join(option.name for option in offered)
    raise ValueError(f"{control} cannot be {str(name)[:40]!r}; it can be {known}")


def _parsed(text):
    try:
        return units.parse(text)
    except ValueError:
        return math.nan


def verdict(*, prediction: Mapping[str, Any], options: Mapping[str, str], answer: Answer) -> str:
    """Predicted against modelled, and by what factor the estimate was off."""
    said = options.get(prediction["option"], prediction["option"])
    right = "the same" if prediction["option"] == answer.option else f"“{options[answer.option]}”"
    value = answer.value
    off = max(prediction["estimate"] / value, value / prediction["estimate"])
    close = "right on the spot" if off < 1.05 else f"a factor of {units.number(off)} off"
    return (
        f"You predicted “{said}” and {units.number(prediction['estimate'])} times; at these "
        f"settings the model says {right} and {units.number(value)} times: {close}."
    )
