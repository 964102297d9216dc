from __future__ import annotations

import logging

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from nbo.models.calibration import Calibration, fit_beta, fit_calibration, fit_shift, fit_sigmoid, sigmoid


def planted(n, a, b, c, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.normal(-1.0, 1.5, n)
    p = sigmoid(score)
    y = rng.random(n) < sigmoid(a * np.log(p) - b * np.log1p(-p) + c)
    return score, y.astype(float)


def test_beta_is_a_logistic_regression_on_ln_p_and_minus_ln_q():
    score, y = planted(5000, 0.6, 1.7, -0.3)
    p = sigmoid(score)
    reference = LogisticRegression(C=1e8, tol=1e-10, max_iter=10_000)
    reference.fit(np.column_stack([np.log(p), -np.log1p(-p)]), y)
    fitted = fit_beta(score, y)
    np.testing.assert_allclose([fitted.a, fitted.b, fitted.c], [*reference.coef_[0], *reference.intercept_], atol=1e-3)


def test_beta_recovers_planted_parameters():
    score, y = planted(200_000, 0.6, 1.7, -0.3)
    fitted = fit_beta(score, y)
    # Four standard errors, from the information at the truth.
    p = sigmoid(score)
    design = np.column_stack([np.log(p), -np.log1p(-p), np.ones(len(p))])
    q = sigmoid(design @ [0.6, 1.7, -0.3])
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (q * (1 - q))[:, None]))))
    assert np.all(np.abs(np.array([fitted.a, fitted.b, fitted.c]) - [0.6, 1.7, -0.3]) < 4 * errors)


@pytest.mark.parametrize("method", ["beta", "sigmoid", "shift", "none"])
def test_ranking_stays_exactly(method):
    score, y = planted(3000, 0.6, 1.7, -0.3)
    calibration = fit_calibration(score, y, method)
    assert calibration.method == method
    logit = calibration.logit(score)
    np.testing.assert_array_equal(rankdata(logit), rankdata(score))
    assert roc_auc_score(y, calibration.probability(score)) == pytest.approx(roc_auc_score(y, score), abs=1e-12)


def test_few_rows_fall_back_to_sigmoid():
    score, y = planted(1999, 1, 1, 0)
    assert fit_calibration(score, y, "beta").method == "sigmoid"
    score, y = planted(2000, 1, 1, 0)
    assert fit_calibration(score, y, "beta").method == "beta"


def test_negative_slope_falls_back_to_sigmoid():
    score, y = planted(20_000, -0.4, 2.0, 0.0)
    assert fit_beta(score, y).a < 0
    fitted = fit_calibration(score, y, "beta")
    assert fitted.method == "sigmoid"
    assert fitted.a == fitted.b > 0


def test_scores_that_rank_backwards_are_only_shifted(caplog):
    score, y = planted(5000, -1.0, -1.0, 0.0)
    with caplog.at_level(logging.WARNING):
        fitted = fit_calibration(score, y, "beta")
    assert (fitted.method, fitted.a, fitted.b) == ("shift", 1.0, 1.0)
    assert "only their level is calibrated" in caplog.text
    assert fitted.probability(score).mean() == pytest.approx(y.mean(), abs=1e-9)


def test_shift_by_hand():
    # Two rows at odds 1, one of four came true: the odds become 1/3.
    fitted = fit_shift(np.zeros(4), np.array([1.0, 0, 0, 0]))
    assert fitted.c == pytest.approx(np.log(1 / 3))


def test_perfect_separation_gives_finite_slopes():
    score = np.linspace(-1, 1, 3000)
    y = (score > 0).astype(float)
    for fit in (fit_beta, fit_sigmoid):
        fitted = fit(score, y)
        assert np.isfinite([fitted.a, fitted.b, fitted.c]).all()
        assert np.isfinite(fitted.probability(score)).all()


def test_extreme_scores_give_no_warnings_and_stay_in_range():
    p = Calibration(0.5, 2.0, 0.1, "beta").probability(np.array([-1e4, -800.0, 0.0, 800.0, 1e4]))
    assert np.all((p >= 0) & (p <= 1))
    assert np.all(np.diff(p) >= 0)


def test_weights_count_rows():
    score, y = planted(3000, 0.8, 1.2, 0.2)
    weight = np.random.default_rng(1).integers(1, 4, 3000)
    by_weight = fit_beta(score, y, weight.astype(float))
    by_rows = fit_beta(np.repeat(score, weight), np.repeat(y, weight))
    np.testing.assert_allclose([by_weight.a, by_weight.b, by_weight.c], [by_rows.a, by_rows.b, by_rows.c], rtol=1e-4)


def test_level_moves_and_slopes_stay():
    score, y = planted(5000, 0.6, 1.7, -0.3)
    before = fit_calibration(score, y)
    after = before.at_level_of(score[:2500] + 1.0, y[:2500])
    assert (after.a, after.b) == (before.a, before.b)
    assert after.probability(score[:2500] + 1.0).mean() == pytest.approx(y[:2500].mean(), abs=1e-9)
