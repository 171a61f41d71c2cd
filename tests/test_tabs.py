"""Tabs put their work together: the same in each, with nothing lost that was locked or tried."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iowall import ledger
from iowall.labs import open_lab
from tests import work
from tests.test_lab_access import answer, kept, locked, sent  # noqa: F401

WORDS = st.sampled_from(["", "a", "b", "c"])
PARTS = st.sampled_from(ledger.PARTS)
TIME = st.sampled_from(["2026-01-01T00:00:00", "2025-01-01T00:00:00", ""])


def by_part(entry):
    return st.dictionaries(PARTS, entry, max_size=2)


LEDGERS = st.builds(
    ledger.Ledger,
    track=st.just("cloud"),
    predictions=by_part(
        st.fixed_dictionaries(
            {"option": WORDS, "estimate": st.integers(1, 3), "reason": WORDS, "time": TIME}
        )
    ),
    settings=by_part(st.dictionaries(WORDS, st.integers(0, 2), max_size=2)),
    attempts=by_part(
        st.lists(
            st.fixed_dictionaries(
                {"settings": st.just({}), "outcome": st.just({}), "time": TIME, "hint": WORDS}
            ),
            max_size=3,
        )
    ),
    reflections=by_part(
        st.fixed_dictionaries({"text": WORDS, "rubric": st.just([]), "time": TIME})
    ),
    drafts=by_part(st.dictionaries(st.sampled_from(["reason", "reflection"]), WORDS, max_size=2)),
    strategy=st.none()
    | st.fixed_dictionaries({"choice": WORDS, "defence": WORDS, "time": st.just("")}),
)


@settings(deadline=None)
@given(base=LEDGERS, mine=LEDGERS, theirs=LEDGERS)
def test_property_two_tabs_come_to_the_same_and_lose_no_step(base, mine, theirs):
    both = ledger.merged(base, mine, theirs)
    assert both.dumps() == ledger.merged(base, theirs, mine).dumps()
    assert ledger.loads(both.dumps()) == both
    assert ledger.merged(base, both, both) == both  # and it stays so
    for one in (mine, theirs):
        for name in ("predictions", "settings", "reflections"):
            assert set(getattr(one, name)) <= set(getattr(both, name))
        for part, attempts in one.attempts.items():
            assert all(attempt in both.attempts[part] for attempt in attempts)


@settings(deadline=None)
@given(base=LEDGERS, theirs=LEDGERS)
def test_property_a_tab_that_did_nothing_changes_nothing(base, theirs):
    for name in ("predictions", "settings", "reflections"):  # nothing is ever taken away
        setattr(theirs, name, getattr(base, name) | getattr(theirs, name))
    theirs.predictions |= base.predictions
    theirs.attempts = {part: [*one] for part, one in base.attempts.items()}
    theirs.strategy = theirs.strategy or base.strategy
    theirs.drafts = {
        part: one for part, one in theirs.drafts.items() if part not in theirs.predictions
    }
    merged = ledger.merged(base, base, theirs)
    assert written(merged) == written(theirs)
    for name in ("track", "settings", "attempts", "reflections", "strategy"):
        assert getattr(merged, name) == getattr(theirs, name)


def written(mine):
    """What is in the drafts: a field that is empty is as good as none."""
    return {
        (part, name, text)
        for part in mine.drafts
        for name, text in mine.drafts[part].items()
        if text
    }


def mine_and_theirs():
    base = ledger.loads(locked("cloud").ledger.dumps())
    return base, *(ledger.loads(base.dumps()) for _ in range(2))


def test_of_two_predictions_for_one_part_the_first_binds():
    base, mine, theirs = ledger.Ledger(track="cloud"), *mine_and_theirs()[1:]
    mine.predictions["access"] |= {"reason": "mine", "time": "2026-02-02T10:00:01"}
    theirs.predictions["access"] |= {"reason": "theirs", "time": "2026-02-02T10:00:00"}
    both = ledger.merged(base, mine, theirs)
    assert both.predictions["access"]["reason"] == "theirs"
    assert ledger.words(mine) - ledger.words(both) == {"mine"}


def test_attempts_keep_the_order_in_which_they_were_made():
    base, mine, theirs = mine_and_theirs()
    step = {"settings": {}, "outcome": {}}
    first = [step | {"time": "2027"}, step | {"time": "2026"}]  # the clock went back
    base.attempts = mine.attempts = theirs.attempts = {"pipeline": first}
    mine.attempts = {"pipeline": [*first, step | {"time": "2026-02"}]}
    theirs.attempts = {"pipeline": [*first, step | {"time": "2026-01"}]}
    both = ledger.merged(base, mine, theirs).attempts["pipeline"]
    assert [one["time"] for one in both] == ["2027", "2026", "2026-01", "2026-02"]


def test_ledgers_of_two_tracks_are_not_mixed():
    mine, theirs = (work.done(track) for track in ("cloud", "tiny"))
    both = ledger.merged(ledger.Ledger(), mine, theirs)
    assert both in (mine, theirs) and both == ledger.merged(ledger.Ledger(), theirs, mine)


def follow(lab, text, base, **more):
    content = {"answer": "elsewhere", "kept": True, "text": text, "base": base, **more}
    lab.store._receive(lab.store, content, [])


def test_what_both_tabs_did_is_kept(sent):  # noqa: F811
    lab = locked("cloud")
    base = lab.ledger.dumps()
    lab.workbench.workers.value = 64  # and before it is kept, another tab has locked Part 2
    other = ledger.loads(base)
    other.predictions["pipeline"] = other.predictions["access"]
    sent.clear()
    follow(lab, other.dumps(), base)
    assert sent[0].keys() == {"heard"}  # before anything is kept on top of it
    assert kept(sent)["settings"]["access"]["workers"] == 64
    assert set(kept(sent)["predictions"]) == {"access", "pipeline"}
    assert lab.workbench.workers.value == 64


def test_another_parts_step_rebuilds_nothing_and_the_bench_goes_on(sent):  # noqa: F811
    lab = locked("cloud")
    base, bench, stage = lab.ledger.dumps(), lab.workbench, lab.stage.children
    other = ledger.loads(base)
    other.settings["pipeline"] = {"buffer": 1}
    follow(lab, other.dumps(), base)
    assert lab.stage.children is stage and lab._notice.value == ""
    bench.workers.value = 8
    assert kept(sent)["settings"]["pipeline"] == {"buffer": 1}
    assert kept(sent)["settings"]["access"]["workers"] == 8


def test_another_parts_prediction_binds_the_track_here():
    lab = open_lab("access")
    answer(lab, "opened", ledger.Ledger(track="cloud").dumps())
    lock, base = lab.lock, lab.ledger.dumps()
    other = ledger.loads(base)
    other.predictions["pipeline"] = locked("cloud").ledger.predictions["access"]
    follow(lab, other.dumps(), base)
    assert lab.lock is lock and lab.change_track.layout.display == "none"


def test_a_ledger_that_replaces_another_is_followed_whole_and_tells_what_is_lost(sent):  # noqa: F811
    lab = locked("cloud")
    base = lab.ledger.dumps()
    lab.reflection.answer.value = "Half an <answer>"
    sent.clear()
    follow(lab, ledger.Ledger().dumps(), base, replaced=True)
    assert lab.ledger == ledger.Ledger() and not any("keep" in one for one in sent)
    assert "is not in it: “Half an &lt;answer&gt;”" in lab._notice.value


def test_starting_over_stands_against_steps_of_other_tabs_that_come_late(sent):  # noqa: F811
    lab = locked("cloud")
    base = lab.ledger.dumps()
    lab.bar.start_over.click()
    lab.bar.sure.click()
    other = ledger.loads(base)
    other.settings["access"]["workers"] = 8
    answer(lab, "kept")  # an earlier step
    follow(lab, other.dumps(), base)
    assert lab.ledger == ledger.Ledger()
    assert [one["replaces"] for one in sent if "keep" in one][-2:] == [True, True]
    answer(lab, "kept", replaced=True)
    follow(lab, other.dumps(), ledger.Ledger().dumps())
    assert lab.ledger == other  # what comes after is followed


@pytest.mark.parametrize("text", ['{"schema": 2}', "{broken"])
def test_nothing_is_kept_on_top_of_what_cannot_be_read(sent, text):  # noqa: F811
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
    monkeypatch.setattr(lab, "_arrange", lambda: int("ours"))
    upload = {"new": ({"content": memoryview(json.dumps({"schema": 1}).encode())},)}
    with pytest.raises(ValueError, match="ours"):
        lab.bar._load(upload)
