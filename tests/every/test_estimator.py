"""Every off-policy estimator owes the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbo import evaluation
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS
from nbo.evaluation.ips import ips
from nbo.testing import check_estimator

NAMES = sorted({*ESTIMATORS, *MODEL_ESTIMATORS})


def test_these_are_all_estimators():
    assert NAMES == ["clipped", "dm", "dr", "dros", "ips", "replay", "sndr", "snips", "switch"]
    assert set(NAMES) <= set(evaluation.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_estimator(name):
    check_estimator(name)


def unweighted(log, parameter):
    return ips(replace(log, target_probability=log.action_probability))


def doubled(log, parameter):
    terms = ips(log)
    return replace(terms, numerators=2 * terms.numerators)


@pytest.mark.parametrize(
    ("function", "says"), [(unweighted, "within 4 standard errors of the true value"), (doubled, "at its mean reward")]
)
def test_an_estimator_that_owes_something_is_found(function, says, monkeypatch):
    monkeypatch.setitem(ESTIMATORS, "wrong", function)
    with pytest.raises(AssertionError, match=says):
        check_estimator("wrong")
