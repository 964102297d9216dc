"""The short search: its products by a slow loop, its end against the long search, and when it gives up."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pytest

from nbo.models import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD
from nbo.models.btyd import likelihood_model, optimum
from nbo.models.btyd.collapsed import collapse
from nbo.models.btyd.objective import Effect, PenalizedLikelihood
from nbo.models.btyd.optimum import minimum
from nbo.models.btyd.scoring import Scored, scored_end

LOW, HIGH = np.full(2, -9.0), np.full(2, 9.0)


@dataclass
class Bowl:
    """Squared distance from a point, 100 times; its products are `steep` times its true curvature."""

    point: np.ndarray
    steep: float = 1.0
    seen: list[np.ndarray] = field(default_factory=list)

    def __call__(self, theta):
        self.seen.append(theta)
        return float(100 * ((theta - self.point) ** 2).sum()), 200 * (theta - self.point)

    def scored(self, theta):
        return *self(theta), 200 * self.steep * np.eye(len(theta))


def likelihood(penalty=0.5):
    rng = np.random.default_rng(4)
    frame = {"frequency": np.array([0.0, 2, 1, 5]), "recency": np.array([0.0, 30, 2, 20]), "T": np.full(4, 35.0)}
    rows = collapse(frame, np.array([3.0, 1.0, 2.0, 0.5]))
    effects = [Effect("purchase", 1, -1), Effect("dropout", 2, 1)]
    center = np.log([1.0, 35.0, 1.0, 1.0])
    return PenalizedLikelihood(
        partial(BGNBD()._terms, rows=rows), rows.weight, rng.normal(size=(4, 2)), effects, penalty, center
    )


def test_products_of_slopes_by_a_loop():
    objective = likelihood()
    theta = np.array([-0.5, 1.5, 0.1, 0.9, 0.2, -0.1, 0.3, 0.4])
    value, gradient, products = objective.scored(theta)
    plain, same_gradient = objective(theta)
    assert value == plain
    np.testing.assert_array_equal(gradient, same_gradient)
    expected, total = 0.5 * np.eye(8), 0.5 * (theta - np.append(objective.center, np.zeros(4)))
    for row in range(4):
        # The slope of one row is that of a likelihood without the others, and without the penalty.
        alone = np.where(np.arange(4) == row, 1.0, 0.0)
        one = PenalizedLikelihood(
            objective.terms, alone, objective.covariates, objective.effects, 0.0, objective.center
        )
        slope = -one(theta)[1]
        expected += objective.weight[row] * np.outer(slope, slope)
        total -= objective.weight[row] * slope
    np.testing.assert_allclose(products, expected, rtol=1e-12)
    np.testing.assert_allclose(gradient, total, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("steep", [0.3, 1.0, 3.0])
def test_the_bottom_of_a_bowl_is_found(steep):
    """Too long steps are damped until they gain, too short ones only take more of them."""
    objective = Bowl(np.array([3.0, -1.0]), steep)
    theta, n = scored_end(objective, np.zeros(2), LOW, HIGH)
    assert isinstance(objective, Scored)
    assert n == len(objective.seen)
    np.testing.assert_allclose(theta, [3, -1], atol=0.4)
    end = minimum(objective, [np.zeros(2)], LOW, HIGH)
    np.testing.assert_allclose(end.theta, [3, -1], atol=1e-5)
    # A factor of e at most.
    assert np.abs(np.diff(objective.seen[:3], axis=0)).max() <= 1 + 1e-12


@pytest.mark.parametrize(
    "objective",
    [Bowl(np.array([20.0, 0.0])), Bowl(np.array([3.0, 0.0]), steep=200.0), Bowl(np.array([3.0, 0.0]), steep=0.0)],
    ids=["the minimum is beyond a bound", "the steps are too short", "the rows tell nothing"],
)
def test_the_long_search_takes_over(objective):
    assert scored_end(objective, np.zeros(2), LOW, HIGH) is None
    end = minimum(objective, [np.zeros(2)], LOW, HIGH)
    np.testing.assert_allclose(end.theta, np.minimum(objective.point, 9), atol=1e-5)


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD, BGBB, GammaGamma])
def bought(kind, planted):
    """Customers of a planted world; what they spend has a mean of their own and varies around it."""
    rng = np.random.default_rng(8)
    if kind is BGBB:
        return planted["BGBB"].simulate(2357, 8, rng)
    name = "BGNBD" if kind is GammaGamma else kind.__name__
    frame = planted[name].simulate(2357, rng.integers(27 * 7, 39 * 7, 2357) / 7, rng)
    count = np.maximum(frame["frequency"], 1)
    return frame.assign(monetary=rng.gamma(6.0 * count) / count / rng.gamma(4.0, 1 / 15.0, 2357))


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD, BGBB, GammaGamma])
def test_both_searches_find_the_same(kind, planted, monkeypatch):
    frame = bought(kind, planted)
    short = kind().fit(frame)
    monkeypatch.setattr(optimum, "scored_end", lambda *given: None)
    long = kind().fit(frame)
    assert short.log_likelihood_ == pytest.approx(long.log_likelihood_, abs=1e-5)
    assert short.flags_ == long.flags_ == ()
    assert list(short.params_.values()) == pytest.approx(list(long.params_.values()), rel=1e-3)
    assert list(short.standard_errors_.values()) == pytest.approx(list(long.standard_errors_.values()), rel=1e-2)


@pytest.mark.parametrize("kind", [BGNBD, GammaGamma])
def test_a_usual_fit_takes_few_evaluations(kind, planted, monkeypatch):
    """A few on the way; at the end one, two for each parameter for the curvature, and some steps of Newton."""
    ends = []

    def kept(*given):
        ends.append(minimum(*given))
        return ends[-1]

    monkeypatch.setattr(likelihood_model, "minimum", kept)
    kind().fit(bought(kind, planted))
    assert ends[0].n_evaluations <= 8 + 1 + 8 + 3
