"""What all tests share."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Must be set before MLflow is first imported, and one thread per worker is faster when several run.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NBO_PROGRESS", "0")
os.environ.setdefault("MPLBACKEND", "agg")

ROOT = Path(__file__).parents[1]

SPARK = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    # Tables this small are done before any code is compiled.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    # With a change to summer time, at 2026-03-08 07:00 of UTC.
    "spark.sql.session.timeZone": "America/New_York",
}

# These import libraries that the benchmark installs in environments of their own.
collect_ignore_glob = ["benchmarks/bandits/*_peer.py", "benchmarks/allocation/*_peer.py"]


def _mlflow_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}


@pytest.fixture(autouse=True)
def _mlflow_settings_stay() -> Iterator[None]:
    """Take back what a test tells MLflow: a later one in the same process would find another store."""
    before = _mlflow_settings()
    yield
    if "mlflow" in sys.modules:
        sys.modules["mlflow"].set_tracking_uri(None)
        sys.modules["mlflow"].set_registry_uri(None)
    for name in _mlflow_settings():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def public_data() -> Path:
    """Folder of the public data sets; tests that need one skip where it is absent."""
    folder = (ROOT / os.environ.get("NBO_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}; set NBO_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Give the one session of Spark; tests that need one skip without pyspark or Java."""
    pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java 17, and there is none")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = pyspark_sql.SparkSession.builder.master("local[2]").config(map=SPARK).getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()
