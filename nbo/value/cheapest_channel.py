"""The cheapest channel with the same outcome, where the log can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_probabilities, check_rows
from nbo.errors import InputError, OverlapError
from nbo.experiments import effective_sample_size
from nbo.features import labels
from nbo.features.windows import known_before
from nbo.numbers import check_number
from nbo.tables import CustomerTables, TableColumns
from nbo.value.cheapest_channel_result import CheapestChannel
from nbo.value.contact_costs import contact_costs
from nbo.value.span import Span

__all__ = ["cheapest_channel"]

# A mean weight further from 1 than both means that a channel could not come to everybody.
_GAP, _ERRORS = 0.1, 3.0


def cheapest_channel(
    tables: CustomerTables,
    start: Any,
    end: Any,
    *,
    as_of: Any = None,
    probability: str | Mapping[str, float] = "channel_probability",
    channel_costs: Mapping[str, float] | None = None,
    tolerance: float = 0.01,
    window: str = "14D",
    level: float = 0.95,
    min_effective: float = 30.0,
) -> CheapestChannel:
    r"""Find the channel that costs least per contact among those with the outcome of the best.

    What would come of all contacts if they went by one channel is estimated by weighing the decisions that did go by
    it by one over the probability :math:`p_i` with which their channel was drawn [1]_:

    .. math:: \hat r_k = \frac{\sum_i 1[C_i = k]\, y_i / p_i}{\sum_i 1[C_i = k] / p_i}.

    This needs overlap: the channel must have been drawn by chance, and each channel must have been possible for
    everybody. A channel for which the mean of the weights over all decisions is not 1, or whose decisions count only
    like a few of equal weight, is left out; where fewer than two are left there is no answer, whatever the plain rates
    say: they compare the customers of the channels, not the channels.

    Parameters
    ----------
    tables : CustomerTables
        With decisions (with a channel), outcomes and a catalog.
    start, end, as_of : Timestamp or str
        As for :func:`profitability`; decisions whose window is over before `as_of` count.
    probability : str or dict of str to float, default="channel_probability"
        Column of the decisions: the probability with which the channel was drawn for this customer and offer. A dict
        gives the probability of each channel in a randomized test, the same for everybody.
    channel_costs : dict of str to float, optional
        Money that a contact costs in the channel, beside the costs of offers and treatments in the catalog; an offer
        that the catalog has not costs 0.
    tolerance : float, default=0.01
        A channel has the same outcome if the interval of its acceptance rate minus that of the best one, 0 to 1, is
        above minus this.
    window : str, default="14D"
        How long an answer may take.
    level : float, default=0.95
        Of the intervals, in (0, 1). Decisions of one customer go together.
    min_effective : float, default=30
        As many decisions of equal weight a channel must count like.

    Returns
    -------
    CheapestChannel

    Raises
    ------
    OverlapError
        If the log can not tell: nothing says how the channel was drawn, or fewer than two channels have overlap.
    InputError
        If an argument is not allowed, a probability is not in (0, 1], or nothing was accepted.

    References
    ----------
    .. [1] Hajek, J. (1971). Comment on "An essay on the logical foundations of survey sampling". In Foundations of
       Statistical Inference, Holt, Rinehart and Winston.

    Examples
    --------
    >>> decided = pd.date_range("2026-01-01", periods=400, freq="h")
    >>> decisions = pd.DataFrame({"decision_id": range(400), "customer_id": range(400), "decided_at": decided,
    ...                           "offer_id": "card", "channel": ["sms", "mail"] * 200, "channel_probability": 0.5})
    >>> outcomes = pd.DataFrame({"decision_id": range(0, 400, 5), "outcome": "accept", "outcome_at": decided[::5]})
    >>> tables = CustomerTables(decisions=decisions, outcomes=outcomes,
    ...                         catalog=pd.DataFrame({"offer_id": ["card"], "cost": [0.0]}))
    >>> found = cheapest_channel(tables, "2026-01-01", "2026-03-01", channel_costs={"sms": 0.1, "mail": 0.9},
    ...                          tolerance=0.1)
    >>> found.channel, found.frame["rate"].tolist()
    ('sms', [0.2, 0.2])
    """
    span = Span.of(start, end, as_of)
    check_number(tolerance, "tolerance", "0 or more, below 1", lambda gap: 0 <= gap < 1)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    rows = _decisions(tables, span, window, probability)
    rows = rows.assign(cost=_costs(tables, rows, channel_costs or {}))
    names = sorted(rows[c.CHANNEL].unique())
    table = pd.DataFrame([_channel(rows, name, min_effective) for name in names])
    if table.empty or table["overlap"].sum() < 2:
        why = (
            "; ".join(f"{row[c.CHANNEL]}: {row['why']}" for row in table.to_dict("records") if row["why"])
            or "there is one channel"
        )
        raise OverlapError(
            f"no overlap: {len(rows):,} decisions do not tell what one channel would bring in the place of another "
            f"({why}). Draw the channel by chance for some customers, and log the probability."
        )
    if not rows["accepted"].any():
        raise InputError(
            f"outcomes must hold an acceptance of some decision; none of the {len(rows):,} decisions was accepted, so "
            "no channel can be told from another."
        )
    table = _compared(rows, table, tolerance, special.ndtri((1 + level) / 2))
    same = table[table["same"]].sort_values(["cost", "rate"], ascending=[True, False], kind="stable")
    return CheapestChannel(str(same[c.CHANNEL].iloc[0]), table, tolerance, level, len(rows))


def _decisions(tables: CustomerTables, span: Span, window: str, probability: Any) -> pd.DataFrame:
    """Give the offers made in the span whose window is over: customer, channel, weight and whether accepted."""
    frame = tables.get("decisions")
    table = TableColumns.of(frame, "decisions")
    rows = frame[known_before(table, span.as_of) & span.holds(table.times(c.DECIDED_AT))]
    if isinstance(probability, str) and probability not in frame:
        raise OverlapError(
            f"no overlap: the decisions have no column {probability!r}, so nobody knows how a channel was chosen. Give "
            "the column that says with which probability it was drawn, or the probabilities of a randomized test."
        )
    rows = rows[rows[c.CHANNEL].notna() & (rows[c.OFFER_ID] != c.NO_OFFER)]
    accepted = labels.accepted(tables, rows, window=window, as_of=span.as_of)
    rows = rows.loc[accepted.index]
    drawn = rows[probability] if isinstance(probability, str) else rows[c.CHANNEL].map(dict(probability))
    p = check_probabilities(drawn, "probability", zero=False)
    kept = {"row": rows.index, c.CUSTOMER_ID: rows[c.CUSTOMER_ID], c.CHANNEL: rows[c.CHANNEL].astype("str")}
    return pd.DataFrame({**kept, "weight": 1 / p, "accepted": accepted}).reset_index(drop=True)


def _costs(tables: CustomerTables, rows: pd.DataFrame, channel_costs: Mapping[str, float]) -> np.ndarray:
    offers = np.nan_to_num(contact_costs(tables, tables.columns("decisions"), rows["row"].to_numpy()))
    if not channel_costs:
        return offers
    own = rows[c.CHANNEL].map(dict(channel_costs)).to_numpy(dtype=float)
    check_rows(np.isnan(own), rows[c.CHANNEL], "decisions.channel", "one of channel_costs")
    return offers + own


def _channel(rows: pd.DataFrame, name: str, min_effective: float) -> dict[str, Any]:
    """Estimate a channel, and say whether it has overlap."""
    mine = (rows[c.CHANNEL] == name).to_numpy()
    weight = np.where(mine, rows["weight"], 0.0)
    size = effective_sample_size(weight)
    excess = weight - 1
    error = _error(excess, rows[c.CUSTOMER_ID])
    why = ""
    if abs(excess.mean()) > max(_GAP, _ERRORS * error):
        why = f"the mean weight is {weight.mean():.2f}, not 1, so it was not possible for everybody"
    elif size < min_effective:
        why = f"its decisions count only like {size:.1f}, below {min_effective:g}"
    whole = weight.sum()
    rate, cost = (float((weight * rows[column]).sum() / whole) for column in ("accepted", "cost"))
    sizes = {"n": int(mine.sum()), "effective_n": size, "mean_weight": float(weight.mean())}
    return {c.CHANNEL: name, **sizes, "rate": rate, "cost": cost, "overlap": not why, "why": why}


def _compared(rows: pd.DataFrame, table: pd.DataFrame, tolerance: float, z: float) -> pd.DataFrame:
    """Add the intervals of the rates, and those of the differences from the best channel with overlap."""
    table = table.sort_values(["overlap", "rate"], ascending=False, kind="stable", ignore_index=True)
    parts = []
    for name, rate in zip(table[c.CHANNEL], table["rate"], strict=True):
        weight = np.where(rows[c.CHANNEL] == name, rows["weight"], 0.0)
        parts.append(weight * (rows["accepted"].to_numpy() - rate) / weight.mean())
    errors = np.array([_error(part, rows[c.CUSTOMER_ID]) for part in parts])
    apart = np.array([_error(part - parts[0], rows[c.CUSTOMER_ID]) for part in parts])
    difference = table["rate"] - table["rate"].iloc[0]
    table = table.assign(
        low=np.clip(table["rate"] - z * errors, 0, 1),
        high=np.clip(table["rate"] + z * errors, 0, 1),
        difference=difference,
        difference_low=difference - z * apart,
        difference_high=difference + z * apart,
    )
    # What has no overlap is not told.
    told = ["rate", "low", "high", "difference", "difference_low", "difference_high", "cost"]
    table[told] = table[told].where(table["overlap"])
    return table.assign(same=table["overlap"] & (table["difference_low"] >= -tolerance))


def _error(parts: np.ndarray, customers: pd.Series) -> float:
    """Give the standard error of a mean whose rows of one customer go together."""
    sums = np.bincount(pd.factorize(customers)[0], parts)
    return float(np.sqrt((sums**2).sum()) / len(parts)) if len(parts) else np.nan
