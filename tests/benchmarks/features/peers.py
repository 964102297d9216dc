"""The peers by name: which function of which module answers."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

PEERS = {
    "nbo": ("nbo_peer", "build"),
    "nbo-out": ("nbo_peer", "build_out"),
    "nbo-spark": ("spark_peer", "build_nbo"),
    "pandas": ("pandas_peer", "build"),
    "polars": ("polars_peer", "build"),
    "polars-streaming": ("polars_peer", "build_streaming"),
    "polars-asof": ("polars_peer", "build_asof"),
    "duckdb": ("duckdb_peer", "build"),
    "duckdb-as-written": ("duckdb_peer", "build_as_written"),
    "spark": ("spark_peer", "build"),
    "spark-as-written": ("spark_peer", "build_as_written"),
    "featuretools": ("featuretools_peer", "build"),
}
KEYS = ["customer_id", "as_of"]


def module(peer: str) -> ModuleType:
    return importlib.import_module(f"tests.benchmarks.features.{PEERS[peer][0]}")


def builder(peer: str) -> Callable[[Path, pd.DataFrame], Any]:
    """Find the function that takes the folder of the events and the spine and gives the features."""
    return getattr(module(peer), PEERS[peer][1])


def keyed(answer: Any, spine: pd.DataFrame) -> pd.DataFrame:
    """Give any peer's answer as a pandas frame, ordered by its keys."""
    if hasattr(answer, "feature_names"):
        answer = answer.read()
    elif not isinstance(answer, pd.DataFrame):
        answer = answer.toPandas() if hasattr(answer, "toPandas") else answer.to_pandas()
    if not set(KEYS) <= set(answer.columns):
        answer = pd.concat([spine.reset_index(drop=True), answer], axis=1)
    return answer.sort_values(KEYS, ignore_index=True)
