from __future__ import annotations

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from nbo import registry
from nbo.errors import BundleError, InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.card import shortened
from nbo.registry.pyfunc import _load_pyfunc


def artifacts(mlflow, version):
    return Path(mlflow.artifacts.download_artifacts(artifact_uri=version.model_uri))


def test_a_version_states_its_name_number_and_run(logged, mlflow):
    assert (logged.name, logged.version, logged.model_uri) == ("logged", 1, "models:/logged/1")
    run = mlflow.get_run(logged.run_id)
    assert run.info.status == "FINISHED"
    assert mlflow.active_run() is None


def test_metrics_of_training_and_own_ones_are_logged_unless_not_finite(logged, mlflow, model):
    metrics = mlflow.get_run(logged.run_id).data.metrics
    assert metrics["auc"] == 0.75
    assert "bad" not in metrics
    assert set(metrics) >= {name for name, value in model.metrics_.items() if value == value}


def test_tags_tell_team_version_and_end_of_training(logged, mlflow, model):
    found = mlflow.MlflowClient().get_model_version("logged", "1")
    assert found.tags["team"] == "crm"
    assert found.tags["nbo.as_of"] == model.as_of_.isoformat()
    assert "nbo.version" in found.tags
    assert mlflow.MlflowClient().get_model_version_by_alias("logged", "first").version == 1


def test_nothing_in_the_artifact_runs_when_read(logged, mlflow):
    suffixes = {path.suffix for path in artifacts(mlflow, logged).rglob("*") if path.is_file()}
    assert suffixes <= {"", ".json", ".parquet", ".txt", ".yaml"}


def test_no_customer_is_in_the_artifact(logged, mlflow, world):
    ids = [customer.encode() for customer in world.tables.customers["customer_id"].unique()]
    files = [path.read_bytes() for path in artifacts(mlflow, logged).rglob("*") if path.is_file()]
    assert not any(customer in content for customer in ids for content in files)


def test_card_tables_and_pictures_lie_beside_the_model(logged, mlflow, measured):
    place = mlflow.artifacts.download_artifacts(run_id=logged.run_id, artifact_path="about/logged")
    files = {path.relative_to(place).as_posix() for path in Path(place).rglob("*") if path.is_file()}
    tables = {"model_card.md", "validation.csv", "predictions.csv", "profile.csv"}
    assert files == tables | {f"curves/propensity_{name}.png" for name in ("calibration", "gains", "lift")}
    scores = pd.read_csv(Path(place) / "validation.csv", parse_dates=["since"])
    pd.testing.assert_frame_equal(scores, measured.validation_.scores, check_dtype=False)
    assert len(pd.read_csv(Path(place) / "profile.csv")) == len(measured.features.feature_names)
    card = (Path(place) / "model_card.md").read_text()
    assert card.startswith("# logged: a next-best-offer model")
    assert mlflow.MlflowClient().get_model_version("logged", "1").description == shortened(card)


@pytest.mark.parametrize("change", ["text", "json", "parquet", "other", "missing", "extra", "signed"])
@pytest.mark.parametrize("read", [NextBestOffer.from_dir, _load_pyfunc])
def test_a_tampered_model_is_refused(model, tmp_path, change, read):
    folder = tmp_path / "bundle"
    model.to_dir(folder)
    name = {"text": "propensity/score.lgb.txt", "json": "policy.json", "parquet": "catalog.parquet"}.get(change)
    if name is not None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content.replace(content[-9:], content[-9:-1] + b"#"))
    elif change == "other":
        (folder / "profile.json").write_text("{}")
    elif change == "missing":
        (folder / "features.json").unlink()
    elif change == "extra":
        (folder / "propensity" / "hook.py").write_text("raise SystemExit")
    else:
        index = json.loads((folder / "bundle.json").read_text())
        index["sha256"]["policy.json"] = "0" * 64
        (folder / "bundle.json").write_text(json.dumps(index))
    with pytest.raises(BundleError, match="1 files of .* are missing, altered or not its own, first"):
        read(str(folder))


def test_nothing_is_said_and_the_level_of_mlflows_log_comes_back(model, tmp_path, capfd):
    import mlflow  # what MLflow says at its import is its own

    level = logging.getLogger("mlflow").level
    assert level == logging.INFO
    capfd.readouterr()
    registry.log(model, "quiet", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    registry.load("models:/quiet/1", f"sqlite:///{tmp_path}/mlflow.db")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("mlflow").level == level
    assert mlflow.active_run() is None


def test_requirements_pin_nbo_and_what_it_trains_with(logged, mlflow):
    lines = (artifacts(mlflow, logged) / "requirements.txt").read_text().splitlines()
    assert {line.partition("==")[0] for line in lines} >= {"nbo", "lightgbm", "scikit-learn", "pandas", "pyarrow"}
    assert all("==" in line for line in lines)


def test_features_are_of_any_type_in_the_signature(logged, mlflow, model):
    signature = mlflow.models.get_model_info(logged.model_uri).signature
    assert signature.inputs.input_names() == model.features.feature_names
    assert {str(column.type) for column in signature.inputs} == {"Any"}
    assert signature.outputs.input_names()[:3] == ["segment", "churn_probability", "clv"]


def test_lock_files_of_the_working_directory_stay_out(mlflow, model, uri, tmp_path, monkeypatch):
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text('[project]\nname = "mine"\nversion = "1"\n')
    monkeypatch.chdir(tmp_path)
    version = registry.log(model, "unlocked", tracking_uri=uri)
    assert not {"uv.lock", "pyproject.toml"} & {path.name for path in artifacts(mlflow, version).rglob("*")}


def test_inside_a_run_of_the_store_the_model_goes_there(mlflow, model, uri):
    with mlflow.start_run() as run:
        version = registry.log(model, "in_a_run", registered=False)
        assert mlflow.active_run().info.run_id == run.info.run_id
    assert version.run_id == run.info.run_id
    assert (version.name, version.version) == ("", None)
    assert registry.load(version.model_uri, uri).features.feature_names == model.features.feature_names
    assert registry.load(f"runs:/{run.info.run_id}/in_a_run", uri).as_of_ == model.as_of_


def test_a_run_of_another_store_is_refused(mlflow, model, uri, monkeypatch):
    elsewhere = SimpleNamespace(info=SimpleNamespace(run_id="0" * 32))
    monkeypatch.setattr(mlflow, "active_run", lambda: elsewhere)
    with pytest.raises(InputError, match="is active in another store; end it"):
        registry.log(model, "elsewhere", tracking_uri=uri)


def test_a_model_that_cannot_be_read_back_is_not_registered(mlflow, model, uri, monkeypatch):
    def refuse(folder):
        raise BundleError("damaged")

    monkeypatch.setattr(NextBestOffer, "from_dir", refuse)
    with pytest.raises(BundleError, match="damaged"):
        registry.log(model, "damaged", tracking_uri=uri)
    assert mlflow.MlflowClient().search_registered_models("name = 'damaged'") == []


@pytest.mark.parametrize("name", ["", " ", "a/b", "a:b", "it's", None])
def test_a_name_that_mlflow_would_refuse_is_refused_first(model, uri, name):
    with pytest.raises(InputError, match="name must be a text without any of"):
        registry.log(model, name, tracking_uri=uri)


@pytest.mark.parametrize("alias", ["latest", "v3", "a b", ""])
def test_an_alias_that_mlflow_keeps_for_itself_is_refused_before_logging(model, uri, alias):
    with pytest.raises(InputError, match="alias must be letters"):
        registry.log(model, "refused", tracking_uri=uri, alias=alias)


def test_an_alias_needs_a_version(model, uri):
    with pytest.raises(InputError, match="'champion' needs a registered version"):
        registry.log(model, "refused", tracking_uri=uri, alias="champion", registered=False)


def test_a_metric_must_be_a_number(model, uri):
    with pytest.raises(InputError, match="metrics must be numbers"):
        registry.log(model, "refused", tracking_uri=uri, metrics={"auc": "high"})


def test_only_a_next_best_offer_can_be_logged(uri):
    with pytest.raises(TypeError, match="model must be a NextBestOffer; got dict"):
        registry.log({}, "refused", tracking_uri=uri)
