"""Which data type pays on published data: a fictional telco, a bank's calls, a simulated loyalty app."""

import pytest

import nbo
from nbo import datasets
from nbo.models import TimeSplit

TELCO = {
    "demographic": ["gender", "age", "marital_status", "dependents", "number_of_dependents"],
    "transaction": [
        *("tenure_in_months", "contract", "payment_method", "paperless_billing", "monthly_charge", "total_charges"),
        *("total_refunds", "total_extra_data_charges", "total_long_distance_charges", "total_revenue"),
    ],
    "behavioral": [
        *("phone_service", "avg_monthly_long_distance_charges", "multiple_lines", "internet_service", "internet_type"),
        *("avg_monthly_gb_download", "online_security", "online_backup", "device_protection_plan"),
        *("premium_tech_support", "streaming_tv", "streaming_movies", "streaming_music", "unlimited_data"),
    ],
}
BANK = {
    "demographic": ["age", "job", "marital_status", "education"],
    "transaction": ["credit_default", "housing_loan", "personal_loan"],
    "what we did": ["campaign", "pdays", "previous", "poutcome"],
    "environmental": [
        *("employment_variation_rate", "consumer_price_index", "consumer_confidence_index", "euribor_3_months"),
        "people_employed",
    ],
}
SMALL = {"n_estimators": 50, "learning_rate": 0.1, "num_leaves": 15}


def _by_column(kinds):
    return {name: data_type for data_type, names in kinds.items() for name in names}


def _auc(frame):
    return frame[frame["metric"] == "auc"].set_index("data_type")


def _folder(public_data, name):
    if not (public_data / name).is_dir():
        pytest.skip(f"{name} is not in {public_data}")
    return public_data / name


def test_telco_behavior_says_more_than_demographics(public_data):
    data = datasets.load_telco(_folder(public_data, "telco_churn"))
    customers = data.tables.get("customers").merge(data.labels[["customer_id", "churned"]], on="customer_id")
    kinds = _by_column(TELCO)
    spine = nbo.Spine.at("2018-10-01", customers["customer_id"])
    result = nbo.ablation(
        nbo.ChurnModel(**SMALL), customers[list(kinds)], customers["churned"], kinds, spine, metrics="auc"
    )
    added, alone = _auc(result.added), _auc(result.alone)
    # Demographics alone, with the transactions, and with behavior: 0.66 < 0.88 < 0.89.
    assert added["value"].tolist() == pytest.approx([0.66, 0.88, 0.89], abs=0.015)
    assert added.loc[["demographic", "transaction"], "gain_low"].gt(0).all()
    assert alone.loc["demographic", "high"] < alone.loc[["transaction", "behavioral"], "low"].min()
    assert _auc(result.gain).loc["transaction", "low"] > 0.03
    assert "All rows are as of one moment" in result.tested_on


def test_bank_the_economy_misleads_who_trusts_it_in_later_years(public_data):
    tables = datasets.load_bank_marketing(_folder(public_data, "bank_marketing"), version="additional").tables
    decisions, outcomes = tables.get("decisions"), tables.get("outcomes")
    X = tables.get("customers").merge(tables.get("environment"), on="customer_id")
    kinds = _by_column(BANK)
    result = nbo.ablation(
        nbo.PropensityModel(**SMALL),
        X[list(kinds)].assign(channel=decisions["channel"]),
        outcomes["outcome"] == "accept",
        kinds,
        nbo.Spine.of(decisions.rename(columns={"decided_at": "as_of"})),
        split=TimeSplit(),  # the file gives the answer at the time of the call
        metrics="auc",
    )
    assert _auc(result.added)["value"].tolist() == pytest.approx([0.58, 0.59, 0.70, 0.65], abs=0.015)
    gain = _auc(result.gain)
    assert gain.loc["what we did", "low"] > 0.05
    assert gain.loc["environmental", "high"] < 0
    assert _auc(result.alone).loc["demographic", "high"] < _auc(result.alone).loc["what we did", "low"]


def test_starbucks_purchases_add_to_demographics_and_behavior_hardly_to_both(public_data):
    data = datasets.load_starbucks(_folder(public_data, "starbucks_rewards"))
    decisions = data.tables.get("decisions")
    spine = nbo.Spine.of(decisions.rename(columns={"decided_at": "as_of"}))
    features = nbo.FeatureSet.default(data.tables).select(["demographic", "transaction", "behavioral"])
    X = features.build(data.tables, spine).assign(offer_id=decisions["offer_id"])
    y = nbo.labels.accepted(data.tables, decisions, window="7D", as_of="2018-08-25 18:00")
    result = nbo.ablation(
        nbo.PropensityModel(**SMALL), X, y, features, spine, split=TimeSplit(horizon="7D"), metrics="auc"
    )
    added, alone = _auc(result.added), _auc(result.alone)
    assert added["value"].tolist() == pytest.approx([0.84, 0.87, 0.87], abs=0.015)
    assert added.loc["transaction", "gain_low"] > 0
    assert added.loc["behavioral", "gain_high"] < 0.01
    assert alone["gain_low"].gt(0.02).all()
    assert alone.loc["behavioral", "high"] < alone.loc["demographic", "low"]
