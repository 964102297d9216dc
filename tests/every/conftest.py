"""The small simulated world on which all parts of a kind are checked."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.features import FeatureSet
from nbo.next_best_offer.training import answered_history
from nbo.simulate import World
from nbo.tables import Spine


@pytest.fixture(scope="session")
def world():
    return World(customers=300, days=200, seed=3)


@pytest.fixture(scope="session")
def spine(world):
    return Spine.calendar("2025-03-01", "2025-05-01", "MS", world.tables)


@pytest.fixture(scope="session")
def features(world, spine):
    return FeatureSet.default(world.tables).fit(world.tables, spine)


@pytest.fixture(scope="session")
def history(world, features):
    """Answered decisions, with the customers' features as of each."""
    return answered_history(world.tables, features, pd.Timedelta("14D"), world.end)
