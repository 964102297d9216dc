"""When one offer changes, others are doubted as far as what came of them since then says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo import SegmentThompson
from nbo.policies.answer_columns import AnswerColumns
from nbo.policies.answer_rows import MISSING, AnswerRow
from nbo.policies.kept_after_changes import kept_after_changes
from nbo.policies.shared_change import chance_of_shared_change


def _chance(rate, since, n=20_000, seed=0):
    """Play two segments and three offers of 4 %, and from then on offers at `rate`."""
    rng = np.random.default_rng(seed)
    before, after = np.full((2, 3), n / 6), np.full((2, 3), since / 6)
    return chance_of_shared_change(
        before, rng.binomial(n // 6, 0.04, (2, 3)), after, rng.binomial(since // 6, rate, (2, 3))
    )


def test_as_likely_as_not_before_anything_is_seen():
    assert _chance(0.04, 0) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(5))
def test_is_sure_after_enough_decisions(seed):
    assert _chance(0.02, 12_000, seed=seed) > 0.95
    assert _chance(0.08, 12_000, seed=seed) > 0.95
    assert _chance(0.04, 12_000, seed=seed) < 0.2


def test_stays_in_bounds_where_answers_are_certain():
    many = np.full((1, 40), 1e6)
    assert 0 <= chance_of_shared_change(many, many, many, 0 * many) <= 1
    assert chance_of_shared_change(np.zeros((1, 0)), np.zeros((1, 0)), np.zeros((1, 0)), np.zeros((1, 0))) == 0.5


def _rows(*rows):
    columns = AnswerColumns()
    for segment, offer, units, decided in rows:
        columns.append(AnswerRow(segment, offer, "", units, decided, decided))
    return columns


def test_the_changed_offer_counts_2_percent_and_what_has_no_moment_in_full():
    rows = _rows(("a", "x", 0, 1), ("b", "x", 0, 2), ("a", "x", 0, 3), ("a", "x", 0, MISSING), ("a", "y", 0, MISSING))
    assert kept_after_changes(rows, [(2, "x")]).tolist() == [0.02, 0.02, 1.0, 1.0, 1.0]
    assert kept_after_changes(rows, [(1, "x"), (2, "x")]).tolist() == pytest.approx([0.0004, 0.02, 1.0, 1.0, 1.0])


def test_sums_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(0)
    unit = 2**32
    rows = [(f"s{s}", f"o{o}", int(r) * unit, t) for t, (s, o, r) in enumerate(rng.integers(0, [40, 6, 2], (4_000, 3)))]
    changes = [(1_500, "o1"), (1_700, "o2"), (3_000, "o1")]
    order = rng.permutation(len(rows))
    kept, other = (
        kept_after_changes(_rows(*rows), changes),
        kept_after_changes(_rows(*(rows[i] for i in order)), changes),
    )
    np.testing.assert_array_equal(kept[order], other)
    assert len(np.unique(kept)) > 4


def _log(falls, n=24_000):
    """Four offers of a tenth in two segments; half-way those that fall go to a hundredth."""
    rng = np.random.default_rng(1)
    offer = rng.integers(0, 4, n)
    fallen = np.isin(offer, falls) & (np.arange(n) >= n / 2)
    moment = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n), unit="min")
    return pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "segment": rng.choice(["a", "b"], n),
            "offer_id": np.char.add("o", offer.astype(str)),
            "reward": (rng.random(n) < np.where(fallen, 0.01, 0.1)).astype(float),
            "decided_at": moment,
            "outcome_at": moment,
        }
    )


@pytest.mark.parametrize(("falls", "kept"), [([0], (0.4, 1.0)), ([0, 1, 2, 3], (0.0, 0.1))])
def test_others_are_doubted_if_they_changed_too(falls, kept):
    log = _log(falls).head(14_500)
    # Of the others too few are made then for alarms of their own.
    log = log[(log["decision_id"] < 12_000) | (log["offer_id"] == "o0") | (log["decision_id"] % 5 == 0)]
    policy = SegmentThompson([f"o{o}" for o in range(4)]).learn(log)
    assert set(policy.changes()["offer_id"]) == {"o0"}
    n, _ = policy._evidence.by_cell()
    counted = dict.fromkeys(policy.offers, 0.0)
    for (_, offer), own in zip(policy._answers.rows.cells, n, strict=True):
        counted[offer] += own
    before = (log["offer_id"] == "o3").to_numpy() & (log["decision_id"] < 12_000).to_numpy()
    after = (log["offer_id"] == "o3").sum() - before.sum()
    assert kept[0] <= (counted["o3"] - after) / before.sum() <= kept[1]


@pytest.mark.parametrize("window", [None, "30D"])
def test_a_window_delays_no_alarm_where_all_answer_in_words(window):
    log = _log([0])
    policy = SegmentThompson([f"o{o}" for o in range(4)], window=window).learn(log.head(16_000))
    assert set(policy.changes()["offer_id"]) == {"o0"}
    # A decision that waits holds up those after it.
    waits = log.iloc[[9_000]].assign(reward=np.nan, outcome="pending", outcome_at=pd.NaT)
    held = SegmentThompson([f"o{o}" for o in range(4)], window=window)
    held.learn(pd.concat([log.head(9_000), waits, log.iloc[9_001:16_000]]))
    assert held.changes().empty == (window is not None)
    assert set(held.learn(log.iloc[[9_000]]).changes()["offer_id"]) == {"o0"}


def test_silence_is_waited_for():
    log = _log([0]).head(16_000)
    log["outcome"] = np.where(log["reward"] > 0, "accept", "no_answer")
    policy = SegmentThompson([f"o{o}" for o in range(4)], window="30D").learn(log)
    assert policy.changes().empty
    late = log["decided_at"].max() + pd.Timedelta("30D")
    assert set(policy.learn(log.tail(1), as_of=late).changes()["offer_id"]) == {"o0"}
