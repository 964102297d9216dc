"""Scores of predictions, against scikit-learn and against plain loops."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error

from nbo.evaluation.scores import SCORES, concentration


def _draw(n=300, seed=0):
    """Labels, predictions with ties, and whole weights, some of them 0; simulated."""
    rng = np.random.default_rng(seed)
    return (rng.random(n) < 0.3).astype(float), rng.integers(1, 9, n) / 10, rng.integers(0, 4, (n, 5)).astype(float)


@pytest.mark.parametrize(("name", "published"), [("auc", roc_auc_score), ("log_loss", log_loss)])
def test_scores_of_labels_are_those_of_scikit_learn(name, published):
    y, p, weights = _draw()
    expected = [published(y, p, sample_weight=weights[:, b]) for b in range(5)]
    found = SCORES[name].measure(y, np.stack([p, 1 - p]), np.zeros(300, dtype=int), weights)
    np.testing.assert_allclose(found[0], expected)
    if name == "auc":
        np.testing.assert_allclose(found[1], 1 - found[0])


def test_rmse_is_that_of_scikit_learn():
    y, p, weights = _draw()
    expected = [root_mean_squared_error(y, p, sample_weight=weights[:, b]) for b in range(5)]
    np.testing.assert_allclose(SCORES["rmse"].measure(y, p[None], np.zeros(300, dtype=int), weights)[0], expected)


def test_gini_by_hand():
    # Pairs that differ: (0, 10) right, (0, 30) right, (10, 30) wrong.
    y, p = np.array([0.0, 10.0, 30.0]), np.array([1.0, 3.0, 2.0])
    value = SCORES["gini"].measure(y, p[None], np.zeros(3, dtype=int), np.ones((3, 1)))
    assert value == pytest.approx((10 + 30 - 20) / (10 + 30 + 20))


def test_concentration_is_that_of_a_plain_loop_over_pairs_of_one_part():
    rng = np.random.default_rng(1)
    y, p = rng.gamma(1.0, 10.0, 40) * (rng.random(40) < 0.5), rng.integers(0, 6, 40).astype(float)
    part, w = rng.integers(0, 3, 40), rng.integers(0, 3, 40).astype(float)
    above, below = 0.0, 0.0
    for i, j in itertools.combinations(range(40), 2):
        if part[i] == part[j]:
            above += w[i] * w[j] * (y[i] - y[j]) * np.sign(p[i] - p[j])
            below += w[i] * w[j] * abs(y[i] - y[j])
    assert concentration(y, p[None], part, w[:, None]) == pytest.approx(above / below)


def test_a_weight_of_two_is_the_row_twice():
    y, p, weights = _draw(60)
    for score in SCORES.values():
        rows = np.repeat(np.arange(60), weights[:, 0].astype(int))
        once = score.measure(y[rows], p[None, rows], np.zeros(len(rows), dtype=int), np.ones((len(rows), 1)))
        np.testing.assert_allclose(score.measure(y, p[None], np.zeros(60, dtype=int), weights)[:, :1], once)


def test_predictions_of_different_parts_are_not_compared():
    # Each part is ranked rightly; the second one's model has another level.
    y, p = np.array([0.0, 1.0, 0.0, 1.0]), np.array([[0.1, 0.2, 0.8, 0.9]])
    assert SCORES["auc"].measure(y, p, np.array([0, 0, 1, 1]), np.ones((4, 1))).tolist() == [[1.0]]
    assert SCORES["auc"].measure(y, p, np.zeros(4, dtype=int), np.ones((4, 1))).tolist() == [[0.75]]


def test_a_ranking_of_one_label_is_not_defined():
    assert np.isnan(
        SCORES["auc"].measure(np.ones(3), np.arange(3.0)[None], np.zeros(3, dtype=int), np.ones((3, 1)))
    ).all()
