"""Storage models: pure functions of NumPy arrays, keyword-only, in SI units.

They know no device and no scenario, so that every number can be one's own.
"""
