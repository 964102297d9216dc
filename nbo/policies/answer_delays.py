"""How long answers take, by channel: what share of the answers should be there after some time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nbo.policies.answer_rows import ANSWERED, MISSING, WAITING
from nbo.policies.answers import Answers

__all__ = ["AnswerDelays"]

# Steps of the curves over the window.
_BINS: Final = 200
# The curve counts as if so many acceptances had come evenly over the window.
_PRIOR: Final = 2.0


@dataclass(frozen=True)
class AnswerDelays:
    r"""Weight of a decision that still waits for its answer.

    An accept comes within t with probability F(t), given that it comes within the window, and of the decisions that
    are not accepted the share G(t) is refused in words within t. A decision that has waited for t without a word says
    as much about the acceptance rate p as

    .. math:: w(t) = (1 - p) \frac{F(t) - G(t)}{1 - p F(t) - (1 - p) G(t)}

    decisions that were not accepted: the slopes of their log-likelihoods have this ratio. Where refusals are silent
    it is F(t), nearly; where they come as fast as accepts, silence says nothing. Both curves are
    Kaplan and Meier's [1]_, from all decisions of a channel: a decision
    that waits is at risk as long as it has waited, one that was answered otherwise for the whole window.

    Parameters
    ----------
    window : int
        Microseconds, above 0.
    weights : ndarray of shape (n_channels, n_steps + 1)
        Of decisions that have waited for 0, 1, ... steps of the window.

    References
    ----------
    .. [1] Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the
       American Statistical Association 53, 457-481.
    """

    window: int
    weights: np.ndarray

    @classmethod
    def of(cls, answers: Answers, window: int, as_of: int) -> AnswerDelays:
        """Learn the curves from all decisions.

        Parameters
        ----------
        answers : Answers
        window : int
            Microseconds.
        as_of : int
            Now, microseconds.

        Returns
        -------
        AnswerDelays

        Examples
        --------
        Nine in ten accepts come within a tenth of the window.

        >>> import pandas as pd
        >>> hour = 3_600_000_000
        >>> log = pd.DataFrame({"decision_id": range(10_000), "segment": "a", "offer_id": "x", "outcome": "no_answer",
        ...                     "decided_at": pd.Timestamp(0), "outcome_at": pd.Timestamp(100 * hour * 1000)})
        >>> log.loc[:899, ["outcome", "outcome_at"]] = "accept", pd.Timestamp(5 * hour * 1000)
        >>> log.loc[900:999, ["outcome", "outcome_at"]] = "accept", pd.Timestamp(90 * hour * 1000)
        >>> answers = Answers()
        >>> answers.fold(log.assign(reward=(log["outcome"] == "accept") * 1.0))
        10000
        >>> delays = AnswerDelays.of(answers, 100 * hour, 200 * hour)
        >>> round(float(delays.weight(np.array([0]), np.array([10 * hour]))[0]), 2)
        0.89
        """
        rows = answers.rows.columns()
        timed = rows["decided"] != MISSING
        waits = rows["says"] == WAITING
        answered = (rows["says"] == ANSWERED) & (rows["rank"] != MISSING)
        until = np.where(waits, as_of, rows["rank"])
        # The first step that is over when the answer comes; a decision waits through whole steps only.
        step = np.clip(np.where(waits, 0, 1) + (until - rows["decided"]) * _BINS // window, 0, _BINS)
        curves = [
            _weights(step[own], waits[own], answered[own] & (rows["units"][own] > 0), answered[own])
            for own in (timed & (rows["channel"] == code) for code in range(len(answers.rows.channels)))
        ]
        return cls(window, np.array(curves).reshape(-1, _BINS + 1))

    def weight(self, channel: np.ndarray, waited: np.ndarray) -> np.ndarray:
        """Weigh decisions that wait.

        Parameters
        ----------
        channel : ndarray of int, shape (n,)
            Codes.
        waited : ndarray of int, shape (n,)
            Microseconds.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].
        """
        return self.weights[channel, np.clip(waited * _BINS // self.window, 0, _BINS)]


def _weights(step: np.ndarray, waits: np.ndarray, accepted: np.ndarray, answered: np.ndarray) -> np.ndarray:
    n, waiting = len(step), np.bincount(step[waits], minlength=_BINS + 1)
    # Those that wait are at risk in the steps that they have waited through.
    left = waiting.cumsum() - waiting
    accepts = np.bincount(step[accepted], minlength=_BINS + 1)
    refusals = np.bincount(step[answered & ~accepted], minlength=_BINS + 1)
    came = _incidence(accepts, n - left)
    refused = _incidence(refusals, n - left)
    even = np.linspace(0.0, 1.0, _BINS + 1)
    arrived = (accepts.sum() * (came / came[-1] if came[-1] > 0 else even) + _PRIOR * even) / (accepts.sum() + _PRIOR)
    rate = min(float(came[-1]), 0.99)
    refused = np.minimum(refused / (1 - rate), 1.0)
    silent = 1 - rate * arrived - (1 - rate) * refused
    weight = np.clip((1 - rate) * (arrived - refused) / np.maximum(silent, 1e-9), 0.0, 1.0)
    weight[-1] = 1.0
    return weight


def _incidence(events: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Estimate which share has had the event after each step; `at_risk` counts earlier events in."""
    still = at_risk - np.append(0, events.cumsum()[:-1])
    hazard = np.divide(events, still, out=np.zeros(len(events)), where=still > 0)
    return 1 - np.cumprod(1 - hazard)
