"""How likely two things are to happen both, given how likely each is and how they hang together."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["joint_probability"]


def joint_probability(first: Any, second: Any, odds_ratio: Any) -> np.ndarray:
    r"""Give the probability that two things happen both, for an odds ratio.

    Plackett's formula [1]_: with the odds ratio
    :math:`\psi = p_{11} p_{00} / (p_{10} p_{01})` and :math:`S = 1 + (p_1 + p_2)(\psi - 1)`,

    .. math:: p_{11} = \frac{2 \psi p_1 p_2}{S + \sqrt{S^2 - 4 \psi (\psi - 1) p_1 p_2}}.

    It lies between the bounds of Fréchet, :math:`\max(0, p_1 + p_2 - 1)` and :math:`\min(p_1, p_2)`; at
    :math:`\psi = 1` it is :math:`p_1 p_2`.

    Parameters
    ----------
    first, second : array-like of shape (...)
        Probability of each, in [0, 1].
    odds_ratio : array-like of shape (...)
        Above 0.

    Returns
    -------
    ndarray of shape (...)

    References
    ----------
    .. [1] Plackett, R. L. (1965). A class of bivariate distributions. Journal of the American Statistical
       Association 60, 516-522.

    Examples
    --------
    >>> joint_probability(0.5, 0.5, [1.0, 9.0]).round(3).tolist()
    [0.25, 0.375]
    """
    p, q, psi = (np.asarray(values, dtype=float) for values in (first, second, odds_ratio))
    # What both fail together: where both are likely, this is the small number of the two.
    over = p + q > 1
    a, b = np.where(over, 1 - p, p), np.where(over, 1 - q, q)
    product = psi * a * b
    total = 1 + (a + b) * (psi - 1)
    root = np.sqrt(np.maximum(total**2 - 4 * (psi - 1) * product, 0.0))
    both = 2 * product / np.maximum(total + root, np.finfo(float).tiny)
    both = np.minimum(np.maximum(both, 0.0), np.minimum(a, b))
    found = np.where(over, p + q - 1 + both, both)
    return np.asarray(np.clip(found, np.maximum(p + q - 1, 0.0), np.minimum(p, q)))
