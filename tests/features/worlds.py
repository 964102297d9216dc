"""Random worlds for the oracle: ties, edges, late rows, month ends, strangers, odd and huge numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from nbo.tables import CustomerTables, Spine
from tests.features.oracle import TIMES, Row, bounds
from tests.features.oracle_aggregates import DAY

WIDE = ("all", "30D", "3mo", "365D", "12mo", "3fullmo", "all_before_30D", "30D_before_30D")
NARROW = (
    "12h", "1D", "2W", "1mo", "1fullmo",
    "12h_before_1D", "2W_before_1mo", "1mo_before_1mo", "3mo_before_30D", "1fullmo_before_1fullmo",
    "1fullmo_before_30D", "30D_before_1fullmo", "2fullmo_before_1mo", "all_before_1fullmo",
)  # fmt: skip
MOMENTS = (
    "2023-02-28", "2024-01-31", "2024-02-29", "2024-02-29T23:59:59.999999", "2024-03-01", "2024-03-30T06:00",
    "2024-03-31", "2024-05-31T12:30", "2024-07-15T13:45:10.000001", "2024-12-31", "2025-01-01", "2025-03-29",
)  # fmt: skip
CUSTOMERS = {"texts": ("ann", "bob", "Bob", "", "eve"), "integers": (0, 7, -3, 10**12, 8)}
STRANGERS = {"texts": "nobody", "integers": 99}
SIZES = (0, 1, 2, 3, 5, 8, 12, 15, 18, 21, 25, 30, 35, 40)
# One seed for all of a world: choices drawn one by one would mostly repeat the world before.
_SEEDS = st.integers(0, 2**64 - 1)
US = timedelta(microseconds=1)
NUMBERS = {
    "money": (0.1, 0.2, 0.3, 9.99, 100.0, 0.0, -0.1, -25.5, 1e10, 12345.67, None),
    "thirds": (1 / 3, 2 / 3, -1 / 7, 0.1, 5.0, 1e-9, None),
    "near": (1e6 + 0.1, 1e6 + 0.2, 1e6 + 1 / 3, 1e6, None),
    "wild": (1e15, -1e15, 1e100, 1e-100, 1e9 + 1 / 7, 1e11 + 0.25, 0.01, 1.0, None),
}
CATEGORIES: dict[str, tuple] = {
    "deal": ("sale", "return", None),
    "category": ("books", "pets", "toys & games", "Ärger", None),
    "shelf": (1, 2, 10, None),
}
CONDITIONS = (
    ("deal", "sale"), ("category", "zebra"), ("category", "in", ("books", "pets")), ("category", "in", ()),
    ("category", "not in", ("books",)), ("deal", "not in", ("sale", "zebra")),
    ("shelf", "2"), ("shelf", "in", ("1", "10")), ("shelf", ">=", 2),
    ("money", ">=", 0), ("money", ">", 0.1), ("money", "<", 9.99), ("thirds", "<=", 1 / 3),
)  # fmt: skip
WHERE = ((),) * 12 + tuple((one,) for one in CONDITIONS) + ((CONDITIONS[0], CONDITIONS[9]),)
LEARNT = (("category",), ("deal", "shelf"))
FIXED = ({"category": ["books", "zebra"]}, {"shelf": ["1"], "deal": ["return"]})
PIVOTS = ((),) * 6 + LEARNT + FIXED


@dataclass(frozen=True)
class World:
    """Rows of one table, a spine, and the arguments of a builder."""

    rows: tuple[Row, ...]
    spine: tuple[tuple[Any, datetime], ...]
    asked: dict[str, Any]

    @property
    def time(self) -> str:
        return TIMES[self.asked["table"]]

    def tables(self) -> CustomerTables:
        return CustomerTables(**{self.asked["table"]: frame_of(self.rows, self.time)})

    def spine_frame(self) -> Spine:
        return spine_of(self.spine)

    def with_rows(self, rows: Iterable[Row]) -> "World":
        return replace(self, rows=tuple(rows))


def frame_of(rows: Sequence[Row], *times: str) -> pd.DataFrame:
    """A frame of rows; times and numbers have their types also where there are no rows."""
    names = list(rows[0]) if rows else ["customer_id", *times, *NUMBERS, *CATEGORIES]
    columns = {}
    for name in names:
        values = [row[name] for row in rows]
        if name in ("known_at", *times):
            columns[name] = pd.Series(values, dtype="datetime64[us]")
        elif name in NUMBERS:
            columns[name] = pd.Series(values, dtype="float64")
        else:
            columns[name] = pd.Series(values) if values else pd.Series(dtype="str")
    return pd.DataFrame(columns)


def spine_of(rows: Sequence[tuple[Any, datetime]]) -> Spine:
    ids = pd.Series([customer for customer, _ in rows])
    return Spine.of(
        pd.DataFrame({"customer_id": ids, "as_of": pd.Series([t for _, t in rows], dtype="datetime64[us]")})
    )


def edges(as_ofs: Sequence[datetime], windows: Sequence[str]) -> list[datetime]:
    """The moments at which windows begin and end, and the microseconds next to them."""
    limits = {limit for as_of in as_ofs for window in windows for limit in bounds(window, as_of)}
    moments = {*as_ofs, *limits} - {datetime.min}
    return sorted({*moments, *(moment - US for moment in moments), *(moment + US for moment in moments)})


def shared_times(rng: Random, as_ofs: Sequence[datetime], windows: Sequence[str]) -> list[datetime]:
    """A few moments, on edges and off, that rows then share."""
    near = [rng.choice(as_ofs) - rng.randint(-6, 80) * DAY / 2 for _ in range(6)]
    far = [rng.choice(as_ofs) - rng.randint(-80, 800) * DAY / 2 for _ in range(6)]
    on_edges = rng.choices(edges(as_ofs, windows), k=12)
    return rng.sample([*near, *far, *on_edges], rng.choice([1, 4, 12, 24]))


def next_midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day) + DAY


def known_at(rng: Random, lateness: str, moment: datetime, as_ofs: Sequence[datetime]) -> datetime | None:
    """When a row that happened at a moment becomes known; None is not stated."""
    as_of = rng.choice(as_ofs)
    choices: dict[str, list[datetime | None]] = {
        "prompt": [None, moment],
        "nightly": [next_midnight(moment)],
        "mixed": [None, moment, moment + US, next_midnight(moment), moment + 30 * DAY, moment - 3 * DAY],
        "edges": [None, as_of, as_of - US, as_of + US],
        "late": [moment + 10 * DAY, moment + 31 * DAY, moment + 400 * DAY],
    }
    return rng.choice(choices[lateness])


def spine_rows(rng: Random, ids: Sequence[Any], stranger: Any) -> tuple[tuple[Any, datetime], ...]:
    """Customers with and without rows, some asked twice, in no order."""
    as_ofs = [datetime.fromisoformat(rng.choice(MOMENTS)) for _ in range(rng.randint(1, 3))]
    return tuple((rng.choice([*ids, *ids, *ids, stranger]), rng.choice(as_ofs)) for _ in range(rng.randint(1, 6)))


def event_rows(
    rng: Random, n: int, time: str, ids: Sequence[Any], times: Sequence[datetime], as_ofs: Sequence[datetime]
) -> tuple[Row, ...]:
    """Rows in no order; `known_at` may be no column at all."""
    lateness = rng.choice(["no column", "prompt", "nightly", "mixed", "edges", "late"])
    rows = []
    for _ in range(n):
        row = {"customer_id": rng.choice(ids), time: rng.choice(times)}
        if lateness != "no column":
            row["known_at"] = known_at(rng, lateness, row[time], as_ofs)
        rows.append({**row, **{name: rng.choice(values) for name, values in {**NUMBERS, **CATEGORIES}.items()}})
    return tuple(rows)


def arguments(rng: Random, table: str, aggregates: Sequence[str]) -> dict[str, Any]:
    """A builder with all of some aggregates and random windows, conditions and pivots."""
    asked = {
        "table": table,
        "aggregates": tuple(aggregates),
        "windows": (*rng.sample(WIDE, rng.randint(1, 3)), *rng.sample(NARROW, rng.randint(0, 3))),
        "where": list(rng.choice(WHERE)),
        "half_lives": rng.choice([("30D",), ("12h", "2W")]),
        "label": rng.choice(["", "some"]),
    }
    pivots = rng.choice(PIVOTS)
    return {**asked, "pivots": pivots, "other": rng.random() < 0.5, "top": rng.randint(1, 3)} if pivots else asked


def make_world(aggregates: Sequence[str], seed: int, n: int) -> World:
    """The first n rows of a random world."""
    rng = Random(seed)
    kind, table = rng.choice(sorted(CUSTOMERS)), rng.choice(sorted(TIMES))
    ids = CUSTOMERS[kind][: rng.choice([1, 2, 3, 5])]
    spine, asked = spine_rows(rng, ids, STRANGERS[kind]), arguments(rng, table, aggregates)
    as_ofs = sorted({as_of for _, as_of in spine})
    times = shared_times(rng, as_ofs, asked["windows"])
    return World(event_rows(rng, n, TIMES[table], ids, times, as_ofs), spine, asked)


def worlds(*aggregates: str) -> st.SearchStrategy[World]:
    """Worlds of 0 to 40 rows for some aggregates; a world that fails shrinks to its first rows."""
    return st.tuples(_SEEDS, st.sampled_from(SIZES)).map(lambda drawn: make_world(aggregates, *drawn))


def make_customers(seed: int, n: int) -> tuple[tuple[Row, ...], tuple[tuple[Any, datetime], ...]]:
    """Rows of `customers`, with starts and `known_at` that may be missing, tied or late; and a spine."""
    rng = Random(seed)
    kind = rng.choice(sorted(CUSTOMERS))
    ids = CUSTOMERS[kind][:2]
    spine = spine_rows(rng, ids, STRANGERS[kind])
    times = [*rng.choices(edges(sorted({as_of for _, as_of in spine}), ("30D",)), k=3), None]
    rows = []
    for _ in range(n):
        valid_from = rng.choice(times)
        known = rng.choice([None, valid_from, *times])
        city = rng.choice(["Bern", "Rome", "Oslo", None])
        rows.append({"customer_id": rng.choice(ids), "valid_from": valid_from, "known_at": known, "city": city})
    return tuple(rows), spine


def customer_worlds() -> st.SearchStrategy[tuple[tuple[Row, ...], tuple[tuple[Any, datetime], ...]]]:
    """Attributes of 1 to 12 rows and a spine."""
    return st.tuples(_SEEDS, st.sampled_from(SIZES[1:7])).map(lambda drawn: make_customers(*drawn))
