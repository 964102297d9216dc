from __future__ import annotations

import hashlib
import json
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


@pytest.mark.parametrize("change", ["setting", "file and checksum", "index gone"])
def test_an_altered_index_is_refused_however_the_model_is_named(mlflow, model, uri, change):
    version = registry.log(model, "index", tracking_uri=uri)
    client = mlflow.MlflowClient()
    found = client.get_model_version("index", str(version.version))
    place = client.get_model_version_download_uri("index", found.version).removeprefix("file://")
    path = next((Path(place) / "data").rglob("bundle.json"))
    index = json.loads(path.read_text())
    assert found.tags["nbo.bundle_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    uris = [version.model_uri, found.source, f"runs:/{version.run_id}/index"]
    for named in uris:
        registry.load(named, uri)
    if change == "setting":
        path.write_text(json.dumps({**index, "window": "365D"}))
    elif change == "index gone":
        path.unlink()
    else:
        policy = path.with_name("policy.json")
        policy.write_text(policy.read_text().replace('"random_state": 0', '"random_state": 1'))
        index["sha256"]["policy.json"] = hashlib.sha256(policy.read_bytes()).hexdigest()
        path.write_text(json.dumps(index))
    for named in uris:
        with pytest.raises(BundleError, match=r"is altered|bundle\.json is missing"):
            registry.load(named, uri)
    if change == "setting":
        # As logged by an nbo that stated no checksum of the index.
        client.delete_model_version_tag("index", found.version, "nbo.bundle_sha256")
        assert registry.load(version.model_uri, uri).window == "365D"
