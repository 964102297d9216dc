import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import kstest

from nbo.errors import InputError
from nbo.rng import code_by_key, generator, uniform_by_key

KEYS = [f"C{i:06d}" for i in range(20_000)]


def test_golden_values_hold_on_any_machine():
    # Written down once: another machine, another version or another partition must give these.
    expected = [0.673844783670072, 0.20285377949008898, 0.49107978753765624]
    assert uniform_by_key(["ann", "bob", "00123"], salt="run 1").tolist() == expected


@pytest.mark.parametrize("parts", [1, 7, 16])
def test_partitions_and_order_change_nothing(parts):
    whole = uniform_by_key(KEYS, salt="s")
    order = np.random.default_rng(0).permutation(len(KEYS))
    pieces = np.array_split(order, parts)
    shuffled = np.concatenate([uniform_by_key([KEYS[i] for i in piece], salt="s") for piece in pieces])
    np.testing.assert_array_equal(shuffled, whole[order])


def test_draws_are_uniform_and_salts_independent():
    draws = np.array([uniform_by_key(KEYS, salt=salt) for salt in range(20)])
    p_values = [kstest(row, "uniform").pvalue for row in draws]
    # Twenty p-values are uniform themselves: the least is below 1e-4 once in 500 runs of this test.
    assert min(p_values) > 1e-4
    correlations = np.corrcoef(draws)[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(len(KEYS))
    assert draws.min() >= 0
    assert draws.max() < 1


def test_an_integer_and_its_text_are_the_same_key():
    same = [
        pd.Series([5, 17]),
        pd.Series([5, 17], dtype="Int64"),
        ["5", "17"],
        np.array([5, 17], dtype=np.int32),
        pd.Series(["5", "17"], dtype="category"),
        pd.Series([5, "17"], dtype=object),
    ]
    draws = [uniform_by_key(keys, salt="s").tolist() for keys in same]
    assert draws == [draws[0]] * len(same)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["a", None], "keys must not be missing; 1 of 2 are, first at position 1"),
        ([1.5], "keys must be text or integers; got float64, first: "),
        ([("a",), "b"], r"1 of 2 are not, first at position 0: \('a',\)"),
    ],
)
def test_other_keys_are_refused(keys, message):
    with pytest.raises(InputError, match=message):
        uniform_by_key(pd.Series(keys), salt="s")


def test_no_keys_give_no_draws():
    assert uniform_by_key([], salt="s").shape == (0,)


def test_generator_takes_seeds_and_generators():
    own = np.random.default_rng(3)
    assert generator(own) is own
    assert generator(np.int64(3)).random() == np.random.default_rng(3).random()
    with pytest.raises(TypeError, match="rng must be an int"):
        generator("seven")


def test_codes_are_stable_distinct_and_do_not_show_the_key():
    codes = code_by_key(KEYS, salt="run 1")
    assert len(set(codes)) == len(KEYS)
    assert codes[:2].tolist() == code_by_key(KEYS[:2], salt="run 1").tolist()
    assert set(codes).isdisjoint(code_by_key(KEYS, salt="run 2"))
    assert all(len(code) == 16 for code in codes)


def test_arrow_texts_are_keys_like_any_others():
    keys = pd.Series(["ann", "bob"])
    arrow = keys.astype(pd.ArrowDtype(pa.string()))
    assert uniform_by_key(arrow, salt="x").tolist() == uniform_by_key(keys, salt="x").tolist()
