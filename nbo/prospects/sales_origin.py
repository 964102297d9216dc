"""A sales forecast from one origin, with what was known there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.base import clone

from nbo import columns as c
from nbo.models import SeasonalForecast
from nbo.prospects.calendar_periods import CalendarPeriods
from nbo.prospects.opportunity_model import OpportunityModel
from nbo.prospects.pipeline import Pipeline
from nbo.prospects.sales_past import SalesPast
from nbo.prospects.sales_rows import group_of, sales_rows
from nbo.prospects.shared_luck import shared_luck

__all__ = ["FittedPipeline", "Forecaster", "Outlook"]

# Moments at which the past pipeline is looked at to learn from, one a period.
_LOOKS = 18
_LENGTHS = {"W": ("7D", 7.0), "M": ("15D", 31.0), "Q": ("30D", 92.0)}


@dataclass(frozen=True)
class FittedPipeline:
    """A model of opportunities, and how past pipelines came out together.

    Parameters
    ----------
    model : OpportunityModel
    luck : ndarray of shape (h,)
        Standard deviation, as a share of what is expected, of what all opportunities have in common.
    """

    model: OpportunityModel
    luck: np.ndarray


@dataclass(frozen=True)
class Outlook:
    """What is expected from one origin.

    Parameters
    ----------
    origin : int
        Number of the first period ahead.
    rows : DataFrame of n rows
        Open opportunities, with amount, propensity (to be won within all periods ahead) and expected (money).
    amount : ndarray of shape (n,)
        Money that each would bring.
    chance : ndarray of shape (n, h)
        Probability to be won in each period.
    pipeline_cents, new_cents : ndarray of int64, shape (h, g)
        What is expected of each period and group, in whole cents.
    new_spread : ndarray of shape (h,)
        Standard deviation of new business, in money.
    luck : ndarray of shape (h,)
        As :class:`FittedPipeline` gives it.
    naive : ndarray of shape (h,)
        Sales of the same period a year ago, or of the last one.
    groups : Index of length g
    """

    origin: int
    rows: pd.DataFrame
    amount: np.ndarray
    chance: np.ndarray
    pipeline_cents: np.ndarray
    new_cents: np.ndarray
    new_spread: np.ndarray
    luck: np.ndarray
    naive: np.ndarray
    groups: pd.Index

    @property
    def steps(self) -> int:
        """Periods ahead."""
        return len(self.new_spread)

    @property
    def total_cents(self) -> np.ndarray:
        """What is expected of each period, in whole cents, shape (h,)."""
        return (self.pipeline_cents + self.new_cents).sum(axis=1)

    @property
    def luck_spread(self) -> np.ndarray:
        """Standard deviation of what all opportunities have in common, in money, shape (h,)."""
        return self.luck * (self.amount @ self.chance)

    def half_width(self, level: float) -> np.ndarray:
        """Give the half width of a normal interval around what is expected, shape (h,)."""
        variance = (self.amount**2) @ (self.chance * (1 - self.chance)) + self.luck_spread**2 + self.new_spread**2
        return norm.ppf((1 + level) / 2) * np.sqrt(variance)

    def by_group(self, by: str | None, periods: CalendarPeriods) -> pd.DataFrame:
        """Give a row for each group and period."""
        starts = periods.start(self.origin + np.arange(self.steps))
        keys = pd.MultiIndex.from_product([self.groups, starts], names=[by or "group", "start"])
        found = keys.to_frame(index=False)
        found["pipeline"] = self.pipeline_cents.T.ravel() / 100
        found["new_business"] = self.new_cents.T.ravel() / 100
        return found.assign(expected=(self.pipeline_cents + self.new_cents).T.ravel() / 100)


@dataclass(frozen=True)
class Forecaster:
    """All that a forecast needs, asked from one origin after the other.

    Parameters
    ----------
    pipeline : Pipeline
    history : DataFrame or None
        Sales.
    horizon : int
        Periods ahead.
    model : OpportunityModel
        Not fitted.
    periods : CalendarPeriods
    by : str or None
    groups : Index of length g
    level : float
    """

    pipeline: Pipeline
    history: pd.DataFrame | None
    horizon: int
    model: OpportunityModel
    periods: CalendarPeriods
    by: str | None
    groups: pd.Index
    level: float

    @classmethod
    def of(
        cls,
        opportunities: pd.DataFrame,
        history: Any,
        now: int,
        horizon: int,
        model: OpportunityModel | None,
        periods: CalendarPeriods,
        by: str | None,
        level: float,
    ) -> Forecaster:
        """Read what was given; the groups are those known at the start of the period `now`."""
        pipeline = Pipeline.of(opportunities)
        sales = None if history is None else sales_rows(history, "history", c.AMOUNT, by)
        as_of = periods.start([now])[0]
        seen = [group_of(rows, by) for rows in (pipeline.rows(as_of), pipeline.wins(as_of))]
        if sales is not None:
            seen.append(group_of(sales[(sales[c.EVENT_TIME] < as_of).to_numpy()], by))
        groups = pd.Index(sorted(set().union(*seen)) or ["all"], dtype="str")
        length, days = _LENGTHS[periods.freq]
        default = OpportunityModel(f"{int(np.ceil(days * horizon)) + 1}D", length, n_estimators=100)
        return cls(pipeline, sales, horizon, model or default, periods, by, groups, level)

    def fitted(self, origin: int) -> FittedPipeline | None:
        """Fit the model on what was known at the start of a period; None where no opportunity had been closed."""
        numbers = np.arange(origin - _LOOKS, origin)
        until = self.periods.start([origin])[0]
        looks = [self.pipeline.rows(start, until) for start in self.periods.start(numbers)]
        rows = pd.concat(looks, ignore_index=True)
        if not rows[c.WON].notna().any():
            return None
        model = clone(self.model).fit(rows)
        sums = [self._came(look, number, origin, model) for look, number in zip(looks, numbers.tolist(), strict=True)]
        return FittedPipeline(model, shared_luck(sums, self.horizon))

    def _came(self, rows: pd.DataFrame, number: int, origin: int, model: OpportunityModel) -> np.ndarray:
        """Sum up what a past pipeline promised in each period that is over, its variance, and what came: (3, k)."""
        as_of = self.periods.start([number])[0]
        steps = min(self.horizon, origin - number)
        amount, chance = self._chances(rows, as_of, model, steps)
        ends = (self.periods.start(number + np.arange(steps + 1)) - as_of).to_numpy()
        place = np.searchsorted(ends, rows[c.DURATION].to_numpy(), side="right") - 1
        came = (rows[c.WON] == 1).to_numpy() & (place < steps)
        won = np.bincount(place[came], weights=amount[came], minlength=steps)
        return np.stack([amount @ chance, (amount**2) @ (chance * (1 - chance)), won])

    def totals(self, now: int) -> pd.Series:
        """Give the sales of each period that is over, by its number."""
        past = self._past(now)
        return pd.Series(past.total.sum(axis=1), index=past.first + np.arange(len(past.total)))

    def outlook(self, origin: int, fitted: FittedPipeline) -> Outlook:
        """Forecast from the start of a period."""
        as_of = self.periods.start([origin])[0]
        rows = self.pipeline.rows(as_of)
        past = self._past(origin)
        new, spread = self._new_business(past)
        amount, chance = self._chances(rows, as_of, fitted.model, self.horizon)
        cents = np.rint(100 * amount[:, None] * chance).astype(np.int64)
        codes = self.groups.get_indexer(group_of(rows, self.by))
        pipeline_cents = np.zeros((self.horizon, len(self.groups)), dtype=np.int64)
        np.add.at(pipeline_cents.T, codes, cents)
        shown = [name for name in (c.OPPORTUNITY_ID, c.STAGE, self.by) if name is not None]
        found = rows[shown].assign(
            **{c.AMOUNT: amount, c.PROPENSITY: chance.sum(axis=1), "expected": cents.sum(axis=1) / 100}
        )
        return Outlook(
            origin=origin,
            rows=found,
            amount=amount,
            chance=chance,
            pipeline_cents=pipeline_cents,
            new_cents=np.rint(100 * new).astype(np.int64),
            new_spread=spread,
            luck=fitted.luck,
            naive=self._naive(past.total.sum(axis=1)),
            groups=self.groups,
        )

    def _past(self, origin: int) -> SalesPast:
        return SalesPast.of(self.pipeline, self.history, origin, self.horizon, self.periods, self.by, self.groups)

    def _chances(
        self, rows: pd.DataFrame, as_of: pd.Timestamp, model: OpportunityModel, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        won = self.pipeline.wins(as_of)[c.AMOUNT].to_numpy(dtype=float)
        mean = float(np.nanmean(won)) if np.isfinite(won).any() else 0.0
        amount = rows[c.AMOUNT].to_numpy(dtype=float)
        amount = np.where(np.isnan(amount), mean, amount)
        if not len(rows):
            return amount, np.zeros((0, steps))
        number = int(self.periods.number([as_of.to_datetime64()])[0])
        ends = self.periods.start(number + 1 + np.arange(steps)) - as_of
        by_end = model.predict_horizons(rows, list(ends))
        return amount, np.diff(by_end, axis=1, prepend=0.0)

    def _new_business(self, past: SalesPast) -> tuple[np.ndarray, np.ndarray]:
        """Give what is expected of each step and group, (h, g), and the standard deviation of each step, (h,)."""
        new = past.new_business()
        n, h, g = new.shape
        if not n:
            return np.zeros((h, g)), np.zeros(h)
        engine = SeasonalForecast(season=self.periods.season, horizon=h, level=self.level, floor=0.0)
        steps = np.arange(h)
        point = engine.fit(new.reshape(n, h * g)).predict(h).point.reshape(h, h, g)[steps, steps]
        whole = engine.fit(new.sum(axis=2)).predict(h)
        half = np.nan_to_num((whole.high - whole.point)[steps, steps])
        return point, half / norm.ppf((1 + self.level) / 2)

    def _naive(self, total: np.ndarray) -> np.ndarray:
        season = self.periods.season
        if not len(total):
            return np.zeros(self.horizon)
        back = len(total) - season + np.arange(self.horizon) % season
        return np.where(back >= 0, total[np.maximum(back, 0)], total[-1])
