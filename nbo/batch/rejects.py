"""Set aside the rows that break the contracts, each with its reason, so that the others can be scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_numeric_dtype

from nbo import columns as c
from nbo.tables import CONTRACTS, Column, CustomerTables, TableContract
from nbo.tables.plain_values import microseconds
from nbo.tables.typed import parsed_times, untypable

__all__ = ["REJECT_TYPES", "is_blank", "rejects_frame", "set_aside"]

# What we did is the ledger's to judge, and the catalog's rows are checked when it is made.
_LEFT_ALONE = {"catalog", "decisions", "outcomes"}
_REPEATS = "an earlier row has the same"
_OLDEST = pd.Timestamp("1890-01-01")
_NOBODY = pd.Series(dtype=object)

# A faulty row: mask over the table, the column, the reason.
Fault = tuple[np.ndarray, str, str]
REJECT_TYPES = {"table": "str", "row": "int64", c.CUSTOMER_ID: "str", "column": "str", "reason": "str"}


def set_aside(tables: CustomerTables, as_of: pd.Timestamp) -> tuple[CustomerTables, pd.DataFrame]:
    """Part the rows that can be used from those that break the contracts.

    Rows without a key or time, with values that are not of their column's type, and later
    rows of the same identity are set aside in all tables of customer data; in `customers` also
    numbers out of their range and dates of birth that cannot be. Where the newest known row of a customer is set
    aside, so are the older ones: a consent that was withdrawn must not come back.

    Parameters
    ----------
    tables : CustomerTables
    as_of : Timestamp
        Nobody is born after it; UTC.

    Returns
    -------
    CustomerTables
        The other rows.
    DataFrame
        One row per row set aside: table, row (its position in the table), customer_id (as
        text), column, reason.
    """
    kept, found = {}, [rejects_frame("", _NOBODY, [])]
    for name in tables.names:
        frame = tables.get(name)
        faults = [] if name in _LEFT_ALONE else list(_faults(frame, CONTRACTS[name], as_of))
        if name == "customers":
            faults += _older_states(frame, faults, as_of)
        ids = frame[c.CUSTOMER_ID] if c.CUSTOMER_ID in frame else pd.Series(np.nan, index=frame.index, dtype=object)
        rejects = rejects_frame(name, ids, faults)
        if len(rejects):
            found.append(rejects)
            kept[name] = _whole_ids(frame[~frame.index.isin(rejects["row"])])
    return tables.replace(**kept), pd.concat(found, ignore_index=True)


def _faults(frame: pd.DataFrame, contract: TableContract, as_of: pd.Timestamp) -> Iterator[Fault]:
    for name in frame.columns:
        column = contract.column(str(name))
        if column is not None:
            yield from _value_faults(frame[name], column)
            if contract.name == "customers":
                yield from _range_faults(frame[name], column, as_of)
    yield from _second_rows(frame, contract)


def _value_faults(values: pd.Series, column: Column) -> Iterator[Fault]:
    if column.required:
        yield values.isna().to_numpy(), str(values.name), "missing"
        if column.kind == "key" and not is_numeric_dtype(values.dtype):
            yield is_blank(values), str(values.name), "blank"
    # A single missing one turns integer ids into floats.
    if not (column.kind == "key" and _are_whole(values)):
        yield untypable(values, column).to_numpy(dtype=bool), str(values.name), f"not {column.allowed}"


def _range_faults(values: pd.Series, column: Column, as_of: pd.Timestamp) -> Iterator[Fault]:
    if column.kind == "number":
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        low = -np.inf if column.low is None else column.low
        high = np.inf if column.high is None else column.high
        yield (numbers < low) | (numbers > high) | np.isinf(numbers), column.name, f"not {column.allowed}"
    elif column.name == c.BIRTH_DATE:
        times = parsed_times(values)
        yield (times >= as_of).to_numpy(), column.name, "after the moment of the run"
        yield (times < _OLDEST).to_numpy(), column.name, f"before {_OLDEST.year}"


def _second_rows(frame: pd.DataFrame, contract: TableContract) -> Iterator[Fault]:
    """Later rows of the same identity; a missing `valid_from` is one value like any other."""
    ids = [name for name in contract.unique if name in frame.columns]
    needed = set(contract.unique) - {c.VALID_FROM, c.KIND} - set(contract.any_of)
    if ids and needed <= set(ids) and not contract.any_of:
        texts = frame[ids].astype("str") if frame[ids[0]].dtype == object else frame[ids]
        twice = texts.duplicated() & frame[ids[0]].notna()
        yield twice.to_numpy(), ids[0], f"{_REPEATS} {', '.join(ids)}"


def _older_states(frame: pd.DataFrame, faults: list[Fault], as_of: pd.Timestamp) -> list[Fault]:
    """Older rows of customers whose newest known row is set aside; one that repeats another is no news."""
    masks = [mask for mask, _, reason in faults if not reason.startswith(_REPEATS)]
    wrong = np.logical_or.reduce(masks) if masks else np.zeros(len(frame), dtype=bool)
    if not wrong.any() or c.CUSTOMER_ID not in frame:
        return []
    ids, moment = frame[c.CUSTOMER_ID].astype("str"), microseconds(pd.Series([as_of]))[0]
    since = _since(frame, moment)
    newest, bad = (
        since[rows & (since < moment)].groupby(ids[rows & (since < moment)]).max() for rows in (~wrong, wrong)
    )
    # Whoever has a newer row that can be used is told by that.
    outdated = bad[~(newest.reindex(bad.index) > bad)]
    older = (since <= ids.map(outdated)).to_numpy(dtype=bool) & ~wrong & frame[c.CUSTOMER_ID].notna().to_numpy()
    return [(older, c.CUSTOMER_ID, "a newer row of the customer is set aside")]


def _since(frame: pd.DataFrame, moment: int) -> pd.Series:
    """Say since when each row holds, in microseconds: ever where that is missing, just now where it cannot be read."""
    if c.VALID_FROM not in frame:
        return pd.Series(np.iinfo(np.int64).min, index=frame.index)
    times = parsed_times(frame[c.VALID_FROM]).astype("datetime64[us]")
    since = pd.Series(microseconds(times), index=frame.index)
    return since.mask(times.isna() & frame[c.VALID_FROM].notna(), moment - 1)


def is_blank(keys: pd.Series) -> np.ndarray:
    """Mark texts of nothing but spaces.

    Parameters
    ----------
    keys : Series of m keys

    Returns
    -------
    ndarray of bool, shape (m,)
    """
    return np.asarray((keys.astype("str").str.strip() == "").to_numpy(dtype=bool, na_value=False))


def _are_whole(values: pd.Series) -> bool:
    return is_float_dtype(values.dtype) and bool((values.dropna() % 1 == 0).all())


def _whole_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Give customer ids back as the integers that they were before one was missing."""
    if c.CUSTOMER_ID in frame and _are_whole(frame[c.CUSTOMER_ID]) and frame[c.CUSTOMER_ID].notna().all():
        return frame.astype({c.CUSTOMER_ID: "int64"})
    return frame


def rejects_frame(table: str, ids: pd.Series, faults: Iterable[Fault], first: int = 0) -> pd.DataFrame:
    """List faulty rows, each with the first of its reasons.

    Parameters
    ----------
    table : str
        Where they stand.
    ids : Series of n customer ids
    faults : iterable of (ndarray of bool, str, str)
        Mask over the n rows, the column, the reason.
    first : int, default=0
        Position of the first of the n rows in the table.

    Returns
    -------
    DataFrame
        table, row, customer_id, column, reason.
    """
    rows = [
        pd.DataFrame(
            {
                "table": table,
                "row": np.flatnonzero(wrong) + first,
                c.CUSTOMER_ID: ids[wrong].astype("str").to_numpy(),
                "column": column,
                "reason": reason,
            }
        )
        for wrong, column, reason in faults
        if wrong.any()
    ]
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(REJECT_TYPES))
    return found.drop_duplicates("row").sort_values("row", ignore_index=True).astype(REJECT_TYPES)
