from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.isotonic import IsotonicRegression

from nbo.errors import InputError
from nbo.models import PropensityModel
from nbo.models.calibration import Calibration, fit_calibration, sigmoid
from nbo.models.venn_abers import fit_venn_abers, venn_abers_interval


@pytest.mark.parametrize("seed", range(12))
def test_interval_is_that_of_two_isotonic_fits_with_the_row_put_in(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    # Few different scores, so that there are ties.
    score = rng.integers(0, rng.integers(2, 30), n) / 3
    y = (rng.random(n) < np.where(score > score.mean(), 0.7, 0.3)).astype(float)
    asked = np.concatenate([score, score + 0.1, [score.min() - 1]])
    by_hand = [[IsotonicRegression().fit([*score, s], [*y, label]).predict([s])[0] for label in (0, 1)] for s in asked]
    np.testing.assert_allclose(venn_abers_interval(fit_venn_abers(score, y), asked), by_hand, atol=1e-12)


def test_weights_count_rows():
    rng = np.random.default_rng(0)
    score, y = np.round(rng.normal(size=200), 1), (rng.random(200) < 0.4).astype(float)
    doubled = fit_venn_abers(score, y, np.full(200, 2.0))
    assert doubled == fit_venn_abers(score, y)


def test_one_of_both_comes_true_on_average():
    # Validity: the mean of y lies between the means of p0 and p1, whatever the scores are worth.
    rng = np.random.default_rng(1)
    score = rng.normal(size=20_000)
    y = (rng.random(20_000) < sigmoid(np.sin(2 * score))).astype(float)
    low, high = venn_abers_interval(fit_venn_abers(score[:10_000], y[:10_000]), score[10_000:]).T
    assert (low <= high).all()
    error = 4 * 0.5 / np.sqrt(10_000)
    assert low.mean() - error < y[10_000:].mean() < high.mean() + error


def test_probability_lies_between_and_the_state_is_json():
    rng = np.random.default_rng(2)
    score, y = rng.normal(size=500), (rng.random(500) < 0.3).astype(float)
    fitted = fit_calibration(score, y, "venn_abers")
    again = Calibration(**json.loads(json.dumps(fitted.to_dict())))
    low, high = sigmoid(again.interval_logit(score)).T
    p = again.probability(score)
    np.testing.assert_allclose(p, high / (1 - low + high))
    assert ((low <= p) & (p <= high)).all()
    np.testing.assert_array_equal(p, fitted.probability(score))


def test_model_gives_an_interval_that_narrows_with_rows(tmp_path):
    rng = np.random.default_rng(3)
    X = pd.DataFrame({"a": rng.normal(size=8000)})
    y = rng.random(8000) < sigmoid(X["a"].to_numpy())
    width = {}
    for n in (800, 8000):
        model = PropensityModel(n_estimators=20, calibration="venn_abers").fit(X[:n], y[:n])
        interval, p = model.predict_interval(X[:500]), model.predict_proba(X[:500])[:, 1]
        assert interval.shape == (500, 2)
        assert ((interval[:, 0] <= p) & (p <= interval[:, 1])).all()
        width[n] = np.diff(interval).mean()
    assert width[8000] < width[800] / 2
    model.to_dir(tmp_path)
    np.testing.assert_array_equal(PropensityModel.from_dir(tmp_path).predict_interval(X), model.predict_interval(X))


def test_other_calibrations_have_no_interval():
    X = pd.DataFrame({"a": np.arange(40.0)})
    with pytest.raises(InputError, match="only the calibration 'venn_abers' gives an interval; this one is"):
        PropensityModel(n_estimators=2).fit(X, np.arange(40) % 2).predict_interval(X)
