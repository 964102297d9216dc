"""One row for each customer, of the rows of all their decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.errors import InputError
from nbo.experiments.arm_names import OUTSIDE
from nbo.experiments.experiment_rows import check_one_arm, experiment_rows, metric_values

__all__ = ["customer_totals"]


def customer_totals(
    decisions: Any,
    sums: Sequence[str] = (c.REWARD,),
    customers: Any = None,
    *,
    keep: Sequence[str] = (),
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Add up the decisions of each customer, and count customers without any as zeros.

    Arms are made of customers, so a test has customers as its units. Who got no decision belongs to the arm all
    the same: an arm that rules keep from making offers would otherwise look better than it is.

    Parameters
    ----------
    decisions : DataFrame
        Rows of answered decisions; the customer and what is added up. Those that made no offer are among them.
    sums : sequence of str, default=("reward",)
        Columns to be added up: numbers, none missing.
    customers : DataFrame, optional
        All customers of the experiment, one row each: the customer, the arm, and what else is known of them, such as
        segments and spending before. By default those of the decisions, with their arm.
    keep : sequence of str, optional
        Columns of the decisions that are the same in all rows of a customer, such as a segment.
    arm, unit : str
        Columns of the arm and the customer.

    Returns
    -------
    DataFrame
        A row for each customer: the columns of `customers` (or customer, arm and those kept), `decisions`, their
        number, and the sums.

    Raises
    ------
    InputError
        If a column is missing, a customer is in several arms, or has a decision and is not among `customers`,
        or in another arm there; if a number is missing, or a column is to be kept that changes.

    Examples
    --------
    >>> decisions = pd.DataFrame({"customer_id": ["ann", "ann", "bob"], "reward": [1.0, 0.0, 1.0]})
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "arm": ["agent", "control", "control"]})
    >>> customer_totals(decisions, customers=customers).values.tolist()
    [['ann', 'agent', 2, 1.0], ['bob', 'control', 1, 1.0], ['cy', 'control', 0, 0.0]]
    """
    rows = check_frame(decisions, "decisions")
    check_columns(rows, [unit, *sums, *keep, *([arm] if customers is None else [])], "decisions")
    check_keys(rows[unit], f"decisions.{unit}")
    if arm in rows:
        check_keys(rows[arm], f"decisions.{arm}")
        check_one_arm(rows, arm, unit)
    rows = _of_the_experiment(rows, customers, arm, unit)
    people = _people(rows, customers, [arm, *keep], unit)
    numbers = {name: metric_values(rows, name, "decisions") for name in sums}
    taken = pd.DataFrame({unit: rows[unit], "decisions": 1, **numbers})
    clash = [name for name in taken.columns if name in people and name != unit]
    if clash:
        raise InputError(f"customers must not have the columns that are added up; it has {clash[0]!r}.")
    totals = taken.groupby(unit, sort=False).sum()
    _check_same_arms(rows, people, arm, unit)
    found = totals.reindex(people[unit]).fillna(0).astype({"decisions": "int64"})
    return pd.concat([people, found.reset_index(drop=True)], axis=1)


def _of_the_experiment(rows: pd.DataFrame, customers: Any, arm: str, unit: str) -> pd.DataFrame:
    """Leave out the decisions of customers that the experiment leaves alone."""
    if customers is not None:
        given = check_frame(customers, "customers")
        check_columns(given, [unit, arm], "customers")
        rows = rows[~rows[unit].isin(given.loc[given[arm] == OUTSIDE, unit]).to_numpy()]
    inside = np.ones(len(rows), dtype=bool) if arm not in rows else (rows[arm] != OUTSIDE).to_numpy(dtype=bool)
    return rows[inside].reset_index(drop=True)


def _people(rows: pd.DataFrame, customers: Any, columns: list[str], unit: str) -> pd.DataFrame:
    if customers is not None:
        given = check_frame(customers, "customers")
        check_columns(given, [unit, *columns], "customers")
        return experiment_rows(given, [], columns[0], unit)
    people = rows[[unit, *columns]].drop_duplicates()
    again = people.duplicated(unit)
    if again.any():
        first = people.loc[again, unit].tolist()[0]
        raise InputError(
            f"columns that are kept must be the same in all rows of a customer; {int(again.sum())} times they change, "
            f"first for {first!r}."
        )
    return people.reset_index(drop=True)


def _check_same_arms(rows: pd.DataFrame, people: pd.DataFrame, arm: str, unit: str) -> None:
    assigned = rows[unit].map(people.set_index(unit)[arm])
    check_rows(assigned.isna().to_numpy(), rows[unit], f"decisions.{unit}", "among the customers of the experiment")
    if arm in rows:
        other = assigned.astype(object).ne(rows[arm].astype(object))
        check_rows(other.to_numpy(), rows[arm], f"decisions.{arm}", "the arm of the customer in `customers`")
