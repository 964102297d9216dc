"""How long customers with a contract stay."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_frame, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.models.btyd.collapsed import Collapsed, collapse
from nbo.models.btyd.discounting import PERIODS_PER_YEAR, force_of_interest
from nbo.models.btyd.histories import take_columns, weighted
from nbo.models.btyd.likelihood_model import LikelihoodModel
from nbo.models.btyd.special import log_rising
from nbo.numbers import check_number

__all__ = ["ShiftedBetaGeometric"]


class ShiftedBetaGeometric(LikelihoodModel):
    """Model how many periods customers with a contract stay: the shifted beta-geometric model.

    At the end of each period a customer ends the contract with a constant probability, beta distributed over
    the customers [1]_. Those likely to leave do so early, so the retention rate of those who stay
    rises with time. A row of `X` is a customer, or a group with `sample_weight`: ``periods`` is how many were begun,
    1 or more, and ``churned`` whether the contract ended with the last of them (1) or goes on (0).

    Parameters
    ----------
    unit : {"D", "W", "M", "Q", "Y"}, default="Y"
        Length of a period. Only the annual discount rate needs it.
    penalty : float, default=0.0
        Half of it times the squared logs of the parameters is taken off the log-likelihood.

    Attributes
    ----------
    params_ : dict of str to float
        ``alpha`` and ``beta`` of the beta distribution; all else as for :class:`BGNBD`.

    References
    ----------
    .. [1] Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of
       Interactive Marketing 21(1).

    Examples
    --------
    >>> model = ShiftedBetaGeometric().fit_survivors([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> model.survival([1, 7, 12]).round(3)
    array([0.851, 0.489, 0.378])
    """

    _names: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def __init__(self, unit: str = "Y", penalty: float = 0.0) -> None:
        self.unit = unit
        self.penalty = penalty

    def fit_survivors(self, survivors: Any) -> ShiftedBetaGeometric:
        """Fit to one cohort of customers.

        Parameters
        ----------
        survivors : array-like of shape (periods + 1,)
            How many there were at the start, and how many were left after each period.

        Returns
        -------
        ShiftedBetaGeometric
            Itself.

        Raises
        ------
        InputError
            If there are fewer than two numbers, one is below 0, or they rise.
        """
        counts = check_numbers(survivors, "survivors")
        if len(counts) < 2:
            raise InputError(f"survivors must have 2 or more numbers; got {len(counts)}.")
        check_rows(~(np.isfinite(counts) & (counts >= 0)), counts, "survivors", "finite and 0 or more")
        check_rows(np.diff(counts, prepend=np.inf) > 0, counts, "survivors", "at most those of the period before")
        # Who is left has begun one period more.
        periods = np.arange(1, len(counts) + 1)
        frame = pd.DataFrame({"periods": periods, "churned": periods < len(counts)})
        return self.fit(frame, sample_weight=[*-np.diff(counts), counts[-1]])

    def survival(self, t: Any) -> np.ndarray:
        """Give the share of customers who are left after so many periods.

        Parameters
        ----------
        t : array-like of int, shape (n,)
            0 or more.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].

        Raises
        ------
        InputError
            If one is not a whole number, 0 or more.
        """
        check_is_fitted(self)
        return np.exp(self._log_survival(list(self.params_.values()), _whole(t, "t")))

    def retention_rate(self, t: Any) -> np.ndarray:
        """Give the share of those who began a period that renew at its end.

        Parameters
        ----------
        t : array-like of int, shape (n,)
            Number of the period, 1 or more.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1]; it rises with the period.

        Raises
        ------
        InputError
            If one is not a whole number, 1 or more.
        """
        check_is_fitted(self)
        alpha, beta = self.params_.values()
        lived = beta + _whole(t, "t", least=1) - 1
        return np.asarray(lived / (alpha + lived))

    def probability_alive(self, X: Any) -> np.ndarray:
        """Give whether contracts go on: 0 or 1, since the end of a contract is seen.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            As for :meth:`fit`.

        Returns
        -------
        ndarray of shape (n,)
        """
        check_is_fitted(self)
        return 1.0 - _contracts(check_frame(X, "X"))["churned"]

    def expected_periods(self, X: Any, t: int) -> np.ndarray:
        """Give how many of the next periods customers will be there, after the one that they are in.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            As for :meth:`fit`; who has churned gets 0.
        t : int
            How many periods to look ahead, 0 or more.

        Returns
        -------
        ndarray of shape (n,)
            In [0, t].

        Raises
        ------
        InputError
            If a row or `t` is not allowed.
        """
        check_number(t, "t", "a whole number, 0 or more", lambda value: value >= 0, whole=True)
        return self._renewals(X, float(t), 0.0)

    def discounted_periods(self, X: Any, horizon: int | None = None, discount_rate: float = 0.1) -> np.ndarray:
        """Give the expected periods to come, each worth less the later it begins.

        Without a horizon this is the discounted expected residual lifetime, in periods.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            As for :meth:`fit`; who has churned gets 0.
        horizon : int, optional
            How many periods to look ahead; by default all.
        discount_rate : float, default=0.1
            Per year, effective; above 0 where there is no horizon.

        Returns
        -------
        ndarray of shape (n,)

        Raises
        ------
        InputError
            If a row or an argument is not allowed.
        """
        force = force_of_interest(discount_rate, check_one_of(self.unit, tuple(PERIODS_PER_YEAR), "unit"))
        if horizon is None and force <= 0:
            raise InputError("discount_rate must be above 0 for a lifetime; the sum has no end without.")
        if horizon is not None:
            check_number(horizon, "horizon", "a whole number, 0 or more", lambda value: value >= 0, whole=True)
        return self._renewals(X, np.inf if horizon is None else float(horizon), force)

    def _renewals(self, X: Any, end: float, force: float) -> np.ndarray:
        check_is_fitted(self)
        rows = collapse(_contracts(check_frame(X, "X")))
        alpha, beta = self.params_.values()
        total, worth, period = np.zeros(len(rows)), 1.0 - rows["churned"], 0
        while period < end and worth.max(initial=0.0) > 1e-16:
            lived = beta + rows["periods"] - 1 + period
            worth = worth * lived / (alpha + lived) * np.exp(-force)
            total += worth
            period += 1
        return total[rows.inverse]

    def _rows(self, frame: pd.DataFrame, sample_weight: Any) -> Collapsed:
        return weighted(_contracts(frame), sample_weight)

    def _check_informative(self, rows: Collapsed) -> None:
        ended = rows.total("churned")
        if not ended > 0:
            raise InputError(
                "churned must be 1 in some row; no contract has ended, so nothing tells how long they last."
            )

    def _terms(self, values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
        alpha, beta = values
        churned = rows["churned"]
        # Each period but the last one begun was followed by a renewal.
        stayed = rows["periods"] - 1
        (up, by_beta), (down, by_both) = log_rising(beta, stayed), log_rising(alpha + beta, stayed + churned)
        value = up - down + churned * np.log(alpha)
        return value, [churned - alpha * by_both, beta * (by_beta - by_both)]

    def _starts(self, rows: Collapsed) -> list[np.ndarray]:
        guesses = [(1.0, 3.0), (0.3, 0.5), (5.0, 50.0), (20.0, 10.0), (0.1, 3.0)]
        return [np.array(guess) for guess in guesses]

    @staticmethod
    def _log_survival(values: list[float], t: np.ndarray) -> np.ndarray:
        alpha, beta = values
        return log_rising(beta, t)[0] - log_rising(alpha + beta, t)[0]


def _contracts(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    columns = take_columns(frame, ["periods", "churned"])
    _whole(columns["periods"], "periods", least=1)
    check_rows(~np.isin(columns["churned"], (0, 1)), columns["churned"], "churned", "0 or 1")
    return columns


def _whole(values: Any, what: str, least: int = 0) -> np.ndarray:
    numbers = check_numbers(np.atleast_1d(np.asarray(values)), what)
    check_rows(~((numbers >= least) & (numbers % 1 == 0)), numbers, what, f"a whole number, {least} or more")
    return numbers
