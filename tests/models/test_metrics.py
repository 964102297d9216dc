from __future__ import annotations

import numpy as np
import pytest

from nbo.errors import InputError
from nbo.models.metrics import lift_by_decile, model_metrics, reliability


def test_metrics_by_hand():
    y, p = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    measured = model_metrics(y, p)
    # Of the 2 x 2 pairs of a one and a zero, three are in order.
    assert measured["auc"] == 3 / 4
    assert measured["brier"] == pytest.approx((0.1**2 + 0.4**2 + 0.65**2 + 0.2**2) / 4)
    assert measured["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.35, 0.8]).mean())
    # Down the ranking: one right of one, one of two, two of three.
    assert measured["average_precision"] == pytest.approx(1 / 2 * 1 / 1 + 1 / 2 * 2 / 3)
    assert measured["ece"] == pytest.approx((0.1 + 0.4 + 0.65 + 0.2) / 4)
    assert (measured["n"], measured["rate"]) == (4, 0.5)


def test_lift_by_hand():
    p = np.linspace(1, 0, 20)
    y = np.zeros(20)
    y[[0, 1, 2, 19]] = 1
    table = lift_by_decile(y, p)
    assert table["n"].tolist() == [2] * 10
    assert table["lift"].iloc[0] == (2 / 2) / (4 / 20)
    assert table["lift"].iloc[1] == (1 / 2) / (4 / 20)
    assert table["captured"].tolist() == [2 / 4] + [3 / 4] * 8 + [1.0]


def test_a_constant_lifts_nothing_in_any_order_of_rows():
    assert lift_by_decile([1] * 5 + [0] * 15, [0.3] * 20)["lift"].tolist() == pytest.approx([1.0] * 10)


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(3)
    y, p, weight = rng.random(200) < 0.4, rng.random(200).round(2), rng.integers(1, 4, 200)
    weighted, repeated = model_metrics(y, p, weight), model_metrics(np.repeat(y, weight), np.repeat(p, weight))
    for name in ("rate", "mean_probability", "auc", "average_precision", "log_loss", "brier", "lift_10"):
        assert weighted[name] == pytest.approx(repeated[name], rel=1e-12)
    table = reliability(y, p, sample_weight=np.full(200, 2.0))
    assert table["n"].tolist() == (2 * reliability(y, p)["n"]).tolist()


def test_ece_of_true_probabilities_is_small_and_of_doubled_ones_is_their_error():
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 0.5, 50_000)
    y = rng.random(50_000) < p
    assert model_metrics(y, p)["ece"] < 0.01
    assert model_metrics(y, 2 * p)["ece"] == pytest.approx(p.mean(), abs=0.01)


def test_ties_stay_in_one_group():
    table = reliability([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3])
    assert table[["rate", "n"]].to_numpy().tolist() == [[0.5, 4]]


def test_one_class_leaves_the_rest_measured():
    measured = model_metrics([0, 0], [0.1, 0.2])
    assert np.isnan(measured["auc"])
    assert np.isnan(measured["lift_10"])
    assert measured["brier"] == pytest.approx((0.01 + 0.04) / 2)


def test_probability_above_one_is_refused():
    with pytest.raises(InputError, match=r"p must be in \[0, 1\]; 1 of 2 rows"):
        model_metrics([0, 1], [0.5, 1.5])


def test_no_rows_are_refused():
    with pytest.raises(InputError, match="at least one row"):
        model_metrics([], [])
