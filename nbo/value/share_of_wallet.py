"""The share of customers' wallets, and what they still spend elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_probabilities, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.labels.same_order import check_same_order
from nbo.value.aligned import aligned_groups, aligned_numbers
from nbo.value.cents import money, sums, whole_cents
from nbo.value.elsewhere_spend import ElsewhereSpend
from nbo.value.wallet import Wallet

__all__ = ["share_of_wallet"]


def share_of_wallet(
    own: Any, elsewhere: Any, *, match_confidence: Any = None, segments: Any = None, level: float = 0.95
) -> Wallet:
    """Estimate which share of their spend customers spend here, where spend elsewhere is known of some.

    The share is own / (own + elsewhere). Where a third party's record of the spend elsewhere may be another
    person's, it counts with its `match_confidence` p (moved by how usual such an amount is in the segment), and with
    1 - p the customer is one like others of the segment; a customer without a record is that altogether. The interval
    of a customer lies between quantiles of that mixture; the interval of a segment adds up the variances of its
    customers and the error of its mean.

    It relies on one thing: within a segment, those with a record are like those without.

    Parameters
    ----------
    own : array-like of shape (n,)
        What each customer spent here in a time, money, 0 or more.
    elsewhere : array-like of shape (n,)
        What they spent elsewhere in the same time, money, 0 or more; missing where it is not known.
    match_confidence : array-like of shape (n,), optional
        Probability that the record is this customer's, in [0, 1]; not read where `elsewhere` is missing. All 1 by
        default.
    segments : array-like of shape (n,), optional
        Segment of each customer, none missing; one for all by default.
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    Wallet

    Raises
    ------
    InputError
        If fewer than two records are there, a value is below 0, a confidence is missing or no probability, lengths
        differ, Series name the same customers in different orders, or the level is not allowed.

    Examples
    --------
    >>> wallet = share_of_wallet([50.0, 80.0, 20.0], [50.0, 120.0, None])
    >>> wallet.customers[["headroom", "share"]].round(3)
       headroom  share
    0      50.0   0.50
    1     120.0   0.40
    2      85.0   0.19
    """
    check_number(level, "level", "in (0, 1)", lambda value: 0 < value < 1)
    given_too = {"elsewhere": elsewhere, "match_confidence": match_confidence, "segments": segments}
    for name, values in given_too.items() if isinstance(own, pd.Series) else ():
        check_same_order(values, own.index, name, "own")
    n = len(own)
    spent = aligned_numbers(own, n, "own", "own", least=0)
    given = aligned_numbers(elsewhere, n, "elsewhere", "own", missing=True, least=0)
    p = _confidence(match_confidence, given)
    codes, names = aligned_groups(np.zeros(n, dtype=int) if segments is None else segments, n, "segments", "own")
    there = p > 0
    if there.sum() < 2:
        raise InputError(f"elsewhere must be known of two customers or more; it is of {int(there.sum())}.")
    spend = ElsewhereSpend.of(given[there], p[there], codes[there], len(names))
    record = np.where(there, given, 0.0)
    p = spend.belongs(record, p, codes)
    expected = p * record + (1 - p) * spend.mean[codes]
    tail = (1 - level) / 2
    low, high = (_mixture_quantile(spend, record, p, codes, q) for q in (tail, 1 - tail))
    customers = pd.DataFrame({"segment": names.take(codes), "own": spent, "confidence": p, "headroom": expected})
    customers["headroom_low"], customers["headroom_high"] = np.minimum(low, expected), np.maximum(high, expected)
    customers = _with_shares(customers)
    table = _by_segment(spend, customers, record, codes, names, level)
    whole = _by_segment(spend, customers, record, codes, names, level, together=True).iloc[0].to_dict()
    customers.index = own.index if isinstance(own, pd.Series) else customers.index
    if segments is None:
        customers, table = customers.drop(columns="segment"), table.assign(segment="all")
    return Wallet(customers, table.sort_values("headroom", ascending=False, ignore_index=True), whole, level)


def _confidence(match_confidence: Any, given: np.ndarray) -> np.ndarray:
    there = ~np.isnan(given)
    if match_confidence is None:
        return there.astype(float)
    p = aligned_numbers(match_confidence, len(given), "match_confidence", "own", missing=True)
    check_rows(there & np.isnan(p), p, "match_confidence", "there where elsewhere is")
    return check_probabilities(np.where(there, p, 0.0), "match_confidence")


def _mixture_quantile(
    spend: ElsewhereSpend, record: np.ndarray, p: np.ndarray, codes: np.ndarray, q: float
) -> np.ndarray:
    """Give a quantile of: the record with probability p, else an amount of the segment."""
    less, at_most = spend.below(record, codes)
    before, after = (1 - p) * less, (1 - p) * at_most + p
    other = np.where(p < 1, 1 - p, 1.0)
    rest = spend.quantile(np.clip(np.where(q > after, q - p, q) / other, 0.0, 1.0), codes)
    return np.where((before < q) & (q <= after) & (p > 0), record, rest)


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the shares; the more is spent elsewhere, the smaller they are."""
    for name, other in (("share", "headroom"), ("share_low", "headroom_high"), ("share_high", "headroom_low")):
        wallet = rows["own"] + rows[other]
        rows[name] = rows["own"] / wallet.where(wallet > 0)
    return rows


def _by_segment(
    spend: ElsewhereSpend,
    customers: pd.DataFrame,
    record: np.ndarray,
    codes: np.ndarray,
    names: pd.Index,
    level: float,
    together: bool = False,
) -> pd.DataFrame:
    """Sum up each segment, or all of them."""
    from scipy.stats import norm

    k, p, expected = len(names), customers["confidence"].to_numpy(), customers["headroom"].to_numpy()
    one = p * (record - expected) ** 2 + (1 - p) * (spend.variance[codes] + (spend.mean[codes] - expected) ** 2)
    # What is not known of the mean of a segment is shared by all its customers without a record.
    shared = (np.bincount(codes, 1 - p, k) * spend.mean_error) ** 2
    columns = {
        "n": np.bincount(codes, minlength=k),
        "known": np.bincount(codes, p > 0, k).astype(np.int64),
        "coverage": np.bincount(codes, p, k),
        "own": sums(codes, whole_cents(customers["own"].to_numpy(), "own"), k),
        "headroom": np.bincount(codes, expected, k),
        "variance": np.bincount(codes, one, k) + shared,
    }
    table = pd.DataFrame(columns)
    if together:
        table = table.sum().to_frame().T.astype({"n": int, "known": int, "own": np.int64})
    table.insert(0, "segment", ["all"] if together else names)
    table["coverage"] /= table["n"]
    table["own"] = money(table["own"].to_numpy())
    half = norm.ppf((1 + level) / 2) * np.sqrt(table.pop("variance"))
    table["headroom_low"], table["headroom_high"] = (table["headroom"] - half).clip(lower=0), table["headroom"] + half
    return _with_shares(table)
