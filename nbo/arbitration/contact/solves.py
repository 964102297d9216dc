"""Learn which products end which problems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.checks import check_columns
from nbo.experiments import adjusted_p_values
from nbo.features.builders.sales import SALES
from nbo.features.conditions import rows_where
from nbo.features.windows import known_before
from nbo.numbers import check_number
from nbo.tables import CustomerTables
from nbo.tables.codes import as_texts
from nbo.times import check_duration, check_time

__all__ = ["solves"]

_COLUMNS = ["n", "solved", "n_others", "solved_others", "lift", "p", "p_adjusted", "solves"]


def solves(
    tables: CustomerTables,
    as_of: Any,
    within: str = "60D",
    horizon: str = "90D",
    alpha: float = 0.05,
    least: int = 20,
) -> pd.DataFrame:
    r"""Learn which products keep which topics of cases from coming back.

    Of the customers with a case of a topic, by their first one, those who bought the product in the time `within`
    after it are set against those who did not. Solved is a topic of which no further case is opened in the
    time `horizon` after that; so both have the same time to open one, and nobody is counted as a buyer for having
    had none. Who owned the product before belongs to neither. One-sided exact test of Fisher [1]_; the p-values of
    all pairs looked at are adjusted by Benjamini and Yekutieli [2]_, who hold whatever depends on what.

    Parameters
    ----------
    tables : CustomerTables
        `cases` and `transactions`.
    as_of : Timestamp or str
        Only what was known before counts; cases whose `horizon` is not over by then do not.
    within, horizon : str, default="60D", "90D"
        Lengths of time.
    alpha : float, default=0.05
        At most such a share of the pairs that are said to solve does not, in expectation; in (0, 1).
    least : int, default=20
        Buyers and others that a pair must have to be looked at, 1 or more.

    Returns
    -------
    DataFrame
        For each pair looked at, by p: topic, product_id, n (buyers), solved (their share), n_others,
        solved_others, lift (solved / solved_others), p, p_adjusted, solves.

    Raises
    ------
    InputError
        If an argument is none of these, or a table lacks a column.

    Notes
    -----
    Buyers chose to buy, so other things may be behind a lift; an experiment tells. The mapping that rules take is
    ``found[found["solves"]].groupby("topic")["product_id"].agg(list).to_dict()``.

    References
    ----------
    .. [1] Fisher, R. A. (1922). On the interpretation of chi-squared from contingency tables, and the calculation
       of P. Journal of the Royal Statistical Society 85(1), 87-94.
    .. [2] Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple testing
       under dependency. The Annals of Statistics 29(4), 1165-1188.

    Examples
    --------
    >>> people = [f"c{i}" for i in range(60)]
    >>> cases = pd.DataFrame({"customer_id": people, "opened_at": "2026-01-10", "topic": "billing"})
    >>> again = cases.iloc[30:].assign(opened_at="2026-04-01")
    >>> bought = pd.DataFrame({"customer_id": people[:30], "event_time": "2026-01-20", "product_id": "flat"})
    >>> tables = CustomerTables(cases=pd.concat([cases, again]), transactions=bought)
    >>> solves(tables, "2026-07-01")[["topic", "product_id", "n", "solved", "solved_others", "solves"]].values.tolist()
    [['billing', 'flat', 30, 1.0, 0.0, True]]
    """
    moment, follow = check_time(as_of), check_duration(horizon, "horizon")
    check_number(alpha, "alpha", "in (0, 1)", lambda alpha: 0 < alpha < 1)
    check_number(least, "least", "a whole number of 1 or more", lambda least: least >= 1, whole=True)
    cases, sales = _known(tables, "cases", moment), _known(tables, "transactions", moment)
    landmark = check_duration(within, "within")
    first = _first_cases(cases, moment, landmark, follow)
    pairs = _buyers(first, sales, landmark)
    found = _compared(first, pairs, least)
    found["p_adjusted"] = adjusted_p_values(found["p"].to_numpy(dtype=float), "by")
    found["solves"] = found["p_adjusted"] < alpha
    ranked = found.sort_values(["p", c.TOPIC, c.PRODUCT_ID], ignore_index=True)
    return ranked[[c.TOPIC, c.PRODUCT_ID, *_COLUMNS]]


def _known(tables: CustomerTables, name: str, moment: pd.Timestamp) -> pd.DataFrame:
    """Give what was known of cases with a topic, or of completed sales of a product, with texts for both."""
    frame, table = tables.get(name), tables.columns(name)
    what, time = (c.TOPIC, c.OPENED_AT) if name == "cases" else (c.PRODUCT_ID, c.EVENT_TIME)
    check_columns(frame, [c.CUSTOMER_ID, what], name)
    frame = frame[known_before(table, moment) & rows_where(table, () if name == "cases" else SALES)]
    frame = frame.loc[frame[what].notna(), [c.CUSTOMER_ID, what, time]]
    return frame.assign(**{what: as_texts(frame[what]).astype(object)})


def _first_cases(cases: pd.DataFrame, moment: pd.Timestamp, within: pd.Timedelta, follow: pd.Timedelta) -> pd.DataFrame:
    """Give the first case of each customer and topic whose time is over, and whether another came."""
    keys = [c.CUSTOMER_ID, c.TOPIC]
    first = cases.groupby(keys, as_index=False)[c.OPENED_AT].min()
    first = first[first[c.OPENED_AT] + within + follow <= moment].reset_index(drop=True)
    later = cases.merge(first.assign(row=first.index), on=keys, suffixes=("", "_first"))
    start = later[f"{c.OPENED_AT}_first"] + within
    back = later[(later[c.OPENED_AT] >= start) & (later[c.OPENED_AT] < start + follow)]
    return first.assign(solved=~first.index.isin(back["row"]))


def _buyers(first: pd.DataFrame, sales: pd.DataFrame, within: pd.Timedelta) -> pd.DataFrame:
    """Give, for each first case and product bought before the time was over, whether it was owned already."""
    bought = sales.groupby([c.CUSTOMER_ID, c.PRODUCT_ID], as_index=False)[c.EVENT_TIME].min()
    pairs = first.merge(bought, on=c.CUSTOMER_ID)
    pairs = pairs[pairs[c.EVENT_TIME] < pairs[c.OPENED_AT] + within]
    return pairs.assign(owned=pairs[c.EVENT_TIME] < pairs[c.OPENED_AT])


def _compared(first: pd.DataFrame, pairs: pd.DataFrame, least: int) -> pd.DataFrame:
    """Compare who bought with who did not, for each topic and product."""
    keys = [c.TOPIC, c.PRODUCT_ID]
    totals = first.groupby(c.TOPIC)["solved"].agg(["size", "sum"]).reset_index()
    sides = [
        pairs[pairs["owned"] == owned].groupby(keys)["solved"].agg(["size", "sum"]).astype(int)
        for owned in (False, True)
    ]
    table = sides[0].join(sides[1].add_suffix("_owned"), how="left").fillna(0).reset_index()
    table = table.merge(totals, on=c.TOPIC, suffixes=("", "_all"))
    n, solved = table["size"].to_numpy(), table["sum"].to_numpy()
    # Of those who did not own it, all but the buyers are the others.
    pool, pool_solved = (
        table[f"{name}_all"].to_numpy() - table[f"{name}_owned"].to_numpy() for name in ("size", "sum")
    )
    others, others_solved = pool - n, pool_solved - solved
    looked = (n >= least) & (others >= least)
    share, other_share = solved / np.maximum(n, 1), others_solved / np.maximum(others, 1)
    found = table[keys].assign(n=n, solved=share, n_others=others.astype(int), solved_others=other_share)
    found["lift"] = np.divide(share, other_share, out=np.full(len(n), np.nan), where=other_share > 0)
    found["p"] = stats.hypergeom.sf(solved - 1, pool, pool_solved, n)
    return found[looked].reset_index(drop=True)
