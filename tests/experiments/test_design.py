"""Sizes and power agree with published numbers, and with what simulated experiments find."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import Design, duration_days, mean_difference, newcombe_interval, plan_experiment

# So many that two points are four standard errors of a power of 0.8.
RUNS = 6400
WITHIN = 0.02


def found_rates(p, q, n1, n0, rng, alpha=0.05):
    """How often the pooled z-test finds a difference, in simulated experiments."""
    a, b = rng.binomial(n1, q, RUNS) / n1, rng.binomial(n0, p, RUNS) / n0
    pooled = (n1 * a + n0 * b) / (n1 + n0)
    z = (a - b) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return float((2 * stats.norm.sf(abs(z)) < alpha).mean())


@pytest.mark.parametrize(
    ("design", "effect", "power", "n"),
    [
        # The example of R's power.prop.test: 76.7 (R manual).
        (Design(baseline=0.5), 0.25, 0.9, 77),
        # A lift from 10 to 12 %: 3,841 (power.prop.test gives 3840.847).
        (Design(baseline=0.1), 0.02, 0.8, 3841),
        # Cohen (1988), table 2.4.1, a2 = .05, power .80: d = .50 and d = .80.
        (Design(sd=1.0), 0.5, 0.8, 64),
        (Design(sd=1.0), 0.8, 0.8, 26),
        # The examples of R's power.t.test: 22.02 and, one-sided, 17.85 (R manual).
        (Design(sd=1.0), 1.0, 0.9, 23),
        (Design(sd=1.0, sides=1), 1.0, 0.9, 18),
    ],
)
def test_sizes_are_the_published_ones(design, effect, power, n):
    assert design.sample_size(effect, power) == (n, n)


def test_powers_are_the_published_ones():
    # R manual, power.prop.test(n = 50, p1 = .50, p2 = .75) and power.t.test(n = 20, delta = 1, sd = 1).
    assert Design(baseline=0.5).power(0.25, 50) == pytest.approx(0.740, abs=0.0005)
    # R leaves the other tail out, which has 0.0000002.
    assert Design(sd=1.0, alpha=0.025, sides=1).power(1.0, 20) == pytest.approx(0.8689528, abs=1e-7)
    assert Design(sd=1.0).power(1.0, 20) == pytest.approx(0.8689528, abs=1e-6)


def test_a_size_is_the_least_that_is_enough():
    design = Design(baseline=0.03, ratio=0.5, exposed=0.4)
    treated, control = design.sample_size(0.02, 0.9)
    assert control == math.ceil(treated / 2)
    assert design.power(0.02, treated) >= 0.9 > design.power(0.02, treated - 1)
    assert design.detectable_effect(treated, 0.9) == pytest.approx(0.02, rel=1e-3)


def test_power_without_an_effect_is_alpha():
    assert Design(baseline=0.2, alpha=0.1).power(0.0, 500) == pytest.approx(0.1)
    assert Design(sd=2.0, comparisons=5).power(0.0, 500) == pytest.approx(0.01)
    assert Design(sd=2.0, sides=1).power(0.0, [50, 9000]) == pytest.approx([0.05, 0.05])


def test_powers_are_those_of_the_noncentral_t():
    frozen = stats.nct(2 * 40 - 2, 0.3 * math.sqrt(20))
    limit = stats.t.isf(0.025, 78)
    assert Design(sd=1.0).power(0.3, 40) == pytest.approx(frozen.sf(limit) + frozen.cdf(-limit), abs=1e-9)
    # With many customers it is the normal, and with next to none nothing is found.
    shift = 0.001 * math.sqrt(10**7 / 2)
    assert Design(sd=1.0).power(0.001, 10**7) == pytest.approx(
        stats.norm.sf([1.959964 - shift, 1.959964 + shift]).sum(), abs=1e-6
    )
    assert Design(sd=1.0).power(9.0, 1) == 0.0
    assert Design(sd=1.0).power(1.0, [400, 3000, 10**9]) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("p", "effect", "ratio", "comparisons"),
    [(0.1, 0.02, 1, 1), (0.05, 0.03, 3, 1), (0.4, -0.06, 0.5, 4), (0.01, 0.01, 1, 1)],
)
def test_rates_are_found_as_often_as_planned(p, effect, ratio, comparisons):
    n1, n0 = Design(baseline=p, ratio=ratio, comparisons=comparisons).sample_size(effect)
    found = found_rates(p, p + effect, n1, n0, np.random.default_rng(1), 0.05 / comparisons)
    assert found == pytest.approx(0.8, abs=WITHIN)


def test_means_are_found_as_often_as_planned():
    n1, n0 = Design(sd=2.0, ratio=2).sample_size(1.2, 0.9)
    rng = np.random.default_rng(2)
    a, b = rng.normal(1.2, 2, (RUNS, n1)), rng.normal(0, 2, (RUNS, n0))
    assert (stats.ttest_ind(a, b, axis=1).pvalue < 0.05).mean() == pytest.approx(0.9, abs=WITHIN)


def test_a_covariate_saves_customers_as_planned():
    rho = 0.7
    n1, n0 = Design(sd=1.0, variance_kept=1 - rho**2).sample_size(0.4)
    plain = sum(Design(sd=1.0).sample_size(0.4))
    assert n1 + n0 == pytest.approx(plain * (1 - rho**2), abs=4)
    rng = np.random.default_rng(3)
    before = rng.normal(size=(RUNS, n1 + n0))
    after = rho * before + math.sqrt(1 - rho**2) * rng.normal(size=before.shape) + 0.4 * (np.arange(n1 + n0) < n1)
    adjusted = after - rho * before
    found = stats.ttest_ind(adjusted[:, :n1], adjusted[:, n1:], axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=WITHIN)


def test_groups_cost_customers_as_planned():
    members, rho = 4, 0.5
    n1, _ = Design(sd=1.0, design_effect=1 + (members - 1) * rho).sample_size(0.4)
    groups = math.ceil(n1 / members)
    rng = np.random.default_rng(4)

    def means(effect):
        shared = rng.normal(effect, math.sqrt(rho), (RUNS, groups, 1))
        return (shared + rng.normal(0, math.sqrt(1 - rho), (RUNS, groups, members))).mean(axis=2)

    found = stats.ttest_ind(means(0.4), means(0.0), axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=WITHIN)


def test_whom_the_treatment_does_not_reach_dilutes_it():
    p, effect, reached = 0.1, 0.05, 0.4
    n1, n0 = Design(baseline=p, exposed=reached).sample_size(effect)
    found = found_rates(p, reached * (p + effect) + (1 - reached) * p, n1, n0, np.random.default_rng(5))
    assert found == pytest.approx(0.8, abs=WITHIN)
    assert n1 == pytest.approx(Design(baseline=p).sample_size(effect * reached).treated)


def test_unknown_outcomes_are_made_up_for():
    assert Design(sd=1.0, counted=0.25).sample_size(0.5) == (4 * 64, 4 * 64)
    assert Design(sd=1.0, counted=0.25).power(0.5, 256) == Design(sd=1.0).power(0.5, 64)


def test_a_small_population_saves_nothing():
    # All 40 of a population take part; who is treated is drawn again and again; the effect is the same for all.
    rng = np.random.default_rng(6)
    own = rng.normal(size=40)
    order = rng.permuted(np.tile(own, (20_000, 1)), axis=1)
    difference = order[:, :20].mean(axis=1) + 0.5 - order[:, 20:].mean(axis=1)
    assert difference.std() == pytest.approx(own.std(ddof=1) * math.sqrt(2 / 20), rel=4 / math.sqrt(2 * 20_000))


def test_days_are_whole_weeks_and_the_wait():
    assert duration_days(7001, 1000) == 14
    assert duration_days(7000, 1000) == 7
    assert duration_days(7001, 1000, whole_weeks=False, outcome_days=2.5) == 8 + 3
    assert duration_days(0, 1000, whole_weeks=False) == 1


SEGMENTS = pd.DataFrame(
    {
        "segment": ["a", "b", "tiny"],
        "baseline": [0.1, 0.5, 0.5],
        "effect": [0.02, 0.25, 0.25],
        "customers": [100_000, 200, 3],
        "per_day": [500, 10, 1],
        "cost": [0.5, 2.0, 2.0],
        "value": [30.0, 10.0, 10.0],
    }
)


def test_a_plan_by_segment_is_arithmetic():
    plan = plan_experiment(SEGMENTS, Design(baseline=0.3, ratio=0.5), power=0.9, outcome_days=3).set_index("segment")
    for segment, row in SEGMENTS.set_index("segment").iterrows():
        own = Design(baseline=row["baseline"], ratio=0.5)
        sizes = own.sample_size(row["effect"], 0.9)
        assert tuple(plan.loc[segment, ["treated", "control"]]) == sizes
        assert plan.loc[segment, "days"] == 7 * math.ceil(sum(sizes) / row["per_day"] / 7) + 3
        assert plan.loc[segment, "treatment_cost"] == sizes.treated * row["cost"]
        assert plan.loc[segment, "value_forgone"] == pytest.approx(sizes.control * row["effect"] * row["value"])
    assert plan["test_cost"].tolist() == pytest.approx((plan["treatment_cost"] + plan["value_forgone"]).tolist())
    assert plan["enough"].tolist() == [True, True, False]
    assert plan.loc["b", "power"] == pytest.approx(Design(baseline=0.5, ratio=0.5).power(0.25, 133))
    assert plan.loc["tiny", "power"] < 0.2
    assert plan_experiment(SEGMENTS[["segment"]], Design(sd=1.0), 0.5)["n"].tolist() == [128] * 3
    assert len(plan_experiment(SEGMENTS[:0], Design(sd=1.0), 0.5)) == 0


def test_where_nothing_can_be_found_the_effect_is_missing():
    assert math.isnan(Design(baseline=0.9).detectable_effect(3))
    plan = plan_experiment(pd.DataFrame({"segment": ["a"], "customers": [1]}), Design(sd=1.0), 0.5)
    assert math.isnan(plan["detectable_effect"][0])


def test_a_design_shows_itself():
    assert "variance_kept" in Design(sd=1.0)._repr_html_()
    curve = Design(sd=1.0, ratio=0.5).curve(0.5, [63, 64])
    assert curve["control"].tolist() == [32, 32]
    assert curve["power"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Design(), r"baseline \(for a rate\) or sd \(for a mean\) must be given"),
        (lambda: Design(baseline=1.0), r"baseline must be a rate in \(0, 1\); got 1.0"),
        (lambda: Design(sd=0), "sd must be a finite number above 0; got 0"),
        (lambda: Design(sd=1, sides=3), "sides must be one of 1, 2; got 3"),
        (lambda: Design(sd=1, exposed=0), r"exposed must be in \(0, 1\]; got 0"),
        (lambda: Design(sd=1, alpha=1), r"alpha must be in \(0, 1\); got 1"),
        (lambda: Design(sd=1, comparisons=0), "comparisons must be 1 or more; got 0"),
        (lambda: Design(sd=1).sample_size(0), "effect must be a finite number, not 0; got 0"),
        (lambda: Design(sd=1).sample_size(1e-9), "effect is too small: it would need more than 1e"),
        (lambda: Design(baseline=0.9).sample_size(0.2), r"baseline \+ effect must be in \(0, 1\); got 1.1"),
        (lambda: Design(sd=1).sample_size(1, 1), r"power must be in \(0, 1\); got 1"),
        (lambda: Design(sd=1).power(1, [5, 0]), "treated must be above 0; 1 of 2 rows is not, first at row 1: 0"),
        (lambda: duration_days(5, 0), "per_day must be above 0; got 0"),
        (lambda: plan_experiment(SEGMENTS[["baseline"]], Design(sd=1)), "segments lacks the column 'segment'"),
        (lambda: plan_experiment(SEGMENTS[["segment"]], Design(sd=1)), "effect must be given, or be a column"),
        (lambda: plan_experiment(SEGMENTS.assign(segment="a"), Design(sd=1)), "different in each row"),
        (lambda: plan_experiment(SEGMENTS.assign(effect=0.6), Design(baseline=0.1)), "segment 'b': baseline"),
        (lambda: plan_experiment(SEGMENTS.assign(cost=np.nan), Design(baseline=0.1)), "segments.cost must be finite"),
    ],
)
def test_what_cannot_be_planned_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_the_analysis_finds_what_was_planned():
    runs = 6400
    n1, n0 = Design(baseline=0.1, ratio=0.5).sample_size(0.05)
    rng = np.random.default_rng(7)
    low, high = newcombe_interval(rng.binomial(n1, 0.15, runs), n1, rng.binomial(n0, 0.1, runs), n0)
    assert ((low > 0) | (high < 0)).mean() == pytest.approx(0.8, abs=WITHIN)
    n1, n0 = Design(sd=1.0).sample_size(0.4)
    pairs = (rng.normal(0.4, 1, (runs, n1)), rng.normal(0, 1, (runs, n0)))
    found = [mean_difference(one, two).p_value < 0.05 for one, two in zip(*pairs, strict=True)]
    assert np.mean(found) == pytest.approx(0.8, abs=WITHIN)
