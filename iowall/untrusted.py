"""JSON from outside: a file that somebody brings may hold anything."""

import json
import math
import re
from itertools import accumulate
from typing import Any

DEEPEST = 32  # lists and objects in one another; a ledger and a file of fio's have at most 7
LONGEST = 300  # [digits] of an integer that a float can hold
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def parsed(text: str, *, once: bool = False) -> tuple[Any, str]:
    """The JSON value that a text begins with, and the text after it; else a `ValueError`.

    Too large numbers become infinite, and halves of characters, which no file can hold, become
    question marks.

    Parameters
    ----------
    text : str
        What may be JSON.
    once : bool
        Refuse an object that names one thing twice.

    >>> parsed('{"a": [1e999]} and more')
    ({'a': [inf]}, ' and more')
    """
    text = text.lstrip("\ufeff \t\r\n")
    # In the browser a parser that runs out of stack ends all of Python: count before it does.
    brackets = re.sub(r"[^][{}]+", "", _STRING.sub("", text))
    if max(accumulate(map(_STEPS.get, brackets)), default=0) > DEEPEST:
        raise ValueError("it is nested too deeply")
    decoder = json.JSONDecoder(
        parse_int=_integer,
        parse_constant=_refuse,
        object_pairs_hook=_named_once if once else None,
    )
    try:
        value, end = decoder.raw_decode(text)
    except json.JSONDecodeError:
        raise ValueError("it is not valid JSON") from None
    return whole(value), text[end:]


def whole(value: str) -> str:
    """A value without halves of characters.

    >>> whole({"name": ["cut off: \\ud83d", 2]})
    {'name': ['cut off: ?', 2]}
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [whole(one) for one in value]
    if isinstance(value, dict):
        return {whole(name): whole(one) for name, one in value.items()}
    return value


def _integer(digits):
    return int(digits) if len(digits) < LONGEST else math.inf


def _refuse(constant):
    raise ValueError(f"{constant} is no number in JSON")


def _named_once(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it names one thing twice")
    return found
