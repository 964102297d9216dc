from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration import Candidates
from nbo.arbitration.contact import Scope, past_contacts
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

KINDS = {"card": "discount", "loan": "bundle", "case": "discount", "plan": "retention"}
CATEGORIES = {"card": "money", "loan": "money", "case": "goods"}
SCOPES = st.builds(
    Scope,
    channels=st.none() | st.lists(st.sampled_from(["email", "phone"]), max_size=2),
    offers=st.none() | st.lists(st.sampled_from([*KINDS, "gone"]), max_size=3),
    categories=st.none() | st.just(["money"]),
    kinds=st.none() | st.just(["discount"]),
)


def in_scope(scope, offer, channel):
    return scope.holds_offer(offer, CATEGORIES.get(offer), KINDS.get(offer)) and (
        scope.channels is None or channel in scope.channels
    )


def group(per, offer, channel):
    return {"channel": channel, "offer": offer, "category": CATEGORIES.get(offer), "kind": KINDS.get(offer)}[per]


GROUPS = {
    "channel": ["app", "email", "phone"],
    "offer": list(KINDS),
    "category": ["money", "goods"],
    "kind": ["discount", "bundle", "retention"],
}


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    by=st.sampled_from(["customer", "household", "account"]),
    window=st.sampled_from(["6h", "2D", "7D", "all"]),
    where=SCOPES,
)
@pytest.mark.parametrize("outcome", [None, "accept", "reject", "no_answer", "pending"])
def test_counts_and_moments_are_those_of_a_plain_loop(random_log, outcome, seed, by, window, where):
    log = random_log(seed)
    read = past_contacts(log.candidates())
    asked = {"by": by, "outcome": outcome, "window": window, "where": where, "answer_within": "3D"}
    counts, second = read.count(**asked), read.last(nth=2, **asked)
    apart = {per: (read.count(per=per, **asked), read.last(per=per, nth=2, **asked)) for per in GROUPS}
    width = pd.Timedelta("1000D") if window == "all" else pd.Timedelta(window)
    for i, row in enumerate(log.spine.itertuples()):
        found = log.contacts(row.customer_id, row.as_of, by, outcome, pd.Timedelta("3D"))
        found = [f for f in found if f[0] >= row.as_of - width and in_scope(where, *f[1:])]
        assert counts[i] == len(found)
        assert pd.Timestamp(second[i]) is pd.NaT if len(found) < 2 else second[i] == found[-2][0]
        for per, names in GROUPS.items():
            for g, name in enumerate(names):
                own = [f for f in found if group(per, *f[1:]) == name]
                assert apart[per][0][i, g] == len(own)
                assert np.isnat(apart[per][1][i, g]) if len(own) < 2 else apart[per][1][i, g] == own[-2][0]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), runs=st.integers(1, 4), within=st.sampled_from([None, "6h", "3D"]))
def test_runs_are_those_of_a_plain_loop(random_log, seed, runs, within):
    log = random_log(seed)
    found = past_contacts(log.candidates()).last(by="household", runs=runs, within=within)
    for i, row in enumerate(log.spine.itertuples()):
        times = [contact[0] for contact in log.contacts(row.customer_id, row.as_of, "household")]
        ends = [
            time
            for at, time in enumerate(times)
            if at >= runs - 1 and (within is None or time - times[at - runs + 1] <= pd.Timedelta(within))
        ]
        assert found[i] == ends[-1] if ends else np.isnat(found[i])


def test_what_happens_at_the_moment_or_later_changes_nothing(random_log):
    log = random_log(5)
    before = past_contacts(log.candidates()).count(by="household")
    first = log.spine["as_of"].min()
    later = log.decisions.assign(decided_at=first, decision_id=[f"x{i}" for i in range(len(log.decisions))])
    more = random_log(5)
    more.spine = log.spine.assign(as_of=first)
    alone = past_contacts(more.candidates()).count(by="household")
    more.decisions = pd.concat([log.decisions, later])
    assert past_contacts(more.candidates()).count(by="household").tolist() == alone.tolist()
    shuffled = random_log(5)
    shuffled.decisions = log.decisions.sample(frac=1.0, random_state=1)
    assert past_contacts(shuffled.candidates()).count(by="household").tolist() == before.tolist()


def test_a_decision_known_late_counts_from_then_on(random_log):
    log = random_log(1)
    log.decisions = pd.DataFrame(
        {
            "decision_id": ["a", "b"],
            "customer_id": "c1",
            "offer_id": "card",
            "decided_at": pd.to_datetime(["2026-06-01", "2026-06-02"]),
            "known_at": pd.to_datetime(["2026-06-10", None]),
        }
    )
    log.spine = pd.DataFrame({"customer_id": "c1", "as_of": pd.to_datetime(["2026-06-10", "2026-06-11"])})
    read = past_contacts(log.candidates())
    assert read.count().tolist() == [1, 2]
    assert read.last(runs=2).astype(str).tolist() == ["NaT", "2026-06-02T00:00:00.000000"]


def test_an_answer_counts_until_another_takes_its_place(random_log):
    log = random_log(1)
    log.decisions = pd.DataFrame({"decision_id": ["a"], "customer_id": "c1", "offer_id": "card"})
    log.decisions["decided_at"] = pd.Timestamp("2026-06-01")
    log.outcomes = pd.DataFrame({"decision_id": "a", "outcome": ["no_answer", "reject", "accept"]})
    log.outcomes["outcome_at"] = pd.to_datetime(["2026-06-02", "2026-06-04", "2026-06-06"])
    days = pd.date_range("2026-06-02", "2026-06-08")
    log.spine = pd.DataFrame({"customer_id": "c1", "as_of": days})
    read = past_contacts(log.candidates())
    assert read.count(outcome="pending").tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert read.count(outcome="no_answer").tolist() == [0, 1, 1, 0, 0, 0, 0]
    assert read.count(outcome="reject").tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert read.count(outcome="accept").tolist() == [0, 0, 0, 0, 0, 1, 1]


def test_without_tables_and_without_rows_nothing_was_done():
    catalog, spine = Catalog([Offer("card")]), Spine.at("2026-06-30", ["ann"])
    for candidates in (
        Candidates(spine, pd.DataFrame({"customer_id": ["ann"]}), catalog),
        Candidates.of(CustomerTables(), Spine.at("2026-06-30", ["ann"]), catalog),
    ):
        for by in ("customer", "household"):
            for outcome in (None, "accept", "no_answer", "pending"):
                read = past_contacts(candidates)
                assert read.count(by=by, outcome=outcome, per="offer").tolist() == [[0]]
                assert np.isnat(read.last(by=by, outcome=outcome)).all()
    nobody = Candidates.of(CustomerTables(), Spine.at("2026-06-30", []), catalog)
    assert past_contacts(nobody).count(per="channel").shape == (0, 1)


def test_the_log_is_read_once_for_all_rules_of_a_run(random_log):
    candidates = random_log(3).candidates()
    assert past_contacts(candidates) is past_contacts(candidates.without("capacity", {}))
    assert past_contacts(candidates) is not past_contacts(random_log(3).candidates())


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"by": "street"}, "by must be one of 'customer', 'household', 'account'"),
        ({"outcome": "maybe"}, "outcome must be one of"),
        ({"per": "color"}, "per must be one of"),
        ({"window": "soon"}, "a window must be"),
        ({"outcome": "pending", "answer_within": "soon"}, "answer_within must be a length of time"),
    ],
)
def test_what_cannot_be_asked_is_refused(random_log, asked, says):
    with pytest.raises(InputError, match=says):
        past_contacts(random_log(3).candidates()).count(**asked)


def test_a_scope_takes_lists_of_texts():
    with pytest.raises(InputError, match="channels must be a list of texts .* got 'email'"):
        Scope(channels="email")
