"""Several offers for each customer, in an order, with their probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame
from nbo.numbers import check_number
from nbo.policies.base import Policy
from nbo.policies.candidate_texts import candidate_texts
from nbo.policies.draws import row_uniforms
from nbo.policies.picks import picked_columns
from nbo.policies.slate_items import next_item
from nbo.rng import generator

__all__ = ["draw_slates"]


def draw_slates(
    policy: Policy,
    context: pd.DataFrame,
    slots: int = 3,
    eligible: np.ndarray | None = None,
    rng: int | str | np.random.Generator | None = None,
    never_together: Sequence[tuple[str, str]] = (),
    most: np.ndarray | None = None,
) -> pd.DataFrame:
    r"""Draw several offers for each customer, without repetition, the first ones first.

    The first item is drawn from the policy's probabilities :math:`\pi`, and each later one from
    those of the offers that are left, scaled to sum to 1 (Plackett [1]_). Where what is left
    has probability 0, as after the best offer of :class:`~nbo.Greedy`, the policy is asked
    again with what is left. ``nbo.NO_OFFER``, where drawn, ends the slate. So does the last
    eligible offer.

    Parameters
    ----------
    policy : Policy
        Of any kind.
    context : DataFrame of shape (n, any)
        As in :meth:`Policy.probabilities`.
    slots : int, default=3
        Most items of a slate.
    eligible : ndarray of bool, shape (n, k), optional
        As in :meth:`Policy.probabilities`.
    rng : int, str, numpy.random.Generator, optional
        As in :meth:`Policy.draw`: keyed by customer where that can be. The first item is the
        offer that :meth:`Policy.draw` draws.
    never_together : sequence of (str, str), default=()
        Pairs of offers that no slate holds both of: one takes the other away from the later items.
    most : ndarray of shape (n,), optional
        Most items of each row's slate, where that is less than `slots`.

    Returns
    -------
    DataFrame
        One row per item, slate by slate, with the index of `context`: `decision_id` and
        `customer_id` where `context` has them; `position` from 1; `offer_id`;
        `action_probability` of the item given those above it; `slate_probability` of the whole
        slate, the product over its items; `candidates`, JSON of all that was eligible, with the
        probabilities of the first item.

    Raises
    ------
    InputError
        As :meth:`Policy.probabilities` and :meth:`Policy.draw`; also if `slots` is not a whole
        number above 0.

    References
    ----------
    .. [1] Plackett, R. L. (1975). The analysis of permutations. Journal of the Royal
       Statistical Society C 24, 193-202.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> policy = Uniform(["card", "loan", "fund"])
    >>> slates = draw_slates(policy, pd.DataFrame({"customer_id": ["ann", "bob"]}), slots=2, rng="run 1")
    >>> slates[["customer_id", "position", "action_probability", "slate_probability"]].round(3).values.tolist()
    [['ann', 1, 0.333, 0.167], ['ann', 2, 0.5, 0.167], ['bob', 1, 0.333, 0.167], ['bob', 2, 0.5, 0.167]]
    """
    check_number(slots, "slots", "a whole number above 0", lambda number: number > 0, whole=True)
    context = check_frame(context, "context")
    offers = np.asarray(list(policy.offers), dtype=object)
    stated = policy.probabilities(context, eligible)
    left = np.ones(stated.shape, dtype=bool) if eligible is None else np.array(eligible, dtype=bool)
    texts = candidate_texts(offers.tolist(), stated, left)
    clash = _clashes(offers.tolist(), never_together)
    joint, items = np.ones(len(context)), []
    for position, uniform in enumerate(_uniforms(context, policy.random_state if rng is None else rng, slots)):
        rows = np.flatnonzero(left.any(axis=1))
        now = next_item(policy, context.iloc[rows], stated[rows], left[rows])
        column = picked_columns(now, uniform[rows])
        probability = now[np.arange(len(rows)), column]
        joint[rows] *= probability
        left[rows, column] = False
        left[rows[offers[column] == c.NO_OFFER]] = False
        left[rows] &= ~clash[column]
        if most is not None:
            left[most <= position + 1] = False
        items.append((rows, np.full(len(rows), position + 1), offers[column], probability))
    row, place, offer, probability = (np.concatenate(part) for part in zip(*items, strict=True))
    order = np.lexsort((place, row))
    row = row[order]
    keys = {name: context[name].array[row] for name in (c.DECISION_ID, c.CUSTOMER_ID) if name in context}
    columns = {
        **keys,
        c.POSITION: place[order],
        c.OFFER_ID: pd.array(offer[order], dtype="str"),
        c.ACTION_PROBABILITY: probability[order],
        c.SLATE_PROBABILITY: joint[row],
        c.CANDIDATES: pd.array(texts[row], dtype="str"),
    }
    return pd.DataFrame(columns, index=context.index[row])


def _clashes(offers: list[str], pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Mark what each offer takes away, shape (k, k); a pair of which the policy knows but one says nothing."""
    clash = np.zeros((len(offers), len(offers)), dtype=bool)
    place = {offer: at for at, offer in enumerate(offers)}
    for one, other in pairs:
        if one in place and other in place:
            clash[place[one], place[other]] = clash[place[other], place[one]] = True
    return clash


def _uniforms(context: pd.DataFrame, rng: int | str | np.random.Generator, slots: int) -> Iterator[np.ndarray]:
    """Give one number for each row, slot by slot; those of the first slot are those of a draw of one offer."""
    if isinstance(rng, int | np.integer) and c.CUSTOMER_ID not in context:
        # One generator for all slots: the same seed in each would draw the same numbers.
        rng = generator(int(rng))
    for slot in range(slots):
        again = slot and not isinstance(rng, np.random.Generator)
        yield row_uniforms(context, f"{rng}/slot {slot}" if again else rng)
