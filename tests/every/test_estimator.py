"""Every off-policy estimator owes the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbo import evaluation
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS, TUNED_ESTIMATORS
from nbo.evaluation.ips import ips
from nbo.testing import check_estimator

NAMES = sorted({*ESTIMATORS, *MODEL_ESTIMATORS, *TUNED_ESTIMATORS})


def test_these_are_all_estimators():
    assert NAMES == ["dm", "dr", "dros", "ips", "replay", "snips", "switch"]
    assert set(NAMES) <= set(evaluation.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_estimator(name):
    check_estimator(name)


def unweighted(log, level):
    return ips(replace(log, target_probability=log.action_probability), level)


def doubled(log, level):
    estimate = ips(log, level)
    return replace(estimate, value=2 * estimate.value)


@pytest.mark.parametrize(
    ("function", "says"), [(unweighted, "within 4 standard errors of the true value"), (doubled, "at its mean reward")]
)
def test_an_estimator_that_owes_something_is_found(function, says, monkeypatch):
    monkeypatch.setitem(ESTIMATORS, "wrong", function)
    with pytest.raises(AssertionError, match=says):
        check_estimator("wrong")
