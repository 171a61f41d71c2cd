"""The trust page: verdicts are computed, sources and reasons are there, and the misses stay in."""

import dataclasses
import json
import re
import sys
from types import SimpleNamespace

import pytest

from iowall.scenarios import WORKLOADS
from iowall.trust import (
    AGREES,
    HOLDS,
    MISS,
    NEW_ROWS,
    ROWS,
    TOLERANCE,
    TOPICS,
    Row,
    _workload,
    quantity,
)
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from iowall_book.trust import TrustDirective  # noqa: E402


def test_every_part_is_there():
    assert len(ROWS) >= 25
    rows = {section: 0 for section in ("access", "pipeline", "checkpoint", "edge", "mlperf_v3")}
    for topic in TOPICS:
        rows[topic.section] += len(topic.rows)
    assert all(count >= 3 for count in rows.values())
    page = (ROOT / "book" / "trust.md").read_text(encoding="utf-8")
    assert set(re.findall(r"{iowall-trust} (\w+)", page)) == {*rows, "summary"}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.title)
def test_every_row_says_where_it_comes_from_and_why_it_misses(topic):
    assert len(topic.source) > 15 and "recall" not in topic.source
    for row in topic.rows:
        assert row.what and row.inputs and row.published > 0
        assert bool(row.reason) == (row.verdict == MISS), row.what


ROW = {"what": "a row", "inputs": "none", "published": 100.0, "unit": "MB/s"}


@pytest.mark.parametrize(
    ("row", "modelled", "verdict"),
    [
        ({}, 104, AGREES),  # a prediction, within 5 %
        ({}, 94, MISS),
        ({}, 106, MISS),
        ({"kind": "formula"}, 100.9, AGREES),
        ({"kind": "formula"}, 104, MISS),
        ({"kind": "formula", "digit": 10}, 104, AGREES),  # half of the last digit printed
        ({"claim": "ceiling"}, 108, HOLDS),  # reached to 93 %
        ({"claim": "ceiling"}, 120, MISS),  # reached to 83 %
        ({"claim": "ceiling"}, 94, MISS),  # broken
        ({"claim": "more than"}, 101, AGREES),
        ({"claim": "more than"}, 99, MISS),
    ],
)
def test_verdicts(row, modelled, verdict):
    assert Row(**ROW | row, modelled=modelled).verdict == verdict


def found(what, inputs=""):
    rows = [row for row in ROWS if what in row.what and inputs in row.inputs]
    assert rows, f"{what}: {inputs} has left the page"
    return rows


@pytest.mark.parametrize(
    ("what", "inputs"),
    [
        ("RSC-1, measured at 1,024 GPUs", "the cluster's own rate"),
        ("RSC-1, measured at 1,024 GPUs", "8 GPUs"),
        ("Micron 9550: H100s on resnet50", "14 GB/s"),
        ("Micron 9550: A100s on resnet50", "14 GB/s"),
        ("MLPerf 1T", ""),
        ("TFRecords in order", "50 %"),
        ("DALI-seq", "65 %"),
        ("Page cache, shuffled", "lru"),
        ("Micron 6500: H100s on unet3d", "6.8 GB/s"),
        ("3FS: all clients", ""),
        ("3FS: one client's cache", ""),
        ("Hard disk, the least measured", ""),
        ("Hard disk, the most measured", ""),
        ("Optimum interval", "young_interval"),
        ("SSD of a laptop", ""),
    ],
)
def test_known_misses_stay_in(what, inputs):
    assert all(row.verdict == MISS for row in found(what, inputs))


@pytest.mark.parametrize(
    ("what", "inputs"),
    [
        ("Micron 9400: H100s on resnet50", "7 GB/s"),
        ("simplyblock: 1 H100, resnet50", "never short"),
        ("JuiceFS: 1 H100, cosmoflow", "12 GB/s"),
        ("RSC-1, 16,000 GPUs", "writing 5 min"),
        ("RSC-1, 4,096 GPUs", "writing 5 min"),
        ("gp3: size at which", ""),
        ("Optimum interval", "daly_interval"),
        ("Page cache, shuffled", "random"),
        ("A pinned part", "65 %"),
        ("RSC-1, projected for", ""),
        ("MLPerf 405B", ""),
    ],
)
def test_known_agreements_agree(what, inputs):
    assert all(row.verdict == AGREES for row in found(what, inputs))


def test_the_page_counts_right():
    page = (ROOT / "book" / "trust.md").read_text(encoding="utf-8")
    verdicts = [row.verdict for row in ROWS if row.kind == "prediction"]
    missed = verdicts.count(MISS)
    assert f"Of {len(verdicts)} predictions {missed} miss" in page


def test_a_term_that_was_chosen_after_a_row_says_so_in_that_row():
    """A prediction that agrees now and missed before has a new term; the row says what was seen."""
    for before, row in matched():
        better = before["verdict"] == MISS != row.verdict
        assert bool(row.after) or not better, row.what
    assert not any(row.after for row in NEW_ROWS)  # the rows that judge those terms


def test_what_was_chosen_afterwards_says_so():
    for row in found("Page cache, shuffled", "model: random"):
        assert row.kind == "chosen afterwards"
    page = (ROOT / "book" / "trust.md").read_text(encoding="utf-8")
    assert re.search(r"chosen after two measurements of CoorDL had\s+been seen", page)


def test_a_model_that_goes_wrong_is_seen():
    agreeing = [row for row in ROWS if row.verdict == AGREES and row.claim == "equal"]
    for row in agreeing:
        wrong = dataclasses.replace(row, modelled=row.modelled * 1.5)
        assert wrong.verdict == MISS or row.digit / 2 >= 0.4 * row.published


def html(section):
    directive = SimpleNamespace(arguments=[section], error=ValueError)
    [node] = TrustDirective.run(directive)
    return node.astext()


def test_the_page_shows_what_is_computed():
    shown = html("checkpoint")
    for row in found("MLPerf 1T"):
        assert f"✗\N{NO-BREAK SPACE}{row.verdict}" in shown and row.reason in shown
    assert shown.count('role="rowheader"') == sum(
        len(topic.rows) for topic in TOPICS if topic.section == "checkpoint"
    )
    assert f"{len(ROWS)} published results" in html("summary")
    assert f"{len(NEW_ROWS)} results of 2026, counted apart" in html("summary")
    [row] = found("JuiceFS: 1 H100, cosmoflow", "12 GB/s")
    assert f"Chosen after {row.after}." in html("access")
    with pytest.raises(ValueError, match="no section 'chekpoint'"):
        html("chekpoint")


BEFORE = json.loads((ROOT / "tests" / "data" / "trust-before.json").read_text(encoding="utf-8"))


def matched():
    """Each row of before beside the row that it is now: of one name, in their order."""
    rows = {}
    for row in ROWS:
        rows.setdefault(row.what, []).append(row)
    return [(before, rows[before["what"]].pop(0)) for before in BEFORE]


def test_no_row_of_before_is_dropped_or_judged_more_kindly():
    # Frozen when rows, predictions and page were one module. Predictions move with the models.
    assert len(BEFORE) == len(matched()) == len(ROWS) == 91
    for before, row in matched():
        assert row.published == pytest.approx(before["published"], rel=1e-5), row
        now = (row.unit, row.claim, row.kind, TOLERANCE[row.kind])
        assert now == tuple(before[key] for key in ("unit", "claim", "kind", "tolerance"))


def test_formulas_and_unit_checks_are_what_they_were():
    for before, row in matched():
        if row.kind in ("formula", "unit check") and "S3" not in row.what:
            assert row.modelled == pytest.approx(before["predicted"], rel=1e-9), row


def test_predictions_agree_more_often_than_before():
    def good(verdicts):
        return sum(verdict in (AGREES, HOLDS) for verdict in verdicts)

    pairs = [(before, row) for before, row in matched() if row.kind == "prediction"]
    assert len(pairs) == 39
    assert good(before["verdict"] for before, _ in pairs) == 14
    assert good(row.verdict for _, row in pairs) == 19
    worse = [row.what for before, row in pairs if row.verdict == MISS != before["verdict"]]
    assert not worse


@pytest.mark.parametrize(
    ("text", "value"),
    [("25.6 KiB", 26214.4), ("6.6 TiB/s", 6.6 * 2**40), ("80.7 %", 0.807), ("47.7 days", 4121280)],
)
def test_published_texts_are_read_with_their_unit(text, value):
    assert quantity(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("key", "accelerator"),
    [
        ("resnet50", "H100"),
        ("unet3d", "H100"),
        ("cosmoflow", "H100"),
        ("unet3d_b200", "B200"),
        ("retinanet", "B200"),
    ],
)
def test_the_workloads_are_those_of_the_catalogue(key, accelerator):
    mine, published = WORKLOADS[key], _workload(key.partition("_")[0])
    assert published["step_time"][accelerator] == pytest.approx(mine.step_time, rel=1e-12)
    for name in ("batch_size", "sample_size"):
        assert published[name] == pytest.approx(getattr(mine, name), rel=1e-12)
