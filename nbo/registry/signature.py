"""What a logged model takes and gives, and what it needs to run."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from nbo import columns as c
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

__all__ = ["feature_names", "input_example", "model_signature", "requirements"]

_PACKAGES = ("nbo", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")


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


def model_signature(model: NextBestOffer) -> ModelSignature:
    """Describe the features taken and the columns given.

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
    from mlflow.types.schema import AnyType, Array, ColSpec, DataType, Schema

    taken = [ColSpec(AnyType(), name, required=False) for name in feature_names(model)]
    given = [
        ColSpec(DataType.string, c.SEGMENT),
        ColSpec(DataType.double, c.CHURN_PROBABILITY),
        ColSpec(DataType.double, c.CLV),
        ColSpec(Array(DataType.string), "offer_ids"),
        *(ColSpec(Array(DataType.double), name) for name in ("propensities", "values", "priorities")),
    ]
    return ModelSignature(inputs=Schema(taken), outputs=Schema(given))


def input_example(model: NextBestOffer) -> dict[str, Any]:
    """Make one row with every feature missing: it shows the names and holds nobody's data.

    Parameters
    ----------
    model : NextBestOffer

    Returns
    -------
    dict of str to None
    """
    return dict.fromkeys(feature_names(model))


def requirements() -> list[str]:
    """Pin what the model was trained with.

    Returns
    -------
    list of str
        Such as ``lightgbm==4.7.0``. MLflow would not find nbo itself, and takes long to look.
    """
    return [f"{name}=={version(name)}" for name in _PACKAGES]
