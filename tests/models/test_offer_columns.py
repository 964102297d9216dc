from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from nbo.models.calibration import sigmoid
from nbo.models.offer_columns import join_offers, offer_attributes, offer_offsets
from nbo.tables import Catalog, Offer

CATALOG = Catalog([Offer("card", value=40.0, cost=1.0, category="credit"), Offer("loan", value=90.0, kind="bundle")])


def test_attributes_join_by_offer_and_unknown_offers_stay_missing():
    frame = pd.DataFrame({"offer_id": ["loan", "card", "new", None]})
    joined = join_offers(frame, offer_attributes(CATALOG))
    np.testing.assert_array_equal(joined["offer__value"], [90.0, 40.0, np.nan, np.nan])
    np.testing.assert_array_equal(joined["offer__cost"], [0.0, 1.0, np.nan, np.nan])
    assert joined["offer__category"].fillna("-").tolist() == ["-", "credit", "-", "-"]
    assert joined["offer__kind"].fillna("-").tolist() == ["bundle", "-", "-", "-"]
    assert list(frame.columns) == ["offer_id"]


def test_offers_that_do_not_differ_get_no_offset():
    codes = np.repeat([0.0, 1.0], 100)
    target = np.tile([0.0, 1.0], 100)
    assert offer_offsets(np.zeros(200), target, codes, 2).tolist() == [0.0, 0.0]


def test_offsets_recover_planted_ones_and_shrink_small_offers():
    rng = np.random.default_rng(0)
    truth = np.array([-0.8, 0.5, 0.0, 0.8, 0.8])
    sizes = np.array([5000, 5000, 5000, 5000, 10])
    codes = np.repeat(np.arange(5.0), sizes)
    logit = rng.normal(-1, 1, len(codes))
    target = (rng.random(len(codes)) < sigmoid(logit + truth[codes.astype(int)])).astype(float)
    target[-10:] = 1.0
    offsets = offer_offsets(logit, target, codes, 5)
    # Information of about 0.16 a row: a standard error of 0.035.
    np.testing.assert_allclose(offsets[:4], truth[:4], atol=4 * 0.035)
    assert 0 < offsets[4] < 3


def test_offset_is_the_mode_of_prior_times_likelihood():
    rng = np.random.default_rng(1)
    codes = np.repeat([0.0, 1.0], [300, 30])
    logit = rng.normal(-1, 1, 330)
    target = (rng.random(330) < sigmoid(logit + np.where(codes == 0, 1.0, -1.0))).astype(float)
    offsets = offer_offsets(logit, target, codes, 2)
    p = sigmoid(logit)
    slope = np.array([(target - p)[codes == i].sum() for i in (0, 1)])
    information = np.array([(p * (1 - p))[codes == i].sum() for i in (0, 1)])
    variance = ((slope**2 / information).sum() - 2) / information.sum()
    for i in (0, 1):
        rows = codes == i

        def loss(d, rows=rows):
            z = logit[rows] + d
            return np.sum(np.logaddexp(0, z) - target[rows] * z) + d[0] ** 2 / (2 * variance)

        assert offsets[i] == pytest.approx(minimize(loss, [0.0], tol=1e-10).x[0], abs=1e-4)


def test_offer_without_rows_gets_no_offset():
    codes = np.array([0.0] * 50 + [np.nan] * 50)
    offsets = offer_offsets(np.zeros(100), np.ones(100), codes, 2)
    assert offsets[0] > 0
    assert offsets[1] == 0
