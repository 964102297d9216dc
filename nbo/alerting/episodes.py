"""Episodes of risk: when one ends, who may be alerted again, and who is waiting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.causes.complaints import OPEN_COMPLAINT, complaint_changes
from nbo.checks import check_columns, check_frame, check_keys, check_one_of
from nbo.errors import InputError
from nbo.features.moments import NEVER, SINCE_EVER
from nbo.tables import CustomerTables, Spine
from nbo.times import check_times

__all__ = ["CASE_CLOSED", "HELD_BACK", "OPEN", "continued", "past_episodes"]

HELD_BACK: Final = "held back"
OPEN: Final = "open"
CASE_CLOSED: Final = "case closed"
_OVER: Final = ("horizon", "risk fell")
# Of two rows of one episode the later state is true.
_STATES: Final = (HELD_BACK, OPEN, CASE_CLOSED, *_OVER)


def past_episodes(past: Any, moment: pd.Timestamp) -> pd.DataFrame:
    """Take what earlier runs left: episodes, or alerts, as they were known at a moment.

    Parameters
    ----------
    past : Alerts, DataFrame, path, sequence of them, or None
        A path names a folder that alerts were written to, or one Parquet or CSV file. A frame has alert_id,
        customer_id and raised_at; what else is missing counts as open.
    moment : Timestamp
        Episodes that began later do not count; what ended later is still open.

    Returns
    -------
    DataFrame
        The columns of `EPISODE_TYPES`, each episode once, in the order of customer and start.

    Raises
    ------
    InputError
        If it is none of these, or a column is missing or not as it must be.
    """
    parts = past if isinstance(past, Sequence) and not isinstance(past, str) else [] if past is None else [past]
    frames = [_typed(_read(part)) for part in parts]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return a.empty_alerts(a.EPISODE_TYPES)
    rows = pd.concat(frames, ignore_index=True)
    rows = rows[rows[a.STARTED_AT] <= moment]
    later = (rows[a.ENDED_AT] > moment).to_numpy()
    rows[a.STATE] = rows[a.STATE].mask(later, OPEN).mask(later & rows[a.RAISED_AT].isna(), HELD_BACK)
    rows[a.ENDED_AT] = rows[a.ENDED_AT].mask(later)
    ahead = (rows[a.RAISED_AT] > moment).to_numpy()
    rows[a.STATE] = rows[a.STATE].mask(ahead, HELD_BACK)
    rows[a.RAISED_AT] = rows[a.RAISED_AT].mask(ahead)
    rank = rows[a.STATE].map({state: place for place, state in enumerate(_STATES)})
    rows = rows.assign(rank=rank).sort_values(["rank", a.RAISED_AT], kind="stable", na_position="first")
    rows = rows.drop_duplicates(a.ALERT_ID, keep="last").drop(columns="rank")
    return rows.sort_values([c.CUSTOMER_ID, a.STARTED_AT, a.ALERT_ID], kind="stable", ignore_index=True)


def _read(past: Any) -> pd.DataFrame:
    if isinstance(past, str | Path):
        path = Path(past)
        if path.is_dir():
            path = next((file for kind in ("parquet", "csv") if (file := path / f"episodes.{kind}").is_file()), path)
        if not path.is_file() or path.suffix not in (".parquet", ".csv"):
            raise InputError(
                f"past must be a folder that alerts were written to, or a Parquet or CSV file; got {past}."
            )
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, keep_default_na=True)
    episodes = getattr(past, "episodes", None)
    return episodes if isinstance(episodes, pd.DataFrame) else check_frame(past, "past")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    check_columns(frame, [a.ALERT_ID, c.CUSTOMER_ID, a.RAISED_AT], "past")
    check_keys(frame[a.ALERT_ID], "past.alert_id")
    check_keys(frame[c.CUSTOMER_ID], "past.customer_id")
    raised = check_times(frame[a.RAISED_AT], "past.raised_at", missing=True)
    started = check_times(frame[a.STARTED_AT], "past.episode_started_at") if a.STARTED_AT in frame else raised
    blank = pd.Series(np.nan, index=frame.index, dtype="str")
    texts = {name: frame[name].astype("str").where(frame[name].notna()) if name in frame else blank
             for name in (a.CAUSE, a.OWNER, a.ROUTE, a.STATE)}  # fmt: skip
    texts[a.STATE] = texts[a.STATE].fillna(OPEN)
    for state in texts[a.STATE].unique():
        check_one_of(state, _STATES, "past.state")
    nothing = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    ended = check_times(frame[a.ENDED_AT], "past.episode_ended_at", missing=True) if a.ENDED_AT in frame else nothing
    columns = {
        a.ALERT_ID: frame[a.ALERT_ID].astype("str"),
        c.CUSTOMER_ID: frame[c.CUSTOMER_ID],
        a.STARTED_AT: started,
        a.RAISED_AT: raised,
        **texts,
        a.ENDED_AT: ended,
    }
    return pd.DataFrame(columns)[list(a.EPISODE_TYPES)].reset_index(drop=True)


def continued(
    episodes: pd.DataFrame,
    tables: CustomerTables,
    moment: pd.Timestamp,
    calm: pd.Index,
    horizon: pd.Timedelta,
) -> tuple[pd.DataFrame, pd.Series]:
    """Say how past episodes stand now, and who is still in one.

    An episode ends when the risk was seen below its re-arm level, when the horizon is over, or when the complaint
    that caused it is closed. After the last a customer is not alerted again but for a new complaint, until the
    risk has fallen or the horizon is over.

    Parameters
    ----------
    episodes : DataFrame
        As :func:`past_episodes` gives them.
    tables : CustomerTables
    moment : Timestamp
    calm : Index
        Customers whose risk is below their re-arm level now.
    horizon : Timedelta

    Returns
    -------
    episodes : DataFrame
        The same with new states and ends.
    holds : Series of bool
        Which of them keep their customer from a new episode.
    """
    state, ended = episodes[a.STATE].copy(), episodes[a.ENDED_AT].copy()
    closed, newer, known = _complaints(episodes, tables, moment)
    # One that was opened before, and known only after all seemed closed, is news as well.
    newer |= (state == CASE_CLOSED) & (known >= ended)
    shut = (state == OPEN) & (episodes[a.CAUSE] == OPEN_COMPLAINT) & closed.notna()
    state, ended = state.mask(shut, CASE_CLOSED), ended.mask(shut, closed)
    not_over = ~state.isin(_OVER)
    until = episodes[a.RAISED_AT].fillna(episodes[a.STARTED_AT]) + horizon
    late = not_over & (until <= moment)
    fell = not_over & ~late & episodes[c.CUSTOMER_ID].isin(calm)
    # A closed case has ended its episode before.
    ended = ended.mask(late & ended.isna(), until).mask(fell & ended.isna(), moment)
    state = state.mask(late, _OVER[0]).mask(fell, _OVER[1])
    holds = state.isin([HELD_BACK, OPEN]) | ((state == CASE_CLOSED) & ~newer)
    return episodes.assign(**{a.STATE: state, a.ENDED_AT: ended.astype("datetime64[us]")}), holds


def _complaints(
    episodes: pd.DataFrame, tables: CustomerTables, moment: pd.Timestamp
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Say when the complaints of each episode were closed, whether one came since, and when the open one was known."""
    if not len(episodes):
        return episodes[a.ENDED_AT], pd.Series(dtype=bool), episodes[a.ENDED_AT]
    spine = Spine.of(episodes[[c.CUSTOMER_ID]].assign(**{c.AS_OF: moment}))
    since = episodes[a.STARTED_AT].to_numpy("datetime64[us]").astype(np.int64)
    closed, newer, known = complaint_changes(tables, spine, since)
    # An episode does not end before it began, though its case had been closed by then, as is known since.
    ends = _times(np.where(closed == NEVER, NEVER, np.maximum(closed, since)), NEVER, episodes.index)
    return ends, pd.Series(newer, index=episodes.index), _times(known, SINCE_EVER, episodes.index)


def _times(microseconds: np.ndarray, missing: int, index: pd.Index) -> pd.Series:
    times = pd.Series(np.where(microseconds == missing, 0, microseconds).astype("datetime64[us]"), index=index)
    return times.mask(microseconds == missing)
