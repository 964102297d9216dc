"""Find every way in which tables break their contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables.schema import Column, TableContract
from nbo.tables.typed import mixed_zones, untypable
from nbo.times import parsed_times

__all__ = ["PROBLEM_COLUMNS", "column_problems", "link_problems", "problem_message", "table_problems"]

PROBLEM_COLUMNS = ["table", "column", "rule", "n_rows", "first_row", "example", "allowed"]

Problem = dict[str, Any]

# A row of `unique` may lack these: without them the other columns identify the row.
_OPTIONAL_IN_UNIQUE = {c.VALID_FROM, c.KNOWN_AT, c.KIND, c.REGION}

# Own column that must not lie before the other one.
_ORDERS = {
    "cases": (c.CLOSED_AT, c.OPENED_AT),
    "referrals": (c.CONVERTED_AT, c.EVENT_TIME),
    "catalog": (c.VALID_UNTIL, c.VALID_FROM),
}


def problem(table: str, column: str, rule: str, wrong: pd.Series, values: Any, allowed: str) -> Iterator[Problem]:
    """Yield one problem if any row is marked wrong."""
    mask = wrong.to_numpy(dtype=bool, na_value=False)
    if not mask.any():
        return
    first = int(mask.argmax())
    example = values.iloc[first] if hasattr(values, "iloc") else values
    yield dict(zip(PROBLEM_COLUMNS, (table, column, rule, int(mask.sum()), first, str(example), allowed), strict=True))


def column_problems(frame: pd.DataFrame, contract: TableContract, now: pd.Timestamp) -> Iterator[Problem]:
    """Yield the problems of single columns.

    Parameters
    ----------
    frame : DataFrame
        The table, typed as far as it can be.
    contract : TableContract
    now : Timestamp
        Times after it lie in the future.

    Yields
    ------
    dict
        With the keys of `PROBLEM_COLUMNS`.
    """
    for name in contract.required:
        if name not in frame.columns:
            yield _absent(contract, name, len(frame), contract.column(name))
    if contract.any_of and not set(contract.any_of) & set(frame.columns):
        yield _absent(contract, " or ".join(contract.any_of), len(frame), None)
    for name in frame.columns:
        column = contract.column(str(name))
        if column is not None:
            yield from _values(frame[name], contract.name, str(name), column, now)


def _absent(contract: TableContract, name: str, n_rows: int, column: Column | None) -> Problem:
    allowed = f"a column {name}" + (f": {column.allowed}" if column else "")
    return dict(zip(PROBLEM_COLUMNS, (contract.name, name, "missing column", n_rows, None, "", allowed), strict=True))


def _values(values: pd.Series, table: str, name: str, column: Column, now: pd.Timestamp) -> Iterator[Problem]:
    """Problems of one column that is there."""
    if column.required:
        rule = {"key": "missing key", "time": "missing time"}.get(column.kind, "missing value")
        yield from problem(table, name, rule, values.isna(), values, f"{column.allowed}, in every row")
    if column.kind == "time":
        yield from _time_problems(values, table, name, column, now)
    elif column.kind in ("number", "flag", "key"):
        wrong = untypable(values, column)
        yield from problem(table, name, "wrong type", wrong, values, column.allowed)
        if column.kind == "number":
            yield from _number_problems(values, table, name, column)
    elif column.values:
        unknown = values.notna() & ~values.isin(column.values)
        yield from problem(table, name, "unknown value", unknown, values, column.allowed)


def _time_problems(values: pd.Series, table: str, name: str, column: Column, now: pd.Timestamp) -> Iterator[Problem]:
    times = parsed_times(values)
    if not column.future:
        allowed = f"not after {now:%Y-%m-%d %H:%M} UTC"
        yield from problem(table, name, "future time", times > now, values, allowed)
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        yield from problem(table, name, "unparseable time", untypable(values, column), values, column.allowed)
        allowed = "one zone, or none (UTC), for the whole column"
        yield from problem(table, name, "mixed time zones", mixed_zones(values), values, allowed)


def _number_problems(values: pd.Series, table: str, name: str, column: Column) -> Iterator[Problem]:
    fine = values.mask(untypable(values, column)) if values.dtype == object else values
    if pd.api.types.is_complex_dtype(fine.dtype):
        return
    numbers = pd.Series(pd.to_numeric(fine, errors="coerce").to_numpy(dtype=float, na_value=np.nan))
    yield from problem(table, name, "not finite", numbers.abs() == np.inf, numbers, column.allowed)
    if column.low is not None:
        rule = "negative" if column.low == 0 else "out of range"
        yield from problem(table, name, rule, numbers < column.low, numbers, column.allowed)
    if column.above is not None:
        yield from problem(table, name, "out of range", numbers <= column.above, numbers, column.allowed)
    if column.high is not None:
        yield from problem(table, name, "out of range", numbers > column.high, numbers, column.allowed)


def table_problems(frame: pd.DataFrame, contract: TableContract) -> Iterator[Problem]:
    """Yield duplicate ids and times in the wrong order within a table.

    Parameters
    ----------
    frame : DataFrame
    contract : TableContract

    Yields
    ------
    dict
        With the keys of `PROBLEM_COLUMNS`.
    """
    ids = [name for name in contract.unique if name in frame.columns]
    needed = set(contract.unique) - _OPTIONAL_IN_UNIQUE - set(contract.any_of)
    if ids and needed <= set(ids):
        key = ids[0] if contract.any_of == () else next((n for n in contract.any_of if n in ids), ids[0])
        twice = frame.duplicated(subset=ids) & frame[key].notna()
        words = ", ".join(ids)
        yield from problem(contract.name, words, "duplicate id", twice, frame[key], f"each {words} once")
    later, earlier = _ORDERS.get(contract.name, ("", ""))
    if {later, earlier} <= set(frame.columns) and all(
        pd.api.types.is_datetime64_any_dtype(frame[name].dtype) for name in (later, earlier)
    ):
        wrong = frame[later] < frame[earlier]
        yield from problem(contract.name, later, "before its start", wrong, frame[later], f"not before {earlier}")


def link_problems(tables: Mapping[str, pd.DataFrame], contract: TableContract) -> Iterator[Problem]:
    """Yield rows that point to nothing, keys of differing types, and answers before their decision.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        All tables that are there.
    contract : TableContract
        The table whose links are looked at.

    Yields
    ------
    dict
        With the keys of `PROBLEM_COLUMNS`.
    """
    frame = tables[contract.name]
    for name, target, target_column in contract.links:
        there = target in tables and target_column in tables[target].columns and name in frame.columns
        if not there:
            continue
        own, others = _keys(frame[name]), _keys(tables[target][target_column])
        allowed = f"a {target_column} of {target}"
        if contract.name == "events" and "identities" in tables:
            yield from _other_types(own, others, name, allowed)
            continue
        if _is_integer(own) != _is_integer(others) and len(own) and len(others):
            differ = own.notna()
            yield from problem(
                contract.name, name, "key types differ", differ, own, f"{allowed}, of type {others.dtype}"
            )
            continue
        orphan = own.notna() & ~own.isin(others)
        if name == c.OFFER_ID:
            orphan &= own != c.NO_OFFER
        yield from problem(contract.name, name, "orphan", orphan, own, allowed)
    if contract.name == "outcomes" and "decisions" in tables:
        yield from _early_answers(frame, tables["decisions"])


def _other_types(own: pd.Series, others: pd.Series, name: str, allowed: str) -> Iterator[Problem]:
    """Where anonymous visitors are tracked, an id may be no customer's yet, but not one but for its type."""
    strange = own[own.notna() & ~own.isin(others)]
    differ = strange.astype(str).isin(others.dropna().astype(str)).reindex(own.index, fill_value=False)
    yield from problem("events", name, "key types differ", differ, own, f"{allowed}, of type {others.dtype}")


def _early_answers(outcomes: pd.DataFrame, decisions: pd.DataFrame) -> Iterator[Problem]:
    needed = {c.DECISION_ID, c.OUTCOME_AT} <= set(outcomes.columns) and {c.DECISION_ID, c.DECIDED_AT} <= set(
        decisions.columns
    )
    if not needed or decisions[c.DECISION_ID].isna().any():
        return
    decided = decisions.drop_duplicates(c.DECISION_ID).set_index(c.DECISION_ID)[c.DECIDED_AT]
    # `reindex` keeps the type of the times also where there are no rows; `map` does not.
    times = decided.reindex(outcomes[c.DECISION_ID]).reset_index(drop=True)
    if all(pd.api.types.is_datetime64_any_dtype(times_.dtype) for times_ in (times, outcomes[c.OUTCOME_AT])):
        early = outcomes[c.OUTCOME_AT] < times
        yield from problem(
            "outcomes", c.OUTCOME_AT, "before its start", early, outcomes[c.OUTCOME_AT], "not before decided_at"
        )


def _keys(values: pd.Series) -> pd.Series:
    """Keys without those that cannot be one, which are a problem of their own."""
    return values.mask(untypable(values, Column("", "key", "")))


def _is_integer(values: pd.Series) -> bool:
    kinds = pd.api.types.infer_dtype(values, skipna=True)
    return kinds == "integer" or pd.api.types.is_integer_dtype(values.dtype)


def problem_message(problems: pd.DataFrame) -> str:
    """Word all problems as one message.

    Parameters
    ----------
    problems : DataFrame
        As ``CustomerTables.validate`` gives it.

    Returns
    -------
    str
    """
    lines = [f"{len(problems)} problem{'s' if len(problems) != 1 else ''} in the tables:"]
    for row in problems.to_dict("records"):
        example = row["example"]
        first = f", first at row {row['first_row']}: {example!r}" if example else ""
        where, n_rows = f"{row['table']}.{row['column']}", row["n_rows"]
        lines.append(f"- {where}: {row['rule']}, {n_rows} rows{first}; allowed: {row['allowed']}")
    return "\n".join(lines)
