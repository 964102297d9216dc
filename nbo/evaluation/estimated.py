"""From the terms of an estimator to an estimate, or to none where the log does not support one."""

from __future__ import annotations

import numpy as np

from nbo.errors import OverlapError
from nbo.evaluation.asked import Asked
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.intervals import INTERVALS
from nbo.evaluation.log import Log
from nbo.evaluation.overlap import Overlap
from nbo.evaluation.terms import Terms

__all__ = ["estimated"]


def estimated(name: str, log: Log, terms: Terms, asked: Asked) -> Estimate:
    """State a value with its interval and what it rests on.

    Parameters
    ----------
    name : str
        Of the estimator.
    log : Log
    terms : Terms
    asked : Asked

    Returns
    -------
    Estimate
        Without support value, error and interval are NaN, unless it was asked to report them.

    Raises
    ------
    OverlapError
        If there is no support, and it was asked to raise.
    """
    overlap = Overlap.of(log, terms.weights)
    reasons = asked.support.lacks(overlap)
    if reasons and asked.on_no_support == "raise":
        raise OverlapError(f"no verdict by {name}: {'; '.join(reasons)}.")
    value, error, low, high = _numbers(log, terms, asked, withheld=bool(reasons) and asked.on_no_support == "withhold")
    return Estimate(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        n=overlap.n,
        effective_sample_size=overlap.effective_sample_size,
        max_weight=overlap.max_weight,
        matched=overlap.matched,
        estimator=name,
        warnings=(*log.warnings, *terms.warnings, *_warnings(overlap, error, reasons, asked)),
        parameter=terms.parameter,
        mean_weight=overlap.mean_weight,
        uncovered=overlap.uncovered,
        unusable=overlap.unusable,
        reasons=reasons,
        level=asked.level,
        interval=asked.interval,
    )


def _warnings(overlap: Overlap, error: float, reasons: tuple[str, ...], asked: Asked) -> tuple[str, ...]:
    # What is refused needs no warnings of the same.
    found = () if reasons else asked.support.warnings(overlap)
    if error == 0 and asked.interval != "bernstein":
        found += ("all rewards that count are alike, so the interval knows no chance: interval='bernstein' does",)
    return found


def _numbers(log: Log, terms: Terms, asked: Asked, withheld: bool) -> tuple[float, float, float, float]:
    if withheld:
        return np.nan, np.nan, np.nan, np.nan
    if not terms.weights.any():
        return terms.value, np.nan, np.nan, np.nan
    return terms.value, terms.error, *INTERVALS[asked.interval](log, terms, asked)
