from __future__ import annotations

import subprocess
import sys
import time

import pytest

from nbo.registry.one_at_a_time import one_at_a_time

# From its file alone, for the library takes seconds to import.
HOLD = """
import runpy, sys, time
from pathlib import Path
one_at_a_time = runpy.run_path(sys.argv[1])["one_at_a_time"]
with one_at_a_time(Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(float(sys.argv[3]))
"""


def holder(path, seconds):
    command = [sys.executable, "-c", HOLD, sys.modules[one_at_a_time.__module__].__file__, path, str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_process_waits_for_the_first(tmp_path):
    begin = time.monotonic()
    with holder(tmp_path / "mlflow.db", 0.5) as process:
        with one_at_a_time(tmp_path / "mlflow.db"):
            assert time.monotonic() - begin >= 0.5
        assert process.wait() == 0


def test_a_process_that_is_killed_holds_nobody_up(tmp_path):
    with holder(tmp_path / "mlflow.db", 600) as process:
        process.kill()
        with one_at_a_time(tmp_path / "mlflow.db"):
            pass


def test_another_file_is_another_lock(tmp_path):
    with one_at_a_time(tmp_path / "a.db"), one_at_a_time(tmp_path / "b.db"):
        pass


def test_where_no_lock_can_be_made_nobody_waits(tmp_path):
    with one_at_a_time(tmp_path / "nowhere" / "a.db"):
        assert list(tmp_path.iterdir()) == []


def test_an_error_frees_it(tmp_path):
    with pytest.raises(ZeroDivisionError, match="once"), one_at_a_time(tmp_path / "a.db"):
        raise ZeroDivisionError("once")
    with holder(tmp_path / "a.db", 0):
        pass
