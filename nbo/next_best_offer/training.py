"""What the parts are trained on: answers and labels as known at the moment of training."""

from __future__ import annotations

from dataclasses import dataclass
from time import time as clock
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.errors import InputError
from nbo.features import FeatureSet, labels
from nbo.features.moments import moments
from nbo.features.profile import FeatureProfile
from nbo.ledger.feedback import resolve
from nbo.next_best_offer.later_rows import LaterRows
from nbo.progress import track
from nbo.tables import CONTRACTS, CustomerTables, Spine
from nbo.times import check_time, check_times

if TYPE_CHECKING:
    from nbo.next_best_offer.next_best_offer import NextBestOffer

__all__ = ["History", "Training", "answered_history"]

# Share of the rows, the latest ones, that metrics are measured on.
_LATER_SHARE = 0.25


@dataclass(frozen=True)
class History:
    """Past decisions whose answer is known, with the features as of each decision.

    Parameters
    ----------
    feedback : DataFrame of n rows
        The decisions with outcome, outcome_at and reward.
    X : DataFrame of n rows
        Features of the customer as of the decision.
    """

    feedback: pd.DataFrame
    X: pd.DataFrame

    def __len__(self) -> int:
        return len(self.feedback)

    @property
    def action_probability(self) -> np.ndarray:
        """Chance with which each offer was drawn; missing where the history does not say."""
        if c.ACTION_PROBABILITY not in self.feedback:
            return np.full(len(self), np.nan)
        return self.feedback[c.ACTION_PROBABILITY].to_numpy(dtype=float, na_value=np.nan)

    def offered(self) -> pd.DataFrame:
        """Features with the offer and its channel beside, as the propensity model takes them."""
        names = [name for name in (c.OFFER_ID, c.CHANNEL) if name in self.feedback]
        return self.X.assign(**{name: self.feedback[name].to_numpy() for name in names})


def answered_history(
    tables: CustomerTables, features: FeatureSet, window: pd.Timedelta, as_of: pd.Timestamp
) -> History:
    """Take the decisions whose time to answer is over at the moment of training.

    Parameters
    ----------
    tables : CustomerTables
        With the tables decisions and outcomes.
    features : FeatureSet
        Fitted.
    window : Timedelta
        How long an answer may take; then no answer is a refusal. Younger decisions are left out.
    as_of : Timestamp
        Moment of training: an answer counts when it came before it.

    Returns
    -------
    History
        Without decisions to make no offer, oldest first.

    Raises
    ------
    InputError
        If no decision with an offer has an answer by then.
    """
    decisions, outcomes = tables.get("decisions"), tables.get("outcomes")
    check_columns(decisions, [c.DECISION_ID, c.CUSTOMER_ID, c.OFFER_ID, c.DECIDED_AT], "decisions")
    check_columns(outcomes, [c.DECISION_ID, c.OUTCOME, c.OUTCOME_AT], "outcomes")
    ids = decisions[c.DECISION_ID]
    check_rows(ids.duplicated().to_numpy(), ids, f"decisions.{c.DECISION_ID}", "there once")
    decided_at = check_times(decisions[c.DECIDED_AT], f"decisions.{c.DECIDED_AT}")
    # Of younger decisions mostly acceptances are known: they come at once, a refusal by silence only in the end.
    made = decisions[(decisions[c.OFFER_ID] != c.NO_OFFER) & (decided_at + window <= as_of)]
    feedback = resolve(made, outcomes, as_of, window).reset_index(drop=True)
    if feedback.empty:
        raise InputError(
            f"no decision has an answer known before {as_of} and its window of {window} over; "
            f"the tables hold {len(decisions)} decisions. "
            "A propensity model learns from decisions and their outcomes: add these tables, or train later."
        )
    spine = Spine.of(feedback[[c.CUSTOMER_ID, c.DECIDED_AT]].rename(columns={c.DECIDED_AT: c.AS_OF}))
    return History(feedback, features.build(tables, spine))


class Training:
    """One training of a next-best-offer object, as of one moment.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine
        Customers and moments for churn and lifetime value.
    window : Timedelta
        How long an answer may take.
    as_of : Timestamp or str, optional
        Moment of training; by default just after the last thing the tables know.
    """

    def __init__(self, tables: CustomerTables, spine: Spine, window: pd.Timedelta, as_of: Any = None) -> None:
        self.tables = tables
        self.window = window
        self.as_of = check_time(as_of) if as_of is not None else max(_just_after(tables), spine.frame[c.AS_OF].max())
        past = spine.frame[spine.frame[c.AS_OF] <= self.as_of]
        if past.empty:
            raise InputError(
                f"no row of the spine lies at or before the moment of training, {self.as_of}; "
                f"the spine has {len(spine)} rows."
            )
        self.spine = Spine.of(past)

    def run(self, model: NextBestOffer, progress: bool | None) -> None:
        """Fit all parts in the order in which they need each other, and note what was learnt.

        Parameters
        ----------
        model : NextBestOffer
            Its parts are fitted in place, and what is known of the training is set.
        progress : bool, optional
            Show progress.
        """
        self.labeled: dict[str, int] = {}
        self.predicted: dict[str, tuple[np.ndarray, np.ndarray, pd.DataFrame]] = {}
        self.since: dict[str, pd.Timestamp] = {}
        self.times: dict[str, tuple[float, float]] = {}
        steps = {"features": self._features, "propensity": self._propensity, "segmenter": self._segments}
        steps |= {"policy": self._policy, "churn": self._churn, "clv": self._clv}
        wanted = [part for part in steps if getattr(model, part) is not None]
        for part in track(wanted, "training", unit="part", progress=progress):
            begin = clock()
            steps[part](model)
            self.times[part] = (begin, clock())
        later = {part: (y, p, _segmentations(model, X)) for part, (y, p, X) in self.predicted.items()}
        model.validation_ = LaterRows.of(later, self.since)
        model.metrics_ = model.validation_.metrics()
        model.profile_ = FeatureProfile.of(self.history.X)
        model.trained_on_ = self._inputs()
        model.times_ = self.times

    def _inputs(self) -> dict[str, Any]:
        """Say what was trained on, without any id."""
        feedback, asked = self.history.feedback, self.spine.frame[c.AS_OF]
        return {
            "rows": {name: len(self.tables.columns(name)) for name in self.tables.names},
            "answers": len(feedback),
            "accepted": int(feedback[c.REWARD].sum()),
            "customers": int(feedback[c.CUSTOMER_ID].nunique()),
            "decided": [moment.isoformat() for moment in (feedback[c.DECIDED_AT].min(), feedback[c.DECIDED_AT].max())],
            "moments": [moment.isoformat() for moment in (asked.min(), asked.max())],
            "labels": self.labeled,
        }

    def _features(self, model: NextBestOffer) -> None:
        features = model.features
        features.fit(self.tables, self.spine)
        self.history = answered_history(self.tables, features, self.window, self.as_of)
        if model.churn is not None or model.clv is not None:
            self.X = features.build(self.tables, self.spine)

    def _propensity(self, model: NextBestOffer) -> None:
        feedback, X = self.history.feedback, self.history.offered()
        y = feedback[c.REWARD].to_numpy()
        extra = {"catalog": model.catalog}
        self._measure("propensity", model.propensity, X, y, feedback[c.DECIDED_AT], extra)
        model.propensity.fit(X, y, time=feedback[c.DECIDED_AT], groups=feedback[c.CUSTOMER_ID], **extra)

    def _segments(self, model: NextBestOffer) -> None:
        feedback = self.history.feedback
        offers = feedback[c.OFFER_ID].to_numpy()
        model.segmenter.fit(self.history.X, feedback[c.REWARD].to_numpy(), offers, self.history.action_probability)

    def _policy(self, model: NextBestOffer) -> None:
        feedback = self.history.feedback
        segment = pd.Series(model.segmenter.predict(self.history.X), dtype="str")
        # What the policy reads, as it was at each decision; the decisions of another model may lack it.
        read = [name for name in model.policy.context_columns if name != c.SEGMENT]
        check_columns(self.history.X, read, f"the feature set, which {type(model.policy).__name__} reads,")
        context = {name: self.history.X[name].array for name in read}
        model.policy.learn(feedback.assign(**{c.SEGMENT: segment, **context}))

    def _churn(self, model: Any) -> None:
        y = labels.churned(self.tables, self.spine, horizon=model.churn.horizon, until=self.as_of)
        _refuse_no_labels(y, "churn", model.churn.horizon, self.as_of)
        asked = self.spine.frame.loc[y.index]
        self._measure("churn", model.churn, self.X.loc[y.index], y.to_numpy(), asked[c.AS_OF], {})
        self._fit("churn", model.churn, y)

    def _clv(self, model: Any) -> None:
        money = c.MARGIN if c.MARGIN in self.tables.get("transactions") else c.AMOUNT
        y = labels.spend(self.tables, self.spine, horizon=model.clv.horizon, column=money, until=self.as_of)
        _refuse_no_labels(y, "customer lifetime value", model.clv.horizon, self.as_of)
        self._fit("clv", model.clv, y)

    def _fit(self, name: str, model: Any, y: pd.Series) -> None:
        """Fit with moments and customers: one customer's rows must not stand in two parts of a split."""
        self.labeled[name] = len(y)
        asked = self.spine.frame.loc[y.index]
        model.fit(self.X.loc[y.index], y.to_numpy(), time=asked[c.AS_OF], groups=asked[c.CUSTOMER_ID])

    def _measure(
        self, name: str, model: Any, X: pd.DataFrame, y: np.ndarray, time: pd.Series, extra: dict[str, Any]
    ) -> None:
        """Train a copy on the earlier rows and measure it on the later ones."""
        cut = time.quantile(1 - _LATER_SHARE)
        earlier, later = (time < cut).to_numpy(), (time >= cut).to_numpy()
        if min(np.unique(y[earlier]).size, np.unique(y[later]).size) < 2:
            return
        trained = clone(model).fit(X[earlier], y[earlier], time=time[earlier], **extra)
        self.predicted[name] = (y[later], trained.predict_proba(X[later])[:, 1], X[later])
        self.since[name] = time[later].min()


def _segmentations(model: NextBestOffer, X: pd.DataFrame) -> pd.DataFrame:
    """Name the groups that rows are also measured in: offer and channel where they are known, and segment."""
    named = {name: X[name].to_numpy(object) for name in (c.OFFER_ID, c.CHANNEL) if name in X}
    return pd.DataFrame({**named, c.SEGMENT: model.segmenter.predict(X)})


def _refuse_no_labels(y: pd.Series, what: str, horizon: str, as_of: pd.Timestamp) -> None:
    if y.empty:
        raise InputError(
            f"no row of the spine has a {what} label: its horizon of {horizon} must be over at {as_of}. "
            "Give a spine with earlier moments."
        )


def _just_after(tables: CustomerTables) -> pd.Timestamp:
    """One microsecond after the last time at which anything in the tables happened."""
    names = [name for name in tables.names if CONTRACTS[name].time not in (None, c.VALID_FROM)]
    times = [moments(tables.columns(name))[0].max() for name in names if len(tables.columns(name))]
    if not times:
        raise InputError("the tables hold no events to learn from.")
    return pd.Timestamp(max(times) + 1, unit="us")
