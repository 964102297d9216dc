"""Probabilities and expectations against draws of what is hidden, weighed by how well they explain a history."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyperu

from nbo.errors import InputError
from nbo.models import BGNBD
from nbo.models.btyd.hypergeometric import expected_until_dropout

CONTINUOUS = pd.DataFrame({"frequency": [0, 0, 2, 1, 7], "recency": [0, 0, 30.4, 3, 20], "T": [38.9, 2, 38.9, 30, 39]})
DISCRETE = pd.DataFrame({"frequency": [0, 1, 2, 4, 6], "recency": [0, 2, 6, 5, 6], "periods": [6, 6, 6, 6, 6]})
KINDS = ["BGNBD", "MBGNBD", "ParetoNBD", "BGBB"]
DRAWS = 150_000


def with_params(model, **params):
    other = copy.copy(model)
    other.params_ = {**model.params_, **params}
    return other


def weighed(name, params, row, t, rng):
    """Give for draws of the hidden rates: the weight if alive and if gone, and the expected purchases if alive."""
    first, second, third, fourth = params.values()
    if name == "BGBB":
        p, drop = rng.beta(first, second, DRAWS), rng.beta(third, fourth, DRAWS)
        x, recency, n = (int(row[column]) for column in ("frequency", "recency", "periods"))
        alive = p**x * (1 - p) ** (n - x) * (1 - drop) ** n
        gone = sum(p**x * (1 - p) ** (lived - x) * drop * (1 - drop) ** lived for lived in range(recency, n))
        return alive, gone, p * sum((1 - drop) ** ahead for ahead in range(1, t + 1))
    x, recency, end = row["frequency"], row["recency"], row["T"]
    rate = rng.gamma(first, 1 / second, DRAWS)
    if name == "ParetoNBD":
        lapse = rng.gamma(third, 1 / fourth, DRAWS)
        alive = rate**x * np.exp(-(rate + lapse) * end)
        gone = rate**x * lapse / (rate + lapse) * (np.exp(-(rate + lapse) * recency) - np.exp(-(rate + lapse) * end))
        return alive, gone, rate / lapse * -np.expm1(-lapse * t)
    p = np.maximum(rng.beta(third, fourth, DRAWS), 1e-12)
    early = int(name == "MBGNBD")
    alive = rate**x * np.exp(-rate * end) * (1 - p) ** (x + early)
    gone = rate**x * np.exp(-rate * recency) * p * (1 - p) ** (x - 1 + early) if x or early else np.zeros(DRAWS)
    return alive, gone, -np.expm1(-rate * p * t) / p


def ratio(above, below):
    """Give a ratio of means with its standard error."""
    value = above.mean() / below.mean()
    return value, np.std(above - value * below) / below.mean() / np.sqrt(len(below))


@pytest.mark.parametrize("name", KINDS)
def test_alive_and_expected_purchases_agree_with_draws(name, planted):
    model, rng = planted[name], np.random.default_rng(5)
    frame = DISCRETE if name == "BGBB" else CONTINUOUS
    alive, expected = model.probability_alive(frame), model.expected_purchases(frame, 26)
    for number, row in frame.iterrows():
        here, gone, ahead = weighed(name, model.params_, row, 26, rng)
        value, error = ratio(here, here + gone)
        assert alive[number] == pytest.approx(value, abs=4 * error + 1e-9)
        value, error = ratio(here * ahead, here + gone)
        assert expected[number] == pytest.approx(value, abs=4 * error + 1e-9)


@pytest.mark.parametrize("name", KINDS)
def test_draws_buy_as_often_as_expected(name, planted):
    model, n = planted[name], 60_000
    early, late = (6, 12) if name == "BGBB" else (20.0, 60.0)
    for t in (early, late):
        drawn = model.simulate(n, t, rng=3)
        error = drawn["frequency"].std() / np.sqrt(n)
        assert drawn["frequency"].mean() == pytest.approx(model.expected_purchases_new(t)[0], abs=4 * error)
    # Of customers drawn, those who are alive are as many as their histories say.
    alive = model.probability_alive(drawn)
    assert drawn["alive"].mean() == pytest.approx(alive.mean(), abs=4 * np.sqrt((alive * (1 - alive)).mean() / n))


def test_a_customer_drawn_event_by_event(planted):
    """One purchase after the other, as the model says, against the draws that take all at once."""
    r, alpha, a, b = planted["MBGNBD"].params_.values()
    rng, n, T = np.random.default_rng(8), 20_000, 30.0
    found = np.zeros((n, 2))
    for i in range(n):
        rate, p, now, x, last = rng.gamma(r, 1 / alpha), rng.beta(a, b), 0.0, 0, 0.0
        while rng.random() >= p:
            now += rng.exponential(1 / max(rate, 1e-300))
            if now > T:
                break
            x, last = x + 1, now
        found[i] = x, last
    drawn = planted["MBGNBD"].simulate(n, T, rng=9)[["frequency", "recency"]].to_numpy()
    error = np.sqrt(found.var(axis=0) / n + drawn.var(axis=0) / n)
    assert (np.abs(found.mean(axis=0) - drawn.mean(axis=0)) < 4 * error).all()


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD"])
@pytest.mark.parametrize("a", [1.0, 1 + 1e-9, 1 - 1e-6, 0.2, 1e-7])
def test_no_dropout_parameter_is_singular(name, a, planted):
    for b in (1 - a if a < 1 else 0.5, 0.1, 0.8, 2.4):
        model = with_params(planted[name], a=a, b=max(b, 1e-9))
        near = with_params(model, a=a * 1.001)
        value = model.expected_purchases(CONTINUOUS, 26)
        assert (value >= 0).all()
        assert value == pytest.approx(near.expected_purchases(CONTINUOUS, 26), rel=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_purchases_until_dropout_agree_with_quadrature(seed):
    """Wild parameters, among them those for which the textbook formula overflows or turns negative."""
    rng = np.random.default_rng(seed)
    shape, scale, a, b, t = np.exp(rng.uniform(np.log(0.02), np.log(50), (5, 40)))
    shape[:5] = [400, 3000, 20_000, 150, 900]
    # The dropout probability in logits: smooth, and zero at both ends.
    logit = np.linspace(-1500, 1500, 120_001)
    log_p, log_q = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
    p = np.maximum(np.exp(log_p), 1e-300)
    for i in range(40):
        density = a[i] * log_p + b[i] * log_q
        density = np.exp(density - density.max())
        lost = -np.expm1(-shape[i] * np.log1p(p * t[i] / scale[i])) / p
        expected = (density * lost).sum() / density.sum()
        assert expected_until_dropout(shape[i], scale[i], a[i], b[i], t[i]) == pytest.approx(expected, rel=1e-4)


def test_nobody_drops_out_and_somebody_surely_does(planted):
    stays = with_params(planted["BGNBD"], a=1e-9)
    r, alpha = stays.params_["r"], stays.params_["alpha"]
    expected = (r + CONTINUOUS["frequency"]) / (alpha + CONTINUOUS["T"]) * 10
    assert stays.expected_purchases(CONTINUOUS, 10) == pytest.approx(expected, rel=1e-6)
    assert stays.expected_purchases(CONTINUOUS, 0) == pytest.approx(0)


def test_time_ahead_may_differ_by_row(planted):
    model = planted["MBGNBD"]
    t = np.arange(5.0) * 7
    expected = [model.expected_purchases(CONTINUOUS.iloc[[i]], t[i])[0] for i in range(5)]
    assert model.expected_purchases(CONTINUOUS, t) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_discounted_purchases_agree_with_a_sum_of_small_steps(name, planted):
    model = planted[name]
    frame = DISCRETE if name == "BGBB" else CONTINUOUS
    rate, horizon, step = 0.2, 52, 1 if name == "BGBB" else 0.5
    force = np.log(1 + rate) / (1 if name == "BGBB" else 365.25 / 7)
    ends = np.arange(step, horizon + step / 2, step)
    until = np.array([model.expected_purchases(frame, t) for t in ends])
    gained = np.diff(until, axis=0, prepend=0.0)
    middle = ends if name == "BGBB" else ends - step / 2
    expected = np.exp(-force * middle) @ gained
    assert model.discounted_purchases(frame, horizon, rate) == pytest.approx(expected, rel=1e-5)
    if name != "BGBB":
        in_steps = model.discounted_purchases(frame, horizon, rate, step=step)
        assert in_steps == pytest.approx(np.exp(-force * ends) @ gained, rel=1e-9)
    plain = model.discounted_purchases(frame, horizon, discount_rate=0.0)
    assert plain == pytest.approx(model.expected_purchases(frame, horizon), rel=1e-9)


def test_lifetime_of_pareto_nbd_agrees_with_the_closed_form(planted):
    """Fader, Hardie and Lee (2005): with Tricomi's function."""
    model, rate = planted["ParetoNBD"], 0.15
    r, alpha, s, beta = model.params_.values()
    force = np.log(1 + rate) / (365.25 / 7)
    past = beta + CONTINUOUS["T"]
    worth = past * hyperu(1, 2 - s, force * past) * (r + CONTINUOUS["frequency"]) / (alpha + CONTINUOUS["T"])
    expected = model.probability_alive(CONTINUOUS) * worth
    assert model.discounted_purchases(CONTINUOUS, discount_rate=rate) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", KINDS)
def test_a_lifetime_is_the_limit_of_long_horizons(name, planted):
    model = planted[name]
    frame = DISCRETE if name == "BGBB" else CONTINUOUS
    long = 400 if name == "BGBB" else 52 * 400
    expected = model.discounted_purchases(frame, long, 0.1)
    assert model.discounted_purchases(frame, discount_rate=0.1) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(InputError, match="discount_rate must be above 0 for a lifetime"):
        model.discounted_purchases(frame, discount_rate=0)


@pytest.mark.parametrize("name", KINDS)
def test_predictive_intervals_hold_what_customers_do(name, planted):
    model, n = planted[name], 6_000
    seen, ahead = (6, 6) if name == "BGBB" else (30.0, 30.0)
    lived = model.simulate(n, seen + ahead, rng=1)
    history = model.simulate(n, seen, rng=2)
    rows = model._histories(history, float(ahead))
    each = rows.part(rows.inverse)
    future = model._draw_future(model._values(each), each, 1, np.random.default_rng(4))[:, 0]
    alive = np.random.default_rng(6).random(n) < model.probability_alive(history)
    actual = np.where(alive, future, 0)
    interval = model.predictive_interval(history, ahead, level=0.9, draws=2000, rng=3)
    inside = (interval[:, 0] <= actual) & (actual <= interval[:, 1])
    assert inside.mean() > 0.89
    assert (interval[:, 1] - interval[:, 0]).max() < lived["frequency"].max() + 20
    np.testing.assert_array_equal(interval, model.predictive_interval(history, ahead, level=0.9, draws=2000, rng=3))
    narrow = model.predictive_interval(history, ahead, level=0.5, draws=2000, rng=3)
    assert ((narrow[:, 0] >= interval[:, 0]) & (narrow[:, 1] <= interval[:, 1])).all()


def test_predictive_interval_by_hand(planted):
    """A customer who is surely alive and never drops out buys at a rate that is all but known: a Poisson count."""
    model = with_params(planted["BGNBD"], r=1e5, alpha=1e5, a=1e-8, b=1.0)
    low, high = model.predictive_interval(pd.DataFrame({"frequency": [0], "recency": [0], "T": [1]}), 4, 0.9)[0]
    assert (low, high) == (1, 8)  # P(X <= 0) = .018, P(X <= 7) = .949, P(X <= 8) = .979


def test_new_customers_need_their_covariates():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"frequency": rng.integers(1, 5, 50), "T": 30.0, "age": rng.normal(size=50)})
    X["recency"] = 30 * rng.random(50)
    model = BGNBD(covariates=["age"], penalty=1.0).fit(X)
    assert model.expected_purchases_new(10, pd.DataFrame({"age": [0.5]})).shape == (1,)
    with pytest.raises(InputError, match="covariates must be given: age"):
        model.expected_purchases_new(10)
