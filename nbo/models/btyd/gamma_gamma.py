"""What a customer spends on a purchase."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.special import digamma, gammaln
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_frame, check_rows
from nbo.errors import InputError
from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.histories import take_columns, take_numbers, weighted
from nbo.models.btyd.likelihood_model import LikelihoodModel
from nbo.models.btyd.special import log_rising_at

__all__ = ["GammaGamma"]

logger = logging.getLogger(__name__)


class GammaGamma(LikelihoodModel):
    """Model the mean spend of a customer on a purchase: the gamma-gamma model.

    Spends vary around a customer's mean, and the means vary over the customers [1]_. What is expected of a
    customer lies between the own mean and that of all, the closer to the own the more purchases there are. Spend and
    frequency are taken to be independent; `correlation_` tells how far that is so.

    Parameters
    ----------
    include_first : bool, default=False
        Whether the first purchase counts too: the model then reads ``frequency + 1`` purchases with the mean
        ``monetary_all`` of :func:`purchase_summary`, and knows something of who never bought again.
    penalty : float, default=0.0
        Half of it times the squared logs of the parameters is taken off the log-likelihood (v in units
        of the mean spend).

    Attributes
    ----------
    params_ : dict of str to float
        ``p`` (shape of the spends of a customer), ``q`` and ``v`` (shape and rate of the gamma distribution of their
        rates; v in money).
    correlation_ : float
        Of the number of purchases and their mean spend, over the customers of the fit; NaN where one is constant.
    n_without_spend_ : float
        Customers whose purchases cost nothing; the fit leaves them out.
    log_likelihood_ : float
        Of the mean spends given, without the penalty.
    flags_ : tuple of str
        As for :class:`BGNBD`; ``"no_mean"`` if `q` is at most 1, where the mean spend of all is infinite.
    standard_errors_, covariance_, converged_, gradient_norm_, n_customers_
        As for :class:`BGNBD`.

    References
    ----------
    .. [1] Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary value.

    Examples
    --------
    >>> X = pd.DataFrame({"frequency": [1, 2, 4, 3, 0, 1], "monetary": [20.0, 35.0, 18.0, 60.0, np.nan, 31.0]})
    >>> model = GammaGamma(penalty=0.1).fit(X)
    >>> model.expected_spend(X).round(1)
    array([24.8, 34.8, 19.8, 56.2, 34. , 32. ])
    """

    _names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    _scales: ClassVar[tuple[str, ...]] = ("v",)

    correlation_: float
    n_without_spend_: float

    def __init__(self, include_first: bool = False, penalty: float = 0.0) -> None:
        self.include_first = include_first
        self.penalty = penalty

    def expected_spend(self, X: Any) -> np.ndarray:
        """Give the expected mean spend of customers on a purchase.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            The columns of :meth:`fit`. The spend of rows without a purchase is not read: they get the mean
            of all customers.

        Returns
        -------
        ndarray of shape (n,)
            Money.

        Raises
        ------
        InputError
            If a row is not allowed, or has no expected spend because it is infinite.
        """
        check_is_fitted(self)
        p, q, v = self.params_.values()
        count, spend = self._purchases(check_frame(X, "X"))
        known = p * count + q - 1
        check_rows(
            known <= 0,
            count,
            "frequency",
            f"above {(1 - q) / p:.3g}, as with q = {q:.3g} the mean spend of customers with fewer is infinite",
            "Cap the largest amounts before the fit, or set `penalty`.",
        )
        return np.asarray(p * (v + count * spend) / known)

    def _rows(self, frame: pd.DataFrame, sample_weight: Any) -> Collapsed:
        count, spend = self._purchases(frame)
        rows = weighted({"frequency": count, "spend": spend}, sample_weight)
        bought = rows["frequency"] > 0
        some = bought & (rows["spend"] > 0)
        if not some.any():
            raise InputError("no row has a purchase with a spend above 0, so nothing tells what customers spend.")
        self.n_without_spend_ = float(rows.weight[bought & ~some].sum())
        if self.n_without_spend_:
            logger.warning("GammaGamma leaves out %g customers whose purchases cost nothing", self.n_without_spend_)
        if not some.all():
            rows = rows.part(some)
        self.correlation_ = _correlation(rows)
        return rows

    def _purchases(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Give how many purchases count, and their mean spend; 0 where there are none."""
        name = "monetary_all" if self.include_first else "monetary"
        frequency = take_columns(frame, ["frequency"])["frequency"]
        check_rows(
            (frequency < 0) | (frequency != np.floor(frequency)), frequency, "frequency", "a whole number, 0 or more"
        )
        count = frequency + bool(self.include_first)
        spend = take_numbers(frame, name)
        wrong = ~(np.isfinite(spend) & (spend >= 0)) & (count > 0)
        check_rows(wrong, spend, name, "0 or more where there are purchases", "Leave out customers with losses.")
        return count, np.where(count > 0, spend, 0.0)

    def _terms(self, values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
        p, q, v = values
        x, spend = rows["frequency"], rows["spend"]
        levels, codes = rows.levels["frequency"], rows.codes["frequency"]
        total = x * spend
        # Shares of the spend seen, and of the spend that the parameters stand for.
        own, prior = np.log(total / (total + v)), np.log(v / (total + v))
        count, by_count = log_rising_at(q, p * levels, codes)
        by_sum = by_count + digamma(q)
        value = count - gammaln(p * levels)[codes] + p * x * own + q * prior - np.log(spend)
        by_p = p * x * (by_sum - digamma(p * levels)[codes] + own)
        by_q = q * (by_count + prior)
        by_v = (q * total - p * x * v) / (total + v)
        return value, [by_p, by_q, by_v]

    def _scale(self, rows: Collapsed) -> np.ndarray:
        return np.array([1.0, 1.0, rows.total("spend") / rows.weight.sum()])

    def _starts(self, rows: Collapsed) -> list[np.ndarray]:
        mean = rows.total("spend") / rows.weight.sum()
        guesses = [(4.0, 3.0), (1.0, 1.5), (20.0, 5.0), (2.0, 30.0), (0.5, 3.0), (100.0, 2.0)]
        return [np.array([p, q, mean * max(q - 1, 0.5) / p]) for p, q in guesses]

    def _own_flags(self) -> tuple[str, ...]:
        return ("no_mean",) if self.params_["q"] <= 1 else ()

    def _state(self) -> dict[str, Any]:
        correlation = self.correlation_ if np.isfinite(self.correlation_) else None
        return {"correlation": correlation, "n_without_spend": self.n_without_spend_}

    def _restore(self, state: dict[str, Any]) -> None:
        self.correlation_ = np.nan if state["correlation"] is None else state["correlation"]
        self.n_without_spend_ = state["n_without_spend"]


def _correlation(rows: Collapsed) -> float:
    center = [rows[name] - rows.total(name) / rows.weight.sum() for name in ("frequency", "spend")]
    spread = [float((rows.weight * values**2).sum()) for values in center]
    if min(spread) <= 0:
        return float("nan")
    return float((rows.weight * center[0] * center[1]).sum() / np.sqrt(spread[0] * spread[1]))
