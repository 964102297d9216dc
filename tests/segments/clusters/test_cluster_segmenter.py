"""Clusters by needs and behavior: planted ones are found, as many as there are, and none where there are none."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from nbo.errors import InputError
from nbo.segments import ClusterSegmenter
from nbo.testing import check_segmenter


def _planted(seed, n=1500):
    """Four clusters with numbers of three shapes, two categories, and gaps."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    visits = np.array([0.0, 4, 0, 4])[truth] + rng.normal(0, 0.6, n)
    spend = np.exp(np.array([2.0, 2, 6, 6])[truth] + rng.normal(0, 0.7, n))
    calls = rng.poisson(np.array([0.2, 6, 6, 0.2])[truth]).astype(float)
    wants = np.array(["price", "advice", "speed", "status"])[
        np.where(rng.random(n) < 0.85, truth, rng.integers(0, 4, n))
    ]
    city = rng.choice(["Bern", "Rome", "Oslo"], n)
    X = pd.DataFrame({"visits": visits, "spend": spend, "calls": calls, "wants": wants, "city": city})
    X.loc[rng.random(n) < 0.05, "visits"] = np.nan
    X.loc[rng.random(n) < 0.05, "wants"] = None
    return X, truth


def _shapeless(kind, seed, n=1200):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    if kind == "oblong":
        X += rng.normal(size=(n, 1)) * 1.5
    elif kind == "skewed":
        X = np.exp(X)
    elif kind == "mixed":
        X = X.assign(e=rng.poisson(1.0, n), f=rng.choice(list("xyz"), n), g=np.where(rng.random(n) < 0.5, 0, X["a"]))
    return X


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_clusters_of_mixed_types_are_found_and_as_many_as_there_are(seed):
    X, truth = _planted(seed)
    fitted = ClusterSegmenter(bootstraps=8, random_state=seed).fit(X)
    assert len(fitted.describe()) == 4
    assert adjusted_rand_score(truth, fitted.predict(X)) >= 0.9
    # The largest first, each found again in bootstrap samples.
    assert fitted.describe()["n"].is_monotonic_decreasing
    assert (fitted.describe()["jaccard"] > 0.75).all()
    stability = fitted.stability_.set_index("k")
    assert stability.loc[4, "stability"] > 0.9
    assert stability.loc[4, "low"] <= stability.loc[4, "stability"] <= stability.loc[4, "high"]
    assert stability.loc[8, "stability"] < stability.loc[4, "stability"]


@pytest.mark.parametrize("kind", ["round", "oblong", "skewed", "mixed"])
def test_where_nothing_is_there_everybody_is_in_one_cluster(kind):
    X = _shapeless(kind, seed=0)
    fitted = ClusterSegmenter(bootstraps=5, k_range=(2, 5)).fit(X)
    assert fitted.describe()[["segment", "rule", "n"]].to_numpy().tolist() == [["c1", "everyone", len(X)]]
    assert len(fitted.stability_) == 4


def test_traits_say_by_what_a_cluster_differs():
    X, _ = _planted(0)
    fitted = ClusterSegmenter(k=4, bootstraps=2).fit(X)
    traits = fitted.traits_.set_index(["segment", "feature", "category"])
    labels = fitted.predict(X)
    first = traits.loc[("c1", "spend", "")]
    assert first["mean"] == pytest.approx(X.loc[labels == "c1", "spend"].mean(), rel=1e-6)
    assert first["mean_of_all"] == pytest.approx(X["spend"].mean(), rel=1e-6)
    wants = traits.loc[("c1", "wants", "price")]
    assert wants["mean"] == pytest.approx((X.loc[labels == "c1", "wants"] == "price").mean())
    assert wants["difference"] > 1
    assert abs(traits.loc[("c1", "city", "Rome"), "difference"]) < 0.2
    assert "wants often price" in fitted.describe()["rule"][0]
    assert "city" not in " ".join(fitted.describe()["rule"])


def test_needs_are_heard_beside_many_features_of_behavior():
    rng = np.random.default_rng(3)
    need, habit = rng.integers(0, 2, (2, 1200))
    behavior = {f"b{i}": 2.5 * habit + rng.normal(size=1200) for i in range(12)}
    X = pd.DataFrame(
        {"need": np.where(need == 1, "advice", "price"), "score": 3 * need + rng.normal(size=1200), **behavior}
    )
    by_habit = ClusterSegmenter(k=2, bootstraps=2).fit(X).predict(X)
    by_need = ClusterSegmenter(k=2, bootstraps=2, needs=["need", "score"], needs_share=0.8).fit(X).predict(X)
    assert adjusted_rand_score(habit, by_habit) > 0.9
    assert adjusted_rand_score(need, by_need) > 0.9


def test_weights_count_by_feature_and_by_data_type():
    rng = np.random.default_rng(4)
    one, other = rng.integers(0, 2, (2, 800))
    X = pd.DataFrame({f"events__{i}": 3 * one + rng.normal(size=800) for i in range(3)})
    X = X.assign(surveys__a=3 * other + rng.normal(size=800), surveys__b=3 * other + rng.normal(size=800))
    for weights, truth in (
        ({"surveys": 0.01}, one),
        ({"events": 0.01}, other),
        ({"events__0": 0.0, "surveys": 5}, other),
    ):
        found = ClusterSegmenter(k=2, bootstraps=2, weights=weights).fit(X).predict(X)
        assert adjusted_rand_score(truth, found) > 0.85
    with pytest.raises(InputError, match="'nothing' is of none"):
        ClusterSegmenter(weights={"nothing": 2}).fit(X)


def test_learning_from_a_sample_labels_all_and_chunks_make_no_difference(monkeypatch):
    X, truth = _planted(5, n=4000)
    fitted = ClusterSegmenter(k=4, bootstraps=2, sample=800).fit(X)
    labels = fitted.predict(X)
    assert adjusted_rand_score(truth, labels) >= 0.9
    assert fitted.describe()["n"].sum() == 4000
    monkeypatch.setattr("nbo.segments.clusters.cluster_segmenter._CHUNK", 77)
    assert fitted.predict(X).tolist() == labels.tolist()


def test_what_every_segmenter_owes_with_one_and_with_several_clusters():
    X, _ = _planted(6, n=300)
    check_segmenter(ClusterSegmenter(k=3, bootstraps=2), X)
    check_segmenter(ClusterSegmenter(bootstraps=2, k_range=(2, 3)), _shapeless("round", 0, n=100))
    back = ClusterSegmenter.from_dict(json.loads(json.dumps(ClusterSegmenter(k=3, bootstraps=2).fit(X).to_dict())))
    again = ClusterSegmenter(k=3, bootstraps=2).fit(X)
    pd.testing.assert_frame_equal(back.traits_, again.traits_)
    pd.testing.assert_frame_equal(back.stability_, again.stability_)


@pytest.mark.parametrize("n", [0, 1, 15])
def test_few_customers_are_one_cluster(n):
    X, _ = _planted(7, n=50)
    fitted = ClusterSegmenter(bootstraps=2).fit(X.iloc[:n])
    assert fitted.describe()["n"].tolist() == [n]
    assert fitted.predict(X).tolist() == ["c1"] * 50


def test_constant_and_empty_features_are_no_reason_for_clusters():
    X = pd.DataFrame({"a": np.ones(200), "b": "x", "c": np.full(200, np.nan)})
    assert ClusterSegmenter(bootstraps=2).fit(X).describe()["n"].tolist() == [200]
    assert ClusterSegmenter(k=3, bootstraps=2).fit(X).describe()["n"].tolist() == [200]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"columns": ["calls"], "needs": ["wants"]}, "needs must be among columns; 'wants' is not"),
        ({"columns": ["age"]}, "lacks the column 'age'"),
        ({"columns": "calls"}, "must be lists of names"),
        ({"k": 0}, "k must be 1 or more; got 0"),
        ({"k_range": (8, 2)}, "k_range must be the smallest and the largest number to try"),
        ({"k_range": 3}, "k_range must be the smallest and the largest number to try"),
        ({"bootstraps": 1}, "bootstraps must be 2 or more"),
        ({"needs_share": 1.0}, r"needs_share must be in \(0, 1\)"),
        ({"weights": {"calls": -1}}, "weight of 'calls' must be 0 or more"),
    ],
)
def test_wrong_arguments_are_refused(arguments, says):
    with pytest.raises(InputError, match=says):
        ClusterSegmenter(**arguments).fit(_planted(0, n=50)[0])
