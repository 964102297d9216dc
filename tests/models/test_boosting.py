from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from nbo.errors import BundleError
from nbo.models.boosting import Boosting, BoostingSettings, train_boosting
from nbo.models.training_data import TrainingData

SETTINGS = BoostingSettings(20, 0.1, 15, 20, 5, 1, 0)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    matrix = np.column_stack([rng.normal(size=2000), rng.integers(0, 5, 2000), rng.normal(size=2000)])
    matrix[rng.random(2000) < 0.1, 0] = np.nan
    target = (rng.random(2000) < np.where(matrix[:, 1] == 3, 0.7, 0.2)).astype(float)
    return TrainingData(matrix, target, categories=(1,))


def test_text_gives_the_same_bits(data):
    boosting = train_boosting(data, SETTINGS, "binary")
    again = Boosting(boosting.text)
    np.testing.assert_array_equal(again.score(data.matrix), boosting.score(data.matrix))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(boosting)).score(data.matrix), boosting.score(data.matrix))


def test_same_data_give_the_same_trees_with_any_number_of_threads(data):
    first = train_boosting(data, SETTINGS, "binary")
    second = train_boosting(data, replace(SETTINGS, n_jobs=2), "binary")
    np.testing.assert_array_equal(first.score(data.matrix), second.score(data.matrix, n_jobs=2))


def test_contributions_sum_to_the_score(data):
    boosting = train_boosting(data, SETTINGS, "binary")
    np.testing.assert_allclose(boosting.contributions(data.matrix).sum(axis=1), boosting.score(data.matrix), atol=1e-9)


def test_a_column_that_decides_is_the_important_one(data):
    gain, splits = train_boosting(data, SETTINGS, "binary").importance(3)
    assert gain.argmax() == 1
    assert splits[1] > 0


def test_early_stopping_keeps_the_best_trees(data):
    noise = replace(data, target=np.random.default_rng(1).permutation(data.target))
    stopped = train_boosting(noise, replace(SETTINGS, n_estimators=200), "binary", data.part(np.arange(500)))
    assert stopped.n_trees < 50


def test_constant_has_no_trees():
    constant = Boosting(constant=-1.5)
    assert constant.n_trees == 0
    np.testing.assert_array_equal(constant.contributions(np.zeros((2, 2))), [[0, 0, -1.5]] * 2)
    np.testing.assert_array_equal(constant.importance(2), np.zeros((2, 2)))


def test_text_that_is_no_model_is_refused():
    with pytest.raises(BundleError, match="can't be read"):
        Boosting("nonsense").score(np.zeros((1, 1)))


def test_training_prints_nothing(capfd, data):
    boosting = train_boosting(data.part(np.arange(5)), SETTINGS, "binary")
    boosting.score(data.matrix)
    assert capfd.readouterr() == ("", "")


def test_lightgbm_is_loaded_only_when_a_model_needs_it():
    code = "import sys, nbo.models; sys.exit('lightgbm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
