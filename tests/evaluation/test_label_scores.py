"""Each measure of probabilities, against scikit-learn or a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss

from nbo.evaluation.calibration_scores import calibration_in_the_large, calibration_slope
from nbo.evaluation.decile_sums import decile_sums
from nbo.evaluation.label_scores import LABEL_SCORES, average_precision, brier_parts
from nbo.models import lift_by_decile, model_metrics

N = 400


def _data(seed=0, decimals=2):
    rng = np.random.default_rng(seed)
    p = np.clip(rng.beta(1, 3, N).round(decimals), 0.01, 0.99)
    y = (rng.random(N) < p).astype(float)
    return y, p, rng.integers(0, 4, (N, 5)).astype(float)


def _measured(name, y, p, weights, part=None):
    return LABEL_SCORES[name].measure(y, p[np.newaxis], np.zeros(N, int) if part is None else part, weights)[0]


@pytest.mark.parametrize("name", ["rate", "mean_probability", "auc", "average_precision", "log_loss", "brier", "ece"])
def test_each_metric_is_that_of_model_metrics(name):
    y, p, _ = _data()
    assert _measured(name, y, p, np.ones((N, 1)))[0] == pytest.approx(model_metrics(y, p)[name], rel=1e-12)


@pytest.mark.parametrize("name", ["auc", "average_precision", "log_loss", "brier", "lift_10"])
def test_weights_are_those_of_model_metrics(name):
    y, p, weights = _data()
    expected = [model_metrics(y, p, weight)[name] for weight in weights.T]
    assert _measured(name, y, p, weights) == pytest.approx(np.array(expected), rel=1e-12)


def test_average_precision_and_brier_are_those_of_scikit_learn():
    y, p, weights = _data()
    for weight, found, brier in zip(
        weights.T,
        average_precision(y, p[np.newaxis], np.zeros(N, int), weights)[0],
        _measured("brier", y, p, weights),
        strict=True,
    ):
        assert found == pytest.approx(average_precision_score(y, p, sample_weight=weight))
        assert brier == pytest.approx(brier_score_loss(y, p, sample_weight=weight))


def test_test_parts_are_ranked_by_themselves():
    y, p, weights = _data()
    part = np.arange(N) % 2
    moved = np.where(part == 1, p / 100, p)
    for name in ("auc", "average_precision", "lift_10"):
        assert _measured(name, y, moved, weights, part) == pytest.approx(_measured(name, y, p, weights, part))
    each = [average_precision_score(y[part == i], p[part == i]) for i in (0, 1)]
    ones = [y[part == i].sum() for i in (0, 1)]
    both = _measured("average_precision", y, p, np.ones((N, 1)), part)
    assert both[0] == pytest.approx(np.average(each, weights=ones))


def test_the_parts_of_the_brier_score_are_those_of_a_plain_loop():
    y, p, weights = _data()
    edges = np.unique(np.quantile(p, np.arange(1, 10) / 10, method="lower"))
    for column, weight in enumerate(weights.T):
        rate, reliability, resolution, ece = np.average(y, weights=weight), 0.0, 0.0, 0.0
        for low, high in zip([-1, *edges], [*edges, 2], strict=True):
            rows = (p > low) & (p <= high)
            if weight[rows].sum():
                share = weight[rows].sum() / weight.sum()
                predicted, came = (np.average(values[rows], weights=weight[rows]) for values in (p, y))
                reliability += share * (predicted - came) ** 2
                resolution += share * (came - rate) ** 2
                ece += share * abs(predicted - came)
        parts = {name: value[column] for name, value in brier_parts(y, p, weights).items()}
        assert parts["reliability"] == pytest.approx(reliability)
        assert parts["resolution"] == pytest.approx(resolution)
        assert parts["ece"] == pytest.approx(ece)
        total = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within"]
        assert total == pytest.approx(np.average((p - y) ** 2, weights=weight))


def test_predictions_of_few_values_have_nothing_within_groups():
    y, p, _ = _data()
    p = np.where(p < 0.3, 0.2, 0.6)
    assert brier_parts(y, p, np.ones((N, 1)))["within"] == pytest.approx([0], abs=1e-15)


def test_calibration_is_a_logistic_regression_on_log_odds():
    y, p, weights = _data()
    score = np.log(p / (1 - p))[:, np.newaxis]
    for weight, slope in zip(weights.T, calibration_slope(y, p[np.newaxis], np.zeros(N, int), weights)[0], strict=True):
        fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(score, y, sample_weight=weight)
        assert slope == pytest.approx(fitted.coef_[0, 0], rel=1e-5)


def test_replicates_of_many_rows_lose_next_to_nothing():
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 2, 20_000)
    y, weights, part = (rng.random(20_000) < p**1.2).astype(float), rng.poisson(1.0, (20_000, 4)), np.zeros(20_000, int)
    for measure in (calibration_slope, calibration_in_the_large):
        together = measure(y, p[np.newaxis], part, weights.astype(float))[0]
        alone = [measure(y, p[np.newaxis], part, weights[:, [i]].astype(float)).item() for i in range(4)]
        assert together == pytest.approx(np.array(alone), abs=1e-3)


def test_calibration_in_the_large_makes_the_mean_right():
    y, p, weights = _data()
    shifts = calibration_in_the_large(y, (p / 3)[np.newaxis], np.zeros(N, int), weights)[0]
    for weight, shift in zip(weights.T, shifts, strict=True):
        moved = 1 / (1 + np.exp(-np.log(p / 3 / (1 - p / 3)) - shift))
        assert np.average(moved, weights=weight) == pytest.approx(np.average(y, weights=weight))


@pytest.mark.parametrize(
    ("y", "p"),
    [([0, 0, 0], [0.1, 0.2, 0.3]), ([0, 1, 1], [0.4, 0.4, 0.4]), ([0, 1, 1], [0.1, 0.6, 0.7])],
    ids=["one label", "one prediction", "no error"],
)
def test_no_slope_where_none_fits(y, p):
    found = calibration_slope(np.array(y, float), np.array([p]), np.zeros(3, int), np.ones((3, 2)))
    assert np.isnan(found).all()


def test_certain_predictions_are_taken_as_nearly_certain():
    y, p = np.array([0.0, 1.0, 1.0, 0.0]), np.array([[0.0, 1.0, 0.0, 1.0]])
    assert np.isfinite(calibration_slope(y, p, np.zeros(4, int), np.ones((4, 1)))).all()


def test_tenths_of_distinct_predictions_are_those_of_a_sort():
    rng = np.random.default_rng(1)
    p, y = rng.permutation(N) / N, rng.random(N)
    weight, target = decile_sums(p, np.zeros(N, int), np.ones((N, 1)), [y])[:, :, 0]
    assert weight == pytest.approx([N / 10] * 10)
    assert target == pytest.approx([part.sum() for part in np.array_split(y[np.argsort(-p)], 10)])


def test_tenths_are_those_of_lift_by_decile():
    y, p, weights = _data()
    found = decile_sums(p, np.zeros(N, int), weights, [y])
    for column, weight in enumerate(weights.T):
        table = lift_by_decile(y, p, weight)
        assert found[1, :, column] == pytest.approx(table["ones"].to_numpy())
        assert found[0, :, column] == pytest.approx(table["n"].to_numpy())
