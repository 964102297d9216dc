"""Let a challenger take over when the evidence says that it is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo.errors import BundleError, InputError
from nbo.registry.aliases import aliases_of, check_alias, move_alias
from nbo.registry.bar import Bar
from nbo.registry.case import Case
from nbo.registry.challenger_health import ALARM, challenger_health, own_check, worst_state
from nbo.registry.evidence import evidence_of
from nbo.registry.judgement import Judgement, judge
from nbo.registry.loading import find_version, load
from nbo.registry.logged import LoggedVersion
from nbo.registry.store import tracking_store
from nbo.registry.trail import written_down
from nbo.registry.verdict import Verdict
from nbo.tables import CustomerTables
from nbo.times import check_time

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from nbo.ledger import Ledger
    from nbo.ledger.verification import Verification

__all__ = ["promote"]

# What the trail lists of a verdict, and the tags of the version repeat.
_TOLD = (
    *("promoted", "reason", "champion", "reward", "difference", "low", "high", "margin", "interval", "n", "ess"),
    *("no_verdict", "health", "as_of"),
)


def promote(
    name: str,
    challenger: int | str,
    ledger: Ledger | None = None,
    *,
    feedback: pd.DataFrame | None = None,
    tables: CustomerTables | None = None,
    reward: str | None = None,
    margin: float = 0.0,
    confidence: float = 0.95,
    interval: str = "always_valid",
    planned: float = 10_000,
    health: bool | Mapping[str, tuple[float, float]] = True,
    since: Any = None,
    window: str = "14D",
    as_of: Any = None,
    alias: str = "champion",
    tracking_uri: str | None = None,
) -> Verdict:
    """Make a version the champion if logged decisions say that it is better, and it is healthy.

    Both models are asked how likely each was to do what was done at every logged decision;
    the challenger takes over if the lower bound of its gain per decision over the champion is above `margin`, the
    decisions support a verdict on both, and none of its health checks is an alarm. Where there is no
    champion yet, a healthy challenger becomes it. The verdict is written to the registry with all evidence, also
    when it is a refusal, see :func:`nbo.registry.verdicts`; and the alias ``previous`` points to the champion
    before (``previous-staging`` where `alias` is "staging"), for :func:`nbo.registry.rollback`.

    Of a ledger, both models first learn what was answered before the decisions that count, see
    :func:`nbo.registry.load`: a champion that has learnt is not compared as it was registered.

    Parameters
    ----------
    name : str
        The registered model.
    challenger : int or str
        A version, or an alias that points to it.
    ledger : Ledger, optional
        Decisions and answers; needs `as_of`. One whose rows were altered is an alarm.
    feedback : DataFrame, optional
        The same as a frame, in place of the ledger.
    tables : CustomerTables, optional
        To find each model's segments as of each decision. Needed where a model's segments are
        not those that the decisions were logged with. Decisions of the ledger are added to them. With them and
        `as_of`, drift and calibration are among the health checks.
    reward : str, optional
        Column to compare, such as "reward" for acceptances. By default money, reward x value -
        cost, where the decisions hold their `value`, else "reward". A policy that goes for money
        may well win fewer acceptances.
    margin : float, default=0.0
        By how much the challenger must be better, per decision and in the unit of the reward.
    confidence : float, default=0.95
        Of the interval of the gain, in (0, 1).
    interval : {"always_valid", "normal"}, default="always_valid"
        "always_valid" may be asked of a growing ledger as often as one likes; "normal" is narrower, for one look
        at a moment that was chosen beforehand.
    planned : float, default=10000
        Customers with decisions at which an always valid interval shall be narrowest, chosen without looking.
    health : bool or mapping of str to (float, float), default=True
        Limits of some health checks, check -> (warning, alarm), instead of the usual ones of
        :func:`nbo.health.check_health`, which needs `as_of`; or False for none. That its files are as they were logged
        is always checked.
    since : Timestamp or str, optional
        Only decisions made from then on count, UTC. By default those made after both models had last learnt. What
        either policy has learnt from never counts: it would favor it.
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
    BundleError
        If the champion's files were altered.
    InputError
        If there is no such version, no feedback is given, or it lacks what is needed; or if another champion was
        made meanwhile.
    """
    check_alias(alias)
    bar = Bar(margin, confidence, interval, planned)
    moment = None if as_of is None else check_time(as_of)
    with tracking_store(tracking_uri) as client:
        rival = find_version(client, name, challenger)
        held = aliases_of(client, name).get(alias)
        if held is not None and held == rival.version:
            return Verdict(False, f"it is the {alias} already", name, held, champion=held, margin=margin)
        holder = None if held is None else find_version(client, name, held)
        case = Case(rival, holder, alias, bar, ledger, feedback, tables, reward, health, since, window, moment)
        verdict = _verdict(case)
        told = {key: getattr(verdict, key) for key in _TOLD}
        line = {**told, "version": verdict.challenger, "alias": alias}
        with written_down(client, tracking_uri, "promotion", name, line, verdict.evidence) as run_id:
            if verdict.promoted:
                _check_still(client, verdict, alias)
                move_alias(client, name, alias, verdict.challenger)
            # On the version too, once it is done, with the run that holds the evidence.
            for key, value in {**told, "promotion_run": run_id}.items():
                # The tag `as_of` is that of its training.
                if value is not None and key != "as_of":
                    client.set_model_version_tag(name, str(verdict.challenger), f"nbo.{key}", str(value))
    return replace(verdict, run_id=run_id)


def _verdict(case: Case) -> Verdict:
    """Judge, and check the health of what was judged."""
    try:
        challenger = load(case.rival.model_uri)
    except BundleError as error:
        loading = own_check("loads", "its files", str(error), 1.0, ALARM)
        return _stated(case, (False, "it was not compared"), checks=pd.DataFrame([loading]))
    champion = None if case.holder is None else load(case.holder.model_uri)
    judgement: Judgement | None = None
    rows: pd.DataFrame | None = None
    tables, outcome = case.tables_with_history(), (True, f"there was no {case.alias}")
    if champion is not None:
        rows, unit = case.priced_rows()
        start = case.brought_to_start(challenger, champion)
        judgement = judge(challenger, champion, rows, tables, unit, case.bar, start)
        outcome = judgement.won, judgement.reason
    # Also where there is nobody to compare with.
    known = None if case.ledger is None else case.ledger.verify()
    checks = None
    if case.health is not False:
        limits = None if case.health is True else case.health
        checks = challenger_health(challenger, champion, rows, tables, case.as_of, limits, _ledger_check(known))
    return _stated(case, outcome, judgement, checks, known)


def _ledger_check(known: Verification | None) -> list[dict[str, Any]]:
    if known is None:
        return []
    return [own_check("ledger", "the ledger", str(known), float(not known.ok), "ok" if known.ok else ALARM)]


def _stated(
    case: Case,
    outcome: tuple[bool, str],
    judgement: Judgement | None = None,
    checks: pd.DataFrame | None = None,
    known: Verification | None = None,
) -> Verdict:
    """Put the verdict together from what was found."""
    won, reason = outcome
    bad = [] if checks is None else checks[checks["state"] == ALARM].to_dict("records")
    alarms = [f"{row['subject']}: {row['message']}" for row in bad]
    if alarms:
        more = f", and {len(alarms) - 1} more" if len(alarms) > 1 else ""
        reason = f"{reason}; {'but' if won else 'and'} its health is an alarm: {alarms[0]}{more}"
    return Verdict(
        promoted=won and not alarms,
        reason=reason,
        name=case.rival.name,
        challenger=_number(case.rival),
        champion=None if case.holder is None else case.holder.version,
        margin=case.bar.margin,
        interval=None if judgement is None else case.bar.interval,
        health=worst_state(checks),
        as_of=case.as_of,
        evidence=evidence_of(case, judgement, checks, known),
        **({} if judgement is None else _numbers(judgement)),
    )


def _numbers(judgement: Judgement) -> dict[str, Any]:
    found = judgement.found
    return {
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "challenger_value": None if found.challenger is None else found.challenger.value,
        "champion_value": None if found.champion is None else found.champion.value,
        "reward": judgement.reward,
        "n": found.n,
        "ess": 0.0 if found.challenger is None else found.challenger.effective_sample_size,
        "no_verdict": found.no_verdict,
    }


def _number(version: LoggedVersion) -> int:
    if version.version is None:
        raise InputError(f"{version.model_uri} is not registered; promote takes a version of a registered model.")
    return version.version


def _check_still(client: MlflowClient, verdict: Verdict, alias: str) -> None:
    held = aliases_of(client, verdict.name).get(alias)
    if held != verdict.champion:
        raise InputError(f"the {alias} is version {held} by now, no longer {verdict.champion}; promote again.")
