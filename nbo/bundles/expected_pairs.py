"""How many baskets would hold two products by chance."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nbo.bundles.random_baskets import RandomBaskets

__all__ = ["expected_pairs", "size_classes"]

# Fewest baskets of a class of sizes, in all and for each product.
_FEWEST = 1000
_PER_PRODUCT = 10


def expected_pairs(holds: sparse.csr_array) -> np.ndarray:
    """Give how many baskets would hold both of two products by chance.

    By chance, each basket has the size that it had, and each product is in as many baskets of about that size as it
    was: what is popular in large baskets may be rare in small ones.

    Parameters
    ----------
    holds : csr_array of shape (n, k)
        1 where the basket holds the product.

    Returns
    -------
    ndarray of shape (k, k)
        The diagonal is in how many baskets each product was.

    Examples
    --------
    >>> baskets = sparse.csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]]))
    >>> expected_pairs(baskets).round(6).tolist()
    [[3.0, 2.0, 2.0], [2.0, 3.0, 2.0], [2.0, 2.0, 3.0]]
    """
    n_products = holds.shape[1]
    sizes = np.diff(holds.indptr)
    label = size_classes(sizes, max(_FEWEST, _PER_PRODUCT * n_products))
    expected = np.zeros((n_products, n_products))
    for each in np.unique(label):
        some = holds[label == each]
        counts = np.bincount(some.indices, minlength=n_products)
        there = np.flatnonzero(counts)
        _, both = RandomBaskets.fit(counts[there], sizes[label == each]).expected
        expected[np.ix_(there, there)] += both
    return expected


def size_classes(sizes: np.ndarray, fewest: int) -> np.ndarray:
    """Put baskets of neighboring sizes into classes, each of so many baskets or more, if there are so many.

    Parameters
    ----------
    sizes : ndarray of int, shape (n,)
    fewest : int

    Returns
    -------
    ndarray of int, shape (n,)
        Number of each basket's class.

    Examples
    --------
    >>> size_classes(np.array([1, 1, 1, 2, 3, 3, 4]), 2).tolist()
    [0, 0, 0, 1, 1, 1, 1]
    """
    different, which, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    label, current, held = np.zeros(len(different), dtype=np.int64), 0, 0
    above = len(sizes)
    for at, count in enumerate(counts):
        label[at] = current
        held, above = held + count, above - count
        if held >= fewest and above >= fewest:
            current, held = current + 1, 0
    return label[which]
