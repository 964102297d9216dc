"""A ledger of format 1, as the version before chains made it, becomes one of format 2 when it is opened."""

import subprocess
import sys

import pandas as pd
import pytest
from sqlalchemy import create_engine, inspect, text

from nbo.errors import LedgerError
from nbo.ledger import Ledger, upgrade

FORMAT_1 = """
CREATE TABLE nbo_meta (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
INSERT INTO nbo_meta VALUES ('format', '1');
CREATE TABLE nbo_columns (table_name TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (table_name, name));
INSERT INTO nbo_columns VALUES ('nbo_decisions', 'decision_id', 0, 'text');
INSERT INTO nbo_columns VALUES ('nbo_decisions', 'customer_id', 1, 'integer');
INSERT INTO nbo_columns VALUES ('nbo_decisions', 'age', 2, 'integer');
CREATE TABLE nbo_decisions ("row" ROW_TYPE NOT NULL, decision_id TEXT NOT NULL, run_id TEXT, customer_id TEXT NOT NULL,
    decided_at BIGINT NOT NULL, offer_id TEXT NOT NULL, channel TEXT, action_probability DOUBLE PRECISION NOT NULL,
    segment TEXT, propensity DOUBLE PRECISION, value DOUBLE PRECISION, priority DOUBLE PRECISION, policy TEXT,
    model_version TEXT, reason TEXT, candidates TEXT, extra TEXT, PRIMARY KEY ("row"), UNIQUE (decision_id));
CREATE INDEX ix_nbo_decisions_decided_at ON nbo_decisions (decided_at);
CREATE TABLE nbo_outcomes ("row" ROW_TYPE NOT NULL, decision_id TEXT NOT NULL, outcome TEXT NOT NULL,
    outcome_at BIGINT NOT NULL, known_at BIGINT NOT NULL, extra TEXT, PRIMARY KEY ("row"),
    FOREIGN KEY(decision_id) REFERENCES nbo_decisions (decision_id));
CREATE INDEX ix_nbo_outcomes_decision_id ON nbo_outcomes (decision_id);
"""
DAY = 86_400_000_000
START = 20_454 * DAY  # 2026-01-01

DECISION = "INSERT INTO nbo_decisions VALUES ({0}, 'd{0}', 'r1', '{0}', {1}, 'bonus', NULL, 0.25, 's', NULL, 3, 0.5, "
DECISION += "'thompson', '1', NULL, NULL, '{{\"age\":{0}}}')"
OUTCOME = "INSERT INTO nbo_outcomes VALUES ({0}, 'd{1}', '{2}', {3}, {3}, NULL)"


def old_ledger(url, n=3):
    """A ledger of format 1 with a row number that a writer took and gave up, as PostgreSQL does."""
    engine = create_engine(url)
    row_type = "INTEGER" if url.startswith("sqlite") else "BIGSERIAL"
    statements = FORMAT_1.replace("ROW_TYPE", row_type).split(";")[:-1]
    statements += [DECISION.format(row, START) for row in range(1, n + 2) if row != 2]
    statements += [OUTCOME.format(2, 1, "accept", START + DAY), OUTCOME.format(5, 3, "reject", START + 2 * DAY)]
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement.replace(":", "\\:")))
    engine.dispose()


def test_its_rows_are_kept_in_order_and_chained(shared_url):
    old_ledger(shared_url)
    with Ledger.open(shared_url) as ledger:
        made = ledger.decisions()
        assert made["decision_id"].tolist() == ["d1", "d3", "d4"]
        assert made["customer_id"].tolist() == [1, 3, 4]
        assert made["age"].tolist() == [1, 3, 4]
        assert made["decided_at"].tolist() == [pd.Timestamp("2026-01-01")] * 3
        assert ledger.outcomes()["outcome"].tolist() == ["accept", "reject"]
        assert ledger.feedback("2026-02-01")["reward"].tolist() == [1.0, 0.0, 0.0]
        found = ledger.verify()
        assert (found.ok, found.decisions, found.outcomes) == (True, 3, 2)
        assert ledger.record(made) == 0
        assert ledger.record_outcome("d1", "accept", "2026-01-02") is False
        assert ledger.record_outcome("d4", "accept", "2026-01-02") is True
        assert ledger.erase(3) == 1
    with Ledger.open(shared_url) as ledger:
        assert ledger.verify(found.head).outcomes == 3
    engine = create_engine(shared_url)
    names = sorted(inspect(engine).get_table_names())
    engine.dispose()
    assert names == ["nbo_chains", "nbo_columns", "nbo_decisions", "nbo_erasures", "nbo_meta", "nbo_outcomes"]


def test_an_upgrade_that_is_cut_off_leaves_the_old_ledger(shared_url, monkeypatch):
    old_ledger(shared_url)
    copy = upgrade._copy

    def fail(*arguments):
        copy(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrade, "_copy", fail)
    with pytest.raises(KeyboardInterrupt):
        Ledger.open(shared_url)
    monkeypatch.undo()
    with Ledger.open(shared_url) as ledger:
        assert ledger.verify().decisions == 3


def test_a_large_ledger_is_copied_part_by_part(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'nbo.db'}"
    old_ledger(url, n=50)
    monkeypatch.setattr(upgrade, "_AT_ONCE", 7)
    with Ledger.open(url) as ledger:
        assert ledger.verify().decisions == 50
        assert ledger.decisions()["customer_id"].tolist() == [1, *range(3, 52)]


def test_a_file_that_may_not_be_written_is_not_upgraded(tmp_path):
    path = tmp_path / "nbo.db"
    old_ledger(f"sqlite:///{path}")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="could not be written; nothing of it was kept: .*readonly"):
        Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert path.read_bytes() == before


def test_processes_that_open_an_old_ledger_at_once_upgrade_it_once(shared_url):
    old_ledger(shared_url, n=200)
    program = "import sys; from nbo.ledger import Ledger; print(Ledger.open(sys.argv[1]).verify())"
    command = [sys.executable, "-c", program, shared_url]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    heads = set()
    for one in started:
        output, errors = one.communicate(timeout=60)
        assert (one.returncode, errors) == (0, "")
        heads.add(output)
    assert len(heads) == 1
    assert heads.pop().startswith("whole: 200 decisions, 2 outcomes")
