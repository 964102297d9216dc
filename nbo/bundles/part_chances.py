"""How likely each part of all bundles is to be bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special

from nbo import columns as c
from nbo.bundles.odds_ratios import PairLabels
from nbo.bundles.part_purchases import parts_before
from nbo.errors import InputError
from nbo.features import FeatureSet
from nbo.models import PropensityModel
from nbo.tables import Catalog, Offer, Spine

__all__ = ["PartChances"]

_FOLDER = "parts"
# Rows before this share of all are not of the latest moments.
_LATEST = 0.8


@dataclass(frozen=True)
class PartChances:
    """How likely each part of all bundles is to be bought, by one model whose offers are the parts.

    Parameters
    ----------
    product : str
        Column of transactions.
    parts : list of str
        k products.
    rebought : sequence of str or "all"
        Parts that are never owned.
    features : FeatureSet
        Fitted.
    model : PropensityModel
    shift : float, default=0.0
        What is added to the log odds of all parts.
    """

    product: str
    parts: list[str]
    rebought: Sequence[str] | str
    features: FeatureSet
    model: PropensityModel
    shift: float = 0.0

    def fit(
        self, tables: Any, asked: pd.DataFrame, bought: np.ndarray, learnt: np.ndarray, others: np.ndarray
    ) -> PartChances:
        """Learn from rows of a spine, and from the parts that their customers do not own.

        The model is calibrated on few of the rows that it learns from. So the level of its probabilities is set once
        more, by what customers bought after the latest moments, a fifth of the rows or more.

        Parameters
        ----------
        tables : CustomerTables
        asked : DataFrame of n rows
            customer_id and as_of.
        bought : ndarray of bool, shape (n, k)
            Within the horizon.
        learnt, others : ndarray of int
            Rows to learn from, and those that count for the level, too.

        Returns
        -------
        PartChances
            With the level set.

        Raises
        ------
        InputError
            If everybody owns everything.
        """
        known = Spine.of(asked.iloc[learnt])
        self.features.fit(tables, known)
        X, owned = self._rows(tables, known)
        row, part = np.nonzero(~owned)
        if not len(row):
            raise InputError("customers own all parts of all bundles; name those that are bought again in rebought.")
        names = pd.Series(pd.array(self.parts, dtype="str").take(part))
        long = X.iloc[row].reset_index(drop=True).assign(**{c.OFFER_ID: names})
        time, groups = (known.frame[name].iloc[row].to_numpy() for name in (c.AS_OF, c.CUSTOMER_ID))
        self.model.fit(long, bought[learnt][row, part].astype(np.int64), time=time, groups=groups)
        every = np.append(learnt, others)
        latest = every[_latest(asked[c.AS_OF].iloc[every])]
        chance, owned = self.score(tables, Spine.of(asked.iloc[latest]))
        return self if owned.all() else replace(self, shift=_level(chance[~owned], bought[latest][~owned]))

    def score(self, tables: Any, spine: Spine) -> tuple[np.ndarray, np.ndarray]:
        """Give the probability of each part, and whether it is owned.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine of n rows

        Returns
        -------
        chance : ndarray of shape (n, k)
        owned : ndarray of bool, shape (n, k)
        """
        if not len(spine):
            return np.empty((0, len(self.parts))), np.empty((0, len(self.parts)), dtype=bool)
        X, owned = self._rows(tables, spine)
        chance = self.model.score_offers(X, Catalog([Offer(part) for part in self.parts]))
        return special.expit(special.logit(chance) + self.shift), owned

    def told(self, tables: Any, asked: pd.DataFrame, bought: np.ndarray, places: np.ndarray) -> list[PairLabels]:
        """Give what rows of a spine tell of pairs of parts, where neither is owned.

        Parameters
        ----------
        tables : CustomerTables
        asked : DataFrame of n rows
            customer_id and as_of, not those that were learnt from.
        bought : ndarray of bool, shape (n, k)
            Within the horizon.
        places : ndarray of int, shape (2, b)
            The parts of each pair.

        Returns
        -------
        list of PairLabels, length b
        """
        chance, owned = self.score(tables, Spine.of(asked))
        found = []
        for i, j in places.T:
            free = ~(owned[:, i] | owned[:, j])
            found.append(PairLabels(chance[free, i], chance[free, j], bought[free, i], bought[free, j]))
        return found

    def _rows(self, tables: Any, spine: Spine) -> tuple[pd.DataFrame, np.ndarray]:
        """Build the features, with how often each part was bought, and tell which parts are owned."""
        before = parts_before(tables, spine, self.product, self.parts)
        counts = pd.DataFrame(before.bought, columns=[f"bought__{part}" for part in self.parts])
        X = pd.concat([self.features.build(tables, spine).reset_index(drop=True), counts], axis=1)
        again = [self.rebought == "all" or part in self.rebought for part in self.parts]
        return X, before.owned & ~np.array(again)

    def to_dir(self, path: str | Path) -> dict[str, Any]:
        """Write the model into a folder, and give what else there is as JSON values.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        dict
        """
        self.model.to_dir(Path(path) / _FOLDER)
        return {"parts": self.parts, "features": self.features.to_dict(), "shift": self.shift}

    @classmethod
    def from_dir(
        cls, path: str | Path, state: dict[str, Any], product: str, rebought: Sequence[str] | str
    ) -> PartChances:
        """Read what :meth:`to_dir` wrote.

        Parameters
        ----------
        path : str or Path
        state : dict
            That it gave.
        product, rebought
            As given.

        Returns
        -------
        PartChances
        """
        features, model = FeatureSet.from_dict(state["features"]), PropensityModel.from_dir(Path(path) / _FOLDER)
        return cls(product, state["parts"], rebought, features, model, state["shift"])


def _latest(as_of: pd.Series) -> np.ndarray:
    times = as_of.to_numpy().astype(np.int64)
    return times >= np.sort(times)[int(np.ceil(_LATEST * (len(times) - 1)))]


def _level(chance: np.ndarray, bought: np.ndarray) -> float:
    """Find what to add to log odds so that as many are expected as bought; half a purchase more of each kind."""
    wanted = (bought.sum() + 0.5) / (len(bought) + 1) * len(bought)
    odds = special.logit(chance)
    return float(optimize.brentq(lambda shift: special.expit(odds + shift).sum() - wanted, -30.0, 30.0))
