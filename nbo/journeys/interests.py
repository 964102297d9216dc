"""What each customer is interested in, and what pains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.builders.interest import decayed_sums, event_weights
from nbo.features.history import History
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.tables import Spine, TableColumns
from nbo.times import check_duration

__all__ = ["PAIN_WEIGHTS", "interests"]

# Kinds of cases; all others weigh 1.
PAIN_WEIGHTS: Final[dict[str, float]] = {"complaint": 2.0, "inquiry": 0.5, "request": 0.5}
# Answers at or below these are low.
_LOW_SCORES: Final[dict[str, float]] = {"csat": 2.0, "ces": 2.0, "nps": 6.0}
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
    past = Past(tables, spine)
    found = [
        _sums(past, "interest", _interested(past, by, weights), half_life),
        _sums(past, "pain", _pained(past, {**_LOW_SCORES, **(low_scores or {})}), half_life),
    ]
    rows = pd.concat(found, ignore_index=True)
    return _of_spine(rows, past, spine)


def _interested(past: Past, by: str, weights: Mapping[str, float] | None) -> Iterator[pd.DataFrame]:
    events = past.table("events")
    if len(events) and by in events:
        known = dict(event_weights(past, weights))
        types = events.codes(c.EVENT_TYPE)
        weight = np.array([*(known.get(text, 0.0) for text in types.texts), 0.0])[types.codes]
        yield _rows(events, events[by], weight)
    social = past.table("social")
    if len(social) and c.TOPIC in social:
        moods = social.numbers(c.SENTIMENT) if c.SENTIMENT in social else np.zeros(len(social))
        yield _rows(social, social[c.TOPIC], np.where(moods < 0, 0.0, 1.0))


def _pained(past: Past, low_scores: Mapping[str, float]) -> Iterator[pd.DataFrame]:
    wrong = [name for name, score in low_scores.items() if not isinstance(score, int | float) or score != score]
    if wrong:
        raise InputError(f"low_scores must be numbers; got {low_scores[wrong[0]]!r} for {wrong[0]!r}.")
    cases = past.table("cases")
    if len(cases) and c.TOPIC in cases:
        kinds = cases.codes(c.KIND) if c.KIND in cases else None
        of_kind = np.array([*(PAIN_WEIGHTS.get(text, 1.0) for text in kinds.texts), 1.0]) if kinds else np.ones(1)
        severity = cases.numbers(c.SEVERITY) if c.SEVERITY in cases else np.ones(len(cases))
        yield _rows(cases, cases[c.TOPIC], (of_kind[kinds.codes] if kinds else 1.0) * np.nan_to_num(severity, nan=1.0))
    social = past.table("social")
    if len(social) and c.TOPIC in social and c.SENTIMENT in social:
        yield _rows(social, social[c.TOPIC], np.maximum(-np.nan_to_num(social.numbers(c.SENTIMENT)), 0.0))
    surveys = past.table("surveys")
    if len(surveys) and c.SURVEY in surveys and c.SCORE in surveys:
        asked = surveys.codes(c.SURVEY)
        limits = np.array([*(low_scores.get(text, -np.inf) for text in asked.texts), -np.inf])[asked.codes]
        yield _rows(surveys, surveys[c.SURVEY], (surveys.numbers(c.SCORE) <= limits).astype(float))


def _rows(table: TableColumns, topics: pd.Series, weight: Any) -> pd.DataFrame:
    time = c.OPENED_AT if table.name == "cases" else c.EVENT_TIME
    columns = {c.CUSTOMER_ID: table[c.CUSTOMER_ID].array, c.EVENT_TIME: table[time].array}
    known = table[c.KNOWN_AT] if c.KNOWN_AT in table else table[time]
    texts = pd.Series(topics.array).astype("str").array
    frame = pd.DataFrame({**columns, c.KNOWN_AT: known.array, _TOPIC: texts, _WEIGHT: weight})
    return frame[(frame[_WEIGHT] > 0) & frame[_TOPIC].notna()]


def _sums(past: Past, kind: str, parts: Iterator[pd.DataFrame], half_life: str) -> pd.DataFrame:
    """Add up the weights of each topic for each question."""
    rows = [part for part in parts if len(part)]
    columns: dict[str, list[Any]] = {"question": [], _TOPIC: [], _WEIGHT: [], "share": []}
    if rows:
        table = TableColumns.of(pd.concat(rows, ignore_index=True), "events")
        history: History = past.history_of(table)
        topics = np.array(table.codes(_TOPIC).texts, dtype=object)
        for some, owner, code, weight, total in decayed_sums(history, _TOPIC, history.numbers(_WEIGHT), half_life):
            found = (owner + some.start, topics[code], weight, weight / total[owner])
            for name, values in zip(columns, found, strict=True):
                columns[name].append(values)
    arrays = {name: np.concatenate([np.empty(0, float), *values]) for name, values in columns.items()}
    frame = pd.DataFrame(arrays).astype({"question": "int64", _TOPIC: "str"})
    return frame.assign(kind=pd.array([kind] * len(frame), dtype="str"))


def _of_spine(rows: pd.DataFrame, past: Past, spine: Spine) -> pd.DataFrame:
    """Give the rows of each question to its rows of the spine, in their order."""
    question = past.spread({"question": np.arange(len(past))})["question"].to_numpy()
    rows = rows[rows[_WEIGHT] > 0].sort_values(
        ["question", "kind", _WEIGHT, _TOPIC], ascending=[True, True, False, True], kind="stable"
    )
    bounds = np.searchsorted(rows["question"].to_numpy(), np.arange(len(past) + 1))
    owner, place = set_out(bounds[question], bounds[question + 1])
    told = rows[["kind", _TOPIC, _WEIGHT, "share"]].iloc[place].reset_index(drop=True)
    return pd.concat([spine.frame.iloc[owner].reset_index(drop=True), told], axis=1)
