"""What the models of when something happens share: periods, hazards, horizons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo.errors import InputError
from nbo.models.boosted_classifier import BoostedClassifier
from nbo.models.boosting import Boosting
from nbo.models.encoding import FrameEncoder, is_frame
from nbo.models.periods import Periods
from nbo.models.person_periods import check_reach, person_periods, take_times_to_event
from nbo.models.survival import log_survival, mean_time, median_time
from nbo.models.training_data import TrainingData
from nbo.models.training_progress import RoundCallback
from nbo.times import check_duration

__all__ = ["HazardClassifier"]

_PERIOD = "period"


class HazardClassifier(BoostedClassifier):
    """A classifier of one horizon, or of the periods up to many. It is not a model by itself.

    Fitted on durations, it is a discrete-time hazard model [1]_: one row for each customer and
    period, the number of the period a column like the others.

    References
    ----------
    .. [1] Singer, J. D. and Willett, J. B. (1993). It's about time: using discrete-time survival
       analysis to study duration and the timing of events. Journal of Educational Statistics 18.
    """

    horizon: Any
    period: Any
    n_periods: int | None

    periods_: Periods | None

    def predict_horizons(self, X: Any, horizons: Sequence[Any]) -> np.ndarray:
        """Give the probability of churn within each of some horizons.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.
        horizons : sequence of str or timedelta, of length k
            Such as ["30D", "60D", "90D"], none beyond the last period; within a period the hazard is
            level. A model fitted on labels knows its own horizon alone.

        Returns
        -------
        ndarray of shape (n, k)
            In [0, 1]; never lower for a longer horizon.

        Raises
        ------
        InputError
            If a horizon is not one that the model was fitted for, or `X` is not as fitted.
        """
        check_is_fitted(self)
        given = [horizons] if isinstance(horizons, str | pd.Timedelta) else list(horizons)
        if self.periods_ is None:
            own = check_duration(self.horizon, "horizon")
            other = [each for each in given if check_duration(each, "horizons") != own]
            if other:
                raise InputError(
                    f"the model was fitted on labels of one horizon, {own}; {other[0]!r} is another. "
                    "Fit it on duration and event to predict several."
                )
            return np.repeat(self.predict_proba(X)[:, 1:], len(given), axis=1)
        positions = np.array([self.periods_.position(each, "horizons") for each in given])
        return -np.expm1(np.concatenate([log_survival(each, positions) for each in self._log_stays(X)]))

    def survival(self, X: Any) -> pd.DataFrame:
        """Give the probability of still being there at the end of each period.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.

        Returns
        -------
        DataFrame of shape (n, n_periods)
            Its columns are the lengths of time; a row never rises.

        Raises
        ------
        InputError
            If the model was fitted on labels, or `X` is not as fitted.
        """
        stays = np.concatenate(list(self._log_stays(X)))
        return pd.DataFrame(np.exp(np.cumsum(stays, axis=1)), columns=self._fitted_periods("survival").ends)

    def expected_time(self, X: Any, within: Any = None) -> pd.DataFrame:
        """Give the expected time to churn.

        What lies beyond the fitted periods is not known, so the mean is restricted: churn later
        than `within` counts as `within`.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.
        within : str or timedelta, optional
            The limit, at most the end of the last period; by default that end.

        Returns
        -------
        DataFrame of shape (n, 2)
            ``mean`` and ``median``, timedelta64[us]. The median is the time by which half of such
            customers have churned; NaT where fewer have by `within`.

        Raises
        ------
        InputError
            If the model was fitted on labels, `within` lies beyond the last period, or `X` is not
            as fitted.
        """
        periods = self._fitted_periods("expected_time")
        limit = float(periods.n) if within is None else periods.position(within, "within")
        stays = np.concatenate(list(self._log_stays(X)))
        times = {"mean": mean_time(stays, limit), "median": median_time(stays, limit)}
        return pd.DataFrame({name: _as_lengths(time, periods.length) for name, time in times.items()})

    def _fit_times(
        self,
        X: Any,
        duration: Any,
        event: Any,
        sample_weight: Any,
        time: Any,
        groups: Any,
        callbacks: tuple[RoundCallback, ...],
    ) -> None:
        periods = Periods.of(self.period, self.n_periods, check_duration(self.horizon, "horizon"))
        if is_frame(X) and _PERIOD in FrameEncoder().take(X).columns:
            raise InputError(f"X has a column {_PERIOD!r}, which is the name of the model's own; rename it.")
        self.periods_ = periods
        seed = self._seed()
        frame = self._fit_encoder(X)
        settings = self._settings(seed, callbacks)
        lasted, happened = take_times_to_event(duration, event, len(frame))
        self.classes_ = np.array([0, 1])
        # The target tells which rows are left, for those of weight zero are not.
        data = self._training_data(frame, np.arange(len(frame)), sample_weight, time, groups)
        data = self._by_period(data, lasted[data.target], happened[data.target], periods)
        self._fit_data(data, settings, pd.Timedelta(periods.length, unit="us"))

    def _by_period(
        self, data: TrainingData, lasted: np.ndarray, happened: np.ndarray, periods: Periods
    ) -> TrainingData:
        """Give one row for each row and period."""
        long = person_periods(lasted, happened, periods)
        if not len(long.row):
            raise InputError(f"duration must be above 0 in some row that is censored; all {len(lasted)} rows are not.")
        matrix = data.matrix[long.row]
        matrix[:, self._period_column] = long.period
        check_reach(long, lasted, happened, periods)
        weight = long.exposure if data.weight is None else data.weight[long.row] * long.exposure
        return TrainingData(
            matrix,
            long.event,
            None if data.weight is None and (weight == 1).all() else weight,
            # A period is a row of its own time: it begins when those before it are over.
            None if data.time is None else data.time[long.row] + long.period * np.timedelta64(periods.length, "us"),
            long.row if data.groups is None else data.groups[long.row],
            data.categories,
        )

    def _take(self, X: Any) -> pd.DataFrame:
        if self.periods_ is None:
            return super()._take(X)
        frame = FrameEncoder().take(X)
        if not is_frame(X) and frame.shape[1] != self.n_features_in_:
            raise InputError(f"X has {frame.shape[1]} features, but the model is expecting {self.n_features_in_}.")
        return frame.assign(**{_PERIOD: 0.0})

    @property
    def _period_column(self) -> int:
        return self.encoder_.names_.index(_PERIOD)

    def _fitted_periods(self, method: str) -> Periods:
        check_is_fitted(self)
        if self.periods_ is None:
            raise InputError(f"{method} needs a model of times to churn; fit it on duration and event.")
        return self.periods_

    def _log_stays(self, X: Any) -> Iterator[np.ndarray]:
        """Give, chunk by chunk, the log of the probability to stay through each period."""
        n_periods = self._fitted_periods("survival").n
        for matrix in self._matrices(X):
            yield self._log_stay(matrix, n_periods)

    def _log_stay(self, matrix: np.ndarray, n_periods: int) -> np.ndarray:
        stays = []
        for period in range(n_periods):
            matrix[:, self._period_column] = period
            stays.append(-np.logaddexp(0.0, super()._logit(matrix)))
        return np.column_stack(stays)

    def _logit(self, matrix: np.ndarray) -> np.ndarray:
        if self.periods_ is None:
            return super()._logit(matrix)
        position = self.periods_.position(self.horizon, "horizon")
        stays = log_survival(self._log_stay(matrix, int(np.ceil(position))), np.array([position]))[:, 0]
        with np.errstate(divide="ignore"):
            return np.log(-np.expm1(stays)) - stays

    def _interval_logit(self, matrix: np.ndarray) -> np.ndarray:
        if self.periods_ is not None:
            raise InputError("predict_interval needs a model of labels; this one was fitted on duration and event.")
        return super()._interval_logit(matrix)

    def _shares(self, X: Any, part: str | None, approximate: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        if self.periods_ is None:
            yield from super()._shares(X, part, approximate)
            return
        boosting: Boosting = self._part(part)
        explain = boosting.path_contributions if approximate else boosting.contributions
        n_periods = int(np.ceil(self.periods_.position(self.horizon, "horizon")))
        column = self._period_column
        for matrix in self._matrices(X):
            shares = np.zeros((len(matrix), matrix.shape[1] + 1))
            for period in range(n_periods):
                matrix[:, column] = period
                shares += explain(matrix, self._threads()) / n_periods
            # The period tells nothing of the customer: its part goes to the base.
            shares[:, -1] += shares[:, column]
            shares[:, column] = 0.0
            yield matrix, shares

    def _state(self) -> dict[str, Any]:
        periods = self.periods_
        return {**super()._state(), "periods": None if periods is None else [periods.length, periods.n]}

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        super()._restore(state, trees)
        self.periods_ = None if state.get("periods") is None else Periods(*state["periods"])


def _as_lengths(in_periods: np.ndarray, length: int) -> np.ndarray:
    known = ~np.isnan(in_periods)
    microseconds = np.rint(np.where(known, in_periods, 0) * length).astype("timedelta64[us]")
    return np.where(known, microseconds, np.timedelta64("NaT", "us"))
