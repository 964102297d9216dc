"""Frames of any library as the one matrix that a boosted model is trained on."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.models.arrays import take_array
from nbo.models.column_values import codes_of, codes_of_texts, frequent_texts, kind_of, numbers_of

__all__ = ["FrameEncoder", "is_frame"]

_FEW_ROWS = 64


class FrameEncoder:
    """Turn a frame into a float64 matrix whose columns are in the order of their names.

    Numbers and flags stay as they are. Texts and categories become the codes 0, 1, 2 ... that
    were fixed when the encoder was fitted; a category never seen then is missing. So neither
    the order of the columns nor the library of the frame changes a bit of the matrix.

    Parameters
    ----------
    categories : sequence of str, default=()
        Columns that are categories even where they hold numbers.
    max_categories : int, default=255
        Most categories of one column; the rarer ones are missing.

    Attributes
    ----------
    names_ : list of str
        The columns, sorted.
    kinds_ : dict of str to {"number", "category", "empty"}
        What each column holds; a column without any value when fitted stays missing.
    values_ : dict of str to list of str
        The categories of each category column; the code is the position.
    from_array_ : bool
        Whether it was fitted on an array, whose columns are named ``x0``, ``x1`` ...

    Examples
    --------
    >>> frame = pd.DataFrame({"plan": ["basic", "gold", None], "age": [30, 41, 50]})
    >>> encoder = FrameEncoder().fit(frame)
    >>> encoder.names_
    ['age', 'plan']
    >>> encoder.transform(pd.DataFrame({"plan": ["gold", "new"], "age": [1, 2]}))
    array([[ 1.,  1.],
           [ 2., nan]])
    """

    def __init__(self, categories: Sequence[str] = (), max_categories: int = 255) -> None:
        self.categories = categories
        self.max_categories = max_categories

    def fit(self, X: Any) -> FrameEncoder:
        """Learn the columns, what they hold and their categories.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            pandas, polars, pyarrow, NumPy ...

        Returns
        -------
        FrameEncoder
            Itself.

        Raises
        ------
        InputError
            If there are no rows or no columns, if a name is there twice, or if a column holds
            times or values that are neither numbers, flags nor texts.
        """
        frame = self.take(X)
        if not len(frame) or not len(frame.columns):
            raise InputError(f"X must have at least one row and one column; got the shape {frame.shape}.")
        twice = frame.columns[frame.columns.duplicated()]
        if len(twice):
            raise InputError(f"X must have each column once; {twice[0]!r} is there more than once.")
        self.from_array_ = not is_frame(X)
        self.names_ = sorted(frame.columns)
        self.kinds_ = {name: kind_of(frame[name], name, name in self.categories) for name in self.names_}
        self.values_ = {
            name: frequent_texts(frame[name], name, self.max_categories)
            for name in self.names_
            if self.kinds_[name] == "category"
        }
        return self

    def take(self, X: Any) -> pd.DataFrame:
        """Take a frame or an array as a pandas frame with texts as column names.

        Parameters
        ----------
        X : frame or array of shape (n, p)

        Returns
        -------
        DataFrame
            The columns of an array are named ``x0``, ``x1`` ...

        Raises
        ------
        InputError
            If an array is not two-dimensional or has another number of columns than fitted.
        TypeError
            If it is neither a frame nor an array: a sparse matrix, or tables.
        """
        if is_frame(X):
            frame = check_frame(X, "X")
            named = isinstance(frame.columns.dtype, pd.StringDtype) and not frame.columns.hasnans
            if not named and any(not isinstance(name, str) for name in frame.columns):
                frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
            return frame
        array = take_array(X)
        if getattr(self, "from_array_", False) and array.shape[1] != len(self.names_):
            raise InputError(
                f"X has {array.shape[1]} features, but FrameEncoder is expecting {len(self.names_)} features as input."
            )
        return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])

    def transform(self, X: Any, rows: slice | None = None, skip: Sequence[str] = ()) -> np.ndarray:
        """Encode a frame.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Its columns in any order; those that were not fitted are ignored.
        rows : slice, optional
            Only these rows; a message still counts the rows of the whole frame.
        skip : sequence of str, default=()
            Columns that `X` need not have; they are missing in every row.

        Returns
        -------
        ndarray of float, shape (n_rows, n_columns)
            In the order of `names_`; missing is NaN.

        Raises
        ------
        InputError
            If columns are not there, hold text where numbers were fitted, times, or infinity.
        """
        frame = self.take(X)
        used = [name for name in self.names_ if name not in set(skip)]
        there = self._check_names(frame, used)
        rows = slice(None) if rows is None else rows
        matrix = np.full((len(range(len(frame))[rows]), len(self.names_)), np.nan)
        done = self._fill_few(matrix, frame, used, rows) if len(matrix) <= _FEW_ROWS else frozenset()
        for position, name in enumerate(self.names_):
            if name in there and name not in skip and name not in done:
                matrix[:, position] = self.encode(name, frame[name], rows)
        return matrix

    def _fill_few(self, matrix: np.ndarray, frame: pd.DataFrame, used: list[str], rows: slice) -> Set[str]:
        """Fill in plain numbers at once, and texts one by one: of few rows, to find a column takes longest."""
        if not frame.columns.is_unique:
            return frozenset()
        places = {name: position for position, name in enumerate(self.names_)}
        few, wanted = frame.iloc[rows], set(used)
        numbers: dict[int, int] = {}
        done: set[str] = set()
        for at, (name, dtype) in enumerate(zip(few.columns.tolist(), few.dtypes.tolist(), strict=True)):
            if name not in wanted:
                continue
            kind, place = self.kinds_[name], places[name]
            if kind == "number" and isinstance(dtype, np.dtype) and dtype.kind in "fiub":
                numbers[at] = place
            elif kind == "category" and isinstance(dtype, pd.StringDtype):
                matrix[:, place] = codes_of_texts(few[name].array.tolist(), self.values_[name])
                done.add(name)
        found = few.take(list(numbers), axis=1).to_numpy(dtype=float)
        # What is infinite is refused column by column.
        if not np.isinf(found).any():
            matrix[:, list(numbers.values())] = found
            done.update(self.names_[place] for place in numbers.values())
        return done

    def encode(self, name: str, series: pd.Series, rows: slice = slice(None)) -> np.ndarray:
        """Encode one column.

        Parameters
        ----------
        name : str
            A column that was fitted.
        series : Series of shape (n,)
            Its values.
        rows : slice, optional
            Only these rows.

        Returns
        -------
        ndarray of float, shape (n_rows,)

        Raises
        ------
        InputError
            If it holds text where numbers were fitted, times, or infinity.
        """
        part = series.iloc[rows]
        if self.kinds_[name] == "empty" or not len(part):
            return np.full(len(part), np.nan)
        kind = kind_of(part, name, name in self.categories)
        if self.kinds_[name] == "category":
            return codes_of(part, self.values_[name])
        if kind == "category":
            first = range(len(series))[rows][int(part.notna().to_numpy().argmax())]
            # Without the value: what a customer's row holds does not belong into a log.
            raise InputError(
                f"column {name!r} held numbers when the model was fitted and now holds {part.dtype}, "
                f"first at row {first}. Convert it, or fit anew."
            )
        return numbers_of(series, name, rows)

    def column(self, name: str) -> int | None:
        """Say where a column is in the matrix.

        Parameters
        ----------
        name : str

        Returns
        -------
        int or None
            None where it was not fitted.
        """
        return self.names_.index(name) if name in self.names_ else None

    @property
    def category_columns(self) -> list[int]:
        """Positions of the category columns in the matrix."""
        return [i for i, name in enumerate(self.names_) if self.kinds_[name] == "category"]

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values.

        Returns
        -------
        dict
        """
        return {
            "categories": list(self.categories),
            "max_categories": self.max_categories,
            "names": self.names_,
            "kinds": self.kinds_,
            "values": self.values_,
            "from_array": self.from_array_,
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> FrameEncoder:
        """Make the encoder from its state.

        Parameters
        ----------
        state : dict
            From :meth:`to_dict`.

        Returns
        -------
        FrameEncoder
        """
        encoder = cls(tuple(state["categories"]), state["max_categories"])
        encoder.names_, encoder.kinds_ = state["names"], state["kinds"]
        encoder.values_, encoder.from_array_ = state["values"], state["from_array"]
        return encoder

    def _check_names(self, frame: pd.DataFrame, used: list[str]) -> set[str]:
        there = set(frame.columns.tolist())
        if not there.issuperset(used) or not frame.columns.is_unique:
            n_missing = sum(name not in there for name in used)
            check_columns(frame, used, f"X, where {n_missing} of the {len(used)} columns of the model are missing,")
        return there


def is_frame(X: Any) -> bool:
    """Tell a frame, whose columns have names, from an array.

    Parameters
    ----------
    X : object

    Returns
    -------
    bool
    """
    return isinstance(X, pd.DataFrame | pd.Series) or hasattr(X, "__arrow_c_stream__")
