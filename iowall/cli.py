"""The command ``iowall``: a class's ledgers as one table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from iowall import __version__
from iowall.ledger import collate

EXAMPLE = "example: iowall collate ledgers --output class.csv"


def main(arguments: Sequence[str] | None = None) -> int:
    """What the command line asks for; 1 if a file could not be read, or there is none."""
    parser = argparse.ArgumentParser(prog="iowall", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--version", action="version", version=f"iowall {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "collate",
        help="make one CSV of a folder of ledgers",
        epilog="Ends with 1 if a file could not be read, with 2 if nothing was written, else 0. "
        + EXAMPLE,
    )
    command.add_argument("folder", type=Path, help="where the students' .json files lie")
    command.add_argument("--output", type=Path, help="a CSV file; without it, the screen")
    given = parser.parse_args(arguments)
    return _collate(given.folder, given.output, command.error)


def _collate(folder: Path, output: Path | None, refuse: Callable) -> int:
    if not folder.is_dir():
        refuse(f"{folder} is not a folder")
    rows = collate.rows(folder)
    if not rows:
        refuse(f"there is no .json file in {folder}")
    if output:
        try:
            with output.open("w", newline="", encoding="utf-8") as file:
                collate.write(rows, file)
        except OSError as error:
            refuse(f"{output} cannot be written: {error.strerror}")
    else:
        sys.stdout.reconfigure(encoding="utf-8", newline="")
        collate.write(rows, sys.stdout)
    unread = [row for row in rows if not collate.is_read(row)]
    for row in unread:
        name = "".join(one if one.isprintable() else "?" for one in row["file"])
        print(f"{name}: {row['flags']}", file=sys.stderr)
    files, flagged = {row["file"] for row in rows}, {row["file"] for row in rows if row["flags"]}
    print(f"{len(files)} ledgers, {len(flagged)} flagged", file=sys.stderr)
    return int(bool(unread))
