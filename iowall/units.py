"""Units are plain floats: multiply on the way in, divide on the way out.

Inside, everything is bytes, seconds, bytes per second and requests per second.

>>> link = 25 * Gbit / S
>>> link / (GB / S)
3.125
"""

import math
import re
from typing import Annotated, NamedTuple

B = 1.0
kB, MB, GB, TB, PB = 1e3, 1e6, 1e9, 1e12, 1e15
KiB, MiB, GiB, TiB = 2.0**10, 2.0**20, 2.0**30, 2.0**40
Gbit = 1e9 / 8

S = 1.0
MS, US, NS = 1e-3, 1e-6, 1e-9
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

_LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
# What a number counts, where a type says it; `parse` and the files of `iowall.data` check it.
Size = Annotated[float, "B"]
Rate = Annotated[float, "B/s"]
Time = Annotated[float, "s"]
Frequency = Annotated[float, "1/s"]
Power = Annotated[float, "W"]
Plain = Annotated[float, ""]

_TIMES = ((DAY, "days"), (HOUR, "h"), (MINUTE, "min"), (S, "s"), (MS, "ms"), (US, "µs"), (NS, "ns"))


def number(value: float) -> str:
    """A number in three significant digits, for reading.

    >>> number(1637.99), number(26.667), number(0.0912), number(13_000_000)
    ('1,640', '26.7', '0.0912', '13,000,000')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    if digits <= 0:
        return f"{rounded:,.0f}"
    return f"{rounded:.{digits}f}".rstrip("0").rstrip(".")


def amount(value: float, unit: str = "B") -> str:
    """A quantity with its decimal prefix.

    >>> amount(1.638e9, "B/s"), amount(114_660), amount(4096)
    ('1.64 GB/s', '115 kB', '4.1 kB')
    """
    for size, prefix in _LARGE:
        if abs(value) >= size * 0.9995:
            return f"{number(value / size)} {prefix}{unit}"
    return f"{number(value)} {unit}"


def duration(value: float) -> str:
    """A time in the unit that reads best.

    >>> duration(0.224), duration(76.9e-6), duration(90), duration(7.9 * HOUR)
    ('224 ms', '76.9 µs', '90 s', '7.9 h')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g} s"
    for size, unit in _TIMES:
        # Two of a unit read better than one and a half of the next: 90 s, not 1.5 min.
        if abs(value) >= size * (2 if size > S else 0.9995):
            return f"{number(value / size)} {unit}"
    return f"{number(value / NS)} ns"


class Quantity(NamedTuple):
    """A number in SI and what it counts: "B", "B/s", "s", "1/s", "W", or "" for nothing."""

    value: float
    unit: str


# What a quantity is called, and how one is written.
KINDS = {
    "B": ("a size", "10 TB"),
    "B/s": ("a rate of bytes", "4 Gbit/s"),
    "s": ("a time", "90 min"),
    "1/s": ("a rate", "5,500/s"),
    "W": ("a power", "20 mW"),
    "": ("a plain number", "1,024"),
}
_PREFIXES = {"": 1.0, "k": kB, "M": MB, "G": GB, "T": TB, "P": PB}
_SIZES = {f"{prefix}B": size for prefix, size in _PREFIXES.items()}
_SIZES |= {"KiB": KiB, "MiB": MiB, "GiB": GiB, "TiB": TiB}
_SIZES |= {f"{prefix}bit": size / 8 for prefix, size in _PREFIXES.items()}
_SPANS = {"s": S, "min": MINUTE, "h": HOUR, "day": DAY}
_SMALL = {"ms": MS, "us": US, "µs": US, "μs": US, "ns": NS}  # both letters that look like a µ
_WORDS = {"second": S, "minute": MINUTE, "hour": HOUR, "year": 365 * DAY}
_WORDS |= {f"{name}s": time for name, time in (_WORDS | {"day": DAY}).items()}
_UNITS = {"": Quantity(1.0, ""), "%": Quantity(0.01, "")}
_UNITS |= {name: Quantity(size, "B") for name, size in _SIZES.items()}
_UNITS |= {
    f"{name}/{span}": Quantity(size / time, "B/s")
    for name, size in _SIZES.items()
    for span, time in _SPANS.items()
}
_UNITS |= {name: Quantity(time, "s") for name, time in (_SPANS | _SMALL | _WORDS).items()}
_UNITS |= {f"/{span}": Quantity(1 / time, "1/s") for span, time in _SPANS.items()}
_UNITS |= {f"{prefix}Hz": Quantity(size, "1/s") for prefix, size in _PREFIXES.items()}
_UNITS |= {"W": Quantity(1.0, "W"), "mW": Quantity(1e-3, "W")}
_UNITS |= {micro: Quantity(1e-6, "W") for micro in ("uW", "µW", "μW")}

_ONE = r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3})?"
_QUANTITY = re.compile(rf"({_ONE})(?:/({_ONE}))? ?(|[^0-9\s.,].*)")
_LONGEST = 60  # characters; what is longer is no quantity


def quantity(text: str) -> Quantity:
    """Read a quantity as people write it.

    >>> quantity("5,500/s")
    Quantity(value=5500.0, unit='1/s')
    >>> quantity("1/8"), quantity("12.5 %")
    (Quantity(value=0.125, unit=''), Quantity(value=0.125, unit=''))

    Raises `ValueError` of one sentence for anything else.
    """
    if not isinstance(text, str):
        raise ValueError(f'{text!r:.60} is no text; write a quantity as in "4 Gbit/s"')
    shown = repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
    found = _QUANTITY.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not found:
        if re.search(r"[0-9],[0-9]", text):
            raise ValueError(
                f'{shown} has a comma that can be read in two ways; write "1.5 GB" with a point, '
                'and "10,000" with groups of three digits'
            )
        raise ValueError(f'{shown} is no quantity; write a number and its unit, as in "4 Gbit/s"')
    above, below, name = found.groups()
    unit = _UNITS.get(name)
    if unit is None:
        raise ValueError(
            f"{shown} has an unknown unit {name!r}; known are sizes (B, kB, MiB, Gbit …), times "
            "(ns, us, ms, s, min, h, day), both as in GB/s and TB/h, rates (/s), powers (mW) and %"
        )
    over = float(below.replace(",", "")) if below else 1.0
    value = float(above.replace(",", "")) / over * unit.value if over else math.inf
    if not math.isfinite(value):
        raise ValueError(f"{shown} is no finite number; write one that is")
    return Quantity(value, unit.unit)


def parse(text: str, unit: str | None = None) -> float:
    """The number in a quantity as people write it, in SI; with `unit`, only what counts that.

    >>> parse("4 Gbit/s"), parse("90 min"), parse("20 mW"), parse("1/8"), parse("12.5 %")
    (500000000.0, 5400.0, 0.02, 0.125, 0.125)
    >>> parse("10 TB", "B/s")
    Traceback (most recent call last):
    ValueError: '10 TB' is a size, not a rate of bytes; write one as in "4 Gbit/s"
    """
    value, has = quantity(text)
    if unit is not None and has != unit:
        (is_, _), (wanted, example) = KINDS[has], KINDS[unit]
        raise ValueError(f'{text!r} is {is_}, not {wanted}; write one as in "{example}"')
    return value
