"""Which few customers make most of it: by hand, and in a Pareto world with a known share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.value import concentration

LEVEL = 0.95


def test_the_few_who_make_most_are_listed_with_their_share_by_hand():
    found = concentration([1, 50, 4, 25, 20], customers=["ann", "bob", "cy", "di", "eve"])
    assert found.members(0.4) == ["bob", "di"]
    assert found.members(0.5) == ["bob", "di", "eve"]
    assert found.share_of_top(0.4).value == 75 / 100
    # Half of a customer has half of what the customer has.
    assert found.share_of_top(0.5).value == (75 + 20 / 2) / 100
    assert found.fewest_for(0.75).value == 2 / 5
    assert found.fewest_for(0.85).value == pytest.approx((2 + 10 / 20) / 5)
    assert found.fewest_for(1.0).value == 1
    assert found.gini.value == pytest.approx(2 * (1 * 1 + 4 * 2 + 20 * 3 + 25 * 4 + 50 * 5) / (5 * 100) - 6 / 5)


def test_losses_count_in_the_net_total_and_not_in_that_of_the_positive():
    values = pd.Series([60.0, 60, -20, 0], index=["ann", "bob", "cy", "di"])
    net, positive = concentration(values), concentration(values, of="positive")
    assert (net.total, positive.total) == (100, 120)
    assert net.share_of_top(0.5).value == 1.2
    assert positive.share_of_top(0.5).value == 1
    assert net.fewest_for(0.6).value == positive.fewest_for(0.5).value == 0.25
    assert net.members(0.5) == ["ann", "bob"]


def test_a_share_of_nothing_is_not_told():
    for values in ([], [0.0, 0.0], [5.0, -9.0]):
        found = concentration(values)
        assert np.isnan([found.share_of_top().value, found.fewest_for().low, found.gini.value]).all()
        assert len(found.curve) == 1
        assert "nan" in repr(found)
    one = concentration([3.0])
    assert one.share_of_top(1).value == 1
    assert np.isnan([one.share_of_top(0.5).low, one.fewest_for(0.5).low]).all()
    assert one.members(0.01) == [0]


def test_equal_customers_have_their_share_for_sure():
    found = concentration(np.full(50, 2.0))
    assert found.share_of_top(0.2).value == pytest.approx(0.2)
    assert found.share_of_top(0.2).low == pytest.approx(found.share_of_top(0.2).high)
    assert found.fewest_for(0.75).value == pytest.approx(0.75)
    assert found.gini.value == pytest.approx(0, abs=1e-12)


def test_order_changes_nothing_and_a_copy_of_everybody_narrows_the_interval_only():
    values = np.random.default_rng(0).lognormal(0, 1, 400)
    once, mixed = concentration(values), concentration(np.random.default_rng(1).permutation(values))
    assert once.share_of_top(0.2) == mixed.share_of_top(0.2)
    four = concentration(np.tile(values, 4)).share_of_top(0.2)
    assert four.value == pytest.approx(once.share_of_top(0.2).value)
    width = once.share_of_top(0.2).high - once.share_of_top(0.2).low
    # But for the correction of the skewness, which is less with more customers.
    assert four.high - four.low == pytest.approx(width / 2, rel=0.1)


def test_the_interval_is_that_of_a_bootstrap():
    rng = np.random.default_rng(5)
    values = rng.lognormal(0, 0.8, 800)
    found = concentration(values)
    draws = [np.sort(rng.choice(values, 800))[::-1] for _ in range(1000)]
    tops = [draw[:160].sum() / draw.sum() for draw in draws]
    share = found.share_of_top(0.2)
    # The ends of 1,000 draws have a standard error of about 0.04 of the width.
    assert [share.low, share.high] == pytest.approx(
        np.quantile(tops, [0.025, 0.975]), abs=0.16 * (share.high - share.low)
    )
    few = [(np.searchsorted(np.cumsum(draw), 0.75 * draw.sum()) + 1) / 800 for draw in draws]
    least = found.fewest_for(0.75)
    assert [least.low, least.high] == pytest.approx(
        np.quantile(few, [0.025, 0.975]), abs=0.16 * (least.high - least.low)
    )
    ranks = np.arange(800, 0, -1)
    ginis = [2 * (ranks * draw).sum() / (800 * draw.sum()) - 801 / 800 for draw in draws]
    gini = found.gini
    assert [gini.low, gini.high] == pytest.approx(np.quantile(ginis, [0.025, 0.975]), abs=0.16 * (gini.high - gini.low))


def pareto(alpha: float, n: int, rng: np.random.Generator) -> np.ndarray:
    return 1 + rng.pareto(alpha, n)


def test_a_pareto_world_with_a_known_share_is_recovered_within_its_interval():
    # Of a Pareto distribution the top share q has q ** (1 - 1 / alpha) of all.
    alpha = 3.0
    found = concentration(pareto(alpha, 20_000, np.random.default_rng(11)))
    assert found.share_of_top(0.2).low < 0.2 ** (1 - 1 / alpha) < found.share_of_top(0.2).high
    assert found.fewest_for(0.75).low < 0.75 ** (alpha / (alpha - 1)) < found.fewest_for(0.75).high
    assert found.gini.low < 1 / (2 * alpha - 1) < found.gini.high
    assert found.share_of_top(0.2).high - found.share_of_top(0.2).low < 0.03


@pytest.mark.slow
@pytest.mark.parametrize(("alpha", "n", "least"), [(3.0, 2000, 0.92), (2.5, 2000, 0.91), (3.0, 300, 0.89)])
def test_intervals_hold_a_paretos_share_about_as_often_as_stated(alpha, n, least):
    rng, repeats = np.random.default_rng(2), 1000
    truth = 0.2 ** (1 - 1 / alpha), 0.75 ** (alpha / (alpha - 1)), 1 / (2 * alpha - 1)
    held = np.zeros(3)
    for _ in range(repeats):
        found = concentration(pareto(alpha, n, rng), level=LEVEL)
        told = found.share_of_top(0.2), found.fewest_for(0.75), found.gini
        held += [estimate.low <= true <= estimate.high for estimate, true in zip(told, truth, strict=True)]
    error = np.sqrt(LEVEL * (1 - LEVEL) / repeats)
    assert ((held / repeats > least - 2 * error) & (held / repeats < LEVEL + 4 * error)).all(), held / repeats


@pytest.mark.slow
def test_intervals_hold_an_exponentials_share_as_often_as_stated():
    rng, repeats, truth = np.random.default_rng(4), 1500, 0.2 * (1 + np.log(5))
    found = [concentration(rng.exponential(1, 500)).share_of_top(0.2) for _ in range(repeats)]
    held = np.mean([share.low <= truth <= share.high for share in found])
    assert abs(held - LEVEL) < 4 * np.sqrt(LEVEL * (1 - LEVEL) / repeats)


def test_curve_summary_and_page():
    found = concentration(np.random.default_rng(0).lognormal(0, 1, 500))
    curve = found.curve
    assert curve["customers"].tolist() == pytest.approx(np.linspace(0, 1, 101).tolist())
    assert (np.diff(curve["share"]) > 0).all()
    assert ((curve["low"] <= curve["share"] + 1e-12) & (curve["share"] <= curve["high"] + 1e-12)).all()
    assert curve["share"].iloc[20] == found.share_of_top(0.2).value
    assert found.summary()["what"].tolist()[3] == "share of the top 20%"
    assert "share of the top 20%" in found._repr_html_()


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="values must be finite, none missing; 1 of 2 rows is not, first at row 1"):
        concentration([1.0, np.nan])
    with pytest.raises(InputError, match="customers must be one for each of 2 values; got 1"):
        concentration([1.0, 2.0], customers=["ann"])
    with pytest.raises(InputError, match="of must be one of 'net', 'positive'"):
        concentration([1.0], of="gross")
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        concentration([1.0], level=95)
    with pytest.raises(InputError, match=r"share must be in \(0, 1\]; got 20"):
        concentration([1.0]).share_of_top(20)
