"""Answers counted by segment and, beside, by the context in which each was given."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys
from nbo.policies.answers import Answers
from nbo.policies.context_values import ContextValues, context_keys

__all__ = ["ContextAnswers"]

_OWN = "\0segment"


class ContextAnswers:
    """Hold each decision's answer once, under its segment and features together.

    It counts by segment as :class:`~nbo.policies.answers.Answers` does, whose rules say which
    of two rows of a decision counts, and by context. After new rows only what they concern is
    counted again.

    Parameters
    ----------
    features : list of str
        Columns of the feedback that make the context.
    answers : Answers, optional
        Of a stored state, whose segments are contexts.

    Attributes
    ----------
    features : list of str

    Examples
    --------
    >>> answers = ContextAnswers(["age"])
    >>> row = pd.DataFrame({"decision_id": ["d1"], "segment": ["a"], "age": [30], "offer_id": ["x"], "reward": [1.0]})
    >>> answers.fold(row), answers.segments, answers.contexts(["x"])[0].numbers.tolist()
    (1, ['a'], [[30.0]])
    """

    def __init__(self, features: Sequence[str], answers: Answers | None = None) -> None:
        self.features = list(features)
        self._answers = Answers() if answers is None else answers
        self._touched: set[str] = set()
        self._offers: set[str] = set()
        # Sorted keys with their values and counts, and for which offers these are.
        self._names: list[str] = []
        self._keys: list[str] = []
        self._values = ContextValues.of([], len(self.features))
        self._n = self._accepted = np.zeros((0, 0))

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def version(self) -> int:
        """Changes with every change of the answers."""
        return self._answers.version

    @property
    def latest(self) -> int:
        """Latest moment of any decision or answer, microseconds."""
        return self._answers.latest

    @property
    def segments(self) -> list[str]:
        """Segments of any row, sorted."""
        return sorted({_segment(key) for key in self._answers.segments})

    def fold(self, feedback: pd.DataFrame) -> int:
        """Take rows in, with the features; see :meth:`Answers.fold`.

        Parameters
        ----------
        feedback : DataFrame

        Returns
        -------
        int
            Number of rows that were new or corrected.
        """
        check_keys(feedback[c.SEGMENT], f"feedback.{c.SEGMENT}")
        segments = feedback[c.SEGMENT].astype(str)
        # The segment may be a feature, too: the first column has a name that no feature has.
        frame = feedback[self.features].assign(**{_OWN: segments})
        keys = context_keys(frame, [_OWN, *self.features], "feedback")
        changed = self._answers.fold(feedback.assign(**{c.SEGMENT: pd.array(keys, dtype="str")}))
        if changed:
            self._touched.update(keys.tolist())
            self._offers.update(feedback[c.OFFER_ID].astype(str).tolist())
        return changed

    def count(self, segments: list[str], offers: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Count answers and acceptances by segment; see :meth:`Answers.count`.

        Parameters
        ----------
        segments, offers : list of str

        Returns
        -------
        n, accepted : ndarray of float, shape (n_segments, n_offers)
        """
        keys = self._answers.segments
        place = {segment: row for row, segment in enumerate(segments)}
        rows = np.array([place.get(_segment(key), len(segments)) for key in keys], dtype=int)
        totals = np.zeros((2, len(segments) + 1, len(offers)))
        for total, table in zip(totals, self._answers.count(keys, offers), strict=True):
            np.add.at(total, rows, table)
        return totals[0, :-1], totals[1, :-1]

    def contexts(self, offers: list[str]) -> tuple[ContextValues, np.ndarray, np.ndarray]:
        """Count answers and acceptances by context, in an order that depends on the contexts alone.

        Parameters
        ----------
        offers : list of str

        Returns
        -------
        values : ContextValues
            m contexts in which any of the offers was answered.
        n, accepted : ndarray of float, shape (m, n_offers)
        """
        self._recount([*offers, *sorted(self._offers - set(offers))])
        used: np.ndarray = self._n[:, : len(offers)].sum(axis=1) > 0
        return self._values.rows(used), self._n[used, : len(offers)], self._accepted[used, : len(offers)]

    def to_state(self) -> dict[str, Any]:
        """Give all rows as columns of JSON values; see :meth:`Answers.to_state`.

        Returns
        -------
        dict
            The segment of a row is the JSON list of its segment and features.
        """
        return self._answers.to_state()

    def _recount(self, names: list[str]) -> None:
        """Count anew what the rows since the last count concern, or all of it."""
        if names == self._names:
            self._merge(sorted(self._touched))
        # A corrected row may have left a context that was not touched; then the sum is too large.
        if names != self._names or self._n.sum() != len(self._answers):
            self._names, self._keys = names, self._answers.segments
            self._values = self._read(self._keys)
            self._n, self._accepted = self._answers.count(self._keys, names)
        self._touched = set()

    def _merge(self, touched: list[str]) -> None:
        place = [bisect_left(self._keys, key) for key in touched]
        old = [at < len(self._keys) and self._keys[at] == key for at, key in zip(place, touched, strict=True)]
        new = [key for key, known in zip(touched, old, strict=True) if not known]
        if new:
            at = np.array(place)[~np.array(old)]
            fresh = self._read(new)
            self._values = self._values.inserted(at, fresh)
            zeros = np.zeros((len(new), len(self._names)))
            self._n, self._accepted = (np.insert(table, at, zeros, axis=0) for table in (self._n, self._accepted))
            self._keys = sorted([*self._keys, *new])
        rows = [bisect_left(self._keys, key) for key in touched]
        self._n[rows], self._accepted[rows] = self._answers.count(touched, self._names)

    def _read(self, keys: list[str]) -> ContextValues:
        """Read the features of keys, which begin with the segment."""
        return ContextValues.of(keys, 1 + len(self.features)).without_first()


def _segment(key: str) -> str:
    return str(json.loads(key)[0])
