"""A stand-in for pandas, which bqplot imports and the labs do not need.

bqplot asks whether values are a ``Timestamp`` and builds an empty ``DataFrame`` as the default of a
mark that no lab uses. Every other use gets one sentence, because the real pandas would make each
first visit several seconds longer.
"""

_SENTENCE = (
    "pandas is left out of this site to keep its start short: the labs need NumPy alone; "
    "to use pandas, install it in your own Python."
)


def _refuse(*args, **kwargs):
    raise ImportError(_SENTENCE)


class DataFrame:
    """An empty table, which can be named and asked for, but not filled or read."""

    def __init__(self, data=None, *, dtype=None, **kwargs):
        if data is not None or kwargs:
            _refuse()

    def __getattr__(self, name):
        if name.startswith("__"):  # Python's own questions get a plain no
            raise AttributeError(name)
        _refuse()

    __getitem__ = __setitem__ = _refuse


class Series(DataFrame):
    """An empty column, like the table."""


class Timestamp:
    """No value is one of these."""

    __init__ = _refuse


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    _refuse()
