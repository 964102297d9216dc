"""The features by nbo: in memory, out of core, and on Spark."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from nbo import AggregateFeatures, FeatureSet, Spine
from tests.benchmarks.features import plan
from tests.benchmarks.features.data import CATEGORIES

SALE, RETURN = [("kind", "sale")], [("kind", "return")]


def features() -> FeatureSet:
    """Give all 62 features as three builders over one table."""
    spent = [f"{aggregate}(amount)" for aggregate in ("sum", "mean", "max")]
    days = ["recency_days", "tenure_days", "mean_gap_days"]
    sales = ["count", *spent, "distinct(product_id)", *days]
    categories = {"category": CATEGORIES}
    return FeatureSet(
        [
            AggregateFeatures("transactions", sales, plan.WINDOWS, where=SALE),
            AggregateFeatures("transactions", ["count", "sum(amount)"], plan.WINDOWS, where=RETURN, label="returns"),
            AggregateFeatures("transactions", ["sum(amount)"], [plan.YEAR], where=SALE, pivots=categories),
        ]
    )


def build(folder: Path, spine: pd.DataFrame, **how: Any) -> Any:
    """Give one row per spine row, in its order, without the keys."""
    return features().build(folder, Spine.of(spine), **how)


def build_out(folder: Path, spine: pd.DataFrame) -> Path:
    """Write the rows as Parquet parts beside the events; none stay in memory."""
    out = Path(tempfile.mkdtemp(prefix="features_", dir=folder))
    build(folder, spine, out=out)
    return out
