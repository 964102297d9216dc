"""Models of the simulated world against what is true there: whom they have not seen, ranked and calibrated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone

from nbo.demo.reference.tasks import WINDOW, reference_tasks
from nbo.next_best_offer.training import answered_history
from nbo.simulate import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world():
    return World(customers=12_000, days=365, seed=3, live_days=1)


@pytest.fixture(scope="module")
def learnt(world):
    return reference_tasks(world)


def fitted(task):
    """Learn from seven of ten customers; give the model and the rows of the others."""
    seen = np.random.default_rng(0).random(task.groups.max() + 1) < 0.7
    train = seen[task.groups]
    return clone(task.model).fit(task.X[train], task.y[train], time=task.time[train], groups=task.groups[train]), ~train


def test_propensity_is_the_chance_of_acceptance(world, learnt):
    features, tasks = learnt
    model, test = fitted(tasks[0])
    made = answered_history(world.tables, features, pd.Timedelta(WINDOW), world.live_from).feedback[test]
    chances = world.truth.acceptance(made["customer_id"], made["decided_at"])
    truth = chances[np.arange(len(made)), pd.Categorical(made["offer_id"], world.truth.offer_ids).codes]
    p = model.predict_proba(tasks[0].X[test])[:, 1]
    assert spearmanr(p, truth).statistic >= 0.5
    # Of the truth on the prediction: 1 is right, below 1 predictions spread too much.
    assert 0.7 <= np.polyfit(p, truth, 1)[0] <= 1.3
    assert p.mean() == pytest.approx(truth.mean(), rel=0.1)


def test_intervals_of_value_hold_as_often_as_they_state(learnt):
    _, tasks = learnt
    model, test = fitted(tasks[2])
    X, y = tasks[2].X[test], tasks[2].y[test]
    low, high = model.predict_interval(X, 0.9).T
    covered = (low <= y) & (y <= high)
    prediction = model.predict(X)
    assert covered.mean() == pytest.approx(0.9, abs=0.02)
    assert covered[prediction >= np.quantile(prediction, 0.9)].mean() >= 0.85
    assert spearmanr(prediction, y).statistic >= 0.5
    assert set(model.level_ratios_) == {"btyd", "stacked"}
