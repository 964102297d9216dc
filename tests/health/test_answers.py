"""Claims on answers: by hand, against plain loops, and how often they are false when looked at every day."""

from __future__ import annotations

from math import exp, log, prod

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from nbo.errors import InputError
from nbo.health.answered import Answered, Cells, read_feedback
from nbo.health.calibration import calibration_findings, shift_evidence
from nbo.health.response_rates import change_evidence, response_findings
from nbo.health.start_weights import since_some_day

START = pd.Timestamp("2026-01-01")
LATER = START + pd.Timedelta("900D")
WEEK = pd.Timedelta("7D")


def feedback(days, n, rate, seed=0, propensity=None, offers=("card", "loan")):
    """Simulate n answers a day; rate is that of a day."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), n)
    rates = np.array([rate(d) for d in range(days)])[day]
    return pd.DataFrame(
        {
            "decision_id": np.arange(len(day)),
            "decided_at": START + pd.to_timedelta(day, unit="D") + pd.Timedelta("9h"),
            "offer_id": rng.choice(list(offers), len(day)),
            "segment": rng.choice(["new", "old"], len(day)),
            "propensity": 0.1 if propensity is None else propensity,
            "reward": (rng.random(len(day)) < rates).astype(float),
        }
    )


def answered(frame, trained=None, as_of=LATER):
    return Answered.of(read_feedback(frame, as_of), as_of, WEEK, trained)


def test_only_decisions_whose_window_is_over_count():
    frame = feedback(10, 3, lambda _: 0.5)
    found = answered(frame, as_of=START + pd.Timedelta("10D"))
    # Those of the days 0 to 2, at nine o'clock, are a week old by the end of day 9.
    assert found.day.tolist() == [0] * 3 + [1] * 3 + [2] * 3


def test_decisions_for_no_offer_and_those_that_wait_do_not_count():
    frame = feedback(1, 3, lambda _: 0.5)
    frame["offer_id"] = ["no_offer", "card", "card"]
    frame["reward"] = [0.0, np.nan, 1.0]
    assert answered(frame).accepted.tolist() == [1.0]


def test_groups_are_all_offers_segments_and_both():
    frame = feedback(1, 4, lambda _: 0.5).assign(
        offer_id=["card", "card", "loan", "card"], segment=["new", "old", None, "new"]
    )
    names = [cells.names for cells in answered(frame).groups()]
    assert names[0] == ["all"]
    assert names[1] == ["offer card", "offer loan"]
    assert names[2] == ["segment new", "segment old", "segment not known"]
    assert names[3] == ["offer card, segment new", "offer card, segment old", "offer loan, segment not known"]


def test_segments_of_several_schemes_are_not_mixed():
    frame = feedback(1, 4, lambda _: 0.5).assign(segment_scheme=["a", "a", "b", "b"])
    assert [cells.names[0] for cells in answered(frame).groups()] == ["all", "offer card"]


def test_a_reward_that_is_money_is_refused():
    with pytest.raises(InputError, match="feedback.reward must be 0, 1 or missing"):
        answered(feedback(1, 2, lambda _: 0.5).assign(reward=[0.0, 40.0]))


def test_the_evidence_of_a_shift_is_a_plain_product():
    rng = np.random.default_rng(2)
    p, day = rng.uniform(0.05, 0.4, 30), np.repeat([0, 1, 2], 10)
    y = (rng.random(30) < p).astype(float)
    got = shift_evidence(y, p, Cells(["all"], np.zeros(30, dtype=int)), day, 3)
    odds = [1 / 2, 1 / 1.5, 1 / 1.25, 1.25, 1.5, 2]
    for start in range(3):
        ratios = [prod(o**b / (1 - a + a * o) for a, b, d in zip(p, y, day, strict=True) if d >= start) for o in odds]
        assert got[0, start] == pytest.approx(log(sum(ratios) / 6))


def test_the_expectation_of_the_evidence_of_a_shift_is_one():
    # Two answers, all four outcomes with their probabilities.
    p = np.array([0.2, 0.7])
    total = 0.0
    for y in ([0, 0], [0, 1], [1, 0], [1, 1]):
        chance = prod(a if b else 1 - a for a, b in zip(p, y, strict=True))
        one = shift_evidence(np.array(y, float), p, Cells(["all"], np.zeros(2, int)), np.zeros(2, int), 1)
        total += chance * exp(one[0, 0])
    assert total == pytest.approx(1.0)


def test_the_evidence_of_a_change_is_a_ratio_of_two_integrals():
    # 30 of 200 before, 2 of 60 since.
    accepted, n = np.array([[30.0, 2.0]]), np.array([[200.0, 60.0]])
    rate = 30.5 / 201
    strength = 4 * (1 - rate) / rate

    def mean_likelihood(a, b):
        return integrate.quad(lambda r: r**2 * (1 - r) ** 58 * stats.beta.pdf(r, a, b), 0, 1)[0]

    new = mean_likelihood(strength * rate, strength * (1 - rate))
    old = mean_likelihood(30.5, 170.5)
    assert change_evidence(accepted, n)[0, 1] == pytest.approx(log(new / old))
    assert change_evidence(accepted, n)[0, 0] == 0.0  # no past


def test_start_days_share_one_stake():
    # No evidence anywhere leaves what was staked, and never more.
    total, start = since_some_day(np.zeros((1, 400)), 10)
    assert total[0] == pytest.approx(0.0, abs=1e-12)
    assert start[0] == 10
    total, start = since_some_day(np.where(np.arange(400) == 50, 30.0, 0.0)[np.newaxis], 10)
    assert start[0] == 50
    later = 40 + np.e
    assert total[0] == pytest.approx(30 - log(1.216 * later * log(later) ** 2), abs=0.01)


def test_an_offer_that_is_accepted_half_as_often_is_found_and_dated():
    frame = feedback(120, 400, lambda day: 0.1)
    rng = np.random.default_rng(9)
    gone = (
        (frame["offer_id"] == "card")
        & (frame["decided_at"] >= START + pd.Timedelta("90D"))
        & (rng.random(len(frame)) < 0.5)
    )
    frame.loc[gone, "reward"] = 0.0
    findings, rates = response_findings(answered(frame, START + pd.Timedelta("60D")))
    best = max(findings, key=lambda finding: finding.log_e)
    assert best.subject == "offer card"
    assert best.log_e > 20
    since = rates.set_index("subject").loc["offer card", "since"]
    assert abs((since - START).days - 90) <= 3
    assert max(f.log_e for f in findings if f.subject == "offer loan") < 2


def test_predictions_a_third_too_high_are_found():
    findings, groups = calibration_findings(answered(feedback(40, 400, lambda _: 0.2 / 3)))
    every = next(finding for finding in findings if finding.subject == "all")
    assert every.log_e > 50
    assert every.value == pytest.approx(1 / 3, abs=0.05)
    row = groups.set_index("subject").loc["all"]
    assert row["low"] < 0.2 / 3 < row["high"] < row["probability"]


def test_calibration_reads_only_what_came_after_training():
    frame = feedback(40, 100, lambda day: 0.9 if day < 20 else 0.1)
    findings, groups = calibration_findings(answered(frame, START + pd.Timedelta("20D")))
    assert groups.set_index("subject").loc["all", "n"] == 20 * 100
    assert max(finding.log_e for finding in findings) < 3


@pytest.mark.parametrize("rate", [0.03, 0.1, 0.4])
def test_looking_every_day_at_a_rate_that_stays_rarely_shows_much(rate):
    """Ville: evidence of 20 or more at any of 60 looks in 1 of 20 streams at most, here of 400 simulated ones."""
    rng = np.random.default_rng(11)
    n = np.full((400, 100), 40.0)
    accepted = rng.binomial(40, rate, n.shape).astype(float)
    largest = np.full(400, -np.inf)
    for day in range(41, 101):
        largest = np.maximum(largest, since_some_day(change_evidence(accepted[:, :day], n[:, :day]), 40)[0])
    rings = (largest >= log(20)).mean()
    assert rings <= 1 / 20 + 4 * np.sqrt(1 / 20 * 19 / 20 / 400)


def test_looking_every_day_at_right_predictions_rarely_shows_much():
    rng = np.random.default_rng(12)
    streams, days, n = 300, 60, 30
    p = rng.uniform(0.02, 0.3, streams * days * n)
    y = (rng.random(len(p)) < p).astype(float)
    cells = Cells([str(number) for number in range(streams)], np.repeat(np.arange(streams), days * n))
    day = np.tile(np.repeat(np.arange(days), n), streams)
    largest = np.full(streams, -np.inf)
    for last in range(1, days + 1):
        seen = day < last
        part = Cells(cells.names, cells.codes[seen])
        largest = np.maximum(largest, since_some_day(shift_evidence(y[seen], p[seen], part, day[seen], last), 0)[0])
    assert (largest >= log(20)).mean() <= 1 / 20 + 4 * np.sqrt(1 / 20 * 19 / 20 / streams)


def test_no_answers_and_one_answer():
    frame = feedback(1, 1, lambda _: 1.0)
    for part in (frame.iloc[:0], frame):
        for check in (calibration_findings, response_findings):
            findings, _ = check(answered(part))
            assert all(finding.log_e < 1 for finding in findings)
