"""What a logged model takes and gives, and what it needs to run."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from nbo import columns as c
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

    from nbo.features.column_profile import ColumnProfile

__all__ = ["PARAMS", "feature_names", "input_example", "model_signature", "requirements", "tells_uplift"]

# What `predict` takes beside rows, with the defaults. MLflow allows no None.
PARAMS: Final[dict[str, Any]] = {"as_of": "", "top_k": 0}

_PACKAGES = ("nbo", "mlflow", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")


def feature_names(model: NextBestOffer) -> list[str]:
    """Name the features that a model takes, in its order.

    Parameters
    ----------
    model : NextBestOffer

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the model is not fitted.
    """
    if model.features is None:
        raise InputError("this NextBestOffer is not fitted; call fit(tables, spine) first.")
    return list(model.features.feature_names)


def tells_uplift(model: NextBestOffer) -> bool:
    """Say whether a model tells the uplift of any offer."""
    return model.uplift is not None


def model_signature(model: NextBestOffer) -> ModelSignature:
    """Describe the features and params taken and the columns given.

    Parameters
    ----------
    model : NextBestOffer

    Returns
    -------
    ModelSignature
        Features of any type, by name: a type such as double would refuse integers and flags.
        They are optional for MLflow because its error for a missing column prints rows;
        `predict` refuses it itself, by name.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, Array, ColSpec, DataType, ParamSchema, ParamSpec, Schema

    numbers = ["propensities", *(["uplifts"] if tells_uplift(model) else []), "values", "priorities"]
    taken = [ColSpec(AnyType(), name, required=False) for name in feature_names(model)]
    given = [
        ColSpec(DataType.string, c.SEGMENT),
        ColSpec(DataType.double, c.CHURN_PROBABILITY),
        ColSpec(DataType.double, c.CLV),
        ColSpec(Array(DataType.string), "offer_ids"),
        *(ColSpec(Array(DataType.double), name) for name in numbers),
    ]
    types = {str: DataType.string, int: DataType.long}
    params = [ParamSpec(name, types[type(default)], default) for name, default in PARAMS.items()]
    return ModelSignature(inputs=Schema(taken), outputs=Schema(given), params=ParamSchema(params))


def input_example(model: NextBestOffer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make one row, nobody's, that the model can score, with params.

    Parameters
    ----------
    model : NextBestOffer

    Returns
    -------
    row : dict
        By feature, the median of each number, and else the most frequent value, of what the model was trained on;
        missing where that is not known.
    params : dict
    """
    profile = [] if model.profile_ is None else model.profile_.columns
    typical = {column.feature: _typical(column) for column in profile}
    row = {name: typical.get(name) for name in feature_names(model)}
    return row, {**PARAMS, "top_k": min(3, len(model.catalog))}


def _typical(column: ColumnProfile) -> Any:
    return column.categories[0] if column.categories else column.median


def requirements() -> list[str]:
    """Pin what the model was trained with.

    Returns
    -------
    list of str
        Such as ``lightgbm==4.7.0``. MLflow would not find nbo itself, and takes long to look.
    """
    return [f"{name}=={version(name)}" for name in _PACKAGES]
