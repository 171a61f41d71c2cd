"""A class's ledgers as one table; every recorded outcome is worked out anew and compared.

A flag is a question to ask, not a proof: a ledger is the student's own file.
"""

import csv
import math
import os
import unicodedata
from importlib import import_module
from itertools import islice
from pathlib import Path
from reprlib import repr as short

from iowall import ledger as ledgers
from iowall import untrusted
from iowall.ledger import PARTS
from iowall.tracks import TRACKS

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
]


def rows(folder):
    """One row for each .json file of a folder and of those in it, in order of name."""
    found = {}

    def closed(error):
        found[Path(error.filename)] = _unread(f"This folder cannot be read: {error.strerror}.")

    for place, _, names in os.walk(folder, onerror=closed):
        for path in map(Path(place).joinpath, names):
            # A file with a point in front is some system's note about a file.
            if path.suffix.lower() == ".json" and not path.name.startswith("."):
                found[path] = row(path)
    return [found[path] | {"file": path.relative_to(folder).as_posix()} for path in sorted(found)]


def row(path):
    """A student's row; what cannot be read becomes a flag, which is then all there is."""
    try:
        mine = _read(path)
    except ValueError as error:
        return _unread(str(error))
    cells = {"track": mine.track or ""}
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
    flags = list(islice(disagreements(mine), MOST_FLAGS + 1))
    more = ["and more"] if len(flags) > MOST_FLAGS else []
    return cells | {"flags": "; ".join(flags[:MOST_FLAGS] + more)}


def is_read(cells):
    """Whether a row is a ledger's; all that is in any other is why it could not be read."""
    return cells["access_attempts"] != ""


def _unread(reason):
    return dict.fromkeys(COLUMNS, "") | {"flags": reason}


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
                    yield f"{where}: {name} is recorded as {short(recorded)}, not {value!r}"


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
