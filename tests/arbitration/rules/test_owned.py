from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Owned
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine
from nbo.testing import check_rule

CATALOG = Catalog(
    [
        Offer("card", products=("card",)),
        Offer("either", products=("card", "loan")),
        Offer("pack", products=("card", "loan"), bundle="fixed"),
        Offer("flex", products=("card", "loan", "fund"), bundle="flexible"),
        Offer("advice"),
    ]
)
ROWS = [
    ("ann", "2026-01-10", "card", "sale"),
    ("bob", "2026-01-10", "card", "sale"),
    ("bob", "2026-02-10", "card", "return"),
    ("cid", "2026-01-10", "card", "sale"),
    ("cid", "2026-02-10", "loan", None),
    ("dan", "2026-02-10", "fund", "sale"),
    ("dan", "2026-03-10", "fund", "return"),
    ("dan", "2026-04-10", "fund", "sale"),
    ("eve", "2026-02-10", "sofa", "sale"),
]
SALES = pd.DataFrame(ROWS, columns=["customer_id", "event_time", "product_id", "kind"]).assign(amount=1.0)
CUSTOMERS = ["ann", "bob", "cid", "dan", "eve", "fay"]


def candidates(rule=None, as_of="2026-06-30", sales=SALES, catalog=CATALOG, **tables):
    rules = () if rule is None else (rule,)
    return Candidates.of(CustomerTables(transactions=sales, **tables), Spine.at(as_of, CUSTOMERS), catalog, rules)


def reasons(found):
    """Of each customer and offer, "" where it is allowed."""
    names = np.array(["", *found.reasons], dtype=object)
    return names[found.codes[:, :, 0]].tolist()


def test_by_hand():
    part, few = "part owned", "fewer than two left"
    assert reasons(candidates(Owned())) == [
        ["owned", "", part, "", ""],  # ann owns the card; of the flexible bundle, loan and fund are left
        ["", "", "", "", ""],  # bob brought it back
        ["owned", "owned", part, few, ""],  # cid owns card and loan
        ["", "", "", "", ""],  # dan owns the fund
        ["", "", "", "", ""],
        ["", "", "", "", ""],
    ]


def test_what_is_left_of_flexible_bundles():
    left = candidates(Owned()).portion
    assert left[:, 3].tolist() == [1 - 1 / 3, 1.0, 1 - 2 / 3, 1 - 1 / 3, 1.0, 1.0]
    assert (left[:, [0, 1, 2, 4]] == 1.0).all()
    assert (candidates().portion == 1.0).all()
    assert Owned().portions(candidates(catalog=Catalog([Offer("card", products=("card",))]))) is None


@pytest.mark.parametrize(
    ("as_of", "owned"),
    [
        ("2026-01-10", False),  # a sale of this moment is not known yet
        ("2026-01-10T00:00:01", True),
        ("2026-02-10", True),
        ("2026-02-10T00:00:01", False),
    ],
)
def test_only_what_happened_before_the_moment_counts(as_of, owned):
    assert reasons(candidates(Owned(), as_of))[1][0] == ("owned" if owned else "")


def test_only_what_was_known_before_the_moment_counts():
    late = SALES.assign(known_at=["2026-05-01", *SALES["event_time"][1:]])
    assert reasons(candidates(Owned(), "2026-05-01", late))[0][0] == ""
    assert reasons(candidates(Owned(), "2026-05-02", late))[0][0] == "owned"


def test_a_return_of_the_same_moment_comes_after_the_sale():
    for kinds in (["sale", "return"], ["return", "sale"]):
        sales = SALES.iloc[[0, 0]].assign(kind=kinds)
        assert reasons(candidates(Owned(), sales=sales))[0][0] == ""


def test_a_sale_may_count_for_a_while_only():
    assert reasons(candidates(Owned(within="30D"), "2026-02-09"))[0][0] == "owned"
    assert reasons(candidates(Owned(within="30D"), "2026-02-10"))[0][0] == ""


def test_conditions_say_what_is_owned_too():
    people = pd.DataFrame({"customer_id": CUSTOMERS, "has_loan": [True, None, False, False, False, True]})
    both = candidates(Owned(columns={"loan": "has_loan", "boat": "no_such_column > 1"}), customers=people)
    assert both.eligible[:, 1].tolist() == [False, True, False, True, True, True]
    alone = candidates(Owned(columns={"loan": "has_loan"}, transactions=False), customers=people)
    assert reasons(alone)[5][2] == "part owned"
    assert reasons(alone)[0][0] == ""


def test_products_may_be_numbers_in_the_table():
    sales = SALES.assign(product_id=[7, 7, 7, 7, 7, 7, 7, 7, 8])
    catalog = Catalog([Offer("seven", products=("7",)), Offer("nine", products=("9",))])
    assert reasons(candidates(Owned(), sales=sales, catalog=catalog))[0] == ["owned", ""]


def test_without_a_kind_all_are_sales():
    assert reasons(candidates(Owned(), sales=SALES.drop(columns="kind")))[1][0] == "owned"


def test_without_tables_nothing_is_owned():
    spine = Spine.at("2026-06-30", CUSTOMERS)
    for tables in (CustomerTables(), CustomerTables(transactions=SALES.drop(columns="product_id"))):
        assert Candidates.of(tables, spine, CATALOG, (Owned(),)).eligible.all()


def test_a_plain_loop_says_the_same():
    rng = np.random.default_rng(4)
    n = 400
    sales = pd.DataFrame(
        {
            "customer_id": rng.choice(CUSTOMERS, n),
            "event_time": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 40, n), unit="D"),
            "product_id": rng.choice(["card", "loan", "fund", "sofa"], n),
            "kind": rng.choice(["sale", "return"], n),
            "amount": 1.0,
        }
    )
    sales["known_at"] = sales["event_time"] + pd.to_timedelta(rng.integers(0, 9, n), unit="D")
    asked = pd.DataFrame({"customer_id": np.repeat(CUSTOMERS, 20)})
    asked["as_of"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 60, len(asked)), unit="D")
    given = Candidates.of(CustomerTables(transactions=sales), Spine.of(asked), CATALOG)
    for within in (None, "7D"):
        found = Owned(within=within).owned(given)
        for row, (customer, as_of) in enumerate(asked.itertuples(index=False)):
            for column, product in enumerate(["card", "loan", "fund"]):
                mine = sales[(sales["customer_id"] == customer) & (sales["product_id"] == product)]
                mine = mine[(mine["event_time"] < as_of) & (mine["known_at"] < as_of)]
                if within is not None:
                    mine = mine[mine["event_time"] >= as_of - pd.Timedelta(within)]
                last = mine.groupby("kind")["event_time"].max()
                bought = "sale" in last and not ("return" in last and last["return"] >= last["sale"])
                assert found[row, column] == bought


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"columns": ["card"]}, "columns of Owned must be a mapping"),
        ({"columns": {"card": "age <"}}, "Owned, product 'card': no condition"),
        ({"columns": {"card": "has_card"}}, "Owned, product 'card': unknown column 'has_card'"),
        (
            {"columns": {"card": "offer.value > 1"}},
            "product 'card': the condition must be about customers alone",
        ),
        ({"transactions": "yes"}, "transactions of Owned must be True or False"),
        ({"within": "soon"}, "within of Owned must be"),
    ],
)
def test_wrong_arguments_are_refused(given, says):
    with pytest.raises(InputError, match=says):
        candidates(Owned(**given)).codes  # noqa: B018


def test_words():
    rule = Owned(columns={"card": "has_card"}, within="365D")
    assert rule.words == "refuse what is owned: bought within 365D and not returned; card when has_card"


def test_it_owes_what_rules_owe():
    check_rule(Owned(within="90D"), CustomerTables(transactions=SALES), Spine.at("2026-03-30", CUSTOMERS), CATALOG)
