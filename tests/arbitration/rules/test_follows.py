from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Follows
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine
from nbo.testing import check_rule

CATALOG = Catalog([Offer("card"), Offer("gold")])
DONE = pd.DataFrame(
    [
        ("d1", "ann", "2026-06-01", "card"),
        ("d2", "bob", "2026-06-10", "card"),
        ("d3", "cid", "2026-06-25", "gold"),
    ],
    columns=["decision_id", "customer_id", "decided_at", "offer_id"],
)
SAID = pd.DataFrame(
    [("d1", "accept", "2026-06-03"), ("d2", "reject", "2026-06-12")],
    columns=["decision_id", "outcome", "outcome_at"],
)
CUSTOMERS = ["ann", "bob", "cid"]
TABLES = CustomerTables(decisions=DONE, outcomes=SAID)


def candidates(*rules, as_of="2026-06-30", tables=TABLES):
    return Candidates.of(tables, Spine.at(as_of, CUSTOMERS), CATALOG, rules)


def allowed(rule, **more):
    """The customers to whom gold may be offered; the card may be to all."""
    eligible = candidates(rule, **more).eligible
    assert eligible[:, 0].all()
    return [name for name, fine in zip(CUSTOMERS, eligible[:, 1], strict=True) if fine]


def follows(**more):
    return Follows("r", **{"offers": ["gold"], "after": ["card"], **more})


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (None, ["ann"]),
        (["accept"], ["ann"]),
        (["made"], ["ann", "bob"]),
        (["reject"], ["bob"]),
        (["accept", "reject"], ["ann", "bob"]),
        (["no_answer"], []),
    ],
)
def test_one_offer_waits_for_another(outcomes, expected):
    assert allowed(follows(outcomes=outcomes)) == expected


@pytest.mark.parametrize(
    ("wait", "within", "as_of", "expected"),
    [
        # Accepted on June 3.
        (None, "all", "2026-06-03", []),
        (None, "all", "2026-06-03T00:00:01", ["ann"]),
        ("14D", "all", "2026-06-16T23:59:59.999999", []),
        ("14D", "all", "2026-06-17", ["ann"]),
        ("1us", "all", "2026-06-03T00:00:00.000001", ["ann"]),
        (None, "7D", "2026-06-10", ["ann"]),
        (None, "7D", "2026-06-10T00:00:00.000001", []),
        ("7D", "7D", "2026-06-10", ["ann"]),
        ("7D", "8D", "2026-06-09", []),
    ],
)
def test_it_waits_at_least_and_at_most(wait, within, as_of, expected):
    assert allowed(follows(wait=wait, within=within), as_of=as_of) == expected


def test_members_of_a_household_may_count_together():
    homes = pd.DataFrame({"customer_id": CUSTOMERS, "household_id": ["x", "x", None]})
    tables = CustomerTables(customers=homes, decisions=DONE, outcomes=SAID)
    assert allowed(follows(by="household"), tables=tables) == ["ann", "bob"]


def test_it_holds_for_its_time_only():
    assert allowed(follows(valid_from="2026-07-01")) == CUSTOMERS


def test_a_plain_loop_says_the_same():
    rng = np.random.default_rng(3)
    n = 120
    done = pd.DataFrame({"decision_id": [f"d{at}" for at in range(n)], "customer_id": rng.choice(CUSTOMERS, n)})
    done["decided_at"] = pd.Timestamp("2026-06-01") + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    done["offer_id"] = rng.choice(["card", "gold"], n)
    said = done[["decision_id"]].assign(outcome=rng.choice(["accept", "reject"], n))
    said["outcome_at"] = done["decided_at"] + pd.to_timedelta(rng.integers(0, 6, n), unit="D")
    asked = pd.DataFrame({"customer_id": np.repeat(CUSTOMERS, 60)})
    asked["as_of"] = pd.Timestamp("2026-06-01") + pd.to_timedelta(rng.integers(0, 80, len(asked)), unit="D")
    given = Candidates.of(CustomerTables(decisions=done, outcomes=said), Spine.of(asked), CATALOG)
    mask = follows(wait="5D", within="9D").refused(given)["r"]
    rows = done.merge(said, on="decision_id").query("outcome == 'accept' and offer_id == 'card'")
    for row, (customer, as_of) in enumerate(asked.itertuples(index=False)):
        when = rows.loc[rows["customer_id"] == customer, "outcome_at"]
        seen = ((when <= as_of - pd.Timedelta("5D")) & (when >= as_of - pd.Timedelta("9D"))).any()
        assert mask[row, :, 0].tolist() == [False, not seen]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"after": []}, "after of Follows 'r' must be a list of texts"),
        (
            {"after": ["crad"]},
            "after of Follows 'r' must be offers of the catalog .*'crad' is not .did you mean",
        ),
        ({"offers": ["glod"]}, "offers of Follows 'r' must be offers of the catalog .*'glod' is not"),
        ({"wait": "soon"}, "wait of Follows 'r' must be"),
        ({"wait": "9D", "within": "8D"}, "within of Follows 'r' must be as long as wait, 9D; got '8D'"),
        ({"by": "street"}, "by of Follows 'r' must be one of 'customer', 'household', 'account'; got 'street'"),
        ({"outcomes": ["pending"]}, "outcomes of Follows 'r' must be a list of some of"),
    ],
)
def test_wrong_arguments_are_refused(given, says):
    with pytest.raises(InputError, match=says):
        candidates(follows(**given)).codes  # noqa: B018


def test_words():
    assert follows(wait="14D", within="90D").words == (
        "refuse offers gold unless after card (accept) 14D ago or longer, within 90D"
    )


def test_it_owes_what_rules_owe():
    check_rule(follows(wait="5D"), TABLES, Spine.at("2026-06-30", CUSTOMERS), CATALOG)
