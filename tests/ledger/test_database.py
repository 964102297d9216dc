"""Opening: what is there, what is refused, and formats."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from nbo.errors import InputError, LedgerError, MissingPackageError
from nbo.ledger import Ledger, database

DECISION = pd.DataFrame(
    {
        "decision_id": ["d1"],
        "customer_id": ["ann"],
        "decided_at": ["2026-01-01"],
        "offer_id": ["bonus"],
        "action_probability": [0.5],
    }
)


def url_of(path):
    return f"sqlite:///{path}"


@pytest.fixture
def path(tmp_path):
    """A ledger file with one decision."""
    with Ledger.open(url_of(tmp_path / "nbo.db")) as ledger:
        ledger.record(DECISION)
    return tmp_path / "nbo.db"


def change(path, statement):
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def test_a_file_keeps_its_rows(path):
    with Ledger.open(url_of(path)) as ledger:
        assert ledger.decisions()["customer_id"].tolist() == ["ann"]
        assert ledger.record(DECISION) == 0


def test_closing_leaves_one_file(path):
    assert [file.name for file in path.parent.iterdir()] == ["nbo.db"]


def test_a_file_is_written_ahead_and_fully_synchronized(path):
    with Ledger.open(url_of(path)) as ledger, ledger._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000


def test_a_ledger_in_memory_is_its_own():
    first, second = Ledger.open("sqlite://"), Ledger.open("sqlite:///:memory:")
    first.record(DECISION)
    assert second.counts()["decisions"] == 0


def test_an_empty_file_becomes_a_ledger(tmp_path):
    (tmp_path / "nbo.db").touch()
    with Ledger.open(url_of(tmp_path / "nbo.db")) as ledger:
        assert ledger.record(DECISION) == 1


def test_a_closed_ledger_says_so(path):
    ledger = Ledger.open(url_of(path))
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match=r"is closed. Open it again with Ledger.open"):
        ledger.record(DECISION)
    with pytest.raises(LedgerError, match="is closed"):
        ledger.feedback()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nbo.db", "must begin with sqlite:// or postgresql://; got 'nbo.db'. Did you mean 'sqlite:///nbo.db'"),
        ("/data/nbo.db", "Did you mean 'sqlite:////data/nbo.db'"),
        ("", "must begin with sqlite://"),
        ("mysql://host/db", "must begin with sqlite:// or postgresql://; got mysql://"),
        ("sqlite+async://", r"got sqlite\+async://"),
        ("postgresql+telepathy://host/db", r"got 'postgresql\+telepathy://host/db'. Say"),
        (Path("nbo.db"), "url must be text; got PosixPath"),
        (None, "url must be text; got NoneType"),
    ],
)
def test_what_is_no_url_is_refused_with_the_way_out(url, message):
    with pytest.raises(InputError, match=message):
        Ledger.open(url)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="is a folder; a ledger is a file"):
        Ledger.open(url_of(tmp_path))


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="The folder .*missing.* is missing; make it first"):
        Ledger.open(url_of(tmp_path / "missing" / "nbo.db"))


def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database")
    with pytest.raises(LedgerError, match="is not a ledger: it is no SQLite file, or it is damaged"):
        Ledger.open(url_of(path))
    assert path.read_text() == "not a database"


def test_another_sqlite_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    change(path, "CREATE TABLE runs (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="is a SQLite file but not a ledger; it has the tables 'runs'"):
        Ledger.open(url_of(path))
    assert path.read_bytes() == before


def test_a_newer_format_is_refused(path):
    change(path, "UPDATE nbo_meta SET value = '3' WHERE name = 'format'")
    with pytest.raises(LedgerError, match="has format 3; this nbo reads up to format 2. Install a newer nbo"):
        Ledger.open(url_of(path))


@pytest.mark.parametrize("statement", ["DELETE FROM nbo_meta", "UPDATE nbo_meta SET value = 'one'"])
def test_a_ledger_without_a_format_is_refused(path, statement):
    change(path, statement)
    with pytest.raises(LedgerError, match="does not say its format"):
        Ledger.open(url_of(path))


@pytest.mark.parametrize("keep", [100, 5_000])
def test_a_damaged_file_is_refused(path, keep):
    path.write_bytes(path.read_bytes()[:keep] + b"\xff" * 20_000)
    with pytest.raises(LedgerError, match="damaged; restore it from a backup"), Ledger.open(url_of(path)) as ledger:
        ledger.decisions()


def test_a_file_that_may_not_be_written_is_read_but_refuses_rows(path):
    with Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true") as ledger:
        assert len(ledger.decisions()) == 1
        with pytest.raises(LedgerError, match="could not be written; nothing of it was kept: .*readonly"):
            ledger.record(DECISION.assign(decision_id="d2"))


def test_a_missing_driver_is_named(monkeypatch):
    def no_driver(url):
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(database, "create_engine", no_driver)
    with pytest.raises(MissingPackageError, match=r"pip install 'nbo\[postgres\]'"):
        Ledger.open("postgresql://nobody@localhost/none")


def test_a_password_is_not_shown(monkeypatch):
    monkeypatch.setattr(database.Database, "_prepare", lambda self, create: None)
    monkeypatch.setattr(database, "create_engine", lambda url: SimpleNamespace(url=url, dispose=lambda: None))
    ledger = Ledger.open("postgresql://ann:secret@localhost/none")
    ledger.close()
    assert repr(ledger) == "<Ledger postgresql://ann:***@localhost/none: closed>"
