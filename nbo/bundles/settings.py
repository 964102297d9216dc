"""What a model of bundles may be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.times import check_duration

__all__ = ["check_settings"]


def check_settings(model: Any) -> None:
    """Refuse settings of a BundleModel that are not allowed.

    Parameters
    ----------
    model : BundleModel

    Raises
    ------
    InputError
        Names the setting.
    """
    check_duration(model.horizon, "horizon")
    _check_rebought(model.rebought)
    for name in ("max_bundles", "max_rows"):
        check_number(getattr(model, name), name, "1 or more", lambda given: given >= 1, whole=True)
    check_number(model.association_share, "association_share", "in (0, 1)", lambda given: 0 < given < 1)
    check_number(model.prior_scale, "prior_scale", "above 0", lambda given: 0 < given < np.inf)


def _check_rebought(rebought: Any) -> None:
    fine = rebought == "all" if isinstance(rebought, str) else isinstance(rebought, Sequence)
    if not fine or not all(isinstance(text, str) for text in rebought):
        raise InputError(f"rebought must be product ids such as ('milk', 'bread'), or 'all'; got {rebought!r}.")
