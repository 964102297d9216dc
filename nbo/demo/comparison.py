"""Policies side by side on the same customers, by what their choices are truly worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Comparison", "best_by", "evenly"]


def evenly(eligible: np.ndarray) -> np.ndarray:
    """Choose among the eligible offers with equal chances.

    Parameters
    ----------
    eligible : ndarray of bool, shape (n, k)

    Returns
    -------
    ndarray of shape (n, k)
        Probabilities; a row without an eligible offer is all 0.

    Examples
    --------
    >>> evenly(np.array([[True, True, False], [False, False, False]]))
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 0. ]])
    """
    n_eligible = eligible.sum(axis=1, keepdims=True)
    return np.divide(eligible, n_eligible, out=np.zeros(eligible.shape), where=n_eligible > 0)


def best_by(score: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    """Choose the eligible offer with the highest score.

    Parameters
    ----------
    score : ndarray of shape (n, k) or (k,)
    eligible : ndarray of bool, shape (n, k)

    Returns
    -------
    ndarray of shape (n, k)
        1 for the chosen offer; a row without an eligible offer is all 0.

    Examples
    --------
    >>> best_by(np.array([1.0, 3.0]), np.array([[True, True], [True, False]]))
    array([[0., 1.],
           [1., 0.]])
    """
    chosen = np.where(eligible, score, -np.inf).argmax(axis=1)
    return np.eye(eligible.shape[1])[chosen] * eligible


@dataclass
class Comparison:
    """True value per decision of several policies, round by round.

    The value of a policy in a round is exact: the mean over customers of the sum over offers of
    its probability times what the offer is truly worth. No luck of the draw is in it; the
    standard error says what other customers of the same kind would have changed.

    Examples
    --------
    >>> comparison = Comparison()
    >>> worth = np.array([[1.0, 3.0]])
    >>> comparison.add(worth, {"uniform": np.array([[0.5, 0.5]]), "oracle": np.array([[0.0, 1.0]])}, ["ann"])
    >>> comparison.regret()[["policy", "regret"]].values.tolist()
    [['uniform', 1.0], ['oracle', 0.0]]
    """

    rounds: list[pd.DataFrame] = field(default_factory=list)

    def add(self, worth: np.ndarray, probabilities: dict[str, np.ndarray], customers: Any) -> None:
        """Add a round.

        Parameters
        ----------
        worth : ndarray of shape (n, k)
            True expected value of each offer to each customer, money.
        probabilities : dict of str to ndarray of shape (n, k)
            Policy -> its action probabilities; one is called "oracle".
        customers : array-like of shape (n,)
            Their ids: a customer of several rounds is one customer.
        """
        values = {policy: (chances * worth).sum(axis=1) for policy, chances in probabilities.items()}
        self.rounds.append(pd.DataFrame(values, index=pd.Index(customers)))

    def regret(self) -> pd.DataFrame:
        """Give all rounds: round, policy, n, value and regret against the oracle, money per decision."""
        rows = []
        for number, values in enumerate(self.rounds, start=1):
            mean = values.mean().fillna(0.0)
            for policy in map(str, values):
                found = {"value": float(mean[policy]), "regret": float(mean["oracle"] - mean[policy])}
                rows.append({"round": number, "policy": policy, "n": len(values), **found})
        return pd.DataFrame(rows)

    def values(self) -> pd.DataFrame:
        """Give the value per decision of each policy over all rounds, with its standard error.

        Returns
        -------
        DataFrame
            policy, value, standard_error (of a mean of customers, who may be in several rounds),
            low, high (95 %), share_of_oracle, and last_regret (of the last round).
        """
        values = pd.concat(self.rounds)
        value = values.mean()
        by_customer = (values - value).groupby(level=0).sum()
        n_customers = len(by_customer)
        error = np.sqrt((by_customer**2).sum() * n_customers / max(n_customers - 1, 1)) / len(values)
        regret = self.regret()
        columns = {
            "value": value,
            "standard_error": error,
            "low": value - 1.96 * error,
            "high": value + 1.96 * error,
            "share_of_oracle": value / value["oracle"],
            "last_regret": regret[regret["round"] == len(self.rounds)].set_index("policy")["regret"],
        }
        return pd.DataFrame(columns).reindex(value.index).rename_axis("policy").reset_index()
