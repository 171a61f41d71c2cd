"""Both loaders against files that went wrong: `python -m tests.bench.fuzz [--inputs 100000]`.

Inputs are real files with values put in other places, bytes changed, or ends cut off; JSON that
looks like a ledger or like fio's; any JSON; any text. Every tenth ledger that is accepted is
opened in every lab.
"""

import argparse
import json
import sys
import time
import traceback
import warnings
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from iowall import fio, ledger
from iowall.parts import PARTS
from iowall.scenarios import TRACKS
from tests import work
from tests.conftest import ROOT

BATCH = 5_000  # Hypothesis remembers all inputs of a run
OPENED = 10  # every tenth
MESSAGE = 300  # [characters]
OLD = ROOT / "tests" / "data" / "ledgers"

TEXT = st.text(max_size=20) | st.sampled_from(
    [
        "",
        "access",
        "pipeline",
        "cloud",
        "tiny",
        "\ud800",
        "\0",
        "=1+1",
        "<script>",
        "[" * 40,
        "é" * 999,
    ]
)
NUMBER = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 1e-300, 5e-324, 1e308, 2**63, 2**64, 10**400, 10**4000, 1e-12, 1e15])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def _places(value, path=()):
    """Where something is in a JSON value, deepest first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, one in inner:
        if isinstance(one, (dict, list)):
            yield from _places(one, (*path, name))
        yield (*path, name)


@st.composite
def moved(draw, real):
    """A real file's JSON with some values changed, removed, or put where others were."""
    value = json.loads(draw(st.sampled_from(real)))
    for _ in range(draw(st.sampled_from([1, 1, 2, 4]))):
        places = list(_places(value))
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        inside = value
        for name in path:
            inside = inside[name]
        match draw(st.sampled_from(["change", "near", "near", "remove", "swap", "more"])):
            case "change":
                inside[last] = draw(JSON)
            case "near":
                kind = type(inside[last])
                inside[last] = draw(TEXT if kind is str else NUMBER)
            case "remove":
                del inside[last]
            case "swap":
                *path, other = draw(st.sampled_from(places))
                elsewhere = value
                for name in path:
                    elsewhere = elsewhere[name]
                # By way of text, so that nothing comes to contain itself.
                inside[last] = json.loads(json.dumps(elsewhere[other]))
            case "more" if isinstance(inside, dict):
                inside[draw(TEXT)] = draw(JSON)
            case "more":
                inside.append(draw(JSON))
    return json.dumps(value)


@st.composite
def spoiled(draw, real):
    """A real file with bytes changed, put in, or its end cut off."""
    content = bytearray(draw(st.sampled_from(real)).encode())
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        match draw(st.sampled_from(["change", "insert", "remove", "cut"])):
            case "change":
                content[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "insert":
                content[at:at] = draw(st.binary(max_size=4) | st.sampled_from([b"{", b"]", b'"']))
            case "remove":
                del content[at : at + draw(st.integers(1, 40))]
            case "cut":
                del content[at:]
    return bytes(content)


def ledgers():
    """Files that may be ledgers, of any version."""
    real = [work.done(track).dumps() for track in TRACKS]
    real += [path.read_text(encoding="utf-8") for path in OLD.glob("*/*.json")]
    places = [f"{track}/{part}" for track in TRACKS for part in PARTS]
    keys = st.sampled_from([*PARTS, *TRACKS, *places, "strategy"]) | TEXT
    work_names = st.sampled_from(sorted(ledger.Work.__dataclass_fields__)) | TEXT
    inside = JSON | st.dictionaries(work_names, JSON, max_size=4)
    old = ["predictions", "settings", "attempts", "reflections", "strategy"]
    names = st.sampled_from(sorted({*ledger.Ledger.__dataclass_fields__, *old}))
    entries = st.dictionaries(
        names | TEXT, JSON | st.dictionaries(keys, inside, max_size=3), max_size=9
    )
    shaped = st.tuples(st.sampled_from([1, 2]), entries).map(
        lambda both: json.dumps({"draw": 1} | both[1] | {"schema": both[0]})
    )
    return _all_kinds(real, shaped)


def results():
    """Files that may be fio's."""
    real = [path.read_text() for path in (ROOT / "tests" / "data").glob("fio-*.json")]
    names = ("io_bytes", "io_kbytes", "total_ios", "bw_bytes", "bw", "iops", "lat", "lat_ns")
    half = st.dictionaries(
        st.sampled_from(names), NUMBER | JSON | st.fixed_dictionaries({"mean": NUMBER}), min_size=5
    )
    job = st.fixed_dictionaries(
        {"read": half | JSON}, optional={"error": NUMBER, "groupid": NUMBER | JSON}
    )
    shaped = st.fixed_dictionaries(
        {"jobs": st.lists(job | JSON, max_size=3)},
        optional={"fio version": st.sampled_from(["fio-3.33", "fio-2.2.10"]) | JSON},
    ).map(json.dumps)
    return _all_kinds(real, shaped)


def _all_kinds(real, shaped):
    # Half of them are near to what is accepted.
    kinds = [moved(real), moved(real), shaped, spoiled(real), JSON.map(json.dumps), st.text()]
    return st.one_of(*kinds, st.binary(max_size=99))


def is_sentence(error):
    """Whether an error is the one that is promised: one short sentence."""
    text = str(error)
    short = len(text) < MESSAGE and text.isprintable() and ". " not in text
    return type(error) is ValueError and short and text.endswith(".")


def try_ledger(content, open_it):
    """The ledger in a file, or None if it was refused as it should be."""
    try:
        mine = ledger.loads(content)
    except ValueError as error:
        assert is_sentence(error), repr(error)
        return None
    text = mine.dumps()
    assert ledger.loads(text) == mine and ledger.loads(text).dumps() == text
    assert ledger.merged(mine, mine, mine).data().keys() <= mine.data().keys()
    if open_it:
        work.opened_everywhere(text)
    return mine


def try_fio(content):
    """The device in a file, or None if it was refused as it should be."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    try:
        device = fio.device(text, name="mine")
    except ValueError as error:
        assert is_sentence(error), repr(error)
        return None
    kept = ledger.Ledger(track="cloud", devices=[fio.as_entry(device)])
    assert ledger.loads(kept.dumps()) == kept
    return device


def batch(strategy, attempt, count, begin):
    """Try many inputs; how often what came of it."""
    tally = Counter()

    @seed(begin)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(content):
        tally["inputs"] += 1
        try:
            accepted = attempt(content, tally)
        except Exception:
            tally["uncaught"] += 1
            if tally["uncaught"] <= 3:
                print(repr(content)[:400], traceback.format_exc(limit=-4), file=sys.stderr)
        else:
            tally["refused" if accepted is None else "accepted"] += 1

    one()
    return tally


def ledger_attempt(content, tally):
    mine = try_ledger(content, open_it=False)
    if mine is not None and tally["accepted"] % OPENED == 0:
        work.opened_everywhere(mine.dumps())
        tally["opened"] += 1
    return mine


def fio_attempt(content, _tally):
    return try_fio(content)


def run(inputs=100_000):
    """How many inputs each loader has had, and what came of them: {loader: tally}."""
    warnings.filterwarnings("error", module="iowall")
    figures = {}
    for name, strategy, attempt in (
        ("ledger", ledgers(), ledger_attempt),
        ("fio", results(), fio_attempt),
    ):
        start, tally = time.perf_counter(), Counter()
        while tally["inputs"] < inputs / 2:
            count = int(min(BATCH, inputs / 2 - tally["inputs"])) or 1
            tally += batch(strategy, attempt, count, begin=tally["inputs"])
        tally["seconds"] = round(time.perf_counter() - start)
        figures[name] = tally
    return figures | {"both": sum(figures.values(), Counter())}


def main(inputs):
    columns = ("inputs", "accepted", "refused", "opened", "uncaught", "seconds")
    figures = run(inputs)
    print(f"{'loader':<8}" + "".join(f"{name:>10}" for name in columns))
    for name, tally in figures.items():
        print(f"{name:<8}" + "".join(f"{tally[one]:>10,}" for one in columns))
    return figures["both"]["uncaught"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=100_000)
    sys.exit(bool(main(parser.parse_args().inputs)))
