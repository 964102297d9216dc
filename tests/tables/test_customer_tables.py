import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbo.errors import InputError, TableError
from nbo.tables import CONTRACTS, CustomerTables

SALES = {
    "transaction_id": ["t1", "t2"],
    "customer_id": ["ann", "bob"],
    "event_time": ["2026-01-01T10:00", "2026-01-02"],
    "amount": [9.5, 20.0],
    "kind": ["sale", "sale"],
    "loyalty_points": [3, 4],
}


def duck(data):
    frame = pd.DataFrame(data)  # noqa: F841 -- DuckDB finds it by name
    return duckdb.sql("select * from frame")


def tables(**changes):
    """Ann and Bob with one sale each; `changes` replaces columns of the sales."""
    customers = pd.DataFrame({"customer_id": ["ann", "bob"]})
    return CustomerTables(customers=customers, transactions=pd.DataFrame({**SALES, **changes}))


def rules(customer_tables, **options):
    problems = customer_tables.validate(as_of="2026-06-30", **options)
    return list(problems[["table", "column", "rule", "n_rows", "first_row"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, duck])
def test_frames_of_any_library_are_taken_and_typed(make):
    sales = CustomerTables(transactions=make(SALES)).transactions
    assert sales["event_time"].tolist() == [pd.Timestamp("2026-01-01 10:00"), pd.Timestamp("2026-01-02")]
    assert sales["amount"].tolist() == [9.5, 20.0]
    assert sales["loyalty_points"].tolist() == [3, 4]


def test_typing_is_told_and_the_given_frame_is_untouched():
    given = pd.DataFrame(SALES)
    before = given.copy(deep=True)
    made = CustomerTables(transactions=given)
    changes = [("transactions", "event_time", "str", "datetime64[us]")]
    assert list(made.changes.itertuples(index=False, name=None)) == changes
    pd.testing.assert_frame_equal(given, before)


def test_a_table_that_is_not_there_is_empty_and_typed():
    events = CustomerTables().events
    assert len(events) == 0
    assert events["event_time"].dtype == "datetime64[us]"
    assert CONTRACTS["events"].required == ["customer_id", "event_time"]
    assert not CustomerTables().has("events")


def test_unknown_tables_are_refused():
    with pytest.raises(TypeError, match="unknown table 'transaction'; the tables are customers, transactions"):
        CustomerTables(transaction=pd.DataFrame())
    with pytest.raises(AttributeError, match="no table 'sales'"):
        _ = CustomerTables().sales


def test_columns_of_the_same_name_are_refused():
    with pytest.raises(InputError, match="column names of events must differ; 'a' stands 2 times"):
        CustomerTables(events=pd.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_folder_keeps_every_column_and_type(tmp_path, form):
    written = tables().replace(
        events=pd.DataFrame(
            {
                "customer_id": ["ann"],
                "event_time": ["2026-01-01"],
                "event_type": ["page_view"],
                "when_seen": ["2026-01-05"],
            }
        ),
        catalog=pd.DataFrame({"offer_id": ["card"], "channels": [["email", "sms"]], "value": [3.0]}),
    )
    written.write(tmp_path / "tables", format=form)
    read = CustomerTables.read(tmp_path / "tables")
    assert read.names == written.names
    pd.testing.assert_frame_equal(read.transactions, written.transactions)
    assert list(read.catalog["channels"].iloc[0]) in (["email", "sms"], list("email|sms"))
    assert not list((tmp_path / "tables").glob(".*"))


@pytest.mark.parametrize(
    ("ids", "read"), [(["00123", "7"], ["00123", "7"]), ([5, 7], [5, 7]), (["12", "x9"], ["12", "x9"])]
)
def test_csv_keeps_leading_zeros_and_gives_integers_back(tmp_path, ids, read):
    written = tables(customer_id=ids).replace(customers=pd.DataFrame({"customer_id": ids}))
    written.write(tmp_path, format="csv")
    again = CustomerTables.read(tmp_path)
    assert again.customers["customer_id"].tolist() == read
    assert again.transactions["customer_id"].tolist() == read
    assert again.validate(as_of="2026-06-30").empty


def test_keys_of_all_csv_tables_get_one_type(tmp_path):
    # In `transactions` alone the ids look like integers; in `customers` one is text.
    CustomerTables(
        customers=pd.DataFrame({"customer_id": ["1", "2", "c3"]}),
        transactions=pd.DataFrame({"customer_id": ["1", "2"], "event_time": ["2026-01-01"] * 2}),
    ).write(tmp_path, format="csv")
    assert CustomerTables.read(tmp_path).transactions["customer_id"].tolist() == ["1", "2"]


def test_the_text_NA_is_a_value_in_csv(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id,country\nann,NA\nbob,\n")
    assert CustomerTables.read(tmp_path).customers["country"].fillna("missing").tolist() == ["NA", "missing"]


def test_a_partitioned_folder_is_one_table(tmp_path):
    for i in range(2):
        (tmp_path / "transactions").mkdir(exist_ok=True)
        pd.DataFrame({**SALES, "transaction_id": [f"a{i}", f"b{i}"]}).to_parquet(
            tmp_path / "transactions" / f"{i}.parquet"
        )
    assert len(CustomerTables.read(tmp_path).transactions) == 4


def test_folders_that_cannot_be_read_say_why(tmp_path):
    with pytest.raises(InputError, match="is not a folder"):
        CustomerTables.read(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no table; it has nothing. Files are named <table>.parquet"):
        CustomerTables.read(tmp_path)
    (tmp_path / "customers.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match=r"customers.parquet cannot be read"):
        CustomerTables.read(tmp_path)
    (tmp_path / "customers.csv").write_text("customer_id\nann\n")
    with pytest.raises(InputError, match="customers in several forms: customers.parquet, customers.csv. Keep one"):
        CustomerTables.read(tmp_path)


def test_writing_beside_other_tables_is_refused(tmp_path):
    tables().write(tmp_path)
    with pytest.raises(InputError, match=r"already holds transactions.parquet, which would be read with"):
        CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"]})).write(tmp_path)
    tables().write(tmp_path)


def test_own_column_names_are_renamed():
    own = pd.DataFrame({"cust": ["ann"], "when": ["2026-01-31"], "gbp": [9.5], "shop": ["x"]})
    made = CustomerTables.from_mapping(
        {
            "transactions": (own, {"cust": "customer_id", "when": "event_time", "gbp": "amount"}),
            "customers": own.rename(columns={"cust": "customer_id"}),
        }
    )
    assert made.transactions.columns.tolist() == ["customer_id", "event_time", "amount", "shop"]
    with pytest.raises(InputError, match="transactions lacks the column 'nope'"):
        CustomerTables.from_mapping({"transactions": (own, {"nope": "amount"})})
    with pytest.raises(InputError, match="'shop' stands 2 times"):
        CustomerTables.from_mapping({"transactions": (own, {"gbp": "shop"})})


def test_clean_tables_have_no_problems():
    assert rules(tables()) == []
    assert tables().validate().columns.tolist() == [
        "table", "column", "rule", "n_rows", "first_row", "example", "allowed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"customer_id": ["ann", None]}, [("transactions", "customer_id", "missing key", 1, 1)]),
        ({"customer_id": ["ann", "eve"]}, [("transactions", "customer_id", "orphan", 1, 1)]),
        ({"customer_id": [1, 2]}, [("transactions", "customer_id", "key types differ", 2, 0)]),
        ({"transaction_id": ["t1", "t1"]}, [("transactions", "transaction_id", "duplicate id", 1, 1)]),
        ({"event_time": ["2026-01-01", "soon"]}, [("transactions", "event_time", "unparseable time", 1, 1)]),
        ({"event_time": ["2026-01-01", None]}, [("transactions", "event_time", "missing time", 1, 1)]),
        ({"event_time": ["2026-01-01", "2026-12-31"]}, [("transactions", "event_time", "future time", 1, 1)]),
        (
            {"event_time": ["2026-01-01T00:00Z", "2026-01-01T00:00+02:00"]},
            [("transactions", "event_time", "mixed time zones", 1, 1)],
        ),
        (
            {"event_time": [pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-01", tz="UTC")]},
            [("transactions", "event_time", "mixed time zones", 1, 1)],
        ),
        ({"event_time": [1, 2]}, [("transactions", "event_time", "unparseable time", 2, 0)]),
        ({"amount": [9.5, -1]}, [("transactions", "amount", "negative", 1, 1)]),
        ({"amount": [float("inf"), 1]}, [("transactions", "amount", "not finite", 1, 0)]),
        (
            {"amount": ["9.5", "-1 x"]},
            [("transactions", "amount", "wrong type", 1, 1)],
        ),
        ({"kind": ["sale", "gift"]}, [("transactions", "kind", "unknown value", 1, 1)]),
    ],
)
def test_each_problem_is_found_where_it_is(changes, expected):
    assert rules(tables(**changes)) == expected


def test_ids_of_events_that_are_customers_but_for_their_type_are_found_among_those_of_visitors():
    world = CustomerTables(
        customers=pd.DataFrame({"customer_id": [1, 2]}),
        events=pd.DataFrame({"customer_id": ["a9", "2", "a8"], "event_time": "2026-01-01", "event_type": "page_view"}),
        identities=pd.DataFrame({"anonymous_id": ["a9"], "customer_id": [1], "event_time": ["2026-01-02"]}),
    )
    assert rules(world) == [("events", "customer_id", "key types differ", 1, 1)]


def test_all_problems_are_listed_at_once_and_raised_once():
    broken = tables(customer_id=["ann", None], amount=[-1, -2], kind=["gift", "sale"])
    assert len(rules(broken)) == 3
    with pytest.raises(TableError, match="3 problems in the tables:") as raised:
        broken.validate(strict=True, as_of="2026-06-30")
    assert len(raised.value.problems) == 3
    assert "transactions.amount: negative, 2 rows, first at row 0: '-1.0'; allowed: a number, 0 or more" in str(
        raised.value
    )


def test_a_missing_column_is_a_problem_of_the_table():
    broken = CustomerTables(transactions=pd.DataFrame({"customer_id": ["ann"]}))
    problems = broken.validate()
    assert problems[["column", "rule"]].to_numpy().tolist() == [["event_time", "missing column"]]
    assert CustomerTables(environment=pd.DataFrame({"income": [1.0]})).validate()["rule"].tolist() == ["missing column"]


def history(**changes):
    decisions = {
        "decision_id": ["d1"],
        "customer_id": ["ann"],
        "decided_at": ["2026-01-05"],
        "offer_id": ["card"],
        "action_probability": [0.5],
    }
    outcomes = {"decision_id": ["d1"], "outcome": ["accept"], "outcome_at": ["2026-01-06"]}
    return CustomerTables(
        customers=pd.DataFrame({"customer_id": ["ann"]}),
        catalog=pd.DataFrame({"offer_id": ["card"]}),
        decisions=pd.DataFrame(
            {**decisions, **{k: v for k, v in changes.items() if k in decisions and k != "decision_id"}}
        ),
        outcomes=pd.DataFrame({**outcomes, **{k: v for k, v in changes.items() if k in outcomes}}),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"offer_id": ["no_offer"]}, []),
        ({"offer_id": ["loan"]}, [("decisions", "offer_id", "orphan", 1, 0)]),
        ({"action_probability": [0.0]}, [("decisions", "action_probability", "out of range", 1, 0)]),
        ({"action_probability": [1.5]}, [("decisions", "action_probability", "out of range", 1, 0)]),
        ({"decision_id": ["d9"]}, [("outcomes", "decision_id", "orphan", 1, 0)]),
        ({"outcome": ["maybe"]}, [("outcomes", "outcome", "unknown value", 1, 0)]),
        ({"outcome_at": ["2026-01-01"]}, [("outcomes", "outcome_at", "before its start", 1, 0)]),
        ({"outcome_at": ["2026-12-01"]}, [("outcomes", "outcome_at", "future time", 1, 0)]),
    ],
)
def test_decisions_and_outcomes_must_fit_together(changes, expected):
    assert rules(history(**changes)) == expected


@pytest.mark.parametrize("name", list(CONTRACTS))
def test_a_table_without_rows_has_no_problems(name):
    empty = CustomerTables(**{name: CustomerTables().get(name)})
    assert rules(empty) == []


def test_decisions_and_outcomes_without_rows_have_no_problems():
    assert rules(CustomerTables(decisions=CustomerTables().decisions, outcomes=CustomerTables().outcomes)) == []


def test_anonymous_events_count_from_when_the_link_is_known():
    made = CustomerTables(
        customers=pd.DataFrame({"customer_id": ["ann"]}),
        events=pd.DataFrame(
            {
                "customer_id": ["anon-1", "ann", "anon-2"],
                "event_time": ["2026-01-01", "2026-01-02", "2026-01-03"],
                "event_type": "page_view",
            }
        ),
        identities=pd.DataFrame({"anonymous_id": ["anon-1"], "customer_id": ["ann"], "event_time": ["2026-02-01"]}),
    )
    assert rules(made) == []
    events = made.stitched().events
    assert events["customer_id"].tolist() == ["ann", "ann", "anon-2"]
    assert events["known_at"].dt.strftime("%m-%d").tolist() == ["02-01", "01-02", "01-03"]
    assert made.events["customer_id"].iloc[0] == "anon-1"


@pytest.mark.parametrize("empty", ["events", "identities"])
def test_stitching_without_rows_changes_nothing(empty):
    made = CustomerTables(
        events=pd.DataFrame({"customer_id": ["anon-1"], "event_time": ["2026-01-01"]}),
        identities=pd.DataFrame({"anonymous_id": ["anon-1"], "customer_id": ["ann"], "event_time": ["2026-02-01"]}),
    ).replace(**{empty: CustomerTables().get(empty)})
    stitched = made.stitched().events
    assert stitched["customer_id"].tolist() == made.events["customer_id"].tolist()
    assert stitched["known_at"].dtype == "datetime64[us]"


def test_tables_show_themselves():
    assert repr(tables()) == "CustomerTables(customers: 2 rows, transactions: 2 rows)"
    assert "<table" in tables()._repr_html_()
    assert "loyalty_points" in tables().get("transactions").columns


def test_consent_columns_are_flags_whatever_their_channel():
    customers = CustomerTables(
        customers=pd.DataFrame({"customer_id": ["a", "b"], "consent_fax": ["yes", None]})
    ).customers
    assert customers["consent_fax"].dtype == "boolean"
    wrong = CustomerTables(customers=pd.DataFrame({"customer_id": ["a"], "consent_fax": ["perhaps"]}))
    assert rules(wrong) == [("customers", "consent_fax", "wrong type", 1, 0)]


def _macro(**columns) -> CustomerTables:
    figures = {
        "series": "cpi",
        "valid_from": ["2026-01-01", "2026-01-01", "2026-02-01"],
        "value": [100.0, 100.4, 101.0],
    }
    return CustomerTables(macro=pd.DataFrame({**figures, **columns}))


def test_a_revision_of_a_figure_is_a_row_of_its_own():
    published = ["2026-02-10", "2026-03-10", "2026-03-10"]
    assert _macro(known_at=published).validate().empty
    twice = _macro(known_at=["2026-02-10", "2026-02-10", None]).validate()
    assert twice[["column", "rule", "n_rows"]].values.tolist() == [["series, valid_from, known_at", "duplicate id", 1]]


def test_a_figure_may_be_about_a_region(tmp_path):
    tables = _macro(region=[None, "north", None])
    assert tables.validate().empty
    tables.write(tmp_path)
    pd.testing.assert_frame_equal(CustomerTables.read(tmp_path).macro, tables.macro)
    assert _macro().validate()["rule"].tolist() == ["duplicate id"]


def test_rows_are_added_once():
    old = pd.DataFrame({"decision_id": ["a", "b"], "customer_id": ["ann", "bob"], "offer_id": "card"})
    new = pd.DataFrame({"decision_id": ["b", "c"], "customer_id": ["cy", "cy"], "offer_id": "loan", "more": 1})
    outcomes = pd.DataFrame({"decision_id": ["a"], "outcome": ["accept"], "outcome_at": ["2026-01-01"]})
    tables = CustomerTables(decisions=old).added(decisions=new, outcomes=outcomes)
    assert tables.decisions["customer_id"].tolist() == ["ann", "bob", "cy"]
    assert tables.decisions["more"].tolist()[2] == 1
    assert len(tables.added(outcomes=outcomes).outcomes) == 1
    assert len(tables.added(outcomes=outcomes.assign(outcome="reject")).outcomes) == 2


def test_rows_without_a_key_are_all_added():
    events = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-01"]})
    assert len(CustomerTables(events=events).added(events=events).events) == 2
    sales = events.assign(transaction_id=[None])
    assert len(CustomerTables(transactions=sales).added(transactions=sales).transactions) == 2
    assert len(CustomerTables(events=events).added(events=events.iloc[:0]).events) == 1


def test_visitors_with_text_become_customers_with_numbers():
    world = CustomerTables(
        events=pd.DataFrame(
            {"customer_id": ["a9", "a8", "a9"], "event_time": ["2026-01-01", "2026-01-02", "2026-01-04"]}
        ),
        identities=pd.DataFrame({"anonymous_id": ["a9"], "customer_id": [1], "event_time": ["2026-01-03"]}),
    )
    events = world.stitched().events
    assert events["customer_id"].tolist() == [1, "a8", 1]
    assert events["known_at"].dt.day.tolist() == [3, 2, 4]
