"""The features by featuretools 1.31, which needs an older pandas: it runs in an environment of its own."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks.features import plan
from tests.benchmarks.features.data import CATEGORIES

PACKAGES = ["featuretools==1.31.0", "pandas==2.3.3", "pyarrow", "psutil", "setuptools<81"]


def environment(cache: Path) -> Path:
    """Python of the environment; made where it is not there yet."""
    folder = cache / "featuretools"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        (folder / "ready").touch()
    return folder / "bin" / "python"


def prepare() -> None:
    """Load the library before the time is taken: it takes as long as many builds."""
    import featuretools  # noqa: F401
    import featuretools.primitives  # noqa: F401


def build(folder: Path, spine: pd.DataFrame) -> pd.DataFrame:
    """Give one row per spine row: one run per window, as featuretools takes one window at a time."""
    import featuretools as ft

    entities = entity_set(pd.read_parquet(folder / "transactions.parquet"), spine)
    cut_offs = spine.rename(columns={"as_of": "time"})
    rows = pd.MultiIndex.from_frame(cut_offs)
    parts = []
    for window in plan.WINDOWS:
        features = of_window(entities, window)
        matrix = ft.calculate_feature_matrix(
            list(features.values()),
            entityset=entities,
            cutoff_time=cut_offs,
            cutoff_time_in_index=True,
            training_window=f"{plan.DAYS[window]} days" if window in plan.DAYS else None,
            include_cutoff_time=False,
        )
        parts.append(matrix.set_axis(list(features), axis=1).reindex(rows).reset_index(drop=True))
    frame = pd.concat([spine, *parts], axis=1)[["customer_id", "as_of", *plan.FEATURES]]
    return frame.fillna(dict.fromkeys(plan.ZERO_WITHOUT_ROWS, 0))


def entity_set(events: pd.DataFrame, spine: pd.DataFrame) -> Any:
    """Sales and returns as two tables, so that only categories need a condition."""
    import featuretools as ft

    entities = ft.EntitySet("shop")
    customers = pd.DataFrame({"customer_id": spine["customer_id"].unique()})
    entities.add_dataframe(dataframe_name="customers", dataframe=customers, index="customer_id")
    types = {"product_id": "Categorical", "category": "Categorical", "amount": "Double", "event_time": "Datetime"}
    for name, kind in (("sales", "sale"), ("returns", "return")):
        rows = events[events["kind"] == kind].drop(columns="kind").reset_index(drop=True)
        entities.add_dataframe(
            dataframe_name=name,
            dataframe=rows,
            make_index=True,
            index="row",
            time_index="event_time",
            logical_types=types,
        )
        entities.add_relationship("customers", "customer_id", name, "customer_id")
    return entities


def of_window(entities: Any, window: str) -> dict[str, Any]:
    """Features of one window; those over all history and over a year come with their window."""
    import featuretools.primitives as p

    sold, returned = entities["sales"].ww, entities["returns"].ww
    features = {
        plan.sales("count", window): feature(sold["row"], p.Count),
        plan.sales("sum", window): feature(sold["amount"], p.Sum),
        plan.sales("mean", window): feature(sold["amount"], p.Mean),
        plan.sales("max", window): feature(sold["amount"], p.Max),
        plan.sales("distinct", window): feature(sold["product_id"], p.NumUnique),
        plan.returns("count", window): feature(returned["row"], p.Count),
        plan.returns("sum", window): feature(returned["amount"], p.Sum),
    }
    if window == plan.YEAR:
        features |= {plan.spent_on(category): spent_on(sold, category) for category in CATEGORIES}
    if window == "all":
        features[plan.RECENCY] = feature(sold["event_time"], p.TimeSinceLast(unit="days"))
        features[plan.TENURE] = feature(sold["event_time"], p.TimeSinceFirst(unit="days"))
        features[plan.MEAN_GAP] = feature(sold["event_time"], p.AvgTimeBetween(unit="days"))
    return features


def spent_on(sold: Any, category: str) -> Any:
    import featuretools as ft
    from featuretools.primitives import Sum

    return feature(sold["amount"], Sum, where=ft.Feature(sold["category"]) == category)


def feature(column: Any, primitive: Any, where: Any = None) -> Any:
    import featuretools as ft

    return ft.Feature(column, parent_dataframe_name="customers", primitive=primitive, where=where)
