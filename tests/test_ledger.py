"""The ledger is saved as it is, and refuses what it cannot trust in one sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iowall.ledger import Ledger, Work, loads, words

PREDICTION = {
    "question": "What will limit training?",
    "options": {"iops": "Requests", "bandwidth": "Bytes"},
    "option": "iops",
    "estimate": 30.0,
    "reason": "seeks",
    "confidence": "sure",
    "answer": {"option": "iops", "value": 60.8},
    "version": "1",
    "time": "2026-01-01T00:00:00",
}
ATTEMPT = {"settings": {"workers": "4"}, "outcome": {"slowdown": 60.8}, "version": "1", "time": ""}
DEVICE = {
    "name": "mine",
    "direction": "read",
    "latency": 1e-4,
    "iops_limit": 1e4,
    "bandwidth": 1e9,
    "points": [[4096, 4e7]],
}
SAID = {"text": "because", "time": "now"}


def full():
    """A ledger with something in each of its places."""
    work = Work(
        prediction=PREDICTION,
        settings={"workers": "4", "device": "Hard disk"},
        attempts=[ATTEMPT],
        why=SAID,
        reflection=SAID | {"rubric": [True, False], "second": SAID},
        draft={"second": "half a thou"},
        bet={"row": "a", "said": 3},
        transfer={"one": {"text": "x", "time": ""}},
        times={"lock": 41},
    )
    return Ledger(
        draw=7,
        track="cloud",
        work={"cloud/access": work, "cloud/pipeline/serve": Work(draft={"reason": "so"})},
        strategies={"cloud": {"choice": "local", "defence": "because", "time": "now"}},
        drafts={"tiny": {"choice": None, "defence": "beca"}},
        devices=[DEVICE],
    )


def test_there_and_back():
    mine = loads(full().dumps())
    assert mine == full() and mine.dumps() == full().dumps()
    data = json.loads(mine.dumps())
    assert data["draw"] == 7 and data["work"]["cloud/access"]["prediction"] == PREDICTION


def test_what_is_empty_is_not_written():
    mine = Ledger(draw=3, track="cloud")
    mine.of("access"), mine.of("pipeline", mission="serve")
    assert json.loads(mine.dumps()) == {"schema": 2, "draw": 3, "track": "cloud"}
    assert mine == Ledger(track="cloud") == loads(mine.dumps())


def test_each_fresh_ledger_draws_its_number():
    draws = {Ledger().draw for _ in range(20)}
    assert len(draws) > 15 and all(0 <= draw < 2**32 for draw in draws)


def test_the_first_prediction_is_bound():
    mine = Ledger(track="cloud")
    mine.of("access").draft = {"option": "iops", "reason": "see", "why": "later"}
    assert not mine.may_explore("access") and mine.may_change_track()
    assert mine.predict("access", PREDICTION)
    assert not mine.predict("access", PREDICTION | {"estimate": 1.0})
    assert mine.of("access").prediction["estimate"] == 30
    assert mine.of("access").draft == {"why": "later"}
    assert mine.may_explore("access") and not mine.may_change_track()
    assert not mine.may_explore("access", mission="serve") and not mine.may_explore("pipeline")


def test_a_prediction_binds_its_track_alone():
    mine = Ledger(track="cloud")
    mine.predict("access", PREDICTION)
    mine.track = "tiny"
    assert mine.may_change_track() and not mine.may_explore("access")
    mine.track = None
    assert mine.may_change_track() and not mine.may_explore("access")
    assert mine.of("access", track="cloud").prediction and mine.tracks() == ["cloud"]
    with pytest.raises(ValueError, match="before a track is chosen"):
        mine.of("access")


def test_a_prediction_says_all_that_is_asked_of_it():
    mine = Ledger(track="cloud")
    mine.predict("access", {"option": "iops", "estimate": 3.0, "reason": "so", "time": ""})
    kept = loads(mine.dumps()).of("access").prediction
    assert (kept["question"], kept["options"], kept["answer"]) == ("", {}, None)


def test_a_device_takes_the_place_of_one_of_the_same_name_and_direction():
    mine = Ledger()
    for entry in (DEVICE, DEVICE | {"direction": "write"}, DEVICE | {"latency": 1.0}):
        mine.measure(entry)
    assert mine.measured("read") == [DEVICE | {"latency": 1.0}]
    assert mine.measured("write") == [DEVICE | {"direction": "write"}]


def test_all_that_was_written_is_told():
    assert words(full()) == {"seeks", "because", "half a thou", "so", "beca"}


def changed(*path, value):
    data = inside = json.loads(full().dumps())
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return json.dumps(data)


def in_access(*path, value):
    return changed("work", "cloud/access", *path, value=value)


BAD = {
    "empty": ("", "not valid JSON"),
    "cut off": (full().dumps()[:-40], "not valid JSON"),
    "a list": ("[]", "names no schema"),
    "another tool's": ('{"jobs": []}', "names no schema"),
    "from the future": (
        changed("schema", value=3),
        "newer version of the chapter .schema 3, not 2",
    ),
    "no number for a schema": (changed("schema", value="2"), "schema must be a number from 1 to 2"),
    "true for a schema": (changed("schema", value=True), "schema must be a number from 1 to 2"),
    "schema 0": (changed("schema", value=0), "schema must be a number from 1 to 2"),
    "no draw": ('{"schema": 2}', "lacks a proper draw"),
    "true for a draw": (changed("draw", value=True), "lacks a proper draw"),
    "a draw too large": (changed("draw", value=2**32), "lacks a proper draw"),
    "unknown track": (
        changed("track", value="space"),
        "track must be one of cloud, edge, mobile, tiny",
    ),
    "a list for a track": (changed("track", value=[]), "track must be one of"),
    "two ledgers": (full().dumps() * 2, "more follows after its end"),
    "named twice": ('{"schema": 2, "schema": 2}', "names one thing twice"),
    "a part of no track": (changed("work", "access", value={}), "unknown part 'access'"),
    "a part with a long name": (changed("work", f"a/{'b' * 99}", value={}), "unknown part"),
    "a list for work": (changed("work", value=[]), "lacks a proper work"),
    "a list for a part": (changed("work", "cloud/access", value=[]), "must be an object"),
    "not a number": (full().dumps().replace("30.0", "NaN"), "NaN is no number in JSON"),
    "infinite": (full().dumps().replace("30.0", "1e999"), "too large"),
    "huge": (full().dumps().replace("30.0", "9" * 400), "too large"),
    "deep": ("[" * 200_000, "nested too deeply"),
    "long": (" " * 6_000_001, "too long"),
    "no estimate": (in_access("prediction", value={"option": "x"}), "lacks a proper question"),
    "an estimate of 0": (in_access("prediction", "estimate", value=0), "lacks a proper estimate"),
    "an option of a page": (in_access("prediction", "option", value="x" * 201), "proper option"),
    "options that are a list": (in_access("prediction", "options", value=[]), "proper options"),
    "a number of confidence": (in_access("prediction", "confidence", value=3), "confidence"),
    "an answer without a number": (
        in_access("prediction", "answer", value={"option": "x"}),
        "answer in prediction in the work on cloud/access lacks a proper value",
    ),
    "a version that is none": (in_access("prediction", "version", value="new"), "proper version"),
    "a setting that is a number": (in_access("settings", "workers", value=4), "proper settings"),
    "attempts that are none": (in_access("attempts", value={}), "must be a list"),
    "an attempt that is none": (in_access("attempts", value=[1]), "must be an object"),
    "an attempt of no version": (
        in_access("attempts", value=[{"settings": {}, "outcome": {}, "time": ""}]),
        "lacks a proper version",
    ),
    "a hint that is a list": (in_access("attempts", 0, "hint", value=[]), "lacks a proper hint"),
    "words in an outcome": (in_access("attempts", 0, "outcome", "price", value="x"), "outcome"),
    "a word for a truth": (in_access("attempts", 0, "outcome", "met", value="yes"), "outcome"),
    "a goal that is a number": (in_access("attempts", 0, "outcome", "goal", value=1), "outcome"),
    "a rubric of words": (
        in_access("reflection", "rubric", value=["yes"]),
        "reflection in the work on cloud/access lacks a proper rubric",
    ),
    "a second thought that is none": (
        in_access("reflection", "second", value="x"),
        "second in reflection in the work on cloud/access must be an object",
    ),
    "a line of no time": (in_access("why", value={"text": "x"}), "why in .* lacks a proper time"),
    "a list in a draft": (in_access("draft", value={"reason": []}), "lacks a proper draft"),
    **{
        f"a word for {name}": (in_access(name, value="x"), f"proper {name}")
        for name in ("bet", "transfer", "times")
    },
    "a strategy without a choice": (
        changed("strategies", "cloud", value={"defence": ""}),
        "lacks a proper choice",
    ),
    "a draft that is a list": (changed("drafts", "cloud", value=[]), "must be words"),
    "a device without speed": (
        changed("devices", value=[{"name": "x", "points": []}]),
        "devices must be",
    ),
    "a device of no bandwidth": (
        changed("devices", 0, "bandwidth", value=0),
        "devices must be",
    ),
    "a device of no direction": (
        changed("devices", 0, "direction", value="up"),
        "devices must be",
    ),
    "a device that is one of ours": (changed("devices", 0, "name", value="Hard disk"), "name of"),
}


def test_bytes_are_read_as_text():
    assert loads(full().dumps().encode()) == full()
    with pytest.raises(ValueError, match="not UTF-8"):
        loads(b"\xff\xfe{}")


@pytest.mark.parametrize("case", BAD)
def test_bad_files_get_one_sentence(case):
    text, reason = BAD[case]
    with pytest.raises(ValueError, match=reason) as error:
        loads(text)
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
        loads(text)
    except ValueError as error:
        assert str(error).endswith(".")


def places(value, path=()):
    """Where an object or something in one is."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, one in inner:
        yield (*path, name)
        if isinstance(one, (dict, list)):
            yield from places(one, (*path, name))


PLACES = list(places(json.loads(full().dumps())))


@given(path=st.sampled_from(PLACES), value=JSON)
def test_property_any_entry_is_taken_or_refused(path, value):
    try:
        taken = loads(changed(*path, value=value))
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert loads(taken.dumps()).dumps() == taken.dumps()


WHOLE = st.integers(-(2**31), 2**31)
VALUES = st.recursive(
    st.booleans() | WHOLE | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
OBJECTS = [
    (),
    ("work", "cloud/access"),
    ("work", "cloud/access", "prediction"),
    ("work", "cloud/access", "prediction", "answer"),
    ("work", "cloud/access", "attempts", 0),
    ("work", "cloud/access", "why"),
    ("work", "cloud/access", "reflection"),
    ("work", "cloud/access", "reflection", "second"),
    ("strategies", "cloud"),
    ("devices", 0),
]


@given(where=st.sampled_from(OBJECTS), value=VALUES)
def test_property_keys_of_a_later_version_are_kept(where, value):
    text = changed(*where, "of a later version", value=value)
    kept = json.loads(loads(text).dumps())
    assert kept == json.loads(text)
    for name in where:
        kept = kept[name]
    # As text, since true is 1 to Python.
    texts = {json.dumps(one, sort_keys=True) for one in (kept["of a later version"], value)}
    assert len(texts) == 1


def test_a_part_and_a_track_of_a_later_version_are_kept():
    for key in ("cloud/serving", "space/access", "space/pipeline/serve"):
        text = changed("work", key, value={"settings": {"a": "b"}})
        assert loads(text).work[key].settings == {"a": "b"}
        assert json.loads(loads(text).dumps()) == json.loads(text)
