from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import PropensityModel, model_metrics
from nbo.models.calibration import sigmoid
from nbo.models.stages import both_stages


def simulate(n, seed=0):
    """App users see offers; the rich accept what they see."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"app_days": rng.normal(size=n), "income": rng.normal(size=n)})
    X["offer_id"] = rng.choice(["card", "loan"], n)
    p_viewed = sigmoid(-0.5 + 1.5 * X["app_days"].to_numpy())
    p_accept = sigmoid(-1.0 + 1.5 * X["income"].to_numpy() + 0.8 * (X["offer_id"] == "card").to_numpy())
    viewed = rng.random(n) < p_viewed
    return X, viewed & (rng.random(n) < p_accept), viewed, p_viewed, p_accept


@pytest.fixture(scope="module")
def fitted():
    X, y, viewed, _, _ = simulate(20_000)
    return PropensityModel(n_estimators=80, min_child_samples=100).fit(X, y, viewed=viewed)


def test_planted_stages_come_back(fitted):
    X, y, _, p_viewed, p_accept = simulate(5000, seed=1)
    stages = fitted.predict_stages(X)
    assert np.abs(stages[:, 0] - p_viewed).mean() < 0.03
    assert np.abs(stages[:, 1] - p_accept).mean() < 0.03
    assert model_metrics(y, fitted.predict_proba(X)[:, 1])["ece"] < 0.02


def test_who_did_not_see_an_offer_did_not_refuse_it(fitted):
    X, y, _, _, p_accept = simulate(20_000)
    one = PropensityModel(n_estimators=80, min_child_samples=100).fit(X, y)
    rich = pd.DataFrame({"app_days": [-2.0], "income": [2.0], "offer_id": ["card"]})
    # Such customers hardly see an offer; those who do mostly accept: 1 / (1 + exp(-2.8)) = 0.94.
    assert one.predict_proba(rich)[0, 1] < 0.1
    assert fitted.predict_proba(rich)[0, 1] < 0.1
    assert fitted.predict_stages(rich)[0, 1] > 0.85


def test_the_stages_multiply(fitted):
    X, *_ = simulate(300, seed=2)
    np.testing.assert_allclose(fitted.predict_stages(X).prod(axis=1), fitted.predict_proba(X)[:, 1], rtol=1e-12)


def test_both_stages_by_hand_and_at_the_ends():
    p, q = np.array([0.5, 0.9, 1e-9]), np.array([0.25, 0.9, 0.5])
    logits = [np.log(each / (1 - each)) for each in (p, q)]
    np.testing.assert_allclose(sigmoid(both_stages(*logits)), p * q)
    np.testing.assert_array_equal(sigmoid(both_stages(np.array([800.0, -800.0]), np.array([800.0, 0.0]))), [1.0, 0.0])


def test_each_stage_explains_itself(fitted):
    X, *_ = simulate(2000, seed=3)
    main = fitted.explain(X, approximate=True).drop(columns="base").abs().mean().idxmax()
    seen = fitted.explain(X, part="viewed", approximate=True).drop(columns="base").abs().mean().idxmax()
    assert (main, seen) == ("income", "app_days")


def test_stored_stages_give_the_same_bits(fitted, tmp_path):
    X, *_ = simulate(100, seed=4)
    fitted.to_dir(tmp_path)
    np.testing.assert_array_equal(PropensityModel.from_dir(tmp_path).predict_stages(X), fitted.predict_stages(X))


def test_all_offers_seen_is_one_stage_by_laplace():
    X, y, viewed, *_ = simulate(2000)
    seen = PropensityModel(n_estimators=5).fit(X[viewed], y[viewed], viewed=np.ones(viewed.sum(), dtype=bool))
    np.testing.assert_allclose(seen.predict_stages(X)[:, 0], (viewed.sum() + 1) / (viewed.sum() + 2))


def test_what_was_accepted_must_have_been_seen():
    X, y, viewed, *_ = simulate(100)
    with pytest.raises(InputError, match="viewed must be 1 where the offer was accepted; 1 of 100 rows is not"):
        PropensityModel().fit(X, np.arange(100) == int(np.argmin(viewed)), viewed=viewed)


def test_some_offer_must_have_been_seen():
    X, *_ = simulate(100)
    with pytest.raises(InputError, match="viewed must be 1 in some row; none of 100 offers was seen"):
        PropensityModel().fit(X, np.zeros(100), viewed=np.zeros(100))


def test_one_model_has_no_stages():
    X, y, *_ = simulate(100)
    with pytest.raises(InputError, match="give fit what was viewed"):
        PropensityModel(n_estimators=5).fit(X, y).predict_stages(X)
