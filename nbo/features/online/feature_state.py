"""Features of the moment: events come in one at a time, a customer's row goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.features.base import Tables
from nbo.features.feature_set import FeatureSet
from nbo.features.online.state_files import read_state, write_state
from nbo.features.online.state_retention import Retention
from nbo.features.online.state_rows import StateRows
from nbo.features.online.state_store import StateStore
from nbo.features.past import Past
from nbo.tables import CustomerTables
from nbo.tables.stored_tables import opened
from nbo.times import check_time

__all__ = ["FeatureState"]


@dataclass(frozen=True)
class _Questions:
    """A spine that needs no more checks."""

    frame: pd.DataFrame


class FeatureState:
    """Features of the moment: events come in one at a time, a customer's row goes out.

    The rows are kept as they come, found by customer, and a customer's row is computed from
    its own rows by the kernel that builds training sets. So it equals, bit for bit, what
    ``features.build`` gives for tables with the same rows, whatever the order in which they came.
    Any moment may be asked for, also past ones.

    Parameters
    ----------
    features : FeatureSet
        Fitted.
    keep : str or timedelta, optional
        Forget rows of events that lie further back than this, such as "400D", and that no window reaches any
        more. Only for features that have windows of a limited length; by default all rows are kept.

    Attributes
    ----------
    feature_names : list of str
        Names of the columns of a row.
    n_rows : dict of str to int
        How many rows of each table are kept.

    Raises
    ------
    InputError
        If the features are not fitted, or may need rows older than `keep`.

    Notes
    -----
    Calls from several threads wait for each other: a row of features has seen all of each row
    that was added before, or nothing of it.

    Examples
    --------
    >>> from nbo.features import BehavioralFeatures
    >>> from nbo.tables import CustomerTables, Spine
    >>> events = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-06-01"], "event_type": ["cart"]})
    >>> tables = CustomerTables(events=events)
    >>> state = FeatureState(FeatureSet([BehavioralFeatures()]).fit(tables, Spine.at("2026-06-30", ["ann"])))
    >>> state.load(tables)
    >>> state.add("events", customer_id="ann", event_time="2026-06-29T12:00", event_type="cart")
    >>> state.row("ann", as_of="2026-06-30")[["events__count__7D", "events__recency_days"]]
       events__count__7D  events__recency_days
    0                  1                   0.5
    """

    def __init__(self, features: FeatureSet, keep: Any = None) -> None:
        if not isinstance(features, FeatureSet):
            raise TypeError(f"features must be a FeatureSet; got {type(features).__name__}.")
        self.features = features
        self.feature_names = features.feature_names
        self.keep = keep
        self._retention = None if keep is None else Retention(features, keep)
        self._links = sorted({key for builder in features.builders for key in builder.links})
        self._store = StateStore(self._links, self._retention)
        self._lock = RLock()

    def __repr__(self) -> str:
        rows = ", ".join(f"{name}: {n}" for name, n in self.n_rows.items())
        return f"FeatureState({len(self.feature_names)} features; {rows or 'no rows'})"

    @property
    def n_rows(self) -> dict[str, int]:
        """How many rows of each table are kept."""
        return {name: len(table) for name, table in self._store.tables.items()}

    def add(self, table: str, row: Mapping[str, Any] | None = None, /, **values: Any) -> None:
        """Add one row to a table.

        Parameters
        ----------
        table : str
            Such as "events"; a table of the data dictionary.
        row : mapping of str to value, optional
            Column -> value. A column that is left out, or None, is missing.
        **values
            The same as keywords.

        Raises
        ------
        InputError
            If there is no such table, a required column is missing, or a value is not allowed,
            such as a time that is none, an infinite number, or a key that is text where others are whole numbers.
            Nothing is added then.
        TypeError
            If `row` is no mapping, or both are given.
        """
        given = row if type(row) is dict and not values else _taken(row, values)
        with self._lock:
            self._store.add(table, given)

    def replace(self, table: str, row: Mapping[str, Any] | None = None, /, **values: Any) -> None:
        """Put a row in the place of the one with the same key, such as a case that is closed now.

        The key is the one that the contract says is unique, such as case_id or transaction_id.
        Where no row has it, the row is added. It is then as if the row had always been so, for moments of
        the past too; what changed is better said by a column with its time, such as closed_at.

        Parameters
        ----------
        table : str
        row, **values
            As in :meth:`add`: the whole row, not only what changed.

        Raises
        ------
        InputError
            As for :meth:`add`; or if the table has no unique key.
        TypeError
            As for :meth:`add`.
        """
        given = _taken(row, values)
        with self._lock:
            self._store.replace(table, given)

    def add_rows(self, table: str, frame: Any) -> None:
        """Add rows to a table; all of them or, where one is refused, none.

        Parameters
        ----------
        table : str
        frame : DataFrame
            pandas, polars, pyarrow, DuckDB or any frame with the Arrow stream protocol.

        Raises
        ------
        InputError
            As for :meth:`add`.
        TypeError
            If it is no frame.
        """
        with self._lock:
            self._store.add_frames({table: frame})

    def load(self, tables: Tables) -> None:
        """Add the rows of all tables; of all or, where one is refused, of none.

        Parameters
        ----------
        tables : CustomerTables, StoredTables, str or Path

        Raises
        ------
        InputError
            As for :meth:`add`.
        """
        given = opened(tables)
        with self._lock:
            self._store.add_frames({name: given.columns(name).frame() for name in given.names})

    def row(self, customer: Any, as_of: Any = None) -> pd.DataFrame:
        """Compute the features of one customer.

        Parameters
        ----------
        customer : str or int
            One without rows has the features of a stranger.
        as_of : Timestamp or str, optional
            The moment, UTC; by default now. What happened or became known at it or later does not count.

        Returns
        -------
        DataFrame of shape (1, k)
            What ``features.build`` gives: as one row, for a model takes frames.

        Raises
        ------
        InputError
            If the id is of another kind than those of the customers, `as_of` is no moment, or
            rows that it needs have been forgotten.
        """
        return self.rows([customer], as_of)

    def rows(self, customers: Sequence[Any], as_of: Any = None) -> pd.DataFrame:
        """Compute the features of several customers, all as of one moment.

        Parameters
        ----------
        customers : sequence of str or of int
        as_of : Timestamp or str, optional
            As in :meth:`row`.

        Returns
        -------
        DataFrame of shape (n, k)
            In the order of `customers`.

        Raises
        ------
        InputError
            As for :meth:`row`.
        """
        moment = pd.Timestamp.now("UTC").tz_localize(None) if as_of is None else check_time(as_of)
        moment = moment.as_unit("us")
        with self._lock:
            if self._retention is not None:
                self._retention.check(moment)
            ids = self._store.checked_ids(customers)
            frame = pd.DataFrame({c.CUSTOMER_ID: ids, c.AS_OF: pd.Series(moment, index=ids.index)})
            return self._built(_Questions(frame), self._store.rows_for(ids))

    def tables(self) -> CustomerTables:
        """Give all rows that are kept, to fit on them or to check what the state gives."""
        with self._lock:
            return CustomerTables(**{name: table.frame() for name, table in self._store.tables.items()})

    def to_dir(self, path: str | Path) -> None:
        """Store features and rows in a folder, as JSON and Parquet; until all is whole, the old state stays.

        Parameters
        ----------
        path : str or Path
            Made if it is not there; a state that it holds is replaced.

        Raises
        ------
        InputError
            If the folder holds something else.
        """
        with self._lock:
            frames = {name: table.frame() for name, table in self._store.tables.items()}
            forgotten = None if self._retention is None else self._retention.forgotten
            write_state(Path(path), self.features, frames, self.keep, forgotten)

    @classmethod
    def from_dir(cls, path: str | Path) -> FeatureState:
        """Load what :meth:`to_dir` stored; its rows are the same to the bit.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        FeatureState

        Raises
        ------
        BundleError
            If a file is missing or altered, or the format is newer.
        """
        features, frames, keep, forgotten = read_state(Path(path))
        state = cls(features, keep)
        state._store.add_frames(frames)
        if state._retention is not None:
            state._retention.forgotten = forgotten
        return state

    def _built(self, questions: Any, rows: StateRows) -> pd.DataFrame:
        own = Past(rows, questions)
        linked = Past(rows.with_linked(self._links), questions) if self._links else own
        columns: dict[str, Any] = {}
        for builder in self.features.builders:
            columns |= builder.columns(linked if builder.links else own)
        return own.spread(columns)


def _taken(row: Mapping[str, Any] | None, values: dict[str, Any]) -> dict[str, Any]:
    if row is None:
        return values
    if values:
        raise TypeError("give a mapping or keywords, not both.")
    if not isinstance(row, Mapping):
        raise TypeError(f"a row must be a mapping of columns to values; got {type(row).__name__}.")
    return dict(row)
