"""The reference models: they are there, small, whole, and as good as their cards say."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from nbo.demo.reference.tasks import reference_tasks
from nbo.demo.reference.train import train_reference
from nbo.errors import BundleError, InputError
from nbo.models import load_reference, reference_features
from nbo.models.reference import _folder
from nbo.simulate import World

NAMES = ("propensity", "churn", "clv", "uplift")


@pytest.fixture(scope="module")
def tasks():
    """Another, smaller world: its columns are those of the reference features."""
    world = World(customers=1500, days=365, seed=11, live_days=1)
    _, tasks = reference_tasks(world, reference_features())
    return {task.name: task for task in tasks}


@pytest.mark.parametrize("name", NAMES)
def test_a_reference_model_scores_another_world(tasks, name):
    task = tasks[name]
    model = load_reference(name)
    if name in ("propensity", "churn"):
        score = model.predict_proba(task.X)[:, 1]
        assert ((score > 0) & (score < 1)).all()
    else:
        score = model.predict(task.X)
        assert np.isfinite(score).all()
    if name != "uplift":
        # Those who score high are those whom it came true of.
        top = score >= np.quantile(score, 0.8)
        assert task.y[top].mean() > 1.3 * task.y.mean()
    else:
        assert 0 < score.mean() < 0.3


def test_the_models_are_small():
    files = [path for path in _folder(None).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2_000_000
    assert {path.suffix for path in files} <= {".json", ".txt", ".md"}


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_matters(name):
    card = (_folder(None) / name / "README.md").read_text()
    headings = re.findall(r"^## (.*)$", card, re.MULTILINE)
    assert headings == ["Data", "Measured on later rows", "Made with", "For what", "Not for what"]
    assert "**Trained on simulated data**" in card
    for figure in json.loads((_folder(None) / name / "metrics.json").read_text()):
        assert f"| {figure['metric']} |" in card


def test_other_names_and_missing_folders_are_refused(tmp_path):
    with pytest.raises(InputError, match="name must be one of 'propensity', 'churn', 'clv', 'uplift'"):
        load_reference("fraud")
    with pytest.raises(BundleError, match="reference features can't be read"):
        reference_features(tmp_path)
    with pytest.raises(BundleError, match="the stored model is incomplete"):
        load_reference("churn", tmp_path)


@pytest.mark.slow
def test_training_again_gives_the_figures_of_the_cards(tmp_path):
    found = train_reference(tmp_path, progress=False)
    for name in NAMES:
        stored = pd.DataFrame(json.loads((_folder(None) / name / "metrics.json").read_text()))
        for figure in stored.to_dict("records"):
            # Half of the interval: libraries of other versions round otherwise.
            slack = (figure["high"] - figure["low"]) / 2 if figure["high"] is not None else abs(figure["value"]) / 10
            slack = 0.02 if np.isnan(slack) else slack
            assert found[name][figure["metric"]] == pytest.approx(figure["value"], abs=slack + 1e-4), figure
