"""Reports of experiments: by hand, by the parts they are made of, null experiments and planted effects."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import (
    adjusted_p_values,
    analyze_experiment,
    cuped,
    customer_totals,
    mean_difference,
    rate_difference,
    ratio_values,
)


def simulated(rng, n=600, lift=0.0):
    """Customers with spending before and in an experiment of three arms; the agent's lift is planted."""
    before = rng.gamma(1.0, 20.0, n)
    arm = rng.choice(["agent", "control", "holdout"], n, p=[0.5, 0.3, 0.2])
    spent = 0.8 * before + rng.gamma(1.0, 5.0, n) + lift * (arm == "agent")
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "arm": arm,
            "segment": rng.choice(["new", "old"], n),
            "before": before,
            "spent": spent,
            "decisions": rng.integers(0, 5, n),
            "accepted": (rng.random(n) < 0.2 + 0.1 * (arm == "agent")).astype(float),
        }
    )


def test_each_row_is_made_of_its_parts():
    frame = simulated(np.random.default_rng(0))
    metrics = {"accepted": "accepted", "spent": "spent", "per decision": ("spent", "decisions")}
    found = analyze_experiment(frame, metrics, by="segment", covariates={"spent": ["before"]})
    assert found[["metric", "segment", "arm"]].values.tolist() == [
        [metric, segment, arm]
        for metric in metrics
        for segment in ("all", "new", "old")
        for arm in ("agent", "holdout")
    ]
    found = found.set_index(["metric", "segment", "arm"])
    old = frame[frame["segment"] == "old"]
    agent, control = (old[old["arm"] == arm] for arm in ("agent", "control"))

    effect = rate_difference(int(agent["accepted"].sum()), len(agent), int(control["accepted"].sum()), len(control))
    row = found.loc[("accepted", "old", "agent")]
    assert row[["n", "baseline_n", "low", "high", "p_value"]].tolist() == [
        len(agent), len(control), effect.low, effect.high, effect.p_value,
    ]  # fmt: skip
    assert row["method"] == "newcombe"
    assert np.isnan(row["variance_removed"])

    adjusted = pd.Series(cuped(old["spent"].to_numpy(), old["before"].to_numpy(), old["arm"]), index=old.index)
    # One slope was fitted: of n - 3 degrees of freedom, one is used up.
    middle = adjusted.groupby(old["arm"]).transform("mean")
    adjusted = middle + np.sqrt((len(old) - 3) / (len(old) - 4)) * (adjusted - middle)
    effect = mean_difference(adjusted[agent.index].to_numpy(), adjusted[control.index].to_numpy())
    row = found.loc[("spent", "old", "agent")]
    assert row[["mean", "difference", "low", "relative_high"]].tolist() == pytest.approx(
        [effect.mean, effect.difference, effect.low, effect.relative_high]
    )
    assert row["method"] == "cuped, welch"
    assert 0.85 < row["variance_removed"] < 0.95  # 0.64 * 400 / (0.64 * 400 + 25) = 0.91 is planted

    each = [ratio_values(arm["spent"].to_numpy(), arm["decisions"].to_numpy()) for arm in (agent, control)]
    effect = mean_difference(*each)
    row = found.loc[("per decision", "old", "agent")]
    assert row["mean"] == pytest.approx(agent["spent"].sum() / agent["decisions"].sum())
    assert row[["difference", "low", "p_value"]].tolist() == pytest.approx(
        [effect.difference, effect.low, effect.p_value]
    )
    assert row["method"] == "delta, welch"
    np.testing.assert_allclose(found["p_adjusted"], adjusted_p_values(found["p_value"].to_numpy()))


def test_decisions_of_customers_clustered_by_hand():
    frame = pd.DataFrame(
        {
            "arm": ["policy"] * 4 + ["control"] * 4,
            "customer_id": ["a", "a", "b", "b", "x", "y", "z", "z"],
            "reward": [1.0, 1, 0, 0, 0, 1, 0, 0],
        }
    )
    found = analyze_experiment(customer_totals(frame), {"reward": ("reward", "decisions")}).iloc[0]
    # policy: residuals 1 and -1, 2/1 * 2/16; control: -.25, .75 and -.5, 3/2 * (.0625 + .5625 + .25) / 16.
    variances = np.array([2 * 2 / 16, 1.5 * 0.875 / 16])
    half = (found["high"] - found["low"]) / 2
    freedom = variances.sum() ** 2 / (variances**2 / [1, 2]).sum()
    assert half == pytest.approx(stats.t.ppf(0.975, freedom) * np.sqrt(variances.sum()))
    assert found["difference"] == 0.25


def test_one_decision_each_is_a_rate():
    frame = pd.DataFrame({"customer_id": range(40), "arm": ["agent", "control"] * 20, "reward": [1.0, 0, 0, 0] * 10})
    rows = customer_totals(frame)
    assert analyze_experiment(rows, {"rate": ("reward", "decisions")})["method"].tolist() == ["newcombe"]


def test_a_difference_that_is_planted_is_held_as_often_as_stated_and_none_where_there_is_none():
    rng, runs = np.random.default_rng(1), 150
    held, null, below = np.zeros(2), 0, 0
    for _ in range(runs):
        frame = simulated(rng, lift=3.0)
        found = analyze_experiment(frame, ["spent", "decisions"], covariates=["before"]).set_index(["metric", "arm"])
        spent = found.loc[("spent", "agent")]
        held[0] += spent["low"] <= 3 <= spent["high"]
        held[1] += found.loc[("spent", "holdout"), "low"] <= 0 <= found.loc[("spent", "holdout"), "high"]
        null += (found.loc["decisions", "p_value"] < 0.05).any()
        below += spent["low"] > 0
    assert (np.abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)).all()
    assert 0.03 < null / runs < 0.16  # two tests of 5 %
    assert below / runs > 0.9


def test_covariates_that_tell_nothing_do_not_narrow_intervals_of_few_customers():
    rng, runs, held = np.random.default_rng(7), 200, 0
    for _ in range(runs):
        frame = pd.DataFrame(rng.normal(size=(24, 5)), columns=["y", "a", "b", "c", "d"]).assign(
            arm=["agent", "control"] * 12
        )
        found = analyze_experiment(frame, ["y"], covariates=list("abcd")).iloc[0]
        held += found["low"] <= 0 <= found["high"]
    assert abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)
    few = analyze_experiment(frame.head(6), ["y"], covariates=list("abcd")).iloc[0]
    assert few["variance_removed"] == 0
    assert few["low"] == pytest.approx(analyze_experiment(frame.head(6), ["y"])["low"].iloc[0])


def test_looks_share_the_error():
    frame = simulated(np.random.default_rng(8), 400)
    plain = analyze_experiment(frame, ["spent", "accepted"], adjust=None)
    third = analyze_experiment(frame, ["spent", "accepted"], adjust=None, look=3)
    assert third["p_value"].tolist() == pytest.approx((plain["p_value"] * np.pi**2 * 9 / 6).clip(upper=1).tolist())
    same = analyze_experiment(frame, ["spent", "accepted"], adjust=None, level=1 - 0.05 * 6 / (9 * np.pi**2))
    np.testing.assert_allclose(third[["low", "high"]], same[["low", "high"]])


def test_customers_who_stay_and_buy_more_and_more_are_looked_at_each_month():
    rng, runs, false, naive = np.random.default_rng(9), 60, 0, 0
    for _ in range(runs):
        arm, own = rng.choice(["agent", "control"], 300), rng.gamma(0.5, 1.0, 300)
        months = rng.poisson(own[:, np.newaxis], (300, 12)).cumsum(axis=1).astype(float)
        looks = [analyze_experiment(pd.DataFrame({"arm": arm, "reward": months[:, k]}), look=k + 1) for k in range(12)]
        false += any(look["p_value"].iloc[0] < 0.05 for look in looks)
        naive += any(
            mean_difference(*(months[arm == name, k] for name in ("agent", "control"))).p_value < 0.05
            for k in range(12)
        )
    assert false / runs <= 0.05
    assert naive / runs > 0.07


def test_among_many_segments_few_false_ones_stand_out():
    rng, runs, wrong, naive = np.random.default_rng(2), 60, 0, 0
    for _ in range(runs):
        n = 4000
        frame = pd.DataFrame(
            {"arm": rng.choice(["agent", "control"], n), "segment": rng.integers(0, 20, n).astype(str)}
        )
        found = analyze_experiment(frame.assign(reward=rng.normal(size=n)), by="segment")
        wrong += (found["p_adjusted"] < 0.05).any()
        naive += (found["p_value"] < 0.05).any()
    assert wrong / runs <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)
    assert naive / runs > 0.4


def test_small_segments_and_metrics_that_say_nothing():
    frame = simulated(np.random.default_rng(3), 60).assign(nothing=7.0, none=0)
    lonely = frame.iloc[[0]].assign(customer_id=99, segment="lonely", arm="agent")
    frame = pd.concat([frame, lonely])
    metrics = {"spent": "spent", "nothing": "nothing", "per none": ("spent", "none")}
    found = analyze_experiment(frame, metrics, by="segment", covariates=["before"]).set_index(
        ["metric", "segment", "arm"]
    )
    row = found.loc[("spent", "lonely", "agent")]
    assert row["n"] == 1
    assert row["baseline_n"] == 0
    assert np.isnan([row["difference"], row["low"], row["p_value"], row["p_adjusted"]]).all()
    row = found.loc[("nothing", "all", "agent")]
    assert row["difference"] == pytest.approx(0)
    assert np.isnan([row["low"], row["p_value"]]).all()
    assert np.isnan(found.loc[("per none", "all", "agent"), ["mean", "low"]].astype(float)).all()


def test_adjustment_can_be_left_out_and_order_does_not_matter():
    frame = simulated(np.random.default_rng(4), 200)
    found = analyze_experiment(frame, ["spent", "accepted"], adjust=None)
    assert found["p_adjusted"].isna().all()
    mixed = analyze_experiment(frame.sample(frac=1, random_state=0), ["spent", "accepted"], adjust=None)
    pd.testing.assert_frame_equal(found, mixed)
    assert (analyze_experiment(frame, ["spent"], adjust="by")["p_adjusted"] >= found["p_value"].head(2)).all()


GOOD = pd.DataFrame({"customer_id": range(6), "arm": ["agent", "control"] * 3, "reward": [0.0, 1, 1, 0, 0, 2], "n": 1})


@pytest.mark.parametrize(
    ("frame", "arguments", "says"),
    [
        (GOOD, {"baseline": "holdout"}, "baseline must be one of 'agent', 'control'; got 'holdout'"),
        (GOOD, {"metrics": []}, "metrics must name at least one column"),
        (GOOD, {"metrics": ["profit", "cost"]}, "frame lacks the columns 'profit', 'cost'"),
        (GOOD, {"metrics": {"a": ("reward",)}}, r"metrics\['a'\] must be a column, or a numerator and a denominator"),
        (GOOD.assign(n=-1), {"metrics": {"a": ("reward", "n")}}, "frame.n must be 0 or more; 6 of 6"),
        (GOOD, {"covariates": {"profit": ["n"]}}, "covariates must be one of 'reward'; got 'profit'"),
        (GOOD, {"level": 95}, r"level must be in \(0, 1\); got 95"),
        (GOOD, {"look": 0}, "look must be 1 or more; got 0"),
        (GOOD, {"adjust": "holm"}, "adjust must be one of 'bh', 'by', None; got 'holm'"),
        (GOOD.assign(segment="all"), {"by": "segment"}, "must not have a segment 'all'"),
        (GOOD.assign(segment=None), {"by": "segment"}, "frame.segment must be there in every row"),
        (GOOD.assign(reward=np.nan), {}, "frame.reward must be there and finite; 6 of 6 .* counts 0"),
        (GOOD.assign(customer_id=1), {}, "1 of 1 are in several, first 1: 'agent', 'control'"),
        (GOOD.head(2), {}, "each arm must have at least 2 customers; 'agent' has 1"),
    ],
)
def test_what_is_not_allowed_is_refused(frame, arguments, says):
    with pytest.raises(InputError, match=says):
        analyze_experiment(frame, **arguments)


def test_one_text_is_no_list():
    with pytest.raises(TypeError, match="must be lists or mappings of column names; got one text"):
        analyze_experiment(GOOD, "reward")
