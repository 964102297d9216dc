"""How MLflow loads a model: frames in, frames out, one row out per row in."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api.types import infer_dtype, is_numeric_dtype

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.signature import feature_names

__all__ = ["Scorer"]

_NUMBERS = {"integer", "floating", "mixed-integer-float", "boolean", "empty"}


class Scorer:
    """A model as ``mlflow.pyfunc`` sees it.

    Parameters
    ----------
    model : NextBestOffer
    """

    def __init__(self, model: NextBestOffer) -> None:
        self._model = model

    def get_raw_model(self) -> NextBestOffer:
        """Give the model itself; MLflow's `unwrap_python_model` and `get_raw_model` call it."""
        return self._model

    def predict(self, data: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Score feature rows.

        Parameters
        ----------
        data : DataFrame of shape (n, any)
            Has the model's features; others are left aside. Numbers, flags and texts of any
            dtype, also nullable.
        params : None
            The model takes none.

        Returns
        -------
        DataFrame of n rows
            segment, churn_probability, clv (money), and lists in the catalog's order:
            offer_ids, propensities, values and priorities (money).

        Raises
        ------
        InputError
            If features are missing, named without any of their values, or `params` has any.
        TypeError
            If `data` is not a frame.
        """
        if params:
            given = ", ".join(map(repr, params))
            raise InputError(f"the model takes no params; got {given}. Leave params out.")
        frame = check_frame(data, "data")
        names = feature_names(self._model)
        check_columns(frame, names, "data")
        return self._model.score_features(_plain(frame[names])).set_axis(frame.index)


def _plain(features: pd.DataFrame) -> pd.DataFrame:
    """Give numbers and flags of any dtype as floats: MLflow hands nullable columns over as objects."""
    numbers = [name for name, values in features.items() if _holds_numbers(values)]
    return (
        features.reset_index(drop=True).astype(dict.fromkeys(numbers, "Float64")).astype(dict.fromkeys(numbers, float))
    )


def _holds_numbers(values: pd.Series) -> bool:
    if values.dtype == object:
        return infer_dtype(values, skipna=True) in _NUMBERS
    return is_numeric_dtype(values.dtype) and values.dtype != float


def _load_pyfunc(path: str) -> Scorer:
    """Load a model from its folder; the name is MLflow's."""
    return Scorer(NextBestOffer.from_dir(path))
