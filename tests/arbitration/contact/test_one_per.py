from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration import Candidates
from nbo.arbitration.contact import OnePer
from nbo.arbitration.contact.in_run import keep_best
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog([Offer("card"), Offer("loan", customer_type="business")])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), choose=st.sampled_from(["priority", "buying_role"]))
def test_one_of_each_account_is_served_the_preferred_one_first(seed, choose):
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(12)],
            "account_id": rng.choice(np.array(["a", "b", "c", None], dtype=object), 12),
            "buying_role": rng.choice(np.array(["user", "head", "clerk", None], dtype=object), 12),
        }
    )
    rule = OnePer(choose=choose, order=["head", "user"])
    before = Candidates.of(CustomerTables(customers=people), Spine.at("2026-06-30", people), CATALOG, (rule,))
    before = before.without("eligibility", {"unfit": rng.random(before.shape) < 0.3})
    priority = np.where(before.eligible, rng.integers(0, 4, (12, 2)), -np.inf)
    after = before.without(rule.stage, rule.surplus(before, priority))
    served, able = after.eligible.any(axis=1), before.eligible.any(axis=1)
    rank = people["buying_role"].map({"head": 0, "user": 1}).fillna(2).to_numpy()
    worth = [(-rank[i] if choose == "buying_role" else 0, priority[i].max()) for i in range(12)]
    for i in range(12):
        account = people["account_id"][i]
        others = [j for j in range(12) if able[j] and isinstance(account, str) and people["account_id"][j] == account]
        if not isinstance(account, str):
            assert served[i] == able[i]
        elif others:
            assert sum(served[others]) == 1
            assert max(worth[j] for j in others) == worth[next(j for j in others if served[j])]
    order = rng.permutation(12)
    spine = Spine.at("2026-06-30", people["customer_id"].iloc[order])
    again = Candidates.of(CustomerTables(customers=people), spine, CATALOG, (rule,))
    again = again.without("eligibility", {"unfit": before.codes[order] > 0})
    shuffled = again.without(rule.stage, rule.surplus(again, priority[order]))
    assert (shuffled.eligible == after.eligible[order]).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), values=st.integers(1, 5))
def test_the_best_are_kept_as_far_as_the_quota_goes(seed, values):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 30))
    entity, quota = rng.integers(0, 5, n), rng.integers(-1, 4, n).astype(float)
    there, best = rng.random(n) < 0.8, rng.choice([*range(values), -np.inf, np.inf], n)
    keep = keep_best(entity, quota, there, best, pd.Series([f"c{i}" for i in range(n)]), "salt")
    assert keep[~there].all()
    for one in set(entity[there]):
        rows = np.flatnonzero(there & (entity == one))
        room = max(quota[rows].min(), 0)
        assert keep[rows].sum() == min(room, len(rows))
        lost = rows[~keep[rows]]
        assert not len(lost) or not keep[rows].any() or best[rows[keep[rows]]].min() >= best[lost].max()


def test_equals_are_drawn_by_their_id_and_not_by_their_place():
    ids = pd.Series([f"c{i}" for i in range(200)])
    one, all_there = np.zeros(200, dtype=np.int64), np.ones(200, dtype=bool)
    keep = keep_best(one, np.full(200, 50.0), all_there, np.zeros(200), ids, "run")
    back = keep_best(one, np.full(200, 50.0), all_there, np.zeros(200), ids[::-1], "run")
    assert keep.sum() == 50
    assert (back[::-1] == keep).all()
    assert not keep[:50].all()
    other = keep_best(one, np.full(200, 50.0), all_there, np.zeros(200), ids, "other run")
    assert (other != keep).any()


def test_an_order_that_is_none_is_refused():
    with pytest.raises(InputError, match="order must be a list of texts"):
        OnePer(order="head").check()
    people = pd.DataFrame({"customer_id": ["ann"]})
    candidates = Candidates.of(CustomerTables(customers=people), Spine.at("2026-06-30", ["ann"]), CATALOG)
    with pytest.raises(InputError, match="choose must be one of"):
        OnePer(choose="rank").surplus(candidates, np.ones((1, 2)))
