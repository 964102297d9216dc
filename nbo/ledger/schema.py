"""The tables of a ledger file, as SQLAlchemy Core tables.

Times are whole microseconds since 1970-01-01 00:00 UTC, in every database alike. `row` counts
up in the order of recording. Columns of the caller that no table knows are kept together as
JSON text in `extra`; ``nbo_columns`` remembers their kinds, so that they come back as they were.
What `seal` and `chain` hold is told in `chain.py`; ``nbo_chains`` has the end of each table's chain.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, MetaData, Table, Text

from nbo import columns as c

__all__ = [
    "CHAINS",
    "COLUMNS",
    "DECISIONS",
    "DECISION_KINDS",
    "ERASURES",
    "FORMAT",
    "META",
    "OUTCOMES",
    "OUTCOME_KINDS",
    "TABLES",
]

FORMAT: Final = 2

TABLES: Final = MetaData()

# SQLite finds rows at once by a column whose type is exactly INTEGER, which holds 64 bits there.
_COUNTER: Final = BigInteger().with_variant(Integer(), "sqlite")
_SQL_TYPES: Final = {"key": Text, "text": Text, "number": Double, "time": BigInteger}

DECISION_KINDS: Final[dict[str, str]] = {
    c.DECISION_ID: "key",
    c.RUN_ID: "text",
    c.CUSTOMER_ID: "key",
    c.DECIDED_AT: "time",
    c.OFFER_ID: "text",
    c.CHANNEL: "text",
    c.ACTION_PROBABILITY: "number",
    c.SEGMENT: "text",
    c.PROPENSITY: "number",
    c.VALUE: "number",
    c.PRIORITY: "number",
    c.POLICY: "text",
    c.MODEL_VERSION: "text",
    c.REASON: "text",
    c.CANDIDATES: "text",
}
OUTCOME_KINDS: Final[dict[str, str]] = {
    c.DECISION_ID: "key",
    c.OUTCOME: "text",
    c.OUTCOME_AT: "time",
    c.KNOWN_AT: "time",
}
_FILLED: Final = frozenset(
    {c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.ACTION_PROBABILITY, c.OUTCOME, c.OUTCOME_AT, c.KNOWN_AT}
)


def _columns(kinds: dict[str, str]) -> list[Column]:
    return [
        Column(name, _SQL_TYPES[kind], nullable=name not in _FILLED, index=name == c.DECIDED_AT)
        for name, kind in kinds.items()
        if name != c.DECISION_ID
    ]


META: Final = Table(
    "nbo_meta",
    TABLES,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
COLUMNS: Final = Table(
    "nbo_columns",
    TABLES,
    Column("table_name", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
)
DECISIONS: Final = Table(
    "nbo_decisions",
    TABLES,
    Column("row", _COUNTER, primary_key=True, autoincrement=False),
    Column(c.DECISION_ID, Text, nullable=False, unique=True),
    *_columns(DECISION_KINDS),
    Column("extra", Text),
    Column("seal", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
OUTCOMES: Final = Table(
    "nbo_outcomes",
    TABLES,
    Column("row", _COUNTER, primary_key=True, autoincrement=False),
    Column(c.DECISION_ID, Text, nullable=False, index=True),
    *_columns(OUTCOME_KINDS),
    Column("extra", Text),
    Column("seal", LargeBinary),
    Column("chain", LargeBinary, nullable=False),
)
ERASURES: Final = Table(
    "nbo_erasures",
    TABLES,
    Column("row", _COUNTER, primary_key=True, autoincrement=False),
    Column("erased_at", BigInteger, nullable=False),
    Column("pseudonym", Text, nullable=False, unique=True),
    Column("decisions", BigInteger, nullable=False),
    Column("outcomes", BigInteger, nullable=False),
    Column("reason", Text),
    Column("remains", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
CHAINS: Final = Table(
    "nbo_chains",
    TABLES,
    Column("table_name", Text, primary_key=True),
    Column("n_rows", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
)
