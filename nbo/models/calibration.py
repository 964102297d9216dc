"""Calibration: raw scores of a model to probabilities that come true."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from nbo.errors import InputError
from nbo.models.isotonic import fit_isotonic, isotonic_probability
from nbo.models.logistic import log_sides, logistic_regression, sigmoid
from nbo.models.venn_abers import fit_venn_abers, venn_abers_interval

__all__ = [
    "CALIBRATION_METHODS",
    "Calibration",
    "CalibrationMethod",
    "fit_beta",
    "fit_calibration",
    "fit_shift",
    "fit_sigmoid",
    "sigmoid",
]

logger = logging.getLogger(__name__)

CalibrationMethod = Literal["beta", "sigmoid", "isotonic", "venn_abers", "shift", "none"]
CALIBRATION_METHODS = get_args(CalibrationMethod)

# Below so many rows the third parameter of beta calibration costs more than it gives.
_BETA_ROWS = 2000


@dataclass(frozen=True)
class Calibration:
    """An increasing map from raw scores to probabilities.

    With p = 1 / (1 + exp(-score)) the log-odds become a ln(p) - b ln(1 - p) + c [1]_. With
    a = b it is sigmoid calibration of the log-odds, with a = b = 1 only a shift. These rise
    strictly; isotonic and Venn-Abers calibration are steps, which tie some scores.

    Parameters
    ----------
    a, b : float, default=1
        Slopes at the low and at the high end; neither is negative, not both are zero.
    c : float, default=0
        Shift of the log-odds.
    method : {"beta", "sigmoid", "isotonic", "venn_abers", "shift", "none"}, default="none"
        How it was fitted.
    steps : dict of str to list of float, optional
        Of isotonic and Venn-Abers calibration; `a` and `b` have no say then.

    References
    ----------
    .. [1] Kull, M., Silva Filho, T. and Flach, P. (2017). Beta calibration: a well-founded and
       easily implemented improvement on logistic calibration for binary classifiers. AISTATS.

    Examples
    --------
    >>> Calibration().probability(np.array([0.0]))
    array([0.5])
    """

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0
    method: CalibrationMethod = "none"
    steps: dict[str, list[float]] | None = None

    def logit(self, score: np.ndarray) -> np.ndarray:
        """Give the calibrated log-odds.

        Parameters
        ----------
        score : ndarray of shape (n,)
            Raw scores, log-odds.

        Returns
        -------
        ndarray of shape (n,)
        """
        if self.method == "none":
            return score
        if self.method == "venn_abers":
            # Between p0 and p1 lies p1 / (1 - p0 + p1), which regrets least whichever label comes.
            low, high = venn_abers_interval(self.steps or {}, score).T
            return np.log(high) - np.log1p(-low) + self.c
        if self.steps is not None:
            p = isotonic_probability(self.steps, score)
            return np.log(p) - np.log1p(-p) + self.c
        log_p, minus_log_q = log_sides(score).T
        return self.a * log_p + self.b * minus_log_q + self.c

    def interval_logit(self, score: np.ndarray) -> np.ndarray:
        """Give the log-odds of p0 and p1 of Venn-Abers calibration.

        Parameters
        ----------
        score : ndarray of shape (n,)
            Raw scores, log-odds.

        Returns
        -------
        ndarray of shape (n, 2)
            The first may be -inf, the second inf.

        Raises
        ------
        InputError
            If it is another calibration.
        """
        if self.method != "venn_abers":
            raise InputError(f"only the calibration 'venn_abers' gives an interval; this one is {self.method!r}.")
        interval = venn_abers_interval(self.steps or {}, score)
        with np.errstate(divide="ignore"):
            return np.log(interval) - np.log1p(-interval) + self.c

    def probability(self, score: np.ndarray) -> np.ndarray:
        """Give the calibrated probabilities.

        Parameters
        ----------
        score : ndarray of shape (n,)
            Raw scores, log-odds.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].
        """
        return sigmoid(self.logit(score))

    def at_level_of(self, score: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Calibration:
        """Keep the slopes and move the level to that of some rows.

        Parameters
        ----------
        score, y, weight : ndarray of shape (n,)
            As for :func:`fit_calibration`; the mean probability of the rows becomes their rate.

        Returns
        -------
        Calibration
        """
        if self.method == "none":
            return self
        return replace(self, c=self.c + fit_shift(self.logit(score), y, weight).c)

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values; ``Calibration(**state)`` is the same again.

        Returns
        -------
        dict
        """
        return asdict(self)


def fit_calibration(
    score: np.ndarray,
    y: np.ndarray,
    method: CalibrationMethod = "beta",
    weight: np.ndarray | None = None,
) -> Calibration:
    """Fit a calibration, and fall back to a simpler one where the data don't carry it.

    Beta calibration needs 2,000 rows and two slopes that are not negative, else it is sigmoid;
    sigmoid needs a positive slope, else it is only a shift. These never change the
    ranking.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Raw scores, log-odds, of rows that the model was not trained on.
    y : ndarray of shape (n,)
        1 where it came true, else 0; both are there.
    method : {"beta", "sigmoid", "isotonic", "venn_abers", "shift", "none"}, default="beta"
        The richest one to try.
    weight : ndarray of shape (n,), optional
        Weight of each row.

    Returns
    -------
    Calibration

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> score = rng.normal(size=4000)
    >>> y = (rng.random(4000) < 1 / (1 + np.exp(-score / 2))).astype(float)   # scores twice too steep
    >>> round(fit_calibration(score, y, "sigmoid").a, 1)
    0.5
    """
    if method == "none":
        return Calibration()
    if method == "isotonic":
        return Calibration(method=method, steps=fit_isotonic(score, y, weight))
    if method == "venn_abers":
        return Calibration(method=method, steps=fit_venn_abers(score, y, weight))
    if method == "beta" and len(y) >= _BETA_ROWS:
        beta = fit_beta(score, y, weight)
        if min(beta.a, beta.b) >= 0 and max(beta.a, beta.b) > 0:
            return beta
    if method in ("beta", "sigmoid"):
        steep = fit_sigmoid(score, y, weight)
        if steep.a > 0:
            return steep
        logger.warning("the scores don't rank the calibration rows; only their level is calibrated")
    return fit_shift(score, y, weight)


def fit_beta(score: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Calibration:
    """Fit beta calibration: a logistic regression on ln(p) and -ln(1 - p).

    Parameters
    ----------
    score, y, weight : ndarray of shape (n,)
        See :func:`fit_calibration`.

    Returns
    -------
    Calibration
        The slopes may be negative here.
    """
    a, b, c = logistic_regression(log_sides(score), y, weight)
    return Calibration(a, b, c, "beta")


def fit_sigmoid(score: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Calibration:
    """Fit sigmoid calibration: a logistic regression on the log-odds.

    The labels are drawn in a little, as if one more row of each kind had been seen [1]_, so
    that scores which split the rows perfectly get a finite slope.

    Parameters
    ----------
    score, y, weight : ndarray of shape (n,)
        See :func:`fit_calibration`.

    Returns
    -------
    Calibration
        The slope may be negative here.

    References
    ----------
    .. [1] Platt, J. (1999). Probabilistic outputs for support vector machines. Advances in
       Large Margin Classifiers.
    """
    positive = float(y.sum())
    negative = len(y) - positive
    target = np.where(y > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
    slope, shift = logistic_regression(score[:, None], target, weight)
    return Calibration(slope, slope, shift, "sigmoid")


def fit_shift(score: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Calibration:
    """Fit the level only: the slopes stay 1.

    Parameters
    ----------
    score, y, weight : ndarray of shape (n,)
        See :func:`fit_calibration`.

    Returns
    -------
    Calibration
    """
    (shift,) = logistic_regression(np.empty((len(y), 0)), y, weight, offset=score)
    return Calibration(c=shift, method="shift")
