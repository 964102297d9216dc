"""Encoding of features."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments.design import Design

X = pd.DataFrame(
    {
        "age": [20.0, np.nan, 40.0, 1e300],
        "flag": [True, False, True, True],
        "city": pd.Series(["b", "a", None, "b"], dtype="str"),
        "tier": pd.Categorical([1, 2, 2, None]),
        "empty": [None, None, None, None],
    }
)


def test_by_hand():
    design = Design.of(X)
    assert design.columns == (("age", None), ("flag", None), ("city", "a"), ("city", "b"), ("tier", "1"), ("tier", "2"))
    # Larger numbers are cut, so that trees can add them up.
    largest = 1e18
    expected = [[20, 1, 0, 1, 1, 0], [np.nan, 0, 1, 0, 0, 1], [40, 1, 0, 0, 0, 1], [largest, 1, 0, 1, 0, 0]]
    np.testing.assert_array_equal(design.matrix(X), np.array(expected, dtype=np.float32))


def test_unknown_categories_and_nullable_numbers():
    new = pd.DataFrame({"age": pd.array([1, None], dtype="Int64"), "flag": pd.array([True, None], dtype="boolean")})
    new = new.assign(city=["z", "a"], tier=["2", "9"])
    np.testing.assert_array_equal(Design.of(X).matrix(new), [[1, 1, 0, 0, 0, 1], [np.nan, np.nan, 1, 0, 0, 0]])


def test_only_the_most_frequent_categories_are_kept():
    frame = pd.DataFrame({"city": ["c", "b", "a", "c", "b", "d", "d"]})
    assert Design.of(frame, most=2).columns == (("city", "b"), ("city", "c"))


def test_no_columns_make_one_of_zeros():
    assert Design.of(X[["empty"]]).matrix(X).tolist() == [[0.0]] * 4


def test_survives_its_dict():
    assert Design.from_dict(Design.of(X).to_dict()) == Design.of(X)


def test_other_types_are_refused():
    with pytest.raises(InputError, match=r"X.day must hold numbers, flags or texts; got datetime64\[us\]"):
        Design.of(pd.DataFrame({"day": pd.to_datetime(["2026-01-01"])}))
    with pytest.raises(InputError, match="X.topics must be numbers, flags or texts; 1 of 1 rows is not"):
        Design.of(pd.DataFrame({"topics": [["a", "b"]]}))
    with pytest.raises(
        InputError, match="X.age must be numbers, as in `fit`; 1 of 2 rows is not, first at row 1: 'old'"
    ):
        Design(((("age", None)),)).matrix(pd.DataFrame({"age": ["3", "old"]}))
