"""Who is invited to a survey."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.errors import InputError
from nbo.experiments.survey_plan import SurveyPlan
from nbo.rng import uniform_by_key

__all__ = ["draw_survey"]


def draw_survey(customers: pd.DataFrame, plan: SurveyPlan, salt: str | int) -> pd.DataFrame:
    """Draw whom a survey invites: in each segment the planned number, all customers with the same chance.

    Customers are taken in the order of a hash of theirs. So the draw can be repeated, the order of the rows means
    nothing, and a survey that is made larger keeps whom it has.

    Parameters
    ----------
    customers : DataFrame of shape (n, any)
        Columns `customer_id` and `segment`.
    plan : SurveyPlan
        How many to invite of each segment. Customers of other segments are left out.
    salt : str or int
        Name of the survey; another one draws others.

    Returns
    -------
    DataFrame
        A row for each invited: `customer_id`, `segment`, `rank` (from 1, in the segment; who is asked first) and
        `weight`, how many customers of the segment each stands for.

    Raises
    ------
    InputError
        If a column or a key is missing, a customer stands twice, or a segment has fewer customers than are to be
        invited.

    Examples
    --------
    >>> from nbo.experiments import survey_plan
    >>> customers = pd.DataFrame({"customer_id": range(1000), "segment": ["gold", "silver"] * 500})
    >>> plan = survey_plan(customers.groupby("segment").size().rename("size").reset_index(), margin=0.1)
    >>> invited = draw_survey(customers, plan, "autumn")
    >>> invited.groupby("segment")["weight"].agg(["size", "sum"]).round(3).values.tolist()
    [[81.0, 500.0], [81.0, 500.0]]
    """
    frame = check_frame(customers, "customers")
    check_columns(frame, [c.CUSTOMER_ID, c.SEGMENT], "customers")
    for key in (c.CUSTOMER_ID, c.SEGMENT):
        check_keys(frame[key], f"customers.{key}")
    ids = frame[c.CUSTOMER_ID]
    check_rows(ids.duplicated().to_numpy(), ids, "customers.customer_id", "different in each row")
    wanted = plan.frame.set_index(c.SEGMENT)["invited"]
    there = frame[c.SEGMENT].value_counts().reindex(wanted.index, fill_value=0)
    short = wanted.index[there < wanted]
    if len(short):
        raise InputError(
            f"customers must have as many rows of each segment as are to be invited; {len(short)} of {len(wanted)} "
            f"segments have fewer, first {short[0]!r}: {there[short[0]]} of {wanted[short[0]]}."
        )
    pool = frame.loc[frame[c.SEGMENT].isin(wanted.index), [c.CUSTOMER_ID, c.SEGMENT]].reset_index(drop=True)
    pool["hash"] = uniform_by_key(pool[c.CUSTOMER_ID], salt=f"survey/{salt}")
    pool["rank"] = pool.groupby(c.SEGMENT)["hash"].rank(method="first").astype(np.int64)
    pool["weight"] = pool[c.SEGMENT].map(there / wanted).astype(float)
    drawn = pool[pool["rank"] <= pool[c.SEGMENT].map(wanted)]
    return drawn.sort_values([c.SEGMENT, "rank"], ignore_index=True).drop(columns="hash")
