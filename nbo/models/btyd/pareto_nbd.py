"""Purchases until a customer lapses at some moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.pareto_likelihood import log_likelihood, share_alive
from nbo.models.btyd.purchase_draws import DrawnPurchases

__all__ = ["ParetoNBD"]


class ParetoNBD(DrawnPurchases):
    """Model purchases that end with a lapse at some moment: the Pareto/NBD model.

    While alive, a customer buys at random at a constant rate, and lapses at another constant rate, whether
    buying or not [1]_ [2]_. Both rates are gamma distributed over the customers.

    Parameters
    ----------
    unit : {"D", "W", "M", "Q", "Y"}, default="W"
        Unit of recency and T. Only the annual discount rate needs it.
    covariates : sequence of str, optional
        Columns of numbers that do not change over time. Coefficients ``purchase__<column>`` and
        ``dropout__<column>`` multiply the rates of purchases and of lapse by their exponential for each
        unit of the column.
    penalty : float, default=0.0
        As for :class:`BGNBD`.

    Attributes
    ----------
    params_ : dict of str to float
        ``r`` and ``alpha`` (shape and rate of the gamma distribution of the purchase rate), ``s`` and
        ``beta`` (of the rate of lapse), and the coefficients; all else as for :class:`BGNBD`.

    References
    ----------
    .. [1] Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who
       are they and what will they do next? Management Science 33(1).
    .. [2] Fader, P. S. and Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model and related
       expressions.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"frequency": [0, 2, 1, 0, 5, 3], "recency": [0, 30, 2, 0, 36, 12]})
    >>> X["T"] = [39, 39, 38, 3, 38, 30]
    >>> model = ParetoNBD(penalty=1.0).fit(X)
    >>> model.probability_alive(X).round(2)
    array([0.24, 0.85, 0.19, 0.92, 0.97, 0.48])
    """

    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    _scales: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    _effects = {"purchase": ("alpha", -1), "dropout": ("beta", -1)}

    def __init__(self, unit: str = "W", covariates: Sequence[str] | None = None, penalty: float = 0.0) -> None:
        self.unit = unit
        self.covariates = covariates
        self.penalty = penalty

    def _terms(self, values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
        return log_likelihood(values, rows)

    def _starts(self, rows: Collapsed) -> list[np.ndarray]:
        time = rows.total("T") / rows.total("frequency")
        life = rows.total("T") / rows.weight.sum()
        guesses = [
            (0.5, 0.6, 0.4),
            (0.2, 0.2, 0.05),
            (3.0, 2.0, 2.0),
            (1.0, 20.0, 20.0),
            (30.0, 0.5, 1.0),
            (1.0, 0.1, 5.0),
        ]
        return [np.array([r, r * time / 2, s, beta * life]) for r, s, beta in guesses]

    def _alive(self, values: list[Any], rows: Collapsed) -> np.ndarray:
        with np.errstate(all="ignore"):
            return share_alive(values, rows)

    def _if_alive(self, values: list[Any], rows: Collapsed, t: Any) -> np.ndarray:
        r, alpha, s, beta = values
        past = beta + rows["T"]
        longer = np.log1p(t / past)
        # The mean time alive within t; s = 1 is a removable singularity.
        order = np.where(np.abs(s - 1) < 1e-9, 1e-9, s - 1)
        return np.asarray((r + rows["frequency"]) / (alpha + rows["T"]) * past * -np.expm1(-order * longer) / order)

    def _time_scale(self, values: list[Any], rows: Collapsed) -> Any:
        return values[3] + rows["T"]

    def _draw_future(self, values: list[Any], rows: Collapsed, draws: int, rng: np.random.Generator) -> np.ndarray:
        r, alpha, s, beta = (np.broadcast_to(value, (len(rows),))[:, None] for value in values)
        x, length, t = (rows[name][:, None] for name in ("frequency", "T", "t"))
        shape = (len(rows), draws)
        rate = rng.standard_gamma(r + x, shape) / (alpha + length)
        life = _exponential(rng.standard_gamma(s, shape) / (beta + length), rng)
        return rng.poisson(rate * np.minimum(life, t))

    def _draw_histories(
        self, values: list[np.ndarray], length: np.ndarray, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        r, alpha, s, beta = values
        rate, lapse = rng.standard_gamma(r) / alpha, rng.standard_gamma(s) / beta
        life = _exponential(lapse, rng)
        seen = np.minimum(life, length)
        bought = rng.poisson(rate * seen)
        # The last of so many uniform times.
        last = seen * rng.random(len(length)) ** (1 / np.maximum(bought, 1))
        recency = np.where(bought > 0, last, 0.0)
        # Of a life that is over at once, nothing is left to see.
        bought = np.where(recency > 0, bought, 0)
        return {
            "frequency": bought,
            "recency": recency,
            "alive": life > length,
            "purchase_rate": rate,
            "lapse_rate": lapse,
        }


def _exponential(rate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw times to an event; infinite where the rate is 0."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(rng.standard_exponential(rate.shape) / rate)
