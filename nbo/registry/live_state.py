"""What a policy has learnt: a frozen state in the registry, and the answers since then in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.own_answers import own_answers

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["catch_up", "learnt_decisions", "own_watermark"]


def own_watermark(model: NextBestOffer) -> pd.Timestamp:
    """Say until when a model has seen answers.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.

    Returns
    -------
    Timestamp
        The moment of training, or a later one that its version or its policy knows of; UTC.
    """
    known = [model.as_of_]
    if hasattr(model, "loaded_"):
        known.append(vars(model)["loaded_"].watermark)
    learnt = model.policy.learnt_until
    return max(known if learnt is None else [*known, learnt])


def learnt_decisions(model: NextBestOffer) -> set[Any]:
    """Name the decisions whose answer a model's policy has learnt from.

    Parameters
    ----------
    model : NextBestOffer

    Returns
    -------
    set
        Decision ids.
    """
    return set(model.policy.to_state().get("answers", {}).get(c.DECISION_ID, []))


def catch_up(
    model: NextBestOffer, name: str, ledger: Ledger, as_of: pd.Timestamp, watermark: pd.Timestamp
) -> tuple[int, int]:
    """Bring a model's policy to what the ledger knows of the decisions of its name.

    Of each decision that the ledger has an answer to, the row of the ledger takes the place of the one in the policy's
    state. So every answer counts once, whether it is new, late or corrected, and what was learnt on the way makes no
    difference: the state is that of a policy which had only what the ledger does not hold, and learnt the ledger in
    one go.

    Parameters
    ----------
    model : NextBestOffer
        Its policy is replaced.
    name : str
        The registered model; decisions of any of its versions count, if they were made in the model's segments.
    ledger : Ledger
    as_of : Timestamp
        Answers known before it count.
    watermark : Timestamp
        Until when the model has seen answers.

    Returns
    -------
    answers : int
        How many the policy did not have.
    waiting : int
        Decisions whose answer may still come.

    Raises
    ------
    InputError
        If `as_of` is before the watermark.
    """
    if as_of < watermark:
        raise InputError(
            f"as_of must not be before {watermark}, until when this version has seen answers; got {as_of}. "
            "Load an earlier version."
        )
    rows = own_answers(model, ledger, as_of, name)
    before, state = _answers(model), model.policy.to_state()
    # One that waits yields to whatever is known of it.
    settled = rows.loc[rows[c.OUTCOME] != c.PENDING, c.DECISION_ID]
    kept = before[~before.index.isin(settled)].reset_index()
    state["answers"] = {column: kept[column].tolist() for column in state["answers"]}
    model.policy = type(model.policy).from_state(state)
    model.policy.learn(rows, as_of)
    own = _answers(model).reindex(rows.loc[rows[c.OFFER_ID] != c.NO_OFFER, c.DECISION_ID])
    answered = own[c.REWARD].notna()
    same = (own == before.reindex(own.index)) | (own.isna() & before.reindex(own.index).isna())
    return int((answered & ~same.all(axis=1)).sum()), int((~answered).sum())


def _answers(model: NextBestOffer) -> pd.DataFrame:
    """Give the rows of the policy's state by decision, as they are written."""
    return pd.DataFrame(model.policy.to_state()["answers"], dtype=object).set_index(c.DECISION_ID)
