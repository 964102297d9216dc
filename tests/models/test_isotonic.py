from __future__ import annotations

import json
import logging

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import log_loss

from nbo.models.calibration import Calibration, fit_calibration, sigmoid


def planted(n, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.normal(-2, 1, n)
    return score, (rng.random(n) < sigmoid(score)).astype(float)


def test_probabilities_are_scikit_learns_but_for_the_ends():
    score, y = planted(3000)
    fitted = fit_calibration(score, y, "isotonic")
    reference = IsotonicRegression(out_of_bounds="clip").fit(score, y).predict(np.linspace(-6, 3, 500))
    found = fitted.probability(np.linspace(-6, 3, 500))
    np.testing.assert_allclose(found, reference, atol=1 / 3002)
    assert log_loss([0, 1], [found.min(), found.max()]) < 10


def test_ties_are_told(caplog):
    score, y = planted(3000)
    with caplog.at_level(logging.WARNING):
        fitted = fit_calibration(score, y, "isotonic")
    different = len(np.unique(fitted.probability(score)))
    assert different < 300
    assert "isotonic calibration on 3000 rows gives" in caplog.text
    assert "for 3000 different scores; beta or sigmoid calibration keeps the ranking" in caplog.text


def test_state_is_json_and_the_level_moves():
    score, y = planted(2000)
    fitted = fit_calibration(score, y, "isotonic").at_level_of(score + 1, y)
    assert abs(fitted.probability(score + 1).mean() - y.mean()) < 1e-9
    again = Calibration(**json.loads(json.dumps(fitted.to_dict())))
    np.testing.assert_array_equal(again.probability(score), fitted.probability(score))
