"""``python -m iowall collate FOLDER``: a class's ledgers as one CSV table."""

import argparse
import sys
from pathlib import Path

from iowall.labs import collate


def main(arguments=None):
    """What the command line asks for; 1 if a file could not be read, or there is none."""
    parser = argparse.ArgumentParser(prog="python -m iowall", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "collate",
        help="make one CSV of a folder of ledgers",
        epilog="Ends with 1 if a file could not be read, with 2 if nothing was written, else 0.",
    )
    command.add_argument("folder", type=Path, help="where the students' .json files lie")
    command.add_argument("--output", type=Path, help="a CSV file; without it, the screen")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    rows = collate.rows(given.folder)
    if not rows:
        parser.error(f"there is no .json file in {given.folder}")
    if given.output:
        try:
            with given.output.open("w", newline="", encoding="utf-8") as file:
                collate.write(rows, file)
        except OSError as error:
            parser.error(f"{given.output} cannot be written: {error.strerror}")
    else:
        sys.stdout.reconfigure(encoding="utf-8", newline="")
        collate.write(rows, sys.stdout)
    unread = [row for row in rows if not collate.is_read(row)]
    for row in unread:
        name = "".join(one if one.isprintable() else "?" for one in row["file"])
        print(f"{name}: {row['flags']}", file=sys.stderr)
    flagged = sum(bool(row["flags"]) for row in rows)
    print(f"{len(rows)} ledgers, {flagged} flagged", file=sys.stderr)
    return int(bool(unread))


if __name__ == "__main__":
    sys.exit(main())
