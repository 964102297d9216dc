"""Prices, assignments and the bound, by a few passes over all customers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.arbitration.allocation.core import solve_core
from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.dual import Dual, Look, passes
from nbo.arbitration.allocation.moves import cheap_moves
from nbo.arbitration.allocation.newton import Reach, descend, newton_step
from nbo.arbitration.allocation.repair import broken, repair
from nbo.arbitration.allocation.sample_prices import (
    dual_of,
    has_ties,
    sample_dual,
    sample_prices,
    typical_priority,
    untied,
)
from nbo.arbitration.allocation.scores import Scores
from nbo.arbitration.allocation.solution import Solution
from nbo.arbitration.allocation.totals import changed, totals
from nbo.progress import track

__all__ = ["solve"]

# So many customers, those nearest to another choice, are looked at again and again.
_NEAR = 30_000
_ROUNDS = 8
# Answers are bettered so often, each time with four times the changes.
_TRIES = 2
# Customers of the sample for the step before the first pass.
_SAMPLE = 160_000
_LARGEST = 1000.0
# Up to so many customers, single changes leave a gap that changes by two lessen.
_FEW = 5000


def solve(
    scores: Scores,
    coupling: Coupling,
    slots: int,
    tolerance: float,
    start: np.ndarray | None = None,
    progress: bool | None = None,
) -> Solution:
    """Allocate.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    slots : int
        1 to k.
    tolerance : float
        Gap at which no further round is made.
    start : ndarray of shape (m,), optional
        Prices to begin with; from a sample by default.
    progress : bool, optional
        As of :func:`nbo.progress.track`.

    Returns
    -------
    Solution
    """
    if not coupling.names or not scores.best.max(initial=-np.inf) > -np.inf:
        return _without_prices(scores, coupling, slots)
    typical = typical_priority(scores.of(np.arange(0, scores.shape[0], max(scores.shape[0] // 2000, 1))))
    highest = _LARGEST * typical / coupling.scale
    reach = Reach(
        np.where(np.isfinite(coupling.low), -highest, 0.0), np.where(np.isfinite(coupling.high), highest, 0.0), typical
    )
    tied = has_ties(scores, coupling)
    mu, radius = _first_prices(scores, coupling, slots, reach, start, tied)
    found: list[Solution] = []
    for _ in range(_ROUNDS):
        plain, top, whole = _near(scores, coupling, mu, radius, slots, progress)
        near = reach if whole else reach.around(mu, radius)
        dual, look = _settle(plain, mu, near, tied)
        stuck = (look.mu <= near.lowest) & (near.lowest > reach.lowest)
        stuck |= (look.mu >= near.highest) & (near.highest < reach.highest)
        if stuck.any():
            mu, radius = look.mu, np.where(stuck, 2 * radius, radius)
            continue
        found.append(_finish(plain, dual, look, top, near, highest, 4.0 ** len(found)))
        mu = found[-1].mu
        if _enough(found, tolerance):
            break
    return _best(found or [_finish(plain, dual, look, top, near, highest, 1.0)])


def _without_prices(scores: Scores, coupling: Coupling, slots: int) -> Solution:
    """Let all take their best offers."""
    mu = np.zeros(len(coupling.names))
    tops = [top for top, _ in passes(scores, coupling, mu, mu, slots)] if scores.shape[1] else []
    top = np.concatenate(tops, axis=1) if tops else np.full((slots, scores.shape[0]), -1)
    value, used = totals(scores, coupling, top)
    return Solution(top, mu, value, value, used, broken(used, coupling.low, coupling.high, coupling.scale))


def _first_prices(
    scores: Scores, coupling: Coupling, slots: int, reach: Reach, start: np.ndarray | None, tied: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Find prices on samples, then by a step for all; say how far they may yet be off."""
    look = sample_prices(scores, coupling, slots, reach, start, tied)
    if scores.shape[0] <= _NEAR or tied:
        return look.mu, 0.1 * reach.step / coupling.scale
    sample = sample_dual(scores, coupling, slots, _SAMPLE)
    share = len(sample.rows) / scores.shape[0]
    used = sample.look(look.mu).used
    look = replace(look, mu=newton_step(sample, replace(look, used=used, curvature=look.curvature * share), reach))
    whole = replace(sample, low=coupling.low, high=coupling.high)
    tops = [top for top, _ in passes(scores, coupling, look.mu, np.zeros(len(look.mu)), slots)]
    used = totals(scores, coupling, np.concatenate(tops, axis=1))[1]
    mu = newton_step(whole, replace(look, used=used), reach)
    change = np.abs(mu - look.mu)
    # The next step would be a fraction of this one; a little more, where nothing moved.
    least = max(0.1 * float((change * coupling.scale).max(initial=0.0)), 1e-4 * reach.step)
    return mu, 0.5 * change + least / coupling.scale


def _near(
    scores: Scores, coupling: Coupling, mu: np.ndarray, radius: np.ndarray, slots: int, progress: bool | None
) -> tuple[Dual, np.ndarray, bool]:
    """Look at all customers; give those near to another choice as a dual, and whether that is everybody."""
    n = scores.shape[0]
    if n <= _NEAR:
        return dual_of(scores, coupling, np.arange(n), slots), np.full((slots, n), -1, dtype=np.int16), True
    looked = track(
        passes(scores, coupling, mu, radius, slots), "allocating", total=len(scores.blocks), progress=progress
    )
    tops, nears = zip(*looked, strict=True)
    top, rows = np.concatenate(tops, axis=1), np.flatnonzero(np.concatenate(nears))
    dual = dual_of(scores, coupling, rows, slots)
    value, used = totals(scores, coupling, top)
    own_value, own_used = totals(scores, coupling, top[:, rows], rows)
    return replace(dual, kept_value=value - own_value, kept_used=used - own_used), top, False


def _settle(dual: Dual, mu: np.ndarray, reach: Reach, tied: bool) -> tuple[Dual, Look]:
    """Go down with ever harder choices; give the dual of the last of them, too."""
    if tied:
        for size in (1e-2, 1e-3, 1e-4, 1e-5):
            choosing = untied(dual, size * reach.step)
            for part in (1, 4):
                mu = descend(choosing, mu, size * reach.step / part, reach, tolerance=1e-8).mu
        return choosing, choosing.look(mu)
    margin = dual.look(mu).best.margin
    margin = margin[np.isfinite(margin)]
    typical = float(np.median(margin)) if len(margin) else 1.0
    for part in (2, 8, 32):
        mu = descend(dual, mu, max(typical / part, 1e-12), reach, tolerance=1e-8).mu
    return dual, dual.look(mu)


def _finish(
    plain: Dual, dual: Dual, look: Look, top: np.ndarray, reach: Reach, largest: np.ndarray, factor: float
) -> Solution:
    """Bring the limits to their bounds by cheap changes, and see what it is worth."""
    moves = cheap_moves(dual, look, factor)
    answer = solve_core(moves, dual.coupling, dual.low - look.used, dual.high - look.used, largest)
    made = np.zeros(len(moves.who), dtype=bool)
    mu, bound = look.mu, look.bound if plain is dual else plain.look(look.mu).bound
    if answer is not None:
        made = answer.made
        refined = plain.look(np.clip(answer.mu, reach.lowest, reach.highest))
        if refined.bound < bound:
            mu, bound = refined.mu, refined.bound
    by_two = mu if len(dual.rows) <= _FEW else None
    made = repair(moves, made, look.used, dual.low, dual.high, dual.coupling.scale, by_two)
    own = changed(look.best.top, moves, made)
    value, used = totals(dual.scores, dual.coupling, own, dual.rows)
    whole, value, used = top.copy(), value + dual.kept_value, used + dual.kept_used
    whole[:, dual.rows] = own
    return Solution(whole, mu, value, bound, used, broken(used, dual.low, dual.high, dual.coupling.scale))


def _enough(found: list[Solution], tolerance: float) -> bool:
    """Tell whether the answer is good, or a last round with more changes did not better it by much."""
    best, before = _best(found), _best(found[:-1] or found)
    if best.wrong.any():
        return len(found) > _TRIES
    stale = len(found) > 1 and not before.wrong.any() and best.gap > 0.5 * before.gap
    return best.gap <= tolerance or stale or len(found) > _TRIES


def _best(found: list[Solution]) -> Solution:
    """Prefer what breaks less, then what is worth more; the bound is the lowest of all."""
    best = min(found, key=lambda one: (bool(one.wrong.any()), float(one.wrong.sum()), -one.value))
    low = min(found, key=lambda one: one.bound)
    return replace(best, bound=low.bound, mu=low.mu)
