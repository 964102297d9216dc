"""The 62 features, by the names that nbo gives them.

All are over rows with ``as_of - window <= event_time < as_of``: the moment itself is outside.
"""

from __future__ import annotations

from tests.benchmarks.features.data import CATEGORIES

# Days of each window but "all", which has no start.
DAYS = {"7D": 7, "30D": 30, "90D": 90, "365D": 365}
WINDOWS = [*DAYS, "all"]
YEAR = "365D"

# Aggregates of sales and of returns for each window: how the rest of the name begins.
SALES = {
    "count": "transactions__count",
    "sum": "transactions__amount__sum",
    "mean": "transactions__amount__mean",
    "max": "transactions__amount__max",
    "distinct": "transactions__product_id__distinct",
}
RETURNS = {"count": "transactions_returns__count", "sum": "transactions_returns__amount__sum"}
RECENCY, TENURE, MEAN_GAP = (f"transactions__{what}_days" for what in ("recency", "tenure", "mean_gap"))


def sales(aggregate: str, window: str) -> str:
    """Name of an aggregate over sales."""
    return f"{SALES[aggregate]}__{window}"


def returns(aggregate: str, window: str) -> str:
    """Name of an aggregate over returns."""
    return f"{RETURNS[aggregate]}__{window}"


def spent_on(category: str) -> str:
    """Name of what was spent on a category in a year."""
    return f"transactions__amount__sum__{YEAR}__category_{category}"


FEATURES = [
    *(sales(aggregate, window) for aggregate in SALES for window in WINDOWS),
    RECENCY,
    TENURE,
    MEAN_GAP,
    *(returns(aggregate, window) for aggregate in RETURNS for window in WINDOWS),
    *(spent_on(category) for category in CATEGORIES),
]
# Counts and sums without rows are 0; the others are missing.
ZERO_WITHOUT_ROWS = [name for name in FEATURES if not name.endswith("_days") and "__m" not in name]
