"""All that is known of one customer at one moment, on one card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.tables import CONTRACTS, CustomerTables, Spine
from nbo.times import check_time
from nbo.views.customer_index import CustomerIndex
from nbo.views.field import Field, masked
from nbo.views.flags import flags
from nbo.views.identity import identity
from nbo.views.known_rows import complete_rows, known_tables, relatives
from nbo.views.orders import current, value
from nbo.views.scores import about_customer, openings, scored, top_offers
from nbo.views.snapshot import Snapshot
from nbo.views.timeline import happenings, history, likely_next

__all__ = ["customer_snapshot"]


def customer_snapshot(
    model: Any,
    tables: CustomerTables | CustomerIndex,
    customer_id: Any,
    as_of: Any,
    *,
    mask: Sequence[str] = (),
    last: int = 10,
) -> Snapshot:
    """Put all that is known of one customer at one moment on one card.

    Only rows count that happened and were known strictly before `as_of`; when and how a case
    was closed counts only if that was before it too. The model scores the customer from the
    rows of the customer, its household and its relations alone, so one card is quick however
    many customers there are.

    Parameters
    ----------
    model : object with ``score(tables, spine)``, or None
        Such as a fitted :class:`nbo.NextBestOffer`. Its scores are a frame with offer_id and,
        as far as it has them, eligible, channel, propensity, value, priority, reason,
        churn_probability, clv and segment. Without a model these are None and the card says so.
    tables : CustomerTables or CustomerIndex
        An index of the tables, see :func:`~nbo.views.customer_index`, gives the same card sooner.
    customer_id : str or int
        As in the tables.
    as_of : Timestamp or str
        The moment, UTC where no zone is given; excluded.
    mask : sequence of str, default=()
        Fields and columns to hide, such as ("name", "birth_date"): their values become
        "hidden" wherever they stand. The age is a field of its own.
    last : int, default=10
        How many completed orders, and how many rows of each table in the timeline.

    Returns
    -------
    Snapshot

    Raises
    ------
    InputError
        If no table has a row on the customer known before `as_of`, a name in `mask` is
        neither a field nor a column, or `last` is below 1.
    TypeError
        If the model has no method `score`.

    Examples
    --------
    >>> sales = {"customer_id": ["ann", "ann"], "event_time": ["2026-01-05", "2026-07-01"], "amount": [40.0, 9.0]}
    >>> tables = CustomerTables(transactions=pd.DataFrame(sales))
    >>> card = customer_snapshot(None, tables, "ann", "2026-06-30")
    >>> card.value["spent"], card.value["purchases"], str(card.sources["value.spent"]["time"])
    (40.0, 1, '2026-01-05 00:00:00')
    """
    moment, hidden = (
        check_time(as_of),
        _checked_mask(mask, tables.tables if isinstance(tables, CustomerIndex) else tables),
    )
    if isinstance(last, bool) or not isinstance(last, int) or last < 1:
        raise InputError(f"last must be a whole number of 1 or more; got {last!r}.")
    spine = Spine.at(moment, [customer_id])
    others = [] if model is None else relatives(tables, customer_id, moment)
    near = known_tables(tables, [customer_id, *others], moment)
    known = known_tables(CustomerTables(**near), [customer_id], moment) if others else near
    _check_known(known, customer_id, moment)
    scores = None if model is None else scored(model, near, spine)
    rows = complete_rows(known)
    lines, worth, catalog = happenings(rows), value(rows), rows["catalog"]
    blocks = {
        "identity": identity(rows, spine, hidden),
        "current": current(rows, moment, last),
        "history": history(lines, rows, last),
        "value": {**worth, c.CLV: about_customer(scores, c.CLV, moment)},
        "flags": {
            c.CHURN_PROBABILITY: about_customer(scores, c.CHURN_PROBABILITY, moment),
            c.SEGMENT: about_customer(scores, c.SEGMENT, moment),
            **flags(rows, moment),
            **openings(scores, catalog, worth["categories_held"].value, moment),
        },
        "action": {"offers": top_offers(scores, catalog, moment), "likely_next": likely_next(lines)},
    }
    return _snapshot(blocks, moment, hidden, model is not None)


def _snapshot(blocks: dict[str, dict[str, Field]], as_of: pd.Timestamp, hidden: set[str], has_model: bool) -> Snapshot:
    values = {block: {name: field.value for name, field in fields.items()} for block, fields in blocks.items()}
    sources = {
        f"{block}.{name}": {"table": field.table, "time": field.time}
        for block, fields in blocks.items()
        for name, field in fields.items()
    }
    return Snapshot(as_of=as_of, has_model=has_model, sources=sources, **masked(values, hidden))


def _check_known(known: dict[str, pd.DataFrame], customer_id: Any, as_of: pd.Timestamp) -> None:
    """Refuse a customer without rows; the message must not depend on rows that come later."""
    shared = ("catalog", "environment", "macro", "outcomes")
    if not any(len(rows) for name, rows in known.items() if name not in shared):
        raise InputError(
            f"customer_id must be a customer known before {as_of}; no table has a row of {customer_id!r} from before "
            "then. Ids are compared as they are: the number 7 is not the text '7'."
        )


def _checked_mask(mask: Sequence[str], tables: CustomerTables) -> set[str]:
    """Refuse names that hide nothing: a misspelt one would show what it should hide."""
    names = [mask] if isinstance(mask, str) else list(mask)
    columns = {column.name for contract in CONTRACTS.values() for column in contract.columns}
    known = columns | set(Snapshot.FIELDS) | {str(name) for table in tables.names for name in tables.get(table)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"mask must name fields of the snapshot or columns of the tables; {', '.join(map(repr, unknown))} is "
            f"neither. Fields are {', '.join(sorted(Snapshot.FIELDS))}."
        )
    return set(names)
