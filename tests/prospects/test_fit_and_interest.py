"""Who suits us and who is interested: two scores, each blind to the other's columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.prospects import LeadModel, fit_and_interest
from tests.prospects.worlds import leads

PROFILE, BEHAVIOR = ["industry", "company_size"], ["visits"]
SMALL = LeadModel(n_estimators=30)


@pytest.fixture(scope="module")
def rows():
    return leads(6000, seed=6).drop(columns=["chance", "noise"])


def test_fit_ignores_behavior_and_interest_ignores_the_profile(rows):
    before = fit_and_interest(rows, PROFILE, BEHAVIOR, model=SMALL).scores
    rng = np.random.default_rng(0)
    other = rows.assign(visits=rng.permutation(rows["visits"]))
    moved = fit_and_interest(rows, PROFILE, BEHAVIOR, other, model=SMALL).scores
    np.testing.assert_array_equal(moved["fit"], before["fit"])
    assert (moved["interest"] != before["interest"]).mean() > 0.5
    other = rows.assign(industry="school", company_size=1)
    moved = fit_and_interest(rows, PROFILE, BEHAVIOR, other, model=SMALL).scores
    np.testing.assert_array_equal(moved["interest"], before["interest"])


def test_the_grid_counts_everybody_once_and_ranks_the_cells(rows):
    found = fit_and_interest(rows, PROFILE, BEHAVIOR, model=SMALL)
    assert found.grid["n"].sum() == len(rows)
    assert found.cut == pytest.approx(rows["converted"].mean())
    rate = found.grid.set_index(["fit", "interest"])["rate"]
    assert rate["high", "high"] > max(rate["high", "low"], rate["low", "high"])
    assert min(rate["high", "low"], rate["low", "high"]) > rate["low", "low"]
    by_hand = rows["converted"][(found.scores["fit"] > found.cut) & (found.scores["interest"] <= found.cut)].mean()
    assert rate["high", "low"] == pytest.approx(by_hand)
    assert "nurture" in found._repr_html_()


@pytest.mark.parametrize(
    ("profile", "behavior", "message"),
    [
        (["industry"], [], "profile and behavior must each name columns"),
        (["industry", "visits"], ["visits"], r"none of both; of both are \['visits'\]"),
        (["trade"], ["visits"], "rows lacks the column 'trade'"),
    ],
)
def test_columns_of_no_kind_or_both_are_refused(rows, profile, behavior, message):
    with pytest.raises(InputError, match=message):
        fit_and_interest(rows, profile, behavior)


def test_leads_that_are_scored_need_no_label(rows):
    new = rows.head(3).drop(columns=["converted", "as_of", "customer_id"])
    found = fit_and_interest(rows, PROFILE, BEHAVIOR, new, model=SMALL, cut=0.5)
    assert (len(found.scores), found.cut) == (3, 0.5)
    assert isinstance(found.grid, pd.DataFrame)
    assert "rate" not in found.grid
