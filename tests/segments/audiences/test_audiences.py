"""The result: kept as JSON, shown, and who is like those found."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import Audiences, find_audiences


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    n = 16_000
    X = pd.DataFrame({"age": rng.integers(18, 80, n), "town": rng.choice(["A", "B<", "C", "D"], n)})
    young, there = (X["age"] <= 33).to_numpy(), (X["town"] == "B<").to_numpy()
    rate = np.where(young, 0.3, np.where(there, 0.15, 0.04))
    offer = rng.choice(["card", "loan"], n)
    reward = rng.random(n) < np.where(offer == "card", rate, 0.05)
    return find_audiences(
        X, pd.DataFrame({"offer_id": offer, "reward": reward.astype(float)}), offers=["card", "loan", "new"]
    )


def test_two_planted_rules_are_told_apart(found):
    young, there = sorted(found.frame["rule"])
    assert young == "age <= 33"
    assert "town is B<" in there
    assert (found.frame["low"] > 1).all()


def test_like_customers_come_by_expected_rate_with_the_reason(found):
    customers = pd.DataFrame(
        {"age": [70, 55, 20, 50, 30], "town": ["A", "B<", "A", "B<", "B<"]}, index=["a", "b", "c", "d", "e"]
    )
    like = found.like_customers("card", customers)
    assert like.index.tolist() == ["c", "e", "b", "d"]
    young, there = found.frame.sort_values("rule")["expected_rate"]
    assert like["expected_rate"].tolist() == [young, young, there, there]
    assert like.loc["c", "reason"].startswith("age <= 33: accepts ")
    assert like.loc["e", "reason"].count("times as often as everybody") == 2
    assert ((like["low"] < like["expected_rate"]) & (like["expected_rate"] < like["high"])).all()
    assert found.like_customers("card", customers, top=1).index.tolist() == ["c"]
    assert found.like_customers("card", customers[:0]).empty


def test_where_nothing_is_found_it_says_why(found):
    like = found.like_customers("loan", pd.DataFrame({"age": [20], "town": ["A"]}))
    assert like.empty
    assert list(like) == ["offer_id", "expected_rate", "low", "high", "reason"]
    assert like.attrs["why"].startswith("No subgroup is sure to accept loan more often than everybody: ")
    assert found.why("new") == "Nobody has accepted new yet (0 answers), so nobody is like those who did."
    assert found.why("card").startswith("2 audiences of card found on ")


def test_expected_rates_are_drawn_to_everybody_as_far_as_answers_are_few(found):
    frame = found.frame
    everybody = frame["rate"] / frame["lift"]
    assert ((everybody < frame["expected_rate"]) & (frame["expected_rate"] < frame["rate"])).all()
    assert (frame["rate"] - frame["expected_rate"] < 0.05 * frame["rate"]).all()


def test_a_lift_that_is_not_known_yet_is_said_so(found):
    state = found.to_dict()
    state["frame"][0].update(lift=None, low=0.0, high="inf")
    unknown = Audiences.from_dict(json.loads(json.dumps(state)))
    assert np.isinf(unknown.frame["high"][0])
    like = unknown.like_customers("card", pd.DataFrame({"age": [20, 50], "town": ["A", "B<"]}))
    assert like["reason"].str.contains("how much is not known yet").sum() == 1


def test_json_gives_all_back(found):
    again = Audiences.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.frame, found.frame)
    pd.testing.assert_frame_equal(again.by_period, found.by_period)
    assert again.to_dict() == found.to_dict()
    customers = pd.DataFrame({"age": [20, 50], "town": ["A", "B<"]})
    pd.testing.assert_frame_equal(again.like_customers("card", customers), found.like_customers("card", customers))


def test_it_is_shown_as_a_table_and_escaped(found):
    html = found._repr_html_()
    assert "town is B&lt;" in html
    assert "B<<" not in html
    assert repr(found).startswith("2 audiences of 1 of 3 offers, found in 16,000 answers")


def test_what_cannot_be_is_refused(found):
    X = pd.DataFrame({"age": [20], "town": ["A"]})
    with pytest.raises(InputError, match="offer must be one of 'card', 'loan', 'new'; got 'fund'"):
        found.like_customers("fund", X)
    with pytest.raises(InputError, match="top must be 1 or more"):
        found.like_customers("card", X, top=0)
    with pytest.raises(InputError, match="X lacks the column 'age'"):
        found.like_customers("card", X[["town"]])
    with pytest.raises(InputError, match="state must be of Audiences, format 1"):
        Audiences.from_dict({"audiences": "Audiences", "format": 2})
