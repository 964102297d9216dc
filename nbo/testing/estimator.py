"""What an off-policy estimator owes: the logging policy is worth what it earned, another one what it would have."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.evaluation import Estimate, evaluate
from nbo.evaluation.estimators import ESTIMATORS
from nbo.testing.owed import owed, refused, unchanged

__all__ = ["check_estimator"]

_N = 6_000
_OFFERS = ["card", "loan", "no_offer"]
_LOGGING = np.array([0.5, 0.3, 0.2])
_TARGET = np.array([0.2, 0.6, 0.2])
_ACCEPTANCE = np.array([0.1, 0.3, 0.0])


def check_estimator(estimator: str) -> None:
    """Check all that an off-policy estimator owes.

    The logging policy's own value is the mean reward, and within a standard error of it where a
    model of rewards is fitted. The value of another policy is within 4
    standard errors of the truth, which is planted here. All numbers of a result are finite,
    the interval holds the value, and the order of the rows does not matter.

    Parameters
    ----------
    estimator : str
        A name that :func:`nbo.evaluate` knows.

    Raises
    ------
    AssertionError
        Says what the estimator owes, and what was seen.

    Examples
    --------
    >>> check_estimator("ips")
    """
    feedback = _logged()
    with unchanged(estimator, feedback=feedback):
        own = evaluate(_rows(_LOGGING), feedback, estimator=estimator, offers=_OFFERS)
        other = evaluate(_rows(_TARGET), feedback, estimator=estimator, offers=_OFFERS)
    mean = feedback[c.REWARD].mean()
    allowed = 1e-9 * mean if estimator in ESTIMATORS else own.standard_error
    owed(
        abs(own.value - mean) <= allowed,
        f"{estimator} must value the logging policy at its mean reward, {mean}; it says {own.value}",
    )
    for estimate in (own, other):
        _check_result(estimator, estimate)
    truth = float(_TARGET @ _ACCEPTANCE)
    owed(
        abs(other.value - truth) <= 4 * other.standard_error,
        f"{estimator} must be within 4 standard errors of the true value {truth}; it says {other.value} "
        f"with the standard error {other.standard_error}",
    )
    moved = feedback.sample(frac=1.0, random_state=0)
    shuffled = evaluate(_rows(_TARGET), moved, estimator=estimator, offers=_OFFERS)
    owed(
        math.isclose(shuffled.value, other.value, rel_tol=1e-9),
        f"{estimator} must not depend on the order of the rows; it says {other.value} and {shuffled.value}",
    )
    _check_edges(estimator, feedback)


def _logged() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    taken = rng.choice(len(_OFFERS), size=_N, p=_LOGGING)
    return pd.DataFrame(
        {
            c.DECISION_ID: [f"decision {number}" for number in range(_N)],
            c.OFFER_ID: pd.array(np.array(_OFFERS, dtype=object)[taken], dtype="str"),
            c.SEGMENT: "all",
            c.ACTION_PROBABILITY: _LOGGING[taken],
            c.REWARD: (rng.random(_N) < _ACCEPTANCE[taken]).astype(float),
        }
    )


def _rows(probabilities: np.ndarray, n: int = _N) -> np.ndarray:
    return np.tile(probabilities, (n, 1))


def _check_result(name: str, estimate: Estimate) -> None:
    owed(isinstance(estimate, Estimate), f"{name} must give an Estimate; gave {type(estimate).__name__}")
    for field in dataclasses.fields(estimate):
        value = getattr(estimate, field.name)
        if isinstance(value, int | float):
            owed(
                math.isfinite(value),
                f"{name} must give finite numbers where the log has many rows; {field.name} is {value}",
            )
    inside = estimate.low <= estimate.value <= estimate.high
    owed(inside, f"{name}'s interval must hold its value {estimate.value}; it is {estimate.low} to {estimate.high}")
    owed(estimate.n == _N, f"{name} must count {_N} logged decisions; it counts {estimate.n}")
    owed(estimate.standard_error > 0, f"{name} must not be certain of a value estimated from {_N} rows")
    owed(
        0 < estimate.effective_sample_size <= _N * (1 + 1e-9),
        f"{name}'s effective sample size must be in (0, {_N}]; it is {estimate.effective_sample_size}",
    )


def _check_edges(name: str, feedback: pd.DataFrame) -> None:
    nothing = evaluate(_rows(_TARGET), feedback.assign(**{c.REWARD: 0.0}), estimator=name, offers=_OFFERS)
    owed(nothing.value == 0, f"{name} must say 0 where nothing was ever accepted; it says {nothing.value}")
    one = evaluate(_rows(_LOGGING, 1), feedback.iloc[:1], estimator=name, offers=_OFFERS)
    owed(math.isfinite(one.value), f"{name} must give a value for one decision; it gave {one.value}")
    with refused(name, "feedback without rows"):
        evaluate(_rows(_TARGET, 0), feedback.iloc[:0], estimator=name, offers=_OFFERS)
    with refused(name, "an action probability of 0", c.ACTION_PROBABILITY):
        evaluate(_rows(_TARGET), feedback.assign(**{c.ACTION_PROBABILITY: 0.0}), estimator=name, offers=_OFFERS)
