"""Messages that resonate: winners by segment and offer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.experiments import newcombe_interval
from nbo.reports import message_winners


def messages(rng: np.random.Generator, lift: float, n: int = 6000) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "segment": rng.choice(["new", "old"], n),
            "offer_id": rng.choice(["card", "loan"], n),
            "creative": rng.choice(["fear", "price", "story"], n),
        }
    )
    told = (rows["segment"] == "new") & (rows["offer_id"] == "card") & (rows["creative"] == "story")
    return rows.assign(reward=(rng.random(n) < 0.1 + lift * told).astype(float))


def test_a_planted_message_wins_where_it_was_planted_and_nowhere_else():
    found = message_winners(messages(np.random.default_rng(1), 0.15)).set_index(["segment", "offer_id"])
    assert found.loc[("new", "card"), "winner"] == "story"
    assert found["winner"].notna().sum() == 1
    assert found.loc[("new", "card"), "low"] > 0
    assert (found["messages"] == 3).all()


def test_equal_messages_rarely_have_a_winner():
    rng, n_reports = np.random.default_rng(2), 80
    named = [message_winners(messages(rng, 0.0, 2000))["winner"].notna().any() for _ in range(n_reports)]
    assert np.mean(named) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_reports)


def test_numbers_are_those_of_the_comparisons_made_one_by_one():
    rows = messages(np.random.default_rng(3), 0.1)
    found = message_winners(rows, by="segment").set_index("segment").loc["new"]
    own = rows[rows["segment"] == "new"].groupby("creative")["reward"].agg(["sum", "size"])
    best = own.loc[found["best"]]
    assert found["rate"] == (own["sum"] / own["size"]).max() == best["sum"] / best["size"]
    doubts = {}
    for name, other in own.drop(found["best"]).iterrows():
        table = [[best["sum"], best["size"] - best["sum"]], [other["sum"], other["size"] - other["sum"]]]
        doubts[name] = stats.fisher_exact(np.array(table, dtype=int)).pvalue
    assert found["runner_up"] == max(doubts, key=doubts.get)
    other = own.loc[found["runner_up"]]
    low, high = newcombe_interval(best["sum"], best["size"], other["sum"], other["size"], 1 - 0.05 / 2)
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


def test_rows_without_a_message_and_messages_without_evidence_do_not_count():
    rows = messages(np.random.default_rng(4), 0.0, 900)
    rare = pd.DataFrame({"segment": "new", "offer_id": "card", "creative": ["rare", None], "reward": 1.0})
    both = pd.concat([rows, rare], ignore_index=True)
    pd.testing.assert_frame_equal(message_winners(both), message_winners(rows))
    alone = message_winners(rows[rows["creative"] == "price"])
    assert alone["winner"].isna().all()
    assert (alone["messages"] == 1).all()
    assert len(message_winners(rows.head(0))) == 0
