"""Which new segment is which old one."""

import itertools

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import match_labels


def test_the_same_customers_under_other_names_keep_their_names():
    rng = np.random.default_rng(0)
    old = pd.Series(rng.choice(list("abcde"), 500))
    other = dict(zip("abcde", ["c", "x", "a", "e", "b"], strict=True))
    match = match_labels(old, old.map(other).sample(frac=1, random_state=1))
    assert match.names == {new: own for own, new in other.items()}
    assert match.table["overlap"].tolist() == [1.0] * 5
    assert (match.rename(old.map(other)) == old).all()


def test_no_other_assignment_has_larger_overlaps():
    rng = np.random.default_rng(3)
    old, new = rng.choice(list("abcd"), 80), rng.choice(list("wxyz"), 80)
    found = match_labels(old, new, least=0.0).table
    overlap = {
        (i, j): ((old == i) & (new == j)).sum() / ((old == i) | (new == j)).sum() for i in "abcd" for j in "wxyz"
    }
    best = max(sum(overlap[i, j] for i, j in zip(some, "wxyz", strict=True)) for some in itertools.permutations("abcd"))
    assert found["overlap"].sum() == pytest.approx(best)
    assert all(row["overlap"] == pytest.approx(overlap[row["old"], row["new"]]) for _, row in found.iterrows())


def test_a_new_segment_gets_a_name_that_means_nobody_else():
    old = pd.Series(["a"] * 10 + ["b"] * 10)
    new = pd.Series(["b"] * 10 + ["c"] * 9 + ["a"])
    match = match_labels(old, new, least=0.2, taken=["a (2)"])
    assert match.names == {"b": "a", "c": "b", "a": "a (3)"}
    assert match.table.set_index("new")["old"].isna().to_dict() == {"a": True, "b": False, "c": False}


def test_where_no_customer_has_both_the_centers_match():
    rng = np.random.default_rng(4)

    def drawn(names, start):
        labels = rng.choice(names, 300)
        place = pd.Series(labels).map(dict(zip(names, [0.0, 5.0, 10.0], strict=True)))
        X = pd.DataFrame({"x": place + rng.normal(size=300), "big": rng.normal(size=300) * 1e4})
        X.loc[0, "x"] = np.nan
        return pd.Series(labels, index=range(start, start + 300)), X

    (old, X_old), (new, X_new) = drawn(["low", "mid", "top"], 0), drawn(["k3", "k1", "k2"], 1000)
    match = match_labels(old, new, X_old, X_new)
    assert (match.by, match.names) == ("centers", {"k3": "low", "k1": "mid", "k2": "top"})
    with pytest.raises(InputError, match="no customer has both labels; give X_old and X_new"):
        match_labels(old, new)
    with pytest.raises(InputError, match="X_new must have one row for each of the 300"):
        match_labels(old, new, X_old, X_new[:9])


def test_nobody_before_and_unknown_labels():
    match = match_labels(pd.Series(dtype="str"), pd.Series(["s1", None]))
    assert match.names == {"s1": "s1"}
    assert "s1" in match._repr_html_()
    with pytest.raises(InputError, match="labels must be one of 's1'; 1 of 2 rows is not, first at row 1: 's9'"):
        match.rename(["s1", "s9"])
    with pytest.raises(InputError, match=r"least must be in \[0, 1\]"):
        match_labels([], [], least=3)


def test_ids_of_two_kinds_and_features_in_another_order_are_refused():
    labels = pd.Series(["a", "b"], index=[1, 2])
    with pytest.raises(InputError, match="must name customers in the same way"):
        match_labels(labels, labels.set_axis(["1", "2"]))
    X = pd.DataFrame({"age": [20, 60]}, index=[2, 1])
    with pytest.raises(InputError, match="X_old must be in the order of the rows of old"):
        match_labels(labels, labels.set_axis([3, 4]), X, X)
