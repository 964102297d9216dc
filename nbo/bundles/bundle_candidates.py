"""Which products are bought together more often, or less often, than chance has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.bundles.baskets import Baskets, baskets_before
from nbo.bundles.candidates_result import BundleCandidates
from nbo.bundles.expected_pairs import expected_pairs
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments.adjusted_p_values import adjusted_p_values
from nbo.features.window import ALL
from nbo.numbers import check_number
from nbo.times import check_time

__all__ = ["bundle_candidates"]


def bundle_candidates(
    tables: Any,
    as_of: Any,
    *,
    product: str = "product_id",
    unit: str = "basket",
    window: str | None = None,
    min_count: int = 5,
    max_products: int = 300,
    false_discovery_rate: float = 0.05,
    level: float = 0.95,
) -> BundleCandidates:
    """Find which products are bought together more often, or less often, than chance has it.

    Chance is baskets filled at random, each as large as it was, and each product as popular as it was among baskets
    of about that size (:class:`~nbo.bundles.random_baskets.RandomBaskets`): that heavy buyers have everything in
    their baskets makes nothing a complement. The number of baskets with both products is held against the tails of a
    Poisson distribution with the number expected. Those are wider than the tails of a sum of unequal draws, which it
    is, so that p-values are rather too large.

    Parameters
    ----------
    tables : CustomerTables or other tables with `has` and `columns`
        With transactions. Completed sales count, if they happened and were known before `as_of`.
    as_of : Timestamp or str
        UTC.
    product : str, default="product_id"
        Column of transactions that names what was bought, such as a category.
    unit : {"basket", "customer"}, default="basket"
        What is bought together: on one day (UTC), or by one customer in the whole window.
    window : str, optional
        How far back sales count, such as "365D"; by default for good.
    min_count : int, default=5
        Fewest baskets of a product, and fewest baskets with both products of a complement; 1 or more.
    max_products : int, default=300
        Only so many products, those in the most baskets; 2 or more.
    false_discovery_rate : float, default=0.05
        Which share of the pairs called complement or substitute may be wrong in expectation, in (0, 1).
    level : float, default=0.95
        Of the intervals of lifts, in (0, 1).

    Returns
    -------
    BundleCandidates
        All pairs of the products, the surest complements first.

    Raises
    ------
    InputError
        If there are no transactions, a column is missing, fewer than two products are left, or an argument is not
        allowed.

    Notes
    -----
    Baskets are taken as independent of each other. Where few customers buy the same two things again and again,
    ``unit="customer"`` counts each of them once. What a complement brings along is more popular for that alone, so that
    two such products can be called substitutes of each other, though nobody chooses between them.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> days = pd.date_range("2026-01-01", periods=60)
    >>> items = [["tent", "stove"] if at % 2 else ["tent", "rope"] if at % 6 else ["rope", "book"] for at in range(60)]
    >>> rows = [("ann", day, item) for day, basket in zip(days, items, strict=True) for item in basket]
    >>> sales = pd.DataFrame(rows, columns=["customer_id", "event_time", "product_id"])
    >>> found = bundle_candidates(CustomerTables(transactions=sales), "2026-06-30")
    >>> found.frame[["bundle_id", "n", "relation"]].head(2).values.tolist()
    [['book + rope', 10, 'complement'], ['stove + tent', 30, 'unclear']]
    """
    moment = check_time(as_of)
    check_one_of(unit, ("basket", "customer"), "unit")
    check_number(min_count, "min_count", "1 or more", lambda given: given >= 1, whole=True)
    check_number(max_products, "max_products", "2 or more", lambda given: given >= 2, whole=True)
    for name, share in (("false_discovery_rate", false_discovery_rate), ("level", level)):
        check_number(share, name, "in (0, 1)", lambda given: 0 < given < 1)
    baskets = baskets_before(tables, moment, product, unit, ALL if window is None else window)
    baskets = baskets.of_popular(min_count, max_products)
    if len(baskets.products) < 2:
        raise InputError(
            f"bundles need two products or more, each in {min_count} baskets or more before {moment}; "
            f"transactions.{product} has {len(baskets.products)}."
        )
    frame = _pairs(baskets, min_count, false_discovery_rate, level)
    return BundleCandidates(
        frame, moment, unit, len(baskets.sizes), baskets.n_customers, len(baskets.products), false_discovery_rate, level
    )


def _pairs(baskets: Baskets, min_count: int, rate: float, level: float) -> pd.DataFrame:
    both = expected_pairs(baskets.holds)
    first, second = np.triu_indices(len(baskets.products), 1)
    n, expected = baskets.together[first, second], np.maximum(both[first, second], 0.0)
    p_value = np.minimum(1.0, 2 * np.minimum(_upper(n, expected, min_count), special.gammaincc(n + 1, expected)))
    q_value = adjusted_p_values(p_value)
    called = np.where(n > expected, "complement", "substitute")
    names = [pd.Series(pd.array(baskets.products, dtype="str").take(which)) for which in (first, second)]
    low, high = (_per_expected(count, expected) for count in _garwood(n, level))
    frame = pd.DataFrame(
        {
            "bundle_id": names[0] + " + " + names[1],
            "product_1": names[0],
            "product_2": names[1],
            "n": n,
            "expected": expected,
            "lift": _per_expected(n, expected),
            "lift_low": low,
            "lift_high": high,
            "p_value": p_value,
            "q_value": q_value,
            "relation": pd.array(np.where(q_value <= rate, called, "unclear"), dtype="str"),
            "margin": baskets.margin[first] + baskets.margin[second],
            "margin_1": baskets.margin[first],
            "margin_2": baskets.margin[second],
            "price": baskets.price[first] + baskets.price[second],
        }
    )
    # Complements, then what is unclear, then substitutes; the surest outside.
    sign = np.where(n > expected, 1.0, -1.0)
    surest = np.lexsort((second, first, -sign * np.abs(n - expected), sign * p_value, -sign))
    return frame.iloc[surest].reset_index(drop=True)


def _upper(n: np.ndarray, expected: np.ndarray, min_count: int) -> np.ndarray:
    """Give the chance of so many or more; of too few to be a complement, 1, which errs on the safe side."""
    tail = special.gammainc(np.maximum(n, 1), expected)
    return np.where(n >= min_count, tail, 1.0)


def _garwood(n: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Give the ends of Garwood's exact interval of a Poisson mean."""
    tail = (1 - level) / 2
    low = np.where(n > 0, special.gammaincinv(np.maximum(n, 1), tail), 0.0)
    return low, special.gammaincinv(n + 1.0, 1 - tail)


def _per_expected(n: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.divide(n, expected, out=np.full(len(n), np.nan), where=expected > 0)
