"""Predictions that are there already, and how often intervals hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import validate_predictions
from nbo.evaluation.label_scores import LABEL_SCORES


def _simulated(seed, n=600, slope=1.0):
    """Customers with one to three rows each, alike in what they do; probabilities come true for slope 1."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(n), rng.integers(1, 4, n))
    own = rng.normal(size=n)[customer]
    score = -1 + own + 0.3 * rng.normal(size=len(customer))
    y = rng.random(len(customer)) < 1 / (1 + np.exp(-score))
    return y, 1 / (1 + np.exp(-score / slope)), customer


METRICS = ["rate", "auc", "average_precision", "lift_10", "log_loss", "brier", "brier_reliability", "brier_resolution"]
METRICS += ["ece", "calibration_in_the_large", "calibration_slope"]


def test_intervals_hold_the_truth_as_often_as_they_say():
    """The truth is that of many rows; of 60 worlds, 4 standard errors below the level are allowed."""
    y, p, _ = _simulated(1000, n=100_000)
    rows = y.astype(float), p[np.newaxis], np.zeros(len(y), int), np.ones((len(y), 1))
    truth = pd.Series({metric: LABEL_SCORES[metric].measure(*rows).item() for metric in METRICS})
    held = []
    for seed in range(60):
        y, p, customer = _simulated(seed, n=400)
        found = validate_predictions(y, p, groups=customer, metrics=METRICS, n_bootstrap=100, level=0.9, rng=seed)
        rows = found.overall.set_index("metric")
        held.append((rows["low"] <= truth) & (truth <= rows["high"]))
    share = pd.concat(held, axis=1).mean(axis=1)
    assert (share >= 0.9 - 4 * np.sqrt(0.9 * 0.1 / 60)).all(), share.to_dict()


def test_probabilities_twice_as_far_apart_have_half_the_slope():
    y, p, customer = _simulated(0, n=5000, slope=0.5)
    found = validate_predictions(y, p, groups=customer, metrics=["calibration_slope"]).overall.iloc[0]
    assert found["low"] < 0.5 < found["high"]
    assert found["high"] < 0.6


def test_calibration_groups_have_intervals_over_customers():
    y, p, customer = _simulated(0)
    found = validate_predictions(y, p, groups=customer).calibration
    assert len(found) == 10
    assert found["n"].sum() == len(y)
    assert (found["low"] <= found["rate"]).all()
    assert (found["rate"] <= found["high"]).all()


def test_rows_of_one_customer_widen_the_interval():
    y, p, _ = _simulated(0)
    y, p = np.repeat(y, 9), np.repeat(p, 9)
    alone = validate_predictions(y, p, metrics="auc").overall.iloc[0]
    together = validate_predictions(y, p, groups=np.arange(len(y)) // 9, metrics="auc").overall.iloc[0]
    # Nine rows that say the same are one: the width grows by three.
    widths = [row["high"] - row["low"] for row in (alone, together)]
    assert 2.3 < widths[1] / widths[0] < 3.7


def test_amounts_and_their_intervals_by_hand():
    y, p = [0, 0, 10, 30], [5, 5, 10, 20]
    found = validate_predictions(y, p, amounts=True, low=[0, 1, 5, 15], high=[9, 9, 15, 25])
    assert found.value("coverage") == (1 + 0 + 1 + 0) / 4
    assert found.value("level_ratio") == (5 + 5 + 10 + 20) / (0 + 0 + 10 + 30)
    assert found.value("mae") == (5 + 5 + 0 + 10) / 4
    assert found.overall["reason"].iloc[0] == "4 customers are too few for an interval"


def test_one_label_and_one_row_are_judged_as_far_as_they_go():
    found = validate_predictions([0], [0.2])
    assert found.value("brier") == pytest.approx(0.04)
    assert np.isnan(found.value("auc"))
    assert "AUC: all 1 rows have the label 0." in found.summary()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"p": [0.1, 2.0]}, r"p must be in \[0, 1\]"),
        ({"y": [0, 1, 1]}, "X and y must have as many rows|y"),
        ({"time": ["2026-01-01"]}, "time must have 2 rows"),
        ({"groups": [1, 2, 3]}, "groups must have 2 rows"),
        ({"low": [0, 0]}, "low and high go together"),
        ({"amounts": True, "low": [0, 0], "high": [1]}, "high must have 2 rows"),
        ({"amounts": True, "p": [0.1, np.inf]}, "p must be finite"),
        ({"y": [], "p": []}, "at least one row"),
        ({"y": [], "p": [], "amounts": True}, "at least one row"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    given = {"y": [0, 1], "p": [0.1, 0.8], **given}
    with pytest.raises(InputError, match=message):
        validate_predictions(given.pop("y"), given.pop("p"), **given)
