"""Numbers as people write them."""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = ["number_words"]

# Beyond it, all digits would fill the line.
_LONGEST: Final = 1e15


def number_words(number: float, digits: int = 6, decimals: int = 2) -> str:
    """Write a number without exponent, so that limits of money are told to the cent.

    Parameters
    ----------
    number : float
    digits : int, default=6
        Significant digits of numbers that are not large.
    decimals : int, default=2
        Decimals of large numbers, of which no digit before the point is rounded.

    Returns
    -------
    str

    Examples
    --------
    >>> number_words(1234567.891), number_words(1 / 3), number_words(12345.6, 4, 0)
    ('1,234,567.89', '0.333333', '12,346')
    """
    if not np.isfinite(number) or not 10 ** (digits - decimals) <= abs(number) < _LONGEST:
        return f"{number:.{digits}g}"
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
