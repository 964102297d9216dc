"""What a staged rollout watches: what it must not harm, and what it is to improve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["Goal", "Guardrail"]


@dataclass(frozen=True)
class Guardrail:
    """A metric that a rollout must not harm.

    Parameters
    ----------
    metric : str
        Name, as in the reports.
    worse : {"lower", "higher"}, default="lower"
        Which direction is harm: lower for revenue, higher for complaints.
    tolerated : float, default=0.0
        Harm for each customer that is tolerated, in the metric's unit, 0 or more. More than that, once shown, rolls
        back.
    excluded : float, optional
        Harm for each customer that must be ruled out before a stage is left, above `tolerated`. By default nothing
        must be.

    Raises
    ------
    InputError
        If a number or a direction is not allowed.
    """

    metric: str
    worse: str = "lower"
    tolerated: float = 0.0
    excluded: float | None = None

    def __post_init__(self) -> None:
        _check_name(self.metric)
        check_one_of(self.worse, ("lower", "higher"), "worse")
        check_number(self.tolerated, "tolerated", "finite, 0 or more", lambda harm: 0 <= harm < np.inf)
        if self.excluded is not None:
            allowed = f"finite, above tolerated, {self.tolerated:g}"
            check_number(self.excluded, "excluded", allowed, lambda harm: self.tolerated < harm < np.inf)


@dataclass(frozen=True)
class Goal:
    """A metric that a rollout is to improve, else it ends.

    Parameters
    ----------
    metric : str
        Name, as in the reports.
    effect : float
        Improvement for each customer that is hoped for, not 0; below 0 where less is better.
    sd : float
        Standard deviation of the metric between customers; for a rate p, the root of p (1 - p).
    alpha : float, default=0.025
        Chance, over all looks, to find an improvement where there is none, in (0, 0.5).
    futility : float, default=0.1
        Least chance to find an improvement in the end, should it be as hoped for, that is worth going on, in [0, 1).
        At 0, nothing is given up before the last look.

    kind : {"obrien_fleming", "pocock"}, default="obrien_fleming"
        Shape of its boundaries, see :func:`~nbo.experiments.sequential_boundaries`: improvement need not be found
        early, but shall not be missed in the end.

    Raises
    ------
    InputError
        If a number or a kind is not allowed.
    """

    metric: str
    effect: float
    sd: float
    alpha: float = 0.025
    futility: float = 0.1
    kind: str = "obrien_fleming"

    def __post_init__(self) -> None:
        _check_name(self.metric)
        check_number(self.effect, "effect", "finite, not 0", lambda size: np.isfinite(size) and size != 0)
        check_number(self.sd, "sd", "finite, above 0", lambda sd: 0 < sd < np.inf)
        check_number(self.alpha, "alpha", "in (0, 0.5)", lambda share: 0 < share < 0.5)
        check_number(self.futility, "futility", "in [0, 1)", lambda share: 0 <= share < 1)
        check_one_of(self.kind, ("obrien_fleming", "pocock"), "kind")


def _check_name(metric: object) -> None:
    if not isinstance(metric, str) or not metric:
        raise InputError(f"metric must be a text that is not empty; got {metric!r}.")
