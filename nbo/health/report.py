"""What the health checks have found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["HealthReport"]

_SHOWN = 10


@dataclass(frozen=True)
class HealthReport:
    """What the health checks have found.

    Parameters
    ----------
    as_of : Timestamp
        The moment of the look, UTC.
    checks : DataFrame
        A row for each finding, alarms first: check, subject, value, limit (that of an alarm), state ("ok",
        "warning" or "alarm") and message.
    details : mapping of str to DataFrame
        "features" and "predictions" (drift), "calibration" and "response_rates" (cells with intervals), as far
        as they were checked.
    """

    as_of: pd.Timestamp
    checks: pd.DataFrame
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there is no alarm."""
        return self.alarms.empty

    @property
    def alarms(self) -> pd.DataFrame:
        """The rows of `checks` that are alarms."""
        return self._of("alarm")

    @property
    def warnings(self) -> pd.DataFrame:
        """The rows of `checks` that are warnings."""
        return self._of("warning")

    def to_dict(self) -> dict[str, Any]:
        """Give the moment, whether all is well, and the checks as JSON values; a missing number is None."""
        rows = [{name: _plain(value) for name, value in row.items()} for row in self.checks.to_dict("records")]
        return {"as_of": self.as_of.isoformat(), "ok": self.ok, "checks": rows}

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one HTML page that needs no other file.

        Parameters
        ----------
        path : str or Path
            A file of that name is replaced.

        Returns
        -------
        Path
        """
        from nbo.health.page import health_page

        return health_page(self).write(path)

    def __str__(self) -> str:
        bad = pd.concat([self.alarms, self.warnings])
        lines = [f"{row.state} {row.check} {row.subject}: {row.message}" for row in bad.head(_SHOWN).itertuples()]
        more = [f"and {len(bad) - _SHOWN} more"] if len(bad) > _SHOWN else []
        return "\n".join([self._headline(), *lines, *more])

    def _repr_html_(self) -> str:
        bad = pd.concat([self.alarms, self.warnings]).head(_SHOWN)
        names = ("state", "check", "subject", "message")
        cells = ["".join(f"<td>{escape(str(row[name]))}</td>" for name in names) for row in bad.to_dict("records")]
        rows = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<p>{escape(self._headline())}</p>" + (f"<table>{rows}</table>" if rows else "")

    def _headline(self) -> str:
        n = len(self.checks)
        counts = f"{_some(len(self.alarms), 'alarm')} and {_some(len(self.warnings), 'warning')}"
        return f"Health as of {self.as_of:%Y-%m-%d %H:%M}: {counts} in {_some(n, 'check')}."

    def _of(self, state: str) -> pd.DataFrame:
        return self.checks[self.checks["state"] == state].reset_index(drop=True)


def _some(n: int, what: str) -> str:
    return f"{n or 'no'} {what}{'' if n == 1 else 's'}"


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value
