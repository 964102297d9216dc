"""Read decisions and outcomes out of the database, as frames."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, Select, Table, func, null, select

from nbo import columns as c
from nbo.ledger.column_kinds import read_kinds
from nbo.ledger.cursor import Cursor
from nbo.ledger.erase import ERASURE_KINDS
from nbo.ledger.kinds import to_microseconds
from nbo.ledger.rows import frame_of_rows
from nbo.ledger.schema import DECISION_KINDS, DECISIONS, ERASURES, OUTCOME_KINDS, OUTCOMES

__all__ = ["count_rows", "read_contradictions", "read_decisions", "read_erasures", "read_outcomes"]


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
        query = query.where(DECISIONS.c.decided_at >= to_microseconds(since))
    if until is not None:
        query = query.where(DECISIONS.c.decided_at < to_microseconds(until))
    return frame_of_rows(connection.execute(query).all(), DECISION_KINDS, _kinds(connection, DECISIONS))


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
    return _outcomes(connection, _in_order(OUTCOMES, OUTCOME_KINDS))


def read_contradictions(connection: Connection) -> pd.DataFrame:
    """Read the outcomes of decisions to which different ones were recorded.

    Parameters
    ----------
    connection : Connection

    Returns
    -------
    DataFrame
        As of :func:`read_outcomes`.
    """
    said = OUTCOMES.c.decision_id, func.count(OUTCOMES.c.outcome.distinct())
    torn = select(said[0]).group_by(said[0]).having(said[1] > 1)
    return _outcomes(connection, _in_order(OUTCOMES, OUTCOME_KINDS).where(said[0].in_(torn)))


def read_erasures(connection: Connection) -> pd.DataFrame:
    """Read which pseudonyms stand for erased customers.

    Parameters
    ----------
    connection : Connection

    Returns
    -------
    DataFrame
        `erased_at`, `pseudonym`, `decisions`, `outcomes`, `reason`, in the order of recording.
    """
    query = select(*(ERASURES.c[name] for name in ERASURE_KINDS), null()).order_by(ERASURES.c.row)
    kind = _kinds(connection, DECISIONS).get(c.CUSTOMER_ID, "text")
    return frame_of_rows(connection.execute(query).all(), ERASURE_KINDS, {"pseudonym": kind})


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


def _kinds(connection: Connection, table: Table) -> dict[str, str]:
    return read_kinds(Cursor.of(connection), table.name)


def _outcomes(connection: Connection, query: Select) -> pd.DataFrame:
    kinds = _kinds(connection, OUTCOMES)
    kinds[c.DECISION_ID] = _kinds(connection, DECISIONS).get(c.DECISION_ID, "text")
    return frame_of_rows(connection.execute(query).all(), OUTCOME_KINDS, kinds)


def _in_order(table: Table, known: dict[str, str]) -> Select:
    return select(*(table.c[name] for name in known), table.c.extra).order_by(table.c.row)
