"""A last resort: assignments are taken back until no maximum is broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.repair import broken
from nbo.arbitration.allocation.scores import Scores
from nbo.arbitration.allocation.solution import Solution
from nbo.arbitration.allocation.totals import totals

__all__ = ["take_back"]


def take_back(found: Solution, scores: Scores, coupling: Coupling) -> Solution:
    """Take back the assignments that are worth least for what they use, limit by limit.

    Parameters
    ----------
    found : Solution
    scores : Scores
    coupling : Coupling

    Returns
    -------
    Solution
        No maximum is broken; minimums may be.
    """
    top = found.top.copy()
    used = found.used
    for limit in np.flatnonzero(found.wrong):
        slot, who = np.nonzero(top >= 0)
        what = top[slot, who].astype(np.intp)
        counts = coupling.counted(who, what)[:, [limit]].toarray()[:, 0]
        excess = used[limit] - coupling.high[limit]
        if excess <= 0:
            # Of a share that is too small, what counts against it goes.
            counts, excess = -counts, coupling.low[limit] - used[limit]
        using = np.flatnonzero(counts > 0)
        rate = scores.values[who[using], what[using]] / counts[using]
        using = using[np.argsort(rate, kind="stable")]
        enough = np.searchsorted(np.cumsum(counts[using]), excess) + 1
        gone = using[:enough]
        top[slot[gone], who[gone]] = -1
        used = totals(scores, coupling, top)[1]
    value, used = totals(scores, coupling, top)
    wrong = broken(used, coupling.low, coupling.high, coupling.scale)
    return replace(found, top=top, value=value, used=used, wrong=wrong)
