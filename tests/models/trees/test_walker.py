from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from nbo.models.offer_codes import OfferCodes
from nbo.models.trees import read_trees
from nbo.models.trees.hard_rows import hard_rows
from nbo.models.trees.walker import TreeWalker

QUIET = {"verbosity": -1, "num_threads": 1, "min_data_per_group": 1, "cat_smooth": 1.0, "cat_l2": 0.0}


def train(parameters, n_trees=20, n=1500, seed=0, p=6, levels=7):
    """Train on numbers with gaps, many zeros and, in the last column, a category."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n, p)).round(1 + seed % 2)
    matrix[rng.random((n, p)) < 0.15] = np.nan
    matrix[rng.random((n, p)) < 0.15] = 0.0
    matrix[:, -1] = rng.integers(0, levels, n)
    y = np.nan_to_num(matrix[:, 0]) * np.nan_to_num(matrix[:, 1], nan=1.0) + np.sin(matrix[:, -1]) + rng.normal(size=n)
    categories = parameters.pop("categories", [p - 1])
    target = (y > 0).astype(float) if parameters.get("objective") == "binary" else y
    data = lightgbm.Dataset(matrix, target, categorical_feature=categories, params=QUIET)
    return lightgbm.Booster(model_str=lightgbm.train({**QUIET, **parameters}, data, n_trees).model_to_string())


def walker_of(booster):
    return TreeWalker(read_trees(booster.model_to_string()), booster.num_feature())


@pytest.mark.parametrize(
    "parameters",
    [
        {"num_leaves": 31, "objective": "binary"},
        {"num_leaves": 2},
        {"num_leaves": 32},
        {"num_leaves": 33},
        {"num_leaves": 64},
        {"num_leaves": 200, "min_child_samples": 1},
        {"zero_as_missing": True, "num_leaves": 15},
        {"use_missing": False, "num_leaves": 15},
        {"monotone_constraints": [1, -1, 0, 0, 0, 0], "num_leaves": 15},
        {"max_bin": 2000, "min_data_in_bin": 1, "num_leaves": 60, "min_child_samples": 1},
        {"levels": 300, "num_leaves": 31, "max_cat_threshold": 200},
        {"n": 12, "min_child_samples": 1, "num_leaves": 5},
        {"max_cat_to_onehot": 100, "num_leaves": 31},
        {"max_depth": 2},
        {"boosting": "dart", "num_leaves": 9},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5, "num_leaves": 31},
        {"extra_trees": True, "categories": [], "num_leaves": 31},
    ],
    ids=str,
)
def test_bits_are_those_of_lightgbm(parameters):
    shape = {name: parameters[name] for name in ("n", "levels") if name in parameters}
    settings = {name: value for name, value in parameters.items() if name not in shape}
    for seed in range(2):
        booster = train(dict(settings), seed=seed, **shape)
        walker = walker_of(booster)
        rows = hard_rows(walker.trees, booster.num_feature(), 700)
        np.testing.assert_array_equal(walker.score(rows), booster.predict(rows, raw_score=True))


@pytest.mark.parametrize("n_offers", [1, 20, 64, 65, 130])
def test_offers_are_scored_as_rows(n_offers):
    booster = train({"num_leaves": 40}, n_trees=30)
    walker = walker_of(booster)
    rows = hard_rows(walker.trees, booster.num_feature(), 300)
    offers = OfferCodes([1, 5], hard_rows(walker.trees, 6, n_offers)[:, [1, 5]])
    found = walker.score_offers(rows, offers)
    for k in range(n_offers):
        offers.put(rows, k)
        np.testing.assert_array_equal(found[:, k], booster.predict(rows, raw_score=True))


def test_each_customer_may_pick_other_codes():
    booster = train({"num_leaves": 31})
    walker = walker_of(booster)
    rows = hard_rows(walker.trees, booster.num_feature(), 300)
    picks = np.random.default_rng(0).integers(0, 9, (300, 4))
    offers = OfferCodes([5, 0], hard_rows(walker.trees, 6, 9)[:, [5, 0]], picks)
    found = walker.score_offers(rows, offers, n_jobs=2)
    for k in range(4):
        offers.put(rows, k)
        np.testing.assert_array_equal(found[:, k], booster.predict(rows, raw_score=True))
