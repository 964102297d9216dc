"""The limits of all health checks, in one table with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import inf, isnan
from numbers import Real
from typing import Any

import pandas as pd

from nbo.checks import check_columns, check_one_of
from nbo.errors import InputError

__all__ = ["LIMITS", "HealthLimit", "default_limits", "taken_limits"]

_OURS = "Our convention."


@dataclass(frozen=True)
class HealthLimit:
    """One row of the table of limits.

    Parameters
    ----------
    check : str
    warning, alarm : float
        A value beyond it is a warning, an alarm; infinite (or minus infinity where low values are bad) for never.
    unit : str
    meaning : str
        What the value is.
    source : str
        Where the limits come from.
    low_is_bad : bool, default=False
        Whether values below the limits are beyond them; of a rate of false alarms, it is the p-value.

    Raises
    ------
    InputError
        If a limit is not a number, or the warning lies beyond the alarm.
    """

    check: str
    warning: float
    alarm: float
    unit: str
    meaning: str
    source: str
    low_is_bad: bool = False

    def __post_init__(self) -> None:
        for limit in (self.warning, self.alarm):
            if isinstance(limit, bool) or not isinstance(limit, Real) or isnan(limit):
                raise InputError(f"the limits of {self.check!r} must be numbers; got {limit!r}.")
        if self.warning < self.alarm if self.low_is_bad else self.warning > self.alarm:
            raise InputError(
                f"{self.check!r} must warn before it rings; got the warning {self.warning:g} and alarm {self.alarm:g}."
            )

    def beyond(self, value: float, limit: float) -> bool:
        """Tell whether a value is beyond one of the limits; a missing value is not."""
        return value < limit if self.low_is_bad else value > limit


def _row(check: str, warning: float, alarm: float, unit: str, meaning: str, source: str = _OURS) -> HealthLimit:
    return HealthLimit(check, warning, alarm, unit, meaning, source)


_RULE = "Our convention: a model cannot be asked without."
_PSI = (
    "Siddiqi (2006), Credit risk scorecards; and only if its chi-square p-value is below the rate of false alarms, "
    "after Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4)."
)
_KS = "Our convention: a normal column that moves by .25 and .38 of its standard deviation."
_CALIBRATION = "Our convention; evidence by a likelihood ratio that may be looked at every day, and e-BH."

LIMITS: tuple[HealthLimit, ...] = (
    _row("missing_feature", 0, 0, "features", "The model asks for a feature that is not there.", _RULE),
    _row("missing_table", 0, 0, "tables", "A table that features were trained on is not there or empty.", _RULE),
    _row("missing_column", 0, 0, "columns", "A column that features read is missing in its table.", _RULE),
    _row("changed_kind", 0, 0, "features", "Numbers have become words, or words numbers.", _RULE),
    _row("empty_feature", 0, 0, "features", "A feature had values at training, and has none now.", _RULE),
    _row("table_silence", 7, 30, "days", "Time since the last row of a table of events."),
    _row("missing_share", 0.05, 0.2, "share", "Change of the share of rows without a value."),
    _row("new_category", 0.01, 0.05, "share", "Values in categories that were not there at training."),
    _row("beyond_range", 0.05, 0.25, "share", "Values below the least or above the largest at training."),
    _row("psi", 0.1, 0.25, "PSI", "Population stability index of a feature against training.", _PSI),
    _row("ks", 0.1, 0.15, "distance", "Largest distance of a feature's distribution functions.", _KS),
    _row("prediction_psi", 0.1, 0.25, "PSI", "PSI of an offer's propensity against training.", _PSI),
    _row("prediction_ks", 0.1, 0.15, "distance", "The same as a distance of distribution functions.", _KS),
    _row("calibration", 0.1, 0.2, "share", "Accepted over predicted, less 1; either way.", _CALIBRATION),
    _row("response_rate", 0.2, 0.3, "share", "Acceptance rate over its past, less 1; either way.", _CALIBRATION),
    HealthLimit(
        "exploration",
        0.02,
        0.005,
        "share",
        "Decisions of the last day that took another offer than the likeliest.",
        "Our convention: policies hold a floor of .01 to .02.",
        True,
    ),
    HealthLimit(
        "least_probability",
        0.001,
        0.0001,
        "probability",
        "Least probability of an eligible offer in the last day.",
        "Our convention: one answer would weigh as much as 1,000 and 10,000 decisions.",
        True,
    ),
    _row("no_offer", 0.5, 0.9, "share", "Decisions of the last day to make no offer."),
    _row("scores_age", 1, 3, "days", "Age of the scores; older ones are refused."),
    _row("model_age", 90, 180, "days", "Time since the model was trained."),
    _row("late_answers", 0.05, 0.2, "share", "Answers that came after the window was over."),
    _row("overdue_answers", 0.01, 0.05, "share", "Decisions whose window is over and that have no row of feedback."),
    _row("pending_answers", inf, inf, "share", "Decisions that still wait for their answer."),
    HealthLimit(
        "false_alarms_a_look",
        0.05,
        0.00025,
        "probability",
        "Of one or more warnings, alarms in a look at which nothing has changed; shared by its p-values.",
        "Bonferroni; 90 looks are below .025.",
        True,
    ),
    HealthLimit(
        "false_alarms_ever",
        0.25,
        0.025,
        "probability",
        "Of one or more false claims on answers at all looks together.",
        "Wang and Ramdas (2022), JRSS B 84(3), e-BH.",
        True,
    ),
    HealthLimit("least_rows", 200, 200, "rows", "With fewer, shares and distances are not judged.", _OURS, True),
)


def default_limits() -> pd.DataFrame:
    """Give the limits as a table: change it and give it to :func:`nbo.health.check_health`.

    Returns
    -------
    DataFrame
        A row for each check: check, warning, alarm, unit, meaning, source, low_is_bad.

    Examples
    --------
    >>> default_limits().set_index("check").loc["psi", ["warning", "alarm"]].tolist()
    [0.1, 0.25]
    """
    return pd.DataFrame([asdict(limit) for limit in LIMITS])


def taken_limits(given: Any) -> dict[str, HealthLimit]:
    """Take the limits that a caller changes.

    Parameters
    ----------
    given : mapping, DataFrame or None
        Check -> (warning, alarm); or rows with check, warning and alarm.

    Returns
    -------
    dict of str to HealthLimit
        All, by check.

    Raises
    ------
    InputError
        If a check is not known, or a pair is none.
    """
    limits = {limit.check: limit for limit in LIMITS}
    if given is None:
        return limits
    if isinstance(given, pd.DataFrame):
        check_columns(given, ["check", "warning", "alarm"], "limits")
        given = {row["check"]: (row["warning"], row["alarm"]) for row in given.to_dict("records")}
    if not isinstance(given, Mapping):
        raise TypeError(f"limits must map checks to (warning, alarm), or be a frame; got {type(given).__name__}.")
    for check, pair in given.items():
        check_one_of(check, list(limits), "check of limits")
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InputError(f"the limits of {check!r} must be a pair (warning, alarm); got {pair!r}.")
        limits[check] = replace(limits[check], warning=pair[0], alarm=pair[1])
    return limits
