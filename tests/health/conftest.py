"""Feedback by the day, and a small fitted model."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo import NextBestOffer, PropensityModel, Spine
from nbo.simulate import World


@pytest.fixture(scope="session")
def world():
    return World(customers=600, days=200, seed=1, live_days=40)


@pytest.fixture(scope="session")
def model(world):
    spine = Spine.at(world.live_from, world.tables.customers)
    made = NextBestOffer(propensity=PropensityModel(n_estimators=10), random_state=1)
    return made.fit(world.tables, spine, as_of=world.live_from)


@pytest.fixture
def look(world):
    return world.live_from + pd.Timedelta(days=1)
