"""What the purchases to come are worth, by the histories of the customers alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from nbo.checks import check_numbers
from nbo.models.btyd.gamma_gamma import GammaGamma
from nbo.models.btyd.mbgnbd import MBGNBD

__all__ = ["HISTORY_COLUMNS", "PurchaseValue"]

logger = logging.getLogger(__name__)

HISTORY_COLUMNS = ("frequency", "recency", "T", "monetary_all")
_PURCHASES, _SPEND = "purchases", "spend"


@dataclass(frozen=True)
class PurchaseValue:
    """Expected purchases times expected spend: MBG/NBD [1]_ and gamma-gamma [2]_ together.

    The first purchase counts for the spend: so who bought only once is told apart by what that was.

    Parameters
    ----------
    purchases : MBGNBD
        How many purchases are to come.
    spend : GammaGamma
        What each brings; it reads the first purchase too.
    horizon : float or None
        How far to look ahead, in the model's unit of time; None is the whole life.
    margin : float
        Share of the money of a purchase that is earned.
    discount_rate : float
        Per year.

    References
    ----------
    .. [1] Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of models for
       customer base analysis. International Journal of Research in Marketing 24(3).
    .. [2] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base
       analysis. Journal of Marketing Research 42(4).

    Examples
    --------
    >>> histories = pd.DataFrame(
    ...     {
    ...         "frequency": [0, 3, 1, 0, 5, 2],
    ...         "recency": [0.0, 20.0, 4.0, 0.0, 30.0, 9.0],
    ...         "T": [30.0, 25.0, 28.0, 31.0, 33.0, 12.0],
    ...         "monetary_all": [20.0, 30.0, 15.0, 45.0, 28.0, 33.0],
    ...     }
    ... )
    >>> value = PurchaseValue.fit(histories, unit="W", horizon=26.0)
    >>> int(value.value(histories).argmax())
    4
    """

    purchases: MBGNBD
    spend: GammaGamma
    horizon: float | None
    margin: float = 1.0
    discount_rate: float = 0.0

    @classmethod
    def fit(
        cls,
        frame: pd.DataFrame,
        unit: str,
        horizon: float | None,
        margin: float = 1.0,
        discount_rate: float = 0.0,
        weight: np.ndarray | None = None,
    ) -> PurchaseValue:
        """Fit both models.

        Parameters
        ----------
        frame : DataFrame of n rows
            With ``frequency``, ``recency``, ``T`` and ``monetary_all``, as :func:`purchase_summary` gives them. Rows
            without a frequency, of people who never bought, are left out.
        unit : {"D", "W", "M", "Q", "Y"}
            Of `recency` and `T`.
        horizon, margin, discount_rate
            As for the class.
        weight : ndarray of shape (n,), optional
            Of each row.

        Returns
        -------
        PurchaseValue

        Raises
        ------
        InputError
            If a row can't be a history, or nobody ever bought again.
        ConvergenceError
            If a likelihood has no maximum.
        """
        histories, known = _histories(frame)
        weight = None if weight is None else weight[known]
        purchases = MBGNBD(unit=unit).fit(histories, sample_weight=weight)
        spend = GammaGamma(include_first=True).fit(histories, sample_weight=weight)
        return cls(purchases, spend, horizon, margin, discount_rate)

    def value(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the present value of the purchases within the horizon.

        Parameters
        ----------
        frame : DataFrame of n rows
            As for :meth:`fit`.

        Returns
        -------
        ndarray of shape (n,)
            Money, 0 or more; 0 for who never bought.
        """
        return np.nan_to_num(self.columns(frame)["btyd__value"].to_numpy())

    def columns(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the parts of the value, as columns that another model may learn from.

        Parameters
        ----------
        frame : DataFrame of n rows
            As for :meth:`fit`.

        Returns
        -------
        DataFrame of shape (n, 4)
            ``btyd__p_alive``, ``btyd__purchases`` (discounted), ``btyd__spend`` and ``btyd__value``; missing for
            who never bought.
        """
        histories, known = _histories(frame)
        found = np.full((len(frame), 4), np.nan)
        if known.any():
            alive = self.purchases.probability_alive(histories)
            count = self.purchases.discounted_purchases(histories, self.horizon, self.discount_rate)
            spend = self.spend.expected_spend(histories)
            found[known] = np.column_stack([alive, count, spend, self.margin * count * spend])
        names = ["btyd__p_alive", "btyd__purchases", "btyd__spend", "btyd__value"]
        return pd.DataFrame(found, columns=names, index=frame.index)

    def to_dir(self, path: Path) -> None:
        """Write both models into folders of their own.

        Parameters
        ----------
        path : Path
        """
        path.mkdir(parents=True, exist_ok=True)
        self.purchases.to_dir(path / _PURCHASES)
        self.spend.to_dir(path / _SPEND)

    @classmethod
    def from_dir(cls, path: Path, horizon: float | None, margin: float, discount_rate: float) -> PurchaseValue:
        """Read what :meth:`to_dir` wrote.

        Parameters
        ----------
        path : Path
        horizon, margin, discount_rate
            As for the class.

        Returns
        -------
        PurchaseValue

        Raises
        ------
        BundleError
            If a file is missing or altered.
        """
        models = MBGNBD.from_dir(path / _PURCHASES), GammaGamma.from_dir(path / _SPEND)
        return cls(*models, horizon, margin, discount_rate)


def _histories(frame: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Give the rows of those who bought, and which they are; losses count as nothing earned."""
    columns = {name: check_numbers(frame[name], name) for name in HISTORY_COLUMNS}
    known = ~np.isnan(columns["frequency"])
    histories = pd.DataFrame({name: values[known] for name, values in columns.items()})
    losses = int((histories["monetary_all"] < 0).sum())
    if losses:
        logger.warning("%d customers of %d lose money on a purchase; they count as earning nothing", losses, len(known))
    return histories.assign(monetary_all=histories["monetary_all"].clip(lower=0.0)), known
