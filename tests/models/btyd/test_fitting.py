"""Fits: what was planted is found again, and what cannot be fitted is refused."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

from nbo.errors import ConvergenceError, InputError
from nbo.models import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, ShiftedBetaGeometric
from nbo.models.btyd.optimum import minimum

CONTINUOUS = [BGNBD, MBGNBD, ParetoNBD]


def drawn(kind, planted, n=4000, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(4, 12, n) if kind is BGBB else np.ceil(rng.uniform(10, 104, n) * 7) / 7
    return planted[kind.__name__].simulate(n, lengths, rng)


def within(model, truth, errors=4.0):
    return {
        name: abs(np.log(model.params_[name] / value)) < errors * model.standard_errors_[name] / model.params_[name]
        for name, value in truth.items()
    }


@pytest.mark.parametrize("kind", [*CONTINUOUS, BGBB])
def test_planted_parameters_are_found(kind, planted):
    truth = planted[kind.__name__].params_
    model = kind().fit(drawn(kind, planted))
    assert all(within(model, truth).values())
    assert model.converged_
    assert model.flags_ == ()


def test_planted_spends_are_found(planted):
    rng, n = np.random.default_rng(1), 4000
    p, q, v = planted["GammaGamma"].params_.values()
    x = rng.integers(1, 9, n)
    frame = pd.DataFrame({"frequency": x, "monetary": rng.gamma(p * x) / (x * rng.gamma(q, 1 / v, n))})
    model = GammaGamma().fit(frame)
    assert all(within(model, planted["GammaGamma"].params_).values())
    assert abs(model.correlation_) < 4 / np.sqrt(n)


def test_planted_churn_is_found():
    rng, n = np.random.default_rng(2), 4000
    ends = rng.geometric(rng.beta(0.7, 2.5, n))
    seen = rng.integers(1, 10, n)
    frame = pd.DataFrame({"periods": np.minimum(ends, seen), "churned": ends < seen})
    model = ShiftedBetaGeometric().fit(frame)
    assert all(within(model, {"alpha": 0.7, "beta": 2.5}).values())


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_planted_covariates_are_found(kind, planted):
    rng, n = np.random.default_rng(3), 6000
    z = pd.DataFrame({"age": rng.normal(40, 12, n), "web": rng.integers(0, 2, n).astype(float)})
    truth = {"purchase__age": 0.02, "purchase__web": -0.5, "dropout__age": -0.015, "dropout__web": 0.6}
    model = kind(covariates=["age", "web"], penalty=1.0).fit(
        drawn(kind, planted, n=200)[["frequency", "recency", "T"]].join(z[:200])
    )
    model.params_ = {**planted[kind.__name__].params_, **truth}
    frame = model.simulate(n, rng.uniform(30, 104, n), rng, covariates=z)
    model = kind(covariates=["age", "web"]).fit(frame)
    for name, value in truth.items():
        assert model.params_[name] == pytest.approx(value, abs=4 * model.standard_errors_[name])
    assert all(within(model, planted[kind.__name__].params_).values())
    assert model.expected_purchases(frame, 10).shape == (n,)
    plain = kind().fit(frame)
    assert model.log_likelihood_ > plain.log_likelihood_ + 20


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_any_unit_of_time_gives_the_same(kind, planted):
    weeks = drawn(kind, planted, n=800)
    days = weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7)
    one, other = kind(unit="W").fit(weeks), kind(unit="D").fit(days)
    for name in one.params_:
        assert other.params_[name] == pytest.approx(one.params_[name] * (7 if name in one._scales else 1), rel=1e-5)
    # Each purchase has a density by unit of time.
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ - weeks["frequency"].sum() * np.log(7))
    assert other.discounted_purchases(days, 364) == pytest.approx(one.discounted_purchases(weeks, 52), rel=1e-4)


def test_a_second_valley_is_found():
    """Who never buys again may hardly ever buy, or have left at once: both explain it, one better."""
    rng = np.random.default_rng(325)
    model = MBGNBD(penalty=1.0).fit(pd.DataFrame({"frequency": [0, 3], "recency": [0, 5.0], "T": [9.0, 9]}))
    model.params_ = {"r": 2.3326, "alpha": 7.0539, "a": 0.0844, "b": 0.0443}
    found = MBGNBD().fit(model.simulate(400, rng.uniform(1, 104, 400), rng))
    assert found.params_["b"] < 0.5
    assert found.params_["r"] > 0.8


def test_a_ridge_is_flagged_and_logged(caplog):
    """Customers who all buy at one rate and never leave tell neither how rates nor how dropouts differ."""
    rng = np.random.default_rng(0)
    x = rng.poisson(5.0, 500)
    frame = pd.DataFrame(
        {"frequency": x, "recency": np.where(x > 0, 50.0 * rng.random(500) ** (1 / np.maximum(x, 1)), 0)}
    )
    with caplog.at_level(logging.WARNING):
        model = BGNBD().fit(frame.assign(T=50.0))
    assert set(model.flags_) & {"ridge", "boundary"}
    assert "BGNBD: " in caplog.text
    assert model.expected_purchases(frame.assign(T=50.0), 50).sum() == pytest.approx(2500, rel=0.1)
    held = BGNBD(penalty=1.0).fit(frame.assign(T=50.0))
    assert held.flags_ == ()
    assert held.log_likelihood_ > model.log_likelihood_ - 30


def test_a_search_that_ends_nowhere_is_an_error(monkeypatch, planted):
    frame = drawn(BGNBD, planted, n=50)
    nothing = np.full(len(frame), np.nan)
    monkeypatch.setattr(BGNBD, "_terms", lambda self, values, rows: (nothing[: len(rows)], [nothing[: len(rows)]] * 4))
    with pytest.raises(ConvergenceError, match="BGNBD finds no maximum of the likelihood on"):
        BGNBD().fit(frame)


def test_the_search_keeps_to_its_bounds():
    optimum = minimum(lambda theta: (float(theta.sum()), np.ones(2)), [np.zeros(2)], np.full(2, -1.0), np.full(2, 1.0))
    assert optimum.theta.tolist() == [-1, -1]
    assert optimum.flags == ("boundary",)
    assert optimum.converged


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD])
def test_standard_errors_agree_with_the_bootstrap(kind, planted):
    frame = drawn(kind, planted, n=1500)
    model = kind().fit(frame)
    table = model.bootstrap(frame, repeats=40, rng=0)
    assert table.columns.tolist() == list(model.params_)
    spread = np.log(table[["r", "alpha"]]).std() * [model.params_["r"], model.params_["alpha"]]
    # 40 draws know a standard deviation to 11 %.
    assert spread.to_numpy() == pytest.approx([model.standard_errors_[name] for name in ("r", "alpha")], rel=0.45)
    by_draws = model.expectation_interval(frame, 26, parameters=table)
    by_curvature = model.expectation_interval(frame, 26)
    expected = model.expected_purchases(frame, 26)
    assert ((by_curvature[:, 0] < expected) & (expected < by_curvature[:, 1])).mean() > 0.95
    assert np.median(np.ptp(by_draws, axis=1) / np.ptp(by_curvature, axis=1)) == pytest.approx(1, abs=0.4)


@pytest.mark.parametrize("kind", CONTINUOUS)
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"frequency": -1}, "frequency must be a whole number, 0 or more; 1 of 3 rows is not, first at row 1: -1"),
        ({"frequency": 1.5}, "frequency must be a whole number"),
        ({"recency": 40.0}, "recency must be at most T; .* Both start at the first purchase"),
        ({"frequency": 0}, "recency must be 0 where frequency is 0"),
        ({"recency": 0.0}, "recency must be above 0 where frequency is above 0"),
        ({"recency": -1.0}, "recency must be 0 or more"),
        ({"T": -1.0}, "T must be 0 or more"),
        ({"T": np.inf}, "T must be a finite number"),
        ({"T": None}, "T must be a finite number"),
        ({"frequency": "many"}, "frequency must be numbers"),
    ],
)
def test_a_row_that_is_no_history_is_refused(kind, row, message):
    frame = pd.DataFrame({"frequency": [1, 2, 0], "recency": [3.0, 20, 0], "T": [30.0, 30, 9]}, dtype=object)
    for name, value in row.items():
        frame.loc[1, name] = value
    with pytest.raises(InputError, match=message):
        kind().fit(frame)


@pytest.mark.parametrize("kind", [*CONTINUOUS, BGBB])
def test_data_that_carry_no_model_are_refused(kind):
    end = "periods" if kind is BGBB else "T"
    with pytest.raises(InputError, match="none of 2 customers bought again.* Wait for repeat purchases"):
        kind().fit(pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], end: [9, 7]}))
    with pytest.raises(InputError, match=f"{end} must be above 0 in some row"):
        kind().fit(pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], end: [0, 0]}))


@pytest.mark.parametrize("kind", [*CONTINUOUS, BGBB])
def test_one_customer_gives_a_fit_that_is_flagged_or_an_error(kind):
    end = "periods" if kind is BGBB else "T"
    frame = pd.DataFrame({"frequency": [3], "recency": [4], end: [6]})
    try:
        model = kind().fit(frame)
    except (InputError, ConvergenceError):
        return
    assert model.flags_
    assert np.isfinite(model.expected_purchases(frame, 5)).all()
    assert kind(penalty=1.0).fit(frame).expected_purchases(frame, 5)[0] < 20


def test_what_only_some_models_refuse(planted):
    frame = drawn(BGNBD, planted, n=100).assign(one=1.0, age=np.arange(100.0), twice=2 * np.arange(100.0))
    with pytest.raises(InputError, match="covariate 'one' must differ between customers"):
        BGNBD(covariates=["one"]).fit(frame)
    with pytest.raises(InputError, match="covariates 'age', 'twice' must not determine one another"):
        BGNBD(covariates=["age", "twice"]).fit(frame)
    with pytest.raises(InputError, match="covariates must be a sequence of columns; got the text 'age'"):
        BGNBD(covariates="age").fit(frame)
    with pytest.raises(InputError, match="unit must be one of 'D', 'W'"):
        BGNBD(unit="week").fit(frame)
    periods = pd.DataFrame({"frequency": [2, 1], "recency": [1, 1], "periods": [6, 6]})
    with pytest.raises(InputError, match="frequency must be at most recency.* A period has one purchase at most"):
        BGBB().fit(periods)
    with pytest.raises(InputError, match="periods must be a whole number of periods"):
        BGBB().fit(periods.assign(frequency=1, periods=6.5))
    with pytest.raises(InputError, match="t must be a whole number of periods"):
        planted["BGBB"].expected_purchases(periods.assign(frequency=1), 1.5)
    for t, message in ((-1, "t must be finite and 0 or more"), ([1, 2, 3], "one for each of 100 rows; got 3")):
        with pytest.raises(InputError, match=message):
            planted["BGNBD"].expected_purchases(frame, t)


def test_spends_that_are_refused_and_left_out(caplog, planted):
    frame = pd.DataFrame({"frequency": [1, 2, 3, 0], "monetary": [20.0, 0.0, 31.0, np.nan]})
    with caplog.at_level(logging.WARNING):
        model = GammaGamma(penalty=1.0).fit(frame)
    assert "leaves out 1 customers whose purchases cost nothing" in caplog.text
    assert (model.n_without_spend_, model.n_customers_) == (1, 2)
    for value, message in (
        (-5.0, "monetary must be 0 or more where there are purchases"),
        (np.nan, "monetary must be"),
    ):
        with pytest.raises(InputError, match=message):
            GammaGamma().fit(frame.assign(monetary=value))
    with pytest.raises(InputError, match="no row has a purchase with a spend above 0"):
        GammaGamma().fit(frame.assign(frequency=0))
    model.params_ = {"p": 2.0, "q": 0.9, "v": 10.0}
    with pytest.raises(InputError, match="frequency must be above 0.05, as with q = 0.9 the mean spend"):
        model.expected_spend(frame)
    assert model.expected_spend(frame.iloc[:1]) == pytest.approx(2 * (10 + 20) / (2 - 0.1))


def test_the_first_purchase_counts_if_asked():
    frame = pd.DataFrame(
        {"frequency": [0, 1, 2, 5], "monetary": [np.nan, 9.0, 30, 22], "monetary_all": [8.0, 12, 28, 20]}
    )
    model = GammaGamma(include_first=True, penalty=0.1).fit(frame)
    same = GammaGamma(penalty=0.1).fit(frame.assign(frequency=frame["frequency"] + 1, monetary=frame["monetary_all"]))
    assert model.params_ == same.params_
    assert model.expected_spend(frame)[0] < model.expected_spend(frame)[2]


def test_survivors_of_a_cohort_by_hand():
    model = ShiftedBetaGeometric(unit="Y", penalty=1.0).fit_survivors([10, 6, 4])
    alpha, beta = model.params_["alpha"], model.params_["beta"]
    stay = [beta / (alpha + beta), (beta + 1) / (alpha + beta + 1), (beta + 2) / (alpha + beta + 2)]
    assert model.retention_rate([1, 2, 3]) == pytest.approx(stay)
    assert model.survival([0, 1, 2, 3]) == pytest.approx([1, stay[0], stay[0] * stay[1], np.prod(stay)])
    X = pd.DataFrame({"periods": [2, 2], "churned": [0, 1]})
    assert model.expected_periods(X, 2) == pytest.approx([stay[1] + stay[1] * stay[2], 0])
    assert model.discounted_periods(X, 2, 0.1) == pytest.approx([stay[1] / 1.1 + stay[1] * stay[2] / 1.21, 0])
    assert model.discounted_periods(X, discount_rate=0.1) == pytest.approx(model.discounted_periods(X, 500, 0.1))
    assert model.probability_alive(X).tolist() == [1, 0]
    for survivors, message in (
        ([10, 11], "at most those of the period before"),
        ([5], "2 or more numbers"),
        ([5, 5], "no contract"),
    ):
        with pytest.raises(InputError, match=message):
            ShiftedBetaGeometric().fit_survivors(survivors)
