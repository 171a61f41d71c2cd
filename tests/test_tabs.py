"""Tabs follow each other: what both did is kept, and told where it is to be seen."""

import json

import pytest

from iowall import ledger
from iowall.labs import open_lab
from tests.test_ledger import PREDICTION
from tests.work import answer, kept, locked


def follow(lab, text, base, **more):
    content = {"answer": "elsewhere", "kept": True, "text": text, "base": base, **more}
    lab.store._receive(lab.store, content, [])


def test_what_both_tabs_did_is_kept(sent):
    lab = locked("cloud")
    base = lab.ledger.dumps()
    lab.workbench.workers.value = "64"  # and before it is kept, another tab has locked Part 2
    other = ledger.loads(base)
    other.predict("pipeline", PREDICTION)
    sent.clear()
    follow(lab, other.dumps(), base)
    assert sent[0].keys() == {"heard"}  # before anything is kept on top of it
    mine = kept(sent)
    assert mine.of("access").settings["workers"] == "64"
    assert mine.of("access").prediction and mine.of("pipeline").prediction
    assert lab.workbench.workers.value == "64"


def test_another_parts_step_rebuilds_nothing_and_the_bench_goes_on(sent):
    lab = locked("cloud")
    base, bench, stage = lab.ledger.dumps(), lab.workbench, lab.stage.children
    other = ledger.loads(base)
    other.of("pipeline").settings = {"buffer": "1 GB"}
    follow(lab, other.dumps(), base)
    assert lab.stage.children is stage and lab.session.notice.value == ""
    bench.workers.value = "8"
    assert kept(sent).of("pipeline").settings == {"buffer": "1 GB"}
    assert kept(sent).of("access").settings["workers"] == "8"


def test_another_parts_prediction_binds_the_track_here():
    lab = open_lab("access")
    answer(lab, "opened", ledger.Ledger(track="cloud").dumps())
    lock, base = lab.lock, lab.ledger.dumps()
    other = ledger.loads(base)
    other.predict("pipeline", PREDICTION)
    follow(lab, other.dumps(), base)
    assert lab.lock is lock and lab.change_track.layout.display == "none"


def test_a_ledger_that_replaces_another_is_followed_whole_and_tells_what_is_lost(sent):
    lab = locked("cloud")
    base = lab.ledger.dumps()
    lab.reflection.answer.value = "Half an <answer>"
    sent.clear()
    follow(lab, ledger.Ledger().dumps(), base, replaced=True)
    assert lab.ledger == ledger.Ledger() and not any("keep" in one for one in sent)
    assert "is not in it: “Half an &lt;answer&gt;”" in lab.session.notice.value


def test_starting_over_stands_against_steps_of_other_tabs_that_come_late(sent):
    lab = locked("cloud")
    base = lab.ledger.dumps()
    lab.bar.start_over.click()
    lab.bar.sure.click()
    other = ledger.loads(base)
    other.of("access").settings["workers"] = "8"
    answer(lab, "kept")  # an earlier step
    follow(lab, other.dumps(), base)
    assert lab.ledger == ledger.Ledger()
    assert [one["replaces"] for one in sent if "keep" in one][-2:] == [True, True]
    answer(lab, "kept", replaced=True)
    follow(lab, other.dumps(), ledger.Ledger().dumps())
    assert lab.ledger == other  # what comes after is followed


@pytest.mark.parametrize("text", ['{"schema": 3}', "{broken"])
def test_nothing_is_kept_on_top_of_what_cannot_be_read(sent, text):
    lab = locked("cloud")
    sent.clear()
    follow(lab, text, lab.ledger.dumps())
    assert not any("heard" in one for one in sent)
    assert "Nothing more is saved here" in lab.bar._status.value


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"kept": True}, "saved in this browser"),
        ({"full": True, "earlier": True}, "keeps your earlier work but has no room"),
        ({"full": True}, "keeps nothing, since its storage is full"),
        ({}, "keeps nothing, since its storage is blocked"),
    ],
)
def test_each_state_has_its_sentence(state, told):
    lab = locked("cloud")
    lab.store._receive(lab.store, {"answer": "kept", **state}, [])
    assert told in lab.bar._status.value
    assert ('role="alert"' in lab.bar._status.value) is not state.get("kept", False)


def test_a_mistake_of_ours_is_not_told_as_a_fault_of_the_file(monkeypatch):
    lab = locked("cloud")
    monkeypatch.setattr(lab, "arrange", lambda: int("ours"))
    upload = {"new": ({"content": memoryview(json.dumps({"schema": 1}).encode())},)}
    with pytest.raises(ValueError, match="ours"):
        lab.bar._load(upload)
