"""The features by nbo: in memory, out of core, and on Spark."""

from __future__ import annotations

import atexit
import shutil
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


def build_out(folder: Path, spine: pd.DataFrame) -> Any:
    """Write the rows as Parquet parts, which go when the process ends; few are in memory at once."""
    out = tempfile.mkdtemp(prefix="features_", dir=folder.parent)
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    return build(folder, spine, out=out)
