"""What a build leaves behind when it is stopped is taken up again, and nothing half-written is taken for done."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import nbo.features.engines.out_folder
import nbo.features.engines.spilled_parts
from nbo.errors import InputError
from nbo.features import AggregateFeatures, FeatureFiles, FeatureSet
from nbo.features.engines.out_folder import OutFolder
from nbo.tables import CustomerTables, Spine

IDS = [f"c{number}" for number in range(20)]
SPINE = Spine.at("2026-06-30", IDS)
PARTS = 5


def _tables(seed: int = 0) -> CustomerTables:
    rng = np.random.default_rng(seed)
    times = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 200, 100), unit="D")
    sales = {"customer_id": rng.choice(IDS, 100), "event_time": times, "amount": rng.integers(1, 99, 100) / 4}
    return CustomerTables(transactions=pd.DataFrame(sales))


def _features() -> FeatureSet:
    return FeatureSet([AggregateFeatures("transactions", ["count", "sum(amount)"])])


def _build(folder: Path, **how) -> FeatureFiles:
    return _features().build(folder / "tables", SPINE, folder / "out", **{"partitions": PARTS, **how})


def _state(out: Path) -> dict[str, tuple[int, int]]:
    """Name, time of writing and size of all files."""
    files = (path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def _assert_done(folder: Path) -> None:
    names = {"manifest.json", *(f"part-{number:05}.parquet" for number in range(PARTS))}
    assert set(_state(folder / "out")) == names
    X = _features().build(_tables(), SPINE)
    pd.testing.assert_frame_equal(FeatureFiles(folder / "out").read(), X, check_exact=True)


@pytest.fixture
def folder(tmp_path) -> Path:
    _tables().write(tmp_path / "tables")
    return tmp_path


class Stop(Exception):  # noqa: N818 -- it is no error of ours
    """The build is stopped."""


def _stopping(function, after: int, error: Exception):
    """Let a function be called some times, then fail."""
    calls = []

    def called(*args, **kwargs):
        calls.append(1)
        if len(calls) > after:
            raise error
        return function(*args, **kwargs)

    return called


def test_a_stopped_build_goes_on_where_it_was(folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(OutFolder, "write_part", _stopping(OutFolder.write_part, 2, Stop()))
        with pytest.raises(Stop):
            _build(folder)
    before = _state(folder / "out")
    assert sum(name.startswith("part-") for name in before) == 2
    assert "manifest.json" not in before
    with pytest.raises(InputError, match="no features that are done"):
        FeatureFiles(folder / "out")
    monkeypatch.setattr(
        nbo.features.engines.spilled_parts, "_write", _stopping(None, 0, AssertionError("set out once more"))
    )
    _build(folder)
    after = _state(folder / "out")
    assert {name: state for name, state in before.items() if name.startswith("part-")}.items() <= after.items()
    _assert_done(folder)


def test_a_stopped_build_keeps_its_partitions(folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(OutFolder, "write_part", _stopping(OutFolder.write_part, 2, Stop()))
        with pytest.raises(Stop):
            _build(folder)
    assert len(_build(folder, partitions=None).paths) == PARTS
    _assert_done(folder)


def test_a_stop_while_tables_are_set_out_leaves_nothing_that_counts(folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(nbo.features.engines.spilled_parts, "PIECE", 20)
        patched.setattr(
            nbo.features.engines.spilled_parts,
            "_write",
            _stopping(nbo.features.engines.spilled_parts._write, 2, Stop()),
        )
        with pytest.raises(Stop):
            _build(folder)
    assert not [name for name in _state(folder / "out") if name.endswith("done.json")]
    _build(folder)
    _assert_done(folder)


def test_a_done_build_does_nothing(folder, monkeypatch):
    _build(folder)
    before = _state(folder / "out")
    monkeypatch.setattr(OutFolder, "write_part", _stopping(None, 0, AssertionError("written once more")))
    _build(folder)
    _build(folder, partitions=None, overwrite=True)
    assert _state(folder / "out") == before


# While the plan, the tables, the first and the last part, and the manifest are written.
@pytest.mark.parametrize("writes", [1, 7, 15, 23, 24])
def test_a_killed_process_leaves_what_the_next_one_takes_up(folder, writes):
    script = f"""
        import os, signal
        import nbo.whole_files
        import nbo.features.engines.spilled_parts
        from nbo import AggregateFeatures, FeatureSet, Spine

        nbo.features.engines.spilled_parts.PIECE = 20
        seen, to_disk = [], nbo.whole_files._to_disk

        def killing(path):
            seen.append(path)
            if len(seen) > {writes}:
                os.kill(os.getpid(), signal.SIGKILL)
            to_disk(path)

        nbo.whole_files._to_disk = killing
        features = FeatureSet([AggregateFeatures("transactions", ["count", "sum(amount)"])])
        spine = Spine.at("2026-06-30", {IDS})
        features.build({str(folder / "tables")!r}, spine, {str(folder / "out")!r}, partitions={PARTS})
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (folder / "out" / "manifest.json").exists()
    _build(folder)
    _assert_done(folder)


def test_a_full_disk_leaves_nothing_half(folder, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device")

    def write_half(table, path, **how):
        Path(path).write_bytes(b"PAR1 and then no more")
        raise full

    with monkeypatch.context() as patched:
        patched.setattr(nbo.features.engines.out_folder.pq, "write_table", write_half)
        with pytest.raises(OSError, match="No space left"):
            _build(folder)
    assert not [name for name in _state(folder / "out") if "part-" in name]
    _build(folder)
    _assert_done(folder)


def test_a_limit_on_files_stops_the_build_and_not_the_next_one(folder):
    script = f"""
        import resource, signal
        import pandas, nbo.features, pyarrow.parquet
        from nbo import AggregateFeatures, FeatureSet, Spine

        features = FeatureSet([AggregateFeatures("transactions", ["count", "sum(amount)"])])
        spine = Spine.at("2026-06-30", {IDS})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
        try:
            features.build({str(folder / "tables")!r}, spine, {str(folder / "out")!r}, partitions={PARTS})
        except OSError as error:
            raise SystemExit(9)
    """
    limited = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True)
    assert limited.returncode == 9, limited.stderr
    assert not [name for name in _state(folder / "out") if "part-" in name or name.endswith(".tmp")]
    _build(folder)
    _assert_done(folder)


def _other_spine(folder: Path):
    return _features().build(folder / "tables", Spine.at("2026-06-29", IDS), folder / "out", partitions=PARTS)


def _other_features(folder: Path):
    return FeatureSet([AggregateFeatures()]).build(folder / "tables", SPINE, folder / "out", partitions=PARTS)


def _other_tables(folder: Path):
    _tables(1).write(folder / "tables")
    return _build(folder)


OTHERS = {"spine": _other_spine, "features": _other_features, "tables": _other_tables}


@pytest.mark.parametrize("stopped", [False, True], ids=["done", "stopped"])
@pytest.mark.parametrize("what", list(OTHERS))
def test_another_build_is_refused(what, stopped, folder, monkeypatch):
    if stopped:
        with monkeypatch.context() as patched:
            patched.setattr(OutFolder, "write_part", _stopping(OutFolder.write_part, 2, Stop()))
            with pytest.raises(Stop):
                _build(folder)
    else:
        _build(folder)
    before = _state(folder / "out")
    with pytest.raises(InputError, match=rf"holds a build of other {what}\. Choose another folder, or overwrite=True"):
        OTHERS[what](folder)
    assert _state(folder / "out") == before


def test_another_build_takes_the_place_if_asked_to(folder):
    FeatureSet([AggregateFeatures()]).build(folder / "tables", SPINE, folder / "out", partitions=9)
    _build(folder, overwrite=True)
    _assert_done(folder)


def test_other_partitions_are_another_build(folder):
    _build(folder)
    with pytest.raises(InputError, match="holds a build of other partitions"):
        _build(folder, partitions=2)
    assert len(_build(folder, partitions=2, overwrite=True).paths) == 2


def test_tables_in_memory_count_by_what_they_hold(tmp_path):
    _features().build(_tables(), SPINE, tmp_path, partitions=2)
    _features().build(_tables(), SPINE, tmp_path)
    with pytest.raises(InputError, match="holds a build of other tables"):
        _features().build(_tables(1), SPINE, tmp_path)


def test_files_that_no_build_wrote_stay(folder):
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("irreplaceable")
    for overwrite in (False, True):
        with pytest.raises(InputError, match=r"holds files that no build of features wrote, such as 'thesis\.txt'"):
            _build(folder, overwrite=overwrite)
    with pytest.raises(InputError, match=r"no build of features wrote, such as 'transactions\.parquet'"):
        _features().build(folder / "tables", SPINE, folder / "tables")
    with pytest.raises(InputError, match="is a file; `out` must be a folder"):
        _features().build(folder / "tables", SPINE, folder / "out" / "thesis.txt")
    assert (folder / "out" / "thesis.txt").read_text() == "irreplaceable"


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_part_that_is_not_as_it_was_written_is_told(damage, folder):
    part = _build(folder).paths[1]
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"part-00001\.parquet is not as it was written"):
        _build(folder)
    with pytest.raises(InputError, match=r"part-00001\.parquet cannot be read"):
        FeatureFiles(folder / "out").read()
    _build(folder, overwrite=True)
    _assert_done(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"build": 1, "partitions": 2}'])
@pytest.mark.parametrize("name", ["manifest.json", "_work/plan.json"])
def test_a_damaged_manifest_or_plan_is_told(name, text, folder):
    path = folder / "out" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        _build(folder)
    _build(folder, overwrite=True)
    _assert_done(folder)


def test_a_manifest_that_lacks_something_is_told(folder):
    path = _build(folder).out / "manifest.json"
    path.write_text("{}")
    with pytest.raises(InputError, match=r"manifest\.json cannot be read"):
        FeatureFiles(folder / "out")


def test_parts_of_nobody_knows_what_are_not_taken(folder):
    _build(folder)
    (folder / "out" / "manifest.json").unlink()
    with pytest.raises(InputError, match="holds parts, and nothing says of which build"):
        _build(folder)
    _build(folder, overwrite=True)
    _assert_done(folder)


def test_a_part_of_another_build_is_written_anew(folder, monkeypatch):
    foreign = FeatureSet([AggregateFeatures()]).build(folder / "tables", SPINE, folder / "other", partitions=PARTS)
    with monkeypatch.context() as patched:
        patched.setattr(OutFolder, "write_part", _stopping(OutFolder.write_part, 1, Stop()))
        with pytest.raises(Stop):
            _build(folder)
    for number, content in ((2, foreign.paths[2].read_bytes()), (3, b"no Parquet")):
        (folder / "out" / f"part-{number:05}.parquet").write_bytes(content)
    (folder / "out" / ".part-00004.parquet.0123.tmp").write_bytes(b"half")
    _build(folder)
    _assert_done(folder)


def test_two_builds_do_not_work_in_one_folder(folder):
    (folder / "out").mkdir()
    handle = os.open(folder / "out", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="another build is at work"):
        _build(folder)
    os.close(handle)
    _build(folder)
    _assert_done(folder)


def test_the_manifest_says_what_there_is(folder):
    files = _build(folder)
    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    assert manifest["rows"] == len(IDS)
    assert manifest["partitions"] == PARTS
    assert manifest["columns"][:4] == ["spine_row", "customer_id", "as_of", "transactions__count__30D"]
    assert set(manifest["build"]) == {"features", "spine", "tables", "nbo"}
    assert sum(part["rows"] for part in manifest["parts"]) == len(IDS)
    assert [part["rows"] for part in manifest["parts"]] == [pq.read_metadata(path).num_rows for path in files.paths]
    assert FeatureSet.from_dict(manifest["features"]).feature_names == files.feature_names
