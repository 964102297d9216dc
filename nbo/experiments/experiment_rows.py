"""One row for each customer of an experiment, checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.experiments.arm_names import OUTSIDE

__all__ = ["check_one_arm", "experiment_rows", "metric_values"]


def experiment_rows(
    frame: Any, columns: Iterable[str], arm: str, unit: str, baseline: str | None = None, *, least: int = 2
) -> pd.DataFrame:
    """Take the rows of an experiment, and refuse what makes its arms no arms.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer.
    columns : iterable of str
        What else must be there.
    arm, unit : str
        Columns of the arm and of the customer. Without the latter, each row is of its own.
    baseline : str, optional
        An arm that must be there, and another one.
    least : int, default=2
        Customers that each arm must have, if there is a baseline.

    Returns
    -------
    DataFrame
        With a new index, without those outside of the experiment.

    Raises
    ------
    InputError
        If a column or an arm is missing, a customer has several rows or arms, or an arm too few customers.
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, [arm, *columns], "frame")
    check_keys(rows[arm], f"frame.{arm}")
    rows = rows[(rows[arm] != OUTSIDE).to_numpy(dtype=bool)].reset_index(drop=True)
    if unit in rows:
        check_keys(rows[unit], f"frame.{unit}")
        check_one_arm(rows, arm, unit)
        again = rows.duplicated(unit).to_numpy()
        way_out = "nbo.experiments.customer_totals adds up the rows of a customer."
        check_rows(again, rows[unit], f"frame.{unit}", "in one row", way_out)
    if baseline is not None:
        counts = rows[arm].value_counts()
        check_one_of(baseline, sorted(counts.index), "baseline")
        if len(counts) < 2:
            raise InputError(f"frame must have an arm beside {baseline!r}; it has none.")
        if counts.min() < least:
            raise InputError(
                f"each arm must have at least {least} customers; {counts.idxmin()!r} has {counts.min()}. Leave it out."
            )
    return rows


def check_one_arm(rows: pd.DataFrame, arm: str, unit: str) -> None:
    """Refuse customers in several arms.

    Parameters
    ----------
    rows : DataFrame
    arm, unit : str
        Columns.

    Raises
    ------
    InputError
        If any is.
    """
    pairs = rows[[unit, arm]].drop_duplicates()
    twice = pairs[pairs.duplicated(unit, keep=False)]
    if len(twice):
        several, first = twice[unit].nunique(), twice[unit].tolist()[0]
        names = ", ".join(repr(name) for name in twice.loc[twice[unit] == first, arm])
        raise InputError(
            f"each customer must be in one arm; {several} of {pairs[unit].nunique()} are in several, "
            f"first {first!r}: {names}. Arms that change with time are experiments of their own, period by period."
        )


def metric_values(rows: pd.DataFrame, column: str, what: str = "frame") -> np.ndarray:
    """Take a metric that must be known of everybody.

    Parameters
    ----------
    rows : DataFrame
    column : str
    what : str, default="frame"
        Name of the frame for messages.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If a value is missing, infinite or no number.
    """
    values = check_numbers(rows[column], f"{what}.{column}")
    check_rows(
        ~np.isfinite(values),
        values,
        f"{what}.{column}",
        "there and finite",
        "Who did nothing counts 0; leaving some out makes the arms unlike.",
    )
    return values
