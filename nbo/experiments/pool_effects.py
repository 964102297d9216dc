"""One difference of those of several segments or stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.numbers import check_number

__all__ = ["pool_effects"]

_NUMBERS = ("difference", "standard_error")
# The row of a report that counts all segments.
_ALL = "all"


def pool_effects(effects: Any, keys: Sequence[str] = ("metric", "arm"), level: float = 0.95) -> pd.DataFrame:
    r"""Average differences within segments or stages, each weighed by what it tells.

    Where the share of an arm changed between stages, or differs between segments, customers of both arms
    together would show an effect that is one of the segment or of time. Compared within each part, they don't.
    With the differences :math:`d_j` and their standard errors :math:`s_j`, the average is

    .. math:: d = \frac{\sum_j d_j / s_j^2}{\sum_j 1 / s_j^2}, \qquad s = \Big(\sum_j 1 / s_j^2\Big)^{-1/2},

    and :math:`Q = \sum_j (d_j - d)^2 / s_j^2` tests whether the parts differ [1]_.

    Parameters
    ----------
    effects : DataFrame
        difference, standard_error and the keys, as of :func:`~nbo.experiments.analyze_experiment` with `by`.
        Rows of the segment "all", and those without a standard error above 0, are left out.
    keys : sequence of str, default=("metric", "arm")
        Columns that name what is pooled.
    level : float, default=0.95
        How often an interval shall hold the truth, in (0, 1).

    Returns
    -------
    DataFrame
        A row for each combination of keys: the keys, `parts`, `difference`, `standard_error`, `low`, `high`,
        `p_value`, and `p_alike`, which is small where the parts differ by more than chance; missing for one
        part.

    Raises
    ------
    InputError
        If a column is missing, or the level is not in (0, 1).

    References
    ----------
    .. [1] Cochran, W. G. (1954). The combination of estimates from different experiments. Biometrics 10, 101-129.

    Examples
    --------
    >>> effects = pd.DataFrame({"metric": "spent", "arm": "agent", "segment": ["new", "old"], "difference": [1.0, 4.0],
    ...                         "standard_error": [1.0, 2.0]})
    >>> pool_effects(effects)[["parts", "difference", "standard_error", "p_alike"]].round(3).values.tolist()
    [[2.0, 1.6, 0.894, 0.18]]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    rows = check_frame(effects, "effects").reset_index(drop=True)
    check_columns(rows, [*keys, *_NUMBERS], "effects")
    for key in keys:
        check_keys(rows[key], f"effects.{key}")
    difference, error = (check_numbers(rows[name], f"effects.{name}") for name in _NUMBERS)
    check_rows(error < 0, error, "effects.standard_error", "0 or more")
    told = np.isfinite(difference) & np.isfinite(error) & (error > 0)
    if "segment" in rows:
        told &= (rows["segment"] != _ALL).to_numpy(dtype=bool)
    weight = 1 / error[told] ** 2
    taken = rows.loc[told, list(keys)].assign(
        parts=1, weight=weight, sum=weight * difference[told], squares=weight * difference[told] ** 2
    )
    found = taken.groupby(list(keys), sort=False, as_index=False).sum()
    average, error = found["sum"] / found["weight"], 1 / np.sqrt(found["weight"])
    half = special.ndtri((1 + level) / 2) * error
    spread = (found["squares"] - found["sum"] ** 2 / found["weight"]).clip(lower=0)
    alike = special.chdtrc(np.maximum(found["parts"] - 1, 1), spread)
    return found[[*keys, "parts"]].assign(
        difference=average,
        standard_error=error,
        low=average - half,
        high=average + half,
        p_value=2 * special.ndtr(-np.abs(average / error)),
        p_alike=np.where(found["parts"] > 1, alike, np.nan),
    )
