from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbo.errors import InputError
from nbo.registry.store import absolute_uri, environment, experiment_id, tracking_store


def settings(mlflow):
    stores = mlflow.is_tracking_uri_set(), mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    return *stores, os.environ.get("MLFLOW_TRACKING_URI"), os.environ.get("MLFLOW_REGISTRY_URI")


@pytest.fixture
def untouched(monkeypatch):
    import mlflow

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    yield mlflow
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def by_hand(mlflow, monkeypatch):
    mlflow.set_tracking_uri("sqlite:///other.db")
    mlflow.set_registry_uri("sqlite:///models.db")


def by_environment(mlflow, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "sqlite:///models.db")


@pytest.mark.parametrize("choose", [lambda mlflow, monkeypatch: None, by_hand, by_environment])
@pytest.mark.parametrize("fails", [False, True])
def test_the_callers_stores_come_back(untouched, monkeypatch, uri, choose, fails):
    choose(untouched, monkeypatch)
    before = settings(untouched)
    try:
        with tracking_store(uri):
            assert untouched.get_tracking_uri() == untouched.get_registry_uri() == uri
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert settings(untouched) == before


def test_a_store_of_the_environment_can_still_be_changed_afterwards(untouched, monkeypatch, uri):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with tracking_store(None):
        pass
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///later.db")
    assert untouched.get_tracking_uri() == "sqlite:///later.db"


def test_without_any_choice_the_store_is_a_file_in_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    assert absolute_uri(None) == f"sqlite:///{tmp_path}/mlflow.db"
    assert absolute_uri("sqlite:///sub/x.db") == f"sqlite:///{tmp_path}/sub/x.db"
    assert absolute_uri("https://mlflow.example.org") == "https://mlflow.example.org"


@pytest.mark.parametrize("wrong", ["", 3])
def test_a_store_must_be_a_text(wrong):
    with pytest.raises(InputError, match="tracking_uri must be a text such as"):
        absolute_uri(wrong)


def test_models_are_kept_beside_the_file_wherever_the_caller_stands(monkeypatch, tmp_path, uri, logged):
    monkeypatch.chdir(tmp_path)
    folder = Path(uri.removeprefix("sqlite:///")).parent
    with tracking_store(uri) as client:
        experiment = client.get_experiment(experiment_id(client, uri))
    assert experiment.name == "nbo"
    assert experiment.artifact_location == (folder / "mlartifacts").as_uri()
    assert list((folder / "mlartifacts").rglob("bundle.json"))
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_mlflow_names_the_store_without_its_password():
    from mlflow.exceptions import MlflowException

    says = r"MLflow at https://me:\*\*\*@example.org says: no such thing"
    with pytest.raises(InputError, match=says), tracking_store("https://me:secret@example.org"):
        raise MlflowException("no such thing")


def test_a_file_that_is_no_store_is_an_error_that_names_it(tmp_path):
    (tmp_path / "x.db").write_text("no database" * 100)
    says = r"the MLflow store sqlite:///.*x\.db cannot be opened; DatabaseError"
    with pytest.raises(InputError, match=says), tracking_store(f"sqlite:///{tmp_path}/x.db"):
        pass


def test_the_environment_comes_back(monkeypatch):
    monkeypatch.setenv("NBO_A", "1")
    monkeypatch.delenv("NBO_B", raising=False)
    with environment(NBO_A=None, NBO_B="2"):
        assert "NBO_A" not in os.environ
        assert os.environ["NBO_B"] == "2"
    assert os.environ["NBO_A"] == "1"
    assert "NBO_B" not in os.environ


def test_importing_the_registry_does_not_import_mlflow():
    code = "import sys, nbo.registry; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_callers_experiment_counts_where_the_store_is_the_callers_too(monkeypatch, uri):
    with tracking_store(uri) as client:
        own = experiment_id(client, uri)
        other = client.create_experiment("of the caller")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "of the caller")
    with tracking_store(None) as client:
        assert (experiment_id(client, None), experiment_id(client, uri)) == (other, own)
        monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", own)
        assert experiment_id(client, None) == own


def test_an_experiment_that_another_process_makes_meanwhile_is_taken(monkeypatch, uri):
    with tracking_store(uri) as client:
        own, find = experiment_id(client, uri), client.get_experiment_by_name
        answers = [None]
        monkeypatch.setattr(client, "get_experiment_by_name", lambda name: answers.pop() if answers else find(name))
        assert experiment_id(client, uri) == own
        assert answers == []


def test_a_kill_while_a_store_is_made_leaves_none(tmp_path, monkeypatch):
    import mlflow

    class Killed:
        def __init__(self, uri=None):
            Path(uri.removeprefix("sqlite:///")).write_bytes(b"half of it")
            raise KeyboardInterrupt

    place = f"sqlite:///{tmp_path}/mlflow.db"
    with monkeypatch.context() as patch:
        patch.setattr(mlflow, "MlflowClient", Killed)
        with pytest.raises(KeyboardInterrupt), tracking_store(place):
            pass
    assert not (tmp_path / "mlflow.db").exists()
    with tracking_store(place) as client:
        assert client.search_registered_models() == []
    assert (tmp_path / "mlflow.db").exists()
    assert not (tmp_path / ".mlflow.db.new").exists()
