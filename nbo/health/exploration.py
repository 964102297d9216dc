"""Whether decisions still try enough to learn and to evaluate from."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_probabilities
from nbo.evaluation.candidates import eligible_offers, logging_probabilities
from nbo.health.finding import Finding
from nbo.health.limits import HealthLimit
from nbo.rng import uniform_by_key
from nbo.times import check_times

__all__ = ["decision_findings"]

_LAST = pd.Timedelta(days=1)
_MOST = 50_000


def decision_findings(decisions: pd.DataFrame, as_of: pd.Timestamp, limits: Mapping[str, HealthLimit]) -> list[Finding]:
    """Tell how much the decisions of the last day explore, and how many make no offer.

    Parameters
    ----------
    decisions : DataFrame
        As :meth:`nbo.NextBestOffer.decide` gives them.
    as_of : Timestamp
        Later ones are left out.
    limits : mapping of str to HealthLimit

    Returns
    -------
    list of Finding
        None where there are fewer rows than the limits ask for. Of more than 50,000 decisions as many are read,
        drawn by their ids.

    Raises
    ------
    InputError
        If a column is missing, a time is none, or a probability is not in (0, 1].
    """
    frame = check_frame(decisions, "decisions")
    check_columns(frame, [c.DECISION_ID, c.DECIDED_AT, c.OFFER_ID, c.ACTION_PROBABILITY], "decisions")
    frame = frame.assign(**{c.DECIDED_AT: check_times(frame[c.DECIDED_AT], "decisions.decided_at")})
    frame = frame[frame[c.DECIDED_AT] < as_of]
    frame = frame[frame[c.DECIDED_AT] > frame[c.DECIDED_AT].max() - _LAST]
    if len(frame) < limits["least_rows"].alarm:
        return []
    idle = int((frame[c.OFFER_ID] == c.NO_OFFER).sum())
    words = f"{idle:,} of {len(frame):,} decisions of the last day make no offer"
    p_value = stats.binom.sf(idle - 1, len(frame), min(limits["no_offer"].warning, 1.0))
    return [Finding("no_offer", "all", idle / len(frame), words, p_value), *_exploration(_some(frame), limits)]


def _some(frame: pd.DataFrame) -> pd.DataFrame:
    if len(frame) <= _MOST:
        return frame
    return frame.iloc[np.argsort(uniform_by_key(frame[c.DECISION_ID], "health"), kind="stable")[:_MOST]]


def _exploration(frame: pd.DataFrame, limits: Mapping[str, HealthLimit]) -> list[Finding]:
    taken = check_probabilities(frame[c.ACTION_PROBABILITY], "decisions.action_probability", zero=False)
    other, least, chosen = _from_candidates(frame) if c.CANDIDATES in frame else (taken < 0.5, taken, taken > 0)
    # Whoever could get one offer only tells nothing.
    if chosen.sum() < limits["least_rows"].alarm:
        return []
    other, least = other[chosen], least[chosen]
    share = float(other.mean())
    p_value = stats.binom.cdf(other.sum(), len(other), np.clip(limits["exploration"].warning, 0, 1))
    words = f"{share:.2%} of {len(other):,} decisions took another offer than the likeliest one"
    lowest = f"an eligible offer had the probability {least.min():.3g}; its answer would weigh as much as its inverse"
    return [
        Finding("exploration", "all", share, words, p_value),
        Finding("least_probability", "all", float(least.min()), lowest),
    ]


def _from_candidates(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Say which decisions took another offer than the likeliest, the least probability, and who had a choice."""
    texts = frame[c.CANDIDATES]
    # Refuses what is no JSON; after it the texts can be read.
    eligible_offers(texts, [])
    named = {offer for text in texts.dropna().unique() for offer in json.loads(text)}
    offers = sorted(named | set(frame[c.OFFER_ID].astype("str")))
    stated = logging_probabilities(texts, offers)
    eligible = eligible_offers(texts, offers) & ~np.isnan(stated)
    chosen = eligible.sum(axis=1) > 1
    likeliest = np.where(eligible, stated, -1.0)
    place = pd.Index(offers).get_indexer(pd.Index(frame[c.OFFER_ID].astype("str")))
    taken = likeliest[np.arange(len(frame)), place]
    return taken < likeliest.max(axis=1), np.where(eligible, stated, np.inf).min(axis=1), chosen
