from __future__ import annotations

import subprocess
import sys

import pytest

from nbo import registry

# All wait for each other before they open the store, so that they come at once.
LOG = """
import sys, time
from pathlib import Path
import mlflow
from nbo import registry
from nbo.next_best_offer import NextBestOffer
me, folder = sys.argv[1], Path(sys.argv[2])
model = NextBestOffer.from_dir(folder / "model")
(folder / f"ready_{me}").touch()
while len(list(folder.glob("ready_*"))) < 3:
    time.sleep(0.01)
print(registry.log(model, "shared", tracking_uri=f"sqlite:///{folder}/store/mlflow.db").version)
"""


@pytest.mark.slow
def test_three_processes_begin_a_store_at_once(model, tmp_path):
    (tmp_path / "store").mkdir()
    model.to_dir(tmp_path / "model")
    command = [sys.executable, "-c", LOG]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, str(me), str(tmp_path)], **pipes) for me in range(3)]
    ended = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], ended
    assert sorted(out for out, _ in ended) == ["1\n", "2\n", "3\n"]
    assert len(registry.versions("shared", tracking_uri=f"sqlite:///{tmp_path}/store/mlflow.db")) == 3
