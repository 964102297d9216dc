"""Published data: the fictional telco of IBM."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo.models import ChurnModel, model_metrics

DATA = Path(__file__).parents[2] / os.environ.get("NBO_DATA", "../shared/data")
TELCO = DATA / "telco_churn" / "telco_kaggle_21col.parquet"


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
