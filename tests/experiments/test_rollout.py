"""A rollout keeps its customers, its dates and its errors; decisions follow from reports by stated rules."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import (
    Goal,
    Guardrail,
    Rollout,
    decide_stage,
    plan_experiment,
    rollout_outlook,
    sequential_boundaries,
    stage_report,
)

MARGIN, COMPLAINTS = Guardrail("margin"), Guardrail("complaints", worse="higher", tolerated=0.01)
PLAN = Rollout("engine", (0.05, 0.2, 0.5, 1.0), 7, [500, 800, 1000, 1], (MARGIN, COMPLAINTS))
GOAL = Rollout("engine", (0.1, 0.5, 1.0), 7, 1000, goal=Goal("accepted", effect=0.05, sd=0.4))


def report(plan, stage, differences, error=1.0, days=7, treated=10_000):
    metrics = [rail.metric for rail in plan.guardrails] + ([plan.goal.metric] if plan.goal else [])
    rows = zip(metrics, differences, strict=True)
    frame = pd.DataFrame([(stage, metric, difference) for metric, difference in rows])
    frame.columns = ["stage", "metric", "difference"]
    return frame.assign(standard_error=error, days=days, treated=treated)


def test_customers_stay_in_as_the_share_grows():
    ids, before = np.arange(20_000), np.zeros(20_000, dtype=bool)
    for stage, share in enumerate(PLAN.shares, 1):
        now = PLAN.arms(stage).assign(ids) == "agent"
        assert now[before].all()
        assert now.mean() == pytest.approx(share, abs=4 * math.sqrt(share / 20_000))
        before = now
    assert before.all()
    assert set(PLAN.arms(0).assign(ids)) == {"business_as_usual"}


def test_information_and_boundaries_are_by_hand():
    # Each stage adds 1 / (1 / n + 1 / c) with c = n (1 - s) / s.
    expected = np.cumsum([1 / (1 / n + s / (n * (1 - s))) for s, n in [(0.05, 500), (0.2, 800), (0.5, 1000)]])
    assert PLAN.information() == pytest.approx(expected)
    assert PLAN.boundaries() == pytest.approx(sequential_boundaries(expected, 0.05 / 2, 1, "pocock"))
    assert GOAL.boundaries(goal=True) == pytest.approx(sequential_boundaries([900, 1400], 0.025, 1))


def test_the_schedule_is_arithmetic():
    frame = PLAN.schedule("2026-03-01", per_day=500, cost=2.0)
    # 500 of 5 % of 500 a day take 20 days, 800 of 20 % 8 days.
    assert frame["days"].tolist() == [20, 8, 7, 7]
    assert frame["starts"].dt.strftime("%m-%d").tolist() == ["03-01", "03-21", "03-29", "04-05"]
    assert frame["earliest_end"].iloc[-1] == pd.Timestamp("2026-04-12")
    assert frame["treated"].tolist() == [500, 800, 1750, 3500]
    assert frame["control"].tolist() == [9500, 3200, 1750, 0]
    assert frame["cost"].tolist() == [1000, 1600, 3500, 7000]
    assert frame["boundary"][:3].tolist() == pytest.approx(PLAN.boundaries().tolist())
    assert math.isnan(frame["boundary"][3])
    assert "goal_boundary" in GOAL.schedule("2026-03-01", 500)


def test_harm_beyond_its_boundary_rolls_back():
    bound = PLAN.boundaries()[0]
    fine = decide_stage(PLAN, report(PLAN, 1, [-bound + 0.01, 0.0]))
    assert (fine.action, fine.reason) == ("advance", "No harm is shown.")
    harmed = decide_stage(PLAN, report(PLAN, 1, [-bound - 0.01, 0.0]))
    assert harmed.action == "roll back"
    assert harmed.reason.startswith("'margin' is worse by")
    assert decide_stage(PLAN, report(PLAN, 1, [0.0, -50.0])).action == "advance"
    tolerated = decide_stage(PLAN, report(PLAN, 1, [0.0, 0.01 + bound * 0.999]))
    assert tolerated.action == "advance"
    assert decide_stage(PLAN, report(PLAN, 1, [0.0, 0.01 + bound * 1.001])).action == "roll back"


def test_a_stage_waits_for_its_days_and_its_customers():
    assert decide_stage(PLAN, report(PLAN, 2, [-99, 0], days=6)).reason == "The stage has run 6 of 7 days."
    short = decide_stage(PLAN, report(PLAN, 2, [0, 0], treated=799))
    assert (short.action, short.reason) == ("hold", "The stage has seen 799 of 800 treated outcomes.")
    assert decide_stage(PLAN, report(PLAN, 2, [0, 0], treated=800)).action == "advance"


def test_a_harm_that_must_be_ruled_out_holds():
    plan = Rollout("x", (0.2, 0.5, 1.0), guardrails=[Guardrail("margin", excluded=3.0)])
    bound = plan.boundaries()[0]
    assert decide_stage(plan, report(plan, 1, [bound - 2.99])).action == "advance"
    held = decide_stage(plan, report(plan, 1, [bound - 3.01]))
    assert held.action == "hold"
    assert held.reason == "'margin' may be worse by 3.01; 3 must be ruled out."


def test_the_last_stage_is_the_end():
    assert decide_stage(PLAN, report(PLAN, 3, [0, 0])).action == "advance"
    last = decide_stage(PLAN, report(PLAN, 4, [np.nan, np.nan], error=np.nan))
    assert (last.action, last.reason) == ("done", "Nobody is left to compare with.")
    assert decide_stage(PLAN, report(PLAN, 4, [np.nan, np.nan], np.nan, days=1)).action == "hold"
    kept = Rollout("x", (0.5, 0.95), guardrails=[MARGIN])
    assert decide_stage(kept, report(kept, 2, [0.0])).action == "done"
    assert decide_stage(kept, report(kept, 2, [-9.0])).action == "roll back"


def test_earlier_reports_say_what_was_known_when():
    rows = [report(PLAN, stage, [0, 0], error) for stage, error in [(1, 3.0), (2, 1.1), (3, 1.0)]]
    found = decide_stage(PLAN, pd.concat(rows)).checks["boundary"]
    planned = PLAN.information() / PLAN.information()[-1]
    expected = sequential_boundaries([1 / 9, 1 / 1.21, 1.0], 0.025, 1, "pocock", planned)[-1]
    assert found.tolist() == pytest.approx([expected] * 2)
    # Without them it is as planned.
    assert decide_stage(PLAN, rows[2]).checks["boundary"].tolist() == pytest.approx([PLAN.boundaries()[-1]] * 2)


def test_a_goal_out_of_reach_is_given_up():
    t = 900 / 1400
    error = 0.4 / math.sqrt(900)
    last, drift = GOAL.boundaries(goal=True)[-1], 0.05 / 0.4 * math.sqrt(1400)

    def chance(z):
        return stats.norm.sf((last - z * math.sqrt(t) - drift * (1 - t)) / math.sqrt(1 - t))

    for z in (-1.0, 0.3, 0.6, 2.0):
        decision = decide_stage(GOAL, report(GOAL, 1, [z * error], error))
        assert decision.action == ("roll back" if chance(z) < 0.1 else "advance")
    assert (
        "has a chance of 0.0% to be shown better in the end"
        in decide_stage(GOAL, report(GOAL, 1, [-0.05], error)).reason
    )


def test_a_goal_is_to_be_reached_by_the_last_look_and_stays_reached():
    error = 0.4 / math.sqrt(1400)
    missed = decide_stage(GOAL, report(GOAL, 2, [1.9 * error], error))
    assert missed.action == "roll back"
    assert missed.reason.startswith("'accepted' is not shown to be better by the last look: 1.9")
    assert decide_stage(GOAL, report(GOAL, 2, [2.1 * error], error)).reason.startswith("'accepted' is better: 2.1")
    early = report(GOAL, 1, [0.1], 0.02)
    assert decide_stage(GOAL, pd.concat([early, report(GOAL, 2, [1.9 * error], error)])).action == "advance"
    less = Rollout("x", (0.1, 0.5, 1.0), goal=Goal("calls", effect=-0.05, sd=0.4))
    assert decide_stage(less, report(less, 2, [-0.1], error)).action == "advance"
    assert decide_stage(less, report(less, 2, [0.1], error)).action == "roll back"


def test_the_outlook_is_what_simulated_rollouts_do():
    runs, information = 20_000, GOAL.information()
    for effect in (0.0, 0.05):
        outlook = rollout_outlook(GOAL, effect, cost=3.0)
        steps = np.diff(information, prepend=0.0)
        drift = effect / 0.4
        sums = np.random.default_rng(1).normal(drift * steps, np.sqrt(steps), (runs, 2)).cumsum(axis=1)
        z = sums / np.sqrt(information)
        first = z[:, 0] < outlook["futility_boundary"][0]
        reached = z[:, 0] >= outlook["boundary"][0]
        second = ~first & ~reached & (z[:, 1] < outlook["boundary"][1])
        assert outlook["rolled_back"].tolist() == pytest.approx([first.mean(), second.mean()], abs=4 * 0.5 / runs**0.5)
        assert outlook["shown"][0] == pytest.approx(reached.mean(), abs=4 * 0.5 / runs**0.5)
        assert outlook["cost"].sum() == pytest.approx(3000 * (1 + (~first).mean()), rel=0.02)
    # A change that does nothing reaches all customers at most as often as alpha says.
    assert 1 - rollout_outlook(GOAL)["rolled_back"].sum() <= 0.025


def test_the_futility_boundary_is_where_decisions_turn():
    error = 0.4 / math.sqrt(900)
    bound = rollout_outlook(GOAL)["futility_boundary"][0]
    actions = [decide_stage(GOAL, report(GOAL, 1, [z * error], error)).action for z in (bound - 0.001, bound + 0.001)]
    assert actions == ["roll back", "advance"]


def outcomes(plan, customers, seed, harm=0.0):
    """Simulated outcomes: customers differ, keep what they are from stage to stage, and all change over time."""
    rng = np.random.default_rng(seed)
    ids = np.arange(customers)
    own, parts = rng.normal(size=customers), []
    for stage in range(1, plan.looks + 1):
        arm = Rollout(f"run {seed}", plan.shares).arms(stage).assign(ids)
        value = 0.7 * own + 0.7 * rng.normal(size=customers) + stage - harm * (arm == "agent")
        parts.append(pd.DataFrame({"customer_id": ids, "stage": stage, "arm": arm, "margin": value}))
    return pd.concat(parts)


def test_a_report_is_a_slow_loop():
    rows = outcomes(PLAN, 300, 3)
    found = stage_report(rows, ["margin"], [7, 7, 7])
    weights, differences, parts = [], [], {}
    for stage in (1, 2, 3):
        mine = rows[rows["stage"] == stage]
        a, b = (mine[mine["arm"] == arm] for arm in ("agent", "business_as_usual"))
        weight = 1 / (1 / len(a) + 1 / len(b))
        weights.append(weight)
        differences.append(a["margin"].mean() - b["margin"].mean())
        for part, sign in ((a, 1), (b, -1)):
            for customer, value in zip(part["customer_id"], part["margin"], strict=True):
                off = sign * weight * (value - part["margin"].mean()) / math.sqrt(len(part) * (len(part) - 1))
                parts[customer] = parts.get(customer, 0.0) + off
        row = found[found["stage"] == stage].iloc[0]
        assert row["difference"] == pytest.approx(np.average(differences, weights=weights))
        assert row["standard_error"] == pytest.approx(math.sqrt(sum(x**2 for x in parts.values())) / sum(weights))
        assert (row["treated"], row["days"]) == (len(a), 7)
    # With one stage, and each customer once, it is the ordinary standard error.
    first = rows[rows["stage"] == 1].groupby("arm")["margin"].agg(["var", "size"])
    assert found["standard_error"][0] == pytest.approx(math.sqrt((first["var"] / first["size"]).sum()))


def test_what_changes_over_time_is_no_effect():
    rows = outcomes(PLAN, 20_000, 4)
    found = stage_report(rows, ["margin"], [7, 7, 7]).iloc[-1]
    assert abs(found["difference"]) < 4 * found["standard_error"]
    # All rows together mistake the later stages, which have more treated, for an effect.
    naive = rows.groupby("arm")["margin"].mean()
    assert naive["agent"] - naive["business_as_usual"] > 0.3


def test_few_outcomes_report_nothing():
    rows = outcomes(PLAN, 300, 3)
    rows.loc[(rows["stage"] == 1) & (rows["arm"] == "agent"), "margin"] = np.nan
    found = stage_report(rows, ["margin"], [7, 7, 7])
    assert math.isnan(found["difference"][0])
    assert found["treated"][0] == 0
    assert found["standard_error"][1] > 0
    plan = Rollout("x", PLAN.shares, 7, 1, [MARGIN])
    assert decide_stage(plan, found[:1]).reason == "The stage has seen 0 of 1 treated outcomes."
    blank = found[:1].assign(treated=9)
    assert decide_stage(plan, blank).reason == "'margin' cannot be compared yet."
    assert decide_stage(plan, found).action == "advance"


def run(plan, customers, seed, harm=0.0):
    """Play a rollout to its end: the stage that rolls it back, or 0."""
    found = stage_report(outcomes(plan, customers, seed, harm), ["margin"], [7] * plan.looks)
    for stage in range(1, plan.looks + 1):
        if decide_stage(plan, found[found["stage"] <= stage]).action == "roll back":
            return stage
    return 0


def test_harmless_rollouts_go_back_as_rarely_as_planned():
    runs, alpha = 200_000, 0.1
    plan = Rollout("x", (0.05, 0.2, 0.5, 1.0), 7, [500, 800, 1000, 1], [MARGIN], alpha=alpha)
    steps = np.diff(plan.information(), prepend=0.0)
    z = np.random.default_rng(5).normal(0, np.sqrt(steps), (runs, 3)).cumsum(axis=1) / np.sqrt(plan.information())
    back = (z >= plan.boundaries()).any(axis=1).mean()
    assert back == pytest.approx(alpha, abs=4 * math.sqrt(alpha * (1 - alpha) / runs))


@pytest.mark.slow
def test_simulated_rollouts_from_customers_to_decisions():
    runs, plan = 1000, Rollout("x", (0.05, 0.2, 0.5, 1.0), 7, [50, 200, 500, 1], [MARGIN], alpha=0.1)
    back = np.array([run(plan, 1200, seed) for seed in range(runs)]) > 0
    assert back.mean() == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / runs))
    harmed = np.array([run(plan, 1200, seed, harm=0.3) for seed in range(100)])
    assert (harmed > 0).mean() > 0.95
    assert (harmed == 1).mean() > 0.3  # while 5 % are treated


def test_harm_is_found_and_its_absence_is_not():
    plan = Rollout("x", (0.05, 0.2, 0.5, 1.0), 7, [50, 200, 500, 1], [MARGIN])
    assert all(run(plan, 1200, seed, harm=0.5) for seed in range(8))
    assert sum(run(plan, 1200, seed) > 0 for seed in range(20)) <= 5


def test_json_brings_the_same_rollout_back():
    for plan in (PLAN, GOAL, Rollout("x")):
        assert Rollout.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan
    with pytest.raises(InputError, match="incomplete or altered: .* unexpected keyword argument 'bad'"):
        Rollout.from_dict({**PLAN.to_dict(), "guardrails": [{"bad": 1}]})
    with pytest.raises(InputError, match="'shares' must be a list"):
        Rollout.from_dict({**PLAN.to_dict(), "shares": 1})


def test_all_shows_itself():
    assert "min_treated" in PLAN._repr_html_()
    decision = decide_stage(PLAN, report(PLAN, 1, [0, 0]))
    assert str(decision) == "stage 1: advance. No harm is shown."
    assert "<strong>stage 1: advance" in decision._repr_html_()


def test_one_stage_for_all_has_no_look():
    plan = Rollout("x", (1.0,), guardrails=[MARGIN])
    assert plan.looks == 0
    assert len(plan.boundaries()) == 0
    assert decide_stage(plan, report(plan, 1, [np.nan])).action == "done"
    assert math.isnan(plan.schedule("2026-01-01", 10)["boundary"][0])


REPORT = report(PLAN, 1, [0, 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rollout("x", (0.5, 0.2)), r"shares must rise from stage to stage; got \[0.5, 0.2\]"),
        (lambda: Rollout("x", ()), "shares must rise"),
        (lambda: Rollout("x", (0.5, 1.5)), r"shares must be in \(0, 1\]; got 1.5"),
        (lambda: Rollout("x", min_days=[1, 2]), "min_days must be one number, or one for each of 5 stages; got 2"),
        (lambda: Rollout("x", min_treated=0), "min_treated must be 1 or more; got 0"),
        (lambda: Rollout(""), "name must be a text that is not empty"),
        (lambda: Rollout("x", guardrails=[MARGIN, MARGIN]), "guardrails must be of different metrics"),
        (lambda: Rollout("x", treatment="a", control="a"), "rest must be an arm that has no share"),
        (lambda: Rollout("x", kind="haybittle"), "kind must be one of"),
        (lambda: PLAN.arms(5), "stage must be 0 to 4; got 5"),
        (lambda: PLAN.schedule("soon", 5), "starts must be a time such as"),
        (lambda: PLAN.schedule("2026-01-01", 0), "per_day must be finite, above 0"),
        (lambda: Guardrail("", "lower"), "metric must be a text"),
        (lambda: Guardrail("m", "down"), "worse must be one of"),
        (lambda: Guardrail("m", tolerated=1.0, excluded=0.5), "excluded must be finite, above tolerated, 1; got 0.5"),
        (lambda: Goal("m", 0, 1), "effect must be finite, not 0"),
        (lambda: Goal("m", 1, 0), "sd must be finite, above 0"),
        (lambda: rollout_outlook(PLAN), "rollout must have a goal"),
        (lambda: decide_stage(PLAN, REPORT[:0]), "report must have at least one row"),
        (lambda: decide_stage(PLAN, REPORT[:1]), "report lacks the metric 'complaints' in stage 1"),
        (lambda: decide_stage(PLAN, REPORT.assign(stage=5)), "report.stage must be a stage, 1 to 4"),
        (lambda: decide_stage(PLAN, REPORT.assign(standard_error=0)), "report.standard_error must be finite, above 0"),
        (lambda: decide_stage(PLAN, REPORT.drop(columns="days")), "report lacks the column 'days'"),
        (lambda: decide_stage(PLAN, REPORT.assign(metric="margin")), "report.metric must be different in each row"),
        (
            lambda: stage_report(outcomes(PLAN, 9, 1), ["margin"], [7]),
            "outcomes.stage must be a stage that has days, 1 to 1",
        ),
        (lambda: stage_report(outcomes(PLAN, 9, 1), [], [7] * 3), "metrics must name at least one column"),
        (lambda: stage_report(outcomes(PLAN, 9, 1), ["sales"], [7] * 3), "outcomes lacks the column 'sales'"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_parts_of_another_kind_are_refused():
    with pytest.raises(TypeError, match="guardrails must be Guardrail objects, and a goal a Goal; got 'margin'"):
        Rollout("x", guardrails=["margin"])
    with pytest.raises(TypeError, match="got 'accepted'"):
        Rollout("x", goal="accepted")
    with pytest.raises(TypeError, match="shares must be a list or a tuple; got 0.5"):
        Rollout("x", 0.5)
    with pytest.raises(TypeError, match="design must be a Design; got int"):
        plan_experiment(pd.DataFrame({"segment": ["a"]}), 5, 0.1)
