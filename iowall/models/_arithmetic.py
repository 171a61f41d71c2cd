"""Arithmetic that several models share: a ratio without NaN, and Lambert's W at its corner."""

import numpy as np


def ratio(numerator, denominator):
    """numerator / denominator, and 0 for 0/0 and inf/inf; all without a warning.

    >>> ratio(3, 2).item(), ratio(3, 0).item(), ratio(0, 0).item()
    (1.5, inf, 0.0)
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        quotient = np.divide(numerator, denominator)
    return np.where(np.equal(numerator, 0) | np.isinf(denominator), 0.0, quotient)[()]


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
