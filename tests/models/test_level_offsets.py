from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.models import PropensityModel
from nbo.models.calibration import sigmoid
from nbo.models.encoding import FrameEncoder
from nbo.models.level_offsets import add_offsets, fit_offsets
from nbo.models.training_data import TrainingData

OFFER = {"card": 0.8, "loan": -0.8}
CHANNEL = {"mail": 0.6, "phone": -0.6}


def simulate(n=20_000, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"offer_id": rng.choice(list(OFFER), n), "channel": rng.choice(list(CHANNEL), n)})
    logit = rng.normal(-1, 1, n)
    shift = frame["offer_id"].map(OFFER) + frame["channel"].map(CHANNEL)
    target = (rng.random(n) < sigmoid(logit + shift.to_numpy())).astype(float)
    encoder = FrameEncoder(categories=("offer_id", "channel")).fit(frame)
    return encoder, TrainingData(encoder.transform(frame), target), logit


def test_offers_then_channels_recover_what_was_planted():
    encoder, data, logit = simulate()
    found = fit_offsets(("offer_id", "channel"), encoder, data, logit)
    # Log-odds of 10,000 rows each, of information 0.16 to 0.2 a row: a standard error of 0.025. The channel adds up
    # to 0.05, since averages over the channels flatten the offers' log-odds.
    for name, planted in (("offer_id", OFFER), ("channel", CHANNEL)):
        assert found[name] == pytest.approx(planted, abs=4 * 0.025 + 0.05)


def test_categories_without_offset_add_nothing():
    encoder, data, logit = simulate(50)
    offsets = {"offer_id": {"card": 1.0, "loan": -1.0}}
    matrix = encoder.transform(pd.DataFrame({"offer_id": ["card", "loan", "new", None], "channel": "mail"}))
    np.testing.assert_array_equal(add_offsets(offsets, encoder, matrix, np.zeros(4)), [1, -1, 0, 0])
    np.testing.assert_array_equal(add_offsets(offsets, encoder, matrix, np.zeros((4, 2)))[:, 1], [1, -1, 0, 0])


def test_columns_that_are_not_there_have_no_offsets():
    encoder, data, logit = simulate(50)
    assert fit_offsets(("other",), encoder, data, logit) == {}
    assert fit_offsets(("offer_id",), encoder, data.part(np.zeros(50, dtype=bool)), logit[:0]) == {}


def test_a_channel_that_drifted_is_set_right():
    rng = np.random.default_rng(1)
    n = 12_000
    X = pd.DataFrame({"a": rng.normal(size=n), "offer_id": "card", "channel": rng.choice(["mail", "phone"], n)})
    late = np.arange(n) >= 0.8 * n
    # Nobody is home any more: the phone loses nine of ten acceptances in the latest fifth.
    y = rng.random(n) < np.where(late & (X["channel"] == "phone"), 0.04, 0.4)
    times = pd.date_range("2026-01-01", periods=n, freq="h")
    model = PropensityModel(n_estimators=40, min_child_samples=200).fit(X, y, time=times)
    p = model.predict_proba(X)[:, 1]
    for channel in ("mail", "phone"):
        rows = late & (X["channel"] == channel).to_numpy()
        assert p[rows].mean() == pytest.approx(y[rows].mean(), abs=0.02)
    assert model.channel_offsets_["phone"] < -0.5 < model.channel_offsets_["mail"]
