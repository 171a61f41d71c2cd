"""The ledger: a student's whole work as one plain object, saved as JSON after every step.

The ledger knows no widget. Gates are properties that read only it.
"""

import json
import math
from dataclasses import asdict, dataclass, field

from iowall.tracks import TRACKS

SCHEMA = 1
PARTS = ("access", "pipeline", "checkpoint")
LARGEST = 1_000_000  # [characters] a file longer than this is no ledger

Text, Number = str, (int, float)
_PREDICTION = {"option": Text, "estimate": Number, "reason": Text, "time": Text}
_ATTEMPT = {"settings": dict, "outcome": dict, "time": Text}
_STRATEGY = {"choice": Text, "defence": Text, "time": Text}
_REFLECTION = {"text": Text, "rubric": list, "time": Text}


@dataclass
class Ledger:
    """What one student chose, predicted, tried and wrote."""

    schema: int = SCHEMA
    track: str | None = None
    predictions: dict = field(default_factory=dict)  # part -> option, estimate, reason, time
    settings: dict = field(default_factory=dict)  # part -> the controls as they stand
    attempts: dict = field(default_factory=dict)  # part -> list of settings, outcome, time
    reflections: dict = field(default_factory=dict)  # part -> text, rubric, time
    drafts: dict = field(default_factory=dict)  # part -> what is written but not submitted
    devices: list = field(default_factory=list)  # measured on the student's own machine
    strategy: dict | None = None  # choice, defence, time

    def may_explore(self, part):
        """The workbench opens once its prediction is bound."""
        return part in self.predictions

    def may_change_track(self):
        """A prediction binds the track that it was made in."""
        return not self.predictions

    def predict(self, part, prediction):
        """Bind a prediction; whoever comes second changes nothing. Says whether it was first."""
        if part in self.predictions:
            return False
        self.predictions[part] = prediction
        self.drafts.pop(part, None)
        return True

    def dumps(self):
        """The ledger as JSON text, the same text for the same work."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False)


def loads(text):
    """The ledger in a JSON text or a file's bytes; a `ValueError` of one sentence if it is none.

    >>> loads('{"schema": 1, "track": "cloud"}').track
    'cloud'
    >>> loads('{"schema": 2}')
    Traceback (most recent call last):
    ValueError: This ledger was written by a newer version of the chapter (schema 2, not 1).
    """
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise ValueError("This file is damaged or is no ledger: it is not UTF-8 text.") from None
    if len(text) > LARGEST:
        raise ValueError(f"This file is too long to be a ledger (at most {LARGEST:,} characters).")
    try:
        data = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ValueError("This file is damaged or is not a ledger: it is not valid JSON.") from None
    if not isinstance(data, dict) or "schema" not in data:
        raise ValueError("This file is not a ledger of this chapter: it names no schema.")
    schema = data["schema"]
    if isinstance(schema, int) and schema > SCHEMA:
        raise ValueError(
            "This ledger was written by a newer version of the chapter "
            f"(schema {schema}, not {SCHEMA})."
        )
    if schema != SCHEMA or isinstance(schema, bool):
        raise ValueError(f"This ledger's schema must be {SCHEMA}, got {str(schema)[:40]!r}.")
    if problem := next(_problems(data), None):
        raise ValueError(f"This ledger is damaged: {problem}.")
    return Ledger(**data)


def _refuse(constant):
    raise ValueError(constant)


def _problems(data):
    """What is wrong with a ledger's data, in words, one after the other."""
    known = Ledger.__dataclass_fields__
    for name in data:
        if name not in known:
            yield f"it has an unknown entry {name[:40]!r}"
    if data.get("track") not in (None, *TRACKS):
        yield f"the track must be one of {', '.join(TRACKS)}"
    yield from _finite(data)
    for name in ("predictions", "settings", "attempts", "reflections", "drafts"):
        entry = data.get(name, {})
        if not isinstance(entry, dict):
            yield f"{name} must be an object"
            continue
        for part, content in entry.items():
            if part not in PARTS and (name, part) != ("drafts", "strategy"):
                yield f"{name} has an unknown part {part[:40]!r}"
            elif name == "attempts":
                if not isinstance(content, list):
                    yield f"{name} of {part} must be a list"
                    continue
                for attempt in content:
                    yield from _misfits(attempt, _ATTEMPT, f"an attempt of {part}")
                    if not _is_flat(attempt.get("outcome", {})):
                        yield f"an outcome of {part} must hold numbers, words and truths"
            elif not isinstance(content, dict):
                yield f"{name} of {part} must be an object"
            elif name == "predictions":
                yield from _misfits(content, _PREDICTION, f"the prediction of {part}")
            elif name == "reflections":
                yield from _misfits(content, _REFLECTION, f"the reflection of {part}")
                if not all(isinstance(mark, bool) for mark in content.get("rubric", ())):
                    yield f"the rubric of {part} must hold true or false"
    if data.get("predictions") and data.get("track") is None:
        yield "it holds predictions but no track"
    if data.get("strategy") is not None:
        yield from _misfits(data["strategy"], _STRATEGY, "the strategy")
    devices = data.get("devices", [])
    if not isinstance(devices, list) or not all(map(_is_device, devices)):
        yield "devices must be a list of named measurements, each number above zero"


def _misfits(entry, shape, where):
    if not isinstance(entry, dict):
        yield f"{where} must be an object"
        return
    for name, kind in shape.items():
        if not isinstance(entry.get(name), kind) or isinstance(entry.get(name), bool):
            yield f"{where} lacks a proper {name}"


def _is_device(entry):
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return False
    points = entry.get("points")
    pairs = isinstance(points, list) and all(isinstance(p, list) and len(p) == 2 for p in points)
    numbers = [entry.get(name) for name in ("latency", "iops_limit", "bandwidth")]
    return pairs and all(
        isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
        for value in (*numbers, *(value for pair in points for value in pair))
    )


def _is_flat(outcome):
    return all(isinstance(value, (int, float, str, bool)) for value in outcome.values())


def _finite(data):
    """Numbers too large for a float read back as infinite: refuse them wherever they stand."""
    waiting = [data]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)
        elif isinstance(entry, float) and not math.isfinite(entry):
            yield "it holds a number that is not finite"
        elif isinstance(entry, int) and abs(entry) > 2**63:
            yield "it holds a number that is too large"
