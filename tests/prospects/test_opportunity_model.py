"""Scores of opportunities: planted chances are recovered, on later time, and censored is not lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import BundleError, InputError
from nbo.models import lift_by_decile, model_metrics
from nbo.prospects import OpportunityModel, opportunity_rows
from tests.prospects.worlds import START, mondays, pipeline, true_win

END = START + pd.Timedelta(weeks=240)
FEW = {"horizon": "126D", "period": "14D", "n_estimators": 60}


@pytest.fixture(scope="module")
def history():
    return pipeline(weeks=200, per_week=20, seed=5)


@pytest.fixture(scope="module")
def model(history):
    until = START + pd.Timedelta(weeks=130)
    return OpportunityModel(**FEW).fit(opportunity_rows(history, mondays(20, 128, 4), until=until))


@pytest.fixture(scope="module")
def later(history):
    """Later opportunities, each seen once."""
    rows = opportunity_rows(history, mondays(131, 190, 4), until=END)
    return rows.sample(frac=1.0, random_state=0).drop_duplicates("opportunity_id").reset_index(drop=True)


@pytest.mark.parametrize("weeks", [4, 12])
def test_scores_of_opportunities_come_true_on_later_time(model, later, weeks):
    p = model.predict_horizons(later, [pd.Timedelta(weeks=weeks)])[:, 0]
    truth = true_win(later["stage"], later["segment"], weeks)
    assert np.corrcoef(p, truth)[0, 1] > 0.95
    assert np.abs(p - truth).mean() < 0.05
    won = ((later["won"] == 1) & (later["duration"] < pd.Timedelta(weeks=weeks))).to_numpy(dtype=float)
    # Calibration: as many wins as foretold, within 4 standard errors of their number and a tenth that learning missed.
    assert abs(won.sum() - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum()) + 0.1 * p.sum()
    assert model_metrics(won, p)["ece"] < 0.06


def test_the_top_tenth_of_opportunities_is_lifted(model, later):
    p = model.predict_proba(later)[:, 1]
    won = ((later["won"] == 1) & (later["duration"] < pd.Timedelta("126D"))).astype(int)
    best = lift_by_decile(won, true_win(later["stage"], later["segment"], 18))["lift"].iloc[0]
    assert lift_by_decile(won, p)["lift"].iloc[0] > 0.9 * best > 1.5


def test_what_the_data_end_cut_off_is_not_counted_as_lost(history, later):
    """Most rows of the last weeks are still open; calling them lost would halve the chances."""
    until = START + pd.Timedelta(weeks=130)
    rows = opportunity_rows(history, mondays(118, 130), until=until)
    assert rows["won"].isna().mean() > 0.4
    censored = OpportunityModel(**FEW | {"horizon": "84D"}).fit(rows).predict_proba(later)[:, 1].mean()
    lost = rows.assign(won=rows["won"].fillna(0.0))
    wrong = OpportunityModel(**FEW | {"horizon": "84D"}).fit(lost).predict_proba(later)[:, 1].mean()
    truth = true_win(later["stage"], later["segment"], 12).mean()
    assert abs(censored - truth) < 0.08
    assert wrong < truth - 0.1


def test_outcomes_compete_and_sum_to_one(model, later):
    found = model.predict_outcomes(later, "60D")
    assert (found.to_numpy() >= 0).all()
    np.testing.assert_allclose(found[["won", "lost", "open"]].sum(axis=1), 1)
    assert (found["won_in_the_end"] >= model.predict_proba(later)[:, 1] - 1e-12).all()
    rising = model.predict_horizons(later, ["7D", "14D", "20D", "90D", "126D"])
    assert (np.diff(rising, axis=1) >= 0).all()


def test_competing_risks_equal_a_slow_loop(model, later):
    """Sum over periods: open until then, closes then, as a win."""
    one = later.iloc[:1]
    survival = model.closing_.survival(one).iloc[0].to_numpy()
    won, before = 0.0, 1.0
    for period in range(4):
        share = model.winning_.predict_proba(one.assign(closes_in_period=float(period)))[0, 1]
        won += (before - survival[period]) * share
        before = survival[period]
    assert model.predict_horizons(one, ["56D"])[0, 0] == pytest.approx(won, rel=1e-12)


def test_a_model_comes_back_from_a_folder_with_the_same_bits(model, later, tmp_path):
    model.to_dir(tmp_path / "model")
    back = OpportunityModel.from_dir(tmp_path / "model")
    assert back.get_params() == model.get_params()
    np.testing.assert_array_equal(back.predict_proba(later), model.predict_proba(later[later.columns[::-1]]))
    assert not [file for file in (tmp_path / "model").rglob("*") if file.suffix in {".pkl", ".joblib"}]
    file = tmp_path / "model" / "winning" / "model.json"
    file.write_text(file.read_text().replace("0", "1"))
    with pytest.raises(BundleError):
        OpportunityModel.from_dir(tmp_path / "model")


def test_a_second_fit_gives_the_same_bits(history, later):
    rows = opportunity_rows(history, mondays(20, 60, 4), until=START + pd.Timedelta(weeks=70))
    small = {**FEW, "n_estimators": 5}
    first = OpportunityModel(**small).fit(rows)
    again = OpportunityModel(**small).fit(rows.drop(columns=["won", "duration"]), rows["won"], rows["duration"])
    np.testing.assert_array_equal(first.predict_proba(later), again.predict_proba(later))


def test_few_opportunities_give_a_model_all_the_same():
    rows = opportunity_rows(pipeline(weeks=8, per_week=1, seed=1), mondays(2, 8), until=END)
    p = OpportunityModel(**FEW).fit(rows).predict_proba(rows)
    assert ((p >= 0) & (p <= 1)).all()


def test_what_cannot_be_learnt_or_asked_is_refused(model, later):
    with pytest.raises(InputError, match="won must be 1 or 0 in some row; all 3 rows are missing"):
        OpportunityModel().fit(later.head(3).assign(won=np.nan))
    with pytest.raises(InputError, match="won must be 1, 0 or missing"):
        OpportunityModel().fit(later.assign(won=2))
    with pytest.raises(InputError, match="X, where won and duration are not given, lacks the column 'won'"):
        OpportunityModel().fit(later.drop(columns="won"))
    with pytest.raises(InputError, match="horizons must be at most 126 days"):
        model.predict_horizons(later, ["200D"])
    with pytest.raises(InputError, match="'stage'"):
        model.predict_proba(later.drop(columns="stage"))
