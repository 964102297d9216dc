"""What each reference model learns, from the tables of the simulated world."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features import FeatureSet, labels
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel, purchase_summary
from nbo.models.purchase_value import HISTORY_COLUMNS
from nbo.next_best_offer import training_spine
from nbo.next_best_offer.training import answered_history
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine

__all__ = ["COUPON", "WINDOW", "Task", "reference_tasks"]

WINDOW, HORIZON = "14D", "90D"
COUPON = "groceries_coupon"
_BOUGHT_WITHIN = "28D"
# Contacts of the first weeks have little history before them.
_RUN_UP = pd.Timedelta("60D")
_TREES: dict[str, Any] = {"num_leaves": 8, "min_child_samples": 100}


@dataclass(frozen=True)
class Task:
    """One model and what it learns from.

    Parameters
    ----------
    name : str
    title : str
        What it predicts, in words.
    model : estimator
        Not fitted.
    X : DataFrame of n rows
    y : ndarray of shape (n,)
    time : Series of n times
        When each row was asked.
    groups : ndarray of shape (n,)
        The customer of each row.
    rows : str
        What the rows are, in words.
    segments : DataFrame of n rows
        To judge one by one.
    more : dict
        What else ``fit`` takes.
    """

    name: str
    title: str
    model: Any
    X: pd.DataFrame
    y: np.ndarray
    time: pd.Series
    groups: np.ndarray
    rows: str
    segments: pd.DataFrame
    more: dict[str, Any] = field(default_factory=dict)


def reference_tasks(world: World, features: FeatureSet | None = None) -> tuple[FeatureSet, list[Task]]:
    """Make the features and the four tasks.

    Parameters
    ----------
    world : World
    features : FeatureSet, optional
        Fitted; by default fitted here, as of the moment of training.

    Returns
    -------
    FeatureSet
        Fitted.
    list of Task
        propensity, churn, clv and uplift.
    """
    tables = world.tables
    spine = training_spine(tables, world.live_from, horizons=(HORIZON,), moments=4)
    features = features or FeatureSet.default(tables).fit(tables, spine)
    X = features.build(tables, spine)
    return features, [
        _propensity(tables, features, world.live_from),
        _churn(tables, spine, X),
        _value(tables, spine, X),
        _uplift(tables, features, world.start + _RUN_UP, world.live_from),
    ]


def _propensity(tables: CustomerTables, features: FeatureSet, as_of: pd.Timestamp) -> Task:
    history = answered_history(tables, features, pd.Timedelta(WINDOW), as_of)
    X, made = history.offered(), history.feedback
    model = PropensityModel(n_estimators=200, **_TREES)
    title = "the probability that a customer accepts an offer within 14 days of being sent it"
    segments = pd.DataFrame({"offer": X[c.OFFER_ID], "channel": X[c.CHANNEL], "type": X["customers__customer_type"]})
    rows = "offers sent, drawn uniformly from those that the customer could get"
    accepted = made[c.REWARD].to_numpy()
    return Task("propensity", title, model, X, accepted, made[c.DECIDED_AT], _codes(made), rows, segments)


def _churn(tables: CustomerTables, spine: Spine, X: pd.DataFrame) -> Task:
    churned = labels.churned(tables, spine, horizon=HORIZON)
    X, asked = X.loc[churned.index], spine.frame.loc[churned.index]
    # Who has not bought for long is lost already: nothing is left to predict.
    alive = (X["transactions__recency_days"] <= 90).to_numpy()
    X, asked = X[alive].reset_index(drop=True), asked[alive].reset_index(drop=True)
    model = ChurnModel(horizon=HORIZON, n_estimators=200, **_TREES)
    title = "the probability that a customer who bought within the last 90 days buys nothing in the next 90"
    rows = "customers with a sale in the last 90 days, at four moments 30 days apart"
    return Task("churn", title, model, X, churned.to_numpy()[alive], asked[c.AS_OF], _codes(asked), rows, _people(X))


def _value(tables: CustomerTables, spine: Spine, X: pd.DataFrame) -> Task:
    spent = labels.spend(tables, spine, horizon=HORIZON)
    asked = spine.frame.loc[spent.index]
    X = X.loc[spent.index].join(_summaries(tables, asked)).reset_index(drop=True)
    asked = asked.reset_index(drop=True)
    model = CLVModel(horizon=HORIZON, method="stacked", n_estimators=200, **_TREES)
    title = "the margin of a customer's purchases in the next 90 days, money"
    rows = "known customers at four moments 30 days apart"
    return Task("clv", title, model, X, spent.to_numpy(), asked[c.AS_OF], _codes(asked), rows, _people(X))


def _summaries(tables: CustomerTables, asked: pd.DataFrame) -> pd.DataFrame:
    """Summarize the purchases of each row's customer as of its moment; missing for who never bought."""
    parts = []
    for as_of, rows in asked.groupby(c.AS_OF):
        summary = purchase_summary(tables.transactions, as_of, column=c.MARGIN).set_index(c.CUSTOMER_ID)
        found = summary[list(HISTORY_COLUMNS)].astype(float).reindex(rows[c.CUSTOMER_ID])
        parts.append(found.set_axis(rows.index))
    return pd.concat(parts)


def _uplift(tables: CustomerTables, features: FeatureSet, start: pd.Timestamp, end: pd.Timestamp) -> Task:
    """Take contacts with the coupon, and with offers of other categories by customers who could have got it."""
    category = tables.get("catalog").set_index(c.OFFER_ID)[c.CATEGORY]
    same = set(category.index[category == category[COUPON]])
    made = tables.decisions
    made = made[(made[c.DECIDED_AT] >= start) & (made[c.DECIDED_AT] < end - pd.Timedelta(_BOUGHT_WITHIN))]
    could = made["candidates"].map(json.loads)
    kept = could.map(lambda offers: COUPON in offers) & ~made[c.OFFER_ID].isin(same - {COUPON})
    made, could = made[kept].reset_index(drop=True), could[kept]
    others = could.map(lambda offers: len(set(offers) - same)).to_numpy()
    spine = Spine.of(made[[c.CUSTOMER_ID]].assign(as_of=made[c.DECIDED_AT]))
    treated = (made[c.OFFER_ID] == COUPON).to_numpy(dtype=int)
    X, y = features.build(tables, spine), _bought(tables, made, str(category[COUPON]))
    model = UpliftModel(n_folds=3)
    title = f"how much likelier a customer buys groceries within 28 days with `{COUPON}` than with another offer"
    rows = f"contacts with `{COUPON}`, or with an offer of another category where the coupon was as likely"
    more = {"treatment": treated, "treatment_probability": 1 / (1 + others)}
    return Task("uplift", title, model, X, y, made[c.DECIDED_AT], _codes(made), rows, _people(X), more)


def _bought(tables: CustomerTables, made: pd.DataFrame, category: str) -> np.ndarray:
    """Tell whether a purchase in the category followed."""
    sales = tables.transactions
    sales = sales[(sales[c.KIND] == "sale") & (sales[c.CATEGORY] == category)]
    sales = sales[[c.CUSTOMER_ID, c.EVENT_TIME]].sort_values(c.EVENT_TIME, kind="stable")
    asked = made[[c.CUSTOMER_ID, c.DECIDED_AT]].reset_index().sort_values(c.DECIDED_AT, kind="stable")
    found = pd.merge_asof(
        asked,
        sales.rename(columns={c.EVENT_TIME: "bought_at"}),
        left_on=c.DECIDED_AT,
        right_on="bought_at",
        by=c.CUSTOMER_ID,
        direction="forward",
        tolerance=pd.Timedelta(_BOUGHT_WITHIN),
    )
    return found.set_index("index")["bought_at"].notna().sort_index().to_numpy(dtype=float)


def _codes(rows: pd.DataFrame) -> np.ndarray:
    return pd.factorize(rows[c.CUSTOMER_ID])[0]


def _people(X: pd.DataFrame) -> pd.DataFrame:
    ages = pd.cut(X["customers__age"], [0, 30, 45, 60, 200], right=False, labels=["to 29", "30-44", "45-59", "60 on"])
    return pd.DataFrame({"type": X["customers__customer_type"], "age": ages.astype("str")})
