"""Link customers, form households: a known graph gives known households; joining and parting keeps totals."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import household_totals, households
from nbo.simulate import World
from nbo.tables import CustomerTables

NOW = "2026-06-30"
PEOPLE = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "cy", "di", "eve", "fay"],
        "valid_from": "2026-01-01",
        "birth_date": ["1970-05-01", "1975-01-01", "2012-01-01", "1940-01-01", None, "1990-01-01"],
        "household_id": ["h1", "h1", "h1", None, None, None],
        "phone": [None, None, None, "7", " ", " "],
    }
)
EDGES = pd.DataFrame(
    {
        "customer_id": ["di", "eve", "fay"],
        "related_id": ["cy", "fay", "ann"],
        "kind": ["family", "family", "friend"],
        "valid_from": "2026-02-01",
    }
)


def tables(people=PEOPLE, edges=EDGES, **more):
    return CustomerTables(customers=people, relationships=edges, **more)


def groups(found):
    return {tuple(part) for part in found.groupby("household_id")["customer_id"].agg(list)}


def test_a_known_graph_gives_known_households_and_roles():
    found = households(tables(), NOW).set_index("customer_id")
    assert found["household_id"].to_dict() == {
        "ann": "ann", "bob": "ann", "cy": "ann", "di": "ann", "eve": "eve", "fay": "eve"
    }  # fmt: skip
    # Di is the oldest; Ann, 30 years younger, is no partner of hers; nobody knows how old Eve is.
    assert found["role"].to_dict() == {
        "ann": "member", "bob": "member", "cy": "child", "di": "head", "eve": "member", "fay": "head"
    }  # fmt: skip
    assert found["size"].tolist() == [4, 4, 4, 4, 2, 2]
    assert found["children"].tolist() == [1, 1, 1, 1, 0, 0]


def test_the_adult_next_to_the_head_in_age_is_the_partner():
    found = households(tables(edges=None), NOW).set_index("customer_id")
    assert found.loc[["ann", "bob", "cy", "di"], "role"].tolist() == ["head", "partner", "child", "head"]


def test_households_are_the_components_of_a_random_graph():
    rng = np.random.default_rng(5)
    n = 400
    people = pd.DataFrame({"customer_id": np.arange(n), "phone": rng.choice([None, *map(str, range(250))], n)})
    edges = pd.DataFrame({"customer_id": rng.integers(0, n, 150), "related_id": rng.integers(0, n, 150), "kind": "kin"})
    asked = rng.integers(0, n, (40, 2))
    referrals = pd.DataFrame(asked, columns=["customer_id", "referred_id"]).assign(event_time="2026-01-01")
    found = households(
        tables(people, edges, referrals=referrals), NOW, by=["phone", "relationships", "referrals"], kinds=["kin"]
    )
    label = list(range(n))
    links = [*edges[["customer_id", "related_id"]].to_numpy().tolist(), *asked.tolist()]
    for _, same in people.groupby("phone")["customer_id"]:
        links += [[same.iloc[0], other] for other in same]
    for start, end in links:
        label = [label[start] if own == label[end] else own for own in label]
    expected = {tuple(i for i in range(n) if label[i] == own) for own in label}
    assert groups(found) == expected
    assert (found["household_id"] == found.groupby("household_id")["customer_id"].transform("min")).all()
    assert (found["size"] == found.groupby("household_id")["customer_id"].transform("size")).all()


def test_a_later_link_joins_an_ended_one_parts_and_totals_keep():
    spent = pd.DataFrame({"customer_id": [*PEOPLE["customer_id"]] * 3, "spent": np.arange(18) + 0.1})
    join = pd.DataFrame(
        {"customer_id": ["bob"], "related_id": ["eve"], "kind": ["family"], "valid_from": ["2026-03-01"]}
    )
    part = pd.DataFrame({"customer_id": ["bob"], "valid_from": ["2026-04-01"], "household_id": ["h9"]})
    ended = join.assign(valid_from="2026-05-01", weight=0.0)
    history = tables(pd.concat([PEOPLE, part]), pd.concat([EDGES, join, ended]))
    seen = {}
    for as_of in ("2026-02-02", "2026-03-02", "2026-04-02", "2026-05-02"):
        found = households(history, as_of)
        seen[as_of] = groups(found)
        totals = household_totals(found, spent)
        assert round(totals["spent"].sum() * 100) == round(spent["spent"].sum() * 100)
        assert totals["members"].sum() == 6
    whole = ("ann", "bob", "cy", "di")
    assert seen["2026-02-02"] == {whole, ("eve", "fay")}
    assert seen["2026-03-02"] == {("ann", "bob", "cy", "di", "eve", "fay")}
    assert seen["2026-04-02"] == {("ann", "cy", "di"), ("bob", "eve", "fay")}
    assert seen["2026-05-02"] == {("ann", "cy", "di"), ("bob",), ("eve", "fay")}


def test_contacts_of_an_account_have_their_roles_in_buying():
    people = pd.DataFrame(
        {
            "customer_id": [3, 1, 2, 4],
            "account_id": ["a", "a", "a", None],
            "buying_role": ["Decision_Maker", "user", None, "user"],
        }
    )
    found = households(CustomerTables(customers=people), NOW, by=["account_id"])
    assert found["household_id"].tolist() == [1, 1, 1, 4]
    assert found["role"].tolist() == ["user", "member", "decision maker", "head"]


def test_a_blank_value_links_nobody_nor_does_one_that_many_share():
    people = pd.DataFrame({"customer_id": list("abcdef"), "phone": ["1", "1", "2", "2", "2", ""]})
    given = CustomerTables(customers=people)
    assert groups(households(given, NOW, by=["phone"])) == {("a", "b"), ("c", "d", "e"), ("f",)}
    assert groups(households(given, NOW, by=["phone"], most=2)) == {("a", "b"), ("c",), ("d",), ("e",), ("f",)}
    assert len(groups(households(tables(), NOW, by=["phone"]))) == 6


def test_a_relationship_of_another_kind_or_of_none_links_nobody():
    assert ("eve", "fay") in groups(households(tables(), NOW))
    assert ("eve",) in groups(households(tables(), NOW, kinds=["friend"]))
    assert ("eve",) in groups(households(tables(edges=EDGES.drop(columns="kind")), NOW))
    stranger = pd.DataFrame({"customer_id": ["eve", "nobody"], "related_id": ["nobody", "bob"], "kind": "family"})
    assert ("eve",) in groups(households(tables(edges=stranger), NOW))


def test_a_referral_links_once_it_is_known():
    people = pd.DataFrame({"customer_id": list("abc")})
    asked = pd.DataFrame({"customer_id": ["a", "b"], "referred_id": ["b", "c"], "event_time": "2026-01-01"})
    asked["known_at"] = ["2026-01-02", "2026-06-30"]
    given = CustomerTables(customers=people, referrals=asked)
    assert groups(households(given, NOW, by=["referrals"])) == {("a", "b"), ("c",)}
    assert groups(households(given, "2026-07-01", by=["referrals"])) == {("a", "b", "c")}
    assert len(groups(households(CustomerTables(customers=people), NOW, by=["referrals"]))) == 3


def test_several_columns_must_all_agree():
    people = pd.DataFrame(
        {"customer_id": list("abcd"), "postcode": ["1", "1", "1", "2"], "street": ["x", "x", "y", "x"]}
    )
    assert groups(households(CustomerTables(customers=people), NOW, by=[("postcode", "street")])) == {
        ("a", "b"), ("c",), ("d",)
    }  # fmt: skip


def test_rows_of_the_future_and_their_order_change_nothing():
    before = households(tables(), NOW)
    late = pd.DataFrame(
        {"customer_id": ["eve", "ann"], "valid_from": ["2026-07-01", "2026-01-02"], "household_id": "h1"}
    )
    late["known_at"] = [None, "2026-06-30"]
    link = EDGES.iloc[:1].assign(customer_id="eve", valid_from=["2026-06-30"])
    people, edges = pd.concat([PEOPLE, PEOPLE, late]), pd.concat([EDGES, link, EDGES])
    after = households(tables(people.sample(frac=1, random_state=1), edges.sample(frac=1, random_state=2)), NOW)
    pd.testing.assert_frame_equal(after, before)


def test_households_of_the_simulated_world_are_those_that_it_states():
    world = World(customers=500, days=60, seed=4)
    found = households(world.tables, world.end, by=["household_id"])
    newest = world.tables.customers.query("valid_from < @world.end").sort_values("valid_from").groupby("customer_id")
    stated = newest.tail(1).set_index("customer_id")["household_id"].reindex(found["customer_id"])
    pairs = pd.DataFrame({"stated": stated.to_numpy(), "found": found["household_id"]}).dropna().drop_duplicates()
    assert pairs["stated"].is_unique
    assert pairs["found"].is_unique
    assert len(pairs) > 100


def test_nobody_one_customer_and_no_links():
    empty = households(CustomerTables(customers=PEOPLE.iloc[:0]), NOW)
    assert empty.shape == (0, 5)
    one = households(CustomerTables(customers=PEOPLE.iloc[:1]), NOW)
    assert one.values.tolist() == [["ann", "ann", "head", 1, 0]]
    assert households(CustomerTables(customers=PEOPLE), NOW, by=[])["size"].eq(1).all()
    mixed = households(CustomerTables(customers=pd.DataFrame({"customer_id": [1, "x"], "household_id": "h"})), NOW)
    assert len(groups(mixed)) == 1


def test_what_is_wrong_is_told():
    with pytest.raises(InputError, match="lacks the column 'address'"):
        households(tables(), NOW, by=["address"])
    with pytest.raises(InputError, match="by must be a sequence, such as \\['phone'\\]"):
        households(tables(), NOW, by="phone")
    with pytest.raises(InputError, match="kinds must be a sequence, such as \\['family'\\]"):
        households(tables(), NOW, kinds="family")
    with pytest.raises(InputError, match="most must be 1 or more"):
        households(tables(), NOW, most=0)
    with pytest.raises(InputError, match="no table of customers"):
        households(CustomerTables(), NOW)


def test_totals_are_exact_where_sums_of_floats_are_not():
    members = pd.DataFrame({"customer_id": range(10), "household_id": [0] * 10})
    spent = pd.DataFrame({"customer_id": range(10), "spent": 0.1, "cost": [None] + [0.01] * 9})
    found = household_totals(members, spent)
    assert sum([0.1] * 10) != 1.0
    assert found[["spent", "cost"]].values.tolist() == [[1.0, 0.09]]


def test_values_of_unknown_customers_stand_apart():
    members = pd.DataFrame({"customer_id": ["a"], "household_id": ["a"]})
    found = household_totals(members, pd.DataFrame({"customer_id": ["a", "z", None], "spent": [1.0, 2.0, 4.0]}))
    assert found["spent"].tolist() == [1.0, 6.0]
    assert found["household_id"].isna().tolist() == [False, True]
    assert found["members"].tolist() == [1, 0]


def test_totals_refuse_what_is_no_number_and_a_customer_of_two_households():
    members = pd.DataFrame({"customer_id": ["a", "a"], "household_id": ["a", "b"]})
    with pytest.raises(InputError, match="members.customer_id must be there once; 1 of 2"):
        household_totals(members, pd.DataFrame({"customer_id": ["a"], "spent": [1.0]}))
    with pytest.raises(InputError, match="values.spent must be numbers"):
        household_totals(members[:1], pd.DataFrame({"customer_id": ["a"], "spent": ["much"]}))
    with pytest.raises(InputError, match="less than 2\\*\\*53 cents"):
        household_totals(members[:1], pd.DataFrame({"customer_id": ["a"], "spent": [1e15]}))


def test_totals_refuse_ids_of_two_kinds():
    members = pd.DataFrame({"customer_id": [1, 2], "household_id": [1, 1]})
    with pytest.raises(InputError, match="must name customers in the same way"):
        household_totals(members, pd.DataFrame({"customer_id": ["1"], "amount": [5.0]}))


def test_referrals_whose_ids_are_of_another_kind_are_refused():
    tables = CustomerTables(
        customers=pd.DataFrame({"customer_id": [1, 3]}),
        referrals=pd.DataFrame({"customer_id": ["1"], "referred_id": ["3"], "event_time": "2026-01-01"}),
    )
    with pytest.raises(
        InputError, match=r"referrals\.customer_id and customers\.customer_id must name customers in the"
    ):
        households(tables, "2026-06-30", by=["referrals"])


def test_totals_refuse_endless_values():
    members = pd.DataFrame({"customer_id": [1], "household_id": [1]})
    with pytest.raises(InputError, match=r"less than 2\*\*53 cents in all"):
        household_totals(members, pd.DataFrame({"customer_id": [1], "amount": [np.inf]}))
