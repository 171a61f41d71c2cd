"""A student's whole work as plain data: what was chosen, predicted, tried, measured and written.

It knows no widget and no file. Gates read only it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, fields
from typing import Any

SCHEMA = 2
DRAWS = 2**32  # how many different ledgers there are to be told apart
LEAST, MOST = 1, 10_000  # bounds of an estimate: a factor

# What is drafted for each thing that is submitted: once that is there, its draft is done.
_DRAFTED = {
    "prediction": ("option", "estimate", "confidence", "reason"),
    "why": ("why",),
    "reflection": ("reflection",),
}
_UNSAID = {"question": "", "options": {}, "confidence": None, "answer": None, "version": "0"}
_WORDS = ("reason", "text", "why", "reflection", "second", "defence")


@dataclass
class Work:
    """What one student did in one part of one track, and in one mission if the part has several.

    `more`, here and in `Ledger`, holds what a later version has written, for it to find again.
    """

    # question, options {key: label}, option, estimate, confidence, reason, version, time, and
    # answer, the models' own: option, value
    prediction: dict[str, Any] | None = None
    settings: dict[str, str] = field(default_factory=dict)  # control -> name, as they stand
    attempts: list[dict[str, Any]] = field(default_factory=list)  # settings, outcome, version, time
    why: dict[str, Any] | None = None  # text, time: what is said of the verdict
    reflection: dict[str, Any] | None = None  # text, rubric, time; second: text, time
    draft: dict[str, str | None] = field(default_factory=dict)  # written, and not submitted
    bet: dict[str, Any] | None = None
    transfer: dict[str, Any] = field(default_factory=dict)  # question -> answer
    times: dict[str, Any] = field(default_factory=dict)  # of steps
    more: dict[str, Any] = field(default_factory=dict)

    def settle(self) -> None:
        """Forget the drafts of what has been submitted, and those that hold nothing."""
        for name, drafted in _DRAFTED.items():
            if getattr(self, name):
                self.draft = {key: text for key, text in self.draft.items() if key not in drafted}
        if not any(self.draft.values()):
            self.draft = {}


@dataclass(eq=False)
class Ledger:
    """All that one student did; two ledgers are equal if the same was done in both."""

    schema: int = SCHEMA
    draw: int = field(default_factory=lambda: secrets.randbelow(DRAWS))  # what differs for each
    track: str | None = None  # the current one
    work: dict[str, Work] = field(default_factory=dict)  # "track/part" or "track/part/mission"
    devices: list[dict[str, Any]] = field(default_factory=list)  # measured on their own machine
    strategies: dict[str, dict[str, Any]] = field(default_factory=dict)  # track -> choice, defence
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)  # of these, not submitted
    more: dict[str, Any] = field(default_factory=dict)

    def of(self, part: str, *, track: str | None = None, mission: str = "") -> Work:
        """The work on one part, in the current track unless another is told; made on first use."""
        track = track or self.track
        if track is None:
            raise ValueError("There is no work before a track is chosen.")
        return self.work.setdefault("/".join(filter(None, (track, part, mission))), Work())

    def tracks(self) -> list[str]:
        """The tracks in which something was predicted, tried or submitted, in order of name."""
        done = ("prediction", "attempts", "reflection")
        worked = (key for key, work in self.work.items() if any(getattr(work, n) for n in done))
        return sorted({key.split("/")[0] for key in worked} | {*self.strategies})

    def predict(self, part: str, prediction: dict[str, Any], *, mission: str = "") -> bool:
        """Bind a prediction; whoever comes second changes nothing. Says whether it was first."""
        work = self.of(part, mission=mission)
        if work.prediction:
            return False
        work.prediction = _UNSAID | prediction
        work.settle()
        return True

    def may_explore(self, part: str, *, mission: str = "") -> bool:
        """The workbench opens once its prediction is bound."""
        return self.track is not None and bool(self.of(part, mission=mission).prediction)

    def may_change_track(self) -> bool:
        """A prediction binds the track that it was made in."""
        return not self.is_bound(self.track)

    def is_bound(self, track: str | None) -> bool:
        """Whether something was predicted in a track."""
        return any(
            work.prediction and key.split("/")[0] == track for key, work in self.work.items()
        )

    def measure(self, entry: dict[str, Any]) -> None:
        """Take a measured device in, in place of one of the same name and direction."""
        self.devices = [one for one in self.devices if name_of(one) != name_of(entry)] + [entry]

    def measured(self, direction: str) -> list[dict[str, Any]]:
        """The devices that were measured in a direction, "read" or "write"."""
        return [one for one in self.devices if one["direction"] == direction]

    def data(self) -> dict[str, Any]:
        """The ledger as JSON has it, without what is empty."""
        work = {key: _filled(one) for key, one in self.work.items()}
        return _filled(self, work={key: one for key, one in work.items() if one})

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Ledger:
        """The ledger in data that were checked."""
        work = {key: Work(**_split(Work, one)) for key, one in (data.get("work") or {}).items()}
        return cls(**_split(cls, data) | {"work": work})

    def dumps(self) -> str:
        """The ledger as JSON text, the same text for the same work."""
        return json.dumps(self.data(), indent=1, sort_keys=True, allow_nan=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        # Nobody did anything to a draw; and two that are fresh are the same.
        return self.data() | {"draw": 0} == other.data() | {"draw": 0}


def words(ledger: Ledger) -> set[str]:
    """All that a student has written in a ledger.

    >>> mine = Ledger(track="cloud")
    >>> mine.of("access").draft = {"option": "iops", "reason": "half a thou"}
    >>> words(mine)
    {'half a thou'}
    """
    entries = [*ledger.strategies.values(), *ledger.drafts.values()]
    for work in ledger.work.values():
        reflection = work.reflection or {}
        entries += [work.prediction, work.why, work.draft, reflection, reflection.get("second")]
    texts = [entry.get(name) for entry in entries if entry for name in _WORDS]
    return {text.strip() for text in texts if isinstance(text, str) and text.strip()}


def name_of(entry: dict[str, Any]) -> tuple[str, str]:
    """What a measured device is known by: a file may have been measured in both directions."""
    return entry["name"], entry["direction"]


def _filled(record, **instead):
    """A record as an object of JSON's, without what is empty."""
    own = {one.name: getattr(record, one.name) for one in fields(record) if one.name != "more"}
    return record.more | {
        name: value for name, value in (own | instead).items() if value not in (None, {}, [])
    }


def _split(kind, data):
    """An object of JSON's as the arguments of a record."""
    own = {one.name for one in fields(kind)} - {"more"}
    known = {name: value for name, value in data.items() if name in own and value is not None}
    return known | {"more": {name: value for name, value in data.items() if name not in own}}
