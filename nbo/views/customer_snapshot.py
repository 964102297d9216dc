"""All that is known of one customer at one moment, on one card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.journeys import NextActionModel, StageModel
from nbo.numbers import check_number
from nbo.tables import CONTRACTS, CustomerTables, Spine
from nbo.times import check_time
from nbo.views.campaigns import campaigns, viewed
from nbo.views.customer_index import CustomerIndex
from nbo.views.cut import Cut
from nbo.views.field import Field, masked, secrets_of
from nbo.views.flags import flags
from nbo.views.identity import identity
from nbo.views.known_rows import complete_rows, known_tables, relatives
from nbo.views.near_tables import NearTables
from nbo.views.orders import current, value
from nbo.views.outlook import KnownRows, expected_now, stage_fields, topics
from nbo.views.own_rows import OwnRows
from nbo.views.roles import ROLES, hidden_from
from nbo.views.scores import about_customer, openings, scored, top_offers
from nbo.views.snapshot import Snapshot
from nbo.views.timeline import happenings, history, likely_next

__all__ = ["customer_snapshot"]

# Parts of the customer's place, which the card shows as one.
_PLACE = ("city", "region", "country")


def customer_snapshot(
    model: Any,
    tables: CustomerTables | CustomerIndex,
    customer_id: Any,
    as_of: Any,
    *,
    mask: Sequence[str] = (),
    role: str | None = None,
    roles: Mapping[str, Sequence[str]] = ROLES,
    journey: StageModel | None = None,
    next_action: NextActionModel | None = None,
    last: int = 10,
    reasons: int = 0,
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
        "hidden" wherever they stand, texts of three letters or more and times also where another
        field tells them. The age is a field of its own.
    role : str, optional
        Hides what this role may not see, as well.
    roles : mapping of str to sequence of str, default=ROLES
        Role -> fields and columns that it may not see, see :func:`~nbo.views.hidden_from`.
    journey : StageModel, optional
        Says the stage and, if fitted, the next one. By default the stage is that of the default funnel.
    next_action : NextActionModel, optional
        Says what the customer most likely wants, if it calls now.
    last : int, default=10
        How many completed orders and looks, and how many rows of each table in the timeline.
    reasons : int, default=0
        How many reasons of each offer's propensity the model shall tell, if its `score` can; they name what a
        customer is, so none where something is hidden.

    Returns
    -------
    Snapshot

    Raises
    ------
    InputError
        If no table has a row on the customer known before `as_of`, there is no such role, a name to
        hide is neither a field nor a column, or `last` or `reasons` is too small.
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
    moment, hidden = check_time(as_of), _checked_mask({*_names(mask), *hidden_from(role, roles)}, tables)
    check_number(last, "last", "a whole number of 1 or more", lambda given: given >= 1, whole=True)
    check_number(reasons, "reasons", "a whole number of 0 or more", lambda given: given >= 0, whole=True)
    spine = Spine.at(moment, [customer_id])
    # What only looks scores up reads no tables.
    reads = model is not None and getattr(model, "needs_tables", True)
    others = relatives(tables, customer_id, moment) if reads else []
    near = known_tables(tables, [customer_id, *others], moment)
    known = near
    if others:
        few = tables if isinstance(tables, CustomerIndex) else NearTables(near)
        known = known_tables(few, [customer_id], moment)
    _check_known(known, customer_id, moment)
    scores = None if model is None else scored(model, near if reads else None, spine, 0 if hidden else reasons)
    if scores is not None and hidden:
        # Those that were stored name what a customer is, too.
        scores.pop("reasons", None)
    rows = complete_rows(known)
    who = identity(known.get("customers"), spine, hidden)
    blocks = {"identity": who, **_said_by_rows(rows, moment, last)}
    _add_scores(blocks, scores, rows["catalog"], moment)
    _add_outlook(blocks, known, rows, spine, journey, next_action)
    secrets = _secrets(blocks, known.get("customers"), hidden) if hidden else set()
    return _snapshot(blocks, moment, hidden, secrets, model is not None)


Blocks = dict[str, dict[str, Field]]


def _said_by_rows(rows: dict[str, OwnRows], as_of: pd.Timestamp, last: int) -> Blocks:
    lines = happenings(rows)
    return {
        "current": current(rows, as_of, last),
        "history": {**history(lines, rows, last), "campaigns": campaigns(rows), "viewed": viewed(rows, last)},
        "value": value(rows),
        "flags": flags(rows, as_of),
        "action": {"likely_next": likely_next(lines)},
    }


def _add_scores(blocks: Blocks, scores: dict[str, list[Any]] | None, catalog: OwnRows, as_of: pd.Timestamp) -> None:
    held = blocks["value"]["categories_held"].value
    blocks["value"][c.CLV] = about_customer(scores, c.CLV, as_of)
    for name in (c.CHURN_PROBABILITY, c.SEGMENT):
        blocks["flags"][name] = about_customer(scores, name, as_of)
    blocks["flags"] |= openings(scores, catalog, held, as_of)
    blocks["action"]["offers"] = top_offers(scores, catalog, as_of)


def _add_outlook(
    blocks: Blocks,
    known: dict[str, Cut],
    rows: dict[str, OwnRows],
    spine: Spine,
    journey: StageModel | None,
    next_action: NextActionModel | None,
) -> None:
    own = KnownRows(known, spine.frame[c.CUSTOMER_ID].iloc[0])
    stage, following = stage_fields(journey, own, spine, rows)
    blocks["current"]["stage"] = stage
    action = {"next_stage": following, "expected_now": expected_now(next_action, own, spine)}
    blocks["action"] |= {**action, **topics(own, spine, rows)}


def _secrets(blocks: Blocks, customers: Cut | None, hidden: set[str]) -> set[Any]:
    """Find what must not show elsewhere either, also what held of the customer before."""
    own = {*hidden, *(_PLACE if "location" in hidden else ())}
    fields = [{name: field.value for name, field in block.items()} for block in blocks.values()]
    before = [] if customers is None else customers.frame().to_dict("records")
    return secrets_of([*fields, *before], own)


def _snapshot(blocks: Blocks, as_of: pd.Timestamp, hidden: set[str], secrets: set[Any], has_model: bool) -> Snapshot:
    values = {block: {name: field.value for name, field in fields.items()} for block, fields in blocks.items()}
    sources = {
        f"{block}.{name}": {"table": field.table, "time": masked(field.time, set(), secrets)}
        for block, fields in blocks.items()
        for name, field in fields.items()
    }
    # Block by block: a block may have the name of a column.
    shown = {block: masked(fields, hidden, secrets) for block, fields in values.items()}
    return Snapshot(as_of=as_of, has_model=has_model, sources=sources, **shown)


def _check_known(known: dict[str, Cut], customer_id: Any, as_of: pd.Timestamp) -> None:
    """Refuse a customer without rows; the message must not depend on rows that come later."""
    shared = ("catalog", "environment", "macro", "outcomes")
    if not any(len(rows) for name, rows in known.items() if name not in shared):
        raise InputError(
            f"customer_id must be a customer known before {as_of}; no table has a row of {customer_id!r} from before "
            "then. Ids are compared as they are: the number 7 is not the text '7'."
        )


def _names(mask: Sequence[str]) -> list[str]:
    return [mask] if isinstance(mask, str) else list(mask)


def _checked_mask(names: set[str], source: CustomerTables | CustomerIndex) -> set[str]:
    """Refuse names that hide nothing: a misspelt one would show what it should hide."""
    if not names:
        return names
    tables = source.tables if isinstance(source, CustomerIndex) else source
    columns = {column.name for contract in CONTRACTS.values() for column in contract.columns}
    own = {str(name) for table in tables.names for name in tables.get(table)}
    unknown = sorted(names - columns - own - set(Snapshot.FIELDS) - {name for hide in ROLES.values() for name in hide})
    if unknown:
        raise InputError(
            f"mask must name fields of the snapshot or columns of the tables; {', '.join(map(repr, unknown))} is "
            f"neither. Fields are {', '.join(sorted(Snapshot.FIELDS))}."
        )
    return names
