"""Every number of the catalogue and of the tracks has a source, and the page shows both."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from iowall_book import sources  # noqa: E402

from iowall import hardware  # noqa: E402
from iowall.scenarios import TRACKS  # noqa: E402
from iowall.units import Plain, Rate, Time  # noqa: E402

EVERYTHING = sources.everything()
SECTION = pytest.mark.parametrize("section", EVERYTHING)


@SECTION
def test_every_number_has_a_source(section):
    numbers = EVERYTHING[section]
    assert len(numbers) > 40
    without = [(*one.group, one.name) for one in numbers if len(one.source) < 10]
    assert not without


@SECTION
def test_every_number_can_be_read(section):
    for one in EVERYTHING[section]:
        assert len(one.text) < 40 and "e+" not in one.text, one


@dataclass(frozen=True, kw_only=True)
class Inner:
    name: str
    rate: Rate
    share: Plain = 0.0


@dataclass(frozen=True, kw_only=True)
class Outer:
    length: Time  # of something
    inner: Inner
    several: tuple[Inner, ...] = ()
    named: Mapping[str, Inner] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


def test_a_number_without_a_source_is_found():
    thing = Outer(
        length=90.0,
        inner=Inner(name="one", rate=5e6, share=0.5),
        several=(Inner(name="two", rate=6e6),),
        named={"a": Inner(name="three", rate=7e6)},
        sources={"rate": "a data sheet", "share": "assumption: a half"},
    )
    [length, rate, share, second, third] = sources.walk(thing)
    assert (length.text, length.source) == ("90 s", "")
    assert (rate.group, rate.text, rate.source) == (("one",), "5 MB/s", "a data sheet")
    assert (share.text, share.kind) == ("0.5", "assumption")
    assert second.group == ("two",) and third.group == ("named a",)  # share is as by default


def test_units_are_those_of_the_types():
    units = sources.field_units(hardware.Device)
    assert units["latency"] == "s" and units["bandwidth"] == "B/s" and units["iops_limit"] == "1/s"


def test_known_numbers_are_there():
    shown = {(*one.group, one.name): one for one in EVERYTHING["catalogue"]}
    assert shown["Hard disk", "bandwidth"].text == "275 MB/s"
    assert shown["Hard disk", "latency"].kind == "assumption"
    assert shown["EBS gp3", "iops_limit"].text == "80,000 a second"
    cloud = {(*one.group, one.name): one for one in EVERYTHING["cloud"]}
    assert cloud["Photographs (resnet50)", "step_time"].text == "224 ms"
    assert cloud["dataset_size",].kind == "assumption"


def page(section):
    env = SimpleNamespace(temp_data={})
    directive = SimpleNamespace(name="sources", arguments=[section], env=env, error=ValueError)
    return "".join(node.astext() for node in sources.SourcesDirective.run(directive))


@SECTION
def test_assumptions_are_labelled(section):
    shown = page(section)
    rows = re.findall(r'<tr role="row" class="iowall-assumption">.*?</tr>', shown)
    assert len(rows) >= 15
    assert all("> assumption</td>" in row for row in rows)


def test_the_page_has_every_section():
    text = (ROOT / "book" / "sources.md").read_text(encoding="utf-8")
    assert re.findall(r"{iowall-sources} (\w+)", text) == ["catalogue", *TRACKS, "others"]
    assert all(track.name in page("others") for track in TRACKS.values())  # none was shown before
    with pytest.raises(ValueError, match="no track 'clod': cloud, edge, mobile, tiny, or others"):
        page("clod")
