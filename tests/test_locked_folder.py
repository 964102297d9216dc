from __future__ import annotations

import subprocess
import sys

import pytest

from nbo.errors import InputError
from nbo.locked_folder import locked_folder

HOLD = """
import sys, time
from pathlib import Path
from nbo.locked_folder import locked_folder
with locked_folder(Path(sys.argv[1]), "job"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_another_process_is_refused_until_the_first_one_ends_however_it_ends(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "out")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(InputError, match="another job is at work in .*out; wait for it"),
            locked_folder(tmp_path / "out", "job"),
        ):
            pass
        holder.kill()
        holder.wait()
        with locked_folder(tmp_path / "out", "job"):
            pass


def test_it_is_free_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locked_folder(tmp_path, "job"):
        1 / 0  # noqa: B018
    with locked_folder(tmp_path, "job"):
        pass
