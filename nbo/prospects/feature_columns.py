"""Which columns of a frame of rows are features."""

from __future__ import annotations

from typing import Any

from nbo import columns as c
from nbo.checks import check_frame
from nbo.models.encoding import is_frame

__all__ = ["features_of"]

# Who, when and what came of it.
_NO_FEATURES = (c.OPPORTUNITY_ID, c.CUSTOMER_ID, c.ACCOUNT_ID, c.AS_OF, c.DURATION, c.WON, c.CONVERTED)


def features_of(X: Any) -> Any:
    """Leave out the columns that say who, when, and what came of it.

    Parameters
    ----------
    X : frame or array of shape (n, p)

    Returns
    -------
    frame or array
        An array as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> features_of(pd.DataFrame({"opportunity_id": [7], "amount": [9.5], "won": [1]})).columns.tolist()
    ['amount']
    """
    if not is_frame(X):
        return X
    frame = check_frame(X, "X")
    return frame.drop(columns=[name for name in _NO_FEATURES if name in frame.columns])
