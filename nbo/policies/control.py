"""A policy with two groups of customers beside it that stay random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_one_of, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.policies.base import Policy
from nbo.rng import uniform_by_key
from nbo.states import check_state
from nbo.times import check_times

__all__ = ["Control"]

_FORMAT = 1
# Names of the arms, in the order of their shares of the customers.
_ARMS = ("holdout", "control", "policy")
_PERIODS = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}


class Control(Policy):
    r"""Keep a holdout and a random control beside a policy, so that its effect stays measured.

    A hash of the customer and the period puts each customer into an arm: `holdout` gets no
    offer, `control` an eligible action with equal chances, and the rest what the policy draws.
    Nobody's arm depends on what anybody answered, so the arms are comparable for good:
    :func:`~nbo.policies.compare_arms` reports by how much they differ.

    The probabilities stated are those given the customer's arm, from which the action is
    drawn; the log is exact. Decisions have the arm in a column `arm`. The policy learns from
    the answers of all arms; those of the control are the best it can get.

    Parameters
    ----------
    policy : Policy
        What serves the other customers. If it does not know ``nbo.NO_OFFER``, that is added
        behind its offers, for the holdout, and for customers to whom nothing else may be
        offered.
    holdout : float, default=0.02
        Share of the customers without any offer.
    control : float, default=0.02
        Share of the customers with a random one.
    period : {"month", "week", "quarter", "year"} or None, default="month"
        How long a customer stays in an arm, by the calendar (UTC) of the column `decided_at` or
        `as_of` of the context. None keeps everybody where they are for good, and reads no time.
    salt : str, default="control"
        Names the draw of the arms; another one puts other customers into them.

    Examples
    --------
    >>> from nbo.policies import SegmentThompson
    >>> policy = Control(SegmentThompson(["card", "loan"]), holdout=0.2, control=0.3, period=None)
    >>> policy.offers
    ['card', 'loan', 'no_offer']
    >>> context = pd.DataFrame({"customer_id": range(10_000), "segment": "young"})
    >>> policy.decision_columns(context)["arm"].value_counts(normalize=True).round(2).to_dict()
    {'policy': 0.5, 'control': 0.3, 'holdout': 0.2}
    """

    def __init__(
        self,
        policy: Policy,
        holdout: float = 0.02,
        control: float = 0.02,
        period: str | None = "month",
        salt: str = "control",
    ) -> None:
        super().__init__()
        self.policy = policy
        self.holdout = holdout
        self.control = control
        self.period = period
        self.salt = salt

    @property
    def offers(self) -> Sequence[str]:  # type: ignore[override]
        """Actions of the policy, and ``nbo.NO_OFFER``."""
        own = list(self.policy.offers)
        return own if c.NO_OFFER in own else [*own, c.NO_OFFER]

    @property
    def random_state(self) -> int:  # type: ignore[override]
        """Seed of the policy."""
        return self.policy.random_state

    @property
    def context_columns(self) -> list[str]:
        """Features that the policy reads."""
        return self.policy.context_columns

    @property
    def learnt_until(self) -> pd.Timestamp | None:
        """Until when the policy has seen answers."""
        return self.policy.learnt_until

    def decision_columns(self, context: pd.DataFrame) -> pd.DataFrame:
        """Name the arm of each decision.

        Parameters
        ----------
        context : DataFrame of shape (n, any)
            Columns `customer_id` and, where there is a period, `decided_at` or `as_of`.

        Returns
        -------
        DataFrame
            Column `arm`: "holdout", "control" or "policy", with the index of `context`.

        Raises
        ------
        InputError
            If a column is missing, or a key or a time in it.
        """
        arms = np.array(_ARMS, dtype=object)[self._arms(check_frame(context, "context"))]
        return pd.DataFrame({c.ARM: pd.array(arms, dtype="str")}, index=context.index)

    def learn(self, feedback: pd.DataFrame, as_of: Any = None) -> Self:
        """See :meth:`Policy.learn`: the policy learns from the answers of all arms."""
        self.policy.learn(feedback, as_of)
        return self

    def learn_one(self, row: Mapping[str, Any]) -> None:
        """See :meth:`Policy.learn_one`."""
        self.policy.learn_one(row)

    def acceptance_rates(self, segment: str | None = None) -> pd.DataFrame:
        """See :meth:`Policy.acceptance_rates` of the policy."""
        return self.policy.acceptance_rates(segment)

    def to_state(self) -> dict[str, Any]:
        """See :meth:`Policy.to_state`; with the state of the policy, whose answers stand at the top."""
        policy = self.policy.to_state()
        parameters = {
            "holdout": float(self.holdout),
            "control": float(self.control),
            "period": self.period,
            "salt": self.salt,
        }
        answers = policy.pop("answers")
        return {
            "policy": type(self).__name__,
            "format": _FORMAT,
            "parameters": parameters,
            "wrapped": policy,
            "answers": answers,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """See :meth:`Policy.from_state`."""
        parts = {"parameters": dict, "wrapped": dict, "answers": dict}
        state = check_state(state, "policy", cls.__name__, _FORMAT, parts)
        wrapped = {**state["wrapped"], "answers": state["answers"]}
        return cls(_kind(wrapped.get("policy")).from_state(wrapped), **state["parameters"])

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        arms, offers = self._arms(context), list(self.offers)
        nothing, own = offers.index(c.NO_OFFER), len(list(self.policy.offers))
        held = arms == _ARMS.index("holdout")
        check_rows(
            held & ~eligible[:, nothing],
            eligible[:, nothing],
            f"eligible for {c.NO_OFFER} in the holdout",
            "True",
            "Making no offer must always be allowed.",
        )
        result = np.zeros(eligible.shape)
        result[held, nothing] = 1.0
        # To the others something may be offered, or else nothing.
        some = ~held & eligible[:, :own].any(axis=1)
        result[~held & ~some, nothing] = 1.0
        random = some & (arms == _ARMS.index("control"))
        result[random, :own] = eligible[random, :own] / eligible[random, :own].sum(axis=1, keepdims=True)
        served = some & ~random
        if served.any():
            result[served, :own] = self.policy.probabilities(context.loc[served], eligible[served, :own])
        return result

    def _arms(self, context: pd.DataFrame) -> np.ndarray:
        """Give the position of each row's arm, by the hash of the customer and the period."""
        self._check_parameters()
        check_columns(context, [c.CUSTOMER_ID], "context")
        check_keys(context[c.CUSTOMER_ID], f"context.{c.CUSTOMER_ID}")
        uniform = np.zeros(len(context))
        ids, codes = context[c.CUSTOMER_ID].reset_index(drop=True), self._period_of(context)
        for code in np.unique(codes):
            rows = codes == code
            uniform[rows] = uniform_by_key(ids[rows].reset_index(drop=True), salt=f"arm/{self.salt}/{code}")
        return np.searchsorted([self.holdout, self.holdout + self.control], uniform, side="right")

    def _period_of(self, context: pd.DataFrame) -> np.ndarray:
        """Name the period in which each decision falls."""
        if self.period is None:
            return np.full(len(context), "", dtype=object)
        column = next((name for name in (c.DECIDED_AT, c.AS_OF) if name in context), None)
        if column is None:
            raise InputError(
                f"context lacks the columns {c.DECIDED_AT!r} and {c.AS_OF!r}: one must tell the {self.period} of a "
                "decision. Give one, or period=None."
            )
        times = check_times(context[column], f"context.{column}")
        return times.dt.to_period(_PERIODS[self.period]).astype(str).to_numpy(dtype=object)

    def _check_parameters(self) -> None:
        if not isinstance(self.policy, Policy):
            raise TypeError(f"policy must be a Policy; got {type(self.policy).__name__}.")
        for name in ("holdout", "control"):
            check_number(getattr(self, name), name, "in [0, 1]", lambda share: 0 <= share <= 1)
        check_number(self.holdout + self.control, "holdout + control", "at most 1", lambda share: share <= 1)
        check_one_of(self.period, [None, *_PERIODS], "period")


def _kind(name: Any) -> Any:
    """Find a policy by name among what this room exports; nothing else is ever made from a state."""
    from nbo import policies

    kind = getattr(policies, name, None) if name in policies.__all__ else None
    if not isinstance(kind, type) or not issubclass(kind, Policy):
        raise InputError(f"state of Control needs the policy {name!r}, which nbo.policies does not have.")
    return kind
