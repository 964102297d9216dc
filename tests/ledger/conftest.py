"""Ledgers to test: SQLite always, PostgreSQL where ``NBO_TEST_POSTGRES`` is the URL of an empty database."""

import os

import pytest
from sqlalchemy import create_engine

from nbo.ledger import Ledger
from nbo.ledger.schema import TABLES

POSTGRES = os.environ.get("NBO_TEST_POSTGRES", "")
BACKENDS = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]


@pytest.fixture(params=BACKENDS)
def shared_url(request, tmp_path):
    """URL of a ledger that several processes can open."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'nbo.db'}"
    engine = create_engine(POSTGRES)
    TABLES.drop_all(engine)
    engine.dispose()
    return POSTGRES


@pytest.fixture
def ledger(shared_url):
    url = "sqlite://" if shared_url.startswith("sqlite") else shared_url
    with Ledger.open(url) as ledger:
        yield ledger
