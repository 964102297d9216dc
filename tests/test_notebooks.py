"""The notebooks are stored without outputs, run from top to bottom, and show what they plot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = {path.name: path for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))}
# In a process of its own: what Jupyter warns of there is no matter of ours.
RUN = """
import sys, nbclient, nbformat
book = nbformat.read("before.ipynb", 4)
nbformat.validate(book)
nbclient.NotebookClient(book, timeout=600, kernel_name="python3").execute()
nbformat.write(book, "after.ipynb")
"""
STRICT = """
import warnings

warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")
# MLflow 3.17 with SQLAlchemy 2.1, and what it says of its own type hints when it is imported.
warnings.filterwarnings("ignore", "The ``noload`` loader strategy is deprecated", DeprecationWarning)
warnings.filterwarnings("ignore", ".*Any type hint is inferred as AnyType", UserWarning)
"""


def code_cells(book: dict) -> list[dict]:
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


def run(source: dict, folder: Path) -> dict:
    """Run the cells in a real kernel, where warnings are errors, and give the notebook with its outputs."""
    first = {
        "cell_type": "code",
        "id": "strict",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": STRICT,
    }
    book = {**source, "cells": [first, *source["cells"]]}
    (folder / "before.ipynb").write_text(json.dumps(book), encoding="utf-8")
    # Not the tests' own plotting backend, which shows nothing; and no file outside the folder.
    keep = {name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "PYTHONWARNINGS")}
    own = {name: str(folder / name.lower()) for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=folder,
        env={**keep, **own, "NBO_PROGRESS": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads((folder / "after.ipynb").read_text(encoding="utf-8"))


def test_these_are_all_notebooks():
    assert list(NOTEBOOKS) == [
        "bandit.ipynb",
        "churn.ipynb",
        "clv.ipynb",
        "customer_360.ipynb",
        "decisions.ipynb",
        "features.ipynb",
        "next_best_offer.ipynb",
        "propensity.ipynb",
        "registry_and_batch.ipynb",
        "segments.ipynb",
        "uplift.ipynb",
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_stored_without_outputs(name):
    book = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    assert [cell["id"] for cell in code_cells(book) if cell["outputs"] or cell["execution_count"] is not None] == []
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_says_that_its_data_are_simulated(name):
    first = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))["cells"][0]
    assert first["cell_type"] == "markdown"
    assert "**Everything here is simulated.**" in "".join(first["source"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("next_best_offer.ipynb", marks=pytest.mark.slow),
        "bandit.ipynb",
        "churn.ipynb",
        "clv.ipynb",
        "customer_360.ipynb",
        "decisions.ipynb",
        "features.ipynb",
        "propensity.ipynb",
        "registry_and_batch.ipynb",
        "segments.ipynb",
        "uplift.ipynb",
    ],
)
def test_a_notebook_runs_and_shows_its_plots(name, tmp_path):
    cells = code_cells(run(json.loads(NOTEBOOKS[name].read_text(encoding="utf-8")), tmp_path))
    outputs = [output for cell in cells for output in cell["outputs"]]
    said = ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]
    assert said == []
    plots = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(plots) >= sum("".join(cell["source"]).count("plt.subplots(") for cell in cells) > 0


def test_an_error_in_a_cell_is_found(tmp_path):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": "1 / 0"}
    with pytest.raises(AssertionError, match=r"(?s)CellExecutionError.*ZeroDivisionError"):
        run({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, tmp_path)


def test_a_warning_in_a_cell_is_an_error(tmp_path):
    source = "import warnings\n\nwarnings.warn('old', FutureWarning)"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
    with pytest.raises(AssertionError, match=r"(?s)CellExecutionError.*FutureWarning"):
        run({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, tmp_path)
