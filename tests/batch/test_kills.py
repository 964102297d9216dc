"""The job is killed at random moments; resumed, it ends with the bytes of an undisturbed run."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from nbo import batch

pytestmark = pytest.mark.slow

N_KILLS = 20

# Python's start takes longer than the job, so one process begins all of them, each in a fork of its own, and kills it
# at a random moment of what an undisturbed one takes.
KILLER = """
import json, os, random, signal, sys, time
from pathlib import Path
import nbo.batch.job, nbo.registry, lightgbm
from nbo import batch

model, tables, out, as_of, n = *sys.argv[1:5], int(sys.argv[5])

def begin(place):
    pid = os.fork()
    if pid == 0:
        batch.score(model, tables, place, as_of=as_of, chunk_size=1)
        os._exit(0)
    while not Path(place, "plan.json").exists():
        time.sleep(0.0005)
    return pid

begun = time.perf_counter()
pid = begin(f"{out}/whole")
first = time.perf_counter()
assert os.waitpid(pid, 0)[1] == 0
length, draw, hits = time.perf_counter() - first, random.Random(5), 0
for number in range(n):
    pid = begin(f"{out}/killed{number}")
    time.sleep(draw.uniform(0, length))
    os.kill(pid, signal.SIGKILL)
    hits += os.waitpid(pid, 0)[1] == signal.SIGKILL
print(json.dumps(hits))
"""


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_killed_at_random_moments_and_resumed_it_is_the_same_to_the_byte(model, tables, world, tmp_path):
    model.to_dir(tmp_path / "model")
    tables.write(tmp_path / "tables")
    command = [sys.executable, "-c", KILLER, tmp_path / "model", tmp_path / "tables", tmp_path, world.end, N_KILLS]
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        check=False,
        text=True,
        timeout=500,
        env={**os.environ, "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    expected, left_over = contents(tmp_path / "whole"), set()
    assert len(expected) == 2 * 45 + 3
    for number in range(N_KILLS):
        out = tmp_path / f"killed{number}"
        before = {name: data for name, data in contents(out).items() if not name.endswith(".tmp")}
        left_over.add(len(before))
        # What has its name is whole.
        assert before == {name: expected[name] for name in before}
        result = batch.score(tmp_path / "model", tmp_path / "tables", out, as_of=world.end, chunk_size=1)
        assert result.status in ("complete", "already complete")
        assert contents(out) == expected
    assert json.loads(done.stdout) >= N_KILLS // 2
    assert len(left_over) > N_KILLS // 4
