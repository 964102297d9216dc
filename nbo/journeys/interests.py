"""What each customer is interested in, and what pains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.base import check_spine
from nbo.features.builders.interest import decayed_sums, event_weights
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.tables import Spine, TableColumns
from nbo.times import check_duration

__all__ = ["PAIN_WEIGHTS", "interests"]

# Kinds of cases; all others weigh 1.
PAIN_WEIGHTS: Final[dict[str, float]] = {"complaint": 2.0, "inquiry": 0.5, "request": 0.5}
# Answers at or below these are low.
_LOW_SCORES: Final[dict[str, float]] = {"csat": 2.0, "ces": 2.0, "nps": 6.0}
_INTEREST: Final = "interest"
_PAIN: Final = "pain"
_TOPIC: Final = "topic"
_WEIGHT: Final = "weight"


def interests(
    tables: Any,
    spine: Spine,
    *,
    by: str = c.CATEGORY,
    half_life: str = "60D",
    weights: Mapping[str, float] | None = None,
    low_scores: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Weigh what each customer is interested in and what pains it, newer things more.

    Interests come from events, each with the weight of its type, and from posts and likes on
    social media whose sentiment is not negative. Pains come from cases (a complaint weighs 2, an
    inquiry or a request 0.5, any other 1, times the severity), from posts of negative sentiment (by how negative),
    and from low scores in surveys (1, with the survey as their topic). Everything weighs half as much
    for every `half_life` of its age.

    Parameters
    ----------
    tables : CustomerTables or other tables with `has` and `columns`
    spine : Spine of n rows
        For whom, and as of when; only what was known strictly before counts.
    by : {"category", "product_id"}, default="category"
        Column of events that says what an interest is in.
    half_life : str, default="60D"
    weights : mapping of str to float, optional
        Weights of types of events, in the place of those of the features; a type of neither weighs 1.
    low_scores : mapping of str to float, optional
        Survey -> highest score that is low; by default csat and ces 2, nps 6. Other surveys say no pain.

    Returns
    -------
    DataFrame
        customer_id, as_of, kind ("interest" or "pain"), topic, weight (above 0), and its share of all of
        that kind; the strongest first, equal ones in the order of the alphabet. Who has none has no row.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> events = {"customer_id": "ann", "event_time": ["2026-01-01", "2026-03-02"], "event_type": "search"}
    >>> tables = CustomerTables(events=pd.DataFrame(events).assign(category=["travel", "home"]))
    >>> found = interests(tables, Spine.at("2026-03-02 00:01", ["ann"]), half_life="60D")
    >>> found[["kind", "topic", "share"]].round(2).values.tolist()
    [['interest', 'home', 0.67], ['interest', 'travel', 0.33]]
    """
    check_one_of(by, (c.CATEGORY, c.PRODUCT_ID), "by")
    check_duration(half_life, "half_life")
    check_spine(spine)
    past = Past(tables, spine)
    parts = [*_interested(past, by, weights), *_pained(past, {**_LOW_SCORES, **(low_scores or {})})]
    return _of_spine(*_sums(past, [part for part in parts if len(part.place)], half_life), past, spine)


@dataclass(frozen=True)
class _Part:
    """Rows of a table that speak of a topic: kind, their places, the code of the topic of each, texts, weights."""

    kind: str
    table: TableColumns
    place: np.ndarray
    code: np.ndarray
    texts: list[str]
    weight: np.ndarray

    @classmethod
    def of(cls, kind: str, table: TableColumns, column: str, weight: np.ndarray) -> _Part:
        topics = table.codes(column)
        place = np.flatnonzero((weight > 0) & (topics.codes >= 0))
        return cls(kind, table, place, topics.codes[place], topics.texts, weight[place])


def _interested(past: Past, by: str, weights: Mapping[str, float] | None) -> Iterator[_Part]:
    events = past.table("events")
    if len(events) and by in events:
        known = dict(event_weights(past, weights))
        types = events.codes(c.EVENT_TYPE)
        weight = np.array([*(known.get(text, 0.0) for text in types.texts), 0.0])[types.codes]
        yield _Part.of(_INTEREST, events, by, weight)
    social = past.table("social")
    if len(social) and c.TOPIC in social:
        moods = social.numbers(c.SENTIMENT) if c.SENTIMENT in social else np.zeros(len(social))
        yield _Part.of(_INTEREST, social, c.TOPIC, np.where(moods < 0, 0.0, 1.0))


def _pained(past: Past, low_scores: Mapping[str, float]) -> Iterator[_Part]:
    wrong = [name for name, score in low_scores.items() if not isinstance(score, int | float) or score != score]
    if wrong:
        raise InputError(f"low_scores must be numbers; got {low_scores[wrong[0]]!r} for {wrong[0]!r}.")
    cases = past.table("cases")
    if len(cases) and c.TOPIC in cases:
        kinds = cases.codes(c.KIND) if c.KIND in cases else None
        of_kind = np.array([*(PAIN_WEIGHTS.get(text, 1.0) for text in kinds.texts), 1.0]) if kinds else np.ones(1)
        severity = cases.numbers(c.SEVERITY) if c.SEVERITY in cases else np.ones(len(cases))
        weight = (of_kind[kinds.codes] if kinds else 1.0) * np.nan_to_num(severity, nan=1.0)
        yield _Part.of(_PAIN, cases, c.TOPIC, weight)
    social = past.table("social")
    if len(social) and c.TOPIC in social and c.SENTIMENT in social:
        yield _Part.of(_PAIN, social, c.TOPIC, np.maximum(-np.nan_to_num(social.numbers(c.SENTIMENT)), 0.0))
    surveys = past.table("surveys")
    if len(surveys) and c.SURVEY in surveys and c.SCORE in surveys:
        asked = surveys.codes(c.SURVEY)
        limits = np.array([*(low_scores.get(text, -np.inf) for text in asked.texts), -np.inf])[asked.codes]
        yield _Part.of(_PAIN, surveys, c.SURVEY, (surveys.numbers(c.SCORE) <= limits).astype(float))


def _sums(past: Past, parts: list[_Part], half_life: str) -> tuple[dict[str, Any], np.ndarray]:
    """Add up the weights of each topic for each question, the strongest first; and where each question's begin."""
    labels = sorted({(part.kind, text) for part in parts for text in part.texts})
    found: list[list[np.ndarray]] = [[np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]]
    if parts:
        history = past.history_of(_together(parts, labels))
        for some, owner, code, weight, _ in decayed_sums(history, _TOPIC, history.numbers(_WEIGHT), half_life):
            for values, new in zip(found, (owner + some.start, code, weight), strict=True):
                values.append(new)
    question, code, weight = (np.concatenate(values) for values in found)
    is_pain = np.array([kind == _PAIN for kind, _ in labels], dtype=bool)[code]
    total = np.bincount(2 * question + is_pain, weights=weight, minlength=1)
    # The labels are in the order of the alphabet, the kind first.
    order = np.lexsort((code, -weight, is_pain, question))
    share = weight / total[2 * question + is_pain]
    kinds, topics = (pd.array([label[at] for label in labels], dtype="str") for at in (0, 1))
    columns = {"kind": kinds.take(code[order]), _TOPIC: topics.take(code[order])}
    rows = {**columns, _WEIGHT: weight[order], "share": share[order]}
    return rows, np.searchsorted(question[order], np.arange(len(past) + 1))


def _together(parts: list[_Part], labels: list[tuple[str, str]]) -> TableColumns:
    """Put the rows of all tables in one."""
    numbers = {label: number for number, label in enumerate(labels)}
    codes = [np.array([numbers[part.kind, text] for text in part.texts])[part.code] for part in parts]
    ids = [part.table[c.CUSTOMER_ID].take(part.place) for part in parts]
    columns = {
        c.CUSTOMER_ID: ids[0] if len(ids) == 1 else pd.concat(ids, ignore_index=True),
        c.EVENT_TIME: _times([(part, _time(part)) for part in parts]),
        _TOPIC: pd.Series(pd.Categorical.from_codes(np.concatenate(codes), pd.RangeIndex(len(labels)))),
        _WEIGHT: pd.Series(np.concatenate([part.weight for part in parts])),
    }
    if any(c.KNOWN_AT in part.table for part in parts):
        # What does not say when it was known was known when it happened.
        columns[c.KNOWN_AT] = _times(
            [(part, c.KNOWN_AT if c.KNOWN_AT in part.table else _time(part)) for part in parts]
        )
    return TableColumns("events", list(columns), len(columns[_WEIGHT]), columns.__getitem__)


def _times(parts: list[tuple[_Part, str]]) -> pd.Series:
    found = [part.table.times(column)[part.place] for part, column in parts]
    return pd.Series(np.concatenate(found).view("datetime64[us]"))


def _time(part: _Part) -> str:
    return c.OPENED_AT if part.table.name == "cases" else c.EVENT_TIME


def _of_spine(rows: dict[str, Any], bounds: np.ndarray, past: Past, spine: Spine) -> pd.DataFrame:
    """Give the rows of each question to its rows of the spine, in their order."""
    question = past.given({"question": np.arange(len(past))})["question"]
    owner, place = set_out(bounds[question], bounds[question + 1])
    asked = {str(name): values.array.take(owner) for name, values in spine.frame.items()}
    return pd.DataFrame({**asked, **{name: values[place] for name, values in rows.items()}}, copy=False)
