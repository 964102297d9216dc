from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nbo import batch, registry
from nbo.errors import BundleError, InputError


@pytest.mark.parametrize("model_uri", ["models:/logged@first", "models:/logged/1"])
def test_the_model_that_comes_back_scores_the_same(logged, uri, model, X, model_uri):
    pd.testing.assert_frame_equal(registry.load(model_uri, uri).score_features(X), model.score_features(X))


def test_an_alias_is_resolved_to_a_version(logged, uri):
    assert registry.resolve("models:/logged@first", uri) == logged


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("logged", "uri must be 'models:/name@alias'"),
        (3, "uri must be 'models:/name@alias'"),
        ("models:/logged/first", "Try 'models:/logged@first'"),
        ("models:/logged@nobody", "alias nobody not found"),
        ("models:/logged/99", "version=99"),
        ("models:/unknown/1", "unknown"),
        ("models:/m-00", "m-00"),
        ("runs:/0123/logged", "0123"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_so(logged, uri, wrong, says):
    with pytest.raises(InputError, match=says):
        registry.load(wrong, uri)


def test_a_batch_job_takes_an_alias_and_states_the_version(logged, uri, model, world, tmp_path):
    result = batch.score("models:/logged@first", world.tables, tmp_path, as_of=world.end, tracking_uri=uri)
    assert result.model_version == "logged/1"
    decisions = result.read_decisions()
    assert set(decisions["model_version"]) == {"logged/1"}
    given = batch.score(model, world.tables, tmp_path / "given", as_of=world.end, run_id=result.run_id)
    pd.testing.assert_frame_equal(given.read_scores(), result.read_scores())
    assert given.read_decisions()["offer_id"].tolist() == decisions["offer_id"].tolist()


def test_a_model_of_another_kind_is_refused_before_it_runs(mlflow, uri, tmp_path):
    (tmp_path / "data.txt").write_text("x")
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(
            name="other", loader_module="does_not_exist", data_path=str(tmp_path), pip_requirements=["nbo"]
        )
    with pytest.raises(BundleError, match=r"was not logged by nbo\.registry\.log"):
        registry.load(info.model_uri, uri)


def test_an_altered_file_is_refused(mlflow, model, uri):
    version = registry.log(model, "altered", tracking_uri=uri)
    place = mlflow.MlflowClient().get_model_version_download_uri("altered", "1").removeprefix("file://")
    found = next((Path(place) / "data").rglob("policy.json"))
    found.write_text(found.read_text().replace("Uniform", "uniform"))
    with pytest.raises(BundleError, match="policy.json"):
        registry.load(version.model_uri, uri)
