"""Resampling of customers."""

import numpy as np
import pytest

from nbo.evaluation.customer_bootstrap import customer_weights, interval


def test_weights_are_those_of_a_plain_loop(monkeypatch):
    monkeypatch.setattr("nbo.evaluation.customer_bootstrap._CELLS", 30)  # three replicates at a time
    customer, weight = np.array([0, 1, 1, 2, 3, 3, 3, 0, 2, 1]), np.arange(10.0)
    found = np.hstack(list(customer_weights(customer, 8, np.random.default_rng(5), weight)))
    rng = np.random.default_rng(5)
    expected = [weight]
    for _ in range(8):
        drawn = list(rng.integers(4, size=4))
        expected.append([weight[row] * drawn.count(customer[row]) for row in range(10)])
    np.testing.assert_array_equal(found, np.transpose(expected))


def test_as_many_customers_are_drawn_as_there_are():
    weights = np.hstack(list(customer_weights(np.arange(7), 50, np.random.default_rng(0))))
    assert weights.sum(axis=0).tolist() == [7.0] * 51


def test_interval_by_hand():
    assert interval(np.array([50.0, *range(101)]), 0.9) == (50.0, 5.0, 95.0)
    assert interval(np.array([40.0, *range(101)]), 0.9, widening=2.0) == (40.0, 40 - 2 * 35, 40 + 2 * 55)


def test_replicates_that_are_not_defined_do_not_count():
    assert interval(np.array([1.0, np.nan, 0.0, 1.0, 2.0]), 0.5) == (1.0, 0.5, 1.5)


def test_the_interval_covers_the_mean_of_other_customers():
    """Rows of a customer are alike: intervals of customers cover the truth, those of rows would not."""
    covered, n_runs = {"customers": 0, "rows": 0}, 200
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        customer = np.repeat(np.arange(60), 5)
        y = rng.normal(size=60)[customer] + 0.3 * rng.normal(size=300)
        for what, drawn in (("customers", customer), ("rows", np.arange(300))):
            weights = np.hstack(list(customer_weights(drawn, 200, rng)))
            _, low, high = interval(y @ weights / weights.sum(axis=0), 0.95)
            covered[what] += low <= 0 <= high
    # Four standard errors of a share around 0.95 in 200 runs are 0.062.
    assert covered["customers"] / n_runs == pytest.approx(0.95, abs=0.062)
    assert covered["rows"] / n_runs < 0.8
