from __future__ import annotations

import logging
import sys

import lightgbm
import numpy as np
import pytest

from nbo.models.boosting import Boosting
from nbo.models.linear_score import LinearScore
from nbo.models.offer_codes import OfferCodes
from nbo.models.trees import checked_walker
from nbo.models.trees.hard_rows import hard_rows
from nbo.models.trees.model_text import read_trees
from nbo.models.trees.walker import TreeWalker


@pytest.fixture(scope="module")
def booster():
    rng = np.random.default_rng(0)
    matrix = np.column_stack([rng.normal(size=(1000, 3)), rng.integers(0, 9, 1000)])
    matrix[rng.random(1000) < 0.2, 0] = np.nan
    y = np.nan_to_num(matrix[:, 0]) * matrix[:, 1] + matrix[:, 3] % 3 + rng.normal(size=1000)
    data = lightgbm.Dataset(matrix, y, categorical_feature=[3])
    trained = lightgbm.train({"verbosity": -1, "num_threads": 1, "num_leaves": 20}, data, 15)
    return lightgbm.Booster(model_str=trained.model_to_string())


@pytest.fixture
def at_once(monkeypatch):
    """No job is too small."""
    for name in ("_WALKS_TO_COMPILE", "_WALKS_TO_LAY_OUT", "_LEAST_SCORES"):
        monkeypatch.setattr(checked_walker, name, 0)


@pytest.fixture
def rows(booster):
    return hard_rows(read_trees(booster.model_to_string()), 4, 300)


@pytest.fixture
def walked(monkeypatch):
    """How often the compiled trees answered."""
    calls = []
    plain = TreeWalker.score_offers

    def counted(self, *args, **kwargs):
        calls.append(1)
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(TreeWalker, "score_offers", counted)
    return calls


def test_score_has_lightgbms_bits_and_threads_change_none(booster, rows, at_once, walked):
    boosting = Boosting(booster.model_to_string())
    expected = booster.predict(rows, raw_score=True)
    many = np.tile(rows, (10, 1))
    np.testing.assert_array_equal(boosting.score(rows), expected)
    np.testing.assert_array_equal(boosting.score(many, n_jobs=3), np.tile(expected, 10))
    np.testing.assert_array_equal(boosting.score(np.asfortranarray(rows)), expected)
    # One check, and three answers.
    assert len(walked) == 4


def test_rows_in_single_precision_have_lightgbms_bits(booster, rows, at_once):
    with np.errstate(over="ignore"):
        single = rows.astype(np.float32)
    expected = booster.predict(single, raw_score=True)
    np.testing.assert_array_equal(Boosting(booster.model_to_string()).score(single), expected)


def test_a_wrong_walker_is_found_and_warned_of_once(booster, rows, at_once, monkeypatch, caplog):
    plain = TreeWalker.score_offers

    def wrong(self, matrix, offers, n_jobs=1):
        scores = plain(self, matrix, offers, n_jobs)
        scores[len(scores) // 2] = np.nextafter(scores[len(scores) // 2], 9)
        return scores

    monkeypatch.setattr(TreeWalker, "score_offers", wrong)
    boosting = Boosting(booster.model_to_string())
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            np.testing.assert_array_equal(boosting.score(rows), booster.predict(rows, raw_score=True))
    assert [record.getMessage() for record in caplog.records] == [
        "LightGBM scores in place of the compiled trees: the scores of some hundreds of rows are not the same"
    ]


def test_a_walker_that_fails_is_warned_of_and_not_used(booster, rows, at_once, monkeypatch, caplog):
    def broken(self, *args):
        raise RuntimeError("cannot cache function")

    monkeypatch.setattr(TreeWalker, "score_offers", broken)
    with caplog.at_level(logging.WARNING):
        found = Boosting(booster.model_to_string()).score(rows)
    np.testing.assert_array_equal(found, booster.predict(rows, raw_score=True))
    assert "RuntimeError: cannot cache function" in caplog.text


def test_without_numba_lightgbm_scores_and_nothing_is_said(booster, rows, at_once, monkeypatch, caplog, walked):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, checked_walker._KERNELS, raising=False)
    monkeypatch.delattr("nbo.models.trees.kernels", raising=False)
    offers = OfferCodes([1], np.array([[0.5], [np.nan]]))
    with caplog.at_level(logging.WARNING):
        found = Boosting(booster.model_to_string()).score_offers(rows.copy(), offers)
    for k, value in enumerate([0.5, np.nan]):
        rows[:, 1] = value
        np.testing.assert_array_equal(found[:, k], booster.predict(rows, raw_score=True))
    assert (walked, caplog.text) == ([], "")


def test_a_small_job_is_lightgbms_and_many_of_them_are_not(booster, rows, monkeypatch, walked):
    monkeypatch.setattr(checked_walker, "_WALKS_TO_COMPILE", 15 * 300 * 3)
    monkeypatch.setattr(checked_walker, "_WALKS_TO_LAY_OUT", 15 * 300 * 3)
    boosting = Boosting(booster.model_to_string())
    scores = [boosting.score(rows) for _ in range(2)]
    assert walked == []
    scores.append(boosting.score(rows))
    assert len(walked) == 2
    for each in scores:
        np.testing.assert_array_equal(each, booster.predict(rows, raw_score=True))


def test_linear_part_of_offers_has_the_bits_of_rows(booster, rows, at_once):
    rows = np.where(np.isinf(rows), np.nan, rows)
    linear = LinearScore(0.1, [0.2, 0.0, 1.0, 0.0], [0.3, -0.1, 0.7, 0.0], [2.0, 9.0, 1.0, 0.0], [0.1, 0.0, 0.2, 0.0],
                         {"3": [0.5, -0.25, 0.1]})  # fmt: skip
    boosting = Boosting(booster.model_to_string(), linear=linear)
    picks = np.random.default_rng(1).integers(0, 5, (len(rows), 3))
    codes = np.column_stack([[0.0, 1.0, 2.0, np.nan, 8.0], [0.3, np.nan, -4.0, 0.0, 1e3]])
    for offers in (OfferCodes([3, 1], codes), OfferCodes([3, 1], codes, picks)):
        found = boosting.score_offers(rows, offers)
        for k in range(offers.n_offers):
            offers.put(rows, k)
            trees = booster.predict(rows, raw_score=True)
            np.testing.assert_array_equal(found[:, k], trees + linear.score(rows))


def test_trees_with_linear_leaves_are_left_to_lightgbm(at_once, walked):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(500, 2))
    data = lightgbm.Dataset(matrix, matrix[:, 0] * matrix[:, 1], params={"linear_tree": True, "verbosity": -1})
    trained = lightgbm.train({"linear_tree": True, "verbosity": -1, "num_threads": 1}, data, 3)
    text = trained.model_to_string()
    expected = lightgbm.Booster(model_str=text).predict(matrix, raw_score=True)
    np.testing.assert_array_equal(Boosting(text).score(matrix), expected)
    assert walked == []
