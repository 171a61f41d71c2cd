"""The ledger is saved as it is, and refuses what it cannot trust in one sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iowall.labs import ledger

PREDICTION = {"option": "iops", "estimate": 30.0, "reason": "seeks", "time": "2026-01-01T00:00:00"}


def full():
    return ledger.Ledger(
        track="cloud",
        predictions={"access": PREDICTION},
        settings={"access": {"workers": 4, "device": "Hard disk"}},
        attempts={"access": [{"settings": {}, "outcome": {"slowdown": 60.8}, "time": "now"}]},
        reflections={"access": {"text": "because", "rubric": [True, False], "time": "now"}},
        strategy={"choice": "local", "defence": "because", "time": "now"},
        devices=[
            {
                "name": "mine",
                "latency": 1e-4,
                "iops_limit": 1e4,
                "bandwidth": 1e9,
                "points": [[4096, 4e7]],
            }
        ],
    )


def test_there_and_back():
    assert ledger.loads(full().dumps()) == full()


def test_the_first_prediction_is_bound():
    mine = ledger.Ledger(track="cloud")
    assert not mine.may_explore("access") and mine.may_change_track()
    assert mine.predict("access", PREDICTION)
    assert not mine.predict("access", PREDICTION | {"estimate": 1.0})
    assert mine.predictions["access"]["estimate"] == 30
    assert mine.may_explore("access") and not mine.may_change_track()


def changed(**entries):
    return json.dumps(json.loads(full().dumps()) | entries)


BAD = {
    "empty": ("", "not valid JSON"),
    "cut off": (full().dumps()[:-40], "not valid JSON"),
    "a list": ("[]", "names no schema"),
    "another tool's": ('{"jobs": []}', "names no schema"),
    "from the future": (changed(schema=2), "newer version"),
    "no number for a schema": (changed(schema="1"), "schema must be the number 1"),
    "true for a schema": (changed(schema=True), "schema must be the number 1"),
    "unknown track": (changed(track="space"), "track must be one of cloud, edge, mobile, tiny"),
    "a list for a track": (changed(track=[]), "track must be one of"),
    "two ledgers": (full().dumps() * 2, "more follows after its end"),
    "named twice": ('{"schema": 1, "schema": 1}', "names one thing twice"),
    "unknown entry": (changed(extra=1), "unknown entry 'extra'"),
    "unknown part": (changed(settings={"part9": {}}), "unknown part 'part9'"),
    "not a number": (full().dumps().replace("30.0", "NaN"), "NaN is no number in JSON"),
    "infinite": (full().dumps().replace("30.0", "1e999"), "too large"),
    "huge": (full().dumps().replace("30.0", "9" * 400), "too large"),
    "deep": ("[" * 200_000, "nested too deeply"),
    "long": (" " * 6_000_001, "too long"),
    "no reason": (changed(predictions={"access": {"option": "iops"}}), "lacks a proper estimate"),
    "predictions without a track": (changed(track=None), "predictions but no track"),
    "a word for predictions": (changed(predictions="none"), "predictions must be an object"),
    "an attempt that is none": (changed(attempts={"access": [1]}), "must be an object"),
    "attempts that are none": (changed(attempts={"access": 1}), "must be a list"),
    "a rubric of words": (
        changed(reflections={"access": {"text": "", "rubric": ["yes"], "time": ""}}),
        "reflections of access lacks a proper rubric",
    ),
    "a strategy without a choice": (changed(strategy={"defence": ""}), "lacks a proper choice"),
    "a device without speed": (changed(devices=[{"name": "x", "points": []}]), "devices must be"),
    "a device of no bandwidth": (
        changed(devices=[full().devices[0] | {"bandwidth": 0}]),
        "devices must be",
    ),
}


def test_bytes_are_read_as_text():
    assert ledger.loads(full().dumps().encode()) == full()
    with pytest.raises(ValueError, match="not UTF-8"):
        ledger.loads(b"\xff\xfe{}")


@pytest.mark.parametrize("case", BAD)
def test_bad_files_get_one_sentence(case):
    text, reason = BAD[case]
    with pytest.raises(ValueError, match=reason) as error:
        ledger.loads(text)
    sentence = str(error.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@given(text=st.text(max_size=200) | JSON.map(json.dumps))
def test_property_any_text_is_a_ledger_or_a_sentence(text):
    try:
        ledger.loads(text)
    except ValueError as error:
        assert str(error).endswith(".")


@given(name=st.sampled_from(sorted(ledger.Ledger.__dataclass_fields__)), value=JSON)
def test_property_any_entry_is_taken_or_refused(name, value):
    try:
        taken = ledger.loads(changed(**{name: value}))
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert ledger.loads(taken.dumps()) == taken
