"""Each measure of amounts, against scikit-learn, scipy or a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from nbo.evaluation.amount_scores import AMOUNT_SCORES, rank_correlation

N = 120


def _data():
    rng = np.random.default_rng(0)
    y = np.where(rng.random(N) < 0.4, rng.lognormal(3, 1, N), 0.0).round(0)
    return y, (0.5 * y + rng.lognormal(2, 1, N)).round(0), rng.integers(0, 4, (N, 4))


def _gini(y, p):
    """Of all pairs, by the sign of the predictions, over the same by the amounts."""
    gaps = y[:, None] - y[None, :]
    return (gaps * np.sign(p[:, None] - p[None, :])).sum() / np.abs(gaps).sum()


EXPECTED = {
    "mean_actual": lambda y, p: y.mean(),
    "mean_predicted": lambda y, p: p.mean(),
    "level_ratio": lambda y, p: p.sum() / y.sum(),
    "mae": mean_absolute_error,
    "rmse": root_mean_squared_error,
    "gini": _gini,
    "spearman": lambda y, p: spearmanr(y, p).statistic,
}


def test_all_are_held():
    assert list(EXPECTED) == list(AMOUNT_SCORES)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_metric_in_many_weightings(name):
    y, p, weights = _data()
    found = AMOUNT_SCORES[name].measure(y, p[np.newaxis], np.zeros(N, int), weights.astype(float))[0]
    expected = [EXPECTED[name](np.repeat(y, weight), np.repeat(p, weight)) for weight in weights.T]
    assert found == pytest.approx(np.array(expected))


def test_ranks_are_those_within_a_part():
    y, p, _ = _data()
    part = np.arange(N) % 2
    alike = rank_correlation(y + 1000 * part, (p - 1000 * part)[np.newaxis], part, np.ones((N, 1)))
    assert alike == pytest.approx(rank_correlation(y, p[np.newaxis], part, np.ones((N, 1))))


def test_same_amounts_have_no_ranking_and_no_spend_no_ratio():
    p, weights = np.array([[1.0, 2.0, 3.0]]), np.ones((3, 1))
    for name in ("gini", "spearman", "level_ratio"):
        assert np.isnan(AMOUNT_SCORES[name].measure(np.zeros(3), p, np.zeros(3, int), weights)).all()
