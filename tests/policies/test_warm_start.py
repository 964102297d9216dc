"""Expectations of a model laid out as tables."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from nbo.errors import InputError
from nbo.policies.warm_start import WarmStart

FRAME = pd.DataFrame(
    {"segment": ["a", "b", "b"], "offer_id": ["x", "x", "y"], "rate": [0.1, 0.3, 0.2], "strength": [50, np.nan, 1e9]}
)


def test_tables_fill_from_the_offer_then_the_segment_then_the_prior():
    rate, strength = WarmStart.of(FRAME).tables(["a", "b", "c"], ["x", "y", "z"], prior_rate=0.04)
    mean_x = expit((logit(0.1) + logit(0.3)) / 2)
    # Offer z has no rate: the mean of the segment's row, itself filled.
    a_z, b_z = expit((logit(0.1) + logit(0.2)) / 2), expit((logit(0.3) + logit(0.2)) / 2)
    new_z = expit((logit(mean_x) + logit(0.2)) / 2)
    expected = [[0.1, 0.2, a_z], [0.3, 0.2, b_z], [mean_x, 0.2, new_z], [mean_x, 0.2, new_z]]
    np.testing.assert_allclose(rate, expected)
    assert strength[0, 0] == 50
    assert strength[1, 1] == 2000
    assert np.isnan(strength).sum() == 10


def test_nothing_known_gives_the_prior_rate():
    rate, _ = WarmStart({}, {}).tables(["a"], ["x"], prior_rate=0.04)
    np.testing.assert_allclose(rate, 0.04)


def test_state_survives():
    warm = WarmStart.of(FRAME)
    assert WarmStart.from_state(warm.to_state()) == warm


def test_rates_of_zero_and_one_are_kept_inside():
    rate, _ = WarmStart.of(FRAME.assign(rate=[0.0, 1.0, 0.5])).tables(["a", "b"], ["x"], 0.04)
    np.testing.assert_allclose(rate[:2, 0], [1e-4, 1 - 1e-4])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME.assign(rate=[0.1, 2.0, 0.1]), r"prior_rates.rate must be in \[0, 1\]; 1 of 3 rows is not"),
        (FRAME.assign(strength=[0, 1, 1]), "prior_rates.strength must be above 0, or missing; 1 of 3"),
        (pd.concat([FRAME, FRAME[:1]]), "one row per pair; 1 of 4 rows is not, first at row 3"),
        (FRAME.drop(columns="rate"), "prior_rates lacks the column 'rate'"),
    ],
)
def test_bad_rates_are_refused(frame, message):
    with pytest.raises(InputError, match=message):
        WarmStart.of(frame)
