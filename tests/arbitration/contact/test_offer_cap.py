from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration import Candidates
from nbo.arbitration.contact import OfferCap
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CAPS = st.fixed_dictionaries(
    {
        "at_most": st.integers(0, 6),
        "window": st.sampled_from(["6h", "2D", "7D", "all"]),
        "of": st.sampled_from(["made", "accepted"]),
        "per": st.sampled_from([None, "channel"]),
        "channels": st.sampled_from([None, ["email"], ["email", "phone"]]),
        "offers": st.sampled_from([None, ["card", "loan"]]),
        "answer_within": st.just("2D"),
    }
)
SETTINGS = settings(max_examples=12, deadline=None, derandomize=True)
EVERYBODY = [f"c{i}" for i in range(7)]


def counted(log, cap, as_of):
    """All contacts that count as of a moment, as (time, offer, channel)."""
    width = pd.Timedelta("1000D") if cap["window"] == "all" else pd.Timedelta(cap["window"])
    within, found = pd.Timedelta(cap["answer_within"]), []
    for customer in EVERYBODY:
        made = log.contacts(customer, as_of, "customer", None if cap["of"] == "made" else "accept")
        found += [f for f in made if f[0] >= as_of - width]
        found += [] if cap["of"] == "made" else log.contacts(customer, as_of, "customer", "pending", within)
    return [f for f in found if cap["channels"] is None or f[2] in cap["channels"]]


def taken(cap, found, offer, channel):
    return sum(f[1] == offer and (cap["per"] is None or f[2] == channel) for f in found)


def capped(cap, offer, channel):
    return (cap["offers"] is None or offer in cap["offers"]) and (cap["channels"] is None or channel in cap["channels"])


@settings(SETTINGS, max_examples=6)
@given(seed=st.integers(0, 10**6), cap=CAPS)
def test_what_is_full_is_what_a_plain_loop_counts(random_log, seed, cap):
    log = random_log(seed)
    candidates, carried = log.candidates([OfferCap(**cap)]), log.candidates().codes == 0
    for i, row in enumerate(log.spine.itertuples()):
        found = counted(log, cap, row.as_of)
        for k, offer in enumerate(candidates.catalog.offer_ids):
            for m, channel in enumerate(candidates.channels):
                full = capped(cap, offer, channel) and taken(cap, found, offer, channel) >= cap["at_most"]
                assert (candidates.codes[i, k, m] == 0) == (carried[i, k, m] and not full)


@SETTINGS
@given(seed=st.integers(0, 10**6), cap=CAPS, ties=st.booleans())
def test_after_surplus_no_cap_is_broken_and_nothing_is_wasted(random_log, seed, cap, ties):
    log = random_log(seed, same_moment=True)
    priority = np.random.default_rng(seed).integers(0, 2 if ties else 1000, (7, 4)).astype(float)
    rule = OfferCap(**cap)
    before = log.candidates([rule])
    after = before.without(rule.stage, rule.surplus(before, np.where(before.eligible, priority, -np.inf)))
    found = counted(log, cap, log.spine["as_of"][0])
    for k, offer in enumerate(before.catalog.offer_ids):
        for channel in before.channels if cap["per"] else [None]:
            ways = [
                m for m, name in enumerate(before.channels) if (channel in (None, name)) and capped(cap, offer, name)
            ]
            could = (before.codes[:, k, ways] == 0).any(axis=1)
            keep = (after.codes[:, k, ways] == 0).any(axis=1)
            room = max(cap["at_most"] - taken(cap, found, offer, channel), 0)
            assert keep.sum() == min(room, could.sum())
            assert (
                not (could & ~keep).any() or not keep.any() or min(priority[keep, k]) >= max(priority[could & ~keep, k])
            )
            others = [m for m in range(len(before.channels)) if not capped(cap, offer, before.channels[m])]
            assert (after.codes[:, k, others] == before.codes[:, k, others]).all()
    order = np.random.default_rng(seed).permutation(7)
    log.spine = log.spine.iloc[order].reset_index(drop=True)
    again = log.candidates([rule])
    shuffled = again.without(rule.stage, rule.surplus(again, np.where(again.eligible, priority[order], -np.inf)))
    assert (shuffled.codes == after.codes[order]).all()


@SETTINGS
@given(seed=st.integers(0, 10**6), cap=CAPS)
def test_a_cap_ends_at_the_very_microsecond(random_log, ends_exactly, seed, cap):
    ends_exactly(OfferCap(**cap), random_log(seed, same_moment=True))


def test_some_caps_end(random_log, ends_exactly):
    assert ends_exactly(OfferCap(1, "7D", "made"), random_log(3, same_moment=True)) > 0


def test_capacity_is_what_may_be_accepted_with_those_who_may_still_accept():
    # Of a capacity of 3 one is accepted, one was rejected, one waits: 1 is left, and Bob values it more.
    done = pd.DataFrame({"decision_id": list("abc"), "customer_id": ["x", "y", "z"], "offer_id": "card"})
    said = pd.DataFrame({"decision_id": ["a", "b"], "outcome": ["accept", "reject"], "outcome_at": "2026-06-26"})
    tables = CustomerTables(decisions=done.assign(decided_at="2026-06-25"), outcomes=said)
    catalog = Catalog([Offer("card", capacity=3), Offer("loan")])
    rule, spine = OfferCap(), Spine.at("2026-06-30", ["ann", "bob"])
    candidates = Candidates.of(tables, spine, catalog, (rule,))
    assert candidates.eligible.all()
    late = rule.surplus(candidates, np.array([[1.0, 1.0], [2.0, 1.0]]))
    assert late["capacity: accepted, others first"][:, :, 0].tolist() == [[True, False], [False, False]]
    # Fifteen days after the contact, who has not answered will not.
    later = Candidates.of(tables, Spine.at("2026-07-10", ["ann", "bob"]), catalog, (rule,))
    assert not rule.surplus(later, np.ones((2, 2)))["capacity: accepted, others first"].any()


def test_half_a_customer_cannot_accept():
    catalog, spine = Catalog([Offer("card", capacity=1.5)]), Spine.at("2026-06-30", ["ann", "bob"])
    candidates = Candidates.of(CustomerTables(), spine, catalog, (OfferCap(),))
    late = OfferCap().surplus(candidates, np.array([[1.0], [2.0]]))
    assert late["capacity: accepted, others first"].ravel().tolist() == [True, False]


def test_a_row_at_the_edge_of_the_window_counts():
    done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["x"], "offer_id": ["card"], "decided_at": "2026-06-01"})
    tables, rule = CustomerTables(decisions=done), OfferCap(1, "7D", "made")
    spine = Spine.of(
        pd.DataFrame(
            {"customer_id": ["ann", "bob", "cy"], "as_of": ["2026-06-01", "2026-06-08", "2026-06-08 00:00:00.000001"]}
        )
    )
    candidates = Candidates.of(tables, spine, Catalog([Offer("card")]), (rule,))
    assert candidates.eligible.ravel().tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("cap", "says"),
    [
        ({"of": "made"}, "at_most must be given for how often offers are made"),
        ({"at_most": -1}, "at_most must be a whole number of 0 or more"),
        ({"of": "liked"}, "of must be one of"),
        ({"per": "offer"}, "per must be one of None, 'channel'"),
        ({"window": "long"}, "window must be a length of time"),
        ({"offers": 3}, "offers must be a list of texts"),
    ],
)
def test_a_cap_that_is_none_is_refused(cap, says):
    with pytest.raises(InputError, match=says):
        OfferCap(**cap).check()
