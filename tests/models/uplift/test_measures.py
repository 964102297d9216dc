"""The measures of uplift, by hand and against slow plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models.uplift import (
    auuc,
    compare_uplift,
    policy_value,
    qini,
    qini_curve,
    uplift_at,
    uplift_by_decile,
    uplift_by_group,
    uplift_groups,
)
from nbo.models.uplift.scores import arm_scores, effect_scores


def weighted_mean(rows, arm):
    total = sum(weight for _, treated, weight in rows if treated == arm)
    return sum(y * weight for y, treated, weight in rows if treated == arm) / total if total else None


def qini_loop(y, treatment, uplift, inverse, weight):
    """Area by trapezoids over the different scores, from the definition."""
    points = [(0.0, 0.0)]
    for cut in sorted(set(uplift), reverse=True):
        inside = [i for i in range(len(y)) if uplift[i] >= cut]
        rows = [(y[i], treatment[i], inverse[i]) for i in inside]
        means = weighted_mean(rows, 1), weighted_mean(rows, 0)
        share = sum(weight[i] for i in inside) / sum(weight)
        points.append((share, 0.0 if None in means else share * (means[0] - means[1])))
    area = sum((s - r) * (g + h) / 2 for (r, g), (s, h) in zip(points[:-1], points[1:], strict=True))
    return area - points[-1][1] / 2


def random_rows(seed, n=150):
    rng = np.random.default_rng(seed)
    uplift = rng.normal(size=n).round(1)  # with ties
    probability = rng.uniform(0.2, 0.8, n)
    treatment = (rng.random(n) < probability).astype(int)
    y = rng.normal(size=n) + treatment * uplift
    return y, treatment, uplift, probability, rng.uniform(0.1, 2.0, n)


@pytest.mark.parametrize("seed", range(5))
def test_qini_agrees_with_a_plain_loop(seed):
    y, treatment, uplift, probability, weight = random_rows(seed)
    ones = np.ones(len(y))
    assert qini(y, treatment, uplift) == pytest.approx(qini_loop(y, treatment, uplift, ones, ones), abs=1e-12)
    inverse = weight / np.where(treatment == 1, probability, 1 - probability)
    slow = qini_loop(y, treatment, uplift, inverse, weight)
    assert qini(y, treatment, uplift, probability, weight) == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.77, 1.0])
def test_uplift_at_agrees_with_a_plain_loop(share):
    y, treatment, uplift, probability, weight = random_rows(9)
    rows, room = [], share * sum(weight)
    for cut in sorted(set(uplift), reverse=True):
        same = [i for i in range(len(y)) if uplift[i] == cut]
        part = min(1.0, max(0.0, room / sum(weight[i] for i in same)))
        room -= sum(weight[i] for i in same)
        chances = {i: probability[i] if treatment[i] else 1 - probability[i] for i in same}
        rows += [(y[i], treatment[i], part * weight[i] / chances[i]) for i in same]
    expected = weighted_mean(rows, 1) - weighted_mean(rows, 0)
    assert uplift_at(y, treatment, uplift, share, probability, weight) == pytest.approx(expected, abs=1e-12)


def test_qini_by_hand():
    # Gains after each customer: 1/4 x no control yet = 0, 2/4 x (1 - 0), 3/4 x (1 - 0), 4/4 x (1 - 1/2).
    y, treatment, uplift = [1, 0, 1, 1], [1, 0, 1, 0], [0.4, 0.3, 0.2, 0.1]
    area = 1 / 4 * (0 / 2 + (0 + 1 / 2) / 2 + (1 / 2 + 3 / 4) / 2 + (3 / 4 + 1 / 2) / 2)
    assert auuc(y, treatment, uplift) == pytest.approx(area)
    assert qini(y, treatment, uplift) == pytest.approx(area - 1 / 2 * 1 / 2)
    curve = qini_curve(y, treatment, uplift)
    assert curve["gain"].tolist() == [0, 0, 1 / 2, 3 / 4, 1 / 2]
    assert curve["random"].tolist() == [0, 1 / 8, 1 / 4, 3 / 8, 1 / 2]
    # The first two customers: 1 - 0.
    assert uplift_at(y, treatment, uplift, 0.5) == 1.0
    assert np.isnan(uplift_at(y, treatment, uplift, 0.25))


def test_random_scores_have_no_qini():
    rng = np.random.default_rng(0)
    n, figures = 2000, []
    for _ in range(200):
        treatment = rng.integers(0, 2, n)
        y = (rng.random(n) < 0.3 + 0.1 * treatment).astype(float)
        figures.append(qini(y, treatment, rng.random(n)))
    figures = np.array(figures)
    assert abs(figures.mean()) <= 4 * figures.std(ddof=1) / np.sqrt(len(figures))


def test_a_constant_score_has_no_qini_and_labels_may_be_texts():
    y, treatment = [1, 0, 1, 0], ["mail", "no_offer", "no_offer", "mail"]
    assert qini(y, treatment, [7.0] * 4) == 0
    assert qini(y, treatment, [4, 3, 2, 1]) == qini(y, [1, 0, 0, 1], [4, 3, 2, 1])
    assert qini(y, ["a", "b", "b", "a"], [4, 3, 2, 1], control="b") == qini(y, [1, 0, 0, 1], [4, 3, 2, 1])


def test_scores_agree_with_a_plain_loop():
    rng = np.random.default_rng(0)
    n, arms = 40, 3
    y, arm = rng.normal(size=n), rng.integers(0, arms, n)
    probability, outcomes = rng.dirichlet(np.ones(arms), n), rng.normal(size=(n, arms))
    scores = arm_scores(y, arm, probability, outcomes)
    for i in range(n):
        for a in range(arms):
            own = (y[i] - outcomes[i, a]) / probability[i, a] if arm[i] == a else 0.0
            assert scores[i, a] == pytest.approx(outcomes[i, a] + own, abs=1e-12)
    effects = effect_scores(y, arm, probability, outcomes)
    np.testing.assert_allclose(effects, scores[:, 1:] - scores[:, [0]])


def test_policy_value_agrees_with_a_plain_loop():
    y, treatment, uplift, probability, weight = random_rows(3)
    n, cost, value = len(y), 0.3, 2.0
    outcomes = np.random.default_rng(1).normal(size=(n, 2))
    scores = []
    for i in range(n):
        treat = value * uplift[i] - cost > 0
        expected = outcomes[i, int(treat)]
        if treatment[i] == treat:
            expected += (y[i] - expected) / (probability[i] if treat else 1 - probability[i])
        scores.append(value * expected - cost * treat)
    mean = sum(w * s for w, s in zip(weight, scores, strict=True)) / weight.sum()
    table = policy_value(y, treatment, uplift, cost, value, probability, weight, outcomes).set_index("policy")
    assert table.loc["policy", "value"] == pytest.approx(mean, abs=1e-12)
    decided = policy_value(y, treatment, value * uplift > cost, cost, value, probability, weight, outcomes)
    pd.testing.assert_frame_equal(decided.set_index("policy"), table)
    squares = sum((w * (s - mean)) ** 2 for w, s in zip(weight, scores, strict=True))
    error = (squares * n / (n - 1)) ** 0.5 / weight.sum()
    assert table.loc["policy", "standard_error"] == pytest.approx(error, rel=1e-9)
    assert table.loc["nobody", "gain"] == pytest.approx(mean - table.loc["nobody", "value"])


def test_policy_value_covers_the_truth():
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(200):
        x = rng.random(400)
        treatment = (rng.random(400) < 0.3).astype(int)
        y = 1 + (x - 0.4) * treatment + rng.normal(0, 0.5, 400)
        table = policy_value(y, treatment, x > 0.5, cost=0.1, treatment_probability=0.3, level=0.9).set_index("policy")
        # Above a half the effect is 0.35 on average, less the cost of 0.1, for half of the customers.
        covered.append(table.loc["nobody", "gain_low"] <= 0.5 * (0.35 - 0.1) <= table.loc["nobody", "gain_high"])
    error = np.sqrt(0.9 * 0.1 / len(covered))
    assert abs(np.mean(covered) - 0.9) <= 4 * error


def test_policy_value_of_several_treatments():
    y = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    treatment = ["no_offer", "a", "b"] * 2
    uplift = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, -2.0]] * 2)
    table = policy_value(y, treatment, uplift, cost=[0.5, 0.25])
    assert table["policy"].tolist() == ["policy", "nobody", "everyone: a", "everyone: b"]
    # Means of the arms: (1 + 4)/2, (2 + 5)/2, (3 + 6)/2.
    assert table["value"].tolist()[1:] == pytest.approx([2.5, 3.5 - 0.5, 4.5 - 0.25])
    assert table["treated"].tolist() == pytest.approx([4 / 6, 0, 1, 1])
    labels = np.array(["b", "a", "no_offer"] * 2)
    pd.testing.assert_frame_equal(policy_value(y, treatment, labels, cost=[0.5, 0.25]), table)


def test_effects_of_groups_by_hand():
    y = np.array([1.0, 3.0, 2.0, 0.0, 1.0, 5.0])
    treatment = np.array([1, 1, 0, 0, 1, 1])
    table = uplift_by_group(y, treatment, ["a", "a", "a", "a", "b", "b"]).set_index("group")
    assert table.loc["a", ["n", "treated", "outcome_control", "outcome_treated", "effect"]].tolist() == [4, 2, 1, 2, 1]
    # Residuals -1, 1, 1, -1, each over the share of its arm, 1/2; with 4 / 3 for the mean.
    assert table.loc["a", "standard_error"] == pytest.approx(np.sqrt(4 * 2**2 * 4 / 3) / 4)
    assert np.isnan(table.loc["b", "effect"])


def test_intervals_of_groups_cover_the_effect():
    rng = np.random.default_rng(2)
    plain, robust = [], []
    for _ in range(200):
        x, probability = rng.random(300), rng.uniform(0.3, 0.7, 300)
        treatment = (rng.random(300) < probability).astype(int)
        y = 3 * x + treatment * 0.5 + rng.normal(size=300)
        for outcomes, kept in ((None, plain), (np.column_stack([3 * x, 3 * x + 0.5]), robust)):
            row = uplift_by_group(y, treatment, np.zeros(300), probability, outcomes=outcomes, level=0.9).iloc[0]
            kept.append((row["low"] <= 0.5 <= row["high"], row["high"] - row["low"]))
    for kept in (plain, robust):
        assert abs(np.mean([hit for hit, _ in kept]) - 0.9) <= 4 * np.sqrt(0.09 / 200)
    assert np.mean([width for _, width in robust]) < np.mean([width for _, width in plain])


def test_deciles_go_from_the_highest_uplift_down():
    rng = np.random.default_rng(1)
    uplift, treatment = rng.random(4000), rng.integers(0, 2, 4000)
    y = rng.normal(0, 0.2, 4000) + uplift * treatment
    table = uplift_by_decile(y, treatment, uplift)
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["n"].tolist() == [400] * 10
    assert (np.diff(table["predicted"]) < 0).all()
    assert (np.abs(table["effect"] - table["predicted"]) <= 4 * table["standard_error"]).all()
    assert len(uplift_by_decile(y, treatment, np.zeros(4000))) == 1


def test_the_four_groups_follow_their_rule():
    uplift = np.array([0.2, 0.01, 0.01, -0.2, 0.05, -0.05])
    baseline = np.array([0.1, 0.9, 0.1, 0.9, 0.5, 0.4])
    table = uplift_groups([1, 0, 1, 0, 1, 0], [1, 0] * 3, uplift, baseline, margin=0.05, likely=0.5).set_index("group")
    assert table["n"].to_dict() == {"persuadable": 1, "sure thing": 2, "lost cause": 2, "sleeping dog": 1}
    assert table.loc["sure thing", "rule"] == "-0.05 <= uplift <= 0.05, baseline >= 0.5"
    assert table["share"].sum() == pytest.approx(1)


def test_planted_groups_are_measured(trial):
    baseline = 0.1 + 0.4 * (trial.X["spent"].to_numpy() / 4).clip(0, 1)
    table = uplift_groups(trial.y, trial.treatment, trial.effect, baseline, margin=0.049).set_index("group")
    for name, wanted in (("persuadable", trial.effect > 0.049), ("sleeping dog", trial.effect < -0.049)):
        row = table.loc[name]
        assert abs(row["effect"] - trial.effect[wanted].mean()) <= 4 * row["standard_error"]
        assert row["outcome_control"] == pytest.approx(baseline[wanted].mean(), abs=0.03)


def test_comparing_with_a_response_model(trial):
    rng = np.random.default_rng(0)
    scores = {"truth": trial.effect, "response": trial.X["spent"], "chance": rng.random(len(trial.y))}
    table = compare_uplift(trial.y, trial.treatment, scores, response="response", draws=100).set_index("model")
    assert table.index[0] == "truth"
    assert table.loc["truth", "qini"] == qini(trial.y, trial.treatment, trial.effect)
    assert table.loc["truth", "low"] > 0
    assert table.loc["truth", "over_response_low"] > 0
    assert abs(table.loc["chance", "qini"]) <= 4 * table.loc["chance", "standard_error"]
    assert table.loc["response", "over_response"] == table.loc["response", "over_response_error"] == 0
    again = compare_uplift(trial.y, trial.treatment, scores, response="response", draws=100).set_index("model")
    pd.testing.assert_frame_equal(again, table)
    assert "over_response" not in compare_uplift(trial.y, trial.treatment, scores, draws=2)


def test_the_bootstrap_error_is_that_of_new_samples():
    rng = np.random.default_rng(3)

    def sample():
        x, treatment = rng.random(1500), rng.integers(0, 2, 1500)
        return (rng.random(1500) < 0.2 + 0.3 * x * treatment).astype(float), treatment, x

    spread = np.std([qini(*sample()) for _ in range(300)], ddof=1)
    y, treatment, x = sample()
    error = compare_uplift(y, treatment, {"x": x}, draws=300)["standard_error"].iloc[0]
    # A standard deviation of 300 draws is known to 1 / sqrt(600), here of two.
    assert error == pytest.approx(spread, rel=4 * np.sqrt(2 / 600))


Y, T, U = [1, 0, 1, 0], [1, 0, 0, 1], [0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qini(Y, T, U[:3]), "uplift must have 4 rows, as y; got 3"),
        (lambda: qini(Y[:3], T, U), "X and y must have as many rows; got 4 and 3"),
        (lambda: qini([], [], []), "y must have at least one row; got none"),
        (lambda: qini(Y, [1] * 4, U), "nothing says which label of treatment is the control"),
        (lambda: qini(Y, None, U), "treatment is needed"),
        (lambda: qini(Y, [0, 1, 2, 1], U), "treatment must have two labels here; it has 3"),
        (lambda: qini(Y, T, [np.nan] * 4), "uplift must be finite; 4 of 4 rows are not"),
        (lambda: qini(Y, T, U, treatment_probability=1.0), "of the arm that the row was in must be above 0; 2 of 4"),
        (lambda: uplift_at(Y, T, U, 0), r"share must be in \(0, 1\]; got 0"),
        (lambda: uplift_by_group(Y, T, ["a"]), "group must have 4 rows, as y; got 1"),
        (lambda: uplift_by_decile(Y, T, U, level=95), r"level must be in \(0, 1\)"),
        (lambda: uplift_by_decile(Y, T, U, outcomes=np.zeros((4, 3))), r"outcomes must have the shape \(4, 2\)"),
        (lambda: uplift_by_decile(Y, T, U, bins=0), "bins must be a whole number, at least 1"),
        (lambda: uplift_groups(Y, T, U, U, margin=-1), "margin must be 0 or more"),
        (lambda: policy_value(Y, T, [0.1] * 3), r"decision must have the shape \(4, 1\)"),
        (lambda: policy_value(Y, T, [0, 1, 2, 0]), "treatment must be one of 0, 1; 1 of 4 rows is not"),
        (lambda: policy_value(Y, T, [np.nan] * 4), "decision must be finite where it is an uplift"),
        (lambda: policy_value(Y, T, U, cost=[1, 2]), "cost must be a number, or one for each of the 1 treatments"),
        (lambda: compare_uplift(Y, T, {}), "scores must hold at least one ranking"),
        (lambda: compare_uplift(Y, T, {"a": U}, response="b"), "response must be one of 'a'; got 'b'"),
        (lambda: compare_uplift(Y, T, {"a": U}, draws=1), "draws must be a whole number, at least 2"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
