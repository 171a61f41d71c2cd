"""Storage models: pure functions of NumPy arrays, keyword-only, in SI units.

They know no device and no scenario, so that every number can be one's own.

Where two arguments meet in one NumPy operation it says ``dtype=float``: in a browser NumPy's
integers have 32 bits, and two billion times two would wrap round without a word.
"""

VERSION = "1"  # of what the models say: another number wherever any of them says another one
