"""What came of each offer sent in a log that names only people, offers and hours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows

__all__ = ["offer_instances"]


def offer_instances(log: pd.DataFrame, durations: Mapping[str, int]) -> pd.DataFrame:
    """Find when each offer sent was viewed and completed, and whether it was accepted.

    The log does not say to which of several sends of one offer a view or a completion belongs. It is
    given to the send whose window holds it: a window runs for the offer's duration, ends
    one hour before the same person gets the same offer again, and includes both ends. Accepted means
    viewed and completed, viewed first: a completion without a view is a purchase that would have
    happened anyway.

    Parameters
    ----------
    log : DataFrame
        `customer_id`, `event` ("offer received", "offer viewed", "offer completed"; others are ignored),
        `time` (whole hours since the start) and `offer_id`.
    durations : mapping of str to int
        Offer id to the days for which it holds.

    Returns
    -------
    DataFrame
        One row per offer received, in the log's order: `customer_id`, `offer_id`, `received_at`, `window_end`,
        `viewed_at`, `completed_at` (hours; NaN if not), `viewed`, `completed`, `accepted` (bool).

    Raises
    ------
    InputError
        If a column is missing or an offer received has no duration.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": ["ann"] * 3, "offer_id": ["tea"] * 3, "time": [0, 6, 30],
    ...                     "event": ["offer received", "offer viewed", "offer completed"]})
    >>> offer_instances(log, {"tea": 1})[["window_end", "viewed", "completed", "accepted"]].values.tolist()
    [[24, True, False, False]]
    """
    check_columns(log, [c.CUSTOMER_ID, "event", "time", c.OFFER_ID], "log")
    offers = log[log[c.OFFER_ID].notna()]
    hours = offers["time"].to_numpy(dtype=np.int64)
    pair = offers.groupby([c.CUSTOMER_ID, c.OFFER_ID], observed=True, sort=False).ngroup().to_numpy(dtype=np.int64)
    received = (offers["event"] == "offer received").to_numpy()
    sent = offers.loc[received, [c.CUSTOMER_ID, c.OFFER_ID]].reset_index(drop=True)
    window_end = _window_end(sent[c.OFFER_ID], pair[received], hours[received], durations)
    # One number for (person and offer, hour): all searches are then binary searches in one sorted array.
    span = max(hours.max(initial=0), window_end.max(initial=0)) + 1
    first, last = pair[received] * span + hours[received], pair[received] * span + window_end
    sent["received_at"], sent["window_end"] = hours[received], window_end
    for event in ("viewed", "completed"):
        moments = np.sort((pair * span + hours)[(offers["event"] == f"offer {event}").to_numpy()])
        sent[f"{event}_at"] = _first_within(moments, first, last) - pair[received] * span
    for event in ("viewed", "completed"):
        sent[event] = sent[f"{event}_at"].notna()
    return sent.assign(accepted=sent["viewed"] & sent["completed"] & (sent["viewed_at"] <= sent["completed_at"]))


def _window_end(
    offer_ids: pd.Series, pair: np.ndarray, received_at: np.ndarray, durations: Mapping[str, int]
) -> np.ndarray:
    days = offer_ids.astype(object).map(dict(durations))
    check_rows(days.isna().to_numpy(), offer_ids, "log.offer_id", "an offer with a duration")
    end = received_at + 24 * days.to_numpy(dtype=np.int64)
    sends = pd.DataFrame({"pair": pair, "hour": received_at}).sort_values(["pair", "hour"])
    again = sends.groupby("pair")["hour"].shift(-1).sort_index().to_numpy(dtype=float)
    return np.fmin(end, again - 1).astype(np.int64)


def _first_within(moments: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Earliest of the sorted moments in each [first, last], NaN where there is none."""
    place = np.searchsorted(moments, first, side="left")
    padded = np.append(moments.astype(float), np.inf)
    return np.where(padded[place] <= last, padded[place], np.nan)
