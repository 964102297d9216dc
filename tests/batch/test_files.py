from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from nbo.batch.files import digest, read_json, remove_leftovers, stamp_of, write_json, write_parquet
from nbo.errors import InputError

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None]})


def test_a_frame_comes_back_with_its_stamp(tmp_path):
    place = tmp_path / "deep" / "part.parquet"
    write_parquet(FRAME, place, "first")
    pd.testing.assert_frame_equal(pd.read_parquet(place), FRAME)
    assert stamp_of(place) == "first"
    assert [path.name for path in place.parent.iterdir()] == ["part.parquet"]


def test_what_fails_half_way_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    place = tmp_path / "part.parquet"
    write_parquet(FRAME, place, "first")

    def half(self, table):
        raise KeyboardInterrupt

    monkeypatch.setattr("nbo.batch.files.pq.ParquetWriter.write_table", half)
    with pytest.raises(KeyboardInterrupt):
        write_parquet(FRAME.iloc[:1], place, "second")
    assert stamp_of(place) == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["part.parquet"]


@pytest.mark.parametrize("content", [None, b"", b"PAR1 and no end"])
def test_what_is_no_whole_file_has_no_stamp(tmp_path, content):
    if content is not None:
        (tmp_path / "part.parquet").write_bytes(content)
    assert stamp_of(tmp_path / "part.parquet") is None


def test_a_parquet_file_of_others_has_an_empty_stamp(tmp_path):
    FRAME.to_parquet(tmp_path / "other.parquet")
    assert stamp_of(tmp_path / "other.parquet") == ""


def test_json_comes_back_and_what_is_not_there_is_none(tmp_path):
    write_json({"a": [1, None]}, tmp_path / "x.json")
    assert read_json(tmp_path / "x.json") == {"a": [1, None]}
    assert read_json(tmp_path / "y.json") is None


def test_altered_json_is_refused(tmp_path):
    (tmp_path / "x.json").write_text('{"a": ')
    with pytest.raises(InputError, match=r"x\.json was altered: it is not JSON"):
        read_json(tmp_path / "x.json")


def test_the_digest_is_that_of_the_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert digest(tmp_path / "x") == hashlib.sha256(b"abc").hexdigest()


def test_only_half_written_files_are_leftovers(tmp_path):
    for name in (".part.parquet.1.tmp", "part.parquet", ".hidden"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "part.parquet"]
