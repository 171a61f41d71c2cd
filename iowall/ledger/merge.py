"""The work of two tabs, or of two files, as one ledger."""

from __future__ import annotations

import copy
import json
from collections import Counter

from iowall.ledger.ledger import Ledger, name_of


def merged(base: Ledger, mine: Ledger, theirs: Ledger) -> Ledger:
    """The work of two tabs as one ledger, from what both began with; the same in both tabs.

    Nothing goes that was locked, tried, measured or submitted. Of two predictions for one part of a
    track the first binds; where two texts or settings compete, one of them stays.

    >>> mine, theirs = Ledger(track="cloud"), Ledger(track="cloud")
    >>> mine.of("access").settings = {"workers": "2"}
    >>> theirs.of("pipeline").settings = {"link": "4 Gbit/s"}
    >>> both = merged(Ledger(), mine, theirs)
    >>> both.track, sorted(both.work)
    ('cloud', ['cloud/access', 'cloud/pipeline'])
    """
    three = base, mine, theirs
    data = _by_key(_LEDGER, *(one.data() for one in three))
    both = Ledger.from_data(copy.deepcopy(data))
    both.schema, both.draw, both.track = mine.schema, _draw(mine, theirs), _track(*three)
    for work in both.work.values():
        work.settle()
    return both


def _draw(mine, theirs):
    """The number of the ledger in which something was predicted first."""

    def begun(ledger):
        times = [one.prediction["time"] for one in ledger.work.values() if one.prediction]
        return not times, min(times, default=""), ledger.draw

    return min(mine, theirs, key=begun).draw


def _track(base, mine, theirs):
    """The current track; one that a new prediction has bound comes before a choice."""
    bound = {
        one.track
        for one in (mine, theirs)
        if one.is_bound(one.track) and not base.is_bound(one.track)
    }
    return bound.pop() if len(bound) == 1 else _newer(*(one.track for one in (base, mine, theirs)))


# Each rule takes a value as it was, and as two have it now: None, where it is not


def _by_key(rules, base, mine, theirs):
    """Two objects as one, each key by its rule; what no rule knows is put together all the same."""
    base, mine, theirs = (one or {} for one in (base, mine, theirs))
    return {
        name: rules.get(name, _together)(*(one.get(name) for one in (base, mine, theirs)))
        for name in {*mine, *theirs}
    }


def _together(base, mine, theirs):
    """All that is in either."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return _by_key({}, base if isinstance(base, dict) else {}, mine, theirs)
    return _either(base, mine, theirs)


def _newer(base, mine, theirs):
    """The one of two values that is new; if both are, the same one in both tabs."""
    before, *now = map(_text_of, (base, mine, theirs))
    if before in now:
        return theirs if now[0] == before else mine
    return max(mine, theirs, key=_text_of)


def _either(base, mine, theirs):
    """The newer one of two values, if both are there."""
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return _newer(base, mine, theirs)


def _first(_base, mine, theirs):
    """The one of two values that was bound first."""
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return min(mine, theirs, key=_by_time)


def _joined(_base, mine, theirs):
    """A list to which two have appended."""
    mine, theirs = ([*map(_text_of, one or ())] for one in (mine, theirs))
    pairs = enumerate(zip(mine, theirs, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(mine), len(theirs)))
    rest = (Counter(mine[same:]) | Counter(theirs[same:])).elements()
    entries = [json.loads(text) for _, text in rest]
    alone = len(mine) == same or len(theirs) == same
    if alone:  # one has only gone on from the other, in an order of its own
        entries = [json.loads(text) for _, text in max(mine, theirs, key=len)[same:]]
    before = [json.loads(text) for _, text in mine[:same]]
    return before + (entries if alone else sorted(entries, key=_by_time))


def _reflected(base, mine, theirs):
    """A reflection: marks and second thoughts of one text belong together."""
    if mine and theirs and all(mine[name] == theirs[name] for name in ("text", "time")):
        return _together(base, mine, theirs)
    return _either(base, mine, theirs)


def _measured(base, mine, theirs):
    """Devices; of two that are known by the same name, one."""
    base, mine, theirs = (one or [] for one in (base, mine, theirs))
    before, *now = map(_text_of, (base, mine, theirs))
    if before in now or now[0] == now[1]:
        return _newer(base, mine, theirs)
    every = sorted(mine + theirs, key=_text_of)
    return [*{name_of(one): one for one in every}.values()]


def _drafted(base, mine, theirs):
    """A draft, each field of it from where it was changed, or removed."""
    base, mine, theirs = (one or {} for one in (base, mine, theirs))
    draft = {
        name: _newer(base.get(name), mine.get(name), theirs.get(name)) for name in {*mine, *theirs}
    }
    return draft if any(draft.values()) else {}


def _each(rule):
    """The same rule for all that is in an object."""

    def merge(base, mine, theirs):
        return _by_key(dict.fromkeys({*(mine or ()), *(theirs or ())}, rule), base, mine, theirs)

    return merge


def _work(base, mine, theirs):
    return _by_key(_WORK, base, mine, theirs)


def _by_time(entry):
    return str(entry.get("time", "")), _text_of(entry)


def _text_of(value):
    return value is not None, json.dumps(value, sort_keys=True)


_WORK = {
    "prediction": _first,
    "settings": _either,
    "attempts": _joined,
    "why": _either,
    "reflection": _reflected,
    "draft": _drafted,
    "bet": _first,
}
_LEDGER = {
    "work": _each(_work),
    "devices": _measured,
    "strategies": _each(_either),
    "drafts": _each(_drafted),
}
