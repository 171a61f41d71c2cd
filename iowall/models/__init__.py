"""Storage models: pure functions of NumPy arrays, keyword-only, in SI units.

They know no device and no scenario, so that every number can be one's own. Each says which numbers
it takes (`checked`): NaN comes out as NaN, what is impossible raises a sentence, and whole numbers
become floats, because in a browser NumPy's integers have 32 bits and two billion times two would
wrap round without a word.
"""

VERSION = "2"  # of what the models say: another number wherever any of them says another one
