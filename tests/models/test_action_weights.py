from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import PropensityModel
from nbo.models.action_weights import action_weights


def test_weights_by_hand():
    # "card" is 3 of 4 rows; the weights before the mean is made one: 3/4 / 1/2, 3/4 / 3/4, 3/4 / 3/8, 1/4 / 1/2.
    weights = action_weights([1 / 2, 3 / 4, 3 / 8, 1 / 2], ["card", "card", "card", "loan"], 4)
    by_hand = np.array([1.5, 1.0, 2.0, 0.5])
    np.testing.assert_allclose(weights, by_hand / by_hand.mean())


def test_uniform_history_is_not_weighed():
    offers = np.repeat(["a", "b", "c"], 10)
    np.testing.assert_allclose(action_weights(np.full(30, 1 / 3), offers, 30), 1.0)


def test_large_weights_are_capped(caplog):
    with caplog.at_level(logging.INFO):
        weights = action_weights([1e-6] + [0.5] * 99, None, 100)
    # Uncapped 2 each, and a million.
    np.testing.assert_allclose(weights / weights[1], [5.0] + [1.0] * 99)
    assert "1 of 100 weights by action probability are capped" in caplog.text


@pytest.mark.parametrize(
    ("probability", "message"),
    [([0.0, 1.0], r"action_probability must be in \(0, 1\]; 1 of 2 rows is not"), ([1.0], "must have 2 rows, as X")],
)
def test_what_is_no_chance_is_refused(probability, message):
    with pytest.raises(InputError, match=message):
        action_weights(probability, ["a", "b"], 2)


def liking_policy(n, seed=0):
    """A policy that sees what the model does not: who likes cards. It makes four of five of them that offer."""
    rng = np.random.default_rng(seed)
    likes = rng.random(n) < 0.5
    p_card = np.where(likes, 0.8, 0.2)
    card = rng.random(n) < p_card
    X = pd.DataFrame({"age": rng.normal(size=n), "offer_id": np.where(card, "card", "loan")})
    p = np.where(card, np.where(likes, 0.5, 0.1), np.where(likes, 0.1, 0.5))
    return X, rng.random(n) < p, np.where(card, p_card, 1 - p_card)


def test_history_of_a_policy_with_likings_is_set_right():
    X, y, drawn = liking_policy(20_000)
    customers = X[:200].assign(offer_id="card")
    naive = PropensityModel(n_estimators=20).fit(X, y).predict_proba(customers)[:, 1].mean()
    right = PropensityModel(n_estimators=20).fit(X, y, action_probability=drawn).predict_proba(customers)[:, 1].mean()
    # Of those who got a card 8 of 10 like it: 0.8 x 0.5 + 0.2 x 0.1. Of all, one in two: 0.5 x 0.5 + 0.5 x 0.1.
    # 10,000 cards with weights of mean square 2 tell the rate to 0.0065.
    assert naive == pytest.approx(0.42, abs=0.03)
    assert right == pytest.approx(0.30, abs=0.026)


def test_a_column_may_hold_the_chances():
    X, y, drawn = liking_policy(2000)
    given = PropensityModel(n_estimators=5).fit(X, y, action_probability=drawn)
    named = PropensityModel(n_estimators=5).fit(X.assign(chance=drawn), y, action_probability="chance")
    assert "chance" not in named.encoder_.names_
    np.testing.assert_array_equal(given.predict_proba(X), named.predict_proba(X))
    with pytest.raises(InputError, match="lacks the column 'chanse'"):
        PropensityModel().fit(X, y, action_probability="chanse")


def test_weights_multiply_those_given():
    X, y, drawn = liking_policy(2000)
    twice = PropensityModel(n_estimators=5).fit(X, y, 2 * np.ones(2000), action_probability=drawn)
    once = PropensityModel(n_estimators=5).fit(X, y, action_probability=drawn)
    np.testing.assert_allclose(twice.predict_proba(X), once.predict_proba(X), atol=0.02)
