"""How MLflow loads a model: frames in, frames out, one row out per row in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_numeric_dtype

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.best_offers import best_offers
from nbo.registry.signature import PARAMS, feature_names, tells_uplift

__all__ = ["Scorer"]

_UPLIFTS = "uplifts"
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
        params : dict, optional
            ``as_of``: the moment that the features are of, UTC; offers that are not valid then are left out ("", the
            default, keeps all). ``top_k``: only so many offers, of the highest priority, the highest first (0, the
            default, gives all in the catalog's order).

        Returns
        -------
        DataFrame of n rows
            segment, churn_probability, clv (money), and lists over the offers: offer_ids, propensities, uplifts (where
            the model knows any), values and priorities (money). None where the model has no such part, and for the
            uplift of offers that it does not know.

        Raises
        ------
        InputError
            If features are missing, named without any of their values, or a param is not known or not allowed.
        TypeError
            If `data` is not a frame.
        """
        given = {**PARAMS, **(params or {})}
        unknown = [name for name in given if name not in PARAMS]
        if unknown:
            raise InputError(f"params must be among {', '.join(PARAMS)}; got {unknown[0]!r}.")
        frame = check_frame(data, "data")
        names = feature_names(self._model)
        check_columns(frame, names, "data")
        scored = self._model.score_features(_plain(frame[names]))
        if tells_uplift(self._model) and _UPLIFTS not in scored:
            lists = [[np.nan] * len(numbers) for numbers in scored["propensities"]]
            scored.insert(list(scored).index("propensities") + 1, _UPLIFTS, pd.Series(lists, dtype=object))
        return self._with_none(best_offers(scored, self._model.catalog, **given)).set_axis(frame.index)

    def _with_none(self, scored: pd.DataFrame) -> pd.DataFrame:
        """Give None for what is not known: a server would write NaN, which is no JSON."""
        parts = {c.CHURN_PROBABILITY: self._model.churn, c.CLV: self._model.clv}
        unknown: dict[str, Any] = {name: np.full(len(scored), None) for name, part in parts.items() if part is None}
        if _UPLIFTS in scored:
            lists = [[None if np.isnan(effect) else effect for effect in effects] for effects in scored[_UPLIFTS]]
            unknown[_UPLIFTS] = pd.Series(lists, index=scored.index, dtype=object)
        return scored.assign(**unknown)


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
