"""What parts of the decision are worth: planted effects, and arms that cannot be believed."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import Arms, four_arms, impact_arms, impact_experiments

# Acceptance by arm, as it is planted.
RATES = {
    "agent": 0.15,
    "control": 0.05,
    "propensity_only": 0.15,
    "no_levers": 0.14,
    "eligibility_only": 0.12,
    "random_propensity": 0.06,
    "business_as_usual": 0.10,
    "holdout": 0.0,
}


def simulated(arms, n, rng, served=0.8):
    """Customers in their arms, and the decisions of those who can be served; simulated."""
    customers = pd.DataFrame({"customer_id": np.arange(n)})
    customers["arm"] = arms.assign(customers["customer_id"])
    rows = customers[rng.random(n) < served]
    rows = rows.loc[rows.index.repeat(rng.integers(1, 4, len(rows)))].reset_index(drop=True)
    rate = rows["arm"].map(RATES).to_numpy()
    best = np.where(rng.random(len(rows)) < 4 * rate, "card", "loan")
    rows["offer_id"] = np.where(rows["arm"] == "holdout", "no_offer", best)
    rows["propensity"] = rate * rng.uniform(0.5, 1.5, len(rows))
    rows["reward"] = (rng.random(len(rows)) < rate).astype(float)
    return rows.assign(value=20.0, cost=np.where(rows["arm"] == "holdout", 0.0, 0.1)), customers


def test_the_five_experiments_find_what_is_planted():
    arms = impact_arms("impact", 0.15)
    feedback, customers = simulated(arms, 30_000, np.random.default_rng(0))
    report = impact_experiments(feedback, customers, arms)
    assert report.supported
    assert report.warnings == ()
    assert report.sample_ratio.table["n"].sum() == 30_000
    found = report.effects[report.effects["metric"] == "acceptance per decision"].set_index("experiment")
    planted = {
        "agent vs random relevant offer": 0.10,
        "agent vs propensity only": 0.0,
        "agent vs no levers": 0.01,
        "agent vs eligibility only": 0.03,
        "model propensity vs random propensity": 0.09,
    }
    assert list(found.index) == list(planted)
    truth = np.array(list(planted.values()))
    assert (np.abs(found["difference"] - truth) < 2 * (found["high"] - found["low"]) / 2).all()
    assert (found["p_adjusted"] < 0.001).tolist() == [True, False, False, True, True]
    per_decision = report.effects[report.effects["metric"] == "value per decision"].set_index("experiment")
    gained = per_decision.loc["agent vs random relevant offer"]
    assert gained["low"] < 20 * 0.10 < gained["high"]


def test_all_customers_of_an_arm_count():
    customers = pd.DataFrame({"customer_id": range(8), "arm": ["agent"] * 4 + ["holdout"] * 4})
    feedback = customers.iloc[[0, 0, 1, 4]].assign(reward=[1.0, 0.0, 1.0, 0.0], value=10.0, cost=1.0)
    found = impact_experiments(feedback, customers).effects.set_index("metric")
    assert found["n"].tolist() == [4, 4, 4]
    assert found.loc["value per customer", "mean"] == (10 - 1 - 1 + 10 - 1) / 4
    assert found.loc["value per decision", "mean"] == pytest.approx(17 / 3)
    assert found.loc["acceptance per decision", "mean"] == pytest.approx(2 / 3)
    assert found.loc["value per customer", "baseline_mean"] == -1 / 4
    one_more = pd.concat([feedback, customers.tail(1).assign(reward=0.0, earned=0.0)])
    without = impact_experiments(one_more.fillna({"earned": 3.0}), value="earned")
    assert without.effects["n"].tolist() == [2, 2, 2]
    assert without.effects["mean"].iloc[2] == 9 / 2
    assert len(without.warnings) == 2


def test_four_arms_and_a_mapping_of_shares():
    arms = four_arms("program", 0.2, 0.2, 0.2)
    feedback, customers = simulated(arms, 12_000, np.random.default_rng(1))
    report = impact_experiments(
        feedback, customers, {"agent": 0.4, "control": 0.2, "business_as_usual": 0.2, "holdout": 0.2}
    )
    named = report.effects["experiment"].unique().tolist()
    assert named == ["agent vs random relevant offer", "agent vs business as usual", "agent vs holdout"]
    assert (report.effects["low"] > 0).all()


def test_equal_arms_show_nothing_and_are_named():
    """One policy served all, and was split afterwards: what fabricates that nothing differs."""
    arms, runs, shown, named = Arms("impact", {"agent": 0.5}, rest="control"), 40, 0, 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        feedback, customers = simulated(arms, 3000, rng)
        feedback["offer_id"] = rng.choice(["card", "loan"], len(feedback))
        feedback["reward"] = (rng.random(len(feedback)) < 0.1).astype(float)
        feedback["propensity"] = rng.uniform(0, 0.2, len(feedback))
        report = impact_experiments(feedback, customers, arms)
        shown += (report.effects["p_adjusted"] < 0.05).any()
        named += any("made the same decisions as often" in one for one in report.warnings)
    assert shown / runs < 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)
    assert named / runs > 0.8


def test_arms_of_wrong_sizes_give_no_verdict():
    arms = Arms("impact", {"agent": 0.5}, rest="control")
    feedback, customers = simulated(arms, 6000, np.random.default_rng(2))
    # Who did not accept is lost from one arm.
    accepted = feedback.groupby("customer_id")["reward"].max().reindex(customers["customer_id"]).fillna(0).to_numpy()
    lost = (customers["arm"] == "agent") & (accepted == 0) & (customers["customer_id"] % 5 == 0)
    customers = customers[~lost]
    feedback = feedback[feedback["customer_id"].isin(customers["customer_id"])]
    report = impact_experiments(feedback, customers, arms)
    assert not report.supported
    assert report.sample_ratio.alarm
    assert report.effects[["difference", "low", "high", "p_value", "p_adjusted"]].isna().all().all()
    assert report.effects["mean"].notna().all()
    assert str(report).startswith("No verdict: Alarm: the arms do not have the sizes")
    assert "<strong>No verdict:</strong>" in report._repr_html_()


def test_arms_by_segment_are_checked_too():
    arms = Arms("impact", {"agent": 0.5}, rest="control", by_segment={"gold": {"agent": 0.9}})
    rng = np.random.default_rng(3)
    customers = pd.DataFrame({"customer_id": range(2000), "segment": rng.choice(["gold", "other"], 2000)})
    customers["arm"] = arms.assign(customers["customer_id"], customers["segment"])
    feedback = customers.assign(reward=(rng.random(2000) < 0.1).astype(float), value=5.0)
    report = impact_experiments(feedback, customers, arms)
    # Half of the customers have other shares; expected sizes go by segment.
    assert report.supported


ARMS = Arms("impact", {"agent": 0.5}, rest="control")


def _good():
    feedback, customers = simulated(ARMS, 200, np.random.default_rng(4))
    return feedback.assign(decided_at=pd.Timestamp("2026-02-01")), customers.assign(
        assigned_at=pd.Timestamp("2026-01-01")
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f, k: (f, k.assign(arm=k["arm"].to_numpy()[::-1])), "decisions.arm must be the arm of the customer in"),
        (lambda f, k: (f.drop(columns="arm"), k), "feedback lacks the column 'arm'"),
        (lambda f, k: (f.assign(reward=2), k), "feedback.reward must be 0 or 1"),
        (lambda f, k: (f.drop(columns="value"), k), "feedback lacks the column 'value'"),
        (lambda f, k: (f.assign(value=None), k), "feedback.value must be there where an offer is accepted"),
        (
            lambda f, k: (f, k.assign(assigned_at=pd.Timestamp("2026-03-01"))),
            "decided_at must be at or after the arm was",
        ),
        (lambda f, k: (f, k.drop(columns="arm")), "customers lacks the column 'arm'"),
        (lambda f, k: (f.assign(arm="agent"), k.assign(arm="agent")), "arm must be what 'impact' assigns"),
    ],
)
def test_what_is_not_allowed_is_refused(change, says):
    with pytest.raises(InputError, match=says):
        impact_experiments(*change(*_good()), ARMS)


def test_arms_that_are_in_no_experiment_are_refused():
    feedback, customers = _good()
    with pytest.raises(InputError, match="no comparison can be made of the arms 'a', 'control'"):
        impact_experiments(*(frame.assign(arm=frame["arm"].replace("agent", "a")) for frame in (feedback, customers)))
    twice = pd.concat([customers, customers.head(3).assign(arm="holdout")])
    with pytest.raises(InputError, match="3 of 200 are in several, first 0: "):
        impact_experiments(feedback, twice)
