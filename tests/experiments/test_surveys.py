"""Survey sizes agree with textbooks; intervals hold as often as they state; who is invited is settled by keys."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nbo.errors import ConvergenceError, InputError
from nbo.experiments import (
    allocate_survey,
    draw_survey,
    effective_sample_size,
    survey_estimate,
    survey_plan,
    survey_weights,
)

ONE = pd.DataFrame({"segment": ["all"], "size": [10**9]})
TWO = pd.DataFrame({"segment": ["a", "b"], "size": [4000, 1000], "rate": [0.2, 0.6], "response_rate": [0.5, 0.25]})


@pytest.mark.parametrize(
    ("size", "margin", "level", "n"),
    [
        # Krejcie and Morgan (1970), table 1, and n0 = 385 of every textbook on samples for rates.
        (10**9, 0.05, 0.95, 385),
        (1000, 0.05, 0.95, 278),
        (500, 0.05, 0.95, 218),
        (100, 0.05, 0.95, 80),
        # z = 2.576: 664 for a margin of 5 % at 99 %.
        (10**9, 0.05, 0.99, 664),
        (10**9, 0.03, 0.95, 1068),
    ],
)
def test_sizes_are_the_textbooks(size, margin, level, n):
    assert survey_plan(ONE.assign(size=size), margin, level).frame["n"].tolist() == [n]


def test_means_and_rates_have_one_formula():
    n0, population = (1.959964 * 30 / 5) ** 2, 300  # Cochran (1977), section 4.6
    plan = survey_plan(ONE.assign(size=population), 5.0, sd=30.0)
    assert plan.frame["n"][0] == math.ceil(n0 / (1 + n0 / population))


def test_invitations_and_totals_are_arithmetic():
    plan = survey_plan(TWO, cost=2.0)
    frame = plan.frame
    assert frame["invited"].tolist() == [math.ceil(frame["n"][0] / 0.5), 1000]
    assert frame["expected_answers"][1] == 250
    assert frame["enough"].tolist() == [True, False]
    reachable = 1.959964 * math.sqrt(0.6 * 0.4 * 1000 / 999 / 250 * (1 - 250 / 1000))
    assert frame["reachable_margin"][1] == pytest.approx(reachable, rel=1e-6)
    total = plan.total
    assert total["expected_cost"] == 2.0 * (frame["invited"].sum())
    margins = frame["reachable_margin"]
    assert total["reachable_margin"] == pytest.approx(math.hypot(0.8 * margins[0], 0.2 * margins[1]))
    assert "<td>all</td>" in plan._repr_html_()


def test_a_segment_that_is_too_small_is_named():
    with pytest.raises(
        InputError, match=r"first 'b': of 1000 customers 250 will answer, 270 are wanted. Widen its margin to 0.0526"
    ):
        survey_plan(TWO, strict=True)
    none = survey_plan(ONE.assign(size=2, response_rate=0.1)).frame
    assert math.isnan(none["reachable_margin"][0])


def test_neyman_is_the_least_variance_of_all_allocations():
    segments = pd.DataFrame({"segment": list("abc"), "size": [500, 300, 200], "sd": [1.0, 4.0, 2.0]})
    best = allocate_survey(segments, 60)

    def variance(n):
        return sum(
            (size * sd) ** 2 / k * (1 - k / size) for size, sd, k in zip([500, 300, 200], [1, 4, 2], n, strict=True)
        )

    loop = min(((a, b, 60 - a - b) for a in range(2, 57) for b in range(2, 58 - a)), key=variance)
    assert best.frame["n"].sum() == 60
    assert variance(best.frame["n"]) <= variance(loop) * 1.001
    # Cochran (1977), equation 5.26: n_h in proportion to N_h S_h, 500 : 1200 : 400 of 60.
    assert best.frame["n"].tolist() == [14, 34, 12]


def test_allocations_are_exact_and_keep_bounds():
    segments = pd.DataFrame({"segment": list("abc"), "size": [900, 90, 10], "response_rate": [1.0, 1.0, 0.5]})
    assert allocate_survey(segments, 100, by="proportional").frame["n"].tolist() == [89, 9, 2]
    # The small one can give five; the rest is shared by the others.
    assert allocate_survey(segments, 100, by="equal").frame["n"].tolist() == [48, 47, 5]
    assert allocate_survey(segments, 10_000, by="equal").frame["n"].tolist() == [900, 90, 5]
    spent = allocate_survey(segments.assign(cost=[1.0, 2.0, 5.0]), budget=300.0).frame
    assert 290 < (spent["n"] / spent["response_rate"] * [1.0, 2.0, 5.0]).sum() <= 300
    free = allocate_survey(segments.assign(cost=[1.0, 4.0, 1.0], response_rate=1.0), budget=200.0, at_least=0).frame[
        "n"
    ]
    assert free[0] / free[1] == pytest.approx(10 * 2, rel=0.2)  # N / sqrt(c)


def test_the_draw_is_exact_keyed_and_nested():
    customers = pd.DataFrame({"customer_id": range(5000), "segment": ["a"] * 4000 + ["b"] * 1000})
    plan = survey_plan(TWO)
    drawn = draw_survey(customers, plan, "autumn")
    assert drawn["segment"].value_counts().to_dict() == dict(zip("ab", plan.frame["invited"], strict=True))
    assert drawn.groupby("segment")["weight"].sum().tolist() == pytest.approx([4000, 1000])
    shuffled = customers.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(draw_survey(shuffled, plan, "autumn"), drawn)
    more = draw_survey(customers, survey_plan(TWO, margin=0.03), "autumn")
    assert set(drawn["customer_id"]) <= set(more["customer_id"])
    other = draw_survey(customers, plan, "spring").query("segment == 'a'")["customer_id"]
    n = len(other)
    both = len(set(other) & set(drawn["customer_id"]))
    assert both == pytest.approx(n * n / 4000, abs=4 * math.sqrt(n * n / 4000))


def test_every_customer_has_the_same_chance():
    customers = pd.DataFrame({"customer_id": range(40), "segment": "all"})
    plan = allocate_survey(ONE.assign(size=40), 10)
    counts = np.zeros(40)
    for salt in range(400):
        counts[draw_survey(customers, plan, salt)["customer_id"]] += 1
    assert stats.chisquare(counts).pvalue > 1e-4


def test_weights_of_cells_are_customers_over_answers():
    answers = pd.DataFrame({"segment": ["a", "a", "b"], "age": ["o", "y", "o"]})
    sizes = pd.DataFrame({"segment": ["a", "b", "c"], "size": [30, 5, 0]})
    assert survey_weights(answers, sizes).tolist() == [15, 15, 5]
    joint = pd.DataFrame({"age": ["o", "y", "o"], "segment": ["a", "a", "b"], "size": [1, 2, 3]})
    assert survey_weights(answers, joint).tolist() == [1, 2, 3]
    assert survey_weights(answers, sizes, base=[1, 2, 7]).tolist() == [10, 20, 5]


def test_raking_meets_all_margins_like_a_slow_loop():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(0, 4, 300) for name in ("age", "region", "tier")})
    sizes = {name: {k: float(v) for k, v in enumerate(rng.integers(50, 100, 4))} for name in frame}
    found = survey_weights(frame, sizes)
    total = sum(sizes["age"].values())
    weights = [1.0] * 300
    for _ in range(200):
        for name in frame:
            sums = {k: sum(w for w, own in zip(weights, frame[name], strict=True) if own == k) for k in range(4)}
            scale = total / sum(sizes[name].values())
            weights = [w * sizes[name][k] * scale / sums[k] for w, k in zip(weights, frame[name], strict=True)]
    assert found == pytest.approx(weights, rel=1e-7)
    for name in frame:
        share = pd.Series(found).groupby(frame[name]).sum() / total
        assert share.tolist() == pytest.approx([v / sum(sizes[name].values()) for v in sizes[name].values()], rel=1e-7)


def test_kish_by_hand():
    assert effective_sample_size([3, 1]) == 16 / 10
    assert effective_sample_size([2.0] * 7) == 7
    assert effective_sample_size([]) == 0


def with_moments(n, mean, variance):
    """Numbers with exactly this mean and variance."""
    raw = np.arange(n) - (n - 1) / 2
    return mean + raw * math.sqrt(variance / raw.var(ddof=1))


# Lohr (2010), example 3.2: farm acreage of the 1992 Census of Agriculture in four regions.
REGIONS = ["NC", "NE", "S", "W"]
SIZES = dict(zip(REGIONS, [1054, 220, 1382, 422], strict=True))
DRAWN = dict(zip(REGIONS, [103, 21, 135, 41], strict=True))
MEANS = [300_504.16, 97_629.81, 211_315.04, 662_295.51]
VARIANCES = [29_618_183_543, 7_647_472_708, 53_587_487_856, 396_185_950_266]


def test_a_stratified_estimate_is_the_textbooks():
    parts = [with_moments(DRAWN[r], m, v) for r, m, v in zip(REGIONS, MEANS, VARIANCES, strict=True)]
    strata = np.repeat(REGIONS, list(DRAWN.values()))
    weights = np.array([SIZES[r] / DRAWN[r] for r in strata])
    found = survey_estimate(np.concatenate(parts), weights, strata=strata, sizes=SIZES).iloc[0]
    # Lohr: total 909,736,034 with a standard error of 50,417,248, over 3,078 counties.
    assert found["mean"] * 3078 == pytest.approx(909_736_034, rel=1e-5)
    assert found["standard_error"] * 3078 == pytest.approx(50_417_248, rel=1e-5)


def test_one_group_of_many_is_a_ratio():
    answers, weights = np.array([1.0, 4.0, 2.0, 7.0]), np.array([1.0, 2.0, 1.0, 1.0])
    found = survey_estimate(answers, weights, by=["x", "x", "y", "y"]).set_index("group")
    mean = (1 + 8) / 3
    z = np.array([1 * (1 - mean) / 3, 2 * (4 - mean) / 3, 0, 0])
    assert found.loc["x", "mean"] == mean
    assert found.loc["x", "standard_error"] == pytest.approx(math.sqrt(4 / 3 * ((z - z.mean()) ** 2).sum()))
    assert found["n"].tolist() == [2, 2]


def test_a_planned_survey_holds_its_margin():
    # Simulated: 800 customers of whom 30 % say yes, asked again and again.
    size, rng = 800, np.random.default_rng(2)
    plan = survey_plan(ONE.assign(size=size), 0.04, rate=0.3)
    n = int(plan.frame["n"][0])
    yes = rng.hypergeometric(240, size - 240, n, 20_000)
    held = abs(yes / n - 0.3) <= 0.04
    assert held.mean() == pytest.approx(0.95, abs=0.015)


def covered(truth, found):
    return bool(found["low"][0] <= truth <= found["high"][0])


def test_intervals_hold_where_segments_answer_unequally():
    rng = np.random.default_rng(3)
    segment = np.repeat(["a", "b"], [3000, 1000])
    answer = (rng.random(4000) < np.where(segment == "a", 0.2, 0.7)).astype(float)
    sizes = {"a": 3000, "b": 1000}
    cells = pd.DataFrame({"segment": list(sizes), "size": list(sizes.values())})
    held, plain = [], []
    for _ in range(400):
        rows = rng.random(4000) < np.where(segment == "a", 0.05, 0.15)
        own, strata = answer[rows], segment[rows]
        weights = survey_weights(pd.DataFrame({"segment": strata}), cells)
        held.append(covered(answer.mean(), survey_estimate(own, weights, strata=strata, sizes=sizes)))
        plain.append(covered(answer.mean(), survey_estimate(own)))
    assert np.mean(held) == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 400))
    assert np.mean(plain) < 0.5


def test_intervals_of_raked_answers_hold():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"age": rng.integers(0, 2, 6000), "region": rng.integers(0, 3, 6000)})
    answer = 10 + 4 * frame["age"] - 2 * frame["region"] + rng.normal(0, 2, 6000)
    sizes = {name: frame[name].value_counts() for name in frame}
    held = []
    for _ in range(400):
        rows = rng.random(6000) < 0.02 + 0.04 * frame["age"] + 0.01 * frame["region"]
        weights = survey_weights(frame[rows], sizes)
        held.append(covered(answer.mean(), survey_estimate(answer[rows], weights)))
    # What ages and regions explain is taken from the error, which the interval does not know.
    assert np.mean(held) >= 0.95


def test_all_yes_has_an_interval():
    found = survey_estimate([1, 1, 1, 1], weights=[1, 1, 2, 4])
    assert found["high"][0] == 1
    assert 0 < found["low"][0] < 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: survey_plan(ONE, margin=0), "segments.margin must be finite, above 0"),
        (lambda: survey_plan(ONE, level=1), r"level must be in \(0, 1\); got 1"),
        (lambda: survey_plan(ONE.assign(size=2.5)), "segments.size must be whole numbers above 0"),
        (lambda: survey_plan(ONE, response_rate=0), r"segments.response_rate must be in \(0, 1\]"),
        (lambda: survey_plan(pd.concat([ONE, ONE])), "different in each row"),
        (lambda: survey_plan(ONE[["segment"]]), "segments lacks the column 'size'"),
        (lambda: allocate_survey(ONE), "either total or budget must be given"),
        (lambda: allocate_survey(ONE, 5, 5.0), "either total or budget must be given"),
        (lambda: allocate_survey(ONE, budget=5.0), "cost of an invitation must be given"),
        (lambda: allocate_survey(TWO, 3), "the survey is too small: 4 are needed for `at_least`; got 3"),
        (lambda: allocate_survey(ONE, 5, by="size"), "by must be one of"),
        (
            lambda: draw_survey(pd.DataFrame({"customer_id": [1], "segment": ["a"]}), survey_plan(TWO), 1),
            "2 of 2 segments have fewer, first 'a': 1 of",
        ),
        (
            lambda: draw_survey(pd.DataFrame({"customer_id": [1, 1], "segment": "a"}), survey_plan(TWO), 1),
            "customers.customer_id must be different in each row",
        ),
        (lambda: survey_weights(TWO, {"segment": {"a": 1}}), "population of segment lacks 'b'"),
        (
            lambda: survey_weights(TWO, {"segment": {"a": 1, "b": 1, "c": 1}}),
            "nobody answered of 1 of 3 kinds of segment",
        ),
        (lambda: survey_weights(TWO, {"age": {"a": 1}}), "respondents lacks the column 'age'"),
        (lambda: survey_weights(TWO, {}), "population must be a frame of cells, or the margins by column; got a dict"),
        (lambda: survey_weights(TWO, pd.DataFrame({"size": [1]})), "population must have columns beside 'size'"),
        (
            lambda: survey_weights(TWO, {"segment": {"a": -1, "b": 1}}),
            "population of segment must be finite, 0 or more",
        ),
        (lambda: survey_weights(TWO, {"segment": {"a": 1, "b": 1}}, [1]), "base must be one for each of 2 respondents"),
        (lambda: survey_estimate([1]), "answers must be at least two"),
        (lambda: survey_estimate([1, np.nan]), "answers must be finite, none missing"),
        (lambda: survey_estimate([1, 0], [1]), "weights must be one for each of 2 answers; got 1"),
        (lambda: survey_estimate([1, 0], [1, 0]), "weights must be finite, above 0"),
        (lambda: survey_estimate([1, 0, 1], strata=["a", "a", "b"]), "'b' has one. Merge it with another"),
        (
            lambda: survey_estimate([1, 0], strata=["a", "a"], sizes={}),
            "sizes must name each stratum; 'a' is not there",
        ),
        (lambda: survey_estimate([1, 0], strata=["a", "a"], sizes={"a": 1}), "at least the number of answers"),
        (lambda: survey_estimate([1, 0], by=["a"]), "by must be one for each of 2 answers"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_margins_that_contradict_each_other_are_refused():
    frame = pd.DataFrame({"age": ["o", "y"], "region": ["n", "s"]})
    with pytest.raises(ConvergenceError, match="no weights meet all margins"):
        survey_weights(frame, {"age": {"o": 1, "y": 2}, "region": {"n": 2, "s": 1}})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.floats(0.01, 0.99), st.floats(0.05, 1), st.floats(0.1, 9)),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 900),
    st.sampled_from(["neyman", "proportional", "equal"]),
)
def test_every_allocation_is_whole_and_within_its_bounds(rows, total, by):
    frame = pd.DataFrame(rows, columns=["size", "rate", "response_rate", "cost"])
    frame["segment"] = range(len(frame))
    most = np.floor(frame["size"] * frame["response_rate"] * (1 + 1e-12))
    least = np.minimum(2, most)
    if least.sum() > total:
        with pytest.raises(InputError, match="too small"):
            allocate_survey(frame, total, by=by)
        return
    n = allocate_survey(frame, total, by=by).frame["n"]
    assert (n >= least).all()
    assert (n <= most).all()
    assert n.sum() == min(total, most.sum())
    each = frame["cost"] / frame["response_rate"]
    budget = float(least @ each) + total
    spent = allocate_survey(frame, budget=budget, by=by).frame["n"] @ each
    assert spent <= budget * (1 + 1e-8)
