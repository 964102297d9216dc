"""Personas: traits that truly differ by adjusted p-values, the customer in the middle, worth, needs and quotes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.segments import personas
from nbo.segments.traits.profile_space import ProfileSpace
from nbo.segments.traits.ranks import RankTest, category_p_values


def null_frame(rng, n):
    return pd.DataFrame(
        {
            "normal": rng.normal(size=n),
            "skewed": rng.exponential(size=n),
            "rare": rng.poisson(0.03, n),
            "mostly_zero": (rng.random(n) < 0.1) * rng.exponential(size=n),
            "word": rng.choice(list("xyz"), n, p=[0.9, 0.07, 0.03]),
            "flag": rng.random(n) < 0.05,
        }
    )


def planted(n=600, seed=1):
    """Customers of two segments that differ in spend and town, and in nothing else."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(n) < 0.3, "spenders", "savers")
    high = labels == "spenders"
    X = null_frame(rng, n).assign(spend=rng.exponential(np.where(high, 90.0, 20.0)))
    X["town"] = np.where(rng.random(n) < np.where(high, 0.7, 0.2), "Bern", "Rome")
    X.index = [f"c{number:04d}" for number in range(n)]
    return X, labels


def test_labels_by_chance_name_a_trait_no_more_often_than_stated():
    rng = np.random.default_rng(7)
    named, runs = 0, 100
    for _ in range(runs):
        n = int(rng.integers(60, 300))
        labels = rng.choice(["a", "b", "c", "d"], n, p=[0.03, 0.1, 0.3, 0.57])
        named += any(len(card.traits) for card in personas(null_frame(rng, n), labels, min_effect=0.0))
    # At most 5 % of the runs, within 3 standard errors.
    assert named / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_planted_traits_are_found_and_only_they():
    cards = personas(*planted())
    assert cards["spenders"].traits["feature"].tolist() == ["spend", "town"]
    assert cards["savers"].traits["feature"].tolist() == ["spend", "town"]
    assert (cards["spenders"].traits["p_adjusted"] < 1e-6).all()
    assert cards["spenders"].traits["effect"].gt(0.3).all()
    assert cards["spenders"].traits["category"].tolist()[1] in ("Bern", "Rome")
    assert len(cards.tests) == 2 * (4 + 3 + 2 + 1 + 2)


def test_typical_values_and_effects_by_hand():
    X = pd.DataFrame({"x": [1.0, 2, 3, 10, 20, 30], "town": ["A", "A", "B", "B", "B", None]})
    tests = personas(X, list("llhhhh")).tests.set_index(["segment", "feature", "category"], drop=False)
    number = tests[(tests["segment"] == "h") & (tests["feature"] == "x")].iloc[0]
    assert (number["here"], number["others"], number["measure"]) == (15.0, 1.5, "median")
    # All 4 x 2 pairs have more in segment h.
    assert number["effect"] == 1.0
    town = tests[(tests["segment"] == "h") & (tests["category"] == "B")].iloc[0]
    assert (town["here"], town["others"], town["effect"]) == (1.0, 0.0, 1.0)
    # Of 5 with a town, 3 have B: that all 3 of segment h have it is 1 of 10 ways.
    assert town["p_value"] == pytest.approx(2 * 1 / 10)
    assert town["trait"] == "town is B: 100 %, others 0 %"


def test_p_values_are_those_of_scipy():
    rng = np.random.default_rng(3)
    x, code = rng.normal(size=90).round(1), rng.integers(0, 3, 90)
    table = RankTest(x, code, 3).table()
    for group in range(3):
        expected = stats.mannwhitneyu(x[code == group], x[code != group], method="asymptotic").pvalue
        assert table["p_value"][group] == pytest.approx(expected, rel=1e-9)
    low = stats.fisher_exact([[3, 17], [40, 20]], alternative="less").pvalue
    assert category_p_values(np.array([3]), np.array([20]), 43, 80)[0] == pytest.approx(2 * low)


def test_a_rare_count_in_a_small_segment_is_tested_exactly():
    x, code = np.zeros(400), np.zeros(400, dtype=int)
    code[:4] = 1
    x[[0, 100, 200, 300]] = 5.0
    p_value = RankTest(x, code, 2).table()["p_value"][1]
    # One of 4, where one of 100 is usual: by ranks that would be one in a hundred thousand.
    assert p_value == pytest.approx(2 * stats.hypergeom.sf(0, 400, 4, 4))
    assert stats.mannwhitneyu(x[code == 1], x[code == 0], method="asymptotic").pvalue < 1e-4


def test_the_medoid_has_the_smallest_mean_distance_by_a_plain_loop():
    X, labels = planted(120, seed=5)
    X.loc[X.index[:9], "spend"] = np.nan
    card = personas(X, labels)["savers"]
    own = X[labels == "savers"]
    reach = {name: np.ptp(np.nanquantile(X[name].astype(float), [0.05, 0.95])) or np.ptp(X[name]) for name in
             ("normal", "skewed", "rare", "mostly_zero", "spend")}  # fmt: skip

    def apart(a, b):
        total = 0.0
        for name in X:
            if name in reach and (np.isnan(a[name]) or np.isnan(b[name])):
                total += float(np.isnan(a[name]) != np.isnan(b[name]))
            else:
                total += min(abs(a[name] - b[name]) / reach[name], 1) if name in reach else a[name] != b[name]
        return total / X.shape[1]

    rows = own.to_dict("index")
    mean = {one: np.mean([apart(rows[one], rows[other]) for other in rows]) for one in rows}
    assert mean[card.medoid] <= min(mean.values()) + 1e-6
    assert card.profile["town"] == own.loc[card.medoid, "town"]


def test_in_a_large_segment_the_medoid_is_nearly_the_best():
    X, _ = planted(3000, seed=2)
    space = ProfileSpace.of(X)
    everyone = np.random.default_rng(0).permutation(len(X))
    mean = np.concatenate([space.distances(part, everyone).mean(axis=1) for part in np.split(np.arange(len(X)), 30)])
    assert mean[space.medoid(everyone)] <= 1.02 * mean.min()


def test_the_order_of_rows_changes_nothing():
    X, labels = planted(1500, seed=4)
    texts = pd.Series("says " + X.index, index=X.index).iloc[::3]
    order = np.random.default_rng(1).permutation(len(X))
    cards = personas(X, labels, values=X["spend"], texts=texts)
    other = personas(X.iloc[order], labels[order], values=X["spend"].iloc[order], texts=texts[::-1])
    assert cards.to_text() == other.to_text()
    pd.testing.assert_frame_equal(cards.to_frame(), other.to_frame())


def test_worth_adds_up_to_the_cent():
    X, labels = planted()
    values = X["spend"].round(2)
    cards = personas(X, labels, values=values)
    cents = sum(round(card.worth["total"] * 100) for card in cards)
    assert cents == round(values.mul(100).round().sum())
    assert sum(card.worth["share"] for card in cards) == pytest.approx(1)
    assert cards["spenders"].worth["median"] == pytest.approx(values[labels == "spenders"].median())


def test_quotes_are_of_customers_next_to_the_medoid():
    X = pd.DataFrame({"x": [1.0, 2.0, 3.1, 4.0, 5.0]}, index=list("abcde"))
    said = pd.Series(["far", "near", "b says", None, "c <says>", "  "], index=["e", "d", "b", "a", "c", "c"])
    card = personas(X, ["s"] * 5, texts=said)["s"]
    assert card.medoid == "c"
    assert card.quotes == ("c <says>", "near", "b says")
    assert "c &lt;says&gt;" in card._repr_html_()
    assert "“near”" in card.to_text()


def test_a_quote_stands_once_however_many_say_it():
    X = pd.DataFrame({"x": [1.0, 2.0, 3.1, 4.0, 5.0]}, index=list("abcde"))
    said = pd.Series(["too slow", "too slow", "too slow", "nice", "too slow"], index=X.index)
    assert personas(X, ["s"] * 5, texts=said)["s"].quotes == ("too slow", "nice")


def test_needs_are_those_that_a_segment_has_more_than_others():
    X, labels = planted()
    cards = personas(X, labels, needs=["spend", "normal"])
    assert cards["spenders"].needs == ("spend",)
    assert cards["savers"].needs == ()


def test_the_card_tells_all_in_words():
    X, labels = planted()
    cards = personas(X, labels, values=X["spend"], max_traits=1)
    card = cards["spenders"]
    assert len(card.traits) == 1
    assert f"{card.n:,} customers, {100 * card.share:.0f} % of all" in card.to_text()
    assert "spend is higher: typically" in card._repr_html_()
    assert cards._repr_html_().count("<section>") == len(cards) == 2
    assert cards.to_frame()["segment"].tolist() == ["savers", "spenders"]
    small = personas(X, labels, min_effect=1.0)["spenders"]
    assert "nothing sets these customers apart for sure" in small.to_text()


def test_one_customer_one_segment_and_nobody():
    alone = personas(pd.DataFrame({"x": [1.0], "w": ["a"]}), ["s"])
    assert (len(alone), alone["s"].n, len(alone.tests)) == (1, 1, 0)
    assert len(personas(pd.DataFrame({"x": []}), [])) == 0
    assert len(personas(pd.DataFrame({"x": [1.0, 2.0, 3.0]}), ["s"] * 3).tests) == 0


def test_what_is_wrong_is_told():
    X = pd.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(InputError, match="labels must have one value for each of the 2 rows"):
        personas(X, ["a"])
    with pytest.raises(InputError, match="labels must be there in every row"):
        personas(X, ["a", None])
    with pytest.raises(InputError, match="lacks the column 'hunger'"):
        personas(X, ["a", "b"], needs=["hunger"])
    with pytest.raises(InputError, match="X.seen must hold numbers, flags or texts; got datetime64"):
        personas(X.assign(seen=pd.Timestamp("2026-01-01")), ["a", "b"])
    with pytest.raises(InputError, match="X.bought must be numbers, flags or texts; 2 of 2 rows are not"):
        personas(X.assign(bought=[["a"], []]), ["a", "b"])
    with pytest.raises(InputError, match="texts' index must be of customers in X"):
        personas(X, ["a", "b"], texts=pd.Series(["hello"], index=[9]))
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        personas(X, ["a", "b"], level=1)
    with pytest.raises(InputError, match="segment must be one of 'a', 'b'"):
        personas(X, ["a", "b"])["c"]


def test_series_in_another_order_are_refused_and_not_read_by_place():
    X, labels = planted()
    values = pd.Series(np.arange(len(X)), index=X.index, dtype=float)
    named = pd.Series(labels, index=X.index)
    assert personas(X, named, values=values).to_frame().equals(personas(X, labels, values=values.to_numpy()).to_frame())
    with pytest.raises(InputError, match="labels must be in the order of the rows of X"):
        personas(X, named[::-1])
    with pytest.raises(InputError, match=r"values must be .* Give it reindexed by X\.index"):
        personas(X, labels, values=values[::-1])


def test_endless_values_and_needs_as_one_text_are_refused():
    X, labels = planted()
    with pytest.raises(InputError, match="values must be finite numbers, or missing"):
        personas(X, labels, values=np.full(len(X), np.inf))
    with pytest.raises(InputError, match="needs must be a list of columns, such as"):
        personas(X, labels, needs="spend")


def test_large_numbers_are_told_without_exponent():
    X = pd.DataFrame({"income": np.repeat([52000.0, 1200345.6], 40)})
    trait = personas(X, np.repeat(["poor", "rich"], 40))["rich"].traits["trait"].item()
    assert trait == "income is higher: typically 1,200,346, others 52,000"


def test_labels_with_the_default_index_are_read_by_place():
    X, labels = planted()
    X = X.set_axis(np.random.default_rng(0).permutation(len(X)))
    assert personas(X, pd.Series(labels)).to_frame().equals(personas(X, labels).to_frame())
