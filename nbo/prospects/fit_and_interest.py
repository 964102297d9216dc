"""Who suits us, and who is interested: two scores that see different columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.prospects.lead_model import LeadModel

__all__ = ["FitAndInterest", "fit_and_interest"]


@dataclass(frozen=True)
class FitAndInterest:
    """Leads in four cells: who suits us or not, by who is interested or not.

    Parameters
    ----------
    scores : DataFrame
        fit and interest, both probabilities, and cell, one row for each lead in the order given.
    grid : DataFrame
        For each of the four cells: fit and interest ("high" or "low"), n, expected (conversions, by the mean of both
        scores) and what to do; rate where it is known who converted.
    cut : float
        A score is high that is above it.
    fit_model, interest_model : LeadModel
        Fitted; the one on profile columns alone, the other on behavior columns alone.
    """

    scores: pd.DataFrame = field(repr=False, compare=False)
    grid: pd.DataFrame = field(repr=False, compare=False)
    cut: float
    fit_model: LeadModel = field(repr=False, compare=False)
    interest_model: LeadModel = field(repr=False, compare=False)

    def _repr_html_(self) -> str:
        return self.grid.to_html(index=False, border=0, float_format="{:,.4g}".format, na_rep="")


_DO = {
    "high fit, high interest": "sell now",
    "high fit, low interest": "nurture: wake their interest",
    "low fit, high interest": "self-service: they ask, but seldom suit",
    "low fit, low interest": "leave alone",
}


def fit_and_interest(
    rows: Any,
    profile: Sequence[str],
    behavior: Sequence[str],
    new: Any = None,
    *,
    model: LeadModel | None = None,
    cut: float | None = None,
) -> FitAndInterest:
    """Score leads by what they are and by what they do, each without the other.

    The explicit score, fit, knows the profile alone: what people said of themselves and third-party data. The
    implicit score, interest, knows behavior alone: visits, downloads, answers. Both are calibrated probabilities to
    convert. In one model a lead who suits us and one who is curious may score the same, though each needs
    another treatment.

    Parameters
    ----------
    rows : DataFrame
        Leads to learn from, with the column ``converted``, and as_of and customer_id if they are there; see
        :func:`lead_rows`.
    profile, behavior : sequence of str
        Columns of each kind; no column may be of both.
    new : DataFrame, optional
        Leads to score; by default `rows`.
    model : LeadModel, optional
        Its settings are taken for both. By default those of ``LeadModel()``.
    cut : float, optional
        A score above it is high, in (0, 1). By default the rate at which all leads converted.

    Returns
    -------
    FitAndInterest

    Raises
    ------
    InputError
        If a column is missing, is of both kinds, or there is none of a kind.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = pd.DataFrame({"industry": rng.choice(["law", "retail"], 4000), "visits": rng.poisson(1, 4000)})
    >>> chance = 0.02 + 0.2 * (rows["industry"] == "law") + 0.2 * (rows["visits"] > 1)
    >>> rows["converted"] = rng.random(4000) < chance
    >>> new = pd.DataFrame({"industry": ["law", "law", "retail", "retail"], "visits": [3, 0, 3, 0]})
    >>> fit_and_interest(rows, ["industry"], ["visits"], new, model=LeadModel(n_estimators=30)).scores["cell"].tolist()
    ['high fit, high interest', 'high fit, low interest', 'low fit, high interest', 'low fit, low interest']
    """
    frame = check_frame(rows, "rows")
    both = sorted(set(profile) & set(behavior))
    if both or not list(profile) or not list(behavior):
        raise InputError(f"profile and behavior must each name columns, none of both; of both are {both}.")
    check_columns(frame, [*profile, *behavior, c.CONVERTED], "rows")
    asked = frame if new is None else check_frame(new, "new")
    check_columns(asked, [*profile, *behavior], "new")
    keep = [name for name in (c.CONVERTED, c.AS_OF, c.CUSTOMER_ID) if name in frame.columns]
    fitted, scores = [], {}
    for name, columns in (("fit", list(profile)), ("interest", list(behavior))):
        learnt = clone(model or LeadModel()).fit(frame[[*columns, *keep]])
        scores[name] = learnt.predict_proba(asked[columns])[:, 1]
        fitted.append(learnt)
    level = float(frame[c.CONVERTED].astype(float).mean()) if cut is None else cut
    words = {name: np.where(score > level, "high", "low") for name, score in scores.items()}
    cells = pd.Series([f"{a} fit, {b} interest" for a, b in zip(*words.values(), strict=True)], dtype="str")
    table = pd.DataFrame(scores).assign(cell=cells)
    return FitAndInterest(table, _grid(table, asked.get(c.CONVERTED)), level, *fitted)


def _grid(scores: pd.DataFrame, converted: pd.Series | None) -> pd.DataFrame:
    found = []
    for cell, to_do in _DO.items():
        own = (scores["cell"] == cell).to_numpy()
        fit, interest = (word.split()[0] for word in cell.split(", "))
        expected = float(scores.loc[own, ["fit", "interest"]].to_numpy().mean(axis=1).sum())
        row = {"fit": fit, "interest": interest, "n": int(own.sum()), "expected": expected, "do": to_do}
        if converted is not None:
            row["rate"] = float(converted.to_numpy(dtype=float)[own].mean()) if own.any() else np.nan
        found.append(row)
    return pd.DataFrame(found)
