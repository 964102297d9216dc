"""Published data: bank marketing (Moro et al., 2014) and the fictional telco of IBM."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo.models import ChurnModel, PropensityModel, model_metrics

DATA = Path(__file__).parents[2] / os.environ.get("NBO_DATA", "../shared/data")
BANK = DATA / "bank_marketing" / "bank_additional_full.parquet"
TELCO = DATA / "telco_churn" / "telco_kaggle_21col.parquet"


@pytest.fixture(scope="module")
def bank():
    if not BANK.exists():
        pytest.skip(f"bank marketing is not in {DATA}")
    frame = pd.read_parquet(BANK)
    # `duration` is known only after the call.
    return frame.drop(columns=["y", "duration"]), (frame["y"] == "yes").to_numpy()


def test_bank_ordered_by_time(bank):
    X, y = bank
    cut = int(0.8 * len(X))
    # The file is in the order of the calls, May 2008 to November 2010; it has no date column.
    time = pd.date_range("2008-05-01", "2010-11-01", periods=len(X))
    model = PropensityModel().fit(X[:cut], y[:cut], time=time[:cut])
    assert model_metrics(y[cut:], model.predict_proba(X[cut:])[:, 1])["auc"] >= 0.65


def test_bank_split_at_random(bank):
    X, y = bank
    order = np.random.default_rng(0).permutation(len(X))
    train, test = np.split(order, [int(0.8 * len(X))])
    model = PropensityModel().fit(X.iloc[train], y[train])
    measured = model_metrics(y[test], model.predict_proba(X.iloc[test])[:, 1])
    assert measured["auc"] >= 0.79
    assert measured["ece"] <= 0.02


def test_telco():
    if not TELCO.exists():
        pytest.skip(f"telco churn is not in {DATA}")
    frame = pd.read_parquet(TELCO)
    X = frame.drop(columns=["customerID", "Churn"])
    X["TotalCharges"] = pd.to_numeric(X["TotalCharges"], errors="coerce")
    order = np.random.default_rng(0).permutation(len(X))
    train, test = np.split(order, [int(0.8 * len(X))])
    model = ChurnModel().fit(X.iloc[train], frame["Churn"].iloc[train])
    p = model.predict_proba(X.iloc[test])[:, 1]
    assert model_metrics(frame["Churn"].iloc[test] == "Yes", p)["auc"] >= 0.83
