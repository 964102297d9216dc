"""What a customer will most likely do, given who it is and that it calls now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from scipy import sparse, special

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.base import check_spine
from nbo.features.past import Past
from nbo.journeys.calls import Calls, calls_until
from nbo.journeys.situations import situations
from nbo.numbers import check_number
from nbo.states import check_state
from nbo.tables import Spine
from nbo.times import check_duration, check_time
from nbo.wilson import wilson_interval

__all__ = ["NextActionModel"]

_FORMAT: Final = 1


class NextActionModel:
    """What a customer will most likely do, given who it is and that it calls now.

    Learnt from past calls: events by which customers turn to us, and cases, which are opened for the
    same reason. What was done first from then on (a case of some kind and topic, a purchase, a
    return, or one of the events `actions`) is predicted from the situation strictly before the call:
    the last event, order and case and how long ago they were, the open case, and attributes of
    the customer. The model is a multinomial logistic regression, shrunk towards the shares of
    all calls.

    Parameters
    ----------
    contacts : sequence of str, default=("call", "chat")
        Types of events by which customers turn to us.
    actions : sequence of str, default=("cart", "checkout", "unsubscribe")
        Types of events that are actions.
    attributes : sequence of str, default=("customer_type",)
        Columns of customers, such as a segment.
    horizon : str, default="7D"
        How long an action is waited for; then it is "nothing".
    C : float, default=0.1
        The smaller, the stronger the shrinkage; above 0.

    Attributes
    ----------
    actions_ : list of str
        All actions seen, the most frequent first.
    shares_ : ndarray of shape (n_actions,)
        Share of the calls that each followed.
    as_of_ : Timestamp
        Until when it has learnt.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> orders = {"customer_id": ["a", "b", "c"], "event_time": "2026-01-01", "kind": "sale"}
    >>> cases = {"customer_id": ["a", "b"], "opened_at": "2026-01-03", "kind": "inquiry", "topic": "delivery"}
    >>> tables = CustomerTables(transactions=pd.DataFrame(orders), cases=pd.DataFrame(cases))
    >>> model = NextActionModel().fit(tables, "2026-01-31")
    >>> model.predict(tables, Spine.at("2026-01-04", ["c"]))[["rank", "action", "probability"]]
       rank            action  probability
    0     1  inquiry delivery          1.0
    """

    def __init__(
        self,
        contacts: Sequence[str] = ("call", "chat"),
        actions: Sequence[str] = ("cart", "checkout", "unsubscribe"),
        attributes: Sequence[str] = (c.CUSTOMER_TYPE,),
        horizon: str = "7D",
        C: float = 0.1,
    ) -> None:
        self.contacts, self.actions, self.attributes = list(contacts), list(actions), list(attributes)
        self.horizon, self.C = horizon, check_number(C, "C", "above 0", lambda given: 0 < given < np.inf)
        self._horizon = check_duration(horizon, "horizon")

    def __repr__(self) -> str:
        return f"NextActionModel({len(getattr(self, 'actions_', []))} actions)"

    def fit(self, tables: Any, as_of: Any) -> Self:
        """Learn from all calls whose horizon was over at a moment.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        as_of : Timestamp or str
            Only what was known before it counts; UTC.

        Returns
        -------
        NextActionModel
            Itself.

        Raises
        ------
        InputError
            If there was no call.
        """
        self.as_of_ = check_time(as_of)
        calls = self._calls(tables, self.as_of_)
        if not len(calls.spine):
            raise InputError(
                "there must be calls to learn from; there is no case, and no event of type "
                f"{', '.join(self.contacts) or 'any'}, with its horizon of {self.horizon} over before {self.as_of_}."
            )
        # The most frequent first; of equals the first in the alphabet.
        names, counts = np.unique(calls.action.astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        self.actions_, self.shares_ = names[order].tolist(), counts[order] / counts.sum()
        rows = situations(Past(tables, calls.spine), self.attributes)
        self.categories_ = {str(name): sorted(rows[name].unique()) for name in rows}
        codes = pd.Index(self.actions_).get_indexer(pd.Index(calls.action))
        self._coefficients, self._intercepts = self._fitted(self._one_hot(rows), codes)
        return self

    def _fitted(self, X: sparse.csr_array, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.linear_model import LogisticRegression

        n = len(self.actions_)
        if n == 1:
            return np.zeros((1, X.shape[1])), np.zeros(1)
        model = LogisticRegression(C=self.C, max_iter=500, tol=1e-6).fit(X, y)
        coefficients, intercepts = model.coef_, model.intercept_
        if n == 2:
            # Of two, only the second one has weights.
            coefficients, intercepts = (
                np.vstack([np.zeros_like(coefficients), coefficients]),
                np.append(0.0, intercepts),
            )
        return coefficients, intercepts

    def predict_proba(self, tables: Any, spine: Spine) -> pd.DataFrame:
        """Give the probability of each action, if the customer calls now.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        spine : Spine of n rows

        Returns
        -------
        DataFrame of n rows
            One column for each action, each row with the sum 1.

        Raises
        ------
        InputError
            If the model is not fitted.
        """
        self._check_fitted()
        check_spine(spine)
        X = self._one_hot(situations(Past(tables, spine), self.attributes))
        chances = special.softmax(X @ self._coefficients.T + self._intercepts, axis=1)
        return pd.DataFrame(chances, columns=self.actions_)

    def predict(self, tables: Any, spine: Spine, k: int = 3) -> pd.DataFrame:
        """Give the most likely actions, if the customer calls now.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        spine : Spine of n rows
        k : int, default=3
            How many, 1 or more.

        Returns
        -------
        DataFrame
            k rows for each spine row, or as many as there are actions: customer_id, as_of, rank, action, probability.

        Raises
        ------
        InputError
            If the model is not fitted, or `k` is below 1.
        """
        k = min(check_number(k, "k", "1 or more", lambda given: given >= 1, whole=True), len(self._check_fitted()))
        chances = self.predict_proba(tables, spine).to_numpy()
        top = np.argsort(-chances, axis=1, kind="stable")[:, :k]
        rows = spine.frame.loc[np.repeat(np.arange(len(spine)), k)].reset_index(drop=True)
        actions = pd.array(self.actions_, dtype="str").take(top.ravel())
        probability = np.take_along_axis(chances, top, axis=1).ravel()
        return rows.assign(rank=np.tile(np.arange(1, k + 1), len(spine)), action=actions, probability=probability)

    def hit_rates(self, tables: Any, end: Any, ks: Sequence[int] = (1, 3), level: float = 0.95) -> pd.DataFrame:
        """Say how often the action of a later call was among the k most likely ones.

        Parameters
        ----------
        tables : CustomerTables or other tables with `has` and `columns`
        end : Timestamp or str
            Calls from when the model has learnt to that moment count, if their horizon was over then.
        ks : sequence of int, default=(1, 3)
        level : float, default=0.95
            How often the interval shall hold the true rate, in (0, 1).

        Returns
        -------
        DataFrame
            One row for each k: k, calls, hit_rate, low, high (Wilson's interval), and baseline: how often it was
            among the k actions that were most frequent before.

        Raises
        ------
        InputError
            If the model is not fitted, or there was no such call.
        """
        self._check_fitted()
        calls = self._calls(tables, check_time(end, "end"))
        later = (calls.spine.frame[c.AS_OF] >= self.as_of_).to_numpy()
        if not later.any():
            raise InputError(f"there must be later calls; none from {self.as_of_} had its horizon over before {end}.")
        spine = Spine.of(calls.spine.frame[later])
        chances = self.predict_proba(tables, spine).to_numpy()
        # A new action is never hit.
        done = pd.Index(self.actions_).get_indexer(pd.Index(calls.action[later]))
        place = (np.argsort(-chances, axis=1, kind="stable") == done[:, None]) @ np.arange(1, len(self.actions_) + 1)
        hits = np.array([((place >= 1) & (place <= k)).sum() for k in ks])
        low, high = wilson_interval(hits, np.full(len(hits), later.sum()), level)
        baseline = [((done >= 0) & (done < k)).mean() for k in ks]
        table = {"k": list(ks), "calls": int(later.sum()), "hit_rate": hits / later.sum(), "low": low, "high": high}
        return pd.DataFrame({**table, "baseline": baseline})

    def to_dict(self) -> dict[str, Any]:
        """Give the fitted model as JSON values.

        Returns
        -------
        dict
        """
        self._check_fitted()
        names = ("contacts", "actions", "attributes", "horizon", "C")
        learnt = {
            "as_of": self.as_of_.isoformat(),
            "actions": self.actions_,
            "shares": self.shares_.tolist(),
            "categories": self.categories_,
            "coefficients": self._coefficients.tolist(),
            "intercepts": self._intercepts.tolist(),
        }
        given = {name: getattr(self, name) for name in names}
        return {"model": "NextActionModel", "format": _FORMAT, "given": given, "learnt": learnt}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> NextActionModel:
        """Make the model that was stored.

        Parameters
        ----------
        state : dict
            Of :meth:`to_dict`, also after a way through JSON text.

        Returns
        -------
        NextActionModel

        Raises
        ------
        InputError
            If the state is of another model, of another format, or incomplete.
        """
        state = check_state(state, "model", "NextActionModel", _FORMAT, {"given": dict, "learnt": dict})
        model, learnt = cls(**state["given"]), state["learnt"]
        model.as_of_, model.actions_ = check_time(learnt["as_of"]), list(learnt["actions"])
        model.shares_, model.categories_ = np.array(learnt["shares"]), dict(learnt["categories"])
        model._coefficients, model._intercepts = np.array(learnt["coefficients"]), np.array(learnt["intercepts"])
        return model

    def _calls(self, tables: Any, as_of: pd.Timestamp) -> Calls:
        return calls_until(tables, as_of, self.contacts, self.actions, self._horizon)

    def _check_fitted(self) -> list[str]:
        if not hasattr(self, "_coefficients"):
            raise InputError("the NextActionModel is not fitted; call fit(tables, as_of) first.")
        return self.actions_

    def _one_hot(self, rows: pd.DataFrame) -> sparse.csr_array:
        """Make a column for each category seen; a new one has none."""
        width, columns, places = 0, [], []
        for name, categories in self.categories_.items():
            code = pd.Index(categories).get_indexer(pd.Index(rows[name])) if name in rows else np.full(len(rows), -1)
            some = np.flatnonzero(code >= 0)
            columns.append(code[some] + width)
            places.append(some)
            width += len(categories)
        column, place = np.concatenate(columns), np.concatenate(places)
        return sparse.csr_array((np.ones(len(column)), (place, column)), shape=(len(rows), width))
