"""The features in SQL for DuckDB and Spark: as one would write them first, and the fastest form found.

`spine` has id, customer_id and as_of; `events` is the Parquet file. What differs between the
two engines is how a difference of times is written, ``micros(later, earlier)``.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.features import plan
from tests.benchmarks.features.data import CATEGORIES

Micros = Callable[[str, str], str]

_PAIRS = "spine JOIN events ON events.customer_id = spine.customer_id AND events.event_time < spine.as_of"
_DAY = 86_400e6


def as_written(micros: Micros) -> str:
    """One join of spine and events, one aggregate with a FILTER per feature."""
    sale, back = "kind = 'sale'", "kind = 'return'"
    columns: dict[str, str] = {}
    for window in plan.WINDOWS:
        start = f" AND event_time >= as_of - INTERVAL {plan.DAYS[window]} DAY" if window in plan.DAYS else ""
        sold = f"FILTER (WHERE {sale}{start})"
        returned = f"FILTER (WHERE {back}{start})"
        columns[plan.sales("count", window)] = f"count(event_time) {sold}"
        columns[plan.sales("sum", window)] = f"coalesce(sum(amount) {sold}, 0)"
        columns[plan.sales("mean", window)] = f"avg(amount) {sold}"
        columns[plan.sales("max", window)] = f"max(amount) {sold}"
        columns[plan.sales("distinct", window)] = f"count(DISTINCT product_id) {sold}"
        columns[plan.returns("count", window)] = f"count(event_time) {returned}"
        columns[plan.returns("sum", window)] = f"coalesce(sum(amount) {returned}, 0)"
    year = f"{sale} AND event_time >= as_of - INTERVAL {plan.DAYS[plan.YEAR]} DAY"
    for category in CATEGORIES:
        spent = f"sum(amount) FILTER (WHERE {year} AND category = '{category}')"
        columns[plan.spent_on(category)] = f"coalesce({spent}, 0)"
    of_sales = f"FILTER (WHERE {sale})"
    columns |= days(f"min(event_time) {of_sales}", f"max(event_time) {of_sales}", f"count(*) {of_sales}", micros)
    pairs = _PAIRS.replace(" JOIN", " LEFT JOIN")
    return f"SELECT spine.customer_id, as_of, {listed(columns)} FROM {pairs} GROUP BY spine.customer_id, as_of"


def by_rings(micros: Micros) -> str:
    """Each pair of question and event once: it falls into one ring between two window edges.

    Groups by ring are small, so all windows come from a second, cheap aggregation; a product
    counts as distinct from the ring of its latest sale on. The hint is Spark's: it shuffles once.
    """
    edges = [
        f"WHEN event_time >= as_of - INTERVAL {days} DAY THEN {ring}" for ring, days in enumerate(plan.DAYS.values())
    ]
    ring = f"CAST(CASE {' '.join(edges)} ELSE {len(edges)} END AS TINYINT)"
    return f"""
    WITH pairs AS (
        SELECT /*+ REPARTITION(id) */
            id, event_time, amount, product_id, category, kind = 'sale' AS sale, {ring} AS ring
        FROM {_PAIRS}
    ), sums AS (
        SELECT id, sale, ring, count(*) AS n, sum(amount) AS spent, max(amount) AS highest,
            min(event_time) AS earliest, max(event_time) AS latest
        FROM pairs GROUP BY id, sale, ring
    ), windows AS (
        SELECT id, {listed(_windows())}, min(earliest) FILTER (WHERE sale) AS earliest,
            max(latest) FILTER (WHERE sale) AS latest
        FROM sums GROUP BY id
    ), products AS (
        SELECT id, min(ring) AS ring FROM pairs WHERE sale GROUP BY id, product_id
    ), assortments AS (
        SELECT id, {listed(_distinct())} FROM products GROUP BY id
    ), years AS (
        SELECT id, category, sum(amount) AS spent FROM pairs
        WHERE sale AND ring < {len(edges)} GROUP BY id, category
    ), categories AS (
        SELECT id, {listed(_categories())} FROM years GROUP BY id
    )
    SELECT customer_id, as_of, {listed(_finished(micros))}
    FROM spine LEFT JOIN windows USING (id) LEFT JOIN assortments USING (id) LEFT JOIN categories USING (id)
    """


def days(earliest: str, latest: str, count: str, micros: Micros) -> dict[str, str]:
    """Recency, tenure and mean gap, from the first and last sale and their number."""
    return {
        plan.RECENCY: f"{micros('as_of', latest)} / {_DAY}",
        plan.TENURE: f"{micros('as_of', earliest)} / {_DAY}",
        plan.MEAN_GAP: f"{micros(latest, earliest)} / {_DAY} / nullif({count} - 1, 0)",
    }


def listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _windows() -> dict[str, str]:
    columns = {}
    for ring, window in enumerate(plan.WINDOWS):
        sold, returned = (f"FILTER (WHERE {kind} AND ring <= {ring})" for kind in ("sale", "NOT sale"))
        columns[plan.sales("count", window)] = f"sum(n) {sold}"
        columns[plan.sales("sum", window)] = f"sum(spent) {sold}"
        columns[plan.sales("max", window)] = f"max(highest) {sold}"
        columns[plan.returns("count", window)] = f"sum(n) {returned}"
        columns[plan.returns("sum", window)] = f"sum(spent) {returned}"
    return columns


def _distinct() -> dict[str, str]:
    rings = enumerate(plan.WINDOWS)
    return {plan.sales("distinct", window): f"count(*) FILTER (WHERE ring <= {ring})" for ring, window in rings}


def _categories() -> dict[str, str]:
    return {plan.spent_on(category): f"sum(spent) FILTER (WHERE category = '{category}')" for category in CATEGORIES}


def _finished(micros: Micros) -> dict[str, str]:
    """Means and days from what is counted, and zeros where nothing happened."""
    columns = {name: f"coalesce({name}, 0)" for name in plan.ZERO_WITHOUT_ROWS}
    for window in plan.WINDOWS:
        columns[plan.sales("mean", window)] = f"{plan.sales('sum', window)} / {plan.sales('count', window)}"
        columns[plan.sales("max", window)] = plan.sales("max", window)
    return columns | days("earliest", "latest", plan.sales("count", "all"), micros)
