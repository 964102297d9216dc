"""Processes that are killed, and processes that write at the same time."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from nbo.ledger import Ledger, append
from nbo.ledger.reading import count_rows
from nbo.policies import SegmentThompson

BATCH = 50

# For each name on its input it starts a process that records batches and single rows, and says
# so only after each call has returned.
WRITERS = f"""
import os, sys
import pandas as pd
from nbo.ledger import Ledger

def write(url, durable, name):
    with Ledger.open(url, durable=durable) as ledger:
        for batch in range(100_000):
            ids = [f"{{name}}-{{batch}}-{{i}}" for i in range({BATCH})]
            decision = {{"decided_at": "2026-01-01", "offer_id": "bonus", "action_probability": 0.5}}
            decisions = pd.DataFrame({{"decision_id": ids, "customer_id": range({BATCH}), **decision, "note": batch}})
            ledger.record(decisions)
            os.write(1, b"d")
            answer = {{"outcome": "reject", "outcome_at": "2026-01-02"}}
            ledger.record_outcomes(pd.DataFrame({{"decision_id": ids, **answer}}))
            os.write(1, b"o")
            for i in range(5):
                one = f"{{name}}s-{{batch}}-{{i}}"
                ledger.record_decision({{"decision_id": one, "customer_id": i, **decision}})
                os.write(1, b"D")
                ledger.record_outcome(one, "accept", "2026-01-02")
                os.write(1, b"O")

for name in sys.stdin:
    child = os.fork()
    if child == 0:
        write(sys.argv[1], sys.argv[2], name.strip())
    os.write(1, b"%d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"\\n")
"""


def killed_writers(url, durable, n_kills, rng):
    """What each of so many writers acknowledged before it was killed, by name."""
    command = [sys.executable, "-c", WRITERS, url, durable]
    acknowledged = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writers:
        for kill in range(n_kills):
            writers.stdin.write(b"w%d\n" % kill)
            writers.stdin.flush()
            child = int(writers.stdout.readline())
            said = writers.stdout.read(rng.integers(40))
            time.sleep(rng.exponential(0.02))
            os.kill(child, signal.SIGKILL)
            acknowledged[f"w{kill}"] = (said + writers.stdout.readline()).decode()
        writers.stdin.close()
    return acknowledged


def batches_of(ids, name):
    parts = (one.split("-") for one in ids)
    return Counter(batch for writer, batch, _ in parts if writer == name)


@pytest.mark.parametrize(
    ("durable", "n_kills"),
    [("power", 5), ("process", 5), pytest.param("process", 100, marks=pytest.mark.slow)],
)
def test_a_killed_writer_leaves_all_that_it_acknowledged_and_no_half_batch(tmp_path, durable, n_kills):
    url = f"sqlite:///{tmp_path / 'nbo.db'}"
    acknowledged = killed_writers(url, durable, n_kills, np.random.default_rng(0))
    with Ledger.open(url) as ledger:
        assert ledger.verify()
        kept = {"d": ledger.decisions()["decision_id"], "o": ledger.outcomes()["decision_id"]}
    n_seen = 0
    for name, said in acknowledged.items():
        for kind, ids in kept.items():
            batches, ones = batches_of(ids, name), batches_of(ids, f"{name}s")
            assert set(batches.values()) <= {BATCH}
            # One more may be on the disk whose acknowledgment was not written any more.
            assert said.count(kind) <= len(batches) <= said.count(kind) + 1
            assert said.count(kind.upper()) <= ones.total() <= said.count(kind.upper()) + 1
        n_seen += len(said)
    assert n_seen > n_kills


# Records its share, and what the next one records as well, in an order of its own.
SHARES = """
import sys
import numpy as np
import pandas as pd
from nbo.ledger import Ledger

url, share, n_writers, n = sys.argv[1], *map(int, sys.argv[2:])
mine = np.isin(np.arange(n) % n_writers, [share, (share + 1) % n_writers])
rows = np.random.default_rng(share).permutation(np.flatnonzero(mine))
with Ledger.open(url, durable="process") as ledger:
    for some in np.array_split(rows, 20):
        ids = [f"d{i}" for i in some]
        offers = np.where(some % 3 == 0, "card", "bonus")
        ledger.record(pd.DataFrame({
            "decision_id": ids, "customer_id": some, "decided_at": "2026-01-01", "offer_id": offers, "segment": "s",
            "action_probability": 0.5, "half": some / 2}))
        ledger.record_outcomes(pd.DataFrame({"decision_id": ids[1:], "outcome": "accept", "outcome_at": "2026-01-02"}))
        ledger.record_outcome(ids[0], "accept", "2026-01-02")
"""


@pytest.mark.parametrize("n_writers", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_processes_that_write_at_once_lose_nothing_and_each_row_is_learnt_once(shared_url, n_writers):
    n = 1_200
    command = [sys.executable, "-c", SHARES, shared_url]
    started = [
        subprocess.Popen([*command, str(share), str(n_writers), str(n)], stderr=subprocess.PIPE, text=True)
        for share in range(n_writers)
    ]
    live = SegmentThompson(["bonus", "card"])
    with Ledger.open(shared_url) as ledger:
        while any(one.poll() is None for one in started):
            live.learn(ledger.feedback("2026-02-01"))
            time.sleep(0.2)
        assert [(one.returncode, one.communicate()[1]) for one in started] == [(0, "")] * n_writers
        assert ledger.counts() == {"decisions": n, "outcomes": n, "accept": n, "reject": 0, "no_answer": 0}
        assert sorted(ledger.decisions()["customer_id"]) == list(range(n))
        assert ledger.verify()
        feedback = ledger.feedback("2026-01-10")
    live.learn(feedback)
    clean = SegmentThompson(["bonus", "card"])
    clean.learn(feedback)
    learnt = live.acceptance_rates().set_index("offer_id")
    assert learnt["n"].to_dict() == {"bonus": n * 2 / 3, "card": n / 3}
    pd.testing.assert_frame_equal(learnt, clean.acceptance_rates().set_index("offer_id"))


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


def test_a_call_that_fails_midway_leaves_nothing(shared_url, monkeypatch):
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
    with Ledger.open(shared_url) as ledger:
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
        assert ledger.verify()


def test_what_is_only_durable_over_a_kill_is_said(tmp_path):
    for durable, synchronous in (("power", 2), ("process", 1)):
        with Ledger.open(f"sqlite:///{tmp_path / durable}", durable=durable) as ledger:
            modes = []
            ledger._database.write(lambda cursor, into=modes: into.append(cursor.one("PRAGMA synchronous")))
            assert modes == [(synchronous,)]
