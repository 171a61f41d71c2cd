"""A class's ledgers as one table; every recorded outcome is worked out anew and compared.

A flag is a question to ask, not a proof: a ledger is the student's own file. What another version
of the models has said is no flag, but is not checked either.
"""

from __future__ import annotations

import csv
import json
import math
import os
import unicodedata
from pathlib import Path
from reprlib import repr as short
from typing import Any, TextIO

from iowall import ledger as ledgers
from iowall import parts, untrusted
from iowall.ledger import Ledger, Work
from iowall.models import VERSION
from iowall.parts import PARTS
from iowall.scenarios import TRACKS

CLOSE = 1e-6  # relative: the browser's arithmetic differs from the instructor's in the last digits
MOST_FLAGS = 20  # that are told of one ledger
LONGEST = 30_000  # [characters] a spreadsheet's cell holds 32,767
COLUMNS = [
    "file",
    "track",
    *(
        f"{part}_{what}"
        for part in PARTS
        for what in ("option", "estimate", "reason", "attempts", "reflection", "marks")
    ),
    "strategy",
    "defence",
    "flags",
    *(f"{part}_goals" for part in PARTS),  # that were met, as far as they could be checked
    "notes",
]


def rows(folder: Path) -> list[dict[str, Any]]:
    """One row for each track of each .json file in a folder and those in it, in order of name."""
    found = {}

    def closed(error):
        found[Path(error.filename)] = [_unread(f"This folder cannot be read: {error.strerror}.")]

    for place, _, names in os.walk(folder, onerror=closed):
        for path in map(Path(place).joinpath, names):
            # A file with a point in front is some system's note about a file.
            if path.suffix.lower() == ".json" and not path.name.startswith("."):
                found[path] = _rows_of(path)
    return [
        cells | {"file": path.relative_to(folder).as_posix()}
        for path in sorted(found)
        for cells in found[path]
    ]


def _rows_of(path):
    """A student's rows; what cannot be read becomes a flag, which is then all there is."""
    try:
        mine = _read(path)
    except ValueError as error:
        return [_unread(str(error))]
    return [row(mine, track) for track in mine.tracks() or [mine.track or ""]]


def row(mine: Ledger, track: str) -> dict[str, Any]:
    """What a ledger says of one track."""
    cells = {"track": track}
    checked = Checked(mine, track)
    for part in PARTS:
        work = mine.work.get(f"{track}/{part}", Work())
        prediction, reflection = work.prediction or {}, work.reflection or {}
        cells |= {
            f"{part}_option": prediction.get("option", ""),
            f"{part}_estimate": prediction.get("estimate", ""),
            f"{part}_reason": prediction.get("reason", ""),
            f"{part}_attempts": len(work.attempts),
            f"{part}_reflection": reflection.get("text", ""),
            f"{part}_marks": sum(reflection.get("rubric", ())) if reflection else "",
            f"{part}_goals": checked.goals(part, work.attempts),
        }
    strategy = mine.strategies.get(track, {})
    cells |= {"strategy": strategy.get("choice", ""), "defence": strategy.get("defence", "")}
    return cells | {"flags": _told(checked.flags), "notes": _told(checked.notes)}


def is_read(cells: dict[str, Any]) -> bool:
    """Whether a row is a ledger's; all that is in any other is why it could not be read."""
    return cells["access_attempts"] != ""


def _unread(reason):
    return dict.fromkeys(COLUMNS, "") | {"flags": reason}


def _told(sentences):
    more = ["and more"] if len(sentences) > MOST_FLAGS else []
    return "; ".join(sentences[:MOST_FLAGS] + more)


def _read(path):
    """The ledger in a file; a `ValueError` of one sentence if there is none."""
    try:
        if not path.is_file():  # a folder, a pipe, a link to nowhere
            raise ValueError("This is no file, but has the name of one.")
        # Do not read into memory what somebody put there instead.
        with path.open("rb") as file:
            return ledgers.loads(file.read(ledgers.LARGEST + 1))
    except OSError as error:
        raise ValueError(f"This file cannot be read: {error.strerror}.") from None


class Checked:
    """The attempts in one track, worked out anew.

    `flags` are recorded outcomes and goals that today's models do not give for the recorded
    settings; `notes` say the same of attempts that another version of the models has judged.
    """

    def __init__(self, mine: Ledger, track: str) -> None:
        self.flags, self.notes = [], []
        known = TRACKS.get(track)
        self._track = known and parts.scenario(known, mine.measured(known.direction))
        self._results = {}  # what the models have said already

    def goals(self, part: str, attempts: list[dict[str, Any]]) -> str:
        """The goals that these attempts have met, in words."""
        met, unchecked = {}, {}
        for number, attempt in enumerate(attempts, 1):
            where = f"{part} attempt {number}"
            recorded = attempt["outcome"]
            claimed = [recorded["goal"]] if "goal" in recorded else []
            claimed += [goal for goal in ("met", "good") if recorded.get(goal)]
            problems = list(self._problems(part, attempt, claimed))
            if problems and attempt["version"] != VERSION:
                self.notes.append(f"{where}: made with {_which(attempt['version'])} version")
                unchecked |= dict.fromkeys(claimed)
            elif problems:
                self.flags += [f"{where}: {problem}" for problem in problems]
            else:
                met |= dict.fromkeys(claimed)
        only = [f"{goal} (not checked)" for goal in unchecked if goal not in met]
        return ", ".join([*met, *only])

    def _problems(self, part, attempt, claimed):
        """In what an attempt is not what the models say, in words."""
        result = self._result(part, attempt["settings"])
        if result is None:
            yield "its settings are none of this lab's"
            return
        outcome = parts.part(part).outcome(result)
        recorded = attempt["outcome"]
        for name, value in outcome.items():
            if name not in recorded and attempt["version"] != VERSION:
                continue  # nobody asked for it then
            if not same(recorded.get(name), value):
                yield f"{name} is recorded as {short(recorded.get(name))}, not {value!r}"
        for goal in claimed:
            if goal not in outcome and not result.goals.get(goal):
                yield f"the goal {short(goal)} is recorded, but is not met"

    def _result(self, part, settings):
        """What the models say of these settings; None if no lab could have written them."""
        key = part, json.dumps(settings, sort_keys=True)
        if key not in self._results:
            try:
                self._results[key] = parts.part(part).evaluate(self._track, settings)
            except Exception:
                self._results[key] = None
        return self._results[key]


def _which(version):
    """How a version stands to the one that checks."""
    recorded, today = (tuple(map(int, one.split("."))) for one in (version, VERSION))
    return "an earlier" if recorded < today else "a later"


def same(recorded: Any, value: Any) -> bool:
    """Whether two values of an outcome are the same but for rounding."""
    numbers = (int, float)
    if isinstance(recorded, numbers) and isinstance(value, numbers):
        return math.isclose(recorded, value, rel_tol=CLOSE, abs_tol=1e-9)
    return recorded == value


def write(table: list[dict[str, Any]], file: TextIO) -> None:
    """Write rows as CSV that a spreadsheet shows and does not execute."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for cells in table:
        writer.writerow({name: _harmless(value) for name, value in cells.items()})


def _harmless(value):
    """Text that a spreadsheet would take for a formula, made text again by an apostrophe; and not
    longer than a cell can be."""
    if not isinstance(value, str):
        return value
    value = untrusted.whole(value)
    if len(value) > LONGEST:
        value = f"{value[:LONGEST]} … ({len(value):,} characters in the ledger)"
    return f"'{value}" if _is_formula(value) else value


def _is_formula(text):
    if text[:1] in ("\t", "\r", "\n"):
        return True
    # What is not seen (separators Z, control and format characters C) hides what follows.
    first = next((one for one in text if unicodedata.category(one)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first)[:1] in tuple("=+-@−")  # = has a full-width twin
