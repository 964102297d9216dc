"""What every policy is: action probabilities, one place that draws, and answers to learn from."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys
from nbo.errors import InputError
from nbo.policies.answer_rows import MISSING
from nbo.policies.answers import Answers
from nbo.policies.draws import row_uniforms
from nbo.policies.eligible import checked_eligible
from nbo.policies.observed_rates import observed_rates
from nbo.policies.one_row import one_row_frame
from nbo.policies.picks import picked_columns, picked_in_groups
from nbo.states import check_state, plain_value
from nbo.tables.plain_values import microseconds
from nbo.times import check_time

__all__ = ["Policy"]

logger = logging.getLogger(__name__)

_FORMAT, _EVERYONE = 2, "all"


class Policy(BaseEstimator, ABC):
    """State for each customer the probability of each offer; learn from answers.

    A subclass states probabilities in `_probabilities`. It never draws: :meth:`draw` does, and so the probability that
    goes to the ledger is the one that was used.

    Attributes
    ----------
    offers : list of str
        The actions, in the order of the columns of :meth:`probabilities`. May hold ``nbo.NO_OFFER``.
    """

    offers: Sequence[str]
    random_state: int
    # Columns of the context that the policy reads, and the level of the intervals of acceptance rates.
    _needs: ClassVar[tuple[str, ...]] = ()
    _level: ClassVar[float] = 0.95

    def __init__(self) -> None:
        self._answers = Answers()
        self._as_of = MISSING

    @property
    def context_columns(self) -> list[str]:
        """Columns of features that the policy reads from the context and from the feedback; none by default."""
        return []

    @property
    def learnt_until(self) -> pd.Timestamp | None:
        """Until when the policy has seen answers, UTC; None where their time is not known."""
        return None if self._now() < 0 else pd.Timestamp(self._now(), unit="us")

    @abstractmethod
    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        """State the probabilities; each row has an eligible offer."""

    def probabilities(self, context: pd.DataFrame, eligible: np.ndarray | None = None) -> np.ndarray:
        """State the action probabilities.

        Parameters
        ----------
        context : DataFrame of shape (n, any)
            One row per customer, with the columns that the policy needs, such as `segment`.
        eligible : ndarray of bool, shape (n, k), optional
            Which offers may be made, in the order of `offers`; all by default.

        Returns
        -------
        ndarray of shape (n, k)
            Rows sum to 1; offers that are not eligible have exactly 0.

        Raises
        ------
        InputError
            If a column is missing, `eligible` has another shape, or a row has nothing eligible.
        """
        group, stated = self._by_group(*self._asked(context, eligible))
        return stated[group]

    def draw_one(
        self, context: Mapping[str, Any], uniform: float, eligible: Sequence[bool] | None = None
    ) -> tuple[str, float]:
        """Draw one action for one customer.

        Parameters
        ----------
        context : mapping
            What the policy needs, such as `segment`.
        uniform : float
            In [0, 1): a random number, such as ``random.random()`` or one of :func:`nbo.rng.uniform_by_key`.
        eligible : sequence of bool, shape (k,), optional
            Which offers may be made; all by default.

        Returns
        -------
        offer_id : str
        action_probability : float

        Raises
        ------
        InputError
            As :meth:`probabilities`.
        """
        allowed = None if eligible is None else np.asarray(eligible, dtype=bool)[None, :]
        stated = self.probabilities(pd.DataFrame([dict(context)]), allowed)
        chosen = int(picked_columns(stated, np.array([uniform]))[0])
        return self._checked_offers()[chosen], float(stated[0, chosen])

    def draw(
        self,
        context: pd.DataFrame,
        eligible: np.ndarray | None = None,
        rng: int | str | np.random.Generator | None = None,
    ) -> pd.DataFrame:
        """Draw one action for each row from exactly the probabilities stated.

        Parameters
        ----------
        context : DataFrame of shape (n, any)
            As in :meth:`probabilities`.
        eligible : ndarray of bool, shape (n, k), optional
            As in :meth:`probabilities`.
        rng : int, str, numpy.random.Generator, optional
            The policy's `random_state` by default. If it is a number or a text, such as a run id, and `context` has
            the column `customer_id`, the draw is keyed: a customer's draw depends on the customer and on `rng` alone,
            in whichever partition it is made. A customer's second row in one call has a draw of its own.

        Returns
        -------
        DataFrame
            Columns `offer_id` and `action_probability`, with the index of `context`.

        Raises
        ------
        InputError
            As :meth:`probabilities`; also if `rng` is a text and `customer_id` is missing.
        """
        context, allowed = self._asked(context, eligible)
        group, stated = self._by_group(context, allowed)
        uniform = row_uniforms(context, self.random_state if rng is None else rng)
        chosen = picked_in_groups(stated, group, uniform)
        names = pd.array(np.asarray(self._checked_offers(), dtype=object), dtype="str").take(chosen)
        return pd.DataFrame({c.OFFER_ID: names, c.ACTION_PROBABILITY: stated[group, chosen]}, index=context.index)

    def _asked(self, context: pd.DataFrame, eligible: np.ndarray | None) -> tuple[pd.DataFrame, np.ndarray]:
        """Check what a policy is asked for."""
        context = check_frame(context, "context")
        check_columns(context, self._needs, "context")
        for column in self._needs:
            check_keys(context[column], f"context.{column}")
        return context, checked_eligible(eligible, (len(context), len(self._checked_offers())))

    def _by_group(self, context: pd.DataFrame, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """State probabilities once for rows that have the same: the group of each row, and a row for each group."""
        if not len(context):
            return np.zeros(0, dtype=np.intp), np.zeros(eligible.shape)
        return np.arange(len(context)), self._probabilities(context, eligible)

    def learn(self, feedback: pd.DataFrame, as_of: Any = None) -> Self:
        """Take answers in.

        A decision counts once: repeated rows change nothing, a corrected row replaces the old one, and neither order
        nor batch size matters (see :class:`~nbo.policies.answers.Answers` for which of two rows counts).

        Parameters
        ----------
        feedback : DataFrame
            Columns `decision_id`, `offer_id`, `reward` in [0, 1] and `segment`; `outcome` and `outcome_at` say which
            of two rows of a decision counts. Rows whose offer is not one of `offers` are set aside; they count should
            the offer come back. A row whose outcome is "pending" has no reward: its answer may still come.
        as_of : Timestamp or str, optional
            What time it is; by default that of the latest row learnt.

        Returns
        -------
        Policy
            Itself.

        Raises
        ------
        InputError
            If a column or key is missing, or a reward or time is not allowed.
        """
        feedback = check_frame(feedback, "feedback")
        check_columns(feedback, (c.DECISION_ID, c.OFFER_ID, c.REWARD, *self._needs), "feedback")
        offers, told = self._checked_offers(), logger.isEnabledFor(logging.INFO)
        if told and (aside := int((~feedback[c.OFFER_ID].astype(str).isin(offers)).sum())):
            logger.info("%d of %d feedback rows set aside: their offers are not the policy's.", aside, len(feedback))
        if c.SEGMENT not in feedback:
            feedback = feedback.assign(**{c.SEGMENT: _EVERYONE})
        self._answers.fold(feedback)
        if as_of is not None:
            self._as_of = max(self._as_of, int(microseconds(pd.Series([check_time(as_of)]))[0]))
        return self

    def learn_one(self, row: Mapping[str, Any]) -> None:
        """Take one answer in.

        Parameters
        ----------
        row : mapping
            Entries `decision_id`, `segment` (or what is needed), `offer_id`, `reward` in [0, 1] (None: may still come);
            `outcome`, `outcome_at`, `decided_at`, `channel` if any. Moments may be integers: microseconds since 1970.

        Raises
        ------
        InputError
            If an entry is missing or not allowed.
        """
        self.learn(one_row_frame(row))

    def acceptance_rates(self, segment: str | None = None) -> pd.DataFrame:
        """Report how each offer was answered in each segment.

        Parameters
        ----------
        segment : str, optional
            All by default.

        Returns
        -------
        DataFrame
            Columns `segment`, `offer_id`, `rate` (NaN without answers), `low` and `high` (95 % Wilson interval), `n`
            (answers) and `accepted` (sum of rewards). One row for each segment seen and offer but ``nbo.NO_OFFER``.
        """
        return observed_rates(self._answers, self._real_offers(), self._level, segment)

    def to_state(self) -> dict[str, Any]:
        """Give all that the policy knows as JSON values.

        Returns
        -------
        dict
            Equal for equal answers, in whatever order they were learnt.
        """
        return {
            "policy": type(self).__name__,
            "format": _FORMAT,
            "parameters": self._parameters(),
            "answers": self._answers.to_state(),
            "as_of": None if self._now() == MISSING else self._now(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild a policy.

        Parameters
        ----------
        state : dict
            Of :meth:`to_state`, also after a way through JSON text.

        Returns
        -------
        Policy
            States the same probabilities, to the bit.

        Raises
        ------
        InputError
            If the state is of another policy, of another format, or incomplete.
        """
        state = check_state(state, "policy", cls.__name__, _FORMAT, {"parameters": dict, "answers": dict})
        policy = cls(**state["parameters"])
        policy._answers = Answers.from_state(state["answers"])
        policy._as_of = MISSING if state.get("as_of") is None else int(state["as_of"])
        return policy

    def _now(self) -> int:
        return max(self._as_of, self._answers.latest)

    def _parameters(self) -> dict[str, Any]:
        return {name: plain_value(value) for name, value in self.get_params(deep=False).items()}

    def _checked_offers(self) -> list[str]:
        many = np.iterable(self.offers) and not isinstance(self.offers, str)
        offers: list[Any] = list(self.offers) if many else [self.offers]
        wrong = [offer for offer in offers if not isinstance(offer, str) or offers.count(offer) > 1]
        if wrong or not offers:
            problem = f"; {len(wrong)} of {len(offers)} are not, first: {wrong[0]!r}" if wrong else "; got none"
            raise InputError(f"offers must be texts that differ, at least one{problem}.")
        return offers

    def _real_offers(self) -> list[str]:
        return [offer for offer in self._checked_offers() if offer != c.NO_OFFER]
