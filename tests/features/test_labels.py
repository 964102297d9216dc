import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import TransactionFeatures, known_customers, labels
from nbo.tables import CustomerTables, Spine


def _sales(**columns) -> CustomerTables:
    return CustomerTables(transactions=pd.DataFrame(columns))


SALES = _sales(
    customer_id=["ann", "bob", "bob", "cy", "dee", "end"],
    event_time=["2026-02-01", "2026-01-31", "2026-03-03", "2026-02-10", "2026-02-11", "2026-12-31"],
    amount=[10.0, 20.0, 40.0, 80.0, 160.0, 1.0],
    margin=[1.0, 2.0, 4.0, -8.0, 16.0, 1.0],
    kind=["sale", "sale", "sale", "return", "sale", "sale"],
    status=["completed", "completed", "completed", "completed", "pending", "completed"],
)
SPINE = Spine.at("2026-02-01", ["ann", "bob", "cy", "dee", "nobody"])


def test_churned_is_no_completed_sale_in_the_window():
    y = labels.churned(SALES, SPINE, horizon="30D")
    assert y.to_dict() == {0: 0, 1: 1, 2: 1, 3: 1, 4: 1}
    assert y.name == "churned"
    assert str(y.dtype) == "int64"


def test_the_window_includes_its_start_and_excludes_its_end():
    assert labels.churned(SALES, SPINE, horizon="30D", gap="1us")[0] == 1
    assert labels.churned(SALES, SPINE, horizon="720h")[1] == 1
    assert labels.churned(SALES, SPINE, horizon="30D", gap="1us")[1] == 0


def test_the_gap_moves_the_window():
    y = labels.churned(SALES, SPINE, horizon="30D", gap="1D")
    assert y.to_dict() == {0: 1, 1: 0, 2: 1, 3: 1, 4: 1}


def test_spend_sums_completed_sales():
    amounts = labels.spend(SALES, SPINE, horizon="31D", column="amount")
    assert amounts.to_dict() == {0: 10.0, 1: 40.0, 2: 0.0, 3: 0.0, 4: 0.0}
    assert labels.spend(SALES, SPINE, horizon="31D").to_dict() == {0: 1.0, 1: 4.0, 2: 0.0, 3: 0.0, 4: 0.0}


def test_rows_whose_window_is_not_over_are_dropped_or_refused():
    spine = Spine.of(pd.DataFrame({"customer_id": "bob", "as_of": ["2026-02-01", "2026-12-30", "2026-03-01"]}))
    y = labels.churned(SALES, spine, horizon="30D")
    assert y.to_dict() == {0: 1, 2: 0}
    X = TransactionFeatures().fit(SALES, spine).build(SALES, spine)
    assert len(X.loc[y.index]) == 2
    with pytest.raises(InputError, match=r"as_of must be at or before 2026-12-01 .*1 of 3 rows is not, first at row 1"):
        labels.churned(SALES, spine, horizon="30D", incomplete="raise")
    assert len(labels.churned(SALES, spine, horizon="30D", until="2026-03-02")) == 0
    assert len(labels.churned(SALES, spine, horizon="30D", until="2026-03-03")) == 1
    assert len(labels.churned(SALES, spine, horizon="30D", until="2027-03-03", incomplete="raise")) == 3


def test_late_rows_count_in_labels_whenever_they_became_known():
    tables = _sales(
        customer_id=["ann", "bob"], event_time=["2026-02-05", "2026-01-01"], known_at=["2026-06-01", "2026-01-01"]
    )
    assert labels.churned(tables, Spine.at("2026-02-01", ["ann"]), horizon="30D").tolist() == [0]


@pytest.mark.parametrize("arguments", [{"horizon": "0D"}, {"gap": "-1D"}, {"gap": "soon"}, {"incomplete": "keep"}])
def test_arguments_that_are_not_allowed_are_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        labels.churned(SALES, SPINE, **arguments)


def test_labels_without_transactions_are_refused():
    with pytest.raises(InputError, match="labels need the table transactions"):
        labels.churned(CustomerTables(), SPINE)
    with pytest.raises(InputError, match="column must be one of 'margin', 'amount'"):
        labels.spend(SALES, SPINE, column="cost")
    with pytest.raises(InputError, match="transactions lacks the column 'margin'"):
        labels.spend(_sales(customer_id=["ann"], event_time=["2026-01-01"]), SPINE)


def test_without_any_event_the_end_of_the_data_must_be_stated():
    empty = _sales(customer_id=[], event_time=[])
    with pytest.raises(InputError, match="the end of the data is not known"):
        labels.churned(empty, SPINE)
    assert labels.churned(empty, SPINE, until="2027-01-01").tolist() == [1] * 5


def _decided() -> CustomerTables:
    decisions = pd.DataFrame(
        {
            "decision_id": ["a", "b", "c", "d", "e", "f"],
            "customer_id": ["ann", "ann", "bob", "bob", "cy", "cy"],
            "decided_at": ["2026-01-01", "2026-01-20", "2026-01-01", "2026-01-01", "2026-01-01", "2026-02-20"],
            "offer_id": ["tv", "tv", "tv", "no_offer", "pc", "pc"],
        }
    )
    outcomes = pd.DataFrame(
        {
            "decision_id": ["a", "b", "c", "e", "f"],
            "outcome": ["accept", "accept", "reject", "no_answer", "accept"],
            "outcome_at": ["2026-01-14 23:59", "2026-02-03", "2026-01-02", "2026-01-15", "2026-02-21"],
        }
    )
    return CustomerTables(decisions=decisions, outcomes=outcomes)


def test_accepted_by_hand():
    y = labels.accepted(_decided(), as_of="2026-03-01")
    # b was accepted only when its window was over, d made no offer, f has no whole window yet.
    assert y.to_dict() == {0: 1, 1: 0, 2: 0, 4: 0}
    assert labels.accepted(_decided(), window="15D", as_of="2026-03-07").to_dict() == {0: 1, 1: 1, 2: 0, 4: 0, 5: 1}


def test_accepted_keeps_the_labels_of_decisions_given():
    given = _decided().decisions.set_index(pd.Index(list("uvwxyz")))
    assert labels.accepted(_decided(), given, as_of="2026-03-01").to_dict() == {"u": 1, "v": 0, "w": 0, "y": 0}


def test_accepted_refuses_windows_that_are_not_over():
    with pytest.raises(InputError, match="as_of must be at or before 2026-02-15 .*1 of 5 rows is not"):
        labels.accepted(_decided(), as_of="2026-03-01", incomplete="raise")


def test_accepted_of_a_spine_is_any_offer_of_the_window():
    spine = Spine.of(
        pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "bob", "cy", "ann"],
                "as_of": ["2026-01-01", "2026-01-10", "2025-12-25", "2026-02-15", "2026-01-02"],
            }
        )
    )
    assert labels.accepted(_decided(), spine, as_of="2026-03-01").to_dict() == {0: 1, 1: 0, 2: 0}


def test_accepted_without_decisions_or_outcomes():
    no_outcomes = CustomerTables(decisions=_decided().decisions)
    assert labels.accepted(no_outcomes, as_of="2026-03-01").tolist() == [0, 0, 0, 0]
    nothing = CustomerTables()
    assert labels.accepted(nothing, as_of="2026-03-01").empty
    with pytest.raises(InputError, match="decisions lacks the column 'decided_at'"):
        labels.accepted(_decided(), _decided().decisions.drop(columns="decided_at"))


def test_what_became_known_after_a_stated_end_makes_no_label():
    """Ann's only sale in the window was on 5 February, and known on 10 March."""
    late = _sales(customer_id=["ann"], event_time=["2026-02-05"], known_at=["2026-03-10"], margin=[7.0])
    spine = Spine.at("2026-02-01", ["ann"])
    assert labels.churned(late, spine, horizon="30D", until="2026-03-10").tolist() == [1]
    assert labels.churned(late, spine, horizon="30D", until="2026-03-10T00:00:01").tolist() == [0]
    assert labels.churned(late, spine, horizon="30D").tolist() == [0]
    assert labels.spend(late, spine, horizon="30D", until="2026-03-10").tolist() == [0.0]
    assert labels.spend(late, spine, horizon="30D").tolist() == [7.0]


def test_an_acceptance_known_after_a_stated_end_is_not_seen():
    made = {"decision_id": ["d"], "customer_id": ["ann"], "decided_at": ["2026-01-01"], "offer_id": ["tv"]}
    said = {"decision_id": ["d"], "outcome": ["accept"], "outcome_at": ["2026-01-03"], "known_at": ["2026-02-01"]}
    tables = CustomerTables(decisions=pd.DataFrame(made), outcomes=pd.DataFrame(said))
    assert labels.accepted(tables, as_of="2026-02-01").tolist() == [0]
    assert labels.accepted(tables, as_of="2026-02-02").tolist() == [1]


def test_labels_of_a_folder_are_those_of_its_tables(tmp_path):
    made = {"decision_id": ["d"], "customer_id": ["ann"], "decided_at": ["2026-02-03"], "offer_id": ["tv"]}
    said = {"decision_id": ["d"], "outcome": ["accept"], "outcome_at": ["2026-02-05"]}
    people = pd.DataFrame({"customer_id": ["ann", "bob"], "valid_from": ["2026-01-01", "2026-03-01"]})
    tables = SALES.replace(customers=people, decisions=pd.DataFrame(made), outcomes=pd.DataFrame(said))
    tables.write(tmp_path)
    for of in (labels.churned, labels.spend, labels.churn_times):
        assert of(tmp_path, SPINE, horizon="30D").equals(of(tables, SPINE, horizon="30D"))
    assert labels.accepted(tmp_path).equals(labels.accepted(tables))
    assert labels.accepted(tmp_path, SPINE).equals(labels.accepted(tables, SPINE))
    assert known_customers(tmp_path, "2026-02-01").frame["customer_id"].tolist() == ["ann"]


WANTS = _sales(
    customer_id=["ann", "ann", "ann", "bob", "bob", "cy", "cy", "dee", "end"],
    event_time=["2026-01-05", "2026-02-03", "2026-02-09", "2026-01-06", "2026-02-04", "2026-01-07", "2026-02-05",
                "2026-02-06", "2026-12-31"],
    category=["card", "card", "loan", "card", "card", "fund", None, "fund", "card"],
    amount=[10.0, 12.0, 50.0, 30.0, 30.0, 5.0, 9.0, 7.0, 1.0],
)  # fmt: skip
ASKED = Spine.at("2026-02-01", ["ann", "bob", "cy", "dee", "nobody"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 1, 1, 1, 0]),
        ({"values": ["loan"]}, [1, 0, 0, 0, 0]),
        # Ann buys her first loan; what cy buys is not known to be new; all is new to dee.
        ({"what": "cross_sell"}, [1, 0, 0, 1, 0]),
        ({"what": "cross_sell", "values": ["fund", "card"]}, [0, 0, 0, 1, 0]),
        # Ann's card is dearer than her last, bob's is not.
        ({"what": "up_sell"}, [1, 0, 0, 0, 0]),
        ({"what": "up_sell", "values": "loan"}, [0, 0, 0, 0, 0]),
        ({"horizon": "5D", "what": "cross_sell"}, [0, 0, 0, 0, 0]),
        ({"gap": "3D", "horizon": "2D"}, [0, 1, 1, 0, 0]),
    ],
)
def test_bought_by_hand(asked, expected):
    y = labels.bought(WANTS, ASKED, **{"horizon": "14D", **asked})
    assert y.tolist() == expected
    assert (y.name, str(y.dtype)) == ("bought", "int64")


def test_bought_is_what_is_not_churned_and_only_windows_that_are_over_are_told():
    spine = Spine.calendar("2026-01-01", "2026-12-25", "MS", ["ann", "bob", "cy", "end"])
    bought = labels.bought(WANTS, spine, horizon="45D")
    pd.testing.assert_series_equal(1 - bought, labels.churned(WANTS, spine, horizon="45D"), check_names=False)
    assert len(bought) == 4 * 11
    with pytest.raises(InputError, match="as_of must be at or before"):
        labels.bought(WANTS, spine, horizon="45D", incomplete="raise")


def test_bought_equals_a_plain_loop():
    rng = np.random.default_rng(0)
    n = 3000
    days = pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    sales = pd.DataFrame({"customer_id": rng.integers(0, 200, n), "event_time": pd.Timestamp("2026-01-01") + days})
    sales = sales.assign(category=rng.choice(list("abcdef"), n), amount=rng.integers(1, 20, n).astype(float))
    sales["kind"] = rng.choice(["sale", "sale", "return"], n)
    spine = Spine.of(
        pd.DataFrame({"customer_id": rng.integers(0, 210, 300), "as_of": pd.Timestamp("2026-05-01")}).assign(
            as_of=lambda rows: rows["as_of"] + pd.to_timedelta(rng.integers(0, 120, 300), unit="D")
        )
    )
    tables, real = CustomerTables(transactions=sales), sales[sales["kind"] == "sale"]
    expected = {"cross_sell": [], "up_sell": []}
    for customer, as_of in spine.frame[["customer_id", "as_of"]].itertuples(index=False):
        own = real[real["customer_id"] == customer]
        had = own[own["event_time"] < as_of].groupby("category")["amount"].max()
        ahead = own[(own["event_time"] >= as_of) & (own["event_time"] < as_of + pd.Timedelta("30D"))]
        expected["cross_sell"].append(int((~ahead["category"].isin(had.index)).any()))
        expected["up_sell"].append(int((ahead["amount"] > ahead["category"].map(had.to_dict()).astype(float)).any()))
    for what, column in expected.items():
        found = labels.bought(tables, spine, horizon="30D", what=what)
        assert found.tolist() == column
        assert 0 < sum(column) < 300


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"what": "more"}, "what must be one of 'any', 'cross_sell', 'up_sell'; got 'more'"),
        (
            {"values": ["lend"]},
            "values must be some of transactions.category, such as card, loan, fund; 1 of 1 are not",
        ),
        ({"values": []}, "values must be some of"),
        ({"column": "brand", "what": "cross_sell"}, "transactions lacks the column 'brand'"),
    ],
)
def test_what_was_never_sold_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        labels.bought(WANTS, ASKED, **asked)
