"""Where a customer belongs depends on the id alone, however it is stored."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbo.features.engines.hashes import MISSING, integer_hashes, text_hashes
from nbo.features.engines.partition import key_hashes, partition_of


def test_partitions_are_those_of_every_other_run():
    assert partition_of(["ann", "bob", "", "Ärger"], 1000).tolist() == [227, 384, 412, 129]
    assert partition_of([0, 1, -3, 10**12], 1000).tolist() == [1, 789, 447, 471]


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series([7, 8, 9]),
        pd.Series([7, 8, 9], dtype="int32"),
        pd.Series([7.0, 8.0, 9.0]),
        pd.Series([7, 8, 9], dtype="Int64"),
        pd.Series([7, 8, 9], dtype="category"),
        pd.Series([7, 8, 9], dtype=object),
        pd.Series([7, 8, 9, None])[:3],
        np.array([7, 8, 9]),
        [7, 8, 9],
    ],
    ids=lambda ids: str(getattr(ids, "dtype", "list")),
)
def test_integers_are_the_same_id_in_any_type(ids):
    assert key_hashes(ids).tolist() == key_hashes(pd.Series([7, 8, 9])).tolist()


@pytest.mark.parametrize("kind", ["str", "string", "category", object, "string[python]"])
def test_texts_are_the_same_id_in_any_type(kind):
    assert key_hashes(pd.Series(["ann", "bob"], dtype=kind)).tolist() == key_hashes(["ann", "bob"]).tolist()


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series([None, "ann"]),
        pd.Series([None, "ann"], dtype="category"),
        pd.Series([np.nan, 0.0]),
        pd.Series([pd.NA, 0], dtype="Int64"),
        pd.Series([None, 2**70], dtype=object),
        pd.Series([np.nan, 1.5]),
    ],
    ids=str,
)
def test_only_a_missing_id_has_the_hash_of_missing_ones(ids):
    assert (key_hashes(ids) == MISSING).tolist() == [True, False]
    assert partition_of(ids, 100)[0] == 0


def test_integers_are_hashed_as_published():
    # The first outputs of SplitMix64 from seed 0 mix 1, 2 and 3 times the golden gamma.
    gamma = 0x9E3779B97F4A7C15
    seeds = np.array([(number * gamma) % 2**64 for number in (1, 2, 3)], dtype=np.uint64).view(np.int64)
    assert integer_hashes(seeds).tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def _slow_text_hash(text: str) -> int:
    def mixed(bits: int) -> int:
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) % 2**64
        return bits ^ (bits >> 31)

    content = text.encode()
    found = mixed(len(content) ^ int.from_bytes(b"nbo_part", "big"))
    for first in range(0, len(content), 8):
        found = mixed(found ^ int.from_bytes(content[first : first + 8], "little"))
    return found


def test_texts_are_hashed_eight_bytes_at_a_time():
    texts = ["", "a", "ann", "seven77", "eight888", "nine99999", "Ärger & more of it than fits", "x" * 64, "\0", "\0\0"]
    assert text_hashes(pa.array(texts)).tolist() == [_slow_text_hash(text) for text in texts]
    assert text_hashes(pa.array(["x", *texts]).slice(1)).tolist() == text_hashes(pa.array(texts)).tolist()
    assert text_hashes(pa.array([], pa.string())).tolist() == []


def test_arrow_arrays_have_the_hashes_of_their_series():
    for array in (
        pa.array(["ann", None, "bob"]),
        pa.array(["ann", None, "bob"]).dictionary_encode(),
        pa.array(["ann", None, "bob"], pa.large_string()).slice(1),
        pa.array([7, None, 2**40]),
        pa.array([7, 8, 9], pa.int16()),
        pa.array([7.5, None, 8.0]),
        pa.nulls(3),
    ):
        assert key_hashes(array).tolist() == key_hashes(pd.Series(array.to_pylist())).tolist()


def test_no_ids_and_one_partition():
    assert partition_of([], 5).tolist() == []
    assert partition_of(pd.Series(dtype="category"), 5).tolist() == []
    assert partition_of(["ann", "bob"], 1).tolist() == [0, 0]


@pytest.mark.parametrize("ids", [np.arange(100_000), 64 * np.arange(100_000), [f"c{i}" for i in range(100_000)]])
def test_partitions_are_even(ids):
    counts = np.bincount(partition_of(ids, 16), minlength=16)
    expected = 100_000 / 16
    # Within 5 standard errors of a fair share.
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected * 15 / 16)).all()
