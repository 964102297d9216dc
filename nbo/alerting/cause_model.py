"""How much more often customers leave with each cause, learnt from past ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.alerting.causes.find import find_causes
from nbo.alerting.causes.signal import Signal
from nbo.alerting.context import Context
from nbo.alerting.hazard_fit import HazardFit, fit_hazard
from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.features import FeatureSet
from nbo.numbers import check_number
from nbo.states import check_state
from nbo.tables import CustomerTables, Spine
from nbo.times import check_duration

__all__ = ["CauseModel"]

_FORMAT = 1
_ALL = ""
_COLUMNS = ["cause", "detail", "n", "left", "lift", "low", "high"]


class CauseModel:
    r"""Learn how many times as high the hazard of leaving is with each cause, such as a complaint on billing.

    The hazard of leaving within the horizon is that of customers without a cause, times a factor for each cause
    that holds, times one for the topic of the complaint, times what the context explains:

    .. math:: P(\text{leaves}) = 1 - \exp(-\exp(a + \textstyle\sum_{causes} b_c + d_{topic} + g \cdot context)).

    All are fitted together, so that a cause is not blamed for another that comes with it. Normal priors draw the
    factors of rare causes towards 1, and those of rare topics towards that of all complaints. Factors are associations
    in past data: that complaints on billing go before leaving, not that answering them would keep anybody. What an
    action changes is measured by an uplift model or an experiment.

    Parameters
    ----------
    horizon : str, default="90D"
        Within which leaving counts; that of the labels it is fitted on.
    context : FeatureSet, optional
        What else the hazard depends on, such as tenure; it is fitted with the model. Numbers and flags act linearly.
    prior : float, default=1.0
        Standard deviation of the prior of each log factor, above 0; smaller draws more.
    contract_end : str, default="contract_end"
        Column of customers with the end of the contract.
    level : float, default=0.95
        How often an interval shall hold the true factor, in (0, 1).

    Attributes
    ----------
    lifts_ : DataFrame
        For each cause, and each topic of complaints, the highest first: ``cause``, ``detail`` (empty for other topics),
        ``n`` rows that had it, how many of them ``left``, ``lift`` (times as high a hazard) with ``low`` and ``high``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> ids = [f"c{number}" for number in range(4000)]
    >>> cases = pd.DataFrame({"customer_id": ids[:400], "opened_at": "2026-01-20", "kind": "complaint"})
    >>> tables = CustomerTables(cases=cases.assign(topic=["billing", "delivery"] * 200))
    >>> left = rng.random(4000) < np.where(np.arange(4000) < 400, [0.4, 0.1] * 2000, 0.1)
    >>> model = CauseModel().fit(tables, Spine.at("2026-02-01", ids), left)
    >>> lifts = model.lifts_.set_index("detail")["lift"]
    >>> bool(3 < lifts["billing"] < 7), bool(0.5 < lifts["delivery"] < 1.6)
    (True, True)
    """

    lifts_: pd.DataFrame

    def __init__(
        self,
        horizon: str = "90D",
        context: FeatureSet | None = None,
        prior: float = 1.0,
        contract_end: str = "contract_end",
        level: float = 0.95,
    ) -> None:
        self.horizon = horizon
        self.context = context
        self.prior = prior
        self.contract_end = contract_end
        self.level = level

    def __repr__(self) -> str:
        return f"CauseModel(horizon={self.horizon!r}, prior={self.prior:g})"

    def fit(self, tables: CustomerTables, spine: Spine, left: Any) -> CauseModel:
        """Learn from past customers, as they were known at past moments.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine of n rows
            Customers and past moments at which they had not left.
        left : Series or array-like of shape (n,)
            1 for who left within the horizon after the moment, else 0. A Series is matched by its index to the rows of
            the spine, so that of :func:`nbo.labels.churned` may leave rows out.

        Returns
        -------
        CauseModel
            Itself.

        Raises
        ------
        InputError
            If a setting is not allowed, labels are not 0 or 1, there is no row, or nobody or everybody left.
        """
        check_duration(self.horizon, "horizon")
        check_number(self.prior, "prior", "above 0", lambda number: number > 0)
        check_number(self.level, "level", "in (0, 1)", lambda share: 0 < share < 1)
        rows, y = _labels(left, len(spine))
        spine = Spine.of(spine.frame.iloc[rows])
        signals = find_causes(tables, spine, self.contract_end)
        self.terms_ = _terms(signals)
        self.context_ = Context(self.context).fit(tables, spine)
        Z = self._matrix(signals, self.context_.columns(tables, spine))
        penalty = np.full(Z.shape[1], self.prior**-2.0)
        penalty[0] = 0.0
        self.fit_: HazardFit = fit_hazard(*_grouped(Z, y), penalty)
        self.lifts_ = self._lifts(signals, y)
        return self

    def score(self, tables: CustomerTables, spine: Spine) -> pd.DataFrame:
        """Give the chance that each customer leaves within the horizon, by causes and context.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine of n rows

        Returns
        -------
        DataFrame of n rows
            customer_id, as_of and churn_probability; so the model may stand as that of :func:`nbo.alerts`.

        Raises
        ------
        InputError
            If the model is not fitted.
        """
        self._check_fitted()
        signals = find_causes(tables, spine, self.contract_end)
        Z = self._matrix(signals, self.context_.columns(tables, spine))
        return spine.frame.assign(**{c.CHURN_PROBABILITY: self.fit_.probability(Z)})

    def weigh(self, signals: list[Signal]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the lift of each cause for each customer, with its interval.

        Parameters
        ----------
        signals : list of k Signal
            As :func:`nbo.alerting.causes.find.find_causes` gives them, of n customers.

        Returns
        -------
        lift : ndarray of shape (n, k)
            That of the topic where it was seen when fitted, else of the cause.
        low : ndarray of shape (n, k)
        high : ndarray of shape (n, k)
        """
        self._check_fitted()
        known = {(cause, detail): row for cause, detail, *row in self.lifts_[["cause", "detail", "lift", "low", "high"]]
                 .itertuples(index=False)}  # fmt: skip
        found = np.ones((3, len(signals[0].holds), len(signals)))
        for place, signal in enumerate(signals):
            found[:, :, place] = np.array(known[signal.name, _ALL])[:, None]
            for (cause, detail), row in known.items():
                if cause == signal.name and detail and signal.detail is not None:
                    found[:, signal.detail == detail, place] = np.array(row)[:, None]
        return found[0], found[1], found[2]

    def to_dict(self) -> dict[str, Any]:
        """Give a fitted model as JSON values; one with a context cannot be stored."""
        self._check_fitted()
        if self.context is not None:
            raise InputError("a CauseModel with a context cannot be stored; fit it again, or leave the context out.")
        settings = {name: getattr(self, name) for name in ("horizon", "prior", "contract_end", "level")}
        return {
            "model": "CauseModel",
            "format": _FORMAT,
            "settings": settings,
            "terms": [list(term) for term in self.terms_],
            "coefficients": self.fit_.coefficients.tolist(),
            "covariance": self.fit_.covariance.tolist(),
            "lifts": self.lifts_.to_dict("list"),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> CauseModel:
        """Rebuild what :meth:`to_dict` gave.

        Parameters
        ----------
        state : dict

        Returns
        -------
        CauseModel

        Raises
        ------
        InputError
            If the state is of something else, of another format, or incomplete.
        """
        parts = {"settings": dict, "terms": list, "coefficients": list, "covariance": list, "lifts": dict}
        state = check_state(state, "model", "CauseModel", _FORMAT, parts)
        model = cls(**state["settings"])
        model.terms_ = [(str(cause), str(detail)) for cause, detail in state["terms"]]
        model.context_ = Context(None)
        model.fit_ = HazardFit(np.array(state["coefficients"]), np.array(state["covariance"]))
        model.lifts_ = pd.DataFrame(state["lifts"])[_COLUMNS]
        return model

    def _check_fitted(self) -> None:
        if not hasattr(self, "fit_"):
            raise InputError("this CauseModel is not fitted; call fit(tables, spine, left) first.")

    def _matrix(self, signals: list[Signal], context: np.ndarray) -> np.ndarray:
        named = {signal.name: signal for signal in signals}
        columns = [np.ones(len(context))]
        for cause, detail in self.terms_:
            signal = named[cause]
            there = signal.holds if not detail else signal.holds & (_details(signal) == detail)
            columns.append(there.astype(float))
        return np.column_stack([*columns, context])

    def _lifts(self, signals: list[Signal], y: np.ndarray) -> pd.DataFrame:
        z = float(special.ndtri((1 + self.level) / 2))
        named, rows = {signal.name: signal for signal in signals}, []
        for place, (cause, detail) in enumerate(self.terms_, start=1):
            signal = named[cause]
            there = signal.holds & (_details(signal) == detail) if detail else signal.holds
            columns = np.zeros(len(self.fit_.coefficients))
            columns[[place, 1 + self.terms_.index((cause, _ALL))]] = 1.0
            rows.append((cause, detail, int(there.sum()), int(y[there].sum()), *self.fit_.lift(columns, z)))
        found = pd.DataFrame(rows, columns=_COLUMNS)
        return found.sort_values(["lift", "cause", "detail"], ascending=[False, True, True], ignore_index=True)


def _details(signal: Signal) -> np.ndarray:
    return np.full(len(signal.holds), _ALL, dtype=object) if signal.detail is None else signal.detail


def _terms(signals: list[Signal]) -> list[tuple[str, str]]:
    """Name the columns of the fit: each cause, and each topic seen."""
    terms = []
    for signal in signals:
        topics = sorted(set(_details(signal)[signal.holds].tolist()) - {_ALL})
        terms += [(signal.name, _ALL), *((signal.name, topic) for topic in topics)]
    return terms


def _labels(left: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Take labels, and the rows of the spine that they are of."""
    labels = left if isinstance(left, pd.Series) else pd.Series(np.asarray(left), index=range(len(left)))
    rows = np.asarray(labels.index)
    if len(labels) and (not np.issubdtype(rows.dtype, np.integer) or rows.min() < 0 or rows.max() >= n):
        raise InputError(f"left must have the row numbers of the spine as its index, 0 to {n - 1}; got {rows[:3]} ...")
    if not isinstance(left, pd.Series) and len(labels) != n:
        raise InputError(f"left must have one label for each of the {n} rows of the spine; got {len(labels)}.")
    y = labels.to_numpy(dtype=float)
    check_rows(~np.isin(y, (0.0, 1.0)), y, "left", "0 or 1")
    if not 0 < y.sum() < len(y):
        raise InputError(f"left must hold some who left and some who stayed; {y.sum():.0f} of {len(y)} rows left.")
    return rows, y


def _grouped(Z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put rows that are the same together, which without a context are most."""
    groups, place = np.unique(Z, axis=0, return_inverse=True)
    n = np.bincount(place.ravel(), minlength=len(groups)).astype(float)
    return groups, np.bincount(place.ravel(), weights=y, minlength=len(groups)) / n, n
