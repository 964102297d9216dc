"""What every policy is: action probabilities, one place that draws, and answers to learn from."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import special
from sklearn.base import BaseEstimator

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_matrix, check_rows
from nbo.errors import InputError
from nbo.policies.answers import Answers
from nbo.policies.draws import row_uniforms
from nbo.states import check_state

__all__ = ["Policy"]

logger = logging.getLogger(__name__)

_FORMAT = 1
_EVERYONE = "all"


class Policy(BaseEstimator, ABC):
    """State for each customer the probability of each offer; learn from answers.

    A subclass states probabilities in `_probabilities`. It never draws: :meth:`draw` does, and
    so the probability that goes to the ledger is the one that was used.

    Attributes
    ----------
    offers : list of str
        The actions, in the order of the columns of :meth:`probabilities`. May hold
        ``nbo.NO_OFFER``.
    """

    offers: Sequence[str]
    random_state: int
    # Columns of the context that the policy reads.
    _needs: ClassVar[tuple[str, ...]] = ()
    # Of the intervals of acceptance rates.
    _level: ClassVar[float] = 0.95

    def __init__(self) -> None:
        self._answers = Answers()

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
        context = check_frame(context, "context")
        check_columns(context, self._needs, "context")
        offers = self._checked_offers()
        for column in self._needs:
            check_keys(context[column], f"context.{column}")
        allowed = _eligible(eligible, (len(context), len(offers)))
        if not len(context):
            return np.zeros(allowed.shape)
        return self._probabilities(context, allowed)

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
            The policy's `random_state` by default. If it is a number or a text, such as a run
            id, and `context` has the column `customer_id`, the draw is keyed: a customer's draw
            depends on the customer and on `rng` alone, in whichever partition it is made. A
            customer's second row in one call has a draw of its own, likewise the third.

        Returns
        -------
        DataFrame
            Columns `offer_id` and `action_probability`, with the index of `context`.

        Raises
        ------
        InputError
            As :meth:`probabilities`; also if `rng` is a text and `customer_id` is missing.
        """
        context = check_frame(context, "context")
        probabilities = self.probabilities(context, eligible)
        uniform = row_uniforms(context, self.random_state if rng is None else rng)
        cumulative = probabilities.cumsum(axis=1)
        # Scaled by the row's sum, for it may be a rounding error away from 1.
        chosen = (cumulative <= uniform[:, None] * cumulative[:, -1:]).sum(axis=1)
        last = probabilities.shape[1] - 1 - (probabilities[:, ::-1] > 0).argmax(axis=1)
        chosen = np.minimum(chosen, last)
        names = pd.array(np.asarray(self._checked_offers(), dtype=object)[chosen], dtype="str")
        stated = probabilities[np.arange(len(chosen)), chosen]
        return pd.DataFrame({c.OFFER_ID: names, c.ACTION_PROBABILITY: stated}, index=context.index)

    def learn(self, feedback: pd.DataFrame) -> Self:
        """Take answers in.

        A decision counts once: repeated rows change nothing, a corrected row replaces the old
        one, and neither order nor batch size matters (see :class:`~nbo.policies.answers.Answers`
        for which of two rows counts).

        Parameters
        ----------
        feedback : DataFrame
            Columns `decision_id`, `offer_id`, `reward` in [0, 1] and `segment`; `outcome` and
            `outcome_at` say which of two rows of a decision counts. Rows whose offer is not one
            of `offers` are set aside; they count should the offer come back.

        Returns
        -------
        Policy
            Itself.

        Raises
        ------
        InputError
            If a column or a key is missing, or a reward is not in [0, 1].
        """
        feedback = check_frame(feedback, "feedback")
        known = [name for name in (c.SEGMENT, c.OUTCOME, c.OUTCOME_AT) if name in feedback]
        check_columns(feedback, (c.DECISION_ID, c.OFFER_ID, c.REWARD, *self._needs, *known), "feedback")
        aside = int((~feedback[c.OFFER_ID].astype(str).isin(self._checked_offers())).sum())
        if aside:
            logger.info("%d of %d feedback rows set aside: their offers are not the policy's.", aside, len(feedback))
        if c.SEGMENT not in feedback:
            feedback = feedback.assign(**{c.SEGMENT: _EVERYONE})
        self._answers.fold(feedback)
        return self

    def acceptance_rates(self) -> pd.DataFrame:
        """Report how each offer was answered in each segment.

        Returns
        -------
        DataFrame
            Columns `segment`, `offer_id`, `rate` (NaN without answers), `low` and `high` (95 %
            Wilson interval), `n` (answers) and `accepted` (sum of rewards). One row for each
            segment seen and each offer except ``nbo.NO_OFFER``.

        References
        ----------
        .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
           inference. Journal of the American Statistical Association 22, 209-212.
        """
        segments, offers = self._answers.segments, self._real_offers()
        n, accepted = self._answers.count(segments, offers)
        rate = np.divide(accepted, n, out=np.full(n.shape, np.nan), where=n > 0)
        z2 = special.ndtri((1 + self._level) / 2) ** 2
        center = (accepted + z2 / 2) / (n + z2)
        half = np.sqrt(z2 * (n * np.nan_to_num(rate * (1 - rate)) + z2 / 4)) / (n + z2)
        return self._rate_table(segments, rate, np.maximum(center - half, 0.0), np.minimum(center + half, 1.0))

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
        return policy

    def _parameters(self) -> dict[str, Any]:
        return {name: _json_value(value) for name, value in self.get_params(deep=False).items()}

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

    def _rate_table(self, segments: list[str], rate: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
        offers = self._real_offers()
        n, accepted = self._answers.count(segments, offers)
        return pd.DataFrame(
            {
                c.SEGMENT: pd.array(np.repeat(np.asarray(segments, dtype=object), len(offers)), dtype="str"),
                c.OFFER_ID: pd.array(np.tile(np.asarray(offers, dtype=object), len(segments)), dtype="str"),
                "rate": rate.ravel(),
                "low": low.ravel(),
                "high": high.ravel(),
                "n": n.ravel().astype("int64"),
                "accepted": accepted.ravel(),
            }
        )


def _eligible(eligible: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    if eligible is None:
        return np.ones(shape, dtype=bool)
    allowed = check_matrix(eligible, shape, "eligible")
    if allowed.dtype != bool:
        if not np.isin(allowed, (0, 1)).all():
            raise InputError(f"eligible must hold True and False (or 1 and 0) only; got {allowed.dtype}.")
        allowed = allowed.astype(bool)
    n_eligible = allowed.sum(axis=1)
    check_rows(
        n_eligible == 0,
        n_eligible,
        "eligible",
        "True for at least one offer",
        "Let such customers out, or add `nbo.NO_OFFER` to the offers.",
    )
    return allowed


def _json_value(value: Any) -> Any:
    if isinstance(value, np.ndarray | pd.Series):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return [_json_value(item) for item in value] if isinstance(value, list | tuple) else value
