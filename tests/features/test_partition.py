"""Where a customer belongs depends on the id alone, however it is stored."""

import numpy as np
import pandas as pd
import pytest

from nbo.features.partition import MISSING, key_hashes, partition_of


def test_partitions_are_those_of_every_other_run():
    assert partition_of(["ann", "bob", "", "Ärger"], 1000).tolist() == [580, 976, 100, 321]
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
