"""Arguments of policies as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["plain_value"]


def plain_value(value: Any) -> Any:
    """Turn arrays, NumPy's numbers, and what holds them, into lists and numbers.

    Parameters
    ----------
    value : object

    Returns
    -------
    object

    Examples
    --------
    >>> plain_value({"card": (np.float64(1.5), 2)})
    {'card': [1.5, 2]}
    """
    if isinstance(value, np.ndarray | pd.Series):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    return [plain_value(item) for item in value] if isinstance(value, list | tuple) else value
