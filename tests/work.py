"""Ledgers as the labs write them, and what opens them again."""

from itertools import product

import ipywidgets as widgets

from iowall import ledger
from iowall.labs import open_lab
from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests.conftest import ROOT

LABS = (*PARTS, "report")


def arrive(lab, text):
    """The browser hands a lab what it had kept."""
    lab.store._receive(lab.store, {"answer": "opened", "kept": True, "text": text}, [])
    return lab


def answer(lab, kind, text="", kept=True, **more):
    """The browser answers a lab's store."""
    content = {"answer": kind, "kept": kept, "text": text, **more}
    lab.store._receive(lab.store, content, [])


def locked(track="cloud"):
    """The lab of Part 1, right after its lock."""
    return lock(arrive(open_lab("access"), ""), track)


def kept(sent):
    """The ledger that a lab handed to its store last."""
    return ledger.loads([message["keep"] for message in sent if "keep" in message][-1])


def fio_text(track):
    """What fio wrote of a disk in the direction of a track."""
    writes = TRACKS[track].direction == "write"
    name = "fio-write-only.json" if writes else "fio-three-jobs.json"
    return (ROOT / "tests" / "data" / name).read_text()


def done(track, word="because"):
    """The ledger of somebody who has done all three parts; `word` is all that they ever write."""
    text = ""
    for part in PARTS:
        lab = lock(arrive(open_lab(part), text), track, word)
        _act(lab.workbench, part, fio_text(track), word)
        lab.reflection.answer.value = word
        lab.reflection.submit.click()
        lab.reflection.marks[0].value = True
        text = lab.ledger.dumps()
        forget(lab)
    report = arrive(open_lab("report"), text)
    report.choice.value, report.defence.value = "local", word
    report.submit.click()
    report.defence.value = f"{word} {word}"  # a draft of another
    text = report.ledger.dumps()
    forget(report)
    mine = ledger.loads(text)
    assert all(mine.of(part).attempts for part in PARTS)
    assert mine.devices and mine.strategies and mine.drafts
    return mine


def lock(lab, track, word="because"):
    """Choose a track, if none is, and lock a prediction; the lab."""
    if lab.tracks:
        lab.tracks[track].click()
    lab.lock.option.value = lab.lock.option.options[0][1]
    lab.lock.estimate.value, lab.lock.reason.value = "30", word
    lab.lock.submit.click()
    return lab


def _act(bench, part, measured, word):
    if part == "access":
        upload = {"name": f"{word}.json", "content": memoryview(measured.encode())}
        bench._add_device({"new": (upload,)})
        bench.order.value = "shuffled"
        for (_, device), (_, workload) in product(bench.device.options, bench.workload.options):
            bench.device.value, bench.workload.value = device, workload  # some meet a goal
    elif part == "pipeline":
        bench.run.click()
        bench.link.index += 1
        bench.run.click()
    else:
        bench.commit.click()
        bench.interval.index += 1
        bench.commit.click()


def opened_everywhere(text, each=lambda lab: None):
    """Open a ledger in every lab and go one step further; calls `each` with a lab at both."""
    for name in LABS:
        lab = arrive(open_lab(name), text)
        refused = lab.bar._problem.value
        assert not refused, refused
        each(lab)
        bench = getattr(lab, "workbench", None)
        if bench and name == "pipeline":
            bench.run.click()
        elif bench and name == "checkpoint":
            bench.commit.click()
        each(lab)
        ledger.loads(lab.ledger.dumps())  # what a lab keeps can be opened again
        forget(lab)


def forget(lab):
    """Take a lab out of memory; layouts stay, since some are shared."""
    for one in {*all_widgets(lab)}:
        if not isinstance(one, widgets.Layout):
            one.close()


def all_widgets(widget):
    """A widget and all that are in it, wherever they hang."""
    yield widget
    for name in widget.keys:
        value = getattr(widget, name, None)
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(one, widgets.Widget):
                yield from all_widgets(one)
