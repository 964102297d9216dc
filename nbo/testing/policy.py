"""What a policy owes: true probabilities, a draw from exactly these, and learning that is a fold of answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo import columns as c
from nbo.policies import Policy
from nbo.testing.owed import owed, refused, same, unchanged

__all__ = ["check_policy"]

_DRAWS = 20_000
# Standard errors that a frequency may lie off its probability.
_FAR = 4.0


def check_policy(
    policy: Policy,
    context: pd.DataFrame | None = None,
    eligible: np.ndarray | None = None,
    feedback: pd.DataFrame | None = None,
) -> None:
    """Check all that a policy owes.

    Probabilities sum to 1 and are exactly 0 for what is not eligible. Offers are drawn as often
    as stated, within 4 standard errors, and another seed draws otherwise. Order and batches
    change neither probabilities nor draws. An answer counts once, in any order and batch. The
    state goes through JSON without losing a bit.

    Parameters
    ----------
    policy : Policy
        Taken as a copy. At least two offers.
    context : DataFrame of n rows, optional
        With `customer_id` and what the policy needs. By default 300 customers of three
        segments.
    eligible : ndarray of bool, shape (n, k), optional
        By default drawn, with at least one offer in each row.
    feedback : DataFrame, optional
        Answers to learn from, each decision once. By default the context's customers
        answer offers drawn evenly.

    Raises
    ------
    AssertionError
        Says what the policy owes, and what was seen.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> check_policy(Uniform(["card", "loan", "no_offer"]))
    """
    rng = np.random.default_rng(0)
    context = _customers() if context is None else context.reset_index(drop=True)
    if eligible is None:
        eligible = _some_eligible(rng, (len(context), len(policy.offers)))
    feedback = _answers(rng, context, policy.offers) if feedback is None else feedback
    _check_arguments(policy)
    learnt = copy.deepcopy(policy)
    name = type(policy).__name__
    with unchanged(name, context=context, feedback=feedback):
        learnt.probabilities(context, eligible)
        owed(learnt.learn(feedback) is learnt, f"{name}.learn must return the policy itself")
        learnt.draw(context, eligible, rng=1)
    for one in (policy, learnt):
        _check_probabilities(one, context, eligible)
    _check_frequencies(learnt, context, eligible)
    _check_draws(learnt, context, eligible)
    _check_learning(policy, learnt, context, eligible, feedback)
    _check_state(learnt, context, eligible, feedback)
    _check_refusals(learnt, context, eligible, feedback)


def _customers() -> pd.DataFrame:
    segments = np.array(["young", "family", "senior"], dtype=object)[np.arange(300) % 3]
    ids = [f"customer {number}" for number in range(300)]
    return pd.DataFrame({c.CUSTOMER_ID: pd.array(ids, dtype="str"), c.SEGMENT: pd.array(segments, dtype="str")})


def _some_eligible(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    eligible = rng.random(shape) < 0.7
    eligible[np.arange(shape[0]), rng.integers(shape[1], size=shape[0])] = True
    # The first rows, on which draws are counted: all offers, two, and one.
    eligible[0] = True
    eligible[1] = np.arange(shape[1]) < 2
    eligible[2] = np.arange(shape[1]) == shape[1] - 1
    return eligible


def _answers(rng: np.random.Generator, context: pd.DataFrame, offers: Sequence[str]) -> pd.DataFrame:
    names = np.asarray(list(offers), dtype=object)
    chosen = rng.integers(len(names), size=len(context))
    accepted = (rng.random(len(context)) < 0.1 + 0.3 * chosen / len(names)) & (names[chosen] != c.NO_OFFER)
    decided = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(context)), unit="h")
    return context.assign(
        **{
            c.DECISION_ID: [f"decision {number}" for number in range(len(context))],
            c.OFFER_ID: pd.array(names[chosen], dtype="str"),
            c.ACTION_PROBABILITY: 1 / len(names),
            c.OUTCOME: pd.array(np.where(accepted, c.ACCEPT, c.REJECT), dtype="str"),
            c.OUTCOME_AT: decided,
            c.REWARD: accepted.astype(float),
        }
    )


def _check_arguments(policy: Policy) -> None:
    name = type(policy).__name__
    owed(len(policy.offers) > 1, f"give {name} two offers or more, to check how it chooses")
    again = clone(policy)
    for argument, value in policy.get_params(deep=False).items():
        # A policy within a policy is copied without what it has learnt, as every clone is.
        if not isinstance(value, Policy):
            same(getattr(again, argument), value, f"{name} must store {argument} as it is given")


def _check_probabilities(policy: Policy, context: pd.DataFrame, eligible: np.ndarray) -> None:
    name, stated = type(policy).__name__, policy.probabilities(context, eligible)
    owed(stated.shape == eligible.shape, f"{name} must state one probability per offer; gave the shape {stated.shape}")
    owed(np.isfinite(stated).all() and (stated >= 0).all(), f"{name} must state numbers of 0 or more")
    furthest = np.abs(stated.sum(axis=1) - 1).max()
    owed(furthest < 1e-9, f"rows of {name}'s probabilities must sum to 1; one is {furthest:.3g} off")
    owed((stated[~eligible] == 0).all(), f"{name} must give exactly 0 to offers that are not eligible")
    same(policy.probabilities(context, eligible), stated, f"{name} must state the same when asked again")
    order = np.random.default_rng(1).permutation(len(context))
    moved = policy.probabilities(context.iloc[order], eligible[order])
    same(moved, stated[order], f"{name}'s probabilities must not depend on the order of the rows")
    half = len(context) // 2
    parts = [policy.probabilities(context.iloc[s], eligible[s]) for s in (slice(0, half), slice(half, None))]
    same(np.vstack(parts), stated, f"{name}'s probabilities must not depend on the batch")
    owed(
        policy.probabilities(context.iloc[:0], eligible[:0]).shape == (0, eligible.shape[1]),
        f"{name} must take a context without rows",
    )


def _check_frequencies(policy: Policy, context: pd.DataFrame, eligible: np.ndarray) -> None:
    name, names = type(policy).__name__, list(policy.offers)
    for row in range(min(3, len(context))):
        rows = np.full(_DRAWS, row)
        stated = policy.probabilities(context.iloc[[row]], eligible[[row]])[0]
        drawn = policy.draw(context.iloc[rows], eligible[rows], rng=np.random.default_rng(row))
        frequency = drawn[c.OFFER_ID].value_counts().reindex(names).fillna(0).to_numpy() / _DRAWS
        far = np.abs(frequency - stated) - _FAR * np.sqrt(stated * (1 - stated) / _DRAWS)
        worst = int(far.argmax())
        # A sum of the stated probabilities may be a rounding error off 1.
        owed(
            far[worst] <= 1e-9,
            f"{name} must draw what it states; it states {stated[worst]:.4f} for {names[worst]!r} and draws it "
            f"{frequency[worst]:.4f} of {_DRAWS} times, more than {_FAR:g} standard errors away",
        )


def _check_draws(policy: Policy, context: pd.DataFrame, eligible: np.ndarray) -> None:
    name, stated = type(policy).__name__, policy.probabilities(context, eligible)
    drawn = policy.draw(context, eligible, rng=1)
    column = [list(policy.offers).index(offer) for offer in drawn[c.OFFER_ID]]
    same(
        drawn[c.ACTION_PROBABILITY].to_numpy(),
        stated[np.arange(len(stated)), column],
        f"{name} must say of each draw the probability that it states",
    )
    same(policy.draw(context, eligible, rng=1), drawn, f"{name} must draw the same with the same seed")
    order = np.random.default_rng(1).permutation(len(context))
    moved = policy.draw(context.iloc[order], eligible[order], rng=1)
    same(moved.sort_index(), drawn, f"{name}'s draws must depend on the customer and the seed alone")
    if stated.max(axis=1).min() < 0.9:
        other = policy.draw(context, eligible, rng=2)
        owed((other[c.OFFER_ID] != drawn[c.OFFER_ID]).any(), f"{name} must draw otherwise with another seed")


def _check_learning(
    policy: Policy, learnt: Policy, context: pd.DataFrame, eligible: np.ndarray, feedback: pd.DataFrame
) -> None:
    name, expected = type(policy).__name__, learnt.probabilities(context, eligible)
    shuffled = feedback.sample(frac=1.0, random_state=0)
    half = len(feedback) // 2
    ways = {
        "learnt twice": [feedback, feedback],
        "in another order": [shuffled],
        "in batches that overlap": [feedback.iloc[: half + 10], feedback.iloc[half:]],
    }
    for way, batches in ways.items():
        other = copy.deepcopy(policy)
        for batch in batches:
            other.learn(batch)
        message = f"{name} must count an answer once and forget the order; answers {way} give"
        same(other.probabilities(context, eligible), expected, f"{message} other probabilities")
        same(other.acceptance_rates(), learnt.acceptance_rates(), f"{message} other acceptance rates")
    _check_rates(learnt)
    learnt_nothing = copy.deepcopy(learnt).learn(feedback.iloc[:0])
    same(learnt_nothing.probabilities(context, eligible), expected, f"{name} must take feedback without rows")


def _check_rates(learnt: Policy) -> None:
    name, rates = type(learnt).__name__, learnt.acceptance_rates()
    for segment in dict.fromkeys(rates[c.SEGMENT]):
        expected = rates[rates[c.SEGMENT] == segment].reset_index(drop=True)
        same(learnt.acceptance_rates(segment), expected, f"{name} must tell the same of a segment alone")


def _check_state(learnt: Policy, context: pd.DataFrame, eligible: np.ndarray, feedback: pd.DataFrame) -> None:
    name = type(learnt).__name__
    state = learnt.to_state()
    back = type(learnt).from_state(json.loads(json.dumps(state, allow_nan=False)))
    expected = learnt.probabilities(context, eligible)
    same(back.probabilities(context, eligible), expected, f"{name} states otherwise after a way through JSON")
    owed(back.to_state() == state, f"{name}'s state is another after a way through JSON")
    more = feedback.assign(**{c.DECISION_ID: [f"later {number}" for number in range(len(feedback))]})
    taught, expected = back.learn(more), copy.deepcopy(learnt).learn(more).probabilities(context, eligible)
    same(taught.probabilities(context, eligible), expected, f"{name} learns otherwise after a way through JSON")


def _check_refusals(learnt: Policy, context: pd.DataFrame, eligible: np.ndarray, feedback: pd.DataFrame) -> None:
    name, before = type(learnt).__name__, learnt.to_state()
    nothing = eligible.copy()
    nothing[0] = False
    with refused(name, "a customer with nothing eligible"):
        learnt.probabilities(context, nothing)
    with refused(name, "`eligible` of another shape"):
        learnt.probabilities(context, eligible[:, :-1])
    with refused(name, "feedback without rewards", c.REWARD):
        learnt.learn(feedback.drop(columns=c.REWARD))
    with refused(name, "rewards above 1", c.REWARD):
        learnt.learn(feedback.assign(**{c.REWARD: 2.0}))
    owed(learnt.to_state() == before, f"{name} must have learnt nothing from what it refused")
