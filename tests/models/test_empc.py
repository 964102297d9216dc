"""Expected maximum profit, held against its definition as an integral."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from nbo.errors import InputError
from nbo.models import empc, profit_curve


def _scored(seed, n=300, shift=1.2, decimals=3):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.3
    return y, (1 / (1 + np.exp(1 - rng.normal(size=n) - shift * y))).round(decimals)


def _by_brute_force(y, p, alpha, beta, clv, incentive, contact):
    """Best profit over all thresholds, for each gamma of a fine grid, by the definition."""
    at_least = p[None, :] >= np.append(np.inf, np.unique(p))[:, None]
    ones, others = at_least[:, y].sum(axis=1), at_least[:, ~y].sum(axis=1)

    def best(gamma):
        return ((gamma * (clv - incentive) - contact) * ones - (incentive + contact) * others).max() / len(y)

    # The best profit bends where another threshold takes over; the integrand is smooth between.
    corners = np.linspace(0, 1, 401)
    weigh = lambda gamma: best(gamma) * stats.beta.pdf(gamma, alpha, beta)  # noqa: E731
    nodes, weights = np.polynomial.legendre.leggauss(8)
    low, width = corners[:-1, None], np.diff(corners)[:, None]
    return sum(
        w * weigh(g)
        for g, w in zip((low + width * (nodes + 1) / 2).ravel(), (width * weights / 2).ravel(), strict=True)
    )


@pytest.mark.parametrize(
    ("seed", "shift", "decimals", "costs"),
    [
        (0, 1.2, 3, (6, 14, 200, 10, 1)),
        (1, 0.5, 1, (6, 14, 200, 10, 1)),
        (2, 2.0, 6, (2, 3, 50, 20, 5)),
        (3, -1.0, 3, (6, 14, 200, 10, 1)),
        (4, 1.0, 3, (3, 9, 100, 0, 2)),
        (5, 0.0, 0, (6, 14, 15, 10, 1)),
    ],
)
def test_the_closed_form_is_the_integral_of_the_best_profit(seed, shift, decimals, costs):
    y, p = _scored(seed, shift=shift, decimals=decimals)
    assert empc(y, p, *costs).score == pytest.approx(_by_brute_force(y, p, *costs), abs=1e-6 * costs[2])


def test_a_published_case_is_reproduced():
    # 5,000 customers, a quarter of whom leave, with normal scores. empulse 0.13.1 (`empc_score`) gives the same digits
    # with the defaults of the R package EMP, which targets 0.53202 of them.
    rng = np.random.default_rng(0)
    y = rng.random(5000) < 0.25
    scores = 0.3 * y + rng.normal(0, 0.25, 5000)
    found = empc(y, stats.norm.cdf(scores))
    assert found.score == pytest.approx(8.8726730134489, abs=1e-12)
    assert found.share == pytest.approx(0.53202, abs=5e-6)


def test_no_profit_targets_nobody():
    found = empc([0, 0, 0, 1], [0.9, 0.8, 0.7, 0.1], clv=12, incentive=10, contact=5)
    assert (found.score, found.share, found.threshold) == (0, 0, np.inf)


def test_a_constant_targets_all_or_nobody():
    # Everyone is worth contacting where gamma * 190 * 0.5 > 0.5 * 1 + 0.5 * 11, so above 6/95.
    found = empc([0, 1], [0.5, 0.5])
    above = stats.beta.sf(6 / 95, 6, 14)
    mean = integrate.quad(lambda g: g * stats.beta.pdf(g, 6, 14), 6 / 95, 1, epsabs=1e-12)[0]
    assert found.share == pytest.approx(above)
    assert found.score == pytest.approx(95 * mean - 6 * above)
    assert found.threshold == 0.5


def test_order_alone_counts_and_weights_are_rows():
    y, p = _scored(0)
    weight = np.random.default_rng(1).integers(0, 4, len(y))
    assert empc(y, p**3).score == empc(y, p).score
    repeated = empc(np.repeat(y, weight), np.repeat(p, weight))
    assert empc(y, p, sample_weight=weight).score == pytest.approx(repeated.score, rel=1e-12)


def test_one_label_gives_nan():
    assert np.isnan(empc([0, 0], [0.1, 0.2]).score)


def test_the_profit_curve_is_a_plain_loop():
    y, p = _scored(7, n=60, decimals=1)
    curve = profit_curve(y, p, acceptance=0.4, clv=100, incentive=20, contact=2)
    for share, threshold, profit in curve.itertuples(index=False):
        called = p >= threshold
        expected = sum((0.4 * 80 - 2) if churned else -22 for churned in y[called]) / 60
        assert (share, profit) == pytest.approx((called.mean(), expected))
    assert curve["share"].iloc[[0, -1]].tolist() == [0, 1]


@pytest.mark.parametrize("function", [empc, profit_curve])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"p": [0.1, 2.0]}, r"p must be in \[0, 1\]"),
        ({"clv": 0}, "clv must be above 0"),
        ({"incentive": -1}, "incentive must be 0 or more"),
        ({"incentive": 300}, "incentive must be below clv"),
        ({"contact": np.nan}, "contact must be 0 or more"),
    ],
)
def test_wrong_costs_are_refused(function, given, message):
    with pytest.raises(InputError, match=message):
        function(**{"y": [0, 1], "p": [0.1, 0.2], **given})


def test_wrong_shapes_of_acceptance_are_refused():
    with pytest.raises(InputError, match="alpha must be above 0"):
        empc([0, 1], [0.1, 0.2], alpha=0)
    with pytest.raises(InputError, match=r"acceptance must be in \[0, 1\]"):
        profit_curve([0, 1], [0.1, 0.2], acceptance=2)
