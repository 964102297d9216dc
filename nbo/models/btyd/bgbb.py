"""Purchases or none in each of some periods, until a customer drops out."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nbo.errors import InputError
from nbo.models.btyd.beta_geometric import dropout_draws
from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.purchase_draws import DrawnPurchases
from nbo.models.btyd.special import log_rising

__all__ = ["BGBB"]


class BGBB(DrawnPurchases):
    """Model purchases or none in each period, until a dropout: the BG/BB model.

    For donations, events, seasons, subscriptions of single issues: in each period a customer
    who is alive buys with a constant probability, and drops out before the next with another [1]_. Both
    are beta distributed over the customers. Frequency counts periods with a purchase, recency is the
    last of them, and `periods` how many were observed after the first purchase.

    Parameters
    ----------
    unit : {"D", "W", "M", "Q", "Y"}, default="Y"
        Length of a period. Only the annual discount rate needs it.
    penalty : float, default=0.0
        Half of it times the squared logs of the parameters is taken off the log-likelihood.

    Attributes
    ----------
    params_ : dict of str to float
        ``alpha`` and ``beta`` (beta distribution of the purchase probability), ``gamma`` and ``delta`` (of the
        dropout probability); all else as for :class:`BGNBD`.

    References
    ----------
    .. [1] Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a discrete-time
       noncontractual setting. Marketing Science 29(6).

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"frequency": [0, 1, 2, 4, 6], "recency": [0, 2, 6, 5, 6], "periods": [6, 6, 6, 6, 6]})
    >>> model = BGBB(penalty=1.0).fit(X)
    >>> model.expected_purchases(X, t=2).round(2)
    array([0.05, 0.19, 0.72, 0.98, 1.65])
    """

    _names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    _end: ClassVar[str] = "periods"
    _whole: ClassVar[bool] = True

    def __init__(self, unit: str = "Y", penalty: float = 0.0) -> None:
        self.unit = unit
        self.penalty = penalty

    def _terms(self, values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
        """Sum over the periods after which a customer may have dropped out, the last being none of them."""
        alpha, beta, gamma, delta = values
        first, row, seen = _lives(rows)
        x = rows["frequency"].astype(np.int64)[row]
        counts = np.arange(int(rows["periods"].max(initial=0)) + 2)
        tables = [log_rising(shape, counts) for shape in (alpha, beta, alpha + beta, delta, gamma + delta)]
        (up_a, by_a), (up_b, by_b), (up_ab, by_ab), (up_d, by_d), (up_gd, by_gd) = tables
        gone = (seen < rows["periods"][row]).astype(np.int64)
        term = up_a[x] + up_b[seen - x] - up_ab[seen] + up_d[seen] - up_gd[seen + gone] + gone * np.log(gamma)
        highest = np.maximum.reduceat(term, first)
        share = np.exp(term - highest[row])
        total = np.add.reduceat(share, first)
        share /= total[row]
        slopes = [
            alpha * (by_a[x] - by_ab[seen]),
            beta * (by_b[seen - x] - by_ab[seen]),
            gone - gamma * by_gd[seen + gone],
            delta * (by_d[seen] - by_gd[seen + gone]),
        ]
        return highest + np.log(total), [np.add.reduceat(share * slope, first) for slope in slopes]

    def _starts(self, rows: Collapsed) -> list[np.ndarray]:
        guesses = [
            (1, 1, 0.6, 2.5),
            (0.1, 0.05, 1, 20),
            (1, 0.1, 0.05, 0.1),
            (0.3, 0.3, 0.2, 0.6),
            (5, 10, 2, 20),
            (1, 3, 20, 20),
            (20, 5, 0.1, 3),
            (0.2, 2, 5, 2),
        ]
        return [np.array(guess, dtype=float) for guess in guesses]

    def _doubtful(self, theta: np.ndarray) -> bool:
        # Who never bought again may never buy, or have left at once.
        return bool((theta < np.log(0.2)).any())

    def _alive(self, values: list[Any], rows: Collapsed) -> np.ndarray:
        alpha, beta, gamma, delta = values
        x, n = rows["frequency"], rows["periods"]
        value = self._terms(values, rows)[0]
        alive = log_rising(alpha, x)[0] + log_rising(beta, n - x)[0] - log_rising(alpha + beta, n)[0]
        alive += log_rising(delta, n)[0] - log_rising(gamma + delta, n)[0]
        return np.exp(np.minimum(alive - value, 0.0))

    def _if_alive(self, values: list[Any], rows: Collapsed, t: Any) -> np.ndarray:
        times = np.broadcast_to(np.asarray(t, dtype=float), (len(rows),))
        total, survived = np.zeros(len(rows)), np.ones(len(rows))
        for period in range(int(times.max(initial=0))):
            survived = survived * self._survival(values, rows, period)
            total += np.where(period < times, survived, 0.0)
        return self._probability(values, rows) * total

    def _discounted_if_alive(
        self, values: list[Any], rows: Collapsed, end: float, force: float, step: float | None
    ) -> np.ndarray:
        if step not in (None, 1):
            raise InputError(f"step must be 1, or left out: purchases come in whole periods; got {step!r}.")
        if not np.isfinite(end) and force <= 0:
            raise InputError("discount_rate must be above 0 for a lifetime; the sum has no end without.")
        total, worth = np.zeros(len(rows)), np.ones(len(rows))
        period = 0
        while period + 1 <= end and worth.max(initial=0.0) > 1e-16:
            worth = worth * self._survival(values, rows, period) * np.exp(-force)
            total += worth
            period += 1
        return self._probability(values, rows) * total

    def _probability(self, values: list[Any], rows: Collapsed) -> np.ndarray:
        """Give the mean probability to buy in a period."""
        return np.asarray((values[0] + rows["frequency"]) / (values[0] + values[1] + rows["periods"]))

    def _survival(self, values: list[Any], rows: Collapsed, period: int) -> np.ndarray:
        """Give the mean probability not to drop out after so many more periods."""
        lived = values[3] + rows["periods"] + period
        return np.asarray(lived / (values[2] + lived))

    def _draw_future(self, values: list[Any], rows: Collapsed, draws: int, rng: np.random.Generator) -> np.ndarray:
        alpha, beta, gamma, delta = values
        x, n, t = (rows[name][:, None] for name in ("frequency", "periods", "t"))
        shape = (len(rows), draws)
        last = dropout_draws(rng.beta(gamma, delta + n, shape), rng) - 1
        lived = np.minimum(last, t).astype(np.int64)
        return rng.binomial(lived, rng.beta(alpha + x, beta + n - x, shape))

    def _draw_histories(
        self, values: list[np.ndarray], length: np.ndarray, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        alpha, beta, gamma, delta = values
        p, dropout = rng.beta(alpha, beta), rng.beta(gamma, delta)
        last = dropout_draws(dropout, rng) - 1
        bought, recency = np.zeros(len(length)), np.zeros(len(length))
        for period in range(1, int(length.max(initial=0)) + 1):
            buys = (rng.random(len(length)) < p) & (period <= np.minimum(last, length))
            bought += buys
            recency = np.where(buys, period, recency)
        return {
            "frequency": bought,
            "recency": recency,
            "alive": last >= length,
            "purchase_probability": p,
            "dropout_probability": dropout,
        }


def _lives(rows: Collapsed) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List how many periods each customer may have lived: from the last purchase to all of them.

    Gives where each customer's list begins, and for each entry the customer and the periods.
    """
    spare = (rows["periods"] - rows["recency"]).astype(np.int64) + 1
    first = np.cumsum(spare) - spare
    row = np.repeat(np.arange(len(rows)), spare)
    seen = rows["recency"].astype(np.int64)[row] + np.arange(len(row)) - first[row]
    return first, row, seen
