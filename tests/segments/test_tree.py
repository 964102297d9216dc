"""The tree's own walk, pruning and words."""

import json

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from nbo.segments.design import Design
from nbo.segments.tree import Tree


def _fitted(size, seed=0, missing=0.2):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(3000, 4)).astype(np.float32)
    matrix[:, 2] = rng.integers(0, 3, 3000)
    matrix[rng.random((3000, 4)) < missing] = np.nan
    matrix[:, 3] = rng.normal(size=3000)
    signal = np.column_stack([matrix[:, 0] > 0.3, np.isnan(matrix[:, 1]), matrix[:, 2] == 1, matrix[:, 3] > 0])
    output = signal + rng.normal(size=(3000, 4))
    fitted = DecisionTreeRegressor(max_leaf_nodes=size, min_samples_leaf=30, random_state=0).fit(matrix, output)
    return fitted, matrix, output


@pytest.mark.parametrize("seed", range(5))
def test_walks_like_scikit_learn_also_with_missing_values(seed):
    fitted, matrix, _ = _fitted(20, seed)
    rng = np.random.default_rng(seed + 100)
    new = rng.normal(size=(2000, 4)).astype(np.float32)
    new[rng.random(new.shape) < 0.3] = np.nan
    # Values on a threshold, too.
    new[:200, 0] = fitted.tree_.threshold[fitted.tree_.feature == 0][0]
    tree = Tree.of(fitted)
    np.testing.assert_array_equal(tree.apply(matrix), fitted.apply(matrix))
    np.testing.assert_array_equal(tree.apply(new), fitted.apply(new))
    again = Tree.from_dict(json.loads(json.dumps(tree.to_dict(), allow_nan=False)))
    np.testing.assert_array_equal(again.apply(new), fitted.apply(new))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12, 20, 99])
def test_pruned_is_the_tree_grown_with_fewer_leaves(size):
    fitted, matrix, output = _fitted(20)
    pruned = Tree.of(fitted).pruned(size).apply(matrix)
    if size == 1:
        assert len(set(pruned)) == 1
        return
    grown = DecisionTreeRegressor(max_leaf_nodes=min(size, 20), min_samples_leaf=30, random_state=0)
    expected = grown.fit(matrix, output).apply(matrix)
    assert len({*zip(pruned, expected, strict=True)}) == len(set(pruned)) == min(size, 20)


def test_rules_say_who_comes_to_each_leaf():
    fitted, matrix, _ = _fitted(20)
    tree = Tree.of(fitted)
    design = Design((("a", None), ("b", None), ("c", None), ("d", None)))
    rules = tree.rules(design, np.isnan(matrix).any(axis=0))
    assert sorted(rules) == sorted(tree.leaves)
    assert len(set(rules.values())) == 20


def test_words_by_hand():
    # Root: column 0 at 10, missing goes left. Left: column 0 known or missing. Right: kind is "web".
    tree = Tree(
        column=np.array([0, 0, 1, -1, -1, -1, -1]),
        threshold=np.array([10.0, np.inf, 0.5, 0, 0, 0, 0]),
        left=np.array([1, 3, 5, -1, -1, -1, -1]),
        right=np.array([2, 4, 6, -1, -1, -1, -1]),
        missing_left=np.array([True, False, False, False, False, False, False]),
    )
    rules = tree.rules(Design((("age", None), ("device", "web"))), np.array([True, False]))
    assert rules == {
        3: "age <= 10",
        4: "age is missing",
        5: "age > 10 and device is not web",
        6: "age > 10 and device is web",
    }
    assert tree.leaves == [3, 4, 5, 6]
    matrix = np.array([[5, 0], [np.nan, 1], [11, 0], [11, 1], [10, 1]], dtype=np.float32)
    assert tree.apply(matrix).tolist() == [3, 4, 5, 6, 3]


def test_intervals_and_missing_values_in_words():
    # 0 < age <= 10, where missing values go right and then left.
    tree = Tree(
        column=np.array([0, -1, 0, -1, -1]),
        threshold=np.array([0.0, 0, 10.0, 0, 0]),
        left=np.array([1, -1, 3, -1, -1]),
        right=np.array([2, -1, 4, -1, -1]),
        missing_left=np.array([False, False, True, False, False]),
    )
    design = Design((("age", None),))
    assert tree.rules(design, np.array([True])) == {1: "age <= 0", 3: "(0 < age <= 10 or missing)", 4: "age > 10"}
    assert tree.rules(design, np.array([False]))[3] == "0 < age <= 10"


def test_a_leaf_alone():
    assert Tree.leaf().apply(np.zeros((3, 1), np.float32)).tolist() == [0, 0, 0]
    assert Tree.leaf().rules(Design(()), np.array([False])) == {0: "everyone"}
