"""All health checks at one moment."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.features import FeatureProfile
from nbo.health.ages import age_findings
from nbo.health.answer_flow import flow_findings
from nbo.health.answered import Answered, read_feedback
from nbo.health.asked_customers import features_at, propensities
from nbo.health.calibration import calibration_findings
from nbo.health.drift import MOVED, UNSEEN, feature_findings, prediction_findings
from nbo.health.exploration import decision_findings
from nbo.health.finding import Finding, judged
from nbo.health.limits import HealthLimit, taken_limits
from nbo.health.report import HealthReport
from nbo.health.response_rates import response_findings
from nbo.health.schema import missing_features, table_findings
from nbo.numbers import check_number
from nbo.tables import CustomerTables
from nbo.times import check_duration, check_time

__all__ = ["check_health"]

_PREDICTED = 10_000
_WINDOW = "14D"
_CLOCKS = ("recency_days", "tenure_days")


def check_health(
    model: Any,
    *,
    tables: CustomerTables | None = None,
    features: pd.DataFrame | None = None,
    feedback: pd.DataFrame | None = None,
    decisions: pd.DataFrame | None = None,
    scores_at: Any = None,
    as_of: Any,
    limits: Any = None,
    sample: int = 50_000,
) -> HealthReport:
    """Check whether a model, its data and its answers are still what they were.

    Only what is given is checked. A value is an alarm where it is beyond its limit and more than chance: all
    p-values of a look share one small rate of false alarms, and claims on answers are made by e-values, which may
    be looked at every day. See :func:`nbo.health.default_limits`.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    tables : CustomerTables, optional
        To find missing tables and columns and silent tables, and to compare features and predictions of the
        customers known now with those of the customers known at training.
    features : DataFrame of shape (n, p), optional
        Features as of now, in place of those built from the tables. Without tables they are compared with the
        `profile_` of the model, which is of the rows that it was trained on.
    feedback : DataFrame, optional
        Answers as of :meth:`nbo.Ledger.feedback`, from the first on at every look: then the claims on calibration and
        acceptance rates hold at all looks together. Calibration reads the propensities logged with the decisions made
        after training, whichever model made them.
    decisions : DataFrame, optional
        Decisions, answered or not, of the last day at least.
    scores_at : Timestamp or str, optional
        The `as_of` of the scores in use.
    as_of : Timestamp or str
        The moment of the look, UTC; what came later does not count.
    limits : mapping or DataFrame, optional
        Check -> (warning, alarm), or rows of :func:`nbo.health.default_limits`, in place of the default ones.
    sample : int, default=50000
        Features are built for so many customers at most, drawn by their ids.

    Returns
    -------
    HealthReport

    Raises
    ------
    InputError
        If a limit is none, a column that is read is missing, `scores_at` is later than `as_of`, or tables or features
        are given with a model that is not fitted.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(as_of_=pd.Timestamp("2026-01-01"), window="14D")
    >>> report = check_health(model, scores_at="2026-06-20", as_of="2026-06-30")
    >>> print(report)
    Health as of 2026-06-30 00:00: 1 alarm and 1 warning in 2 checks.
    alarm scores_age scores: the scores are of 2026-06-20 00:00
    warning model_age model: the model was trained as of 2026-01-01 00:00
    """
    moment, known = check_time(as_of), taken_limits(limits)
    check_number(sample, "sample", "1 or more", lambda n: n >= 1, whole=True)
    trained = getattr(model, "as_of_", None)
    found = age_findings(trained, scores_at, moment)
    details: dict[str, pd.DataFrame] = {}
    if tables is not None or features is not None:
        found += _of_features(model, tables, features, moment, known, sample, details)
    window = check_duration(getattr(model, "window", _WINDOW), "window")
    if feedback is not None:
        found += _of_answers(feedback, decisions, moment, window, trained, known, details)
    if decisions is not None:
        found += decision_findings(decisions, moment, known)
    return HealthReport(moment, judged(found, known), details)


def _of_features(
    model: Any,
    tables: CustomerTables | None,
    features: pd.DataFrame | None,
    as_of: pd.Timestamp,
    limits: dict[str, HealthLimit],
    sample: int,
    details: dict[str, pd.DataFrame],
) -> list[Finding]:
    profile, least = getattr(model, "profile_", None), limits["least_rows"].alarm
    if getattr(model, "features", None) is None or not hasattr(model, "as_of_"):
        raise InputError("a fitted model must be given with tables or features; call fit(tables, spine) first.")
    found = [] if tables is None else table_findings(model.features, tables, profile, as_of)
    if features is None and any(finding.check == "missing_column" for finding in found):
        # They could not be built.
        return found
    before = None if tables is None else features_at(model, tables, min(model.as_of_, as_of), sample)
    if before is not None and profile is not None and len(before) < least:
        # Too few are known as of the training, as after a reload that dates every row anew: then by its own rows.
        before = None
    now = features_at(model, tables, as_of, sample) if features is None and tables is not None else features
    X = check_frame(now, "features")
    names = model.features.feature_names if profile is None else profile.feature_names
    found += missing_features(names, X)
    drifts = [profile.drift(X)] if profile is not None else []
    # Customers as of one moment are compared with the like, as the rows trained on are of many past moments.
    drifts += [FeatureProfile.of(before).drift(X)] if before is not None else []
    for drift in drifts:
        details["features"] = drift
        # What a model never saw is told by the rows it was trained on; from restated tables it could not be told.
        checks = None if len(drifts) == 1 else UNSEEN if drift is drifts[0] else MOVED
        moved = feature_findings(drift, least, _clocks(model))
        found += [finding for finding in moved if checks is None or finding.check in checks]
    if before is not None and not set(names) - set(X.columns):
        then, later = (propensities(model, frame, _PREDICTED) for frame in (before, X))
        drifted, details["predictions"] = prediction_findings(then, later, least)
        found += drifted
    return found


def _clocks(model: Any) -> set[str]:
    """Find the features that move with the clock alone: days since the first or the last of something."""
    dictionary = model.features.describe()
    return set(dictionary.loc[dictionary["aggregate"].isin(_CLOCKS), "feature"])


def _of_answers(
    feedback: pd.DataFrame,
    decisions: pd.DataFrame | None,
    as_of: pd.Timestamp,
    window: pd.Timedelta,
    trained: pd.Timestamp | None,
    limits: dict[str, HealthLimit],
    details: dict[str, pd.DataFrame],
) -> list[Finding]:
    known = read_feedback(feedback, as_of)
    answered = Answered.of(known, as_of, window, trained)
    calibrated, details["calibration"] = calibration_findings(answered)
    changed, details["response_rates"] = response_findings(answered)
    return [*calibrated, *changed, *flow_findings(known, decisions, as_of, window, limits)]
