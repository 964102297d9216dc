"""Sizes of arms: a textbook's mismatch, a plain loop, and no alarms where there is nothing."""

import math

import numpy as np
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import Arms, sample_ratio


def counted(**counts):
    return np.repeat(list(counts), list(counts.values()))


def test_the_textbook():
    # Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 21: 821,588 and 815,482
    # users of a 50/50 split, p = 1.8e-6.
    check = sample_ratio(counted(control=821_588, treatment=815_482), {"control": 0.5, "treatment": 0.5})
    assert check.p_value == pytest.approx(1.8e-6, abs=5e-8)
    assert check.alarm


def test_as_scipy_does_and_by_a_loop():
    counts = {"agent": 930, "control": 38, "holdout": 32}
    check = sample_ratio(counted(**counts), {"agent": 0.9, "control": 0.05, "holdout": 0.05}, planned=1000)
    assert check.p_value == pytest.approx(stats.chisquare([930, 38, 32], [900, 50, 50]).pvalue)
    # One customer after another: the chance that a Dirichlet urn gives each, over the chance that it should have.
    spread = 10.0
    for _ in range(50):
        spread = math.log(1 + spread) + 2 * math.log(1 / 0.001)
    strength = 1000 / spread
    shares, seen, evidence = {"agent": 0.9, "control": 0.05, "holdout": 0.05}, dict.fromkeys(counts, 0), 0.0
    rng = np.random.default_rng(0)
    for arm in rng.permutation(counted(**counts)):
        drawn = (strength * shares[arm] + seen[arm]) / (strength + sum(seen.values()))
        evidence += math.log(drawn / shares[arm])
        seen[arm] += 1
    assert check.p_value_any_time == pytest.approx(math.exp(-max(evidence, 0.0)), rel=1e-9)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.96, 0.02, 0.02)])
def test_looking_after_every_few_customers_gives_few_alarms(shares):
    rng, runs, alarms, naive = np.random.default_rng(2), 100, 0, 0
    names = [f"arm {j}" for j in range(len(shares))]
    wanted = dict(zip(names, shares, strict=True))
    for _ in range(runs):
        arms = rng.choice(names, p=shares, size=3000)
        checks = [sample_ratio(arms[:n], wanted, limit=0.05) for n in range(500, 3001, 500)]
        alarms += any(check.alarm_any_time for check in checks)
        naive += any(check.alarm for check in checks)
    assert alarms / runs <= 0.05
    assert naive / runs > 0.08


def test_a_real_mismatch_is_found():
    rng = np.random.default_rng(3)
    arms = np.where(rng.random(20_000) < 0.48, "agent", "control")
    check = sample_ratio(arms, {"agent": 0.5, "control": 0.5})
    assert check.alarm
    assert check.alarm_any_time


def test_shares_of_an_experiment_and_customers_outside():
    arms = Arms("spring", {"agent": 0.2, "control": 0.1})
    given = arms.assign(range(20_000))
    check = sample_ratio(given, arms.table().set_index("arm")["share"])
    assert check.table["arm"].tolist() == ["agent", "control"]
    assert check.table["n"].sum() == (given != "outside").sum()
    assert not check.alarm
    assert "The arms have the sizes that they should." in str(check)
    assert "<strong>The arms have the sizes that they should.</strong>" in check._repr_html_()


def test_nobody_and_one_arm():
    check = sample_ratio([], {"agent": 0.5, "control": 0.5})
    assert (check.p_value, check.p_value_any_time) == (1, 1)
    assert sample_ratio(["agent"] * 5, {"agent": 1.0}).p_value == 1


@pytest.mark.parametrize(
    ("arms", "shares", "says"),
    [
        (["agent", "placebo"], {"agent": 1}, "arms must be one of 'agent'; 1 of 2 .* row 1: 'placebo'"),
        (["agent", None], {"agent": 1}, "arms must be there in every row"),
        (["agent"], {"agent": 0.0}, r"shares\['agent'\] must be above 0"),
        (["agent"], {}, "shares must name the arms"),
    ],
)
def test_what_is_not_allowed_is_refused(arms, shares, says):
    with pytest.raises(InputError, match=says):
        sample_ratio(arms, shares)
