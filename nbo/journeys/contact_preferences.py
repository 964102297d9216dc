"""Through which channel, when and how often each customer likes to be contacted, and whether it may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.answers import SUPERSEDED_AT
from nbo.features.attribute_rows import AttributeRows
from nbo.features.base import Tables
from nbo.features.builders.contacts import ACCEPTED, OFFERED
from nbo.features.history import History
from nbo.features.known_customers import known_customers
from nbo.features.past import Past
from nbo.features.slices import first_at_or_after, set_out
from nbo.policies.pooling import fit_pooled_prior
from nbo.tables.stored_tables import opened
from nbo.times import check_duration, check_time

__all__ = ["contact_preferences"]

_BY: Final = (c.CHANNEL, "daypart", "weekpart", "frequency")
# Contacts in the 30 days before a contact; the last stands for more, too.
_EARLIER: Final = ("0", "1", "2", "3", "4 or more")
_MONTH: Final = 30 * 86_400_000_000
# How many contacts a guess of the rate is worth before any answer.
_STRENGTH: Final = 25.0
# What lies on each side of a 90 % interval.
_TAIL: Final = 0.05


def contact_preferences(
    tables: Tables,
    as_of: Any,
    customers: Sequence[Any] | None = None,
    *,
    by: str = c.CHANNEL,
    window: str = "365D",
    answer_window: str = "14D",
    consent: str = "not refused",
) -> pd.DataFrame:
    r"""Say how likely each customer accepts by channel, part of the day or week, or by how often it is contacted.

    Each rate is that of an average offer, so that a channel is not praised for the good offers that it brought:
    the log-odds of a contact are those of its offer, plus an effect of the customer, plus one of the channel, plus
    what is peculiar to both [1]_. All are shrunk as far as the contacts of all customers say (empirical Bayes),
    so customers with few contacts have the rates of everybody, at their own level.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
        With customers, who may state consents, decisions and outcomes.
    as_of : datetime-like
        Only what was known strictly before counts.
    customers : sequence, optional
        Whom to answer for; by default all that are known. All teach.
    by : {"channel", "daypart", "weekpart", "frequency"}, default="channel"
        What contacts are told apart by. Parts of days and weeks are in UTC. Frequency is how many contacts the
        customer had in the 30 days before the contact.
    window : str, default="365D"
        Contacts made so long before count.
    answer_window : str, default="14D"
        Later contacts may still be answered, and do not count; of the others, no answer is a refusal.
    consent : {"given", "not refused"}, default="not refused"
        Whether a customer whose consent for a channel is not recorded may be contacted through it: "given" needs a
        recorded yes.

    Returns
    -------
    DataFrame
        For each customer and level of `by`, the highest rate first: customer_id, as_of, the level, contacts, accepted,
        rate in (0, 1), low and high (its 90 % credible interval), may_contact (bool; by the consent for the channel,
        else whether any channel is left), preferred (bool), and confidence: the probability that the preferred
        level is better than the next one that is allowed, NaN elsewhere and where there is no other. Preferred is
        the highest rate among what is allowed; for frequency, the most acceptances in 30 days. Who may not be
        contacted prefers nothing.

    Raises
    ------
    InputError
        If an argument is not allowed, there are no contacts to learn from, or a customer is not known.

    References
    ----------
    .. [1] Efron, B. and Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. Journal of
       the American Statistical Association 70, 311-319.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> made = pd.DataFrame({"decision_id": range(400), "customer_id": ["ann", "bob"] * 200, "offer_id": "card"})
    >>> made["channel"] = ["email"] * 200 + ["phone"] * 200
    >>> made["decided_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(made.index, unit="h")
    >>> said = made[["decision_id"]].assign(outcome="reject", outcome_at=made["decided_at"] + pd.Timedelta("1D"))
    >>> said.loc[200::2, "outcome"] = "accept"
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob"], "consent_phone": [True, False]})
    >>> tables = CustomerTables(customers=people, decisions=made, outcomes=said)
    >>> found = contact_preferences(tables, "2026-03-01")
    >>> found.loc[found["preferred"], ["customer_id", "channel", "may_contact"]].values.tolist()
    [['ann', 'phone', True], ['bob', 'email', True]]
    """
    check_one_of(by, _BY, "by")
    check_one_of(consent, ("given", "not refused"), "consent")
    check_duration(window, "window")
    check_duration(answer_window, "answer_window")
    stored = opened(tables)
    past = Past(stored, known_customers(stored, as_of))
    contacts = _Contacts.of(past, by, f"{window}_before_{answer_window}")
    asked = _asked(past, customers)
    columns = _preferences(contacts.rates(len(past)), _allowed(past, by, contacts.levels, consent), by)
    k = len(contacts.levels)
    rows = {
        c.CUSTOMER_ID: past.questions[c.CUSTOMER_ID].array.take(np.repeat(asked, k)),
        c.AS_OF: pd.Timestamp(check_time(as_of, "as_of")),
        by: pd.array(contacts.levels * len(asked), dtype="str"),
    }
    frame = pd.DataFrame({**rows, **{name: values[asked].ravel() for name, values in columns.items()}})
    order = np.lexsort((np.tile(np.arange(k), len(asked)), -frame["rate"], np.repeat(np.arange(len(asked)), k)))
    return frame.iloc[order].reset_index(drop=True)


@dataclass(frozen=True)
class _Contacts:
    """Contacts that could have been answered: whose, of which level and offer, and whether accepted."""

    owner: np.ndarray
    level: np.ndarray
    levels: list[str]
    offer: np.ndarray
    n_offers: int
    accepted: np.ndarray

    @classmethod
    def of(cls, past: Past, by: str, window: str) -> _Contacts:
        table, history = past.table("decisions"), past.history("decisions", where=OFFERED)
        owner, position = set_out(*history.bounds(window))
        codes, levels = _levels(history, by, owner, position)
        there = codes >= 0
        if not there.any():
            raise InputError(
                f"decisions must hold contacts with a {by}, made in the window {window}; there is none. Record what "
                "was offered, or take a longer window."
            )
        owner, rows = owner[there], history.rows[position[there]]
        offers = table.codes(c.OFFER_ID)
        accepts = past.history("outcomes", c.DECIDED_AT, SUPERSEDED_AT, (*OFFERED, *ACCEPTED))
        answered = accepts.table[c.DECISION_ID].array.take(accepts.rows)
        accepted = pd.Index(table[c.DECISION_ID].array.take(rows)).isin(pd.Index(answered))
        return cls(owner, codes[there], levels, offers.codes[rows], offers.n_values, accepted)

    def rates(self, n_customers: int) -> dict[str, np.ndarray]:
        """Estimate rates, their bounds, and their standard deviation on the log-odds."""
        k, overall = len(self.levels), (self.accepted.sum() + 1) / (len(self.accepted) + 2)
        expected = self._expected(float(overall))
        cell, shape = self.owner * k + self.level, (n_customers, k)
        n, accepted, sums = (
            np.bincount(cell, weights, n_customers * k).reshape(shape) for weights in (None, self.accepted, expected)
        )
        usual = expected.mean()
        warm = np.where(n > 0, sums / np.maximum(n, 1), usual)
        prior = fit_pooled_prior(
            n.astype(float), accepted, prior_rate=float(overall), prior_strength=_STRENGTH, warm_rate=warm
        )
        alpha, beta = prior.posterior(n, accepted)
        # From the offers that a cell happened to see to the usual mix of them.
        shift = special.logit(usual) - special.logit(warm)
        bounds = (special.betaincinv(alpha, beta, side) for side in (_TAIL, 1 - _TAIL))
        low, high = (special.expit(special.logit(bound) + shift) for bound in bounds)
        return {
            "contacts": n.astype(np.int64),
            "accepted": accepted.astype(np.int64),
            "rate": special.expit(special.logit(alpha / (alpha + beta)) + shift),
            "low": low,
            "high": high,
            "sd": np.sqrt(special.polygamma(1, alpha) + special.polygamma(1, beta)),
        }

    def _expected(self, overall: float) -> np.ndarray:
        """Give each contact the rate of its offer, whatever it was told apart by; shape (m,)."""
        k = len(self.levels)
        cell = self.offer.astype(np.int64) * k + self.level
        n, accepted = (
            np.bincount(cell, weights, self.n_offers * k).reshape(-1, k) for weights in (None, self.accepted)
        )
        prior = fit_pooled_prior(n.astype(float), accepted, prior_rate=overall, prior_strength=_STRENGTH)
        # Effects add up on the log-odds: the mean over levels is that of the offer.
        return np.asarray(special.expit(special.logit(prior.mean).mean(axis=1))[self.offer])


def _levels(history: History, by: str, owner: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Give the level of each contact as a number, -1 where it has none, and what the numbers stand for."""
    if by != "frequency":
        if by not in history.table:
            raise InputError(f"decisions must have the column {by!r}; it has {', '.join(history.table.columns)}.")
        names, rank = history.table.codes(by).alphabet
        return np.append(rank, -1)[history.codes(by)[position]], names
    moment = history.times[position]
    first = first_at_or_after(history.times, history.first[owner], position, moment - _MONTH)
    return np.minimum(position - first, len(_EARLIER) - 1), list(_EARLIER)


def _asked(past: Past, customers: Sequence[Any] | None) -> np.ndarray:
    """Find the questions of the customers asked for, in their order."""
    if customers is None:
        return np.arange(len(past))
    if isinstance(customers, str) or not isinstance(customers, Iterable):
        raise InputError(f"customers must be a sequence of ids; got {customers!r}.")
    asked = pd.Index(list(customers))
    found = pd.Index(past.questions[c.CUSTOMER_ID]).get_indexer(asked)
    if (found < 0).any():
        raise InputError(
            f"customers must be known before as_of; {(found < 0).sum()} are not, the first is {asked[found < 0][0]!r}."
        )
    return np.asarray(found)


def _allowed(past: Past, by: str, levels: list[str], consent: str) -> np.ndarray:
    """Tell whether each customer may be contacted; shape (n, levels)."""
    people = AttributeRows(past.table("customers"), past.rows_as_of("customers"), past.as_of)
    stated = [str(name).removeprefix(c.CONSENT_PREFIX) for name in people.table.columns if _is_consent(name)]

    def given(channel: str) -> np.ndarray:
        if channel not in stated:
            return np.full(len(past), consent != "given")
        answer = people.numbers(c.CONSENT_PREFIX + channel)
        return (answer == 1) | (np.isnan(answer) & (consent != "given"))

    if by == c.CHANNEL:
        return np.column_stack([given(level) for level in levels])
    used = past.table("decisions").codes(c.CHANNEL).texts if c.CHANNEL in past.table("decisions") else []
    any_channel = np.logical_or.reduce([given(channel) for channel in {*stated, *used} or {""}])
    return np.repeat(any_channel[:, None], len(levels), axis=1)


def _is_consent(name: object) -> bool:
    return str(name).startswith(c.CONSENT_PREFIX)


def _preferences(found: dict[str, np.ndarray], allowed: np.ndarray, by: str) -> dict[str, np.ndarray]:
    """Choose the best level of those allowed, and say how sure that is."""
    rate, sd = found["rate"], found.pop("sd")
    pace = np.arange(1, rate.shape[1] + 1) if by == "frequency" else np.ones(rate.shape[1])
    gain = np.where(allowed, np.log(rate * pace), -np.inf)
    order = np.argsort(-gain, axis=1, kind="stable")
    best = order[:, 0]
    rows = np.arange(len(rate))
    preferred = np.zeros(rate.shape, dtype=bool)
    preferred[rows, best] = allowed[rows, best]
    confidence = np.full(rate.shape, np.nan)
    if rate.shape[1] > 1:
        second = order[:, 1]
        some = allowed[rows, second]
        # The standard deviation of the logarithm of a rate, from that of its log-odds.
        spread = (1 - rate) * sd
        lead = gain[rows, best][some] - gain[rows, second][some]
        both = np.hypot(spread[rows, best], spread[rows, second])[some]
        confidence[rows[some], best[some]] = special.ndtr(lead / both)
    return {**found, "may_contact": allowed, "preferred": preferred, "confidence": confidence}
