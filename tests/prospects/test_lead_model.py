"""Scores of leads: rows by hand and as of, planted chances recovered, calibration and lift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import model_metrics
from nbo.prospects import LeadModel, lead_rows
from nbo.testing import check_model
from tests.prospects.worlds import leads

SMALL = {"n_estimators": 40, "min_child_samples": 40}
LEADS = pd.DataFrame(
    {
        "customer_id": ["ann", "ann", "bob", "cem"],
        "valid_from": ["2026-01-01", "2026-01-20", "2026-01-05", "2026-02-01"],
        "industry": ["law", None, "retail", "law"],
        "visits": [1, 4, 2, 0],
    }
)
BOUGHT = pd.DataFrame(
    {"customer_id": ["ann", "ann", "eve"], "converted_at": ["2026-05-01", "2026-02-10", "2026-01-02"]}
)


def test_rows_of_leads_by_hand():
    rows = lead_rows(LEADS, ["2026-01-20", "2026-02-01"], BOUGHT, "10D", until="2026-02-28")
    assert rows[["customer_id", "age_days", "industry", "visits"]].values.tolist() == [
        ["ann", 19.0, "law", 1],
        ["bob", 15.0, "retail", 2],
        ["ann", 31.0, "law", 4],
        ["bob", 27.0, "retail", 2],
    ]
    # Ann bought on the tenth day from 1 February on: within [1 February, 11 February).
    assert rows["converted"].tolist() == [0, 0, 1, 0]


def test_a_label_needs_its_window_to_be_over_and_to_be_known():
    late = BOUGHT.assign(known_at="2026-03-01")
    one = {"horizon": "10D", "as_of": "2026-02-01"}
    assert lead_rows(LEADS, conversions=BOUGHT, until="2026-02-10", **one)["converted"].isna().all()
    assert lead_rows(LEADS, conversions=late, until="2026-02-20", **one)["converted"].tolist() == [0, 0]
    # A customer already, but not known as one: seen as a lead, and without a label.
    unknown = lead_rows(LEADS, "2026-02-15", late, "10D", until="2026-04-01")
    assert unknown["customer_id"].tolist() == ["ann", "bob", "cem"]
    assert np.isnan(unknown["converted"].iloc[0])
    assert lead_rows(LEADS, "2026-02-15", BOUGHT)["customer_id"].tolist() == ["bob", "cem"]


def test_rows_of_the_future_or_known_late_change_nothing():
    rows = lead_rows(LEADS, "2026-01-25", BOUGHT)
    later = LEADS.assign(valid_from="2026-01-25", visits=99)
    late = LEADS.assign(known_at="2026-01-25", visits=99)
    pd.testing.assert_frame_equal(lead_rows(pd.concat([LEADS, later]), "2026-01-25", BOUGHT), rows)
    pd.testing.assert_frame_equal(lead_rows(pd.concat([late, LEADS, LEADS])[::-1], "2026-01-25", BOUGHT), rows)
    assert lead_rows(LEADS.iloc[:0], "2026-01-25").empty


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"leads": LEADS.drop(columns="valid_from")}, "leads lacks the column 'valid_from'"),
        ({"conversions": LEADS}, "conversions lacks the column 'converted_at'"),
        ({"horizon": "10D"}, "a horizon needs conversions, and until"),
        ({"as_of": 3}, "as_of must be a time"),
    ],
)
def test_rows_that_cannot_be_made_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        lead_rows(**{"leads": LEADS, "as_of": "2026-02-01", **given})


def test_scores_of_leads_come_true_and_lift_on_later_time():
    """Calibration and lift of the top tenth on rows later than all that were learnt from."""
    rows = leads(12_000, seed=1)
    chance = rows.pop("chance").to_numpy()
    early = (rows["as_of"] < rows["as_of"].quantile(0.7)).to_numpy()
    model = LeadModel(horizon="1D", **SMALL).fit(rows[early])
    p, truth, y = model.predict_proba(rows[~early])[:, 1], chance[~early], rows["converted"][~early]
    assert np.corrcoef(p, truth)[0, 1] > 0.95
    assert abs(y.sum() - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    found, best = model_metrics(y, p), model_metrics(y, truth)
    assert found["ece"] < 0.03
    assert found["lift_10"] > 0.9 * best["lift_10"] > 2


def test_a_lead_model_owes_what_all_models_owe():
    rows = leads(600)
    check_model(LeadModel(n_estimators=10), rows[["industry", "visits"]], rows["converted"])


def test_who_when_and_what_came_of_it_are_no_features_and_rows_without_a_label_are_left_out():
    rows = leads(800).drop(columns="chance")
    model = LeadModel(**SMALL).fit(rows)
    assert sorted(model.feature_names_in_) == ["company_size", "industry", "noise", "visits"]
    more = pd.concat([rows, rows.head(50).assign(converted=np.nan)])
    again = LeadModel(**SMALL).fit(more)
    np.testing.assert_array_equal(again.predict_proba(rows), model.predict_proba(rows))
    with pytest.raises(InputError, match="X, where y is not given, lacks the column 'converted'"):
        LeadModel().fit(rows.drop(columns="converted"))
    with pytest.raises(InputError, match="sample_weight needs y"):
        LeadModel().fit(rows, sample_weight=np.ones(len(rows)))
