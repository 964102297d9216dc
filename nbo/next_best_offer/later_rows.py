"""What the parts said of later rows than those they were trained on, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.models.metrics import model_metrics, reliability

__all__ = ["LaterRows"]

# Enough for a curve.
_GROUPS = 50
_MOST_SEGMENTS = 50

_KEYS = ("part", "segmentation", c.SEGMENT)


@dataclass(frozen=True)
class LaterRows:
    """How good each part was on later rows than those it was trained on, in two small tables.

    Parameters
    ----------
    scores : DataFrame
        part ("propensity" or "churn"), segmentation ("all", "offer_id", "channel" or "segment"), segment, since (the
        earliest of the later rows), and the measures of :func:`nbo.models.model_metrics`; those that need both
        classes are NaN where there is one. Of a segmentation the 50 largest segments.
    groups : DataFrame
        part, and 50 groups or fewer of like predictions, from low to high: probability (mean), n (rows) and ones
        (what came true), for curves.

    Examples
    --------
    >>> later = LaterRows.of({"churn": ([0, 1, 1], [0.1, 0.4, 0.8], pd.DataFrame({"segment": ["a", "a", "b"]}))})
    >>> later.scores[["part", "segmentation", "segment", "n", "rate"]].round(3).values.tolist()
    [['churn', 'all', 'all', 3, 0.667], ['churn', 'segment', 'a', 2, 0.5], ['churn', 'segment', 'b', 1, 1.0]]
    >>> later.groups["ones"].tolist()
    [0, 1, 1]
    """

    scores: pd.DataFrame
    groups: pd.DataFrame

    @classmethod
    def of(
        cls, predicted: Mapping[str, tuple[Any, Any, pd.DataFrame]], since: Mapping[str, pd.Timestamp] | None = None
    ) -> LaterRows:
        """Measure predictions.

        Parameters
        ----------
        predicted : dict of str to (y, p, segments)
            By part: what came out (0 or 1) and what was predicted, of n later rows, and a frame of n rows with a
            column of texts for each segmentation.
        since : dict of str to Timestamp, optional
            The earliest of the later rows, by part.

        Returns
        -------
        LaterRows
        """
        rows: list[dict[str, Any]] = []
        groups = []
        for part, (y, p, segments) in predicted.items():
            came_true, probability = np.asarray(y, dtype=float), np.asarray(p, dtype=float)
            begin = (since or {}).get(part, pd.NaT)
            for segmentation, segment, chosen in _slices(segments, len(came_true)):
                keys = {**dict(zip(_KEYS, (part, segmentation, segment), strict=True)), "since": begin}
                rows.append({**keys, **model_metrics(came_true[chosen], probability[chosen])})
            table = reliability(came_true, probability, _GROUPS)
            ones = (table["rate"] * table["n"]).round().astype("int64")
            groups.append(table.drop(columns="rate").assign(part=part, ones=ones))
        return cls(_scores(rows), _groups(groups))

    def metrics(self) -> dict[str, float]:
        """Name the measures of all later rows, such as ``propensity_auc``."""
        every = self.scores[self.scores["segmentation"] == "all"].to_dict("records")
        measured = [name for name in self.scores.columns if name not in (*_KEYS, "since")]
        return {f"{row['part']}_{name}": float(row[name]) for row in every for name in measured}

    def to_dict(self) -> dict[str, Any]:
        """Give both tables as JSON values; what is not defined is None, times are texts."""
        scores = self.scores.assign(since=self.scores["since"].map(_text, na_action="ignore")).astype(object)
        return {
            "scores": scores.where(scores.notna(), None).to_dict("list"),
            "groups": self.groups.astype(object).to_dict("list"),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> LaterRows:
        """Read what :meth:`to_dict` gave."""
        scores, groups = (pd.DataFrame(stored[name]) for name in ("scores", "groups"))
        return cls(_typed_scores(scores), _typed_groups(groups))


def _text(moment: pd.Timestamp) -> str:
    return moment.isoformat()


def _slices(segments: pd.DataFrame, n_rows: int) -> list[tuple[str, str, np.ndarray]]:
    """All rows first, then those of each segment, the largest segments of a segmentation."""
    found = [("all", "all", np.arange(n_rows))]
    for name in segments.columns:
        texts = pd.Series(segments[name].to_numpy(object), dtype="str")
        largest = texts.value_counts().index[:_MOST_SEGMENTS]
        found += [(str(name), str(text), np.flatnonzero(texts == text)) for text in sorted(largest)]
    return found


def _scores(rows: list[dict[str, Any]]) -> pd.DataFrame:
    measured = list(model_metrics([0.0, 1.0], [0.5, 0.5]))
    return _typed_scores(pd.DataFrame(rows, columns=[*_KEYS, "since", *measured]))


def _groups(tables: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["part", "probability", "n", "ones"]
    return _typed_groups(pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)[columns])


def _typed_scores(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = [name for name in frame.columns if name not in (*_KEYS, "since", "n")]
    types = {**dict.fromkeys(_KEYS, "str"), **dict.fromkeys(numbers, "float64"), "n": "int64"}
    return frame.assign(since=pd.to_datetime(frame["since"])).astype({**types, "since": "datetime64[us]"})


def _typed_groups(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"part": "str", "probability": "float64", "n": "int64", "ones": "int64"})
