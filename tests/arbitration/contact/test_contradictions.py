from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration.contact import contradictions
from nbo.errors import InputError
from nbo.tables import Catalog, Offer

CATALOG = Catalog(
    [
        Offer("card", category="money", kind="discount"),
        Offer("loan", category="money", kind="bundle"),
        Offer("case", category="goods", kind="discount"),
        Offer("plan", kind="retention"),
    ]
)
DAY = pd.Timedelta("1D")


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), window=st.sampled_from(["6h", "2D", "7D"]))
def test_pairs_are_those_of_a_plain_loop(random_log, seed, window):
    log = random_log(seed, n_rows=60)
    found = contradictions(log.decisions, CATALOG, log.outcomes, window=window)
    category = {offer.offer_id: offer.category for offer in CATALOG}
    first_answer = log.outcomes[log.outcomes["outcome"] != "no_answer"].groupby("decision_id")["outcome_at"].min()
    rows = sorted(log.decisions.itertuples(), key=lambda row: (row.decided_at, row.decision_id))
    expected = set()
    for at, one in enumerate(rows):
        for two in rows[at + 1 :]:
            if one.customer_id != two.customer_id or one.offer_id == two.offer_id:
                continue
            same = category.get(one.offer_id) is not None and category.get(one.offer_id) == category.get(two.offer_id)
            until = min(one.decided_at + pd.Timedelta(window), first_answer.get(one.decision_id, pd.Timestamp.max))
            both_unknown = not isinstance(one.channel, str) and not isinstance(two.channel, str)
            if same and two.decided_at <= until and one.channel != two.channel and not both_unknown:
                expected.add((one.decision_id, two.decision_id))
    assert set(zip(found["decision_id"], found["other_id"], strict=True)) == expected
    assert len(found) == len(expected)
    shuffled = log.decisions.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(contradictions(shuffled, CATALOG, log.outcomes, window=window), found)


def test_a_promotion_while_a_grave_case_is_open_is_one():
    made = pd.DataFrame(
        {
            "decision_id": ["before", "within", "kept", "after", "none"],
            "customer_id": "ann",
            "offer_id": ["card", "card", "plan", "card", "no_offer"],
            "channel": "email",
            "decided_at": pd.to_datetime(["2026-06-01", "2026-06-11", "2026-06-11", "2026-06-21", "2026-06-12"]),
        }
    )
    cases = pd.DataFrame(
        {
            "case_id": ["grave", "slight"],
            "customer_id": "ann",
            "opened_at": pd.Timestamp("2026-06-10"),
            "closed_at": pd.Timestamp("2026-06-20"),
            "severity": [5, 1],
        }
    )
    found = contradictions(made, CATALOG, cases=cases)
    assert found[["what", "decision_id", "other_id"]].values.tolist() == [
        ["promotion while case open", "within", "grave"]
    ]
    assert len(contradictions(made, CATALOG, cases=cases, severity=None)) == 2
    assert len(contradictions(made, CATALOG, cases=cases.drop(columns="closed_at"))) == 2


def test_a_stated_category_counts_for_offers_that_the_catalog_lost():
    made = pd.DataFrame(
        {
            "decision_id": ["a", "b"],
            "customer_id": "ann",
            "offer_id": ["card", "gone"],
            "channel": ["email", "phone"],
            "decided_at": pd.to_datetime(["2026-06-01", "2026-06-02"]),
        }
    )
    assert contradictions(made, CATALOG).empty
    assert len(contradictions(made.assign(category=[None, "money"]), CATALOG)) == 1
    assert contradictions(made.iloc[:0], CATALOG).empty


def test_what_is_missing_is_named():
    with pytest.raises(InputError, match="channel"):
        contradictions(pd.DataFrame({"decision_id": [], "customer_id": [], "decided_at": [], "offer_id": []}), CATALOG)
    made = pd.DataFrame({"decision_id": [], "customer_id": [], "decided_at": [], "offer_id": [], "channel": []})
    with pytest.raises(InputError, match="window must be a length of time"):
        contradictions(made, CATALOG, window="long")
