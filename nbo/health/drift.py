"""Whether features, or predictions, are still what they were at training."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo.features import FeatureProfile
from nbo.features.column_drift import ks_p_value
from nbo.health.finding import Finding

__all__ = ["MOVED", "UNSEEN", "feature_findings", "prediction_findings"]

# What rows trained on tell, and what customers as of the training tell.
UNSEEN = ("changed_kind", "empty_feature", "new_category", "beyond_range")
MOVED = ("missing_share", "psi", "ks")
_BY_CLOCK = ("psi", "ks", "beyond_range")
_SORT = {"number": "numbers", "flag": "numbers", "category": "words", "text": "words"}


def feature_findings(drift: pd.DataFrame, least_rows: float, clocks: Collection[str] = ()) -> list[Finding]:
    """Tell which features have drifted.

    Parameters
    ----------
    drift : DataFrame
        Of :meth:`nbo.features.FeatureProfile.drift`.
    least_rows : float
        With fewer rows now or before, shares and distances are not judged.
    clocks : collection of str, default=()
        Features that move with the clock, such as days of tenure: their drift is a warning at most.

    Returns
    -------
    list of Finding
    """
    found = [finding for row in drift.to_dict("records") for finding in _of_feature(row, least_rows)]
    return [replace(one, rings=False) if one.subject in clocks and one.check in _BY_CLOCK else one for one in found]


def prediction_findings(
    before: pd.DataFrame, now: pd.DataFrame, least_rows: float
) -> tuple[list[Finding], pd.DataFrame]:
    """Tell of which offers the predictions have drifted.

    Parameters
    ----------
    before, now : DataFrame of shape (any, k)
        A column of predictions for each offer.
    least_rows : float
        With fewer rows now or before, distances are not judged.

    Returns
    -------
    findings : list of Finding
    drift : DataFrame
        As of :meth:`nbo.features.FeatureProfile.drift`, with `mean_before` and `mean_now`.
    """
    drift = FeatureProfile.of(before).drift(now)
    drift = drift.assign(mean_before=before.mean().to_numpy(), mean_now=now.mean().to_numpy())
    found = [finding for row in drift.to_dict("records") for finding in _distances(row, "prediction_", least_rows)]
    return found, drift


def _of_feature(row: dict[Any, Any], least_rows: float) -> Iterator[Finding]:
    name, before, now = row["feature"], row["kind_before"], row["kind_now"]
    if not row["n_now"]:
        return
    other = {_SORT.get(before), _SORT.get(now)} == {"numbers", "words"}
    yield Finding("changed_kind", name, float(other), f"it was a {before}, and is a {now}")
    if min(row["n_before"], row["n_now"]) < least_rows:
        return
    empty = now == "empty" != before and row["missing_before"] < 0.95
    yield Finding("empty_feature", name, float(empty), f"{row['missing_now']:.0%} of the rows have no value now")
    yield _missing(row)
    yield from _strangers(row)
    yield from _distances(row, "", least_rows)


def _missing(row: dict[Any, Any]) -> Finding:
    before, now = row["missing_before"], row["missing_now"]
    words = f"{before:.1%} of the rows had no value at training, {now:.1%} have none now"
    p_value = ks_p_value(abs(now - before), row["n_before"], row["n_now"])
    return Finding("missing_share", row["feature"], abs(now - before), words, p_value)


def _strangers(row: dict[Any, Any]) -> Iterator[Finding]:
    before, now = _values(row)
    if not now or not before:
        return
    # If nothing has changed, each of k strangers stood among the rows now with this chance, one by one.
    chance = now / (now + before)
    if not np.isnan(row["new"]):
        words = f"{row['new']:.2%} of the values are categories that were not there at training"
        yield Finding("new_category", row["feature"], row["new"], words, chance ** (row["new"] * now))
    if not np.isnan(row["beyond"]):
        words = f"{row['beyond']:.2%} of the values are out of the range at training"
        # On one of the two ends there are half of them at least.
        p_value = min(1.0, 2 * chance ** (row["beyond"] * now / 2))
        yield Finding("beyond_range", row["feature"], row["beyond"], words, p_value)


def _distances(row: dict[Any, Any], prefix: str, least_rows: float) -> Iterator[Finding]:
    if min(_values(row)) < least_rows:
        return
    for measure, p_value in (("psi", "p_value"), ("ks", "ks_p_value")):
        if not np.isnan(row[measure]):
            words = f"{measure.upper()} {row[measure]:.3f} against training, p-value {row[p_value]:.2g}"
            yield Finding(f"{prefix}{measure}", row["feature"], row[measure], words, row[p_value])


def _values(row: dict[Any, Any]) -> tuple[float, float]:
    return row["n_before"] * (1 - row["missing_before"]), row["n_now"] * (1 - row["missing_now"])
