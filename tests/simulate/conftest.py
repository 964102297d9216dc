import pytest

from nbo.simulate import World


@pytest.fixture(scope="session")
def world() -> World:
    return World(customers=2500, days=365, seed=11)
