from __future__ import annotations

import json

import lightgbm
import numpy as np
import pytest

from nbo.models.boosting import Boosting
from nbo.models.path_attribution import PathAttribution


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(0)
    matrix = np.column_stack([rng.normal(size=2000), rng.integers(0, 6, 2000), rng.normal(size=2000)])
    matrix[rng.random(2000) < 0.1, 0] = np.nan
    y = matrix[:, 1] % 2 + np.nan_to_num(matrix[:, 0]) * matrix[:, 2] + rng.normal(size=2000)
    data = lightgbm.Dataset(matrix, y, categorical_feature=[1])
    booster = lightgbm.train({"num_leaves": 9, "verbosity": -1, "num_threads": 1}, data, 12)
    return booster, matrix


def by_a_plain_walk(booster, matrix):
    """Walk from the root to each row's leaf, in LightGBM's JSON of the trees."""
    shares = np.zeros((len(matrix), matrix.shape[1] + 1))
    leaves = booster.predict(matrix, pred_leaf=True)
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        paths = {}

        def walk(node, steps, paths=paths):
            if "leaf_index" in node or "split_feature" not in node:
                paths[node.get("leaf_index", 0)] = [*steps, (None, node["leaf_value"])]
                return
            here = (node["split_feature"], node["internal_value"])
            walk(node["left_child"], [*steps, here])
            walk(node["right_child"], [*steps, here])

        walk(json.loads(json.dumps(tree["tree_structure"])), [])
        for row, leaf in enumerate(leaves[:, number]):
            path = paths[leaf]
            shares[row, -1] += path[0][1]
            for (column, value), (_, after) in zip(path, path[1:], strict=False):
                shares[row, column] += after - value
    return shares


def test_shares_are_those_of_a_plain_walk(trained):
    booster, matrix = trained
    rows = matrix[:60]
    found = PathAttribution(booster.model_to_string(), 3).of(booster.predict(rows, pred_leaf=True))
    # The text keeps the values of inner nodes with fewer digits than the JSON.
    np.testing.assert_allclose(found, by_a_plain_walk(booster, rows), atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), booster.predict(rows), atol=1e-12)


def test_blocks_of_rows_change_no_bit(trained, monkeypatch):
    booster, matrix = trained
    boosting = Boosting(booster.model_to_string())
    whole = boosting.path_contributions(matrix)
    monkeypatch.setattr("nbo.models.boosting._PATH_ROWS", 7)
    np.testing.assert_array_equal(boosting.path_contributions(matrix), whole)


def test_trees_of_one_leaf_are_the_base():
    data = lightgbm.Dataset(np.zeros((50, 2)), np.arange(50.0))
    booster = lightgbm.train({"verbosity": -1, "num_threads": 1}, data, 2)
    shares = Boosting(booster.model_to_string()).path_contributions(np.zeros((3, 2)))
    np.testing.assert_allclose(shares, [[0, 0, 24.5]] * 3)


def test_one_tree_is_enough(trained):
    booster, matrix = trained
    boosting = Boosting(booster.model_to_string(num_iteration=1))
    np.testing.assert_allclose(boosting.path_contributions(matrix).sum(axis=1), boosting.score(matrix), atol=1e-12)
