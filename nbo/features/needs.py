"""Which columns of which tables the fitted features read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from nbo import columns as c
from nbo.features.base import FeatureBuilder
from nbo.features.derived import DERIVED
from nbo.features.event_features import EventFeatures
from nbo.features.feature import Feature
from nbo.tables import CONTRACTS

__all__ = ["is_plain", "linked_tables", "links", "needs"]

Needs = dict[str, list[str] | None]
# What is read beside a table, for its rows are joined with others; a table that adds others comes before them.
_BESIDE: Final[dict[str, dict[str, set[str] | None]]] = {
    "events": {"identities": None},
    "outcomes": {
        "outcomes": {c.DECISION_ID, c.OUTCOME},
        "decisions": {c.DECISION_ID, c.CUSTOMER_ID, c.OFFER_ID, c.CHANNEL, c.CATEGORY, c.DECIDED_AT, c.KNOWN_AT},
    },
    "decisions": {"decisions": {c.OFFER_ID}, "catalog": None},
}


def needs(builders: Iterable[FeatureBuilder]) -> Needs:
    """Say which columns of which tables fitted builders read.

    Columns that a table need not have are named too. Of attribute tables all columns count,
    for ties between their rows are broken by all that they hold; so it is where a builder computes
    more than its features say.

    Parameters
    ----------
    builders : iterable of FeatureBuilder

    Returns
    -------
    dict of str to list of str, or None
        By table; None stands for all columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.features import AggregateFeatures
    >>> from nbo.tables import CustomerTables, Spine
    >>> sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-06-01"], "amount": [9.5]})
    >>> builder = AggregateFeatures("transactions", ["sum(amount)"], ["30D"])
    >>> _ = builder.fit(CustomerTables(transactions=sales), Spine.at("2026-06-30", ["ann"]))
    >>> needs([builder])
    {'transactions': ['amount', 'customer_id', 'event_time', 'known_at']}
    """
    read: dict[str, set[str] | None] = {}
    for builder in builders:
        for table, columns in _needs_of(builder):
            _add(read, table, columns)
    for table, beside in _BESIDE.items():
        for name, columns in beside.items() if table in read else ():
            _add(read, name, columns)
    return {table: None if columns is None else sorted(columns) for table, columns in read.items()}


def links(builders: Iterable[FeatureBuilder]) -> list[str]:
    """Name the keys by which other customers' rows matter to builders."""
    return sorted({link for builder in builders for link in builder.links})


def linked_tables(builders: Iterable[FeatureBuilder]) -> list[str]:
    """Name the tables of which builders read rows of other customers."""
    return sorted(needs(builder for builder in builders if builder.links))


def _add(read: dict[str, set[str] | None], table: str, columns: set[str] | None) -> None:
    before = read.get(table, set())
    read[table] = None if before is None or columns is None else before | columns


def _needs_of(builder: FeatureBuilder) -> Iterator[tuple[str, set[str] | None]]:
    if is_plain(builder):
        for feature in builder.features_:
            yield from _read_by(feature)
        return
    named = (table for feature in builder.features_ for table, _ in _read_by(feature))
    yield from dict.fromkeys([*builder.tables, *named, "customers"]).items()
    if c.RELATED_ID in builder.links:
        yield "relationships", None


def is_plain(builder: FeatureBuilder) -> bool:
    """Tell whether a builder reads nothing but what its features say."""
    if not isinstance(builder, EventFeatures) or type(builder)._columns is not EventFeatures._columns:
        return False
    return builder.own_as_said or type(builder)._own is EventFeatures._own


def _read_by(feature: Feature) -> Iterator[tuple[str, set[str] | None]]:
    for part in feature.parts:
        if isinstance(part, Feature):
            yield from _read_by(part)
    contract = CONTRACTS[feature.table]
    if contract.time is None or contract.time == c.VALID_FROM:
        yield feature.table, None
        return
    columns = {feature.column, feature.time, feature.open_until, contract.time, c.CUSTOMER_ID, c.KNOWN_AT}
    columns |= {condition[0] for condition in (*feature.where, *feature.pivot)}
    for derived in DERIVED.get(feature.table, ()):
        if derived.name in columns:
            # What a missing column stands for is known, so it need not be named as needed.
            columns |= {*derived.needs, *(column.name for column in contract.columns if column.missing)}
    yield feature.table, columns - {""}
