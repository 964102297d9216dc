"""Reading the eligible offers of logged decisions."""

import numpy as np
import pandas as pd

from nbo.evaluation.candidates import eligible_offers, logging_probabilities


def test_reads_dicts_lists_nulls_and_missing_texts():
    texts = pd.Series(['{"x": 0.25, "other": 0.75}', '["y"]', '{"x": null}', None, '{"x": 0.25, "other": 0.75}', "{}"])
    expected = [[0.25, 0], [0, np.nan], [np.nan, 0], [np.nan, np.nan], [0.25, 0], [0, 0]]
    np.testing.assert_array_equal(logging_probabilities(texts, ["x", "y"]), expected)


def test_all_missing():
    assert np.isnan(logging_probabilities(pd.Series([None, None]), ["x"])).all()


def test_an_offer_of_probability_zero_was_eligible():
    texts = pd.Series(['{"x": 1.0, "y": 0.0}', '["y"]', '{"x": null}', None, "{}"])
    expected = [[True, True], [False, True], [True, False], [True, True], [False, False]]
    np.testing.assert_array_equal(eligible_offers(texts, ["x", "y"]), expected)
