"""The ledger page shows what the ledger holds, and keeps the strategy."""

import json

import pytest

from iowall import ledger
from iowall.labs import open_lab
from tests.test_lab_access import answer, kept, locked, sent  # noqa: F401


def opened(text):
    report = open_lab("report")
    answer(report, "opened", text)
    return report


def words(report):
    return " ".join(card.children[0].value for card in report.stage.children[1:-2])


@pytest.fixture
def work():
    """Someone who has done Part 1."""
    lab = locked()
    lab.workbench.order.value, lab.workbench.workload.value = "shuffled", "Text records (bert)"
    lab.reflection.answer.value = "Trips cost <more> than bytes."
    lab.reflection.submit.click()
    lab.reflection.marks[0].value = True
    return lab.ledger.dumps()


def test_an_empty_ledger_says_where_to_begin():
    assert "Your ledger is empty" in opened("").stage.children[0].value


def test_it_shows_predictions_outcomes_and_reflections(work):
    shown = words(opened(work))
    assert "requests per second" in shown and "30 times slower" in shown
    assert "the model says the same and 2,790 times: a factor of 92.9 off" in shown
    assert "2,790 times a plain scan" in shown  # two trips of 12.67 ms over 9.09 µs
    assert "Trips cost &lt;more&gt; than bytes." in shown
    assert "meets 1 of 4 points" in shown
    assert shown.count("Not predicted yet") == 2


def test_an_outcome_without_numbers_is_passed_over(work):
    data = json.loads(work)
    nothing = {"settings": {"order": "none"}, "outcome": {}, "version": "1", "time": ""}
    data["work"]["cloud/access"]["attempts"].append(nothing)
    assert "2,790" in words(opened(json.dumps(data)))


def test_the_strategy_is_kept(work, sent):  # noqa: F811
    report = opened(work)
    report.submit.click()
    assert "Choose one of the two strategies first." in report._said.value
    report.choice.value = "local"
    report.submit.click()
    assert "Write your defence first" in report._said.value
    report.defence.value = "My 2,730 times."
    again = opened(json.dumps(kept(sent)))
    assert (again.choice.value, again.defence.value) == ("local", "My 2,730 times.")
    report.submit.click()
    assert kept(sent)["strategies"]["cloud"]["defence"] == "My 2,730 times."
    again = opened(json.dumps(kept(sent)))
    assert "Your strategy is in your ledger" in again._said.value
    assert ledger.loads(json.dumps(kept(sent))).drafts == {}


def test_it_prints(work, sent):  # noqa: F811
    opened(work).print.click()
    assert {"print": True} in sent


def test_a_ledger_is_shown_again_after_starting_over(work):
    report = opened(work)
    report.bar.start_over.click()
    report.bar.sure.click()
    assert "Your ledger is empty" in report.stage.children[0].value
    content = memoryview(work.encode())
    report.bar._load({"new": ({"content": content, "name": "x.json"},)})
    assert "requests per second" in words(report)
    assert all(one.comm is not None for one in report.stage.children)  # none is closed
