"""Rates with their intervals, what changed since, and how an offer spreads, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.views import plot_acceptance_rates, plot_rate_changes, plot_spread, rate_changes
from nbo.wilson import wilson_interval

RATES = pd.DataFrame(
    {
        "segment": ["s2", "s2", "s1", "s1"],
        "offer_id": ["card", "loan", "card", "loan"],
        "rate": [0.2, 0.1, 0.05, np.nan],
        "low": [0.15, 0.05, 0.0, 0.0],
        "high": [0.25, 0.15, 0.1, 1.0],
        "n": [300, 200, 100, 0],
        "accepted": [60.0, 20.0, 5.0, 0.0],
    }
)
SPREAD = pd.DataFrame({"round": [2, 1, 1, 2], "segment": ["a", "a", "b", "b"], "probability": [0.9, 0.2, 0.25, 0.5]})


def _after():
    after = RATES.assign(n=RATES["n"] + 100, accepted=RATES["accepted"] + [45.0, 10.0, 5.0, 30.0])
    return after.assign(rate=after["accepted"] / after["n"])


def test_rates_are_dots_in_the_columns_of_their_offers():
    ax = plot_acceptance_rates(RATES)
    # The scale ends where nine tenths of the intervals do, and is 0.84 wide, in columns at 0 and 1.
    top = 0.15 + 0.8 * (0.25 - 0.15)
    expected = [(0.05, 0, 1), (0.2, 0, 0), (0.1, 1, 0)]
    dots = {tuple(point) for line in ax.lines if line.get_marker() == "o" for point in line.get_xydata()}
    assert sorted(dots) == [pytest.approx((column - 0.42 + 0.84 * rate / top, row)) for rate, column, row in expected]
    bars = [bar for lines in ax.collections if isinstance(lines, LineCollection) for bar in lines.get_segments()]
    assert sorted(bar[1][0] - bar[0][0] for bar in bars) == pytest.approx([0.84 * w / top for w in (0.08, 0.1, 0.1)])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["s2", "s1"]
    assert ax.get_xlabel() == "Offer (each column from 0 to 23 %)"


def test_the_best_offer_of_a_segment_has_its_own_color():
    ax = plot_acceptance_rates(RATES)
    best = next(line for line in ax.lines if line.get_marker() == "o" and line.get_color() == "#D55E00")
    assert sorted(best.get_ydata().tolist()) == [0, 1]  # one in each segment


def test_twelve_by_twelve_are_dots_and_more_are_a_heat_map():
    def many(segments):
        keys = pd.MultiIndex.from_product([range(segments), range(12)], names=["segment", "offer_id"])
        return pd.DataFrame({"rate": 0.1, "low": 0.05, "high": 0.2, "n": 50}, index=keys).reset_index()

    assert not any(isinstance(drawn, QuadMesh) for drawn in plot_acceptance_rates(many(12)).collections)
    assert any(isinstance(drawn, QuadMesh) for drawn in plot_acceptance_rates(many(13)).collections)


def test_changes_by_hand():
    changes = rate_changes(RATES, _after())
    row = changes[(changes["segment"] == "s2") & (changes["offer_id"] == "card")].iloc[0]
    assert row["change"] == pytest.approx(105 / 400 - 0.2)
    assert (row["n_before"], row["n_new"], row["accepted_new"]) == (300, 100, 45)
    (l0, l1), (u0, u1) = wilson_interval(np.array([60, 45]), np.array([300, 100]))
    p0, p1 = 60 / 300, 45 / 100
    assert row["low"] == pytest.approx(p1 - p0 - np.sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2))
    assert row["high"] == pytest.approx(p1 - p0 + np.sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2))
    assert changes.set_index(["segment", "offer_id"])["significant"].to_dict() == {
        ("s2", "card"): True,
        ("s2", "loan"): False,
        ("s1", "card"): False,
        ("s1", "loan"): False,
    }


def test_newcombes_published_interval():
    # Newcombe (1998), table II, method 10: 56/70 - 48/80 has the interval 0.0524 to 0.3339.
    before = pd.DataFrame({"segment": ["s"], "offer_id": "o", "rate": 0.6, "n": 80, "accepted": 48.0})
    after = before.assign(rate=0.7, n=150, accepted=104.0)
    assert rate_changes(before, after)[["low", "high"]].iloc[0].tolist() == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_without_a_change_few_pairs_are_said_to_change():
    rng = np.random.default_rng(0)
    runs, alarms = 400, 0
    for _ in range(runs):
        p = rng.uniform(0.03, 0.3, 20)
        first, then = rng.binomial(300, p), rng.binomial(200, p)
        keys = {"segment": np.arange(20), "offer_id": "o"}
        before = pd.DataFrame({**keys, "rate": first / 300, "n": 300, "accepted": first})
        after = pd.DataFrame({**keys, "rate": (first + then) / 500, "n": 500, "accepted": first + then})
        alarms += rate_changes(before, after)["significant"].any()
    assert alarms / runs <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)


def test_new_segments_and_no_answers_change_nothing_surely():
    new = pd.concat([RATES, RATES[:2].assign(segment="s3")], ignore_index=True)
    changes = rate_changes(RATES, new)
    assert len(changes) == 6
    assert not changes["significant"].any()
    assert changes.loc[changes["segment"] == "s3", "rate_before"].isna().all()
    assert rate_changes(RATES[:0], RATES[:0]).empty


def test_changes_are_drawn_from_ring_to_dot():
    ax = plot_rate_changes(rate_changes(RATES, _after()), top=2)
    assert ax.get_yticklabels()[0].get_text() == "s2, card (100 new)"
    rings = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    assert sum(len(line.get_xdata()) for line in rings) == 2


def test_each_segment_is_a_line_over_the_rounds():
    ax = plot_spread(SPREAD)
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert lines == {"a": [[1, 0.2], [2, 0.9]], "b": [[1, 0.25], [2, 0.5]]}
    many = pd.concat([SPREAD.assign(segment=f"{k}" + SPREAD["segment"]) for k in range(7)])
    assert any(isinstance(drawn, QuadMesh) for drawn in plot_spread(many).collections)


@pytest.mark.parametrize(
    ("draw", "given"),
    [(plot_acceptance_rates, RATES), (plot_rate_changes, rate_changes(RATES, _after())), (plot_spread, SPREAD)],
)
def test_every_plot_draws_on_axes_given_or_its_own_and_on_no_rows(draw, given):
    ax = Figure().add_subplot()
    assert draw(given, ax=ax) is ax
    own = draw(given[:0])
    assert own.get_xlabel()
    assert own.get_ylabel()
    own.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "given", "message"),
    [
        (plot_acceptance_rates, (RATES.drop(columns="low"),), "rates lacks the column 'low'"),
        (plot_acceptance_rates, (pd.concat([RATES, RATES]),), "one row per segment and offer"),
        (plot_acceptance_rates, (RATES.assign(low=0.5),), "rates.rate must be between low and high"),
        (plot_acceptance_rates, (RATES.assign(rate=3.0),), r"rates.rate must be in \[0, 1\]"),
        (rate_changes, (_after(), RATES), "after must count all answers of before; 4 of 4 pairs count fewer"),
        (rate_changes, (RATES, RATES, 1.5), r"level must be in \(0, 1\)"),
        (rate_changes, (RATES.drop(columns="n"), RATES), "before lacks the column 'n'"),
        (rate_changes, (RATES, pd.concat([RATES, RATES])), "after must have one row per segment and offer"),
        (plot_rate_changes, (RATES,), "changes lacks the columns"),
        (plot_rate_changes, (rate_changes(RATES, RATES), 0), "top must be 1 or more"),
        (plot_spread, (SPREAD.drop(columns="round"),), "frame lacks the column 'round'"),
        (plot_spread, (SPREAD.assign(probability=1.5),), r"frame.probability must be in \[0, 1\]"),
        (plot_spread, (pd.concat([SPREAD, SPREAD]),), "one row per round and segment"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, given, message):
    with pytest.raises(InputError, match=message):
        draw(*given)
