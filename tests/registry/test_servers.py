"""Real servers on loopback: a model that is served, and a tracking server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo import registry
from nbo.errors import InputError
from nbo.registry.pyfunc import Scorer

pytestmark = pytest.mark.slow

STARTS_WITHIN = 180


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command, folder, **environment):
    """Run a server in a process group of its own until its health is fine, and end the whole group after it."""
    port = free_port()
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *command, "--host", "127.0.0.1", "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            # MLflow starts uvicorn by its name.
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **environment},
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health", process, folder / "server.log")
        yield address
    finally:
        end_group(process)


def end_group(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address, process, log):
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not start: {log.read_text()}")


def post(address, content):
    body = json.dumps(content).encode()
    request = urllib.request.Request(f"{address}/invocations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        # NaN is no JSON, though Python would read it.
        return pd.DataFrame(json.loads(response.read(), parse_constant=pytest.fail)["predictions"])


@pytest.fixture(scope="module")
def served_log(tmp_path_factory):
    return tmp_path_factory.mktemp("served") / "server.log"


@pytest.fixture(scope="module")
def served(logged, uri, served_log):
    command = ["models", "serve", "--env-manager", "local", "--model-uri", logged.model_uri]
    with running(
        command, served_log.parent, MLFLOW_TRACKING_URI=uri, MLFLOW_ALLOW_PICKLE_DESERIALIZATION="false"
    ) as address:
        yield address


def as_json(rows):
    return rows.astype(object).where(rows.notna(), None)


def same(found, expected):
    """All the same, bit for bit."""
    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_dtype=False, check_exact=True)


@pytest.mark.parametrize("orient", ["split", "records"])
@pytest.mark.parametrize("params", [{}, {"top_k": 2}, {"as_of": "2025-01-15", "top_k": 3}])
def test_a_served_model_answers_with_the_same_bits(served, model, X, orient, params):
    rows = X.iloc[:7]
    sent = as_json(rows).to_dict("split", index=False) if orient == "split" else as_json(rows).to_dict("records")
    found = post(served, {f"dataframe_{orient}": sent, "params": params})
    same(found, Scorer(model).predict(rows, params))


def test_a_served_model_takes_its_own_example(served, logged, mlflow, model):
    place = mlflow.artifacts.download_artifacts(artifact_uri=f"{logged.model_uri}/serving_input_example.json")
    with open(place) as file:
        found = post(served, json.load(file))
    assert len(found["offer_ids"].item()) == 3


def test_mlflows_own_check_before_serving_takes_the_example(logged, mlflow, monkeypatch, tmp_path):
    """As `mlflow models predict` in a process of its own, which reads JSON and writes JSON."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.get_tracking_uri())
    sent = mlflow.artifacts.download_artifacts(artifact_uri=f"{logged.model_uri}/serving_input_example.json")
    answer = tmp_path / "answer.json"
    mlflow.models.predict(
        logged.model_uri, input_path=sent, content_type="json", output_path=str(answer), env_manager="local"
    )
    assert len(json.loads(answer.read_text())["predictions"][0]["offer_ids"]) == 3


@pytest.mark.parametrize(
    ("lacking", "params", "says"),
    [
        ("customers__tenure_days", {}, "data lacks the column 'customers__tenure_days'"),
        (None, {"top_k": -1}, "top_k must be 0 (all) or more; got -1"),
        (None, {"as_of": "soon"}, "as_of must be a time such as '2026-06-30'; got 'soon'"),
    ],
)
def test_a_bad_request_is_told_why_and_no_row(served, served_log, X, lacking, params, says):
    rows = X.iloc[:2].assign(customers__city="Timbuktu").drop(columns=[lacking] if lacking else [])
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(served, {"dataframe_split": as_json(rows).to_dict("split", index=False), "params": params})
    answer = caught.value.read().decode()
    assert caught.value.code == 400
    assert says in json.loads(answer)["stack_trace"]
    assert "Timbuktu" not in answer + served_log.read_text()


@pytest.fixture(scope="module")
def tracking(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracking")
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    with running(["server", "--workers", "1", *stores], folder, MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false") as address:
        yield address


def test_the_whole_way_through_a_tracking_server(tracking, model, X, mlflow, capfd):
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri(), os.environ.get("MLFLOW_TRACKING_URI")
    version = registry.log(model, "remote", tracking_uri=tracking, alias="challenger", tags={"team": "crm"})
    assert version.model_uri == "models:/remote/1"
    loaded = registry.load("models:/remote@challenger", tracking)
    pd.testing.assert_frame_equal(loaded.score_features(X), model.score_features(X), check_exact=True)
    verdict = registry.promote("remote", "challenger", tracking_uri=tracking)
    assert verdict.promoted
    assert registry.resolve("models:/remote@champion", tracking).version == 1
    listed = registry.versions("remote", tracking_uri=tracking)
    assert listed["aliases"].tolist() == ["challenger|champion"]
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri(), os.environ.get("MLFLOW_TRACKING_URI")) == before
    with pytest.raises(InputError, match="MLflow at http://127.0.0.1:.* says: .*nobody"):
        registry.load("models:/remote@nobody", tracking)
    assert capfd.readouterr() == ("", "")


def test_a_training_run_goes_to_a_tracking_server_with_its_artifacts(tracking, model, world, mlflow):
    from sklearn.base import clone

    from nbo.next_best_offer import NextBestOffer
    from nbo.tables import Spine

    fresh = NextBestOffer(features=model.features, propensity=clone(model.propensity), policy=model.policy, rules=[])
    spine = Spine.at(world.end, world.tables)
    version = registry.train(fresh, world.tables, spine, "remote_train", as_of=world.end, tracking_uri=tracking)
    mlflow.set_tracking_uri(tracking)
    run = mlflow.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    names = {file.path for file in mlflow.MlflowClient().list_artifacts(version.run_id, "about/remote_train")}
    assert "about/remote_train/model_card.md" in names
    served = mlflow.pyfunc.load_model(version.model_uri)
    X = fresh.features.build(world.tables, spine)
    assert np.array_equal(
        np.array(served.predict(X)["propensities"].tolist()), np.array(fresh.score_features(X)["propensities"].tolist())
    )
