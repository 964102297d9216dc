from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from nbo.errors import InputError
from nbo.models import PropensityModel
from nbo.models.boosting import BoostingSettings, train_boosting
from nbo.models.calibration import sigmoid
from nbo.models.linear_score import LinearScore, fit_linear_score
from nbo.models.training_data import TrainingData


def simulate(n=4000, seed=0, weight=None):
    """Two numbers, one with gaps, and a category."""
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.normal(50, 10, n), rng.normal(size=n), rng.integers(0, 3, n)])
    logit = -1 + 0.1 * (matrix[:, 0] - 50) - 0.5 * matrix[:, 1] + np.array([0.0, 1.0, -1.0])[matrix[:, 2].astype(int)]
    matrix[rng.random(n) < 0.1, 1] = np.nan
    matrix[rng.random(n) < 0.1, 2] = np.nan
    return TrainingData(matrix, (rng.random(n) < sigmoid(logit)).astype(float), weight, categories=(2,))


def by_scikit_learn(data, sample_weight=None):
    """The same columns, written out: standardized numbers, flags of missing values and of categories."""
    numbers = data.matrix[:, :2]
    weight = np.ones(len(numbers)) if sample_weight is None else sample_weight
    known = ~np.isnan(numbers)
    mean = np.array([np.average(numbers[known[:, i], i], weights=weight[known[:, i]]) for i in (0, 1)])
    away = np.where(known, numbers - mean, 0.0)
    scale = np.sqrt(np.average(away**2, axis=0, weights=weight))
    flags = [np.isnan(data.matrix[:, 2]), *(data.matrix[:, 2] == code for code in range(3))]
    design = np.column_stack([np.clip(away / scale, -5, 5), ~known[:, 1], *flags]).astype(float)
    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000)
    return model.fit(design, data.target, weight / weight.mean()).decision_function(design)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_whole_share_is_scikit_learns_logistic_regression(weighted):
    weight = np.random.default_rng(1).uniform(0.5, 2, 4000) if weighted else None
    data = simulate(weight=weight)
    found = fit_linear_score(data, 1.0, (), 0).score(data.matrix)
    np.testing.assert_allclose(found, by_scikit_learn(data, weight), atol=1e-3)


def test_a_share_of_the_slopes_keeps_the_level():
    data = simulate()
    whole, half = (fit_linear_score(data, share, (), 0) for share in (1.0, 0.5))
    np.testing.assert_allclose(half.slope, np.array(whole.slope) / 2)
    np.testing.assert_allclose(half.categories["2"], np.array(whole.categories["2"]) / 2)
    assert sigmoid(half.score(data.matrix)).mean() == pytest.approx(data.target.mean(), abs=1e-6)


def test_contributions_sum_to_the_score_and_the_state_is_json():
    data = simulate()
    linear = fit_linear_score(data, 0.7, (), 0)
    shares = linear.contributions(data.matrix)
    np.testing.assert_allclose(shares.sum(axis=1), linear.score(data.matrix), atol=1e-12)
    again = LinearScore(**json.loads(json.dumps(linear.to_dict())))
    np.testing.assert_array_equal(again.score(data.matrix), linear.score(data.matrix))


def test_slopes_keep_the_sign_they_are_bound_to():
    data = simulate()
    free, bound = (fit_linear_score(data, 1.0, monotone, 0) for monotone in ((), (-1, -1, 0)))
    assert free.slope[0] > 0
    assert bound.slope[0] == 0
    assert bound.slope[1] < 0


@pytest.mark.parametrize(("n", "fitted"), [(100, False), (4000, True)])
def test_few_rows_for_a_slope_are_too_few(n, fitted):
    assert (fit_linear_score(simulate(n), 0.7, (), 0) is not None) == fitted


def test_categories_that_the_chosen_rows_lack_add_nothing():
    linear = fit_linear_score(simulate(), 0.7, (), 0)
    new = np.array([[50.0, 0.0, 9.0], [50.0, 0.0, np.nan]])
    shares = linear.contributions(new)
    assert shares[0, 2] == 0
    assert shares[1, 2] != linear.categories["2"][0]


def test_values_far_off_count_as_far_as_five_deviations():
    linear = fit_linear_score(simulate(), 0.7, (), 0)
    scores = linear.score(np.array([[50 + 51.0, 0, 0], [1e12, 0, 0]]))
    assert scores[0] == pytest.approx(scores[1], abs=0.2)


def test_trees_start_from_it_and_learn_the_rest():
    data = simulate(8000)
    bent = replace(data, target=(sigmoid(3 * np.abs(data.matrix[:, 0] - 50) / 10 - 3) > 0.5).astype(float))
    settings = BoostingSettings(60, 0.1, 7, 20, 0, 1, 0, linear_share=0.7)
    boosting = train_boosting(bent, settings, "binary")
    assert boosting.linear is not None
    assert ((boosting.score(bent.matrix) > 0) == bent.target).mean() > 0.98
    for shares in (boosting.contributions(bent.matrix[:50]), boosting.path_contributions(bent.matrix[:50])):
        np.testing.assert_allclose(shares.sum(axis=1), boosting.score(bent.matrix[:50]), atol=1e-9)


def test_amounts_have_no_linear_part():
    data = replace(simulate(500), target=np.full(500, 2.0))
    settings = BoostingSettings(5, 0.1, 7, 20, 0, 1, 0, linear_share=0.7)
    assert train_boosting(data, settings, "gamma").linear is None


def test_ranking_goes_on_beyond_what_was_seen():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"rate": rng.uniform(0, 1, 6000), "age": rng.normal(size=6000)})
    y = rng.random(6000) < sigmoid(-3 + 3 * X["rate"].to_numpy())
    beyond = pd.DataFrame({"rate": [1.2, 1.6], "age": [0.0, 0.0]})
    trees = PropensityModel(n_estimators=50, linear_share=0.0).fit(X, y).predict_proba(beyond)[:, 1]
    both = PropensityModel(n_estimators=50).fit(X, y).predict_proba(beyond)[:, 1]
    assert trees[0] == trees[1]
    assert both[1] > both[0]


def test_stored_models_keep_it(tmp_path):
    data = simulate()
    X = pd.DataFrame(data.matrix, columns=list("abc"))
    model = PropensityModel(n_estimators=10).fit(X, data.target)
    model.to_dir(tmp_path)
    np.testing.assert_array_equal(PropensityModel.from_dir(tmp_path).predict_proba(X), model.predict_proba(X))


def test_shares_outside_their_range_are_refused():
    with pytest.raises(InputError, match=r"linear_share must be in \[0, 1\]; got 1.5"):
        PropensityModel(linear_share=1.5).fit(np.zeros((4, 1)), [0, 1, 0, 1])
