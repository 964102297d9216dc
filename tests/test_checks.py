import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbo import checks
from nbo.errors import InputError


def test_rows_are_counted_and_the_first_is_shown():
    with pytest.raises(InputError, match=r"x must be small; 2 of 4 rows are not, first at row 1: 7\. Take less\."):
        checks.check_rows(np.array([False, True, False, True]), [1, 7, 2, 9], "x", "small", "Take less.")


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table, pd.DataFrame])
def test_frames_of_any_library_are_taken(make):
    assert checks.check_frame(make({"a": [1, 2]}), "x")["a"].tolist() == [1, 2]


@pytest.mark.parametrize("wrong", [[1], {"a": [1]}, None, "text", pd.Series([1])])
def test_what_is_no_frame_is_refused(wrong):
    with pytest.raises(TypeError, match="x must be a frame"):
        checks.check_frame(wrong, "x")


def test_all_missing_columns_are_named_with_those_that_are_there():
    with pytest.raises(InputError, match=r"x lacks the columns 'b', 'c'\. It has: 'a'\."):
        checks.check_columns(pd.DataFrame({"a": []}), ["a", "b", "c"], "x")


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_probabilities_lie_between_0_and_1(value):
    with pytest.raises(InputError, match=r"p must be in \[0, 1\]; 1 of 2 rows is not, first at row 1"):
        checks.check_probabilities([0.5, value], "p")


def test_probability_0_is_refused_where_it_was_drawn():
    with pytest.raises(InputError, match=r"p must be in \(0, 1\]; 1 of 1 rows is not, first at row 0: 0.0"):
        checks.check_probabilities([0.0], "p", zero=False)


def test_text_is_no_probability():
    with pytest.raises(InputError, match="p must be numbers; 1 of 2 rows is not, first at row 1: 'x'"):
        checks.check_probabilities(["0.5", "x"], "p")


def test_shapes_and_choices_are_checked():
    with pytest.raises(InputError, match=r"eligible must have the shape \(2, 3\) \(customers, offers\); got \(2, 2\)"):
        checks.check_matrix(np.ones((2, 2)), (2, 3), "eligible")
    with pytest.raises(InputError, match="engine must be one of 'local'; got 'moon'"):
        checks.check_one_of("moon", ["local"], "engine")


def test_names_of_several_levels_are_refused():
    with pytest.raises(InputError, match=r"x must have one name for each column; its columns have 2 levels"):
        checks.check_frame(pd.concat({"a": pd.DataFrame({"b": [1]})}, axis=1), "x")


def test_a_needed_column_that_comes_twice_is_refused_and_another_is_not():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "b"])
    checks.check_columns(frame, ["b"], "x")
    with pytest.raises(InputError, match="x must have each column once; 'a' comes 2 times"):
        checks.check_columns(frame, ["a", "b"], "x")


@pytest.mark.parametrize("key", [[1], {"a": 1}, pd.Timestamp("2026"), b"x", 1j])
def test_what_is_neither_text_nor_number_is_no_key(key):
    with pytest.raises(InputError, match="id must be texts or whole numbers; 1 of 2 rows is not, first at row 1"):
        checks.check_keys(pd.Series(["ann", key], dtype=object), "id")


@pytest.mark.parametrize("dtype", ["str", "category", "string[pyarrow]", object])
def test_texts_of_any_type_are_keys(dtype):
    checks.check_keys(pd.Series(["ann", "bob"], dtype=dtype), "id")


@pytest.mark.parametrize("value", [1j, pd.Timestamp("2026"), [1], "many"])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(InputError, match="x must be numbers; 1 of 2 rows is not, first at row 1"):
        checks.check_numbers(pd.Series([1, value], dtype=object), "x")


def test_numbers_have_one_dimension_and_matrices_two():
    with pytest.raises(InputError, match="x must have one dimension; got 2"):
        checks.check_numbers(np.ones((2, 2)), "x")
    with pytest.raises(InputError, match="x must have the shape .* its rows differ in length"):
        checks.check_matrix([[1, 2], [3]], (2, 2), "x")
