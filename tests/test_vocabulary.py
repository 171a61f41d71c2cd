"""book/notation.md is the only list of names: complete, without dead rows, in the models' units."""

import inspect
import re
from collections import defaultdict

import pytest

from iowall.models import access, checkpoint, pipeline, streaming
from tests.conftest import ROOT

ROW = re.compile(r"^\| `(\w+)(\(\))?` \|[^|]*\| ([^|]+?) \| \S", re.M)
ROWS = ROW.findall((ROOT / "book" / "notation.md").read_text(encoding="utf-8"))
IN_WORDS = {"Rates": {"B/s"}, "Epochs": {"B/s"}, "binding": {"-"}}  # docstrings without brackets


def units(text):
    return set(re.findall(r"\[([^\]]+)\]", text))


def public():
    """What the models define for others: functions and the tuples that they return."""
    for module in (access, pipeline, checkpoint, streaming):
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", "") == module.__name__ and not name.startswith("_"):
                yield name, thing


def vocabulary():
    """Every function, parameter, field and property, with the units that it is given there."""
    names = defaultdict(set)
    for name, thing in public():
        text = inspect.getdoc(thing)
        if inspect.isfunction(thing):
            taken, returned = re.split(r"\nReturns\n-+\n", text)
            names[name] |= units(returned.split("\n\n")[0])
            for entry in re.findall(r"^(\w+(?:, \w+)*) : .*\n((?:    .*\n?)+)", taken, re.M):
                for parameter in entry[0].split(", "):
                    names[parameter] |= units(entry[1])
        else:
            for field in thing._fields:
                line = re.search(rf"^    {field}: .*$", inspect.getsource(thing), re.M)[0]
                names[field] |= units(line) or units(text) or IN_WORDS[name]
            for field, value in vars(thing).items():
                if isinstance(value, property):
                    names[field] |= units(value.__doc__) or IN_WORDS[field]
    return names


def test_each_name_once():
    names = [name for name, *_ in ROWS]
    assert len(names) == len(set(names))
    assert set(names) == set(vocabulary())


def test_functions_are_marked():
    functions = {name for name, thing in public() if inspect.isfunction(thing)}
    assert {name for name, call, _ in ROWS if call} == functions


@pytest.mark.parametrize(("name", "unit"), [(name, unit) for name, _, unit in ROWS])
def test_unit(name, unit):
    assert set(unit.replace("–", "-").split(", ")) == vocabulary()[name]
