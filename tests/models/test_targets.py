from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbo.errors import InputError
from nbo.models.targets import take_amounts, take_labels, take_weights


@pytest.mark.parametrize(
    "y",
    [
        [False, True, True],
        pd.Series([0, 1, 1]),
        pl.Series([0, 1, 1]),
        pd.array([False, True, True], dtype="boolean"),
        np.array(["no", "yes", "yes"]),
        pd.Series(["no", "yes", "yes"], dtype="category"),
        pd.Series([0, 1, 1], dtype="Int64"),
        pd.Series([0, 1, 1], dtype=object),
    ],
    ids=["flags", "pandas", "polars", "nullable flags", "text", "category", "nullable", "object"],
)
def test_labels_of_any_library(y):
    target, classes = take_labels(y, 3)
    assert target.tolist() == [0.0, 1.0, 1.0]
    assert len(classes) == 2


@pytest.mark.parametrize(("y", "classes"), [([0, 0], [0, 1]), ([True, True], [False, True]), ([1.0], [0.0, 1.0])])
def test_one_class_knows_the_other(y, classes):
    target, found = take_labels(y, len(y))
    assert found.tolist() == classes
    assert target.tolist() == [float(value) for value in y]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "a"], "y holds only the label 'a'"),
        ([0, 1, 2], "Only binary classification is supported"),
        ([0, None], "y must be there in every row; 1 of 2 rows is not, first at row 1"),
        ([0.0, np.inf], "y must be finite"),
        ([0, 1, 1, 1], "as many rows; got 2 and 4"),
        (None, "y is None"),
        ([0.1, 0.25], "two classes"),
    ],
)
def test_bad_labels_are_refused(y, message):
    with pytest.raises(InputError, match=message):
        take_labels(y, 3 if y == [0, 1, 2] else 2)


def test_amounts():
    assert take_amounts(pd.Series([1, None], dtype="Int64").fillna(2), 2).tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="y must be finite; 1 of 2 rows is not, first at row 1"):
        take_amounts([1.0, np.inf], 2)
    with pytest.raises(InputError, match="y must be numbers; 2 of 2"):
        take_amounts(["a", "b"], 2)


@pytest.mark.parametrize(
    ("weight", "message"),
    [([1.0], "shape"), ([1.0, -1.0], "finite and 0 or more"), ([0.0, 0.0], "all 2 are zero"), ([1, np.nan], "finite")],
)
def test_bad_weights_are_refused(weight, message):
    with pytest.raises(InputError, match=message):
        take_weights(weight, 2)
