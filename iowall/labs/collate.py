"""A class's ledgers as one table; every recorded outcome is worked out anew and compared.

A flag is a question to ask, not a proof: a ledger is the student's own file.
"""

import csv
import math
from importlib import import_module

from iowall.labs import ledger as ledgers
from iowall.labs.ledger import PARTS
from iowall.tracks import TRACKS

CLOSE = 1e-6  # relative: the browser's arithmetic differs from the instructor's in the last digits
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
]


def rows(folder):
    """One row for each .json file of a folder, in order of name."""
    return [row(path) for path in sorted(folder.glob("*.json"))]


def row(path):
    """A student's row; what cannot be read becomes a flag."""
    try:
        # Do not read into memory what somebody put there instead.
        if path.stat().st_size > 4 * ledgers.LARGEST:
            raise ValueError("This file is too long to be a ledger.")
        mine = ledgers.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        return dict.fromkeys(COLUMNS, "") | {"file": path.name, "flags": str(error)}
    cells = {"file": path.name, "track": mine.track or ""}
    for part in PARTS:
        prediction = mine.predictions.get(part, {})
        reflection = mine.reflections.get(part, {})
        cells |= {
            f"{part}_option": prediction.get("option", ""),
            f"{part}_estimate": prediction.get("estimate", ""),
            f"{part}_reason": prediction.get("reason", ""),
            f"{part}_attempts": len(mine.attempts.get(part, ())),
            f"{part}_reflection": reflection.get("text", ""),
            f"{part}_marks": sum(reflection.get("rubric", ())) if reflection else "",
        }
    strategy = mine.strategy or {}
    cells |= {"strategy": strategy.get("choice", ""), "defence": strategy.get("defence", "")}
    return cells | {"flags": "; ".join(disagreements(mine))}


def disagreements(mine):
    """Recorded outcomes that the models do not give for the recorded settings, in words."""
    track = TRACKS.get(mine.track)
    for part, attempts in mine.attempts.items():
        for number, attempt in enumerate(attempts, 1):
            where = f"{part} attempt {number}"
            try:
                lab = import_module(f"iowall.labs.{part}")
                anew = lab.outcome(track, attempt["settings"], mine.devices)
            except Exception:  # settings that no lab could have written
                yield f"{where}: its settings are none of this lab's"
                continue
            for name, value in anew.items():
                recorded = attempt["outcome"].get(name)
                if not same(recorded, value):
                    yield f"{where}: {name} is recorded as {recorded!r}, not {value!r}"


def same(recorded, value):
    """Whether two values of an outcome are the same but for rounding."""
    numbers = (int, float)
    if isinstance(recorded, numbers) and isinstance(value, numbers):
        return math.isclose(recorded, value, rel_tol=CLOSE, abs_tol=1e-9)
    return recorded == value


def write(table, file):
    """Write rows as CSV that a spreadsheet shows and does not execute."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for cells in table:
        writer.writerow({name: _harmless(value) for name, value in cells.items()})


def _harmless(value):
    """Text that a spreadsheet would take for a formula, made text again by an apostrophe."""
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
