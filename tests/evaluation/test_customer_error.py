"""Standard errors clustered by customer."""

import numpy as np
import pandas as pd
import pytest

from nbo.evaluation import evaluate
from nbo.evaluation.customer_error import clustered_error


def mean_error(values, customer):
    return clustered_error(values - values.mean(), np.full(len(values), True), customer)


def test_by_hand():
    values = np.array([1.0, 3.0, 5.0])
    # Mean 3: customer 1 is 2 + 2 below and above it in sum 0, customer 0 is at it.
    assert mean_error(values, np.array([1, 0, 1])) == 0.0
    sums = np.array([-2.0 + 0.0, 2.0])
    assert mean_error(values, np.array([1, 1, 0])) == pytest.approx(np.sqrt(2 / 1 * (sums**2).sum()) / 3)


def test_rows_of_their_own_have_the_error_of_a_mean():
    values = np.random.default_rng(0).normal(size=50)
    expected = values.std(ddof=1) / np.sqrt(50)
    assert mean_error(values, None) == pytest.approx(expected)
    assert mean_error(values, np.arange(50)) == pytest.approx(expected)


def test_customers_who_do_not_count_are_not_counted():
    # Two of three rows are kept: the error of a mean of two.
    influence = np.array([-1.5, 1.5, 0.0])
    kept = np.array([True, True, False])
    assert clustered_error(influence, kept, None) == pytest.approx(np.sqrt(2 / 1 * 2 * 1.5**2) / 3)
    assert clustered_error(influence, kept, np.array([0, 1, 1])) == pytest.approx(np.sqrt(2 / 1 * 2 * 1.5**2) / 3)


def test_one_customer_or_no_row_has_no_error():
    assert np.isnan(clustered_error(np.array([1.0, 2.0]), np.array([True, True]), np.array([0, 0])))
    assert np.isnan(clustered_error(np.empty(0), np.empty(0, dtype=bool), None))


@pytest.mark.parametrize("estimator", ["ips", "snips", "clipped", "replay"])
def test_customers_who_come_twice_alike_are_not_more_certain(estimator):
    rng = np.random.default_rng(1)
    log = pd.DataFrame({"customer_id": np.arange(400), "action_probability": 0.5, "reward": rng.random(400)})
    target = rng.random(400).round()
    twice = pd.concat([log, log], ignore_index=True).assign(decision_id=np.arange(800))
    once = evaluate(target, log.assign(decision_id=np.arange(400)), estimator=estimator)
    both = evaluate(np.tile(target, 2), twice, estimator=estimator)
    assert both.value == pytest.approx(once.value)
    assert both.standard_error == pytest.approx(once.standard_error)


def test_a_missing_customer_is_of_its_own():
    log = pd.DataFrame({"customer_id": ["a", None, None], "action_probability": 0.5, "reward": [1.0, 0.0, 1.0]})
    anyone = evaluate(np.full(3, 0.5), log.drop(columns="customer_id"))
    assert evaluate(np.full(3, 0.5), log).standard_error == pytest.approx(anyone.standard_error)
