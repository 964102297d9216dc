"""Hillstrom's e-mail test (published, 2008): 64,000 customers got an e-mail on men's or women's goods, or none."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo.datasets import load_hillstrom
from nbo.errors import DataSetNotFoundError
from nbo.models.uplift import UpliftModel, qini, uplift_at

DATA = Path(__file__).parents[3] / os.environ.get("NBO_DATA", "../shared/data") / "hillstrom"
HALVES = 10


@pytest.fixture(scope="module")
def rows():
    """Features and visits by e-mail."""
    try:
        tables = load_hillstrom(DATA).tables
    except DataSetNotFoundError:
        pytest.skip(f"Hillstrom's e-mail test is not in {DATA}")
    X = tables.customers.drop(columns=["customer_id"])
    visited = (tables.outcomes["outcome"] == "accept").to_numpy(dtype=float)
    return X, visited, tables.decisions["offer_id"].astype(str).to_numpy()


def on_halves(rows, email, *learners):
    """Mean Qini and uplift at 30 % of each learner over random halves; "response" is P(visit | e-mail)."""
    X, y, arm = rows
    either = np.isin(arm, [email, "no_offer"])
    X, y, treated = X[either].reset_index(drop=True), y[either], (arm[either] == email).astype(int)
    measured = []
    for seed in range(HALVES):
        order = np.random.default_rng(seed).permutation(len(y))
        train, test = order[: len(y) // 2], order[len(y) // 2 :]
        for name in learners:
            model = UpliftModel("t" if name == "response" else name, n_folds=2)
            model.fit(X.iloc[train], y[train], treated[train], treatment_probability=0.5)
            half = X.iloc[test]
            score = model.predict_outcomes(half)[:, 1] if name == "response" else model.predict(half)
            given = y[test], treated[test], score
            measured.append((name, qini(*given), uplift_at(*given, 0.3)))
    return pd.DataFrame(measured, columns=["learner", "qini", "at30"]).groupby("learner").mean()


@pytest.mark.slow
def test_women_s_email(rows):
    measured = on_halves(rows, "womens_email", "s", "x", "response")
    assert measured.loc["s", "qini"] >= 0.0070
    assert measured["at30"].max() >= 0.069
    assert measured.loc["s", "qini"] > measured.loc["response", "qini"]


@pytest.mark.slow
def test_men_s_email_is_sold_best_by_a_plain_response_model(rows):
    measured = on_halves(rows, "mens_email", "s", "dr", "response")
    assert measured["qini"].idxmax() == "response"
    assert measured["at30"].idxmax() == "response"


def test_the_mean_effect_is_the_published_one(rows):
    X, y, arm = rows
    # Visits: 10.6 % without e-mail, 15.1 % and 18.3 % with (Hillstrom, 2008).
    rates = [y[arm == name].mean() for name in ("no_offer", "womens_email", "mens_email")]
    assert rates == pytest.approx([0.106, 0.151, 0.183], abs=0.0005)
    model = UpliftModel(n_estimators=20, n_folds=2).fit(X, y, arm, treatment_probability=[1 / 3, 1 / 3])
    assert model.treatments_.tolist() == ["mens_email", "womens_email"]
    effects = model.average_effect_.set_index("treatment")
    for name, difference in (("mens_email", rates[2] - rates[0]), ("womens_email", rates[1] - rates[0])):
        assert abs(effects.loc[name, "effect"] - difference) <= effects.loc[name, "standard_error"]
