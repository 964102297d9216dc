"""The report by segment: equal to a plain loop, with intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.reports import segment_report
from nbo.wilson import wilson_interval


def made_up_feedback(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "segment": rng.choice(["a", "b", "c"], n),
            "channel": rng.choice(["mail", "app"], n),
            "offer_id": rng.choice(["card", "loan", "no_offer"], n),
            "reward": rng.integers(0, 2, n).astype(float),
            "value": rng.choice([10.0, 40.0], n),
            "cost": rng.choice([0.0, 1.0], n),
        }
    )


def test_the_report_equals_a_plain_loop():
    feedback = made_up_feedback(300)
    report = segment_report(feedback).set_index(["segment", "offer_id"])
    assert len(report) == 3 * 3 + 3
    for segment, offer_id in report.index:
        n, accepted, money = 0, 0, 0.0
        for row in feedback.to_dict("records"):
            if row["offer_id"] == offer_id and segment in (row["segment"], "all"):
                n, accepted = n + 1, accepted + int(row["reward"])
                money += row["reward"] * row["value"] - row["cost"]
        found = report.loc[(segment, offer_id)]
        assert (found["n"], found["accepted"]) == (n, accepted)
        assert found["rate"] == pytest.approx(accepted / n)
        assert found["value_per_decision"] == pytest.approx(money / n)


def test_the_totals_are_the_sums_of_the_segments():
    report = segment_report(made_up_feedback(200))
    parts, totals = report[report["segment"] != "all"], report[report["segment"] == "all"]
    sums = parts.groupby("offer_id")[["n", "accepted"]].sum()
    pd.testing.assert_frame_equal(sums, totals.set_index("offer_id")[["n", "accepted"]])
    assert totals["n"].sum() == 200


def test_two_columns_can_be_reported_by():
    feedback = made_up_feedback(200)
    report = segment_report(feedback, by=["segment", "channel"])
    expected = feedback.groupby(["segment", "channel", "offer_id"]).size()
    found = report[report["segment"] != "all"].set_index(["segment", "channel", "offer_id"])["n"]
    pd.testing.assert_series_equal(found.sort_index(), expected, check_names=False)


def test_intervals_are_wilson():
    report = segment_report(made_up_feedback(120), level=0.9)
    for row in report.to_dict("records"):
        published = stats.binomtest(row["accepted"], row["n"]).proportion_ci(0.9, method="wilson")
        assert (row["low"], row["high"]) == (pytest.approx(published.low), pytest.approx(published.high))


def test_intervals_hold_the_rate_as_often_as_they_say():
    rng = np.random.default_rng(1)
    low, high = wilson_interval(rng.binomial(60, 0.1, 20_000), np.full(20_000, 60))
    held = np.mean((low <= 0.1) & (high >= 0.1))
    # Counts are whole numbers, so the coverage is 0.95 only on average over rates.
    assert held == pytest.approx(0.95, abs=0.02)


def made_up_rewards(rng: np.random.Generator, rate_of_last: float, n_each: int = 300) -> pd.DataFrame:
    segment = np.repeat([f"s{i}" for i in range(8)], n_each)
    reward = rng.random(len(segment)) < np.where(segment == "s7", rate_of_last, 0.1)
    return pd.DataFrame({"segment": segment, "offer_id": "card", "reward": reward.astype(float)})


def test_a_planted_difference_is_found():
    report = segment_report(made_up_rewards(np.random.default_rng(2), 0.25)).set_index("segment")
    assert report["p_adjusted"].idxmin() == "s7"
    assert report.loc["s7", "p_adjusted"] < 1e-6
    assert np.isnan(report.loc["all", "p_adjusted"])


def test_without_differences_few_reports_raise_an_alarm():
    rng, n_reports = np.random.default_rng(3), 60
    alarms = [segment_report(made_up_rewards(rng, 0.1, 60))["p_adjusted"].min() < 0.05 for _ in range(n_reports)]
    assert np.mean(alarms) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_reports)


def repeated_answers(rng: np.random.Generator, n_customers: int = 900) -> pd.DataFrame:
    """Let nobody differ by segment, but customers by themselves: some accept much, and all answer several times."""
    segment, taste = rng.integers(0, 6, n_customers), rng.beta(0.3, 1.7, n_customers)
    customer = np.repeat(np.arange(n_customers), rng.poisson(4, n_customers) + 1)
    return pd.DataFrame(
        {
            "customer_id": customer,
            "segment": segment[customer].astype(str),
            "offer_id": rng.choice(["card", "loan"], len(customer)),
            "reward": (rng.random(len(customer)) < taste[customer]).astype(float),
        }
    )


def test_flags_of_a_test_of_nothing_are_no_more_often_wrong_than_stated():
    rng, n_reports = np.random.default_rng(4), 80
    flagged, naive, covered = [], [], []
    for _ in range(n_reports):
        feedback = repeated_answers(rng)
        report = segment_report(feedback)
        own = report[report["segment"] != "all"]
        flagged.append(own["flag"].isin(["above", "below"]).any())
        covered.append(((own["low"] <= 0.15) & (own["high"] >= 0.15)).mean())
        naive.append((segment_report(feedback.drop(columns="customer_id"))["p_adjusted"] < 0.05).any())
    allowed = 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_reports)
    assert np.mean(flagged) <= allowed
    # As if each answer were of another customer, it is more often wrong than stated.
    assert np.mean(naive) > allowed
    # The stated intervals hold the rate about as often as they say, though customers answer again and again.
    assert np.mean(covered) == pytest.approx(0.95, abs=4 * np.std(covered) / np.sqrt(n_reports) + 0.01)


def test_the_design_effect_is_the_one_of_rao_and_scott():
    # 40 customers: 10 accept all 3 times, 30 never. Rate 1/4.
    reward = np.repeat([1.0] * 10 + [0.0] * 30, 3)
    feedback = pd.DataFrame({"customer_id": np.repeat(np.arange(40), 3), "segment": "a", "offer_id": "card"})
    found = segment_report(feedback.assign(reward=reward)).iloc[0]
    effect = (10 * (3 - 3 / 4) ** 2 + 30 * (3 / 4) ** 2) / (120 * 1 / 4 * 3 / 4)
    assert effect == 3.0
    low, high = wilson_interval(np.array([30 / effect]), np.array([120 / effect]))
    assert (found["low"], found["high"]) == (low[0], high[0])
    # 120 answers weigh as much as 40.
    assert segment_report(feedback.assign(reward=reward), least=40).iloc[0]["enough"]
    assert not segment_report(feedback.assign(reward=reward), least=41).iloc[0]["enough"]


def test_the_least_evidence_is_as_stated():
    n = {"a": 50, "b": 49, "c": 400}
    segment = np.repeat(list(n), list(n.values()))
    reward = np.zeros(len(segment))
    # One in ten: at 50 decisions five acceptances are expected, at 49 fewer.
    reward[: len(segment) // 10 + 1] = 1.0
    rows = pd.DataFrame({"segment": segment, "offer_id": "card", "reward": reward})
    report = segment_report(rows).set_index("segment")
    assert report["enough"].to_dict() == {"a": True, "b": False, "c": True, "all": True}
    assert report["flag"].to_dict() == {"a": "above", "b": "too few", "c": "below", "all": ""}
    assert report.loc["a", "rate_elsewhere"] == 0.0
    assert not segment_report(rows, least=51).set_index("segment").loc["a", "enough"]


def test_planted_differences_are_flagged_in_words():
    report = segment_report(made_up_rewards(np.random.default_rng(5), 0.25)).set_index("segment")
    assert report.loc["s7", "flag"] == "above"
    assert (report.loc[["s0", "s1", "s2"], "flag"] != "above").all()


def test_channels_are_reported_as_offers_are():
    feedback = made_up_feedback(200)
    report = segment_report(feedback, of="channel")
    expected = feedback.groupby(["segment", "channel"])["reward"].agg(["size", "sum"])
    own = report[report["segment"] != "all"].set_index(["segment", "channel"])
    assert own["n"].to_dict() == expected["size"].to_dict()
    assert own["accepted"].to_dict() == expected["sum"].to_dict()


def test_money_is_added_up_to_the_cent():
    rng = np.random.default_rng(6)
    cents = rng.integers(1, 10**7, 3000)
    rows = pd.DataFrame({"segment": rng.choice(list("abc"), 3000), "offer_id": "card", "reward": 1.0})
    report = segment_report(rows.assign(value=cents / 100)).set_index("segment")
    for segment in "abc":
        assert round(report.loc[segment, "value"] * 100) == cents[rows["segment"] == segment].sum()
    assert round(report.loc["all", "value"] * 100) == cents.sum()
    shuffled = segment_report(rows.assign(value=cents / 100).sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled.set_index("segment"), report)


def test_with_one_segment_nothing_can_be_compared():
    report = segment_report(pd.DataFrame({"segment": ["a"], "offer_id": ["card"], "reward": [1.0]}))
    assert report["p_adjusted"].isna().all()
    assert "value_per_decision" not in report


def test_no_accepts_and_no_rows_are_reported():
    report = segment_report(made_up_feedback(50).assign(reward=0.0))
    assert (report["accepted"] == 0).all()
    assert (report["low"] == 0).all()
    assert (report["high"] > 0).all()
    empty = segment_report(made_up_feedback(0))
    assert len(empty) == 0
    assert list(empty.columns) == list(report.columns)


def test_a_missing_segment_is_counted_as_not_known():
    rows = pd.DataFrame({"segment": ["a", None], "offer_id": "card", "reward": [1.0, 0.0]})
    assert segment_report(rows)["segment"].tolist() == ["a", "not known", "all"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reward": 0.5}, "feedback.reward must be 0 or 1; 4 of 4 rows are not"),
        ({"segment": "all"}, "feedback.segment must be another word than 'all'"),
        ({"value": None, "reward": 1.0}, "feedback.value must be there where an offer was accepted"),
    ],
)
def test_bad_feedback_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        segment_report(made_up_feedback(4).assign(**change))


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="feedback lacks the column 'tier'"):
        segment_report(made_up_feedback(4), by="tier")
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        segment_report(made_up_feedback(4), level=95)
    with pytest.raises(InputError, match="by must name one or more columns other than 'offer_id'"):
        segment_report(made_up_feedback(4), by="offer_id")
