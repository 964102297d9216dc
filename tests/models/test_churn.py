from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import ChurnModel, model_metrics
from nbo.models.calibration import sigmoid


def simulate(n, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"recency": rng.exponential(30, n), "plan": rng.choice(["month", "year"], n), "noise": rng.normal(size=n)}
    )
    truth = sigmoid((-2 + frame["recency"] / 30 - 1.5 * (frame["plan"] == "year")).to_numpy())
    return frame, np.where(rng.random(n) < truth, "lapsed", "active"), truth


def test_planted_probabilities_come_back():
    X, y, _ = simulate(12_000)
    model = ChurnModel(n_estimators=80, learning_rate=0.1, num_leaves=7).fit(X, y)
    new, outcome, truth = simulate(20_000, seed=1)
    assert model.classes_.tolist() == ["active", "lapsed"]
    p = model.predict_proba(new)[:, 1]
    measured, best = model_metrics(outcome == "lapsed", p), model_metrics(outcome == "lapsed", truth)
    assert measured["auc"] > best["auc"] - 0.01
    assert measured["ece"] < 0.03
    assert set(model.predict(new)) == {"active", "lapsed"}


def test_text_labels_and_horizon_survive_storage(tmp_path):
    X, y, _ = simulate(500)
    model = ChurnModel(horizon=pd.Timedelta("30D"), n_estimators=5).fit(X, y)
    model.to_dir(tmp_path)
    again = ChurnModel.from_dir(tmp_path)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert pd.Timedelta(again.horizon) == pd.Timedelta("30D")


def test_horizon_that_is_no_length_of_time_is_refused():
    X, y, _ = simulate(50)
    with pytest.raises(InputError, match="horizon must be a length of time above zero"):
        ChurnModel(horizon=90).fit(X, y)
