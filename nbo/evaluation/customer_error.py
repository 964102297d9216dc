"""Standard errors that let the decisions of one customer be alike."""

from __future__ import annotations

import numpy as np

__all__ = ["customer_sums", "mean_error"]


def customer_sums(values: np.ndarray, customer: np.ndarray | None) -> np.ndarray:
    """Add up the values of each customer.

    Parameters
    ----------
    values : ndarray of shape (n,)
    customer : ndarray of int, shape (n,), optional
        Codes of the customers; None where each row is one.

    Returns
    -------
    ndarray of shape (m,)
        In the order of the codes.

    Examples
    --------
    >>> customer_sums(np.array([1.0, 2.0, 4.0]), np.array([5, 0, 5])).tolist()
    [2.0, 5.0]
    """
    if customer is None:
        return values
    codes = np.unique(customer, return_inverse=True)[1]
    return np.bincount(codes, weights=values)


def mean_error(values: np.ndarray, customer: np.ndarray | None) -> float:
    r"""State the standard error of a mean of rows, clustered by customer.

    .. math:: \frac{m}{m - 1} \frac{1}{n^2} \sum_g \Big(\sum_{i \in g} (v_i - \bar v)\Big)^2

    is its square [1]_, for m customers with n rows.

    Parameters
    ----------
    values : ndarray of shape (n,)
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
    >>> mean_error(np.array([0.0, 2.0]), None), mean_error(np.array([0.0, 0.0, 2.0, 2.0]), np.array([0, 0, 1, 1]))
    (1.0, 1.0)
    """
    if not len(values):
        return np.nan
    sums = customer_sums(values - values.mean(), customer)
    m = len(sums)
    return float(np.sqrt(m / (m - 1) * (sums**2).sum()) / len(values)) if m > 1 else np.nan
