"""Processes that are killed, and processes that write at the same time."""

import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from nbo.ledger import Ledger, append
from nbo.ledger.reading import count_rows

BATCH = 50

# Records batch after batch and says so only after each call has returned.
WRITER = f"""
import sys
import pandas as pd
from nbo.ledger import Ledger

url, name, n_batches = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Ledger.open(url) as ledger:
    for batch in range(n_batches):
        ids = [f"{{name}}-{{batch}}-{{i}}" for i in range({BATCH})]
        decisions = pd.DataFrame({{
            "decision_id": ids, "customer_id": range({BATCH}), "decided_at": "2026-01-01",
            "offer_id": "bonus", "action_probability": 0.5, f"extra_{{name}}": batch}})
        outcomes = pd.DataFrame({{"decision_id": ids, "outcome": "reject", "outcome_at": "2026-01-02"}})
        print("d", batch, ledger.record(decisions), flush=True)
        print("o", batch, ledger.record_outcomes(outcomes), flush=True)
"""


def start(url, name, n_batches):
    command = [sys.executable, "-c", WRITER, url, name, str(n_batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def batches_of(frame, name):
    parts = frame["decision_id"].str.split("-", expand=True)
    return parts.loc[parts[0] == name, 1].astype(int).value_counts().sort_index()


def test_a_killed_writer_leaves_all_that_it_acknowledged_and_no_half_batch(tmp_path):
    url = f"sqlite:///{tmp_path / 'nbo.db'}"
    rng = np.random.default_rng(0)
    for kill in range(5):
        name = f"w{kill}"
        writer = start(url, name, 100_000)
        # The kill falls at any point of the writer's work, after a first acknowledged batch.
        acknowledged = [writer.stdout.readline() for _ in range(rng.integers(1, 40))]
        writer.send_signal(signal.SIGKILL)
        rest, errors = writer.communicate()
        acknowledged += [line + "\n" for line in rest.split("\n")[:-1]]
        assert (writer.returncode, errors) == (-signal.SIGKILL, "")
        with Ledger.open(url) as ledger:
            kept = {"d": batches_of(ledger.decisions(), name), "o": batches_of(ledger.outcomes(), name)}
        for kind, counts in kept.items():
            said = sum(line.startswith(kind) for line in acknowledged)
            assert (counts == BATCH).all()
            # One more may be on the disk whose acknowledgment was not printed any more.
            assert said <= len(counts) <= said + 1


def test_two_processes_that_make_and_write_one_ledger_lose_nothing(shared_url):
    writers = [start(shared_url, name, 20) for name in ("a", "b")]
    for writer in writers:
        output, errors = writer.communicate(timeout=120)
        assert (writer.returncode, errors) == (0, "")
        assert output.split("\n")[:-1] == [f"{kind} {batch} {BATCH}" for batch in range(20) for kind in "do"]
    with Ledger.open(shared_url) as ledger:
        decisions, outcomes = ledger.decisions(), ledger.outcomes()
    for name in ("a", "b"):
        assert batches_of(decisions, name).tolist() == [BATCH] * 20
        assert batches_of(outcomes, name).tolist() == [BATCH] * 20
        assert decisions[f"extra_{name}"].notna().sum() == 20 * BATCH


def test_a_reader_sees_one_state_while_another_ledger_writes(tmp_path):
    url = f"sqlite:///{tmp_path / 'nbo.db'}"
    made = pd.DataFrame(
        {
            "decision_id": ["d1", "d2"],
            "customer_id": [1, 2],
            "decided_at": "2026-01-01",
            "offer_id": "bonus",
            "action_probability": 0.5,
        }
    )
    with Ledger.open(url) as writer, Ledger.open(url) as reader:
        with reader._database.reading() as connection:
            assert count_rows(connection)["decisions"] == 0
            assert writer.record(made) == 2
            assert count_rows(connection)["decisions"] == 0
        assert len(reader.decisions()) == 2


def test_a_call_that_fails_midway_leaves_nothing(tmp_path, monkeypatch):
    made = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(10)],
            "customer_id": 1,
            "decided_at": "2026-01-01",
            "offer_id": "bonus",
            "action_probability": 0.5,
            "age": 40,
        }
    )
    with Ledger.open(f"sqlite:///{tmp_path / 'nbo.db'}") as ledger:
        append_rows = append.append_rows

        def fail_after_insert(*arguments):
            append_rows(*arguments)
            raise KeyboardInterrupt

        monkeypatch.setattr(append, "append_rows", fail_after_insert)
        with pytest.raises(KeyboardInterrupt):
            ledger.record(made)
        assert ledger.counts()["decisions"] == 0
        assert "age" not in ledger.decisions().columns
        monkeypatch.setattr(append, "append_rows", append_rows)
        assert ledger.record(made) == 10
