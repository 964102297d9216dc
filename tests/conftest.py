"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Must be set before MLflow is first imported, and one thread per worker is faster when several run.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NBO_PROGRESS", "0")
os.environ.setdefault("MPLBACKEND", "agg")

ROOT = Path(__file__).parents[1]

# These import libraries that the benchmark installs in environments of their own.
collect_ignore_glob = ["benchmarks/bandits/*_peer.py"]


@pytest.fixture(scope="session")
def public_data() -> Path:
    """Folder of the public data sets; tests that need one skip where it is absent."""
    folder = (ROOT / os.environ.get("NBO_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}; set NBO_DATA to their folder")
    return folder
