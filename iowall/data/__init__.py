"""The numbers and words of the world, in files that can be edited without Python, and their reader.

One idea: a dataclass says what a table of a file must hold, and `build` makes one from the table. A
number is a text with its unit; where its class keeps sources, its source stands beside it. A number
can also be made by a formula from others (`iowall.data.formulas`), or be the same as another. A
sentence names numbers in braces. Whatever is wrong ends with one sentence: file, key, what may be.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple, NoReturn, get_args, get_origin, get_type_hints

from iowall import units
from iowall.data.formulas import FORMULAS, Same

FOLDER = resources.files(__name__)
_KINDS = {unit: kind for unit, (kind, _) in units.KINDS.items()}


class Number(NamedTuple):
    """A number of a file."""

    value: float
    unit: str
    text: str  # as a sentence has it: as it is typed, or rounded if it is not typed
    source: str = ""

    @classmethod
    def of(cls, value: float, unit: str, source: str = "") -> "Number":
        """A number that nobody has typed."""
        return cls(value, unit, short(value, unit), source)

    @property
    def short(self) -> str:
        """The number in three digits."""
        return short(self.value, self.unit)


def short(value: float, unit: str) -> str:
    """A number in three digits, as people write it."""
    if unit == "s":
        return units.duration(value)
    return units.amount(value, unit) if unit in ("B", "B/s") else units.number(value)


@dataclass
class Table:
    """A table of a file, with what can be named in it."""

    content: dict[str, Any]
    file: str
    path: tuple[str, ...] = ()
    outer: "Table | None" = None
    names: dict[str, Number | str] = field(default_factory=dict)  # what sentences can name
    units: dict[str, str | None] = field(default_factory=dict)  # of the numbers that it holds
    hints: dict[str, Any] = field(default_factory=dict)  # the types of all that it holds
    open: list[str] = field(default_factory=list)  # numbers that are being worked out
    taken: list[str] = field(default_factory=list)  # keys that are done with

    def expect(self, cls: type) -> None:
        """Get ready to be made into a dataclass."""
        self.hints = types(cls)
        counts = {name: counted(hint) for name, hint in self.hints.items()}
        self.units = {name: unit for name, unit in counts.items() if unit is not None}

    def need(self, key: str, kind: type = object) -> Any:
        """What must be under a key."""
        if key not in self.content:
            self.fail(key, "is missing")
        if not isinstance(self.content[key], kind):
            self.fail(key, f"must be a {'table' if kind is dict else 'text'}")
        return self.content[key]

    def take(self, key: str) -> Any:
        """What must be under a key, which is then done with."""
        said = self.need(key)
        del self.content[key]
        self.taken.append(key)
        return said

    def one(self, key: str, name: Any, known: Mapping[str, Any]) -> Any:
        """That of the known things which a key names."""
        if not isinstance(name, str) or name not in known:
            self.fail(key, f"cannot be {name!r:.60}; it may be {', '.join(known)}")
        return known[name]

    def name_fields(self, key: str, thing: Any) -> None:
        """Let sentences name the numbers of a dataclass: {store.bandwidth}."""
        self.names |= {f"{key}.{name}": number for name, number in numbers(thing).items()}

    def whole(self, key: str, number: float) -> int:
        """A number that must be whole."""
        if number != int(number):
            self.fail(key, f"must be a whole number, not {number!r}")
        return int(number)

    def fail(self, key: str, said: str) -> NoReturn:
        """End with the one sentence about a key."""
        raise ValueError(f"{self.file}: {'.'.join((*self.path, key))} {said}.")

    def inner(self, key: str, content: Any) -> "Table":
        """The table under a key."""
        if not isinstance(content, dict):
            self.fail(key, f"must be a table, not {content!r:.60}")
        return Table(content, self.file, (*self.path, key), self)

    def inners(self, key: str) -> "dict[str, Table]":
        """The tables in the table under a key, which may be left out."""
        inner = self.inner(key, self.content.get(key, {}))
        return {name: inner.inner(name, content) for name, content in inner.content.items()}

    def name_texts(self, key: str) -> None:
        """Let sentences name the texts under a key."""
        inner = self.inner(key, self.content.get(key, {}))
        self.names |= {name: inner.sentence(name) for name in inner.content}

    def name_numbers(self, key: str, *, sourced: bool = False) -> dict[str, Number]:
        """Let sentences and formulas name the numbers under a key, whatever they count."""
        inner = self.inner(key, self.content.get(key, {}))
        inner.units = dict.fromkeys(inner.content)
        made = {name: inner.number(name, sourced=sourced) for name in inner.content}
        self.names |= made
        return made

    def find(self, name: str) -> Number | str | None:
        """What a name stands for, here or further out."""
        if name not in self.names and name in self.units and name in self.content:
            self.number(name)
        if name in self.names:
            return self.names[name]
        return self.outer.find(name) if self.outer else None

    def number(self, key: str, *, sourced: bool = False) -> Number:
        """The number under a key, in SI; `sourced` if its source must stand beside it."""
        if key not in self.names:
            if key in self.open:
                self.fail(key, "is made from itself; give one of the numbers a value")
            self.open.append(key)
            said, unit = self.content[key], self.units[key]
            if isinstance(said, dict):
                self._table_number(key, self.inner(key, said), unit)
            else:
                self.names[key] = self.quantity(key, said, unit)
            self.open.remove(key)
        if sourced and not self.names[key].source:
            self.fail(key, f"has no source; write {key}.value and {key}.source")
        return self.names[key]

    def _table_number(self, key, inner, unit):
        """Take a number from its value, its formula or another, and then its source."""
        kinds = [kind for kind in ("value", "formula", "as") if kind in inner.content]
        if len(kinds) != 1:
            self.fail(key, "must have one of value, formula or as")
        if kinds == ["formula"]:
            found = inner.computed(unit)
        else:
            inner.only(*kinds, "source")
            read = inner.named if kinds == ["as"] else inner.quantity
            found = read(kinds[0], inner.content[kinds[0]], unit)
        self.names[key] = found
        if "source" in inner.content:  # which may name the number
            self.names[key] = found._replace(source=inner.sentence("source"))

    def quantity(self, key: str, said: Any, unit: str | None) -> Number:
        """A typed quantity; a plain number may be bare."""
        if isinstance(said, int | float) and not isinstance(said, bool):
            if unit:
                self.fail(key, f"must be a text with its unit, not {said!r}")
            if not 0 <= said < float("inf"):
                self.fail(key, f"must be a number from 0, not {said!r}")
            return Number(said, "", str(said))
        try:
            value, has = units.quantity(said)
            if unit is not None:
                units.parse(said, unit)
        except ValueError as error:
            self.fail(key, f"is wrong: {error}")
        return Number(value, has, said)

    def named(self, key: str, name: Any, unit: str) -> Number:
        """The number of a name."""
        found = self.find(name) if isinstance(name, str) else None
        if not isinstance(found, Number):
            self.fail(key, f"names an unknown number {name!r:.60}; it may be {self.list_names()}")
        if unit is not None and found.unit != unit:
            self.fail(key, f"names {name!r}: {_KINDS[found.unit]}, not {_KINDS[unit]}")
        return found

    def computed(self, unit: str | None) -> Number:
        """What the formula makes of its inputs, which stand beside it or have a name."""
        formula = FORMULAS.get(self.need("formula", str))
        if formula is None:
            self.fail("formula", f"must be one of {', '.join(map(repr, FORMULAS))}")
        inputs = dict(types(formula))
        result = inputs.pop("return")
        self.only("formula", "source", *inputs)
        for name, hint in inputs.items():
            counts = unit if hint == Same else counted(hint)
            said = self.content.get(name, name)
            known = isinstance(said, str) and self.find(said)
            read = self.named if known or name not in self.content else self.quantity
            self.names[name] = read(name, said, counts)
        same = [self.names[name].unit for name, hint in inputs.items() if hint == Same]
        made = same[0] if same else counted(result)
        if unit not in (None, made):
            self.fail("formula", f"makes {_KINDS[made]}, where there must be {_KINDS[unit]}")
        try:
            return Number.of(formula(*(self.names[name].value for name in inputs)), made)
        except ZeroDivisionError:
            self.fail("formula", "divides by zero")

    def list_names(self) -> str:
        """The names that can be used here."""
        table, names = self, []
        while table:
            names += [*table.names, *(name for name in table.units if name in table.content)]
            table = table.outer
        return ", ".join(sorted({name for name in names if name not in self.open}))

    def sentence(self, key: str) -> str:
        """The text under a key, numbers filled in: `{link}` as typed, `{link:short}` rounded."""
        return self.filled(key, self.content[key])

    def filled(self, key: str, said: Any) -> str:
        """A text with its numbers filled in."""
        if not isinstance(said, str):
            self.fail(key, f"must be a text, not {said!r:.60}")

        def fill(match):
            name, how = match.groups()
            found = self.find(name)
            if found is None or (how and isinstance(found, str)):
                self.fail(key, f"has an unknown {match[0]}; it may be {self.list_names()}")
            return found if isinstance(found, str) else found.short if how else found.text

        return re.sub(r"\{([^{}:]*)(:short)?[^{}]*\}", fill, re.sub(r"\s*\n\s*", " ", said))

    def only(self, *allowed: str) -> None:
        """Refuse any other key."""
        for key in self.content:
            if key not in allowed:
                known = dict.fromkeys((*allowed, *self.taken))
                self.fail(key, f"is unknown; it may be {', '.join(known)}")


def read(path: Any) -> Table:
    """The whole of a TOML file."""
    try:
        text = path.read_text(encoding="utf-8")
        return Table(tomllib.loads(text), path.name)
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: is no text in UTF-8; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        here = (
            f", line {line[1]}: {text.splitlines()[int(line[1]) - 1].strip():.60}" if line else ""
        )
        said = str(error).split(" (at")[0]
        if re.search("overwrite|twice|already", said):
            said = "this key is there twice; each may stand once"
        raise ValueError(f"{path.name}{here}: {said}.") from None


@cache
def types(thing: Any) -> dict[str, Any]:
    """The types of a class or of a function, with what each number counts."""
    return get_type_hints(thing, include_extras=True)


def build(cls: type, table: Table, **given: Any) -> Any:
    """A dataclass from a table; `given` are the fields that the caller has made."""
    table.expect(cls)
    hints, asked = table.hints, [one for one in fields(cls) if one.name not in given]
    table.only(*(one.name for one in asked))
    made, sources = dict(given), {}
    for one in asked:
        name, hint = one.name, hints[one.name]
        if name not in table.content:
            if one.default is MISSING and one.default_factory is MISSING and name != "sources":
                table.fail(name, "is missing")
        elif counted(hint) is None:
            some = one.metadata.get("some", False)
            made[name] = value(table, name, table.content[name], hint, some=some)
        else:
            sourced = "sources" in hints and not one.metadata.get("stated")
            number = table.number(name, sourced=sourced)
            whole = get_args(hint)[0] is int
            made[name] = table.whole(name, number.value) if whole else number.value
            if number.source:
                sources[name] = number.source
    if "sources" in hints:
        made["sources"] = made.get("sources", {}) | sources
    return cls(**made)


def numbers(thing: Any) -> dict[str, Number]:
    """The numbers of a dataclass that `build` has made."""
    hints, sources = types(type(thing)), getattr(thing, "sources", {})
    return {
        name: Number.of(getattr(thing, name), counted(hint), sources.get(name, ""))
        for name, hint in hints.items()
        if counted(hint) is not None
    }


def counted(hint: Any) -> str | None:
    """What a number of this type counts; None if it is no number."""
    if not hasattr(hint, "__metadata__"):
        return None
    return hint.__metadata__[0] if hint.__metadata__[0] in _KINDS else ""


def value(table: Table, key: str, said: Any, hint: Any, *, some: bool = False) -> Any:
    """What a key says, as the type wants it; with `some`, not all known keys must be there."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is str:
        return table.filled(key, said)
    if hint is bool:
        if not isinstance(said, bool):
            table.fail(key, f"must be true or false, not {said!r:.60}")
        return said
    if counted(hint) is not None:
        return table.quantity(key, said, counted(hint)).value
    if origin is Literal:
        return table.one(key, said, dict(zip(arguments, arguments, strict=True)))
    if is_dataclass(hint):
        return build(hint, table.inner(key, said))
    if origin is tuple:
        if not isinstance(said, list):
            table.fail(key, f"must be a list, not {said!r:.60}")
        if arguments[-1] is not ... and len(said) != len(arguments):
            table.fail(key, f"must be a list of {len(arguments)}, not of {len(said)}")
        if not said:
            table.fail(key, "must have at least one entry")
        return tuple(
            value(table, f"{key}[{n}]", one, arguments[0]) for n, one in enumerate(said, 1)
        )
    return mapping(table, key, said, arguments, some)


def mapping(
    table: Table, key: str, said: Any, arguments: tuple[Any, ...], some: bool
) -> dict[str, Any]:
    """{key: value} as the types of both want it."""
    inner = table.inner(key, said)
    keys = get_args(arguments[0])  # of a Literal; none, if any key will do
    if keys:
        inner.only(*keys)
        for name in keys:
            if name not in said and not some:
                inner.fail(name, f"is missing; {key} must have {', '.join(keys)}")
    if not said:
        table.fail(key, "must have at least one entry")
    return {name: value(inner, name, one, arguments[1]) for name, one in said.items()}
