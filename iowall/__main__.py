"""``python -m iowall collate FOLDER``: a class's ledgers as one CSV table."""

import argparse
import sys
from pathlib import Path

from iowall.labs import collate


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m iowall", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("collate", help="make one CSV of a folder of ledgers")
    command.add_argument("folder", type=Path, help="where the students' .json files lie")
    command.add_argument("--output", type=Path, help="a CSV file; without it, the screen")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    rows = collate.rows(given.folder)
    if given.output:
        with given.output.open("w", newline="", encoding="utf-8") as file:
            collate.write(rows, file)
    else:
        collate.write(rows, sys.stdout)
    flagged = sum(bool(row["flags"]) for row in rows)
    print(f"{len(rows)} ledgers, {flagged} flagged", file=sys.stderr)


if __name__ == "__main__":
    main()
