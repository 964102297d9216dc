"""A model in an environment that was built from nothing but the requirements logged with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nbo import registry
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.registry.pyfunc import Scorer
from nbo.simulate import World
from nbo.tables import Spine

ROOT = Path(__file__).parents[2]

SCORE = """
import importlib.util, json, sys
import mlflow, pandas as pd
from nbo import registry
uri, store, folder = sys.argv[1:]
X = pd.read_parquet(f"{folder}/X.parquet")
mlflow.set_tracking_uri(store)
served = mlflow.pyfunc.load_model(uri)
found = {
    "served": served.predict(X).to_dict("list"),
    "best": served.predict(X, params={"top_k": 2}).to_dict("list"),
    "loaded": registry.load(uri, store).score_features(X).to_dict("list"),
    "there": [name for name in ("pyspark", "pytest") if importlib.util.find_spec(name)],
    "from": importlib.util.find_spec("nbo").origin,
}
json.dump(found, open(f"{folder}/found.json", "w"))
"""


def run(*command, **settings):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def everything(uri):
    """Log a model with all parts that scores come from."""
    world = World(customers=400, days=150, seed=2)
    few, tables = {"n_estimators": 10, "random_state": 0}, world.tables
    spine = training_spine(tables, world.end, horizons=("60D",), moments=2)
    parts = {"churn": ChurnModel(horizon="60D", **few), "clv": CLVModel(horizon="60D", **few)}
    model = NextBestOffer(propensity=PropensityModel(**few), **parts).fit(tables, spine, as_of=world.end)
    X = model.features.build(tables, Spine.at(world.end, tables))
    treatment = np.where(X.index % 2, model.catalog.offer_ids[0], "control")
    bought = (X.index % 3 == 0).astype(int)
    model.uplift = UpliftModel(control="control", **few).fit(X, bought, treatment, treatment_probability=0.5)
    return model, registry.log(model, "everything", tracking_uri=uri), X


@pytest.fixture(scope="module")
def fresh_python(everything, uri, tmp_path_factory):
    """Build the environment: nbo itself comes as a wheel of this checkout, for it may not be published."""
    import mlflow

    folder = tmp_path_factory.mktemp("fresh")
    mlflow.set_tracking_uri(uri)
    lines = Path(mlflow.pyfunc.get_model_dependencies(everything[1].model_uri)).read_text()
    mlflow.set_tracking_uri(None)
    (folder / "requirements.txt").write_text(lines)
    probe = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder / "probe", "click"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no package index can be reached")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder / "wheels", ROOT)
    run(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    (wheel,) = (folder / "wheels").glob("nbo-*.whl")
    run(python, "-m", "pip", "install", "--quiet", wheel, "-r", folder / "requirements.txt")
    return python


@pytest.mark.slow
def test_the_same_bits_come_from_the_logged_requirements_alone(fresh_python, everything, uri, tmp_path):
    model, version, X = everything
    X.to_parquet(tmp_path / "X.parquet")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "OMP_NUM_THREADS") if name in os.environ}
    safe = {**kept, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    run(fresh_python, "-c", SCORE, version.model_uri, uri, tmp_path, cwd=tmp_path, env=safe)
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["there"] == []
    assert Path(found["from"]).is_relative_to(fresh_python.parents[1])
    # JSON keeps every bit of a float, and writes a missing one as NaN.
    assert json.dumps(found["loaded"]) == json.dumps(model.score_features(X).to_dict("list"))
    assert json.dumps(found["served"]) == json.dumps(Scorer(model).predict(X).to_dict("list"))
    assert json.dumps(found["best"]) == json.dumps(Scorer(model).predict(X, {"top_k": 2}).to_dict("list"))
    assert {"churn_probability", "clv", "uplifts"} <= set(found["loaded"])
