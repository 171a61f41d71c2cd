"""Labs that open at given settings: from a page's address, or from the keywords of `open_lab`."""

import json
from html import unescape

import pytest

from iowall import ledger
from iowall.labs import links, open_lab
from iowall.scenarios import TRACKS

PARTS = {
    "access": ["order", "file_format", "device", "workload", "workers", "shard_size",
               "shuffle_buffer"],
    "pipeline": ["buffer", "link", "disk_bandwidth", "disk_size", "policy", "epoch"],
    "checkpoint": ["interval", "strategy", "store", "state", "mtbf"],
}  # fmt: skip
EACH = pytest.mark.parametrize(("part", "track"), [(p, t) for p in PARTS for t in TRACKS])


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What labs hand to their store."""
    messages = []
    monkeypatch.setattr(
        "iowall.ledger.browser_store.Store.send",
        lambda self, content, buffers=None: messages.append(content),
    )
    return messages


def kept(part, track, **more):
    """The ledger of a student who has predicted."""
    option = next(iter(getattr(TRACKS[track], part).options))
    mine = ledger.Ledger(track=track, **more)
    mine.predict(part, {"option": option, "estimate": 3.0, "reason": "so", "time": "2026-01-01"})
    return mine.dumps()


def opened(part, text="", **asked):
    lab = open_lab(part, **asked)
    lab.store._receive(lab.store, {"answer": "opened", "kept": True, "text": text}, [])
    return lab


def stands(lab):
    return {name: control.value for name, control in lab.workbench.controls.items()}


def said(lab):
    return unescape(lab.session.notice.value + lab._misfits.value)


@EACH
def test_every_option_of_every_control_can_be_spelled_and_found(part, track):
    bench = opened(part, kept(part, track)).workbench
    assert list(bench.controls) == PARTS[part]
    for control in bench.controls:
        options = bench.options[control]
        for option in options:
            assert links.find(options, links.spelled(option)) == option
            if isinstance(option.value, (int, float)):
                assert links.find(options, option.label) == option
                assert links.find(options, option.value) == option
            else:
                assert links.find(options, option.name) == option


@EACH
def test_the_link_to_these_settings_opens_them_again(part, track):
    first = opened(part, kept(part, track))
    for control in first.workbench.controls.values():
        control.index = len(control.options) - 1
    address = unescape(first._link.value.split('href="')[1].split('"')[0])
    asked = links.from_query(address.removesuffix("#lab"))
    again = opened(part, kept(part, track), **asked)
    assert stands(again) == stands(first) and said(again) == ""
    # And the call that a notebook shows says the same.
    call = unescape(first._link.value.split("<pre>")[1].split("</pre>")[0])
    called = eval(call, {"open_lab": lambda name, **more: (name, more)})
    assert called == (part, asked)


def test_units_numbers_and_names_as_people_write_them():
    lab = opened("pipeline", kept("pipeline", "cloud"), link="10 Gbit/s", disk_size=2e12)
    assert stands(lab) | {"link": "10 Gbit/s", "disk_size": "2 TB"} == stands(lab)
    lab = opened("pipeline", kept("pipeline", "cloud"), link="1.25GB/s", disk_size="2000 GB")
    assert stands(lab) | {"link": "10 Gbit/s", "disk_size": "2 TB"} == stands(lab)
    lab = opened(
        "checkpoint", kept("checkpoint", "cloud"), interval="600", store="LUSTRE volume-of 100 tib"
    )
    assert stands(lab)["interval"] == "10 min"
    assert stands(lab)["store"] == "Lustre volume of 100 TiB"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"colour": "red"}, "no setting “colour” here to open this lab at; there are buffer,"),
        ({"link": "11Gbit/s"}, "cannot open at link “11Gbit/s”; it can be 1Gbit/s, 2Gbit/s,"),
        ({"link": "10Gb/s"}, "cannot open at link “10Gb/s”; it can be"),  # bytes or bits?
        ({"disk_size": "1TB/s"}, "cannot open at disk_size “1TB/s”; it can be 0.5TB,"),
        ({"disk_size": "1.5.0"}, "cannot open at disk_size “1.5.0”; it can be"),
        ({"policy": ""}, "cannot open at policy “”; it can be random, pinned."),
        ({"policy": "<b>" * 30}, "<b><b>"),
    ],
)  # fmt: skip
def test_a_misfit_gets_one_sentence_and_the_rest_still_works(asked, sentence):
    lab = opened("pipeline", kept("pipeline", "cloud"), buffer="4GB", **asked)
    before = opened("pipeline", kept("pipeline", "cloud"))
    assert sentence in said(lab) and said(lab).count("can") <= 2
    assert stands(lab) == stands(before) | {"buffer": "4 GB"}
    assert "<b>" not in lab._misfits.value


def test_a_link_never_opens_the_lock(sent):
    lab = opened("access", track="edge", device="sd-card", order="shuffled")
    assert lab.workbench is None and lab.lock is not None
    assert json.loads([one["keep"] for one in sent if "keep" in one][-1])["track"] == "edge"
    lab.lock.option.value, lab.lock.estimate.value, lab.lock.reason.value = "iops", "3", "so"
    lab.lock.submit.click()
    assert (stands(lab)["device"], stands(lab)["order"]) == ("SD card", "shuffled")
    assert lab.ledger.of("access").attempts == []  # no goal is met on the way


def test_a_chosen_track_stays_and_a_sentence_says_so():
    lab = opened("access", kept("access", "tiny"), track="edge", order="shuffled", device="SD card")
    assert lab.ledger.track == "tiny" and stands(lab) == stands(
        opened("access", kept("access", "tiny"))
    )
    assert (
        TRACKS["edge"].name in lab.session.notice.value
        and TRACKS["tiny"].name in lab.session.notice.value
    )
    # Also before the prediction, and there the reader may change it.
    lab = opened("access", ledger.Ledger(track="tiny").dumps(), track="edge")
    assert lab.ledger.track == "tiny" and TRACKS["edge"].name in lab.session.notice.value
    # The same track is no news.
    assert said(opened("access", kept("access", "edge"), track="edge")) == ""


def test_no_such_track():
    lab = opened("access", track="space", order="shuffled")
    assert lab.ledger.track is None and list(lab.tracks) == list(TRACKS)
    assert "cannot open at track “space”; it can be cloud, edge, mobile, tiny." in said(lab)


def test_settings_apply_once():
    lab = opened("access", kept("access", "edge"), order="shuffled")
    lab.workbench.order.value = "sequential"
    lab.store._receive(
        lab.store, {"answer": "elsewhere", "kept": True, "text": lab.ledger.dumps()}, []
    )
    assert stands(lab)["order"] == "sequential"


def test_what_the_page_itself_asks_is_no_setting():
    assert links.from_query("?embed&highlight=sankey&order=shuffled") == {"order": "shuffled"}
    assert links.from_query("") == {}


def test_the_ledger_page_has_nothing_to_set():
    assert (
        "nothing to open this page at: order" in open_report(order="shuffled").session.notice.value
    )
    assert open_report().session.notice.value == ""


def open_report(**asked):
    return opened("report", **asked)


@EACH
def test_starting_over_from_an_open_workbench(part, track):
    lab = opened(part, kept(part, track))
    assert lab.workbench
    lab.bar.start_over.click()
    lab.bar.sure.click()
    assert lab.workbench is None and lab.ledger.track is None
