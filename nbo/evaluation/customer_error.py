"""Standard errors that let the decisions of one customer be alike."""

from __future__ import annotations

import numpy as np

__all__ = ["clustered_error", "customer_sums"]


def customer_sums(values: np.ndarray, customer: np.ndarray | None) -> np.ndarray:
    """Add up the values of each customer.

    Parameters
    ----------
    values : ndarray of shape (n,)
    customer : ndarray of int, shape (n,), optional
        Codes 0 .. m-1 of the customers; None where each row is one.

    Returns
    -------
    ndarray of shape (m,)
        In the order of the codes.

    Examples
    --------
    >>> customer_sums(np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1])).tolist()
    [2.0, 5.0]
    """
    if customer is None:
        return values
    return np.bincount(customer, weights=values)


def clustered_error(influence: np.ndarray, counts: np.ndarray, customer: np.ndarray | None) -> float:
    r"""State the standard error of an estimate, clustered by customer.

    .. math:: \frac{m}{m - 1} \frac{1}{n^2} \sum_g \Big(\sum_{i \in g} \psi_i\Big)^2

    is its square [1]_, for the influence :math:`\psi_i` of n decisions of m customers; that of a mean is
    :math:`v_i - \bar v`.

    Parameters
    ----------
    influence : ndarray of shape (n,)
        What each decision adds to the deviation of the estimate.
    counts : ndarray of bool, shape (n,)
        Whether the decision counts at all; customers without one that does are not among the m.
    customer : ndarray of int, shape (n,), optional
        As for :func:`customer_sums`.

    Returns
    -------
    float
        NaN for fewer than two customers.

    References
    ----------
    .. [1] Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized
       linear models. Biometrika 73, 13-22.

    Examples
    --------
    >>> clustered_error(np.array([-1.0, 1.0]), np.array([True, True]), None)
    1.0
    >>> clustered_error(np.array([-1.0, -1.0, 1.0, 1.0]), np.full(4, True), np.array([0, 0, 1, 1]))
    1.0
    """
    m = int((customer_sums(counts.astype(float), customer) > 0).sum())
    if m < 2:
        return np.nan
    sums = customer_sums(influence, customer)
    return float(np.sqrt(m / (m - 1) * (sums**2).sum()) / len(influence))
