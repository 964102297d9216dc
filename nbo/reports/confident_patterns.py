"""What holds so surely that it can be counted on elsewhere and later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.experiments import adjusted_p_values
from nbo.reports.rates_over_time import rates_over_time
from nbo.reports.segment_report import segment_report

__all__ = ["confident_patterns"]


def confident_patterns(
    feedback: Any,
    by: str | Sequence[str] = c.SEGMENT,
    level: float = 0.95,
    *,
    of: str = c.OFFER_ID,
    least: int = 30,
    periods: int = 4,
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Report the segments that differ, and whether the difference has lasted.

    Parameters
    ----------
    feedback : DataFrame
        As for :func:`nbo.segment_report`, with decided_at.
    by : str or sequence of str, default="segment"
        Columns to report by.
    level : float, default=0.95
        Of intervals and claims, in (0, 1).
    of : str, default="offer_id"
        Column of what is reported.
    least : int, default=30
        As for :func:`nbo.segment_report`.
    periods : int, default=4
        As for :func:`nbo.reports.rates_over_time`.
    unit : str, default="customer_id"
        Column of who answered.

    Returns
    -------
    DataFrame
        The rows of the report by segment but those of "all", the most certain differences first, with:

        - first and last: the rates of the first and the last period that have decisions;
        - p_drift: how likely rates of periods at least as unequal would be if they were equal (chi-squared test
          with design effects, adjusted for the number of rows); missing with decisions in one period only, or where
          a period has too few for the test (fewer than five expected acceptances or refusals; such periods are
          left out);
        - pattern: "confident" where a difference is flagged and no drift is shown over two periods or more that
          have enough; "moving" where it is flagged and drifts; "one period" where it is flagged and time cannot be
          told; else the flag.

    Raises
    ------
    InputError
        As :func:`nbo.segment_report`, or if a time is none.

    Examples
    --------
    >>> when = pd.date_range("2026-01-01", periods=400, freq="6h")
    >>> rows = pd.DataFrame({"segment": ["a", "b"] * 200, "offer_id": "card", "decided_at": when})
    >>> rows["reward"] = [1, 0, 1, 0, 0, 0, 0, 1] * 50
    >>> confident_patterns(rows)[["segment", "rate", "pattern"]].values.tolist()
    [['a', 0.5, 'confident'], ['b', 0.25, 'confident']]
    """
    keys = [by] if isinstance(by, str) else list(by)
    report = segment_report(feedback, keys, level, of=of, least=least, unit=unit)
    rows = report[report["flag"] != ""].reset_index(drop=True)
    drift = _drift(rates_over_time(feedback, keys, level, of=of, periods=periods, unit=unit), [*keys, of])
    rows = rows.merge(drift, on=[*keys, of], how="left")
    rows["p_drift"] = adjusted_p_values(rows["p_drift"].to_numpy(dtype=float))
    flagged = rows["flag"].isin(["above", "below"])
    cases = [~flagged, rows["p_drift"].isna(), rows["p_drift"] < 1 - level]
    said = [
        rows["flag"].to_numpy(dtype=object),
        *(np.full(len(rows), word, object) for word in ("one period", "moving")),
    ]
    words = np.select([case.to_numpy() for case in cases], said, np.full(len(rows), "confident", dtype=object))
    order = np.lexsort((rows["p_adjusted"].fillna(1.0).to_numpy(), ~flagged.to_numpy()))
    return rows.assign(pattern=pd.Series(words, dtype="str")).iloc[order].reset_index(drop=True)


def _drift(rates: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Test whether the rates of the periods are equal, group by group."""
    n = rates["n"] / rates["design_effect"]
    parts = rates.assign(n=n, accepted=rates["rate"] * n)
    ends = rates.groupby(keys, sort=False)["rate"].agg(first="first", last="last").reset_index()
    whole = parts.groupby(keys, sort=False)[["n", "accepted"]].transform("sum")
    pooled = whole["accepted"] / whole["n"]
    parts = parts[(parts["n"] * np.minimum(pooled, 1 - pooled) >= 5).to_numpy()]
    sums = parts.groupby(keys, sort=False)[["n", "accepted"]].transform("sum")
    pooled = sums["accepted"] / sums["n"]
    variance = (pooled * (1 - pooled) / parts["n"]).to_numpy(dtype=float)
    apart = (parts["rate"] - pooled).to_numpy() ** 2
    parts = parts.assign(chi=np.divide(apart, variance, out=np.zeros(len(parts)), where=variance > 0))
    found = parts.groupby(keys, sort=False)["chi"].agg(sum="sum", size="size").reset_index()
    freedom = found["size"].to_numpy() - 1
    p_drift = np.where(freedom > 0, special.chdtrc(np.maximum(freedom, 1), found["sum"].to_numpy()), np.nan)
    return ends.merge(found[keys].assign(p_drift=p_drift), on=keys, how="left")
