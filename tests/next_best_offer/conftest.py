import pytest

from nbo.models import ChurnModel, CLVModel, PropensityModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.simulate import World
from nbo.tables import Spine


@pytest.fixture(scope="session")
def world():
    return World(customers=1200, days=240, seed=3, live_days=21)


@pytest.fixture(scope="session")
def tables(world):
    return world.tables


@pytest.fixture(scope="session")
def today(world):
    return Spine.at(world.live_from, world.tables)


def small(**parts):
    """A model with few trees."""
    settings = {"n_estimators": 20, "random_state": 0}
    models = {
        "propensity": PropensityModel(**settings),
        "churn": ChurnModel(horizon="60D", **settings),
        "clv": CLVModel(horizon="60D", **settings),
    }
    return NextBestOffer(**{**models, **parts})


@pytest.fixture(scope="session")
def make():
    return small


@pytest.fixture(scope="session")
def fitted(world, tables):
    spine = training_spine(tables, world.live_from, horizons=("60D",), moments=2)
    return small().fit(tables, spine, as_of=world.live_from, progress=False)
