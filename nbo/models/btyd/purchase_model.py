"""What the models of purchases without a contract share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_frame, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.models.btyd.collapsed import Collapsed, collapse
from nbo.models.btyd.discounting import PERIODS_PER_YEAR, discounted, force_of_interest
from nbo.models.btyd.histories import check_unit, take_columns, take_histories, weighted
from nbo.models.btyd.likelihood_model import LikelihoodModel
from nbo.numbers import check_number

__all__ = ["PurchaseModel"]


class PurchaseModel(LikelihoodModel):
    """What the models of purchases without a contract share. It is not a model by itself.

    A subclass gives the chance to be alive (`_alive`), the expected purchases of who is alive
    (`_if_alive`). A new customer is one with an empty history.
    """

    _end: ClassVar[str] = "T"
    _whole: ClassVar[bool] = False

    unit: str

    def probability_alive(self, X: Any) -> np.ndarray:
        """Give the probability that customers have not dropped out yet.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            Histories, as for :meth:`fit`.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1], at the end of what was observed.

        Raises
        ------
        InputError
            If a row can't be a history.
        """
        rows = self._histories(X)
        return self._alive(self._values(rows), rows)[rows.inverse]

    def expected_purchases(self, X: Any, t: Any) -> np.ndarray:
        """Give the expected number of purchases after what was observed.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            Histories, as for :meth:`fit`.
        t : float or array-like of shape (n,)
            How far to look ahead, in the time unit of the histories; 0 or more.

        Returns
        -------
        ndarray of shape (n,)

        Raises
        ------
        InputError
            If a row can't be a history, or `t` is not allowed.
        """
        rows = self._histories(X, t)
        return self._expected(rows, self.params_)[rows.inverse]

    def expected_purchases_new(self, t: Any, covariates: Any = None) -> np.ndarray:
        """Give the expected number of repeat purchases of customers after their first one.

        Parameters
        ----------
        t : float or array-like of shape (n,)
            Time since the first purchase, 0 or more.
        covariates : DataFrame of shape (n, ...), optional
            Needed if the model has covariates.

        Returns
        -------
        ndarray of shape (n,)
            One number for one `t`, also as an array.

        Raises
        ------
        InputError
            If `t` is not allowed, or covariates are missing.
        """
        times = np.atleast_1d(np.asarray(t))
        return self.expected_purchases(self._empty_histories(np.zeros(len(times)), covariates), times)

    def discounted_purchases(
        self, X: Any, horizon: float | None = None, discount_rate: float = 0.1, step: float | None = None
    ) -> np.ndarray:
        """Give the expected future purchases, each worth less the later it comes.

        Without a horizon these are all purchases to come: the discounted expected residual
        transactions [1]_.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            Histories, as for :meth:`fit`.
        horizon : float, optional
            How far to look ahead, in the model's time unit; by default the whole life.
        discount_rate : float, default=0.1
            Per year, effective.
        step : float, optional
            Discount purchases from the end of steps of this length. By default each purchase
            from its own time; where time is in whole periods, always from the end of its period.

        Returns
        -------
        ndarray of shape (n,)

        Raises
        ------
        InputError
            If a row can't be a history, or an argument is not allowed.

        References
        ----------
        .. [1] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value
           curves for customer base analysis. Journal of Marketing Research 42(4).
        """
        check_one_of(self.unit, tuple(PERIODS_PER_YEAR), "unit")
        check_unit(X, self.unit)
        force = force_of_interest(discount_rate, self.unit)
        end = np.inf if horizon is None else check_number(horizon, "horizon", "0 or more", lambda value: value >= 0)
        if step is not None:
            check_number(step, "step", "above 0", lambda value: 0 < value < np.inf)
        rows = self._histories(X)
        pairs = self._pairs(rows)
        worth = self._discounted_if_alive(self._values(pairs), pairs, float(end), force, step)
        return (self._alive(self._values(rows), rows) * worth[pairs.inverse])[rows.inverse]

    def _rows(self, frame: pd.DataFrame, sample_weight: Any) -> Collapsed:
        check_one_of(self.unit, tuple(PERIODS_PER_YEAR), "unit")
        return weighted(take_histories(frame, self._end, self._covariates(), self._whole), sample_weight)

    def _check_informative(self, rows: Collapsed) -> None:
        if not rows.total(self._end) > 0:
            raise InputError(f"{self._end} must be above 0 in some row; no customer was observed for any time.")
        if not rows.total("frequency") > 0:
            raise InputError(
                f"frequency must be above 0 in some row; none of {rows.weight.sum():g} customers bought again, so "
                f"nothing tells how often they buy. Wait for repeat purchases."
            )

    def _scale(self, rows: Collapsed) -> np.ndarray:
        mean = rows.total(self._end) / rows.weight.sum()
        return np.where(np.isin(self._names, self._scales), mean, 1.0)

    def _histories(self, X: Any, t: Any = None) -> Collapsed:
        """Check the rows, and merge equal ones; a time to look ahead becomes the column t."""
        check_is_fitted(self)
        frame = check_frame(X, "X")
        columns = take_histories(frame, self._end, self._covariates(), self._whole)
        if t is not None:
            columns["t"] = self._times(t, len(frame))
        return collapse(columns)

    def _times(self, t: Any, n_rows: int) -> np.ndarray:
        times = (
            np.broadcast_to(check_numbers(np.atleast_1d(np.asarray(t)), "t"), (n_rows,))
            if np.ndim(t) == 0
            else (check_numbers(t, "t"))
        )
        if len(times) != n_rows:
            raise InputError(f"t must be a number, or one for each of {n_rows} rows; got {len(times)}.")
        check_rows(~(np.isfinite(times) & (times >= 0)), times, "t", "finite and 0 or more")
        if self._whole:
            check_rows(times % 1 != 0, times, "t", "a whole number of periods")
        return times

    def _pairs(self, rows: Collapsed) -> Collapsed:
        """Merge rows that differ in recency alone: for who is alive, it does not matter."""
        return collapse({name: values for name, values in rows.columns.items() if name != "recency"})

    def _expected(self, rows: Collapsed, params: Mapping[str, float]) -> np.ndarray:
        pairs = self._pairs(rows)
        if_alive = self._if_alive(self._values(pairs, params), pairs, pairs["t"])
        return self._alive(self._values(rows, params), rows) * if_alive[pairs.inverse]

    def _empty_histories(self, length: np.ndarray, covariates: Any) -> pd.DataFrame:
        """Make histories without a repeat purchase."""
        check_is_fitted(self)
        columns = {"frequency": np.zeros(len(length)), "recency": np.zeros(len(length)), self._end: length}
        if self._covariates():
            if covariates is None:
                raise InputError(f"covariates must be given: {', '.join(self._covariates())}.")
            columns |= take_columns(check_frame(covariates, "covariates"), self._covariates())
            if len({len(values) for values in columns.values()}) > 1:
                raise InputError(f"covariates must have {len(length)} rows, as many as there are customers.")
        return pd.DataFrame(columns)

    def _discounted_if_alive(
        self, values: list[Any], rows: Collapsed, end: float, force: float, step: float | None
    ) -> np.ndarray:
        scale = np.broadcast_to(self._time_scale(values, rows), (len(rows),))
        return discounted(lambda t: self._if_alive(values, rows, t), scale, end, force, step)

    def _time_scale(self, values: list[Any], rows: Collapsed) -> Any:
        """Give the time within which the rate of purchases of a customer changes."""
        return 1.0 + rows[self._end]

    @abstractmethod
    def _alive(self, values: list[Any], rows: Collapsed) -> np.ndarray:
        """Give the probability to be alive."""

    @abstractmethod
    def _if_alive(self, values: list[Any], rows: Collapsed, t: Any) -> np.ndarray:
        """Give the expected purchases within `t` of those who are alive; needs frequency and the end alone."""
