"""A fifth track: one file, which picks devices, goals and controls from those that exist."""

import re

from tests.conftest import ROOT

KEY, NAME = "rail", "Rail Recorder"
CHANGES = {
    r'^name = "Tiny Pioneer"$': f'name = "{NAME}"',
    r"^order = 4$": "order = 5",
    r"^devices = .*$": 'devices = ["qspi_nor", "sd", "emmc"]',
    r'^goals = \["wall", "free", "bought"\]$': 'goals = ["free", "bought"]',
    r'^controls = \["order", .*$': 'controls = ["order", "file_format", "device", "workers"]',
    r'^controls = \["interval", .*$': 'controls = ["interval", "strategy", "mtbf"]',
}


def add(folder):
    """Put its file into a folder of tracks."""
    text = (ROOT / "iowall/data/tracks/tiny.toml").read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        text, count = re.subn(old, new, text, flags=re.MULTILINE)
        assert count == 1, old
    (folder / f"{KEY}.toml").write_text(text, encoding="utf-8")
