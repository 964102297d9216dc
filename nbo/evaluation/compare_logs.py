"""The difference of two values that rest on the same decisions."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.errors import InputError
from nbo.evaluation.asked import Asked
from nbo.evaluation.bootstrap_interval import replicates
from nbo.evaluation.comparison import Comparison
from nbo.evaluation.customer_bootstrap import interval
from nbo.evaluation.customer_error import clustered_error
from nbo.evaluation.estimated import estimated
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

__all__ = ["compare_logs"]


def compare_logs(names: tuple[str, str], logs: tuple[Log, Log], terms: tuple[Terms, Terms], asked: Asked) -> Comparison:
    r"""State the difference of two values, decision by decision.

    For the influence :math:`\psi_i` of decision i on each value, the error is that of the mean of
    :math:`\psi^a_i - \psi^b_i`, clustered by customer: what both policies do alike cancels, so it is
    smaller than that of two separate estimates [1]_.

    Parameters
    ----------
    names : (str, str)
        Of the estimator of each; the first is that of the comparison.
    logs : (Log, Log)
        The same decisions in the same order, each with its target policy.
    terms : (Terms, Terms)
    asked : Asked

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If the interval is of a kind that has no difference.
    OverlapError
        If there is no support, and it was asked to raise.

    References
    ----------
    .. [1] Bottou, L. et al. (2013). Counterfactual reasoning and learning systems: the example
       of computational advertising. Journal of Machine Learning Research 14, section 5.
    """
    if asked.interval not in ("normal", "bootstrap"):
        raise InputError(f"interval must be 'normal' or 'bootstrap' for a comparison; got {asked.interval!r}.")
    a, b = (estimated(name, log, one, asked) for name, log, one in zip(names, logs, terms, strict=True))
    reasons = (*(f"a: {reason}" for reason in a.reasons), *(f"b: {reason}" for reason in b.reasons))
    stated = not reasons or asked.on_no_support == "report"
    difference, error, low, high, p_value = _difference(*terms, asked) if stated else (np.nan,) * 5
    return Comparison(difference, error, low, high, p_value, a, b, names[0], reasons, asked.level, asked.interval)


def _difference(a: Terms, b: Terms, asked: Asked) -> tuple[float, float, float, float, float]:
    difference = a.value - b.value
    spread = clustered_error(a.influence() - b.influence(), a.counts | b.counts, a.customer)
    error = float(np.hypot(spread, a.bias - b.bias))
    if np.isnan(error):
        return difference, error, error, error, error
    # Two policies that do the same differ by nothing for sure.
    p_value = float(2 * special.ndtr(-abs(difference) / error)) if error > 0 else float(difference == 0)
    half = special.ndtri((1 + asked.level) / 2) * error
    low, high = difference - half, difference + half
    if asked.interval == "bootstrap":
        # The same customers are drawn for both.
        drawn = replicates(a, asked.rng) - replicates(b, asked.rng)
        _, low, high = interval(drawn, asked.level, error / spread if spread > 0 else 1.0)
    return difference, error, float(low), float(high), p_value
