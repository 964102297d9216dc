from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo import columns as c
from nbo.arbitration import Candidates
from nbo.arbitration.contact import ContactLimit
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

LIMITS = st.fixed_dictionaries(
    {
        "at_most": st.integers(1, 4),
        "window": st.sampled_from(["6h", "2D", "7D", "all"]),
        "by": st.sampled_from(["customer", "household", "account"]),
        "per": st.sampled_from([None, "channel", "offer", "category", "kind"]),
        "channels": st.sampled_from([None, ["email"], ["email", "phone"]]),
        "kinds": st.sampled_from([None, ["discount"], ["discount", "bundle"]]),
    }
)
SETTINGS = settings(max_examples=12, deadline=None, derandomize=True)


def same_group(limit, one, other):
    """Whether two contacts (offer, category, kind, channel) count together."""
    if limit["channels"] and (one[3] not in limit["channels"] or other[3] not in limit["channels"]):
        return False
    if limit["kinds"] and (one[2] not in limit["kinds"] or other[2] not in limit["kinds"]):
        return False
    place = {None: None, "offer": 0, "category": 1, "kind": 2, "channel": 3}[limit["per"]]
    return place is None or (one[place] is not None and one[place] == other[place])


def contacts_of(catalog, contacts):
    known = {offer.offer_id: (offer.category, offer.kind) for offer in catalog}
    return [(offer, *known.get(offer, (None, None)), channel) for _, offer, channel in contacts]


@SETTINGS
@given(seed=st.integers(0, 10**6), limit=LIMITS)
def test_who_is_refused_is_who_had_as_many_contacts_by_a_plain_loop(random_log, seed, limit):
    log = random_log(seed)
    candidates = log.candidates([ContactLimit(**limit)])
    width = pd.Timedelta("1000D") if limit["window"] == "all" else pd.Timedelta(limit["window"])
    carried = log.candidates().codes == 0
    for i, row in enumerate(log.spine.itertuples()):
        found = [f for f in log.contacts(row.customer_id, row.as_of, limit["by"]) if f[0] >= row.as_of - width]
        past = contacts_of(candidates.catalog, found)
        for k, offer in enumerate(candidates.catalog):
            for m, channel in enumerate(candidates.channels):
                now = (offer.offer_id, offer.category, offer.kind, channel)
                full = sum(same_group(limit, now, one) for one in past) >= limit["at_most"]
                limited = same_group(limit, now, now)
                assert (candidates.codes[i, k, m] == 0) == (carried[i, k, m] and not (full and limited))


@SETTINGS
@given(seed=st.integers(0, 10**6), limit=LIMITS)
def test_a_refusal_ends_at_the_very_microsecond(random_log, ends_exactly, seed, limit):
    log = random_log(seed, same_moment=True)
    ends_exactly(ContactLimit(**limit), log)


def test_some_refusals_end(random_log, ends_exactly):
    assert ends_exactly(ContactLimit(at_most=1, window="3D", by="household"), random_log(3, same_moment=True)) > 0


def after_surplus(log, limit, priority):
    candidates = log.candidates([ContactLimit(**limit)])
    rule = candidates.rules[0]
    taken = rule.surplus(candidates, np.where(candidates.eligible, priority, -np.inf))
    return candidates, candidates.without("contact policy", taken)


@SETTINGS
@given(seed=st.integers(0, 10**6), limit=LIMITS, ties=st.booleans())
def test_after_surplus_no_limit_of_a_household_is_broken_and_no_room_is_wasted(random_log, seed, limit, ties):
    log = random_log(seed, n_rows=15, same_moment=True)
    priority = np.random.default_rng(seed).integers(0, 3 if ties else 1000, (7, 4)).astype(float)
    before, after = after_surplus(log, limit, priority)
    width = pd.Timedelta("1000D") if limit["window"] == "all" else pd.Timedelta(limit["window"])
    rows = list(log.spine.itertuples())
    for row in rows:
        members = log.members(row.customer_id, row.as_of, limit["by"])
        inside = [j for j, other in enumerate(rows) if other.customer_id in members]
        found = [f for f in log.contacts(row.customer_id, row.as_of, limit["by"]) if f[0] >= row.as_of - width]
        past = contacts_of(before.catalog, found)
        for offer in before.catalog:
            for channel in before.channels:
                now = (offer.offer_id, offer.category, offer.kind, channel)
                if not same_group(limit, now, now):
                    continue
                group = np.array(
                    [
                        [same_group(limit, now, (o.offer_id, o.category, o.kind, ch)) for ch in before.channels]
                        for o in before.catalog
                    ]
                )
                room = max(limit["at_most"] - sum(same_group(limit, now, one) for one in past), 0)
                could = [j for j in inside if ((before.codes[j] == 0) & group).any()]
                may = [j for j in inside if ((after.codes[j] == 0) & group).any()]
                assert len(may) == (min(room, len(could)) if limit["by"] != "customer" else len(could))
                worth = {j: max(priority[j][((before.codes[j] == 0) & group).any(axis=1)]) for j in could}
                assert all(worth[kept] >= worth[lost] for kept in may for lost in set(could) - set(may))


@settings(SETTINGS, max_examples=6)
@given(seed=st.integers(0, 10**6), limit=LIMITS)
def test_order_and_partition_by_household_change_nothing(random_log, seed, limit):
    log = random_log(seed, n_rows=15, same_moment=True)
    limit["by"] = "household"
    priority = np.random.default_rng(seed).integers(0, 3, (7, 4)).astype(float)
    _, whole = after_surplus(log, limit, priority)
    order = np.random.default_rng(seed + 1).permutation(7)
    home = [str(log.home(customer, log.spine["as_of"][0], "household_id")) for customer in log.spine["customer_id"]]
    spine = log.spine
    for rows in (order, np.flatnonzero(np.array(home) == "h"), np.flatnonzero(np.array(home) != "h")):
        log.spine = spine.iloc[rows].reset_index(drop=True)
        _, part = after_surplus(log, limit, priority[rows])
        assert (part.codes == whole.codes[rows]).all()


def test_the_member_with_the_best_offer_is_served():
    # Ann and Bob share a household that had one of two contacts of a week.
    people = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "household_id": ["h", "h", None]})
    done = pd.DataFrame({"decision_id": ["d"], "customer_id": ["ann"], "offer_id": ["card"]})
    tables = CustomerTables(customers=people, decisions=done.assign(decided_at="2026-06-25", channel="email"))
    catalog = Catalog([Offer("card", channels=("email",)), Offer("loan", channels=("email",))])
    rule = ContactLimit(2, "7D", by="household", channels=["email"])
    candidates = Candidates.of(tables, Spine.at("2026-06-30", people), catalog, (rule,))
    assert candidates.eligible.all()
    late = rule.surplus(candidates, np.array([[1.0, 6.0], [5.0, 5.0], [0.0, 0.0]]))
    assert list(late) == ["contact policy: 2 in 7D per household by email, others first"]
    after = candidates.without(rule.stage, late)
    assert after.eligible.tolist() == [[True, True], [False, False], [True, True]]


def test_members_of_different_moments_never_exceed_the_limit():
    people = pd.DataFrame({"customer_id": ["ann", "bob"], "household_id": ["h", "h"]})
    done = pd.DataFrame({"decision_id": ["d"], "customer_id": ["ann"], "offer_id": ["card"]})
    tables = CustomerTables(customers=people, decisions=done.assign(decided_at="2026-06-25"))
    spine = Spine.of(people.assign(as_of=pd.to_datetime(["2026-06-25", "2026-06-30"])))
    rule = ContactLimit(2, "7D", by="household")
    candidates = Candidates.of(tables, spine, Catalog([Offer("card")]), (rule,))
    late = rule.surplus(candidates, np.array([[2.0], [1.0]]))
    assert next(iter(late.values())).ravel().tolist() == [False, True]


def test_customers_say_how_often_they_want_to_be_contacted(random_log, ends_exactly):
    log = random_log(3, same_moment=True)
    wanted = log.customers["customer_id"].map({"c0": 0, "c1": 1, "c2": 3.0})
    log.customers = log.customers.assign(wanted=wanted)
    rule = ContactLimit("wanted", "7D")
    mask = rule.refused(log.candidates())["contact policy: wanted in 7D"].ravel()
    now = log.spine["as_of"][0]
    for i, customer in enumerate(log.spine["customer_id"]):
        want = {"c0": 0, "c1": 1, "c2": 3}.get(customer, np.inf)
        known = (log.customers.loc[log.customers["customer_id"] == customer, "valid_from"] < now).any()
        made = sum(f[0] >= now - pd.Timedelta("7D") for f in log.contacts(customer, now))
        assert mask[i] == (known and made >= want)
    assert ends_exactly(rule, log) > 0
    again = log.candidates()
    room = ContactLimit("wanted", "7D", "household", per="channel").surplus(again, np.ones((7, 4)))
    assert all(late.any() for late in room.values())
    log.customers = log.customers.assign(wanted=-1.0)
    with pytest.raises(InputError, match="wanted must be 0 or more, or missing"):
        rule.refused(log.candidates())
    with pytest.raises(InputError, match="a column of the customers must be one of"):
        ContactLimit("wishes").refused(log.candidates())


def test_reasons_name_the_limit(random_log):
    candidates = random_log(1).candidates()
    assert list(ContactLimit().refused(candidates)) == ["contact policy: 2 in 7D"]
    assert list(ContactLimit(per="channel").refused(candidates)) == ["contact policy: 2 in 7D per channel"]
    assert list(ContactLimit(1, "30D", "account", "category", kinds=["discount"]).refused(candidates)) == [
        "contact policy: 1 in 30D per account of discount per category"
    ]


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ({"at_most": 0}, "at_most must be a whole number of 1 or more; got 0"),
        ({"window": "1mo"}, "window must be a length of time"),
        ({"by": "street"}, "by must be one of"),
        ({"per": "color"}, "per must be one of"),
        ({"channels": "email"}, "channels must be a list of texts"),
    ],
)
def test_a_limit_that_is_none_is_refused(random_log, limit, says):
    with pytest.raises(InputError, match=says):
        ContactLimit(**limit).refused(random_log(1).candidates())


def test_nobody_is_asked(random_log):
    log = random_log(1)
    log.spine = log.spine.iloc[:0]
    candidates = log.candidates([ContactLimit(by="household")])
    assert candidates.eligible.shape == (0, 4)
    assert candidates.rules[0].surplus(candidates, np.empty((0, 4))) == {}
    assert c.CUSTOMER_ID in candidates.customers


def test_customers_compete_only_where_they_share_the_limit():
    assert not ContactLimit(1, "7D").competes
    assert ContactLimit(1, "7D", by="household").competes
    assert ContactLimit(1, "7D", by="account").competes
