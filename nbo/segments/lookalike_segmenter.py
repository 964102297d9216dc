"""Customers who are like members: like top contributors, or like those who accept."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.base import Segmenter
from nbo.segments.design import Design
from nbo.segments.labels.same_order import check_same_order
from nbo.segments.lookalikes.known_members import known_members
from nbo.segments.lookalikes.matched import matched_list
from nbo.segments.lookalikes.member_model import MemberModel
from nbo.segments.traits.find_traits import find_traits
from nbo.states import check_parts

__all__ = ["LookalikeSegmenter"]

_LOGGER = logging.getLogger(__name__)
_MEMBER, _ALIKE, _OTHER = "member_like", "alike", "other"
# Members, and others, of whom is learnt at most.
_MOST: Final = 100_000
# A single feature that tells members so surely looks like what made them members.
_TELLTALE: Final = 0.96
_WORDS: Final = ["feature", c.CATEGORY, "measure", "trait"]
_PARTS: Final = {"used": list, "design": dict, "model": dict, "traits": dict, "suspects": list}


class LookalikeSegmenter(Segmenter):
    """Find customers who are like members, such as top contributors or those who accept.

    Trees learn to tell known members from draws of all others, some of whom may be members too [1]_. The scores of
    customers whom a tree has not seen give the probability of being a member, corrected for members who are not
    known [2]_. That rests on members being known by chance, whatever their profile.

    Features that define who is a member, such as the money that makes a top contributor, must be excluded: otherwise
    nobody is alike who is not there yet. Features that give members away by themselves are in `suspects_`.

    Parameters
    ----------
    exclude : sequence of str, default=()
        Features, or patterns such as "transactions__amount*", that are not looked at.
    complete : bool, default=False
        Whether all members are known, as in a tier that is fully counted. Then the score is P(member | profile) without
        correction.
    n_trees : int, default=25
        Trees of each of two halves of the customers, whose scores are those of the trees of the other half.
    most : int, default=5000
        Most members, and most others, that a tree sees.
    level : float, default=0.95
        Of intervals, in (0, 1).
    random_state : int, default=0
        Seed of the draws.

    Attributes
    ----------
    model_ : MemberModel
        The trees, and what their scores mean.
    traits_ : DataFrame
        How known members differ from all others, the strongest first: feature, category, measure, here, others,
        effect, p_value, p_adjusted and trait, as of :class:`~nbo.segments.Personas`.
    suspects_ : list of str
        Features that tell members from others nearly by themselves: leaks, most likely.
    used_ : list of str
        Features that are looked at.

    References
    ----------
    .. [1] Mordelet, F. and Vert, J.-P. (2014). A bagging SVM to learn from positive and unlabeled examples.
       Pattern Recognition Letters 37, 201-209.
    .. [2] Elkan, C. and Noto, K. (2008). Learning classifiers from only positive and unlabeled data. KDD 14, 213-220.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"visits": rng.poisson(5, 2000), "age": rng.integers(18, 80, 2000)})
    >>> known = (X["visits"] > 7) & (rng.random(2000) < 0.5)
    >>> segmenter = LookalikeSegmenter().fit(X, known)
    >>> segmenter.signal_, segmenter.traits_["feature"][0]
    (True, 'visits')
    >>> segmenter.predict(pd.DataFrame({"visits": [1, 12], "age": [40, 40]})).tolist()
    ['other', 'member_like']
    """

    def __init__(
        self,
        exclude: Sequence[str] = (),
        complete: bool = False,
        n_trees: int = 25,
        most: int = 5000,
        level: float = 0.95,
        random_state: int = 0,
    ) -> None:
        self.exclude = exclude
        self.complete = complete
        self.n_trees = n_trees
        self.most = most
        self.level = level
        self.random_state = random_state

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """Learn who is alike; see :meth:`Segmenter.fit`.

        `accepted` is needed: above 0 for known members, 0 or missing for all others. With fewer than 10 of either
        there is no signal.
        """
        check_number(self.n_trees, "n_trees", "1 or more", lambda number: number >= 1, whole=True)
        check_number(self.most, "most", "10 or more", lambda number: number >= 10, whole=True)
        check_number(self.level, "level", "in (0, 1)", lambda share: 0 < share < 1)
        X = check_frame(X, "X")
        check_same_order(accepted, X.index, "accepted")
        X = X.reset_index(drop=True)
        member = known_members(accepted, len(X), "accepted")
        self.used_ = self._kept(list(X.columns))
        some, weight = self._drawn(member)
        sample, own = X.iloc[some][self.used_], member[some]
        self.design_ = Design.of(sample)
        known = float(member.mean()) if len(member) else 0.0
        given: dict[str, Any] = {name: getattr(self, name) for name in ("complete", "n_trees", "most", "level")}
        self.model_ = MemberModel.fit(self.design_.matrix(sample), own, weight, known, seed=self.random_state, **given)
        found = find_traits(sample, np.where(own, "member", "other"))
        found = found[found[c.SEGMENT] == "member"].drop(columns=c.SEGMENT)
        self.traits_ = found.iloc[np.argsort(-found["effect"].abs(), kind="stable")].reset_index(drop=True)
        sure = self._sure_traits()
        self.suspects_ = sorted(set(sure.loc[sure["effect"].abs() > _TELLTALE, "feature"]))
        if self.suspects_:
            _LOGGER.warning("%s tell members by themselves; exclude what defines a member.", ", ".join(self.suspects_))
        self.table_ = self._described(X, member)
        return self

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Give the probability of being a member, known or not, by the profile.

        Parameters
        ----------
        X : DataFrame of shape (n, any)

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1]; the share of known members for everybody where there is no signal.

        Raises
        ------
        InputError
            If a column is missing or of another type.
        """
        raw = self._raw(check_frame(X, "X"))
        return self.model_.membership.probability(raw)

    def matched(self, X: pd.DataFrame, n: int = 100, *, members: Any = None) -> pd.DataFrame:
        """List those who are most alike and no members yet.

        Parameters
        ----------
        X : DataFrame of shape (m, any)
            Features, with an index of texts or integers that names the customers.
        n : int, default=100
            At most so many.
        members : array-like of bool, shape (m,), optional
            Who is a member already: they are not on the list, and the nearest of them is named.

        Returns
        -------
        DataFrame
            With the index of `X`, the most alike first: score, segment, nearest (of 5,000 members at most, the one with
            the nearest profile), distance (in [0, 1], after Gower) and traits (those of members that the customer
            has). Nobody is listed who is "other", so nobody at all without a signal.

        Raises
        ------
        InputError
            If a column is missing, `n` is below 1, or `members` has another length.
        """
        check_number(n, "n", "1 or more", lambda number: number >= 1, whole=True)
        X = check_frame(X, "X")
        check_same_order(members, X.index, "members")
        own = np.zeros(len(X), dtype=bool) if members is None else known_members(members, len(X), "members")
        raw = self._raw(X)
        score = self.model_.membership.probability(raw)
        return matched_list(X[self.used_], raw, score, self._names(raw), own, n, self._sure_traits())

    @property
    def signal_(self) -> bool:
        """Whether profiles tell members from others by more than chance; if not, all have the same score."""
        return self.model_.signal

    @property
    def auc_(self) -> tuple[float, float, float]:
        """Chance that a known member has a higher held-out score than another, and its interval."""
        return self.model_.auc

    @property
    def prevalence_(self) -> tuple[float, float, float]:
        """Share of all customers that are members, known or not, and its interval."""
        return self.model_.membership.prevalence

    @property
    def known_share_(self) -> tuple[float, float, float]:
        """Share of all members that are known, and its interval; 1 with `complete`."""
        membership = self.model_.membership
        return membership.c, membership.c_low, membership.c_high

    def why(self) -> str:
        """Say in a sentence whether members can be told from others, and how many there may be.

        Returns
        -------
        str
        """
        check_is_fitted(self, "table_")
        auc, low, high = self.auc_
        if np.isnan(auc):
            return "Too few members or others are known to tell them apart: 10 of each are needed."
        if not self.signal_:
            return f"Nothing in the profiles tells members from others: AUC {auc:.2f} ({low:.2f} to {high:.2f})."
        share, least, largest = (100 * part for part in self.prevalence_)
        told = f"Profiles tell members from others: AUC {auc:.2f} ({low:.2f} to {high:.2f})"
        return f"{told}; {share:.1f} % ({least:.1f} % to {largest:.1f} %) are members, known or not."

    def _sure_traits(self) -> pd.DataFrame:
        return self.traits_[self.traits_["p_adjusted"] < 1 - self.level]

    def _raw(self, X: pd.DataFrame) -> np.ndarray:
        check_is_fitted(self, "model_")
        trees = self.model_.trees
        return trees.scores(self.design_.matrix(X.reset_index(drop=True), trees.columns))

    def _names(self, raw: np.ndarray) -> np.ndarray:
        return np.select([raw >= limit for limit in self.model_.limits], [_MEMBER, _ALIKE], default=_OTHER).astype(str)

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        return self._names(self._raw(X))

    def _kept(self, names: list[str]) -> list[str]:
        if isinstance(self.exclude, str):
            raise InputError(f"exclude must be a list, such as [{self.exclude!r}]; got {self.exclude!r}.")
        unused = [pattern for pattern in self.exclude if not any(fnmatchcase(name, pattern) for name in names)]
        if unused:
            raise InputError(f"exclude must name features of X; none is like {', '.join(map(repr, unused))}.")
        return [name for name in names if not any(fnmatchcase(name, pattern) for pattern in self.exclude)]

    def _drawn(self, member: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw the rows to learn from, and give how many customers each other stands for, over each member."""
        rng = np.random.default_rng(self.random_state)
        groups = [np.flatnonzero(member), np.flatnonzero(~member)]
        drawn = [rng.choice(rows, _MOST, replace=False) if len(rows) > _MOST else rows for rows in groups]
        stands = [len(rows) / max(len(some), 1) for rows, some in zip(groups, drawn, strict=True)]
        return np.sort(np.concatenate(drawn)), stands[1] / stands[0] if stands[0] else 1.0

    def _described(self, X: pd.DataFrame, member: np.ndarray) -> pd.DataFrame:
        raw = self._raw(X)
        place = pd.Categorical(self._names(raw), [_MEMBER, _ALIKE, _OTHER]).codes
        n = np.bincount(place, minlength=3)
        score = np.bincount(place, weights=self.model_.membership.probability(raw), minlength=3)
        half, fifth = self.model_.limits
        rules = [f"score >= {half:.3g}", f"{fifth:.3g} <= score < {half:.3g}", f"score < {fifth:.3g}"]
        return pd.DataFrame(
            {
                c.SEGMENT: pd.array([_MEMBER, _ALIKE, _OTHER], dtype="str"),
                "rule": pd.array(rules if self.signal_ else ["nobody", "nobody", "everybody"], dtype="str"),
                "n": n,
                "share": n / max(len(X), 1),
                "members": np.bincount(place[member], minlength=3).astype(float),
                "probability": np.divide(score, n, out=np.full(3, np.nan), where=n > 0),
            }
        )

    def _learnt(self) -> dict[str, Any]:
        traits = self.traits_.astype(object).where(self.traits_.notna(), None)
        return {
            "used": self.used_,
            "design": self.design_.to_dict(),
            "model": self.model_.to_dict(),
            "traits": traits.to_dict("list"),
            "suspects": self.suspects_,
        }

    def _restore(self, learnt: dict[str, Any]) -> None:
        check_parts(learnt, "LookalikeSegmenter", _PARTS)
        self.used_, self.suspects_ = learnt["used"], learnt["suspects"]
        self.design_, self.model_ = Design.from_dict(learnt["design"]), MemberModel.from_dict(learnt["model"])
        traits = pd.DataFrame(learnt["traits"])
        self.traits_ = traits.astype({name: "str" if name in _WORDS else "float64" for name in traits})
