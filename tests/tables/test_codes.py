"""Categories as numbers: a few rows are numbered like many."""

import numpy as np
import pandas as pd
import pytest

from nbo.tables.codes import Codes, texts_at

MANY = 40


@pytest.mark.parametrize(
    "values",
    [["web", None, "shop", "web"], [None, None], [], ["", "a"]],
    ids=["mixed", "missing", "none", "empty"],
)
def test_a_few_rows_are_numbered_like_many(values):
    few = Codes.of(pd.Series(values, dtype="str"))
    many = Codes.of(pd.Series([*values, *[None] * MANY], dtype="str"))
    assert few.codes.tolist() == many.codes[: len(values)].tolist()
    assert few.texts == many.texts
    assert few.values.tolist() == many.values.tolist()
    assert few.codes.dtype == many.codes.dtype


def test_categories_keep_the_numbers_they_have():
    codes = Codes.of(pd.Series(pd.Categorical(["b", None, "a"], categories=["b", "c", "a"])))
    assert codes.codes.tolist() == [0, -1, 2]
    assert codes.texts == ["b", "c", "a"]
    assert codes.alphabet[0] == ["a", "b", "c"]
    assert codes.alphabet[1].tolist() == [1, 2, 0]
    assert codes.n_values == 3


def test_numbers_are_texts_without_a_fraction():
    assert Codes.of(pd.Series([2.0, np.nan, 2.5])).texts == ["2", "2.5"]
    assert Codes.of(pd.Series([7, 7, 3])).texts == ["7", "3"]


@pytest.mark.parametrize("more", [0, MANY])
def test_what_stands_for_missing_takes_its_number_or_a_new_one(more):
    known = Codes.of(pd.Series(["sale", None, *[None] * more], dtype="str")).filled("sale")
    assert known.codes[:2].tolist() == [0, 0]
    new = Codes.of(pd.Series(["return", None, *[None] * more], dtype="str")).filled("sale")
    assert [new.texts[code] for code in new.codes[:2]] == ["return", "sale"]


def test_texts_of_few_and_many_numbers_agree():
    few = texts_at(["web", "shop"], np.array([1, -1, 0]))
    many = texts_at(["web", "shop"], np.array([1, -1, 0] + [-1] * MANY))
    assert few.dtype == many.dtype == "str"
    assert few.tolist()[::2] == many[:3].tolist()[::2] == ["shop", "web"]
    assert pd.isna(few[1])
    assert pd.isna(many[1])
