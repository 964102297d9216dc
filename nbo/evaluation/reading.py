"""From feedback and a target policy to the log that estimators see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_keys, check_matrix, check_numbers, check_probabilities, check_rows
from nbo.errors import InputError
from nbo.evaluation.candidates import eligible_offers, logging_probabilities
from nbo.evaluation.choices import Choices
from nbo.evaluation.log import Log
from nbo.policies import Policy
from nbo.rng import generator, uniform_by_key

__all__ = ["check_once", "check_target", "customer_codes", "read_log"]


def read_log(
    target: Policy | np.ndarray, feedback: pd.DataFrame, reward: str, offers: list[str] | None, rng: int
) -> Log:
    """Check feedback, and state the target policy's probability of each logged action.

    Parameters
    ----------
    target : Policy, ndarray of shape (n, k) or ndarray of shape (n,)
        As in :func:`nbo.evaluate`.
    feedback : DataFrame of n rows
    reward : str
        Column of the rewards.
    offers : list of str, optional
        Columns of a target matrix.
    rng : int
        Names the random numbers, one per `decision_id`, or per row where there is none.

    Returns
    -------
    Log

    Raises
    ------
    InputError
        As :func:`nbo.evaluate`.
    """
    check_columns(feedback, (c.ACTION_PROBABILITY, reward), "feedback")
    if not len(feedback):
        raise InputError("feedback must have at least one row; got none.")
    check_once(feedback)
    target = _checked(target, len(feedback), offers)
    usable = feedback[c.ACTION_PROBABILITY].notna().to_numpy()
    if usable.any() and not usable.all():
        feedback = feedback[usable].reset_index(drop=True)
        target = target if isinstance(target, Policy) else target[usable]
    logged = check_probabilities(feedback[c.ACTION_PROBABILITY], f"feedback.{c.ACTION_PROBABILITY}", zero=False)
    rewards = check_numbers(feedback[reward], f"feedback.{reward}", "finite numbers")
    waiting = c.OUTCOME in feedback and (feedback[c.OUTCOME] == c.PENDING).any()
    way_out = f"Leave out decisions whose outcome is {c.PENDING!r}: their answer is not known." if waiting else ""
    check_rows(~np.isfinite(rewards), feedback[reward], f"feedback.{reward}", "finite numbers", way_out)
    log = Log(rewards, logged, logged, _uniforms(feedback, rng), customer=customer_codes(feedback), usable=usable)
    if not isinstance(target, Policy) and target.ndim == 1:
        return replace(log, target_probability=target)
    return _with_target(log, target, feedback, list(target.offers) if isinstance(target, Policy) else offers or [])


def _checked(target: Any, n: int, offers: list[str] | None) -> Any:
    """Take the target's probabilities as an array; a policy stays as it is."""
    check_target(target)
    if isinstance(target, Policy):
        return target
    if np.ndim(target) == 1:
        if len(target) != n:
            raise InputError(f"probabilities must be one for each of the {n} rows; got {len(target)}.")
        return check_probabilities(target, "probabilities")
    if offers is None:
        raise InputError("a matrix of probabilities needs the names of its columns: give `offers`.")
    return check_matrix(target, (n, len(offers)), "probabilities").astype(float)


def _with_target(log: Log, target: Any, feedback: pd.DataFrame, names: list[str]) -> Log:
    logged = log.action_probability
    check_columns(feedback, (c.OFFER_ID,), "feedback")
    check_keys(feedback[c.OFFER_ID], f"feedback.{c.OFFER_ID}")
    column = pd.Index(names).get_indexer(pd.Index(feedback[c.OFFER_ID].astype(str)))
    # Nothing could be offered, and so no policy could have done otherwise.
    forced = (column < 0) & (feedback[c.OFFER_ID] == c.NO_OFFER).to_numpy() & (logged == 1)
    could = _could(feedback, names)
    _check_known(feedback, column < 0, forced)
    stated = _stated(target, feedback, _eligible(feedback, names), forced)
    taken = np.where(column >= 0, stated[np.arange(len(stated)), np.maximum(column, 0)], forced.astype(float))
    strange = int(((column < 0) & ~forced).sum())
    notes = (f"{strange} of {len(column)} decisions made offers that the policy does not know",) if strange else ()
    # A row of a matrix where nothing could be offered may hold anything.
    choices = Choices(np.where(forced[:, np.newaxis], 0.0, stated), column, forced, _segments(feedback))
    return replace(
        log,
        target_probability=taken,
        warnings=notes,
        choices=choices,
        uncovered=float(choices.target[could == 0].sum() / len(feedback)),
        largest=_largest(choices, could, taken / logged),
    )


def _largest(choices: Choices, could: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """State the largest weight that each decision could have had, if all probabilities are known."""
    asked = choices.target > 0
    if np.isnan(could[asked]).any():
        return None
    ratios = np.divide(choices.target, could, out=np.zeros(could.shape), where=asked & (could > 0))
    return np.maximum(ratios.max(axis=1, initial=0.0), weights)


def _could(feedback: pd.DataFrame, offers: list[str]) -> np.ndarray:
    if c.CANDIDATES in feedback:
        return logging_probabilities(feedback[c.CANDIDATES], offers)
    return np.full((len(feedback), len(offers)), np.nan)


def _eligible(feedback: pd.DataFrame, offers: list[str]) -> np.ndarray:
    if c.CANDIDATES in feedback:
        return eligible_offers(feedback[c.CANDIDATES], offers)
    return np.ones((len(feedback), len(offers)), dtype=bool)


def _check_known(feedback: pd.DataFrame, unknown: np.ndarray, forced: np.ndarray) -> None:
    """Refuse unknown offers, unless `candidates` tells what else the policy could have done."""
    told = (
        feedback[c.CANDIDATES].notna().to_numpy() if c.CANDIDATES in feedback else np.zeros(len(feedback), dtype=bool)
    )
    check_rows(
        unknown & ~forced & ~told,
        feedback[c.OFFER_ID],
        f"feedback.{c.OFFER_ID}",
        "one of the offers that have a target probability",
        f"Give the policy these offers, or the log the column {c.CANDIDATES!r}.",
    )


def _stated(target: Any, feedback: pd.DataFrame, eligible: np.ndarray, forced: np.ndarray) -> np.ndarray:
    if not isinstance(target, Policy):
        sums = target.sum(axis=1)
        fine = (target >= 0).all(axis=1) & np.isclose(sums, 1.0, rtol=0.0, atol=1e-6)
        check_rows(~fine & ~forced, sums, "rows of probabilities", "0 or more and sum to 1")
        return target
    # A row without any offer that the policy knows is one where it makes none.
    asked = eligible.any(axis=1) & ~forced
    stated = np.zeros(eligible.shape)
    stated[asked] = target.probabilities(feedback[asked], eligible[asked])
    return stated


def check_target(target: Any) -> None:
    """Refuse what is neither a policy nor probabilities, such as the name or the class of a policy.

    Parameters
    ----------
    target : object

    Raises
    ------
    TypeError
    """
    if isinstance(target, Policy) or np.ndim(target):
        return
    shown = f"the class {target.__name__}" if isinstance(target, type) else repr(target)
    raise TypeError(f"the target must be a policy, or an array of its probabilities; got {shown}.")


def check_once(feedback: pd.DataFrame) -> None:
    """Refuse a decision that comes twice, as in two pulls of a ledger put together: it would be taken for two.

    Parameters
    ----------
    feedback : DataFrame of n rows
        With `decision_id`, or there is nothing to check; each `position` of a slate is a row of its own.

    Raises
    ------
    InputError
        Also if a `decision_id` is missing.
    """
    if c.DECISION_ID not in feedback:
        return
    check_keys(feedback[c.DECISION_ID], f"feedback.{c.DECISION_ID}")
    again = feedback.duplicated([name for name in (c.DECISION_ID, c.POSITION) if name in feedback]).to_numpy()
    way_out = f"Keep what is known last: feedback.drop_duplicates({c.DECISION_ID!r}, keep='last')."
    check_rows(again, feedback[c.DECISION_ID], f"feedback.{c.DECISION_ID}", "different in each row", way_out)


def customer_codes(feedback: pd.DataFrame) -> np.ndarray | None:
    """Code the customers; each decision of an unknown one is of its own.

    Parameters
    ----------
    feedback : DataFrame of n rows

    Returns
    -------
    ndarray of int, shape (n,) or None
        Codes 0 .. m-1; None without the column `customer_id`.
    """
    if c.CUSTOMER_ID not in feedback:
        return None
    codes, known = pd.factorize(feedback[c.CUSTOMER_ID])
    unknown = codes < 0
    return np.where(unknown, len(known) + unknown.cumsum() - 1, codes)


def _segments(feedback: pd.DataFrame) -> np.ndarray:
    if c.SEGMENT not in feedback:
        return np.zeros(len(feedback), dtype=int)
    return pd.factorize(feedback[c.SEGMENT], use_na_sentinel=False)[0]


def _uniforms(feedback: pd.DataFrame, rng: int) -> np.ndarray:
    if c.DECISION_ID not in feedback:
        return generator(rng).random(len(feedback))
    return uniform_by_key(feedback[c.DECISION_ID].reset_index(drop=True), salt=f"replay/{rng}")
