"""How many customers and offers each stage and each reason leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.funnel import offer_codes
from nbo.arbitration.rule import Rule
from nbo.arbitration.simulation.scenario import Scenario

__all__ = ["decision_funnel"]


def decision_funnel(scenario: Scenario, by_offer: bool = False) -> pd.DataFrame:
    """Tell how many customers and offers are left after each stage and reason.

    A pair of a customer and an offer is dropped once: by the reason that refused the way of it that came farthest.

    Parameters
    ----------
    scenario : Scenario
        n customers, k offers.
    by_offer : bool, default=False
        A row for each reason and offer.

    Returns
    -------
    DataFrame
        `stage` and `reason`, in the order of ``Rule.STAGES``, behind a row "all"; `pairs_dropped`, `pairs_left`.
        Of all offers together also `customers_dropped` (who lost their last offer there), `customers_left` and
        `value_left` (money: the sum over customers of the best offer left to them, 0 where none is worth anything,
        without levers); by offer `offer_id` instead.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario, When
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card"), Offer("loan", value=10)])
    >>> rule = When("no loans", refuse="customer_id == 'ann'", offers=["loan"])
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    >>> candidates = Candidates.of(tables, spine, catalog, (rule,), segments=np.array(["s", "s"]))
    >>> scenario = Scenario.of(candidates, np.full((2, 2), 0.1), Uniform(["card", "loan"]))
    >>> decision_funnel(scenario)[["reason", "pairs_left", "customers_left", "value_left"]].values.tolist()
    [['all', 4, 2, 2.0], ['no loans', 3, 2, 1.0]]
    """
    steps, at = _steps(scenario)
    return _by_offer(scenario, steps, at) if by_offer else _whole(scenario, steps, at)


def _steps(scenario: Scenario) -> tuple[list[tuple[str, str]], np.ndarray]:
    """List stages and reasons, and the step at which each pair is dropped, the number of steps where it is not."""
    left = scenario.left
    codes, stages, reasons = offer_codes(left), left.stages, left.reasons
    # Reason 0 is "channel", which drops a pair only if no way is left to it at all.
    told = [at for at in range(len(reasons)) if at or (codes == 1).any()]
    order = sorted(told, key=lambda at: (Rule.STAGES.index(stages[at]), at))
    steps = list(dict.fromkeys((stages[at], reasons[at]) for at in order))
    place = np.full(len(reasons) + 1, len(steps))
    for at in order:
        place[at + 1] = steps.index((stages[at], reasons[at]))
    return steps, place[codes]


def _whole(scenario: Scenario, steps: list[tuple[str, str]], at: np.ndarray) -> pd.DataFrame:
    n, k = at.shape
    dropped = np.bincount(at.ravel(), minlength=len(steps) + 1)[: len(steps)]
    last = at.max(axis=1)
    gone = np.bincount(last, minlength=len(steps) + 1)[: len(steps)]
    worth = scenario.worth
    values = [np.maximum(np.where(at > step, worth, 0.0).max(axis=1), 0.0).sum() for step in range(-1, len(steps))]
    return pd.DataFrame(
        {
            "stage": ["all", *(stage for stage, _ in steps)],
            "reason": ["all", *(reason for _, reason in steps)],
            "pairs_dropped": [0, *dropped],
            "pairs_left": n * k - np.cumsum([0, *dropped]),
            "customers_dropped": [0, *gone],
            "customers_left": n - np.cumsum([0, *gone]),
            "value_left": values,
        }
    )


def _by_offer(scenario: Scenario, steps: list[tuple[str, str]], at: np.ndarray) -> pd.DataFrame:
    (n, k), size = at.shape, len(steps) + 1
    counts = np.bincount((at + size * np.arange(k)).ravel(), minlength=size * k).reshape(k, size)
    dropped = np.column_stack([np.zeros(k, dtype=int), counts[:, :-1]])
    return pd.DataFrame(
        {
            c.OFFER_ID: np.repeat(np.array(scenario.left.catalog.offer_ids, dtype=object), size),
            "stage": ["all", *(stage for stage, _ in steps)] * k,
            "reason": ["all", *(reason for _, reason in steps)] * k,
            "pairs_dropped": dropped.ravel(),
            "pairs_left": (n - dropped.cumsum(axis=1)).ravel(),
        }
    )
