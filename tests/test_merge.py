"""Two ledgers become one: the same in either order, with nothing lost that was locked or tried."""

import json

from hypothesis import given
from hypothesis import strategies as st

from iowall.ledger import Ledger, Work, loads, merged, words
from iowall.parts import PARTS
from tests.test_ledger import DEVICE, PREDICTION, VALUES

WORDS = st.sampled_from(["", "a", "b", "c"])
KEYS = st.sampled_from([f"{track}/{part}" for track in ("cloud", "tiny") for part in PARTS[:2]])
TRACKS = st.sampled_from(["cloud", "tiny"])
TIME = st.sampled_from(["2026-01-01T00:00:00", "2025-01-01T00:00:00", ""])
LATER = st.dictionaries(st.sampled_from(["later", "last"]), VALUES, max_size=1)
SUBMITTED = ("prediction", "reflection", "why", "bet")


def entry(needs, **more):
    """An entry with these keys, and perhaps one of a later version."""
    return st.tuples(st.fixed_dictionaries(needs, optional=more), LATER).map(
        lambda both: both[1] | both[0]
    )


SAID = entry({"text": WORDS, "time": TIME})
WORK = st.builds(
    Work,
    prediction=st.none()
    | entry(
        {name: st.just(PREDICTION[name]) for name in ("question", "options", "version")}
        | {"option": WORDS, "estimate": st.integers(1, 3), "reason": WORDS, "time": TIME}
    ),
    settings=st.dictionaries(WORDS, WORDS, max_size=2),
    attempts=st.lists(
        entry(
            {"settings": st.just({}), "outcome": st.just({}), "version": st.just("1")}
            | {"time": TIME, "hint": WORDS}
        ),
        max_size=3,
    ),
    why=st.none() | SAID,
    reflection=st.none()
    | entry(
        {"text": WORDS, "rubric": st.lists(st.booleans(), max_size=1), "time": TIME}, second=SAID
    ),
    draft=st.dictionaries(st.sampled_from(["reason", "reflection", "why"]), WORDS, max_size=2),
    bet=st.none() | entry({"row": WORDS}),
    transfer=st.dictionaries(WORDS, SAID, max_size=2),
    times=st.dictionaries(WORDS, st.integers(0, 3), max_size=2),
    more=LATER,
)
LEDGERS = st.builds(
    Ledger,
    draw=st.integers(0, 3),
    track=st.none() | TRACKS,
    work=st.dictionaries(KEYS, WORK, max_size=2),
    devices=st.lists(
        st.fixed_dictionaries(
            {name: st.just(one) for name, one in DEVICE.items()}
            | {"name": WORDS, "direction": st.sampled_from(["read", "write"])}
        ),
        max_size=2,
        unique_by=lambda one: (one["name"], one["direction"]),
    ),
    strategies=st.dictionaries(
        TRACKS, entry({"choice": WORDS, "defence": WORDS, "time": st.just("")}), max_size=2
    ),
    drafts=st.dictionaries(
        TRACKS, st.dictionaries(st.sampled_from(["choice", "defence"]), WORDS), max_size=1
    ),
    more=LATER,
)


@given(base=LEDGERS, mine=LEDGERS, theirs=LEDGERS)
def test_property_two_tabs_come_to_the_same_and_lose_no_step(base, mine, theirs):
    before = [one.dumps() for one in (base, mine, theirs)]
    both = merged(base, mine, theirs)
    assert both.dumps() == merged(base, theirs, mine).dumps()
    assert loads(both.dumps()).dumps() == both.dumps()
    assert merged(base, both, both).dumps() == both.dumps()  # and it stays so
    assert [one.dumps() for one in (base, mine, theirs)] == before
    assert both.draw in (mine.draw, theirs.draw)
    for one in (mine, theirs):
        assert set(one.strategies) <= set(both.strategies)
        assert set(one.more) <= set(both.more)
        for key, work in one.work.items():
            kept = both.work.get(key, Work())
            for name in SUBMITTED:
                assert getattr(kept, name) is not None or getattr(work, name) is None
            assert all(attempt in kept.attempts for attempt in work.attempts)
            assert set(work.transfer) <= set(kept.transfer) and set(work.times) <= set(kept.times)
            assert set(work.more) <= set(kept.more)
            assert bool(kept.settings) >= bool(work.settings)


@given(base=LEDGERS, more=LEDGERS)
def test_property_a_tab_that_did_nothing_changes_nothing(base, more):
    base = merged(base, base, base)
    theirs = merged(Ledger(), base, more)  # goes on from it: nothing is ever taken away
    both = merged(base, base, theirs)
    assert both == theirs


@given(mine=LEDGERS, theirs=LEDGERS)
def test_property_work_in_different_tracks_is_all_kept(mine, theirs):
    elsewhere = {"cloud": "edge", "tiny": "mobile"}
    theirs.work = {
        "/".join([elsewhere[key.split("/")[0]], *key.split("/")[1:]]): work
        for key, work in theirs.work.items()
    }
    both = undrafted(merged(Ledger(), mine, theirs))
    assert both == undrafted(mine) | undrafted(theirs)


def undrafted(mine):
    """All work of a ledger but what is not submitted."""
    work = mine.data().get("work", {})
    kept = {key: {n: v for n, v in one.items() if n != "draft"} for key, one in work.items()}
    return {key: one for key, one in kept.items() if one}


def mine_and_theirs():
    base = Ledger(draw=1, track="cloud")
    base.predict("access", PREDICTION)
    return base, *(loads(base.dumps()) for _ in range(2))


def test_of_two_predictions_for_one_part_the_first_binds():
    base, (_, mine, theirs) = Ledger(track="cloud"), mine_and_theirs()
    mine.of("access").prediction |= {"reason": "mine", "time": "2026-02-02T10:00:01"}
    theirs.of("access").prediction |= {"reason": "theirs", "time": "2026-02-02T10:00:00"}
    both = merged(base, mine, theirs)
    assert both.of("access").prediction["reason"] == "theirs"
    assert words(mine) - words(both) == {"mine"}


def test_attempts_keep_the_order_in_which_they_were_made():
    base, mine, theirs = mine_and_theirs()
    step = {"settings": {}, "outcome": {}, "version": "1"}
    first = [step | {"time": "2027"}, step | {"time": "2026"}]  # the clock went back
    for one, more in ((base, []), (mine, ["2026-02"]), (theirs, ["2026-01"])):
        one.of("pipeline").attempts = [*first, *(step | {"time": time} for time in more)]
    both = merged(base, mine, theirs).of("pipeline").attempts
    assert [one["time"] for one in both] == ["2027", "2026", "2026-01", "2026-02"]


def test_an_attempt_that_is_made_twice_counts_twice_and_no_more():
    base, mine, theirs = mine_and_theirs()
    step = {"settings": {}, "outcome": {}, "version": "1", "time": ""}
    mine.of("access").attempts, theirs.of("access").attempts = [step] * 2, [step]
    assert merged(base, mine, theirs).of("access").attempts == [step] * 2


def test_marks_and_a_second_thought_on_one_text_are_both_kept():
    base, mine, theirs = mine_and_theirs()
    said = {"text": "so", "rubric": [False], "time": "1"}
    for one in (base, mine, theirs):
        one.of("access").reflection = dict(said)
    mine.of("access").reflection["rubric"] = [True]
    theirs.of("access").reflection["second"] = {"text": "or not", "time": "2"}
    assert merged(base, mine, theirs).of("access").reflection == said | {
        "rubric": [True],
        "second": {"text": "or not", "time": "2"},
    }


def test_two_ledgers_of_two_tracks_become_one():
    mine, theirs = Ledger(draw=9, track="cloud"), Ledger(draw=5, track="tiny")
    mine.predict("access", PREDICTION | {"time": "2026-01"})
    theirs.predict("access", PREDICTION | {"time": "2026-02"})
    both = merged(Ledger(), mine, theirs)
    assert both.tracks() == ["cloud", "tiny"] and both.draw == 9  # of who began first
    assert both.dumps() == merged(Ledger(), theirs, mine).dumps()


def test_a_fresh_tab_takes_the_number_of_one_that_has_begun():
    _, mine, _ = mine_and_theirs()
    mine.draw = 2**32 - 1
    assert merged(Ledger(), Ledger(draw=0), mine).draw == mine.draw


def test_a_prediction_binds_the_track_that_another_tab_was_about_to_change():
    base = Ledger(track="cloud")
    mine, theirs = Ledger(track="cloud"), Ledger(track="tiny")
    mine.predict("access", PREDICTION)
    assert merged(base, mine, theirs).track == merged(base, theirs, mine).track == "cloud"


def test_a_second_track_that_one_tab_has_chosen_stays_chosen():
    base, mine, theirs = mine_and_theirs()
    mine.track = "tiny"
    theirs.of("access").settings = {"workers": "8"}
    both = merged(base, mine, theirs)
    assert both.track == "tiny" and both.of("access", track="cloud").settings == {"workers": "8"}


def test_a_disk_measured_in_both_directions_is_two():
    base, mine, theirs = mine_and_theirs()
    mine.measure(DEVICE)
    theirs.measure(DEVICE | {"direction": "write"})
    theirs.measure(DEVICE | {"name": "another"})
    assert len(merged(base, mine, theirs).devices) == 3


def test_true_is_not_1():
    """To Python they are equal, and whoever was compared first would stay."""
    base, mine, theirs = Ledger(more={"a": 1}), Ledger(more={"a": True}), Ledger(more={"a": 1.0})
    texts = {
        json.dumps(one.more) for one in (merged(base, mine, theirs), merged(base, theirs, mine))
    }
    assert len(texts) == 1
