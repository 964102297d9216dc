from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.models.boosting import BoostingSettings
from nbo.models.calibration import sigmoid
from nbo.models.holdout import choose_parts
from nbo.models.probability import fit_probability
from nbo.models.propensity import PropensityModel
from nbo.models.training_data import TrainingData

SETTINGS = BoostingSettings(30, 0.1, 7, 20, 10, 1, 0)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(5000, 2))
    target = (rng.random(5000) < sigmoid(matrix[:, 0] - 1)).astype(float)
    time = np.datetime64("2026-01-01", "us") + np.arange(5000) * np.timedelta64(1, "h")
    return TrainingData(matrix, target, time=time)


def fit(data, target):
    changed = TrainingData(data.matrix, target)
    return fit_probability(changed, choose_parts(target, 0.2, 0, data.time), SETTINGS, "beta")


def test_first_trees_know_nothing_of_the_later_rows_and_the_final_ones_do(data):
    other = np.where(np.arange(5000) < 4000, data.target, 1 - data.target)
    (final, first), (final_other, first_other) = fit(data, data.target), fit(data, other)
    assert first.boosting.text == first_other.boosting.text
    assert final.boosting.text != final_other.boosting.text


def test_final_level_is_that_of_the_later_rows_and_slopes_are_the_first_ones(data):
    rare = np.where((np.arange(5000) < 4000) | (np.arange(5000) % 3 == 0), data.target, 0)
    final, first = fit(data, rare)
    p = sigmoid(final.logit(data.matrix))
    assert p[4000:].mean() == pytest.approx(rare[4000:].mean(), abs=1e-9)
    assert (final.calibration.a, final.calibration.b) == (first.calibration.a, first.calibration.b)


def test_without_later_rows_there_is_one_model_and_no_calibration(data):
    small = data.part(np.arange(30))
    final, first = fit_probability(small, choose_parts(small.target, 0.2, 0), SETTINGS, "beta")
    assert final.boosting is first.boosting
    assert final.calibration.method == "none"


@pytest.mark.parametrize("n_rows", [60, 300, 1000])
def test_few_rows_of_noise_give_the_common_rate_and_no_extremes(n_rows):
    rng = np.random.default_rng(n_rows)
    X = pd.DataFrame(rng.normal(size=(n_rows, 30))).add_prefix("x")
    y = (np.arange(n_rows) % 12 == 0).astype(float)
    times = np.arange(n_rows).astype("datetime64[h]")
    p = PropensityModel().fit(X, y, time=times).predict_proba(X)[:, 1]
    # One in twelve accepts, whoever it is.
    assert abs(p.mean() - 1 / 12) < 0.02
    assert p.max() < 0.5
    assert p.min() > 1 / 12 / 10
