"""What the models share: checked arguments, a ratio without NaN, and Lambert's W at its corner."""

from functools import wraps

import numpy as np

Numbers = float | np.ndarray  # a number or an array of them; results have the broadcast shape

_DOMAINS = {
    "positive": ("greater than 0", lambda value: value > 0),
    "nonnegative": ("at least 0", lambda value: value >= 0),
    "sizes": ("greater than 0 and finite", lambda value: (value > 0) & (value < np.inf)),
    "finite": ("at least 0 and finite", lambda value: (value >= 0) & (value < np.inf)),
    "shares": ("between 0 and 1", lambda value: (value >= 0) & (value <= 1)),
    "counts": ("a whole number, at least 0", lambda value: (value >= 0) & (value % 1 == 0)),
}


def checked(**domains):
    """Decorate a model so that the named arguments arrive as floats inside their domain.

    NaN passes, so that it comes out as NaN. Anything outside raises a ValueError that names the
    argument. NumPy's warnings stay inside: the functions define what 0/0 and inf - inf mean. A lazy
    array (Dask) passes as it is, unchecked, because looking at it would compute it.

    >>> @checked(positive="mass", nonnegative="force")
    ... def acceleration(*, force, mass):
    ...     return force / mass
    >>> acceleration(force=[3, 4], mass=2).tolist()
    [1.5, 2.0]
    >>> acceleration(force=3, mass=0)
    Traceback (most recent call last):
    ValueError: mass must be greater than 0, got 0
    """
    named = {name: domain for domain, names in domains.items() for name in names.split()}

    def decorate(model):
        @wraps(model)
        def wrapped(**arguments):
            for name in arguments.keys() & named.keys():
                arguments[name] = _inside(name, arguments[name], named[name])
            with np.errstate(all="ignore"):
                return model(**arguments)

        return wrapped

    return decorate


def _inside(name, value, domain):
    if hasattr(value, "__array_function__") and not isinstance(value, (np.ndarray, np.generic)):
        return value
    words, inside = _DOMAINS[domain]
    try:
        numbers = np.asarray(value, dtype=float)[()]
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or an array of numbers, got {value!r}") from None
    with np.errstate(invalid="ignore"):
        wrong = numbers[~(inside(numbers) | np.isnan(numbers))]
    if wrong.size:
        raise ValueError(f"{name} must be {words}, got {wrong.flat[0]:g}")
    return numbers


def nonnegative(name, value):
    """The value as floats, or a ValueError that names it: for arguments inside of a mapping."""
    return _inside(name, value, "nonnegative")


def ratio(numerator, denominator):
    """numerator / denominator, and 0 for 0/0 and inf/inf; NaN stays NaN; all without a warning.

    >>> ratio(3, 2).item(), ratio(3, 0).item(), ratio(0, 0).item()
    (1.5, inf, 0.0)
    """
    none = np.equal(numerator, 0) & ~np.isnan(denominator)
    none = none | (np.isinf(denominator) & ~np.isnan(numerator))
    zero = np.equal(denominator, 0)
    with np.errstate(over="ignore", invalid="ignore"):
        quotient = np.divide(numerator, np.where(zero, 1.0, denominator))
        quotient = np.where(none, 0.0, quotient)
        return np.where(zero & ~none, np.copysign(np.inf, numerator), quotient)[()]


def one_plus_lambert(x):
    """u = 1 + W0(-exp(-(1 + x))), the root in [0, 1] of -u - ln(1 - u) = x, for x ≥ 0.

    Computed from W0, u loses half of its digits near x = 0. There it is a series in s = √(2x);
    elsewhere Newton's method finds y = ln(1 - u) < 0 from exp(y) - y - 1 = x. The relative error is
    below 1e-14 throughout.

    >>> f"{one_plus_lambert(1e-9):.6e}, {one_plus_lambert(1.0):.6f}, {one_plus_lambert(1e3):.6f}"
    '4.472069e-05, 0.841406, 1.000000'

    Corless et al., "On the Lambert W function", Advances in Computational Mathematics 5, 1996,
    doi:10.1007/BF02124750. The series is Stirling's.
    """
    x = np.minimum(x, 700.0)  # from 37 on, u is 1 to the last digit
    s = np.sqrt(2 * x)
    series = np.polynomial.polynomial.polyval(s, _STIRLING)
    y = -np.maximum(s + x / 3, 0.05)
    for _ in range(5):
        y = y - (np.expm1(y) - y - x) / np.expm1(y)
    return np.where(s < 0.1, series, -np.expm1(y))[()]


_STIRLING = (0, 1, -1 / 3, 1 / 36, 1 / 270, 1 / 4320, -1 / 17010, -139 / 5443200, -1 / 204120)
