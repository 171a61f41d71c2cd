"""Units are plain floats: multiply on the way in, divide on the way out.

Inside, everything is bytes, seconds, bytes per second and requests per second.

>>> link = 25 * Gbit / S
>>> link / (GB / S)
3.125
"""

import math

B = 1.0
kB, MB, GB, TB, PB = 1e3, 1e6, 1e9, 1e12, 1e15
KiB, MiB, GiB, TiB = 2.0**10, 2.0**20, 2.0**30, 2.0**40
Gbit = 1e9 / 8

S = 1.0
MS, US, NS = 1e-3, 1e-6, 1e-9
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

_LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_TIMES = ((DAY, "days"), (HOUR, "h"), (MINUTE, "min"), (S, "s"), (MS, "ms"), (US, "µs"), (NS, "ns"))


def number(value):
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


def amount(value, unit="B"):
    """A quantity with its decimal prefix.

    >>> amount(1.638e9, "B/s"), amount(114_660), amount(4096)
    ('1.64 GB/s', '115 kB', '4.1 kB')
    """
    for size, prefix in _LARGE:
        if abs(value) >= size * 0.9995:
            return f"{number(value / size)} {prefix}{unit}"
    return f"{number(value)} {unit}"


def duration(value):
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
