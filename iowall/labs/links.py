"""Settings that come from outside: from a page's address, or as keywords of `open_lab`.

Both use a ledger's own names. A choice is given by its key or name, a quantity as a number in
bytes and seconds or with its unit.
"""

import math
import re
from html import escape
from urllib.parse import parse_qsl, quote

from iowall import units

NOT_OURS = ("embed", "highlight")  # of the page, and of the site's search
NEAR = 0.01  # labels are rounded to three digits; steps lie much further apart
_QUANTITY = re.compile(r"([\d.]+(?:e[+-]?\d+)?)([a-zA-Zµ]*)(/s)?")
_SIZES = {
    **{name: getattr(units, name) for name in ("B", "kB", "MB", "GB", "TB", "PB")},
    **{name: getattr(units, name) for name in ("KiB", "MiB", "GiB", "TiB", "Gbit")},
    "Mbit": units.Gbit / 1e3,
    "kbit": units.Gbit / 1e6,
}
_TIMES = {
    "ns": units.NS,
    "us": units.US,
    "µs": units.US,
    "ms": units.MS,
    "s": units.S,
    "min": units.MINUTE,
    "h": units.HOUR,
    "day": units.DAY,
    "days": units.DAY,
}


def from_query(query):
    """The settings in a page's address, as words.

    >>> from_query("?embed&track=edge&interval=10min")
    {'track': 'edge', 'interval': '10min'}
    """
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    return {name: value for name, value in pairs if name not in NOT_OURS}


def take(options, controls, asked):
    """Put controls, {name: widget}, where they are asked to be; yield a sentence for each misfit.

    `options` says what each of them offers. A generator: nothing moves until it is gone through.
    """
    for control, text in asked.items():
        if control not in controls:
            yield (
                f"There is no setting “{str(control)[:40]}” here to open this lab at; there are "
                f"{', '.join(controls)}, and track."
            )
            continue
        try:
            controls[control].value = find(options[control], text).name
        except ValueError as error:
            yield f"This lab cannot open at {control} {error}"


def find(options, text):
    """The option that is meant; a `ValueError` that says which there are.

    >>> from iowall.parts import Option
    >>> find([Option("1 GB/s", "1 GB/s", 1e9), Option("4 Gbit/s", "4 Gbit/s", 5e8)], "4Gbit/s").name
    '4 Gbit/s'
    >>> find([Option("read", "Reading", "read")], "write")
    Traceback (most recent call last):
    ValueError: “write”; it can be read.
    """
    for option in options:
        if _means(text, option):
            return option
    known = ", ".join(map(spelled, options))
    raise ValueError(f"“{str(text)[:40]}”; it can be {known}.")


def _means(text, option):
    if not isinstance(option.value, (int, float)):
        return bool(_plain(text)) and _plain(text) == _plain(option.name)
    number, kind = _quantity(text)
    known = kind in ("", _quantity(option.label)[1])
    return known and math.isclose(number, option.value, rel_tol=NEAR)


def _plain(text):
    return "".join(filter(str.isalnum, str(text).casefold()))


def _quantity(text):
    """A number and what it counts: bytes, bytes per second, seconds, or "" if it does not say."""
    match = _QUANTITY.fullmatch(str(text).replace(" ", "").replace(",", ""))
    if not match:
        return math.nan, None
    try:
        number = float(match[1])
    except ValueError:  # several points
        return math.nan, None
    unit, rate = match[2], match[3] or ""
    if unit in _SIZES:
        return number * _SIZES[unit], f"B{rate}"
    if unit in _TIMES and not rate:
        return number * _TIMES[unit], "s"
    return (number, "") if not unit + rate else (math.nan, None)


def spelled(option):
    """An option as a word that `find` understands.

    >>> from iowall.parts import Option
    >>> spelled(Option("10 min", "10 min", 600.0)), spelled(Option("SD card", "SD: 60 MB/s", "SD"))
    ('10min', 'SD-card')
    """
    if isinstance(option.value, (int, float)):
        return option.label.replace(" ", "").replace(",", "")
    return option.name.replace(" ", "-")


def present(options, settings):
    """Settings as they stand, {control: word}."""
    return {
        control: spelled(next(one for one in options[control] if one.name == name))
        for control, name in settings.items()
    }


def offered(part, settings):
    """A link to settings for the page, and the call for a notebook; each shows its own (CSS)."""
    query = "&".join(f"{name}={quote(value, safe='/,')}" for name, value in settings.items())
    words = ", ".join([f'"{part}"', *(f'{name}="{value}"' for name, value in settings.items())])
    return (
        f'<p class="iowall-link"><a href="?{escape(query)}#lab">Link to these settings</a> '
        '<span role="status"></span></p><details class="iowall-call"><summary>Call for these '
        f"settings</summary><pre>open_lab({escape(words)})</pre></details>"
    )
