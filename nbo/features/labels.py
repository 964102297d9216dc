"""What came of it: labels for a spine or for logged decisions.

A label looks at the window ``[as_of + gap, as_of + gap + horizon)``, where features look before
`as_of`. A row whose window is not over at the end of the data has no label yet: it is
dropped, or refused; only :func:`churn_times` has a use for it. The labels keep the row labels
of what was asked, so ``X.loc[y.index]`` gives the features that belong to them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_one_of
from nbo.features.aggregates import AGGREGATES
from nbo.features.base import Tables
from nbo.features.bought import bought
from nbo.features.churn_times import churn_times
from nbo.features.label_windows import Incomplete, end_of_data, known_until, sales_ahead, windows_over
from nbo.features.window import ALL
from nbo.features.windows import rows_after
from nbo.tables import CustomerTables, Spine, TableColumns
from nbo.tables.stored_tables import opened
from nbo.times import check_duration, check_time, check_times

__all__ = ["accepted", "bought", "churn_times", "churned", "spend"]


def churned(
    tables: Tables,
    spine: Spine,
    horizon: str = "90D",
    gap: str = "0D",
    incomplete: Incomplete = "drop",
    until: Any = None,
) -> pd.Series:
    """Label the customers that do not buy within the horizon.

    A customer that never bought gets a 1 as well: choose the spine's customers so that the
    question makes sense, such as those with a purchase before `as_of`.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
        With transactions; completed sales count.
    spine : Spine of n rows
    horizon : str, default="90D"
        Length of the label window.
    gap : str, default="0D"
        From `as_of` to the start of the label window, such as the time that acting takes.
    incomplete : {"drop", "raise"}, default="drop"
        What to do with rows whose window is not over at the end of the data.
    until : Timestamp or str, optional
        End of the data: only what was known before it counts. By default the latest moment at
        which any event of the tables happened or became known.

    Returns
    -------
    Series of int, name "churned"
        1 where no completed sale lies in [as_of + gap, as_of + gap + horizon), else 0; indexed
        by the spine's row labels.

    Raises
    ------
    InputError
        If there are no transactions, an argument is not allowed, or windows are not over and
        `incomplete` is "raise".

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": ["2026-01-01", "2026-03-15"]})
    >>> spine = Spine.at("2026-01-01", ["ann", "bob", "cy"])
    >>> churned(CustomerTables(transactions=sales), spine, horizon="60D").to_dict()
    {0: 0, 1: 1, 2: 1}
    """
    sales, kept = sales_ahead(tables, spine, horizon, gap, incomplete, until)
    bought = AGGREGATES["any"](sales, "", [ALL])[0]
    return pd.Series(1 - bought, name="churned")[kept]


def spend(
    tables: Tables,
    spine: Spine,
    horizon: str = "180D",
    column: str = c.MARGIN,
    gap: str = "0D",
    incomplete: Incomplete = "drop",
    until: Any = None,
) -> pd.Series:
    """Label the customers with the money of their completed sales within the horizon.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
        With transactions; completed sales count, returns are not taken off.
    spine : Spine of n rows
    horizon : str, default="180D"
        Length of the label window.
    column : {"margin", "amount"}, default="margin"
        The money to sum; margin may be negative.
    gap, incomplete, until
        As for :func:`churned`.

    Returns
    -------
    Series of float, name "spend"
        Money; 0 where there was no sale. Indexed by the spine's row labels.

    Raises
    ------
    InputError
        As for :func:`churned`, or if transactions lack the column.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": "ann", "event_time": ["2026-01-01", "2026-03-15"], "amount": [5.0, 8.0]})
    >>> spine = Spine.at("2026-01-01", ["ann", "bob"])
    >>> spend(CustomerTables(transactions=sales), spine, horizon="60D", column="amount").to_dict()
    {0: 5.0, 1: 0.0}
    """
    check_one_of(column, (c.MARGIN, c.AMOUNT), "column")
    sales, kept = sales_ahead(tables, spine, horizon, gap, incomplete, until)
    return pd.Series(AGGREGATES["sum"](sales, column, [ALL])[0], name="spend")[kept]


def accepted(
    tables: Tables,
    spine_or_decisions: Any = None,
    window: str = "14D",
    as_of: Any = None,
    incomplete: Incomplete = "drop",
) -> pd.Series:
    """Label logged decisions by whether the offer was accepted.

    An offer is accepted if an outcome "accept" lies in [decided_at, decided_at + window); a
    rejection, no answer and a later acceptance are 0. Decisions to make no offer have no
    label. All decisions wait for the whole window, also those answered early: else the quick
    answers would be seen before the slow ones, and acceptance look higher than it is.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
        With outcomes; with decisions, if none are given.
    spine_or_decisions : DataFrame or Spine, optional
        Decisions (decision_id, decided_at, offer_id) to label instead of those of the
        tables. For a spine, a row is 1 if the customer accepted an offer decided in [as_of,
        as_of + window), 0 if none of those offers was accepted, and left out if there was none.
    window : str, default="14D"
        How long an answer may take.
    as_of : Timestamp or str, optional
        End of the data; outcomes that came or became known from then on are not seen. By
        default the latest moment of any event of the tables.
    incomplete : {"drop", "raise"}, default="drop"
        As for :func:`churned`.

    Returns
    -------
    Series of int, name "accepted"
        0 or 1, indexed by the row labels of the decisions or the spine.

    Raises
    ------
    InputError
        If decisions lack a column, an argument is not allowed, or windows are not over and
        `incomplete` is "raise".

    Examples
    --------
    >>> decisions = pd.DataFrame(
    ...     {"decision_id": ["a"], "customer_id": ["ann"], "decided_at": ["2026-01-01"], "offer_id": ["tv"]}
    ... )
    >>> outcomes = pd.DataFrame({"decision_id": ["a"], "outcome": ["accept"], "outcome_at": ["2026-01-09"]})
    >>> tables = CustomerTables(decisions=decisions, outcomes=outcomes)
    >>> accepted(tables, as_of="2026-02-01").to_dict()
    {0: 1}
    """
    length, stored = check_duration(window, "window"), opened(tables)
    end = check_time(as_of) if as_of is not None else end_of_data(stored)
    outcomes = stored.columns("outcomes").frame()
    check_columns(outcomes, [c.DECISION_ID, c.OUTCOME, c.OUTCOME_AT], "outcomes")
    yes = outcomes[(outcomes[c.OUTCOME] == c.ACCEPT) & known_until(TableColumns.of(outcomes, "outcomes"), as_of)]
    if not isinstance(spine_or_decisions, Spine):
        given = stored.columns("decisions").frame() if spine_or_decisions is None else spine_or_decisions
        decisions = CustomerTables(decisions=check_frame(given, "decisions")).get("decisions")
        labels = _answers(yes, decisions, length, end, incomplete)
        return labels.set_axis(check_frame(given, "decisions").index[labels.index])
    spine = spine_or_decisions.frame
    decisions = stored.columns("decisions").frame()
    answers = _answers(yes, decisions, length, end, "drop")
    decisions = decisions.loc[answers.index].reset_index(drop=True)
    # An offer of the window's last moment has a whole window to be answered.
    kept = windows_over(spine[c.AS_OF], 2 * length, end, incomplete)
    told = TableColumns.of(decisions.assign(accepted=answers.to_numpy()), "decisions")
    offers = rows_after(told, spine, pd.Timedelta(0), length)
    asked, taken = (AGGREGATES[name](offers, "accepted", [ALL])[0] for name in ("any", "sum"))
    return pd.Series((taken > 0).astype(np.int64), name="accepted")[kept & (asked == 1)]


def _answers(
    yes: pd.DataFrame, decisions: pd.DataFrame, length: pd.Timedelta, end: pd.Timestamp, incomplete: Incomplete
) -> pd.Series:
    """Label the decisions that made an offer and whose window is over, by position."""
    check_columns(decisions, [c.DECISION_ID, c.DECIDED_AT, c.OFFER_ID], "decisions")
    real = decisions[decisions[c.OFFER_ID] != c.NO_OFFER]
    times = check_times(real[c.DECIDED_AT], f"decisions.{c.DECIDED_AT}")
    asked = real.assign(**{c.AS_OF: times})
    history = rows_after(TableColumns.of(yes, "outcomes"), asked, pd.Timedelta(0), length, key=c.DECISION_ID)
    label = AGGREGATES["any"](history, "", [ALL])[0]
    return pd.Series(label, index=real.index, name="accepted")[windows_over(times, length, end, incomplete)]
