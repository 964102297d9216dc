"""Which message of an offer resonates in which segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.experiments import adjusted_p_values, newcombe_interval
from nbo.numbers import check_number
from nbo.reports.answers import read_answers
from nbo.reports.compared import difference_p_values
from nbo.reports.tally import design_effects, tally

__all__ = ["message_winners"]

_COLUMNS = ("messages", "winner", "best", "n", "rate", "runner_up", "difference", "low", "high")


def message_winners(
    feedback: Any,
    by: str | Sequence[str] = (c.SEGMENT, c.OFFER_ID),
    level: float = 0.95,
    *,
    message: str = c.CREATIVE,
    least: int = 30,
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Name the message that is accepted most often, where it is shown to be better than all others.

    Messages are compared within an offer, for else a good offer would make any message look good. The best one is
    set against each other one; that it is the best is doubted by the largest of these p-values times their number,
    and the doubts of all groups are adjusted after Benjamini and Hochberg. It tells what a message does only where
    chance drew the messages.

    Parameters
    ----------
    feedback : DataFrame
        As for :func:`nbo.segment_report`, with the message; rows without one do not count.
    by : str or sequence of str, default=("segment", "offer_id")
        Columns within which messages are compared.
    level : float, default=0.95
        In (0, 1).
    message : str, default="creative"
        Column of the message.
    least : int, default=30
        Decisions that each of two messages must have to be compared, after the design effect.
    unit : str, default="customer_id"
        Column of who answered.

    Returns
    -------
    DataFrame
        One row per group with a message: `by`, messages (how many were compared), winner (missing where none is
        shown), best (the highest rate), its n and rate, runner_up (the one that may most easily be as good),
        difference to it with low and high (Newcombe's interval, which holds for all comparisons of the group
        together), and p_adjusted.

    Raises
    ------
    InputError
        If a column is missing, a reward is neither 0 nor 1, or the level is not in (0, 1).

    Examples
    --------
    >>> rows = {"creative": ["story", "price"] * 200, "segment": ["old"] * 200 + ["new"] * 200, "offer_id": "card"}
    >>> feedback = pd.DataFrame(rows).assign(reward=[1.0, 0.0] * 100 + [0.0, 0.0, 1.0, 1.0] * 50)
    >>> message_winners(feedback)[["segment", "winner"]].fillna("none").values.tolist()
    [['new', 'none'], ['old', 'story']]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    keys = [by] if isinstance(by, str) else list(by)
    rows = read_answers(feedback, [*keys, message], unit)
    counted = tally(rows[pd.notna(feedback[message]).to_numpy()], [*keys, message])
    counted = counted.assign(effect=design_effects(counted, counted[keys[-1]]), rate=counted["accepted"] / counted["n"])
    counted = counted[counted["n"] / counted["effect"] >= least]
    # Of equal rates the first by name.
    ranked = counted.sort_values([*keys, "rate", message], ascending=[*[True] * len(keys), False, True], kind="stable")
    best = ranked.drop_duplicates(keys).reset_index(drop=True)
    size = ranked.groupby(keys, sort=False).size().to_numpy(dtype="int64")
    pairs = best.merge(ranked, on=keys, suffixes=("", "_other"))
    pairs = pairs.assign(others=np.repeat(size - 1, size))
    pairs = _compared(pairs[pairs[message] != pairs[f"{message}_other"]], level)
    nearest = pairs.sort_values("p_value", ascending=False, kind="stable").drop_duplicates(keys)
    table = best[[*keys, message, "n", "rate"]].assign(messages=size).rename(columns={message: "best"})
    runner_up = nearest.rename(columns={f"{message}_other": "runner_up"})
    table = table.merge(
        runner_up[[*keys, "runner_up", "difference", "low", "high", "p_value", "others"]], on=keys, how="left"
    )
    doubt = (table["p_value"] * table["others"]).clip(upper=1.0)
    table["p_adjusted"] = adjusted_p_values(doubt.to_numpy(dtype=float))
    table["winner"] = table["best"].where(table["p_adjusted"] < 1 - level)
    return table[[*keys, *_COLUMNS, "p_adjusted"]]


def _compared(pairs: pd.DataFrame, level: float) -> pd.DataFrame:
    """Set the best message of each group against each other one."""
    own, other = ((pairs[f"accepted{end}"].to_numpy(), pairs[f"n{end}"].to_numpy()) for end in ("", "_other"))
    effects = (pairs["effect"].to_numpy(), pairs["effect_other"].to_numpy())
    weighed = [part / effect for pair, effect in zip((own, other), effects, strict=True) for part in pair]
    low, high = np.empty(len(pairs)), np.empty(len(pairs))
    for others in np.unique(pairs["others"]):
        some = (pairs["others"] == others).to_numpy()
        won, n, base_won, base_n = (part[some] for part in weighed)
        sure = 1 - (1 - level) / float(others)
        low[some], high[some] = newcombe_interval(won, n, base_won, base_n, sure)
    p_values = difference_p_values(own, other, effects)
    return pairs.assign(difference=pairs["rate"] - pairs["rate_other"], low=low, high=high, p_value=p_values)
