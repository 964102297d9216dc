import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import HouseholdFeatures
from nbo.tables import CustomerTables, Spine

WHO = ["ann", "bob", "cy", "dee", "eve"]
SPINE = Spine.at("2026-06-30", WHO)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": WHO,
        "household_id": ["h", "h", "h", "k", None],
        "birth_date": ["1980-06-30", "1978-06-30", "2015-06-30", None, "1990-01-01"],
        "signed_up_at": ["2020-06-30", "2026-06-20", "2020-06-30", "2026-06-01", "2026-06-01"],
    }
)
SALES = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "bob", "cy", "dee", "eve", "ann"],
        "event_time": [
            "2026-06-20",
            "2026-06-25",
            "2025-12-01",
            "2026-01-01",
            "2026-06-29",
            "2026-06-29",
            "2026-06-30",
        ],
        "amount": [0.1, 0.2, 30.0, 0.7, 5.0, 6.0, 99.0],
    }
)


def _build(tables: CustomerTables, spine: Spine = SPINE, **params) -> pd.DataFrame:
    X = HouseholdFeatures(**params).fit(tables, spine).build(tables, spine)
    return X.set_index(spine.frame["customer_id"])


def test_who_is_in_the_household_by_hand():
    X = _build(CustomerTables(customers=CUSTOMERS)).rename(columns=lambda name: name.split("__")[1])
    assert X["members"].tolist() == [3, 3, 3, 1, 0]
    assert X["adults"].tolist() == [2, 2, 2, 0, 0]
    assert X["children"].tolist() == [1, 1, 1, 0, 0]
    assert X["age_rank"].tolist()[:3] == [2, 1, 3]
    assert X["age_rank"].isna().tolist()[3:] == [True, True]
    assert X["newest_days"].tolist()[:4] == [10, 10, 10, 29]
    assert X["oldest_days"].tolist()[:4] == [6 * 365 + 1, 6 * 365 + 1, 6 * 365 + 1, 29]
    # Ann and cy signed up together: both came first.
    assert X["role"].tolist()[:4] == ["first", "later", "first", "alone"]
    assert X[["newest_days", "role"]].loc["eve"].isna().all()


def test_what_members_do_together_by_hand():
    cases = pd.DataFrame(
        {
            "customer_id": ["ann", "cy", "dee"],
            "opened_at": ["2026-06-01", "2026-06-02", "2026-06-03"],
            "closed_at": ["2026-06-05", None, None],
        }
    )
    decisions = pd.DataFrame(
        {
            "decision_id": [1, 2, 3],
            "customer_id": ["ann", "bob", "bob"],
            "decided_at": ["2026-06-01", "2026-06-28", "2026-06-29"],
            "offer_id": ["card", "card", "no_offer"],
        }
    )
    outcomes = pd.DataFrame({"decision_id": [1, 2], "outcome": "accept", "outcome_at": ["2026-06-03", "2026-06-30"]})
    X = _build(
        CustomerTables(customers=CUSTOMERS, transactions=SALES, cases=cases, decisions=decisions, outcomes=outcomes)
    )
    assert X["transactions_household__count__30D"].tolist() == [2, 2, 2, 1, 0]
    assert X["transactions_household__amount__sum__30D"].tolist() == [0.3, 0.3, 0.3, 5.0, 0.0]
    assert X["transactions_household__amount__sum__all"].tolist() == [31.0, 31.0, 31.0, 5.0, 0.0]
    assert X["transactions_household__recency_days"].tolist()[:4] == [5, 5, 5, 1]
    assert X["transactions_household__own_share__365D"].tolist()[:4] == [0.1 / 31, 30.2 / 31, 0.7 / 31, 1.0]
    assert X["cases_household__open_count"].tolist() == [1, 1, 1, 1, 0]
    assert X["decisions_household__count__30D"].tolist() == [2, 2, 2, 0, 0]
    assert X["outcomes_household__count__365D__outcome_accept"].tolist() == [1, 1, 1, 0, 0]
    assert (
        X.loc["eve", ["transactions_household__recency_days", "transactions_household__own_share__365D"]].isna().all()
    )


def test_members_are_those_of_the_moment():
    customers = pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "bob", "cy"],
            "household_id": ["h", "k", "h", "h"],
            "valid_from": ["2020-01-01", "2020-01-01", "2026-06-10", "2026-06-20"],
            "known_at": ["2020-01-01", "2020-01-01", "2026-06-15", "2026-06-20"],
        }
    )
    spine = Spine.of(
        pd.DataFrame({"customer_id": "ann", "as_of": ["2026-06-11", "2026-06-16", "2026-06-20", "2026-06-21"]})
    )
    X = _build(CustomerTables(customers=customers, transactions=SALES), spine)
    assert X["customers_household__members"].tolist() == [1, 2, 2, 3]
    # Bob brings along what he bought before he came.
    assert X["transactions_household__amount__sum__365D"].tolist() == [0, 30.0, 30.0, 0.1 + 30.0 + 0.7]


def test_totals_of_a_simulated_household_are_the_sums_of_its_members():
    rng = np.random.default_rng(0)
    who = pd.Series([f"c{i}" for i in range(60)])
    customers = pd.DataFrame({"customer_id": who, "household_id": [f"h{i % 17}" for i in range(60)]})
    days = pd.to_timedelta(rng.integers(0, 400, 500), unit="D")
    sales = pd.DataFrame(
        {
            "customer_id": rng.choice(who, 500),
            "event_time": pd.Timestamp("2026-06-30") - days,
            "amount": rng.integers(1, 9999, 500) / 100,
        }
    )
    spine = Spine.at("2026-06-30", who)
    X = _build(CustomerTables(customers=customers, transactions=sales), spine)
    inside = sales[(sales["event_time"] < "2026-06-30") & (sales["event_time"] >= "2026-04-01")]
    merged = inside.merge(customers).groupby("household_id")["amount"].agg(["sum", "count"])
    expected = merged.reindex(customers["household_id"]).fillna(0)
    np.testing.assert_array_equal(X["transactions_household__amount__sum__90D"], expected["sum"].round(2))
    np.testing.assert_array_equal(X["transactions_household__count__90D"], expected["count"])
    shares = X["transactions_household__own_share__365D"].groupby(customers["household_id"].to_numpy()).sum()
    np.testing.assert_allclose(shares, 1)


def test_a_table_without_households_is_refused():
    with pytest.raises(InputError, match="HouseholdFeatures needs customers.household_id"):
        _build(CustomerTables(customers=CUSTOMERS.drop(columns="household_id")))
