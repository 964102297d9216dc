"""Segments of customers who accept the same offers: planted, absent, confounded."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import AcceptanceTreeSegmenter

OFFERS = np.array(["w", "x", "y", "z"])


def _world(n, seed=0, planted=True):
    """Three kinds of customers who like one offer each; an uneven logging policy. Simulated."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 6)), columns=[f"f{i}" for i in range(6)])
    X["channel"] = pd.Series(rng.choice(["web", "store", "app"], n), dtype="str")
    X.loc[rng.random(n) < 0.2, "f1"] = np.nan
    kind = np.where(X["f0"] > 0.5, 0, np.where(X["channel"] == "web", 1, 2))
    rates = np.full((3, 4), 0.05)
    if planted:
        rates[[0, 1, 2], [0, 1, 2]] = 0.2
    share = np.array([0.4, 0.3, 0.2, 0.1])
    offer = rng.choice(4, n, p=share)
    accepted = rng.random(n) < rates[kind, offer]
    return X, accepted, OFFERS[offer], share[offer], kind


def test_finds_the_planted_segments():
    X, accepted, offer, probability, kind = _world(20_000)
    segmenter = AcceptanceTreeSegmenter().fit(X, accepted, offer, probability)
    described = segmenter.describe()
    assert described["segment"].tolist() == ["s01", "s02", "s03"]
    assert sorted(described["best_offer"]) == ["w", "x", "y"]
    labels = segmenter.predict(X)
    found = described.set_index("segment")["best_offer"].loc[labels].to_numpy()
    assert (found == OFFERS[kind]).mean() > 0.97
    assert described["rule"].str.contains("channel is web").sum() == 1
    assert abs(described["best_rate"] - 0.2).max() < 0.03


def test_without_planted_segments_there_is_one():
    X, accepted, offer, probability, _ = _world(20_000, planted=False)
    described = AcceptanceTreeSegmenter().fit(X, accepted, offer, probability).describe()
    assert described["rule"].tolist() == ["everyone"]


def test_who_was_served_what_is_not_taken_for_taste():
    # All accept the offers alike, but the logging policy served "w" (liked by all) mostly to f0 > 0.
    rng = np.random.default_rng(1)
    n = 20_000
    X = pd.DataFrame({"f0": rng.normal(size=n), "f1": rng.normal(size=n)})
    served = np.where(X["f0"] > 0, 0.9, 0.1)
    offer = np.where(rng.random(n) < served, "w", "x")
    probability = np.where(offer == "w", served, 1 - served)
    accepted = rng.random(n) < np.where(offer == "w", 0.4, 0.05)
    described = AcceptanceTreeSegmenter().fit(X, accepted, offer, probability).describe()
    assert len(described) == 1


def test_missing_values_make_a_segment():
    rng = np.random.default_rng(2)
    n = 6000
    X = pd.DataFrame({"f0": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))})
    offer = rng.choice(["x", "y"], n)
    accepted = rng.random(n) < np.where((offer == "x") == X["f0"].isna(), 0.3, 0.05)
    segmenter = AcceptanceTreeSegmenter().fit(X, accepted, offer, np.full(n, 0.5))
    assert "f0 is missing" in segmenter.describe()["rule"].tolist()


def test_limits_on_number_and_size_hold():
    X, accepted, offer, probability, _ = _world(20_000)
    few = AcceptanceTreeSegmenter(max_segments=2).fit(X, accepted, offer, probability)
    assert len(few.describe()) == 2
    large = AcceptanceTreeSegmenter(min_customers=6000).fit(X, accepted, offer, probability)
    assert large.describe()["n"].min() >= 6000
    assert AcceptanceTreeSegmenter(max_segments=1).fit(X, accepted, offer, probability).predict(X[:2]).tolist() == [
        "s01",
        "s01",
    ]


def test_no_accepts_at_all_and_too_few_rows_make_one_segment():
    X, accepted, offer, probability, _ = _world(2000)
    none = AcceptanceTreeSegmenter().fit(X, 0 * accepted, offer, probability)
    assert none.describe()["best_rate"].tolist() == [0.0]
    one = AcceptanceTreeSegmenter().fit(X[:1], accepted[:1], offer[:1], probability[:1])
    assert one.describe()["n"].tolist() == [1]


def test_decisions_to_make_no_offer_are_left_out():
    X, accepted, offer, probability, _ = _world(8000)
    without = AcceptanceTreeSegmenter().fit(X[:6000], accepted[:6000], offer[:6000], probability[:6000])
    offer = np.where(np.arange(8000) < 6000, offer, "no_offer")
    assert AcceptanceTreeSegmenter().fit(X, accepted, offer, probability).to_dict() == without.to_dict()


def test_missing_action_probabilities_are_the_offers_shares():
    X, accepted, offer, _, _ = _world(20_000)
    share = pd.Series(offer).map(pd.Series(offer).value_counts(normalize=True)).to_numpy()
    expected = AcceptanceTreeSegmenter().fit(X, accepted, offer, share).to_dict()
    assert AcceptanceTreeSegmenter().fit(X, accepted, offer).to_dict() == expected
    assert AcceptanceTreeSegmenter().fit(X, accepted, offer, np.full(20_000, np.nan)).to_dict() == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"accepted": None}, "fit needs `accepted` and `offer_id`"),
        ({"accepted": np.array([1.0, 2.0, 0.0])}, r"accepted must be in \[0, 1\]; 1 of 3 rows is not"),
        ({"accepted": np.array([1.0])}, "accepted must have one value for each of the 3 rows of X; got 1"),
        ({"offer_id": np.array(["x", None, "y"], dtype=object)}, "offer_id must be there in every row; 1 of 3"),
        ({"action_probability": np.array([0.5, 0.0, 0.5])}, r"action_probability must be in \(0, 1\]; 1 of 3"),
        ({"action_probability": np.array([0.5])}, "action_probability must have one value for each of the 3 rows"),
    ],
)
def test_bad_answers_are_refused(change, message):
    given = {
        "X": pd.DataFrame({"f0": [1.0, 2.0, 3.0]}),
        "accepted": np.array([1.0, 0.0, 1.0]),
        "offer_id": np.array(["x", "y", "x"]),
        "action_probability": np.full(3, 0.5),
    }
    with pytest.raises(InputError, match=message):
        AcceptanceTreeSegmenter().fit(**{**given, **change})


def test_bad_parameters_are_refused():
    with pytest.raises(InputError, match="max_segments must be 1 or more; got 0"):
        AcceptanceTreeSegmenter(max_segments=0).fit(pd.DataFrame({"f0": [1.0]}), [1.0], ["x"])
