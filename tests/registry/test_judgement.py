"""Simulated promotions with planted truth, judged by the very function that promote calls."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import Uniform
from nbo.registry.bar import Bar
from nbo.registry.judgement import judge
from tests.benchmarks.promotions import (
    RARE,
    RARE_VALUES,
    RATES,
    START,
    Mostly,
    ever_wins,
    log,
    model,
    rare_wins,
    truth,
    wins,
)


def test_planted_values_are_the_arithmetic_of_the_rates():
    assert truth(Mostly("c", "c")) == pytest.approx(0.6 * 0.03 + 0.1 * (0.14 + 0.11) / 2)
    assert truth(Mostly("a", "b")) / truth(Mostly("c", "c")) == pytest.approx(1.33, abs=0.005)
    assert truth(Mostly("e", "c")) == truth(Mostly("a", "c"))


def test_logs_have_the_planted_rates():
    rows = log(Mostly("a", "b"), 40_000, np.random.default_rng(1))
    seen = rows.groupby(["segment", "offer_id"])["reward"].agg(["mean", "count"])
    for (segment, offer), (mean, count) in seen.iterrows():
        rate = RATES[segment]["abcde".index(offer)]
        assert abs(mean - rate) < 4 * math.sqrt(rate * (1 - rate) / count)


def test_a_much_better_challenger_is_promoted_and_a_much_worse_one_never():
    good, bad = Mostly("a", "b", 0.9), Mostly("d", "d", 0.3)
    assert wins(good, bad, 8000, 20) >= 16
    assert wins(bad, good, 8000, 20) == 0


@pytest.mark.slow
def test_of_200_promotions_no_bad_challenger_goes_through_and_four_of_five_better_ones_do():
    plain, fitting = Mostly("c", "c"), Mostly("a", "b")
    assert wins(fitting, plain, 30_000, 200) >= 160
    assert wins(plain, fitting, 30_000, 200) == 0


@pytest.mark.slow
def test_however_often_one_looks_an_equal_challenger_is_promoted_in_one_of_twenty_at_most():
    assert ever_wins(4000, 60, 20, "always_valid") <= 3
    # What the interval for one look is not made for.
    assert ever_wins(4000, 60, 20, "normal") > 3


@pytest.mark.slow
def test_who_drops_a_rare_valuable_offer_that_the_log_hides_is_not_promoted():
    champion, challenger = Mostly("a", "a"), Mostly("a", "a", 0.96)
    assert truth(challenger, RARE, RARE_VALUES) < 0.97 * truth(champion, RARE, RARE_VALUES)
    without, with_it = rare_wins(10_000, 100)
    assert without > 25
    assert with_it == 0


def test_of_a_log_that_hides_every_acceptance_nobody_wins():
    rows = log(Mostly(), 500, np.random.default_rng(1)).assign(reward=0.0)
    found = judge(model(Mostly("c", "c")), model(Mostly()), rows, bar=Bar(margin=-0.001))
    assert not found.won
    assert found.found.low < found.found.difference == 0


def test_only_decisions_since_both_have_last_learnt_count():
    rows = log(Mostly(), 100, np.random.default_rng(1))
    later = model(Uniform(list("abcde")))
    later.as_of_ = START + pd.Timedelta("40s")
    assert judge(model(Mostly()), later, rows).found.n == 60
    assert judge(later, model(Mostly()), rows).since == later.as_of_
    assert judge(model(Mostly()), later, rows, since=START + pd.Timedelta("90s")).found.n == 10


def test_without_decisions_there_is_a_reason():
    found = judge(model(Mostly()), model(Mostly()), log(Mostly(), 10, np.random.default_rng(1)).iloc[:0])
    assert not found.won
    assert found.reason.startswith("0 of 0 answered decisions")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"margin": math.inf}, "margin must be a finite number"),
        ({"confidence": 0}, "confidence must be in"),
        ({"interval": "bootstrap"}, "interval must be one of"),
        ({"planned": -1}, "planned must be a finite number above 0"),
    ],
)
def test_a_bar_that_is_none_is_refused(wrong, says):
    with pytest.raises(InputError, match=says):
        Bar(**wrong)
