"""Columns from features of a context: by hand."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies.context_columns import ContextColumns
from nbo.policies.context_values import ContextValues, context_keys


def _keys(features):
    frame = pd.DataFrame(features)
    return context_keys(frame, list(frame), "context").tolist()


def _values(features):
    return ContextValues.of(_keys(features), len(features))


def test_equal_values_have_equal_keys():
    assert _keys({"age": [1, 0]}) == _keys({"age": [1.0, -0.0]}) == _keys({"age": [True, False]}) == ["[1.0]", "[0.0]"]
    category = pd.Series(["a", None], dtype="category")
    assert _keys({"city": category}) == _keys({"city": ["a", None]}) == ['["a"]', "[null]"]
    assert context_keys(pd.DataFrame({"age": []}), ["age"], "context").tolist() == []


def test_numbers_are_standardized_by_answers():
    values = _values({"age": [10.0, 30.0, None]})
    # Ten thrice and thirty once: mean 60 / 4 = 15, variance (3 * 25 + 225) / 4 = 75. The missing one counts nothing.
    columns = ContextColumns.of(values, np.array([3.0, 1.0, 50.0]))
    assert columns.means == (15.0,)
    assert columns.scales == pytest.approx((np.sqrt(75),))
    matrix = columns.matrix(_values({"age": [15.0, 15 + np.sqrt(75), 1000.0, -1000.0, None]}))
    np.testing.assert_allclose(matrix, [[1, 0], [1, 1], [1, 4], [1, -4], [1, 0]])


def test_texts_have_columns_and_unseen_ones_none():
    columns = ContextColumns.of(_values({"city": ["B", "A", None]}), np.ones(3))
    assert columns.texts == (("A", "B"),)
    matrix = columns.matrix(_values({"city": ["A", "B", "never seen", None, 3]}))
    np.testing.assert_array_equal(matrix, [[1, 1, 0], [1, 0, 1], [1, 0, 0], [1, 0, 0], [1, 0, 0]])


def test_rare_texts_have_no_column():
    values = _values({"city": [f"c{i:02}" for i in range(30)]})
    columns = ContextColumns.of(values, np.arange(30.0))
    assert columns.texts == (tuple(f"c{i}" for i in range(10, 30)),)


def test_a_number_that_is_always_the_same_or_never_there_has_no_column():
    values = _values({"same": [5.0, 5.0], "gone": [None, None]})
    assert ContextColumns.of(values, np.ones(2)).matrix(values).tolist() == [[1.0], [1.0]]
    assert ContextColumns.of(ContextValues.of([], 2), np.ones(0)).matrix(values).tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1.0, np.inf], "context.age must be finite; 1 of 2 rows"),
        ([pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-02")], "context.age must be a number, a text or missing"),
    ],
)
def test_other_values_are_refused(values, says):
    with pytest.raises(InputError, match=says):
        _keys({"age": values})
