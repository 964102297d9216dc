"""Where each customer stands on the way, for how long, and which stage comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.base import check_spine
from nbo.features.past import Past
from nbo.features.slices import first_at_or_after
from nbo.journeys.funnel import FUNNEL, Stage, check_stages
from nbo.journeys.paths import GOING_ON, Paths, stage_paths
from nbo.journeys.transitions import transition_table
from nbo.numbers import check_number
from nbo.states import check_state
from nbo.tables import Spine
from nbo.tables.plain_values import MISSING_TIME, microseconds
from nbo.times import check_duration

__all__ = ["StageModel"]

LAPSED: Final = "lapsed"
_DAY = 86_400_000_000
_FORMAT = 1


class StageModel:
    """Where each customer stands on the way, for how long, and which stage comes next.

    A customer's stage follows from its own events and purchases by stated rules: a stage is
    entered by its types of events or by its number of purchases. By default stages are only
    climbed, until nothing is done for so long that the customer has lapsed; whatever is done
    next leads back. Which stage comes next is a Markov chain in steps of equal length, counted
    over the ways of all customers [1]_.

    Parameters
    ----------
    stages : sequence of Stage, default=FUNNEL
        The first one first: visitor, engaged, cart, customer, repeat.
    lapse : str or None, default="180D"
        How long nothing is done until a customer has lapsed; None: nobody lapses.
    forward : bool, default=True
        Stages are only climbed; False: the last thing done that leads into a stage says the stage,
        as in a sales cycle whose steps are events.
    step : str, default="30D"
        Length of a step.

    Attributes
    ----------
    names : list of str
        The stages, and lapsed at the end.
    steps_ : ndarray of int, shape (k, k)
        How often a customer in the row's stage was in the column's stage one step later.
    moves_ : ndarray of int, shape (k, k)
        How often a stay in the row's stage ended in the column's stage.
    stays_ : DataFrame
        For each stage: stage, stays, ended, median_days (after Kaplan and Meier, as stays that go
        on are not over; NaN where less than half end).

    References
    ----------
    .. [1] Anderson, T. W. and Goodman, L. A. (1957). Statistical inference about Markov chains.
       Annals of Mathematical Statistics 28.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> days = ["2026-01-01", "2026-01-03", "2026-01-04", "2026-02-01"]
    >>> events = {"customer_id": "ann", "event_time": days, "event_type": ["page_view", "search", "page_view", "cart"]}
    >>> tables = CustomerTables(events=pd.DataFrame(events))
    >>> StageModel().stages(tables, Spine.at("2026-01-31", ["ann"]))[["stage", "since", "days_in_stage"]]
         stage      since  days_in_stage
    0  engaged 2026-01-03           28.0
    """

    def __init__(
        self, stages: Sequence[Stage] = FUNNEL, lapse: str | None = "180D", forward: bool = True, step: str = "30D"
    ) -> None:
        self.stages_given = check_stages(stages, LAPSED)
        self.lapse, self.forward, self.step = lapse, forward, step
        self.names = [*(stage.name for stage in self.stages_given), *([] if lapse is None else [LAPSED])]
        self._lapse = None if lapse is None else check_duration(lapse, "lapse") // pd.Timedelta(1, unit="us")
        self._step = check_duration(step, "step") // pd.Timedelta(1, unit="us")

    def __repr__(self) -> str:
        return f"StageModel({' > '.join(self.names)})"

    def fit(self, tables: Any, spine: Spine) -> Self:
        """Count the steps, moves and stays of customers up to a moment.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        spine : Spine
            Whose ways to learn from; of several moments of a customer, the latest.

        Returns
        -------
        StageModel
            Itself.

        Raises
        ------
        TypeError
            If `spine` is something else, such as a moment.
        """
        check_spine(spine)
        past = Past(tables, spine)
        paths, k = self._paths(past), len(self.names)
        owners = past.questions[c.CUSTOMER_ID]
        latest = (owners != owners.shift(-1)).to_numpy(dtype=bool)
        self.steps_ = _steps(paths, past.as_of, latest, self._step, k)
        kept = latest[paths.owner]
        on = kept[:-1] & (np.diff(paths.owner) == 0)
        pairs = paths.stage[:-1][on] * k + paths.stage[1:][on]
        self.moves_ = np.bincount(pairs, minlength=k * k).reshape(k, k)
        self.stays_ = _stay_lengths(paths, past.as_of, kept, self.names)
        return self

    def stages(self, tables: Any, spine: Spine) -> pd.DataFrame:
        """Say where each customer stands. This needs no fit.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        spine : Spine of n rows

        Returns
        -------
        DataFrame of n rows
            In the order of the spine: customer_id, as_of, stage (missing for who has done nothing
            that leads into one), since, and days_in_stage.
        """
        check_spine(spine)
        past = Past(tables, spine)
        paths = self._paths(past)
        there = np.diff(paths.bounds) > 0
        last = np.where(there, paths.bounds[1:] - 1, 0)
        stage = np.where(there, np.append(paths.stage, -1)[last], -1)
        since = np.append(paths.entered, 0)[last]
        found = past.given({"stage": stage, "since": np.where(there, since, MISSING_TIME)})
        entered = found["since"].view("datetime64[us]")
        names = pd.array([*self.names], dtype="str").take(found["stage"], allow_fill=True)
        days = (microseconds(spine.frame[c.AS_OF]) - found["since"]) / 1_000_000 / 86_400
        rows = {"stage": names, "since": entered, "days_in_stage": np.where(np.isnat(entered), np.nan, days)}
        return spine.frame.assign(**rows)

    def next_stages(self, tables: Any, spine: Spine) -> pd.DataFrame:
        """Say how likely each customer is in each stage one step from now.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        spine : Spine of n rows

        Returns
        -------
        DataFrame of n rows
            customer_id, as_of, stage, and a probability for each stage in a column of its name;
            missing for who is in none.
        """
        table = self.transitions()
        matrix = table["probability"].to_numpy().reshape(len(self.names), -1)
        rows = self.stages(tables, spine)[[c.CUSTOMER_ID, c.AS_OF, "stage"]]
        place = pd.Index(self.names).get_indexer(pd.Index(rows["stage"]))
        chances = np.where((place >= 0)[:, None], matrix[place], np.nan)
        return pd.concat([rows, pd.DataFrame(chances, columns=self.names)], axis=1)

    def transitions(self, kind: str = "steps", level: float = 0.95) -> pd.DataFrame:
        """Give how likely each stage follows on each, with intervals.

        Parameters
        ----------
        kind : {"steps", "moves"}, default="steps"
            The stage one step later, staying included; or the stage that a stay ends in, whenever it ends.
        level : float, default=0.95
            See :func:`~nbo.journeys.transition_table`.

        Returns
        -------
        DataFrame
            As :func:`~nbo.journeys.transition_table` gives it.

        Raises
        ------
        InputError
            If the model is not fitted, or an argument is not allowed.
        """
        check_number(level, "level", "above 0 and below 1", lambda given: 0 < given < 1)
        if kind not in ("steps", "moves"):
            raise InputError(f"kind must be 'steps' or 'moves'; got {kind!r}.")
        if not hasattr(self, "steps_"):
            raise InputError("the StageModel is not fitted; call fit(tables, spine) first.")
        return transition_table(self.steps_ if kind == "steps" else self.moves_, self.names, level)

    def to_dict(self) -> dict[str, Any]:
        """Give the fitted model as JSON values.

        Returns
        -------
        dict
        """
        self.transitions()
        given = {"lapse": self.lapse, "forward": self.forward, "step": self.step}
        stays = self.stays_.astype(object).where(self.stays_.notna(), None).to_dict("list")
        learnt = {"steps": self.steps_.tolist(), "moves": self.moves_.tolist(), "stays": stays}
        stages = [{**asdict(stage), "events": list(stage.events)} for stage in self.stages_given]
        return {"model": "StageModel", "format": _FORMAT, "stages": stages, "given": given, "learnt": learnt}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> StageModel:
        """Make the model that was stored.

        Parameters
        ----------
        state : dict
            Of :meth:`to_dict`, also after a way through JSON text.

        Returns
        -------
        StageModel

        Raises
        ------
        InputError
            If the state is of another model, of another format, or incomplete.
        """
        parts = {"stages": list, "given": dict, "learnt": dict}
        state = check_state(state, "model", "StageModel", _FORMAT, parts)
        model = cls(
            [Stage(**{**stage, "events": tuple(stage["events"])}) for stage in state["stages"]], **state["given"]
        )
        model.steps_, model.moves_ = (np.array(state["learnt"][name], dtype=np.int64) for name in ("steps", "moves"))
        model.stays_ = pd.DataFrame(state["learnt"]["stays"]).astype({"stage": "str", "median_days": "float64"})
        return model

    def _paths(self, past: Past) -> Paths:
        return stage_paths(past, self.stages_given, self._lapse, self.forward)


def _steps(paths: Paths, as_of: np.ndarray, latest: np.ndarray, step: int, k: int) -> np.ndarray:
    """Count pairs of stages one step apart, on moments that lie whole steps before the latest one."""
    counts = np.zeros(k * k, dtype=np.int64)
    owners = np.flatnonzero(latest & (np.diff(paths.bounds) > 0))
    low, high = paths.bounds[owners], paths.bounds[owners + 1]
    moment = as_of[owners]
    # Stays entered at the moment itself are not known yet: strictly before.
    after = paths.stage[first_at_or_after(paths.entered, low, high, moment) - 1]
    while len(low):
        moment = moment - step
        place = first_at_or_after(paths.entered, low, high, moment) - 1
        there = place >= low
        low, high, moment, after, place = low[there], high[there], moment[there], after[there], place[there]
        before = paths.stage[place]
        counts += np.bincount(before * k + after, minlength=k * k)
        after = before
    return counts.reshape(k, k)


def _stay_lengths(paths: Paths, as_of: np.ndarray, kept: np.ndarray, names: list[str]) -> pd.DataFrame:
    owner, stage = paths.owner[kept], paths.stage[kept]
    ended = paths.left[kept] != GOING_ON
    until = np.where(ended, paths.left[kept], as_of[owner])
    days = (until - paths.entered[kept]) / _DAY
    medians = [_median(days[stage == place], ended[stage == place]) for place in range(len(names))]
    stays, over = (np.bincount(which, minlength=len(names)) for which in (stage, stage[ended]))
    table = {"stage": pd.array(names, dtype="str"), "stays": stays, "ended": over, "median_days": medians}
    return pd.DataFrame(table)


def _median(days: np.ndarray, ended: np.ndarray) -> float:
    """When half have ended, after Kaplan and Meier."""
    times, which = np.unique(days, return_inverse=True)
    ends, stays = (np.bincount(which, weights=weights, minlength=len(times)) for weights in (ended, None))
    at_risk = np.cumsum(stays[::-1])[::-1]
    left = np.cumprod(1 - ends / at_risk)
    half = np.flatnonzero(left <= 0.5)
    return float(times[half[0]]) if len(half) else float("nan")
