"""Remembering decisions in sorted runs and by hash: the same positions as one dict."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.policies import known_ids
from nbo.policies.id_batch import WHOLE, IdBatch
from nbo.policies.known_ids import KnownIds

numbers = st.integers(-5, 60)
texts = st.integers(0, 120).map(lambda number: f"d{number}") | st.sampled_from(["", "a\0", "a", "é", "d\0" * 2, "ab\0"])
odd = st.sampled_from([1.0, 2.5, True, 2**63, -(2**63), 2**64, "1"])


def _series(ids, kind):
    if kind == "Int64":
        return pd.Series(ids, dtype="Int64")
    if kind == "category":
        return pd.Series(ids, dtype=object).astype("category")
    return pd.Series(ids, dtype=kind)


batches = st.one_of(
    st.tuples(st.lists(numbers, max_size=12), st.sampled_from(["int64", "int8", "Int64", "object", "category"])),
    st.tuples(st.lists(texts, max_size=12), st.sampled_from(["str", "string", "object", "category"])),
    st.tuples(st.lists(numbers | texts | odd, max_size=12), st.just("object")),
    st.tuples(st.lists(st.sampled_from([0.0, 1.0, 2.5, 7.0]), max_size=5), st.just("float64")),
    st.tuples(st.lists(st.sampled_from([3, 2**63, 2**64 - 1]), max_size=3), st.just("uint64")),
    # Ranges, as those who number decisions give them.
    st.tuples(st.integers(0, 70).map(lambda low: list(range(low, low + 9))), st.just("int64")),
    st.tuples(st.integers(0, 110).map(lambda low: [f"d{each}" for each in range(low, low + 9)]), st.just("str")),
)


@pytest.fixture(autouse=True)
def _small_runs(monkeypatch):
    monkeypatch.setattr(known_ids, "_FEW", 2)
    monkeypatch.setattr(known_ids, "_SLOWER", 1)


@settings(max_examples=400, deadline=None)
@given(st.lists(batches, max_size=8), st.lists(numbers | texts | odd, max_size=5))
def test_the_same_positions_as_a_dict(frames, single):
    known, plain = KnownIds(), {}
    for ids, kind in frames:
        series = _series(ids, kind)
        batch, listed = IdBatch(series), series.tolist()
        found = [-1 if known.get(each) is None else known.get(each) for each in listed]
        assert found == [plain.get(each, -1) for each in listed]
        assert known.positions(batch).tolist() == found
        new = len(set(listed)) == len(listed) and not plain.keys() & set(listed)
        # A large frame that reaches into a run may be refused though all are new, never the other way round.
        taken = known.take_in(batch)
        assert new or not taken
        if new and not taken:
            assert known.remember(batch)
        if new:
            plain.update(zip(listed, range(len(plain), len(plain) + len(listed)), strict=True))
        for each in single:
            if known.get(each) is None:
                assert each not in plain
                plain[each] = known.add(each)
        assert len(known) == len(plain)
    assert sorted(known.listed(), key=lambda pair: pair[1]) == list(plain.items())


def test_rising_ids_make_one_run_and_what_lies_between_another():
    known = KnownIds()
    for low in (100, 200, 300, 0):
        assert known.take_in(IdBatch(pd.Series(range(low, low + 50))))
    assert [(len(run), run.first, run.last) for run in known._runs[WHOLE]] == [(50, 0, 49), (150, 100, 349)]
    assert [known.get(each) for each in (0, 49, 50, 100, 249, 349)] == [150, 199, None, 0, 99, 149]
    assert not known._hashed


def test_numbers_in_texts_rise_beyond_their_width():
    known = KnownIds()
    ids = pd.Series([f"d{each}" for each in range(95, 105)], dtype="str")
    assert known.take_in(IdBatch(ids))
    assert known.take_in(IdBatch(pd.Series([f"d{each}" for each in range(105, 120)], dtype="str")))
    assert {kind: [len(run) for run in runs] for kind, runs in known._runs.items()} == {3: [5], 4: [20]}
    assert known.positions(IdBatch(ids[::-1])).tolist() == list(range(10))[::-1]


def test_shuffled_numbers_are_a_run_and_shuffled_texts_are_hashed():
    known, rng = KnownIds(), np.random.default_rng(0)
    ids = rng.permutation(1000)
    assert known.take_in(IdBatch(pd.Series(ids)))
    names = pd.Series([f"d{each:04}" for each in ids], dtype="str")
    assert known.take_in(IdBatch(names))
    assert not known.take_in(IdBatch(names[500:]))
    assert (len(known._runs[WHOLE]), len(known._hashed)) == (1, 1000)
    assert known.positions(IdBatch(pd.Series(np.arange(-1, 1001)))).tolist() == [-1, *np.argsort(ids).tolist(), -1]


def test_slices_and_chunks_of_arrow_columns():
    names = pd.Series([f"d{each:02}" for each in range(60)], dtype="str")
    for part in (names[10:50], pd.concat([names[10:30], names[30:50]])):
        known = KnownIds()
        assert known.take_in(IdBatch(part))
        assert [each for each, _ in known.listed()] == names[10:50].tolist()
