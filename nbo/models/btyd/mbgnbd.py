"""Purchases until a customer drops out after one of them, the first included."""

from __future__ import annotations

from typing import ClassVar

from nbo.models.btyd.bgnbd import BGNBD

__all__ = ["MBGNBD"]


class MBGNBD(BGNBD):
    """Model purchases that end with a dropout after any purchase, the first included: the MBG/NBD model.

    As :class:`BGNBD`, but a customer may drop out right after the first purchase [1]_. Hence those who never
    bought again are not taken to be alive for certain, but the less the longer they stay away.

    Parameters
    ----------
    unit : {"D", "W", "M", "Q", "Y"}, default="W"
        Unit of recency and T. Only the annual discount rate needs it.
    covariates : sequence of str, optional
        As for :class:`BGNBD`.
    penalty : float, default=0.0
        As for :class:`BGNBD`.

    Attributes
    ----------
    params_ : dict of str to float
        ``r``, ``alpha``, ``a``, ``b`` and the coefficients; all else as for :class:`BGNBD`.

    References
    ----------
    .. [1] Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of
       models for customer base analysis. International Journal of Research in Marketing 24(3).

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"frequency": [0, 2, 1, 0, 5, 3], "recency": [0, 30, 2, 0, 36, 12]})
    >>> X["T"] = [39, 39, 38, 3, 38, 30]
    >>> model = MBGNBD(penalty=1.0).fit(X)
    >>> model.probability_alive(X).round(2)
    array([0.2 , 0.74, 0.17, 0.66, 0.89, 0.44])
    """

    _early: ClassVar[int] = 1
