"""Let a challenger take over when the evidence says that it is better."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.comparison import MONEY, Comparison, compare, with_money
from nbo.registry.history import PREVIOUS, aliases_of
from nbo.registry.loading import find_version, load
from nbo.registry.logged import LoggedVersion, check_alias
from nbo.registry.store import tracking_store
from nbo.registry.verdict import Verdict
from nbo.tables import CustomerTables
from nbo.times import check_duration, check_time, check_times

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from nbo.ledger import Ledger

__all__ = ["promote"]


def promote(
    name: str,
    challenger: int | str,
    ledger: Ledger | None = None,
    *,
    feedback: pd.DataFrame | None = None,
    tables: CustomerTables | None = None,
    reward: str | None = None,
    margin: float = 0.0,
    since: Any = None,
    window: str = "14D",
    as_of: Any = None,
    alias: str = "champion",
    tracking_uri: str | None = None,
) -> Verdict:
    """Make a version the champion if logged decisions say that it is better.

    Both models are asked how likely each was to do what was done at every logged decision;
    the challenger takes over if the lower end of the 95 % interval of the difference in reward
    per decision is above `margin`, and the decisions support a verdict on both. Where there is no
    champion yet, the challenger becomes it. The verdict is kept as tags of the challenger's
    version, and the alias ``previous`` points to the champion before, for
    :func:`nbo.registry.rollback`.

    Parameters
    ----------
    name : str
        The registered model.
    challenger : int or str
        A version, or an alias that points to it.
    ledger : Ledger, optional
        Decisions and answers; needs `as_of`.
    feedback : DataFrame, optional
        The same as a frame, in place of the ledger.
    tables : CustomerTables, optional
        To find each model's segments as of each decision. Needed where a model's segments are
        not those that the decisions were logged with. Decisions of the ledger are added to them.
    reward : str, optional
        Column to compare, such as "reward" for acceptances. By default money, reward x value -
        cost, where the decisions hold their `value`, else "reward". A policy that goes for money
        may well win fewer acceptances.
    margin : float, default=0.0
        By how much the challenger must be better, per decision and in the unit of the reward.
    since : Timestamp or str, optional
        Only decisions made from then on count, UTC. By default those made after the training
        of both models. What either policy has learnt from never counts: it would favor it.
    window : str, default="14D"
        How long an answer may take; then it counts as no answer. Of a ledger, only decisions
        whose window is over count.
    as_of : Timestamp or str, optional
        Only answers known before it count, UTC.
    alias : str, default="champion"
        The alias that the winner holds.
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.

    Returns
    -------
    Verdict

    Raises
    ------
    InputError
        If there is no such version, no feedback is given, or it lacks what is needed.
    """
    if check_alias(alias) == PREVIOUS:
        raise InputError(f"alias must not be {PREVIOUS!r}: it points to the champion before.")
    if isinstance(margin, bool) or not isinstance(margin, int | float) or not math.isfinite(margin):
        raise InputError(f"margin must be a finite number; got {margin!r}.")
    with tracking_store(tracking_uri) as client:
        rival = find_version(client, name, challenger)
        holder = aliases_of(client, name).get(alias)
        if holder is None:
            reason = f"there was no {alias}"
            verdict = Verdict(True, reason, name, _number(rival), margin=margin)
        elif holder == rival.version:
            return Verdict(False, f"it is the {alias} already", name, holder, champion=holder, margin=margin)
        else:
            rows, unit = _priced(_feedback(ledger, feedback, window, as_of), reward)
            seen = _with_history(tables, ledger)
            verdict = _judge(rival, find_version(client, name, holder), rows, seen, unit, since, margin)
        _write_down(client, verdict, alias)
    return verdict


def _with_history(tables: CustomerTables | None, ledger: Ledger | None) -> CustomerTables | None:
    """Add what the ledger knows: features of past offers must see what they saw at each decision."""
    if tables is None or ledger is None:
        return tables
    return tables.added(decisions=ledger.decisions(), outcomes=ledger.outcomes())


def _feedback(ledger: Ledger | None, feedback: pd.DataFrame | None, window: str, as_of: Any) -> pd.DataFrame:
    if (ledger is None) == (feedback is None):
        raise InputError("give promote either a ledger or feedback: there is a champion to compare with.")
    if ledger is not None:
        if as_of is None:
            raise InputError("as_of must be given with a ledger: only answers known before it count.")
        moment = check_time(as_of)
        rows = ledger.feedback(moment, window=window)
        # Of younger decisions mostly acceptances are known: a refusal by silence takes the whole window.
        return rows[rows[c.DECIDED_AT] + check_duration(window, "window") <= moment].reset_index(drop=True)
    frame = check_frame(feedback, "feedback")
    check_columns(frame, [c.DECISION_ID, c.DECIDED_AT], "feedback")
    frame = frame.assign(**{c.DECIDED_AT: check_times(frame[c.DECIDED_AT], "feedback.decided_at")})
    if as_of is not None and c.OUTCOME_AT in frame:
        frame = frame[check_times(frame[c.OUTCOME_AT], "feedback.outcome_at") < check_time(as_of)]
    return frame.reset_index(drop=True)


def _priced(feedback: pd.DataFrame, reward: str | None) -> tuple[pd.DataFrame, str]:
    """Choose what is compared: money where it is known."""
    if reward is None and c.VALUE in feedback and feedback[c.VALUE].notna().any():
        return with_money(feedback), MONEY
    return feedback, reward or c.REWARD


def _judge(
    rival: LoggedVersion,
    holder: LoggedVersion,
    feedback: pd.DataFrame,
    tables: CustomerTables | None,
    reward: str,
    since: Any,
    margin: float,
) -> Verdict:
    challenger, champion = load(rival.model_uri), load(holder.model_uri)
    start = max(challenger.as_of_, champion.as_of_) if since is None else check_time(since, "since")
    learnt = _learnt(challenger) | _learnt(champion)
    fresh = (feedback[c.DECIDED_AT] >= start) & ~feedback[c.DECISION_ID].isin(learnt)
    rows = feedback[fresh].reset_index(drop=True)
    found = compare(challenger, champion, rows, tables, reward)
    won = found.n > 1 and not found.no_verdict and found.low > margin
    return Verdict(
        promoted=won,
        reason=_reason(found, won, reward, margin, len(feedback), start),
        name=rival.name,
        challenger=_number(rival),
        champion=holder.version,
        reward=reward,
        margin=margin,
        **dataclasses.asdict(found),
    )


def _learnt(model: NextBestOffer) -> set[Any]:
    """Decisions whose answer the model's policy has learnt from."""
    return set(model.policy.to_state().get("answers", {}).get(c.DECISION_ID, []))


def _reason(found: Comparison, won: bool, reward: str, margin: float, given: int, start: pd.Timestamp) -> str:
    if found.n < 2:
        return (
            f"{found.n} of {given} answered decisions were made from {start} on and are new to both models; "
            "at least 2 are needed"
        )
    if found.no_verdict:
        return f"the {found.n} decisions do not support a verdict: {found.no_verdict}"
    words = "is above" if won else "is not above"
    return (
        f"on {found.n} decisions the difference in {reward} per decision is {found.difference:.6g}, "
        f"and the lower end of its 95 % interval, {found.low:.6g}, {words} {margin:g}"
    )


def _number(version: LoggedVersion) -> int:
    if version.version is None:
        raise InputError(f"{version.model_uri} is not registered; promote takes a version of a registered model.")
    return version.version


def _write_down(client: MlflowClient, verdict: Verdict, alias: str) -> None:
    """Keep the verdict as tags first, so that no alias ever moves without its reason."""
    for key, value in dataclasses.asdict(verdict).items():
        if key not in ("name", "challenger") and value is not None:
            client.set_model_version_tag(verdict.name, str(verdict.challenger), f"nbo.{key}", str(value))
    if not verdict.promoted:
        return
    if verdict.champion is not None:
        client.set_registered_model_alias(verdict.name, PREVIOUS, str(verdict.champion))
    client.set_registered_model_alias(verdict.name, alias, str(verdict.challenger))
