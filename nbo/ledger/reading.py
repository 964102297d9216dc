"""Read decisions and outcomes out of the database, as frames."""

from __future__ import annotations

from typing import Final

import pandas as pd
from sqlalchemy import Connection, Select, Table, func, select

from nbo import columns as c
from nbo.ledger.append import read_kinds
from nbo.ledger.rows import frame_of_rows
from nbo.ledger.schema import DECISION_KINDS, DECISIONS, OUTCOME_KINDS, OUTCOMES

__all__ = ["count_rows", "read_decisions", "read_outcomes"]

_MICROSECOND: Final = pd.Timedelta(1, "us")
_EPOCH: Final = pd.Timestamp(0, unit="us")


def read_decisions(connection: Connection, since: pd.Timestamp | None, until: pd.Timestamp | None) -> pd.DataFrame:
    """Read decisions in the order of recording.

    Parameters
    ----------
    connection : Connection
    since, until : Timestamp or None
        Only those with ``since <= decided_at < until``, in UTC.

    Returns
    -------
    DataFrame
        The known columns, then the extra ones.
    """
    query = _in_order(DECISIONS, DECISION_KINDS)
    if since is not None:
        query = query.where(DECISIONS.c.decided_at >= _microseconds(since))
    if until is not None:
        query = query.where(DECISIONS.c.decided_at < _microseconds(until))
    return frame_of_rows(connection.execute(query).all(), DECISION_KINDS, read_kinds(connection, DECISIONS))


def read_outcomes(connection: Connection) -> pd.DataFrame:
    """Read all outcomes in the order of recording.

    Parameters
    ----------
    connection : Connection

    Returns
    -------
    DataFrame
        The known columns, then the extra ones. Decision ids are what those of the decisions are.
    """
    kinds = read_kinds(connection, OUTCOMES)
    kinds[c.DECISION_ID] = read_kinds(connection, DECISIONS).get(c.DECISION_ID, "text")
    return frame_of_rows(connection.execute(_in_order(OUTCOMES, OUTCOME_KINDS)).all(), OUTCOME_KINDS, kinds)


def count_rows(connection: Connection) -> dict[str, int]:
    """Count decisions, and outcomes by what they are.

    Parameters
    ----------
    connection : Connection

    Returns
    -------
    dict
        `decisions`; `outcomes`, of which `accept`, `reject` and `no_answer`.
    """
    decisions = connection.execute(select(func.count()).select_from(DECISIONS)).scalar_one()
    by_outcome = select(OUTCOMES.c.outcome, func.count().label("n")).group_by(OUTCOMES.c.outcome)
    found = {row.outcome: row.n for row in connection.execute(by_outcome)}
    answers = {outcome: found.get(outcome, 0) for outcome in (c.ACCEPT, c.REJECT, c.NO_ANSWER)}
    return {"decisions": decisions, "outcomes": sum(answers.values()), **answers}


def _in_order(table: Table, known: dict[str, str]) -> Select:
    return select(*(table.c[name] for name in known), table.c.extra).order_by(table.c.row)


def _microseconds(moment: pd.Timestamp) -> int:
    return (moment - _EPOCH) // _MICROSECOND
