"""The ledger: a student's whole work as one plain object, saved as JSON after every step.

The ledger knows no widget. Gates are properties that read only it.
"""

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from reprlib import repr as short

from iowall.labs import untrusted
from iowall.scenarios import TRACKS

SCHEMA = 1
PARTS = ("access", "pipeline", "checkpoint")
LARGEST = 6_000_000  # [characters] a browser keeps 5 million; a file longer than this is no ledger
LEAST, MOST = 1, 10_000  # bounds of an estimate: a factor
SLOWEST, FASTEST = 1e-12, 1e15  # bounds of what is measured on a device, in SI units


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
    if type(schema) is not int or schema != SCHEMA:
        raise ValueError(f"This ledger's schema must be the number {SCHEMA}.")
    if problem := next(_problems(data), None):
        raise ValueError(f"This ledger is damaged: {problem}.")
    return Ledger(**data)


def merged(base, mine, theirs):
    """The work of two tabs as one ledger, from what both began with; the same in both tabs.

    Nothing goes that was locked, tried, measured or submitted. Of two predictions for one part the
    first binds; where two texts or settings compete, one of them stays.

    >>> mine, theirs = Ledger(track="cloud"), Ledger(settings={"access": {"workers": 2}})
    >>> both = merged(Ledger(), mine, theirs)
    >>> both.track, both.settings
    ('cloud', {'access': {'workers': 2}})
    """
    tracks = {one.track for one in (mine, theirs) if one.predictions}
    if len(tracks) > 1:  # two ledgers that have nothing in common
        return loads(max(mine.dumps(), theirs.dumps()))
    base, mine, theirs = map(asdict, (base, mine, theirs))
    both = {"track": next(iter(tracks), _newer(base["track"], mine["track"], theirs["track"]))}
    both["strategy"] = _either(base["strategy"], mine["strategy"], theirs["strategy"])
    for name in ("predictions", "settings", "reflections"):
        every = {*mine[name], *theirs[name]}
        both[name] = {
            part: _either(*(one[name].get(part) for one in (base, mine, theirs))) for part in every
        }
    for part in {*mine["predictions"]} & {*theirs["predictions"]}:
        rivals = mine["predictions"][part], theirs["predictions"][part]
        both["predictions"][part] = min(rivals, key=_by_time)
    both["attempts"] = {
        part: _joined(mine["attempts"].get(part, []), theirs["attempts"].get(part, []))
        for part in {*mine["attempts"], *theirs["attempts"]}
    }
    both["devices"] = _newer(base["devices"], mine["devices"], theirs["devices"])
    if base["devices"] not in (mine["devices"], theirs["devices"]):
        every = sorted(mine["devices"] + theirs["devices"], key=_text_of)
        both["devices"] = [*{one["name"]: one for one in every}.values()]
    both["drafts"] = _drafts(base["drafts"], mine["drafts"], theirs["drafts"])
    for part in both["predictions"]:
        draft = both["drafts"].get(part, {})
        if part in both["reflections"] or "reflection" not in draft:
            both["drafts"].pop(part, None)
    return Ledger(**both)


def _newer(base, mine, theirs):
    """The one of two values that is new; if both are, the same one in both tabs."""
    if base in (mine, theirs):
        return theirs if mine == base else mine
    return max(mine, theirs, key=_text_of)


def _either(base, mine, theirs):
    """The newer one of two values, if both are there."""
    if None in (mine, theirs):
        return theirs if mine is None else mine
    return _newer(base, mine, theirs)


def _joined(mine, theirs):
    """A list to which two have appended."""
    same = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), None)
    if same is None:
        return max(mine, theirs, key=len)
    rest = Counter(map(_text_of, mine[same:])) | Counter(map(_text_of, theirs[same:]))
    return mine[:same] + sorted((json.loads(text) for _, text in rest.elements()), key=_by_time)


def _drafts(base, mine, theirs):
    """Drafts, each field of them from where it was changed, or removed."""
    drafts = {}
    for part in {*mine, *theirs}:
        before, here, there = (one.get(part, {}) for one in (base, mine, theirs))
        drafts[part] = {
            name: _newer(*(one.get(name) for one in (before, here, there)))
            for name in {*here, *there}
        }
    return {part: draft for part, draft in drafts.items() if any(draft.values())}


def _by_time(entry):
    return entry["time"], _text_of(entry)


def _text_of(value):
    return value is not None, json.dumps(value, sort_keys=True)


def words(ledger):
    """All that a student has written in a ledger.

    >>> words(Ledger(drafts={"access": {"option": "iops", "reason": "half a thou"}}))
    {'half a thou'}
    """
    entries = [*ledger.predictions.values(), *ledger.reflections.values(), *ledger.drafts.values()]
    texts = [entry.get(name) for entry in [*entries, ledger.strategy or {}] for name in _WORDS]
    return {text.strip() for text in texts if text and text.strip()}


def _problems(data):
    """What is wrong with a ledger's data, in words, one after the other."""
    for name in data:
        if name not in Ledger.__dataclass_fields__:
            yield f"it has an unknown entry {short(name)}"
    track = data.get("track")
    if track not in (None, *TRACKS):
        yield f"the track must be one of {', '.join(TRACKS)}"
    if not all(map(_within_reach, _leaves(data))):
        yield "it holds a number that is too large"
    for name, shape in _SHAPES.items():
        entry = data.get(name, {})
        if not isinstance(entry, dict):
            yield f"{name} must be an object"
            continue
        for part, content in entry.items():
            if part not in PARTS and (name, part) != ("drafts", "strategy"):
                yield f"{name} has an unknown part {short(part)}"
            elif name == "attempts" and not isinstance(content, list):
                yield f"{name} of {part} must be a list"
            else:
                for one in content if name == "attempts" else [content]:
                    yield from _misfits(one, shape, f"{name} of {part}")
    if data.get("predictions") and track is None:
        yield "it holds predictions but no track"
    if data.get("strategy") is not None:
        yield from _misfits(data["strategy"], _STRATEGY, "the strategy")
    devices = data.get("devices", [])
    if not isinstance(devices, list) or not all(map(is_device, devices)):
        yield "devices must be a list of named measurements, each number of a disk"
    elif track and {one["name"] for one in devices} & {one.name for one in TRACKS[track].devices}:
        yield "a device of its own has the name of one in the track"


def _misfits(entry, shape, where):
    """What in an entry is not of its shape: a kind for all of its values, or one for each name."""
    if not isinstance(entry, dict):
        yield f"{where} must be an object"
    elif callable(shape):
        if not all(map(shape, entry.values())):
            yield f"{where} must be words and numbers"
    else:
        for name, kind in shape.items():
            if not kind(entry.get(name)):
                yield f"{where} lacks a proper {name}"


def is_device(entry):
    """Whether an entry is a device that was measured."""
    return isinstance(entry, dict) and not any(_misfits(entry, _DEVICE, ""))


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


def _truth(value):
    return isinstance(value, bool)


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _simple(value):
    return isinstance(value, (str, int, float))


def _draft(value):
    return value is None or isinstance(value, str)


def _estimate(value):
    return _number(value) and LEAST <= value <= MOST


def _speed(value):
    return _number(value) and SLOWEST <= value <= FASTEST


def _truths(value):
    return isinstance(value, list) and all(map(_truth, value))


def _settings(value):
    return isinstance(value, dict) and all(map(_simple, value.values()))


def _outcome(value):
    return _settings(value) and all(_number(value.get(name, 0)) for name in _NUMBERS)


def _points(value):
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(map(_speed, pair)) for pair in value
    )


_WORDS = ("reason", "text", "reflection", "defence")
_PREDICTION = {"option": _text, "estimate": _estimate, "reason": _text, "time": _text}
_ATTEMPT = {"settings": _settings, "outcome": _outcome, "time": _text}
_REFLECTION = {"text": _text, "rubric": _truths, "time": _text}
_STRATEGY = {"choice": _text, "defence": _text, "time": _text}
_DEVICE = {
    "name": _text,
    "latency": _speed,
    "iops_limit": _speed,
    "bandwidth": _speed,
    "points": _points,
}
_SHAPES = {
    "predictions": _PREDICTION,
    "settings": _simple,
    "attempts": _ATTEMPT,
    "reflections": _REFLECTION,
    "drafts": _draft,
}
# What the labs calculate with, of an attempt's outcome, if it is there.
_NUMBERS = ("slowdown", "utilization", "cold", "warm", "price", "over")
_NUMBERS += ("goodput", "excess", "busy", "pause")
