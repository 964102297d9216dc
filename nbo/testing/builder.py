"""What a feature builder owes: nothing from the future, and one row per question."""

from __future__ import annotations

import copy
import json

import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo import columns as c
from nbo.checks import check_rows
from nbo.features import FeatureBuilder
from nbo.features.feature import DICTIONARY_COLUMNS
from nbo.tables import CustomerTables, Spine
from nbo.testing.altered_tables import of_customers, shuffled, with_future, without_future
from nbo.testing.owed import owed, same, unchanged

__all__ = ["check_builder"]


def check_builder(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> None:
    """Check all that a feature builder owes.

    Rows at or after `as_of`, rows that became known then, other customers (but for those that the
    builder's `links` lead to) and the order of rows change nothing, to the bit. Each spine row gives
    one row, also for a customer without any. The columns are those of `describe`. What it is given
    stays as it was, and what it states as JSON builds the same.

    Parameters
    ----------
    builder : FeatureBuilder
        Taken as a copy; it need not be fitted.
    tables : CustomerTables
        With one of the builder's tables or more.
    spine : Spine
        At least two customers, at one or more moments. The better it covers the tables, the
        more is checked.

    Raises
    ------
    AssertionError
        Says what the builder owes, and what was seen.
    InputError
        If the spine has fewer than two customers.

    Examples
    --------
    >>> from nbo.features import BehavioralFeatures
    >>> events = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": ["2026-06-29", "2026-06-01"]})
    >>> tables, spine = CustomerTables(events=events), Spine.at("2026-06-30", ["ann", "bob"])
    >>> check_builder(BehavioralFeatures(windows=["7D"]), tables, spine)
    """
    customers = spine.frame[c.CUSTOMER_ID].nunique()
    check_rows(np.array([customers < 2]), [customers], "customers of the spine", "2 or more")
    fitted = _check_fit(builder, tables, spine)
    _check_columns(fitted, tables, spine)
    _check_point_in_time(fitted, tables, spine)
    _check_independence(fitted, tables, spine)
    _check_every_row(fitted, tables, spine)
    _check_state(fitted, tables, spine)


def _check_fit(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> FeatureBuilder:
    """Fit a copy, which must change nothing that it is given."""
    name, fitted = type(builder).__name__, copy.deepcopy(builder)
    lent = {table: tables.get(table) for table in tables.names}
    with unchanged(name, spine=spine.frame, **lent):
        owed(fitted.fit(tables, spine) is fitted, f"{name}.fit must return the builder itself")
        fitted.build(tables, spine)
    again = clone(fitted)
    owed(again.get_params() == builder.get_params(), f"{name} must be made again by scikit-learn's clone")
    owed(not hasattr(again, "features_"), f"{name} must not be fitted before fit is called")
    same_params = fitted.get_params() == builder.get_params()
    owed(same_params, f"{name} must only store its arguments; fit changed them to {fitted.get_params()}")
    return fitted


def _check_columns(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> None:
    name, X, described = type(builder).__name__, builder.build(tables, spine), builder.describe()
    owed(len(X) == len(spine), f"{name} must give one row per spine row; gave {len(X)} for {len(spine)}")
    owed(X.index.equals(pd.RangeIndex(len(spine))), f"{name} must give the index 0 .. n-1; gave {X.index!r}")
    owed(list(described.columns) == DICTIONARY_COLUMNS, f"{name}.describe must have the columns {DICTIONARY_COLUMNS}")
    owed(len(X.columns) > 0, f"{name} gave no column for these tables")
    owed(
        list(X.columns) == described["feature"].tolist(),
        f"{name} must give the columns of describe(), in its order; gave {list(X.columns)}",
    )
    owed(X.columns.is_unique, f"{name} must give each column once; gave {list(X.columns)}")
    owed((described["meaning"].str.len() > 0).all(), f"{name}.describe must give every column a meaning")
    foreign = sorted(set(described["table"]) - set(builder.tables))
    owed(not foreign, f"{name} says that it reads {builder.tables}, but describes columns of {foreign}")
    for column in X:
        infinite = pd.api.types.is_numeric_dtype(X[column]) and np.isinf(X[column].to_numpy(dtype=float)).any()
        owed(not infinite, f"{name} must give finite numbers or missing ones; {column} is infinite")


def _check_point_in_time(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> None:
    name, X = type(builder).__name__, builder.build(tables, spine)
    latest, earliest = spine.frame[c.AS_OF].max(), spine.frame[c.AS_OF].min()
    later = with_future(tables, builder.tables, latest)
    same(builder.build(later, spine), X, f"{name} sees rows that happened or became known at or after as_of")
    again = copy.deepcopy(builder).fit(later, spine)
    same(again.describe(), builder.describe(), f"{name}.fit learns columns from rows at or after as_of")
    first = (spine.frame[c.AS_OF] == earliest).to_numpy()
    past = builder.build(without_future(tables, earliest), Spine.of(spine.frame[first]))
    same(past, X[first].reset_index(drop=True), f"{name} gives other columns when rows at or after as_of are not there")


def _check_independence(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> None:
    name, X = type(builder).__name__, builder.build(tables, spine)
    same(builder.build(shuffled(tables), spine), X, f"{name} must not depend on the order of a table's rows")
    order = np.random.default_rng(0).permutation(len(spine))
    moved = builder.build(tables, Spine.of(spine.frame.iloc[order]))
    same(moved, X.iloc[order].reset_index(drop=True), f"{name} must not depend on the order of the spine")
    ids = spine.frame[c.CUSTOMER_ID]
    some = ids.isin(ids.drop_duplicates().iloc[::2])
    for part in (some, ~some):
        alone = builder.build(of_customers(tables, ids[part], builder.links), Spine.of(spine.frame[part]))
        expected = X[part.to_numpy()].reset_index(drop=True)
        same(alone, expected, f"{name} must not depend on which other customers are in the tables")


def _check_every_row(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> None:
    name, X, ids = type(builder).__name__, builder.build(tables, spine), spine.frame[c.CUSTOMER_ID]
    stranger = ids.max() + 1 if pd.api.types.is_integer_dtype(ids) else f"{ids.max()} nobody"
    unknown = spine.frame.iloc[:1].assign(**{c.CUSTOMER_ID: stranger})
    more = builder.build(tables, Spine.of(pd.concat([spine.frame, unknown, spine.frame.iloc[:1]], ignore_index=True)))
    owed(len(more) == len(spine) + 2, f"{name} must keep customers that no table knows, and rows that stand twice")
    same(more.iloc[: len(spine)], X, f"{name} gives other columns when a customer that no table knows is asked for too")
    same(more.iloc[[-1]].reset_index(drop=True), X.iloc[:1], f"{name} must give a row that stands twice the same twice")
    nothing = builder.build(tables, Spine.of(spine.frame.iloc[:0]))
    owed(list(nothing.columns) == list(X.columns) and not len(nothing), f"{name} must take a spine without rows")
    empty = builder.build(tables.replace(**{table: tables.get(table).iloc[:0] for table in builder.tables}), spine)
    owed(empty.shape == X.shape, f"{name} must give all rows and columns when its tables have no rows")


def _check_state(builder: FeatureBuilder, tables: CustomerTables, spine: Spine) -> None:
    name = type(builder).__name__
    back = FeatureBuilder.from_dict(json.loads(json.dumps(builder.to_dict())))
    owed(type(back) is type(builder), f"{name}.from_dict gave a {type(back).__name__}")
    same(back.describe(), builder.describe(), f"{name} describes other columns after a way through JSON")
    same(
        back.build(tables, spine), builder.build(tables, spine), f"{name} builds other columns after a way through JSON"
    )
