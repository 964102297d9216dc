from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Eligibility, Excludes, never_together
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine
from nbo.testing import check_rule

CATALOG = Catalog([Offer("card"), Offer("loan"), Offer("fund")])
DONE = pd.DataFrame(
    [
        ("d1", "ann", "2026-06-01", "card"),  # accepted
        ("d2", "bob", "2026-06-10", "card"),  # rejected
        ("d3", "cid", "2026-06-25", "card"),  # not answered yet
        ("d4", "dan", "2026-06-01", "card"),  # never answered
        ("d5", "eve", "2026-06-25", "no_offer"),
        ("d6", "fay", "2026-06-25", "loan"),  # accepted
    ],
    columns=["decision_id", "customer_id", "decided_at", "offer_id"],
)
SAID = pd.DataFrame(
    [("d1", "accept", "2026-06-03"), ("d2", "reject", "2026-06-12"), ("d6", "accept", "2026-06-26")],
    columns=["decision_id", "outcome", "outcome_at"],
)
CUSTOMERS = ["ann", "bob", "cid", "dan", "eve", "fay"]
TABLES = CustomerTables(decisions=DONE, outcomes=SAID)


def candidates(*rules, as_of="2026-06-30", tables=TABLES):
    return Candidates.of(tables, Spine.at(as_of, CUSTOMERS), CATALOG, rules)


def refused(*rules, **more):
    """For each offer, the customers to whom it is refused."""
    eligible = candidates(*rules, **more).eligible
    return {offer: [name for name, fine in zip(CUSTOMERS, column, strict=True) if not fine]
            for offer, column in zip(CATALOG.offer_ids, eligible.T, strict=True) if not column.all()}  # fmt: skip


def excludes(**more):
    return Excludes("r", **{"offers": ["loan"], "others": ["card"], **more})


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (None, ["ann", "cid"]),  # active: accepted, or open for 14 days
        (["made"], ["ann", "bob", "cid", "dan"]),
        (["accept"], ["ann"]),
        (["reject"], ["bob"]),
        (["no_answer"], ["dan"]),
        (["pending"], ["cid"]),
        (["reject", "no_answer"], ["bob", "dan"]),
    ],
)
def test_one_offer_is_refused_after_another(outcomes, expected):
    assert refused(excludes(outcomes=outcomes)) == {"loan": expected}


def test_mutual_ones_refuse_each_other_and_never_themselves():
    rule = excludes(offers=["loan", "card"], others=["card", "loan", "fund"], mutual=True)
    assert refused(rule) == {"loan": ["ann", "cid"], "card": ["fay"], "fund": ["ann", "cid", "fay"]}
    assert refused(excludes(offers=["card"], others=["card"])) == {}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-06-10", []),  # made at this very moment
        ("2026-06-10T00:00:01", ["bob"]),
        ("2026-06-17", ["bob"]),
        ("2026-06-17T00:00:01", []),
    ],
)
def test_the_window_has_its_start_and_not_its_end(as_of, expected):
    rule = excludes(outcomes=["made"], within="7D")
    found = refused(rule, as_of=as_of).get("loan", [])
    assert [name for name in found if name == "bob"] == expected
    if expected:
        until = rule.resumes(candidates(as_of=as_of))["r"][1, 1, 0]
        assert pd.Timestamp(until) == pd.Timestamp("2026-06-17T00:00:00.000001")
        assert "bob" not in refused(rule, as_of=until).get("loan", [])


def test_where_an_answer_may_come_the_end_is_not_known():
    ends = excludes(within="60D").resumes(candidates())["r"][:, 1, 0]
    assert np.isnat(ends).tolist() == [False, True, True, True, True, True]
    assert pd.Timestamp(ends[0]) == pd.Timestamp("2026-06-03") + pd.Timedelta("60D") + pd.Timedelta("1us")
    assert np.isnat(excludes().resumes(candidates())["r"]).all()


def test_only_what_was_known_counts():
    late = SAID.assign(outcome_at=["2026-07-03", *SAID["outcome_at"][1:]])
    known = CustomerTables(decisions=DONE, outcomes=late)
    assert refused(excludes(outcomes=["accept"]), tables=known) == {}


def test_members_of_a_household_may_count_together():
    homes = pd.DataFrame({"customer_id": CUSTOMERS, "household_id": ["x", "x", "y", "y", None, "z"]})
    tables = CustomerTables(customers=homes, decisions=DONE, outcomes=SAID)
    assert refused(excludes(by="household"), tables=tables) == {"loan": ["ann", "bob", "cid", "dan"]}
    assert excludes(by="household").words.endswith("(pending, accept) per household")


def test_it_holds_for_its_time_only():
    assert refused(excludes(valid_until="2026-06-30")) == {}
    assert refused(excludes(valid_from="2026-06-30")) == {"loan": ["ann", "cid"]}


def test_reason_and_stage():
    found = candidates(excludes(reason="card first", stage="suitability"))
    assert (found.reasons[1], found.stages[1]) == ("card first", "suitability")
    assert candidates(excludes()).stages[1] == "applicability"


def test_offers_of_the_past_may_be_named():
    old = pd.DataFrame({"offer_id": ["card", "gold"]})
    tables = CustomerTables(decisions=DONE.replace("card", "gold"), catalog=old)
    assert refused(excludes(others=["gold"], outcomes=["made"]), tables=tables) == {
        "loan": ["ann", "bob", "cid", "dan"]
    }


def test_pairs_that_never_stand_in_one_slate():
    rules = [
        excludes(mutual=True),
        Eligibility(),
        Excludes("cards", ["fund", "card"], ["card", "fund"], mutual=True),
        Excludes("one way", ["loan"], ["fund"]),
    ]
    assert never_together(rules) == [("card", "fund"), ("card", "loan")]
    assert never_together([]) == []


def test_a_plain_loop_says_the_same():
    rng = np.random.default_rng(8)
    n = 300
    hours = pd.to_timedelta(rng.integers(0, 60, n) * 12, unit="h")
    done = pd.DataFrame({"decision_id": [f"d{at}" for at in range(n)], "customer_id": rng.choice(CUSTOMERS, n)})
    done = done.assign(decided_at=pd.Timestamp("2026-06-01") + hours, offer_id=rng.choice(["card", "loan", "fund"], n))
    said = done[["decision_id"]].assign(outcome=rng.choice(["accept", "reject"], n))
    said["outcome_at"] = done["decided_at"] + pd.to_timedelta(rng.integers(0, 6, n) * 12, unit="h")
    said = said[rng.random(n) < 0.6]
    asked = pd.DataFrame({"customer_id": np.repeat(CUSTOMERS, 30)})
    asked["as_of"] = pd.Timestamp("2026-06-01") + pd.to_timedelta(rng.integers(0, 80, len(asked)) * 12, unit="h")
    given = Candidates.of(CustomerTables(decisions=done, outcomes=said), Spine.of(asked), CATALOG)
    rows = done.merge(said, how="left", on="decision_id")
    for outcome, time in (("made", "decided_at"), ("accept", "outcome_at"), ("reject", "outcome_at")):
        rule = Excludes("r", ["card", "fund"], ["loan", "fund"], within="5D", outcomes=[outcome])
        mask = rule.refused(given)["r"][:, :, 0]
        wanted = rows if outcome == "made" else rows[rows["outcome"] == outcome]
        for row, (customer, as_of) in enumerate(asked.itertuples(index=False)):
            seen = wanted[(wanted["customer_id"] == customer) & (wanted[time] < as_of)]
            seen = set(seen.loc[seen[time] >= as_of - pd.Timedelta("5D"), "offer_id"])
            assert mask[row].tolist() == [bool(seen & {"loan", "fund"}), False, bool(seen & {"loan"})]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"offers": []}, "offers of Excludes 'r' must be a list of texts"),
        ({"others": "card"}, "others of Excludes 'r' must be a list of texts; got 'card'"),
        ({"others": ["crad"]}, "'crad' is not .did you mean 'card'"),
        ({"within": "soon"}, "within of Excludes 'r' must be"),
        ({"outcomes": ["sold"]}, "outcomes of Excludes 'r' must be a list of some of 'made', .*; got .'sold'"),
        ({"outcomes": "made"}, "outcomes of Excludes 'r' must be a list of some"),
        ({"mutual": "yes"}, "mutual of Excludes 'r' must be True or False"),
        ({"answer_within": 3}, "answer_within of Excludes 'r' must be"),
        ({"by": "street"}, "by of Excludes 'r' must be one of 'customer', 'household', 'account'; got 'street'"),
        ({"stage": "whim"}, "stage of Excludes 'r' must be one of"),
    ],
)
def test_wrong_arguments_are_refused(given, says):
    with pytest.raises(InputError, match=says):
        candidates(excludes(**given)).codes  # noqa: B018


def test_words():
    assert excludes(within="30D", mutual=True).words == (
        "refuse offers loan after card (pending, accept) within 30D and the other way round"
    )


def test_without_a_past_nothing_is_refused():
    assert refused(excludes(outcomes=["made"]), tables=CustomerTables()) == {}


def test_it_owes_what_rules_owe():
    check_rule(excludes(within="30D", mutual=True), TABLES, Spine.at("2026-06-30", CUSTOMERS), CATALOG)
