"""Policies side by side on the same customers, by what their choices are truly worth."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    its probability times what the offer is truly worth. No luck of the draw is in it.

    Examples
    --------
    >>> comparison = Comparison()
    >>> worth = np.array([[1.0, 3.0]])
    >>> comparison.add(worth, {"uniform": np.array([[0.5, 0.5]]), "oracle": np.array([[0.0, 1.0]])})
    >>> comparison.regret()[["policy", "regret"]].values.tolist()
    [['uniform', 1.0], ['oracle', 0.0]]
    """

    rows: list[dict[str, float | int | str]] = field(default_factory=list)
    n_rounds: int = 0

    def add(self, worth: np.ndarray, probabilities: dict[str, np.ndarray]) -> None:
        """Add a round.

        Parameters
        ----------
        worth : ndarray of shape (n, k)
            True expected value of each offer to each customer, money.
        probabilities : dict of str to ndarray of shape (n, k)
            Policy -> its action probabilities; one is called "oracle".
        """
        self.n_rounds += 1
        for policy, chances in probabilities.items():
            values = (chances * worth).sum(axis=1)
            spread = float(values.var(ddof=1)) if len(values) > 1 else 0.0
            mean = float(values.mean()) if len(values) else 0.0
            self.rows.append(
                {"round": self.n_rounds, "policy": policy, "n": len(values), "value": mean, "variance": spread}
            )

    def frame(self) -> pd.DataFrame:
        """Give all rounds: round, policy, n, value, variance."""
        return pd.DataFrame(self.rows)

    def regret(self) -> pd.DataFrame:
        """Give what each policy lost against the oracle in each round, money per decision."""
        frame = self.frame()
        best = frame[frame["policy"] == "oracle"].set_index("round")["value"]
        return frame.assign(regret=frame["round"].map(best) - frame["value"])

    def values(self) -> pd.DataFrame:
        """Give the value per decision of each policy over all rounds, with its standard error.

        Returns
        -------
        DataFrame
            policy, value, standard_error, low, high (95 %), share_of_oracle, and last_regret
            (of the last round).
        """
        frame = self.regret()
        grouped = frame.assign(total=frame["value"] * frame["n"], spread=frame["variance"] * frame["n"])
        sums = grouped.groupby("policy", sort=False)[["total", "spread", "n"]].sum()
        value = sums["total"] / sums["n"]
        error = np.sqrt(sums["spread"]) / sums["n"]
        last = frame[frame["round"] == self.n_rounds].set_index("policy")["regret"]
        columns = {
            "value": value,
            "standard_error": error,
            "low": value - 1.96 * error,
            "high": value + 1.96 * error,
            "share_of_oracle": value / value["oracle"],
            "last_regret": last,
        }
        return pd.DataFrame(columns).rename_axis("policy").reset_index()
