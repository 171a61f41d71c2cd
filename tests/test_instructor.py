"""The page for instructors: its changes apply, its links open, its numbers are the models'."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from html import unescape

import ipywidgets as widgets
import pytest

from iowall.labs import links, open_lab
from iowall.ledger import collate
from iowall.units import MB, Gbit, MiB, S
from tests.conftest import ROOT

PAGE = (ROOT / "book" / "instructor.md").read_text("utf-8")
DIFFS = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
LINK = re.compile(r'<a href="(\w+)\.html(\?[^"#]*)#lab">([^<]*)</a>')
LINKS = {text: (part, unescape(query)) for part, query, text in LINK.findall(PAGE)}

# Run in the changed copy: each part of each track opens, and each track's Part 2 can be solved.
OPENS = """
from iowall.labs import open_lab
from iowall.parts import pipeline
from iowall.scenarios import TRACKS

def opened(part, choice, **settings):
    lab = open_lab(part, **settings)
    lab.store._receive(lab.store, {"answer": "opened", "kept": True, "text": ""}, [])
    if choice:
        lab.tracks[choice].click()
    lab.lock.option.value, lab.lock.estimate.value = lab.lock.option.options[0][1], "2"
    lab.lock.reason.value = "A reason."
    words = " ".join(getattr(one, "value", "") or "" for one in lab.lock.children)
    lab.lock.submit.click()
    assert lab.workbench is not None
    return lab, words

for part in ("access", "pipeline", "checkpoint"):
    for track in TRACKS:
        opened(part, track)
for track in TRACKS.values():
    assert any(met.any() for met in pipeline.successes(track).values())
"""
SEEN = [
    "lab, _ = opened('pipeline', 'cloud')\n"
    "assert '(0.3 for each TB)' in lab.workbench._costs['disk_size'].value",
    "_, words = opened('access', 'cloud')\nassert 'You are to sign for it' in words",
    "lab, _ = opened('access', None, track='cloud', workload='Tissue-sections')\n"
    "assert lab.workbench.workload.value == 'Tissue sections'",
]


@pytest.mark.parametrize(
    ("diff", "seen"), list(zip(DIFFS, SEEN, strict=True)), ids=["number", "question", "track"]
)
def test_a_change_applies_and_shows(diff, seen, tmp_path):
    shutil.copytree(ROOT / "iowall", tmp_path / "iowall")
    subprocess.run(["git", "apply", "-"], input=diff, text=True, cwd=tmp_path, check=True)
    mine = f"import iowall\nassert iowall.__file__.startswith({str(tmp_path)!r})\n"
    subprocess.run(
        [sys.executable, "-c", mine + OPENS + seen],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=True,
    )


# What the page says of a link; the lab that it opens must say the same.
NUMBERS = {
    "10 TB of pinned NVMe": ["58.1 %", "9.05"],
    "30 TB": ["58.1 %", "17.1"],
    "the first one": ["500 MB/s"],
    "128 GB of it": ["30.8 %"],
    "30.8 % of the arrival": ["30.8 %"],
    "a page cache": ["m = 0.717"],
    "a pinned one": ["m = 0.5"],
    "LRU over weights read in order": ["m = 1"],
    "photographs": ["61.7"],
    "text records": ["2,790"],
    "medical volumes": ["1.05"],
    "256 requests in flight": ["1.05"],
    "opening files": ["48.9 %"],
    "S3": ["0 %", "14"],
    "Every ten minutes, full copies": ["9.01 %"],
    "Every hour": ["27.8 %"],
    "A shard from each node": ["3.5 s"],
    "A full copy from each": ["59.7 min", "358 TB"],
    "In shards": ["988 GB", "9.88 s"],
    "from one node": ["988 GB", "19.8 s"],
    "NVMe first, every minute": ["138 ms", "16.4 %", "10 %"],
    "an erase that blocks": ["95 %", "396 ms"],
    "One that can be suspended": ["100 %"],
}


def test_every_link_is_looked_at():
    assert set(LINKS) == set(NUMBERS)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_link_opens_its_lab_where_the_page_says(text):
    part, query = LINKS[text]
    lab = open_lab(part, **links.from_query(query))
    lab.store._receive(lab.store, {"answer": "opened", "kept": True, "text": ""}, [])
    lab.lock.option.value, lab.lock.estimate.value = lab.lock.option.options[0][1], "2"
    lab.lock.reason.value = "A reason."
    lab.lock.submit.click()
    assert not lab._misfits.value
    said = plain(" ".join(words(lab.workbench)))
    [paragraph] = [plain(one) for one in PAGE.split("\n\n") if f">{text}</a>" in one]
    for told in NUMBERS[text]:
        standing_alone = re.compile(rf"(?<![\d.,]){re.escape(told)}(?![\d]|[.,]\d)")
        assert standing_alone.search(paragraph), told
        assert standing_alone.search(said), told


def words(widget):
    """All that a widget says in HTML."""
    if isinstance(widget, widgets.HTML):
        yield widget.value
    for child in getattr(widget, "children", ()):
        yield from words(child)


def plain(html):
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


def test_units():
    assert 4 * Gbit / S == 500 * MB / S and "4 Gbit/s are 500 MB/s" in PAGE
    assert f"{100 * (MiB / MB - 1):.1f} % more than 1 MB" in plain(PAGE)


def test_columns_and_goals_are_named_as_they_are(tmp_path):
    (tmp_path / "cut-off.json").write_text('{"schema": 1, "tra')
    [row] = collate.rows(tmp_path)
    assert row["flags"]
    marking = PAGE[PAGE.index("## Marking") : PAGE.index("## In your LMS")]
    named = set(re.findall(r"`(_?[a-z]+)`", marking))
    parts = {"access", "pipeline", "checkpoint"}
    spelled = {f"{part}{name}" for name in named if name[0] == "_" for part in parts}
    assert spelled | {name for name in named - parts if name[0] != "_"} == set(row)


def test_the_workflow_does_what_the_page_says():
    steps = (ROOT / ".github" / "workflows" / "site.yml").read_text("utf-8")
    order = [steps.index(word) for word in (".ci/run", "jupyter-book build", "path: _build/html")]
    assert order == sorted(order)
    deploy = steps[steps.index("deploy:") :]
    assert "refs/heads/main" in deploy and "github.event_name == 'push'" in deploy
    assert "needs: [fast, build]" in deploy


def test_what_it_costs_to_host(html):
    """Sizes of the built site, and how many readers a hundred gigabytes serve."""
    files = json.loads((html / "offline.json").read_text())
    raw = {name: sum(size for _, size in some.values()) for name, some in files.items()}
    packed = sum(len(gzip.compress((html / path).read_bytes())) for path in files["book"])
    for told, size in [
        (r"some (\d+) MB, most of it Python", sum(raw.values()) / MB),
        (r"their Python are (\d+) MB,", raw["book"] / MB),
        (r"or (\d+) MB if your server", packed / MB),
        (r"fetches (\d+) MB more", raw["notebook"] / MB),
    ]:
        [number] = re.findall(told, " ".join(PAGE.split()))
        assert int(number) == pytest.approx(size, rel=0.06), told
    assert "more than 8,000 readers" in " ".join(PAGE.split())
    assert 8_000 < 100e9 / packed < 10_000
