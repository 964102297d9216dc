"""Whether a ranking by uplift beats a random one, and one by plain response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.models.uplift.measured import check_level, take_measured, take_uplift
from nbo.models.uplift.ranked import Ranked, rank
from nbo.numbers import check_number
from nbo.rng import generator

__all__ = ["compare_uplift"]


def compare_uplift(
    y: Any,
    treatment: Any,
    scores: Mapping[str, Any],
    response: str | None = None,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    draws: int = 200,
    level: float = 0.95,
    rng: int | np.random.Generator = 0,
    control: Any = None,
) -> pd.DataFrame:
    """Compare rankings by their Qini: with a random one, and with that of a plain response model.

    Customers are drawn anew with replacement, the same ones for every ranking, so the differences are paired. A model
    of uplift that does not beat a model of who buys anyway (trained on the treated, or on all) is not worth its
    trouble: which of them is the better one depends on the data, and often it is the plain one.

    Parameters
    ----------
    y, treatment
        As for :func:`nbo.models.qini`.
    scores : mapping of str to array-like of shape (n,)
        Scores by name, of rows that no model was trained on.
    response : str, optional
        The name of the plain response model among the scores.
    treatment_probability, sample_weight
        As for :func:`nbo.models.qini`.
    draws : int, default=200
        Bootstrap draws, 2 or more.
    level : float, default=0.95
        How often an interval shall hold, in (0, 1).
    rng : int or Generator, default=0
        Seed of the draws.
    control : label, optional
        As for :func:`nbo.models.qini`.

    Returns
    -------
    DataFrame
        ``model``, ``qini`` (area above random, per customer), ``standard_error``, ``low``, ``high``; and if there is
        a response model ``over_response`` (difference of the Qinis), ``over_response_error``, ``over_response_low``
        and ``over_response_high``. The highest Qini first.

    Raises
    ------
    InputError
        If there are no scores, there is no such response model, lengths differ, an arm is missing, or a value is
        missing or not as stated.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, treated = rng.random(4000), rng.random(4000) < 0.5
    >>> y = rng.random(4000) < 0.5 - 0.3 * x + 0.4 * treated * x
    >>> compare_uplift(y, treated, {"uplift": x, "response": -x}, response="response")["model"].tolist()
    ['uplift', 'response']
    """
    check_level(level)
    check_number(draws, "draws", "a whole number, at least 2", lambda n: n >= 2, whole=True)
    if not scores:
        raise InputError("scores must hold at least one ranking by name, such as {'uplift': model.predict(X)}.")
    if response is not None:
        check_one_of(response, list(scores), "response")
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    ranked = {name: rank(measured, take_uplift(given, len(measured.y), name)) for name, given in scores.items()}
    value = np.array([ranking.area_above_random() for ranking in ranked.values()])
    drawn = _draw(list(ranked.values()), len(measured.y), int(draws), generator(rng))
    table = pd.DataFrame({"model": list(ranked), "qini": value})
    _add_interval(table, "qini", "", drawn, level)
    if response is not None:
        place = list(ranked).index(response)
        table["over_response"] = value - value[place]
        _add_interval(table, "over_response", "over_response_", drawn - drawn[:, [place]], level)
    return table.sort_values("qini", ascending=False, kind="stable", ignore_index=True)


def _draw(rankings: list[Ranked], n_rows: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    areas = np.empty((draws, len(rankings)))
    for i in range(draws):
        times = np.bincount(rng.integers(0, n_rows, n_rows), minlength=n_rows).astype(float)
        areas[i] = [ranking.area_above_random(times) for ranking in rankings]
    return areas


def _add_interval(table: pd.DataFrame, value: str, prefix: str, drawn: np.ndarray, level: float) -> None:
    error = drawn.std(axis=0, ddof=1)
    reach = special.ndtri((1 + level) / 2) * error
    table[f"{prefix}error" if prefix else "standard_error"] = error
    table[f"{prefix}low"], table[f"{prefix}high"] = table[value] - reach, table[value] + reach
