from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import BundleError, InputError
from nbo.models import ChurnModel, PropensityModel


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=300), "b": rng.choice(["x", "y"], 300)})
    ChurnModel(n_estimators=5).fit(X, rng.random(300) < 0.4).to_dir(tmp_path / "churn")
    return tmp_path / "churn"


def rewrite(folder, **changes):
    content = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**content, **changes}))


def test_nothing_is_pickled(folder):
    assert json.loads((folder / "model.json").read_text())["format"] == 1
    assert (folder / "score.lgb.txt").read_text().startswith("tree\n")


def test_altered_trees_are_refused(folder):
    file = folder / "score.lgb.txt"
    file.write_text(file.read_text().replace("leaf_value=", "leaf_value=9", 1))
    with pytest.raises(BundleError, match=r"score\.lgb\.txt was altered"):
        ChurnModel.from_dir(folder)


def test_altered_state_is_refused(folder):
    content = json.loads((folder / "model.json").read_text())
    content["state"]["calibration"]["c"] += 1
    (folder / "model.json").write_text(json.dumps(content))
    with pytest.raises(BundleError, match=r"model\.json was altered"):
        ChurnModel.from_dir(folder)


@pytest.mark.parametrize("name", ["model.json", "score.lgb.txt"])
def test_missing_files_are_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"incomplete: .*{name}"):
        ChurnModel.from_dir(folder)


def test_newer_format_is_refused(folder):
    rewrite(folder, format=2)
    with pytest.raises(BundleError, match="has the format 2; this nbo reads formats up to 1"):
        ChurnModel.from_dir(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "1"}'])
def test_files_that_are_no_model_are_refused(folder, text):
    (folder / "model.json").write_text(text)
    with pytest.raises(BundleError, match="altered|not a stored model"):
        ChurnModel.from_dir(folder)


def test_another_kind_of_model_is_refused(folder):
    with pytest.raises(BundleError, match="holds a ChurnModel, not a PropensityModel"):
        PropensityModel.from_dir(folder)


def test_generator_as_random_state_cannot_be_stored(tmp_path):
    model = ChurnModel(n_estimators=5, random_state=np.random.RandomState(0)).fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(InputError, match="can't be stored as JSON"):
        model.to_dir(tmp_path)
