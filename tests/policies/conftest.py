import pytest

from tests.benchmarks.contextual import ContextWorld


@pytest.fixture(scope="session")
def make_world():
    return ContextWorld
