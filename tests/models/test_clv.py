from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from nbo.errors import InputError
from nbo.models import CLVModel
from nbo.models.calibration import sigmoid


def simulate(n, seed=0):
    """Zero-inflated lognormal spend; the mean of the lognormal is exp(mu + 0.8^2 / 2)."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"visits": rng.poisson(4, n), "tenure": rng.uniform(0, 10, n), "plan": rng.choice(["basic", "gold"], n)}
    )
    active = sigmoid((-2 + 0.5 * frame["visits"]).to_numpy())
    mu = (2 + 0.15 * frame["tenure"] + 0.7 * (frame["plan"] == "gold")).to_numpy()
    y = (rng.random(n) < active) * rng.lognormal(mu, 0.8)
    return frame, y, active * np.exp(mu + 0.8**2 / 2)


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = simulate(15_000)
    return CLVModel(n_estimators=100, learning_rate=0.1, num_leaves=15).fit(X, y)


def test_planted_expected_spend_comes_back(fitted):
    X, y, truth = simulate(20_000, seed=1)
    prediction = fitted.predict(X)
    assert prediction.sum() == pytest.approx(truth.sum(), rel=0.05)
    assert spearmanr(prediction, truth).statistic > 0.97
    assert fitted.level_ratio_ == pytest.approx(1.0, abs=0.1)


def test_quantiles_cover_what_they_state_overall_and_at_the_top(fitted):
    X, y, _ = simulate(20_000, seed=2)
    top = fitted.predict(X) > np.quantile(fitted.predict(X), 0.9)
    nothing = 1 - sigmoid((-2 + 0.5 * X["visits"]).to_numpy())
    for q, limit in zip((0.5, 0.8, 0.9, 0.95), fitted.predict_quantiles(X, [0.5, 0.8, 0.9, 0.95]).T, strict=True):
        # Where more than q spend nothing, the limit is 0 and covers all of those. 3,000 later
        # rows, 300 in a decile: four standard errors.
        stated = np.maximum(q, nothing)
        assert (y <= limit).mean() == pytest.approx(stated.mean(), abs=4 * np.sqrt(q * (1 - q) / 3000))
        assert (y <= limit)[top].mean() == pytest.approx(stated[top].mean(), abs=4 * np.sqrt(q * (1 - q) / 300))


def test_interval_covers_at_least_what_it_states(fitted):
    X, y, _ = simulate(20_000, seed=3)
    low, high = fitted.predict_quantiles(X, [0.1, 0.9]).T
    assert ((low <= y) & (y <= high)).mean() > 0.78


def test_quantiles_rise_and_are_never_negative(fitted):
    X, _, _ = simulate(500, seed=4)
    quantiles = fitted.predict_quantiles(X, [0.01, 0.1, 0.5, 0.9, 0.999])
    assert quantiles.shape == (500, 5)
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert quantiles.min() == 0.0


def test_level_ratio_tells_of_drift_that_the_earlier_rows_did_not_know():
    X, y, _ = simulate(15_000)
    time = pd.date_range("2026-01-01", periods=15_000, freq="h")
    halved = np.where(np.arange(15_000) >= 12_000, y / 2, y)
    model = CLVModel(horizon="1D", n_estimators=40, learning_rate=0.1).fit(X, halved, time=time)
    assert model.level_ratio_ == pytest.approx(2.0, rel=0.1)


def test_stored_model_gives_the_same_bits(fitted, tmp_path):
    X, _, _ = simulate(200, seed=5)
    fitted.to_dir(tmp_path)
    again = CLVModel.from_dir(tmp_path)
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    np.testing.assert_array_equal(again.predict_active(X), fitted.predict_active(X))
    np.testing.assert_array_equal(again.predict_quantiles(X, [0.1, 0.9]), fitted.predict_quantiles(X, [0.1, 0.9]))
    assert again.level_ratio_ == fitted.level_ratio_


def test_both_parts_can_be_explained(fitted):
    X, _, _ = simulate(20, seed=6)
    matrix = fitted.encoder_.transform(X)
    np.testing.assert_allclose(
        fitted.explain(X, "spend").sum(axis=1), fitted.hurdle_.amount.boosting.score(matrix), atol=1e-9
    )
    np.testing.assert_allclose(
        fitted.explain(X).sum(axis=1), fitted.hurdle_.probability.boosting.score(matrix), atol=1e-9
    )
    assert fitted.feature_importance("active")["feature"].iloc[0] == "visits"
    assert fitted.feature_importance("spend")["feature"].iloc[0] in ("plan", "tenure")
    with pytest.raises(InputError, match="part must be one of 'active', 'spend'"):
        fitted.explain(X, "both")


def test_amounts_below_zero_count_as_no_spend():
    X, y, _ = simulate(3000)
    model = CLVModel(n_estimators=20).fit(X, np.where(y == 0, -0.5, y))
    same = CLVModel(n_estimators=20).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), same.predict(X))
    assert model.level_ratio_ > same.level_ratio_


def test_nobody_ever_spent(caplog, tmp_path):
    X, _, _ = simulate(100)
    with caplog.at_level(logging.WARNING):
        model = CLVModel().fit(X, np.zeros(100))
    assert "all 100 labels are the same" in caplog.text
    assert model.predict(X).tolist() == [0.0] * 100
    assert model.predict_quantiles(X, [0.1, 0.9]).max() == 0.0
    assert np.isnan(model.level_ratio_)
    model.to_dir(tmp_path)
    assert CLVModel.from_dir(tmp_path).predict(X).tolist() == [0.0] * 100


def test_everybody_spent():
    X, _, _ = simulate(3000)
    y = np.random.default_rng(0).lognormal(2.0, 0.5, 3000)
    model = CLVModel(n_estimators=20).fit(X, y)
    assert model.predict_active(X) == pytest.approx(3001 / 3002)
    assert model.predict(X).mean() == pytest.approx(y.mean(), rel=0.05)
    assert model.level_ratio_ == pytest.approx(1.0, abs=0.1)


def test_few_spenders_share_their_mean():
    X, _, _ = simulate(500)
    y = np.zeros(500)
    y[:4] = [10.0, 20.0, 30.0, 40.0]
    model = CLVModel().fit(X, y)
    np.testing.assert_allclose(model.predict(X), model.predict_active(X) * 25.0)


def test_one_row_is_enough_and_none_is_refused():
    X, y, _ = simulate(2)
    assert CLVModel().fit(X[:1], [12.0]).predict(X) == pytest.approx(2 / 3 * 12.0)
    with pytest.raises(InputError, match="at least one row"):
        CLVModel().fit(X[:0], [])


def test_horizon_and_quantiles_outside_their_range_are_refused(fitted):
    X, y, _ = simulate(50)
    with pytest.raises(InputError, match="horizon must be a length of time"):
        CLVModel(horizon="soon").fit(X, y)
    with pytest.raises(InputError, match=r"quantiles must be in \(0, 1\); got 90"):
        fitted.predict_quantiles(X, [90])
    with pytest.raises(InputError, match=r"quantiles must be a sequence of numbers, such as \[0.1, 0.9\]; got 0.5"):
        fitted.predict_quantiles(X, 0.5)
