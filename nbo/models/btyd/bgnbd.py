"""Purchases until a customer drops out after one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nbo.models.btyd.beta_geometric import dropout_draws, log_likelihood, odds_of_dropout
from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.hypergeometric import expected_until_dropout
from nbo.models.btyd.purchase_draws import DrawnPurchases

__all__ = ["BGNBD"]


class BGNBD(DrawnPurchases):
    """Model purchases that end with a dropout after some purchase: the BG/NBD model.

    While alive, a customer buys at random at a constant rate; after each repeat purchase the customer drops out with
    a constant probability [1]_. Rates are gamma distributed over the customers, dropout probabilities
    beta distributed. Who never bought again is alive for certain in this model; :class:`MBGNBD` lets
    customers drop out right after the first purchase too, which suits most bases better.

    Parameters
    ----------
    unit : {"D", "W", "M", "Q", "Y"}, default="W"
        Unit of recency and T. Only the annual discount rate needs it.
    covariates : sequence of str, optional
        Columns of numbers that do not change over time. A coefficient ``purchase__<column>`` multiplies the rate
        of purchases by its exponential for each unit of the column, and ``dropout__<column>`` the odds of the mean
        dropout probability, `a` to `b`.
    penalty : float, default=0.0
        Half of it times the squared logs of the parameters is taken off the log-likelihood (alpha in
        units of the mean T; coefficients per standard deviation).

    Attributes
    ----------
    params_ : dict of str to float
        ``r`` and ``alpha`` (shape and rate of the gamma distribution; alpha in units of time), ``a`` and
        ``b`` (beta distribution), and the coefficients.
    log_likelihood_ : float
        Of the given histories in their own time unit, without the penalty.
    standard_errors_ : dict of str to float
        From the curvature at the maximum; NaN where the data do not tell.
    covariance_ : DataFrame
        Of the parameters.
    converged_ : bool
        Always True: a fit that ends elsewhere is an error.
    flags_ : tuple of str
        ``"ridge"`` if the data do not tell a combination of parameters, ``"boundary"`` if one lies at the
        edge of what is allowed. Each is logged as a warning.
    gradient_norm_ : float
        Largest slope of the log-likelihood left, by the log of a parameter.
    n_customers_ : float
        Sum of the weights.

    References
    ----------
    .. [1] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers"
       the easy way: an alternative to the Pareto/NBD model. Marketing Science 24(2).

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"frequency": [0, 2, 1, 0, 5, 3], "recency": [0, 30, 2, 0, 36, 12]})
    >>> X["T"] = [39, 39, 38, 37, 38, 30]
    >>> model = BGNBD(penalty=1.0).fit(X)
    >>> model.probability_alive(X).round(2)
    array([1.  , 0.71, 0.22, 1.  , 0.88, 0.47])
    >>> model.expected_purchases(X, t=13).round(2)
    array([0.27, 0.48, 0.11, 0.28, 1.15, 0.48])
    """

    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    _scales: ClassVar[tuple[str, ...]] = ("alpha",)
    _effects = {"purchase": ("alpha", -1), "dropout": ("a", 1)}
    # 1 if a customer may drop out right after the first purchase.
    _early: ClassVar[int] = 0

    def __init__(self, unit: str = "W", covariates: Sequence[str] | None = None, penalty: float = 0.0) -> None:
        self.unit = unit
        self.covariates = covariates
        self.penalty = penalty

    def _terms(self, values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
        return log_likelihood(values, rows, self._early)

    def _starts(self, rows: Collapsed) -> list[np.ndarray]:
        time = rows.total("T") / rows.total("frequency")
        guesses = [
            (0.5, 0.7, 2.5),
            (0.3, 1.0, 0.1),
            (0.2, 0.1, 0.3),
            (3.0, 2.0, 20.0),
            (1.0, 20.0, 20.0),
            (30.0, 0.5, 5.0),
            (1.0, 0.05, 5.0),
        ]
        # Observed rates are those of a life that may have ended: while alive, customers buy faster.
        return [np.array([r, r * time / 2, a, b]) for r, a, b in guesses]

    def _doubtful(self, theta: np.ndarray) -> bool:
        # Who never bought again may hardly ever buy, or have left at once. A small r is the former.
        return bool(theta[0] < np.log(0.2))

    def _alive(self, values: list[Any], rows: Collapsed) -> np.ndarray:
        with np.errstate(over="ignore"):
            return 1 / (1 + odds_of_dropout(values, rows, self._early))

    def _if_alive(self, values: list[Any], rows: Collapsed, t: Any) -> np.ndarray:
        r, alpha, a, b = values
        x = rows["frequency"]
        return expected_until_dropout(r + x, alpha + rows["T"], a, b + x + self._early, t)

    def _time_scale(self, values: list[Any], rows: Collapsed) -> Any:
        return values[1] + rows["T"]

    def _draw_future(self, values: list[Any], rows: Collapsed, draws: int, rng: np.random.Generator) -> np.ndarray:
        r, alpha, a, b = (np.broadcast_to(value, (len(rows),))[:, None] for value in values)
        x, length, t = (rows[name][:, None] for name in ("frequency", "T", "t"))
        shape = (len(rows), draws)
        bought = rng.poisson(rng.standard_gamma(r + x, shape) / (alpha + length) * t)
        last = dropout_draws(rng.beta(a, b + x + self._early, shape), rng)
        return np.minimum(bought, last).astype(np.int64)

    def _draw_histories(
        self, values: list[np.ndarray], length: np.ndarray, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        r, alpha, a, b = values
        rate, p = rng.standard_gamma(r) / alpha, rng.beta(a, b)
        would, last = rng.poisson(rate * length), dropout_draws(p, rng) - self._early
        bought = np.minimum(would, last)
        # Given their number, purchases of a constant rate are uniform; this is the one of that rank.
        some = bought > 0
        share = np.zeros(len(length))
        share[some] = rng.beta(bought[some], (would - bought + 1)[some])
        return {
            "frequency": bought,
            "recency": share * length,
            "alive": would < last,
            "purchase_rate": rate,
            "dropout_probability": p,
        }
