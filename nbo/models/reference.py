"""Trained models to start from or to compare with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from nbo.checks import check_one_of
from nbo.errors import BundleError
from nbo.features import FeatureSet
from nbo.models.churn import ChurnModel
from nbo.models.clv import CLVModel
from nbo.models.propensity import PropensityModel
from nbo.models.uplift.uplift_model import UpliftModel

__all__ = ["load_reference", "reference_features"]

_KINDS: Final[dict[str, Any]] = {
    "propensity": PropensityModel,
    "churn": ChurnModel,
    "clv": CLVModel,
    "uplift": UpliftModel,
}
_PACKAGE = Path(__file__).parents[1]
# In a checkout the models lie beside the package, in an installation within it.
_FOLDERS = (_PACKAGE.parent / "models", _PACKAGE / "reference_models")


def load_reference(name: str, path: str | Path | None = None) -> Any:
    """Load a reference model: trained on the simulated world, with a card that says how well it does.

    Parameters
    ----------
    name : {"propensity", "churn", "clv", "uplift"}
    path : str or Path, optional
        Folder of the models; by default those that come with nbo.

    Returns
    -------
    estimator
        Fitted on the columns that :func:`reference_features` build.

    Raises
    ------
    InputError
        If there is no such model.
    BundleError
        If its files are missing or were altered.

    Examples
    --------
    >>> model = load_reference("churn")
    >>> model.horizon, type(model).__name__
    ('90D', 'ChurnModel')
    """
    check_one_of(name, tuple(_KINDS), "name")
    return _KINDS[name].from_dir(_folder(path) / name)


def reference_features(path: str | Path | None = None) -> FeatureSet:
    """Load the features that the reference models read.

    Parameters
    ----------
    path : str or Path, optional
        Folder of the models; by default those that come with nbo.

    Returns
    -------
    FeatureSet
        Fitted: the columns of the simulated world's tables.

    Raises
    ------
    BundleError
        If the file is missing or is no feature set.

    Examples
    --------
    >>> "transactions__recency_days" in reference_features().feature_names
    True
    """
    file = _folder(path) / "features.json"
    try:
        return FeatureSet.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"the reference features can't be read from {file}: {error}") from error


def _folder(path: str | Path | None) -> Path:
    if path is not None:
        return Path(path)
    found = [folder for folder in _FOLDERS if (folder / "features.json").exists()]
    if not found:
        places = " nor in ".join(str(folder) for folder in _FOLDERS)
        raise BundleError(f"the reference models are neither in {places}; `make models` trains them.")
    return found[0]
