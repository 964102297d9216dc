"""Audiences in published logs, as docs/spread.md states them."""

import pandas as pd
import pytest

from nbo import datasets, find_audiences


def _found(folder, name):
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not at {folder}")
    tables = datasets.load(name, folder).tables
    outcomes = tables.get("outcomes")[["decision_id", "outcome"]]
    log = tables.get("decisions").merge(outcomes, on="decision_id", how="left")
    log["reward"] = (log["outcome"] == "accept").astype(float)
    customers = tables.get("customers").drop_duplicates("customer_id")
    X = log[["customer_id"]].merge(customers, on="customer_id", how="left").drop(columns="customer_id")
    X = X.select_dtypes(exclude=["datetime"])
    return find_audiences(X.loc[:, X.notna().any()], log).frame


def test_hillstroms_buyers_of_womens_goods_visit_after_the_mail_on_womens_goods(public_data):
    frame = _found(public_data / "hillstrom", "hillstrom")
    best = frame.drop_duplicates("offer_id").set_index("offer_id")
    assert best["rule"].to_dict() == {"womens_email": "womens > 0", "mens_email": "mens > 0 and womens > 0"}
    assert best["lift"].round(2).to_dict() == {"womens_email": 1.19, "mens_email": 1.82}
    assert (frame["low"] > 1).all()


def test_starbucks_members_of_higher_income_complete_most_offers(public_data):
    frame = _found(public_data / "starbucks_rewards", "starbucks")
    assert frame["rule"].tolist() == ["income > 49000"] * 8
    assert frame["stable"].all()
    assert frame["found_at"].max() == pd.Timestamp("2018-08-10")
    assert frame["lift"].agg(["min", "max"]).round(2).tolist() == [1.12, 1.33]
