"""Alerts: who is at risk, why, what to do, and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.checks import check_one_of
from nbo.whole_files import whole_file

__all__ = ["Alerts", "Unpaid"]

_SHOWN = [
    c.CUSTOMER_ID,
    a.CAUSE,
    c.CHURN_PROBABILITY,
    a.VALUE_AT_STAKE,
    a.EXPECTED_LOSS,
    a.ACTION,
    a.NET_GAIN,
    a.OWNER,
    a.ROUTE,
    c.REASON,
]
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Unpaid:
    """Customers whose risk and value are known and for whom no action pays.

    Parameters
    ----------
    customers : int
        How many; those with a running episode do not count.
    gain, cost : float, default=0.0
        Loss that the action nearest to paying avoids, and what it costs, money.
    action : str, default=""
        Its name; empty where no action may be taken for anybody.
    """

    customers: int
    gain: float = 0.0
    cost: float = 0.0
    action: str = ""

    @classmethod
    def of(cls, could: pd.DataFrame) -> Unpaid | None:
        """Take what could be done for each of them.

        Parameters
        ----------
        could : DataFrame of n rows
            As :func:`~nbo.alerting.actions.best_actions` gives it; a net gain above 0 was in vain, as no cause of
            its action holds.

        Returns
        -------
        Unpaid or None
            None if there is nobody.
        """
        net = np.where(could[a.NET_GAIN] > 0, -np.inf, could[a.NET_GAIN])
        if not np.isfinite(net).any():
            return cls(len(could)) if len(could) else None
        best = could.iloc[int(net.argmax())]
        return cls(len(could), float(best[a.ACTION_GAIN]), float(best[a.ACTION_COST]), str(best[a.ACTION]))

    @property
    def told(self) -> str:
        """Say it in words."""
        whom = f"for {self.customers:,} customer{'' if self.customers == 1 else 's'}"
        if not self.action:
            return f"{whom} no action may be taken"
        nearest = f"at best {self.action!r} avoids a loss of {self.gain:,.2f} at a cost of {self.cost:,.2f}"
        return f"{whom} no action gains more than it costs ({nearest})"


@dataclass(frozen=True, repr=False, eq=False)
class Alerts:
    """Customers whom to lose costs more than to act, each once for each episode of risk.

    Parameters
    ----------
    frame : DataFrame
        New alerts, the highest net gain first: alert_id, customer_id, raised_at, episode_started_at, cause, evidence,
        churn_probability, value_at_stake (money), expected_loss (if nothing is done), action, action_gain (loss
        that it avoids), action_cost, net_gain (gain less cost), owner (missing for a campaign), route ("owner" or
        "campaign:<name>") and reason.
    held_back : DataFrame
        Those that the budget of their owner did not allow, with why as reason; they wait for the next run.
    episodes : DataFrame
        All episodes known, earlier ones too, for `past` of the next run: alert_id, customer_id, episode_started_at,
        raised_at (missing while held back), cause, owner, route, state ("open", "held back", "case closed", "risk fell"
        or "horizon") and episode_ended_at.
    as_of : Timestamp
    considered : int
        Customers looked at.
    unknown : int
        Of them, customers whose risk or value nobody knows; they raise no alert.
    unpaid : Unpaid, optional
        For how many nothing is done because no action pays, and how near it comes to that.
    """

    frame: pd.DataFrame
    held_back: pd.DataFrame
    episodes: pd.DataFrame
    as_of: pd.Timestamp
    considered: int
    unknown: int
    unpaid: Unpaid | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"Alerts({self._told()})"

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_frame(self) -> pd.DataFrame:
        """Give the new alerts as a frame of its own, the highest net gain first.

        Returns
        -------
        DataFrame
        """
        return self.frame.copy()

    def by_owner(self) -> dict[str, pd.DataFrame]:
        """Give each owner's alerts, the highest net gain first.

        Returns
        -------
        dict of str to DataFrame
        """
        own = self.frame[self.frame[a.ROUTE] == a.TO_OWNER]
        return {str(name): rows.reset_index(drop=True) for name, rows in own.groupby(a.OWNER, sort=True)}

    def campaigns(self) -> dict[str, pd.DataFrame]:
        """Give the list of each campaign: customers without an owner.

        Returns
        -------
        dict of str to DataFrame
        """
        lists = self.frame[self.frame[a.ROUTE] != a.TO_OWNER]
        found = lists.groupby(lists[a.ROUTE].str.removeprefix(a.TO_CAMPAIGN), sort=True)
        return {str(name): rows.reset_index(drop=True) for name, rows in found}

    def to_html(self) -> str:
        """Write alerts as HTML, everything escaped, at most 50 of them.

        Returns
        -------
        str
        """
        parts = [f"<p>{escape(self._told())}</p>"]
        for title, rows in (("Alerts", self.frame), ("Held back by budget", self.held_back)):
            if len(rows):
                more = f" (the first {_MOST_SHOWN} of {len(rows):,})" if len(rows) > _MOST_SHOWN else ""
                shown = rows[_SHOWN].head(_MOST_SHOWN)
                table = shown.to_html(index=False, border=0, na_rep="", float_format="{:,.2f}".format)
                parts.append(f"<h4>{title}{more}</h4>{table}")
        return "".join(parts)

    def write(self, folder: str | Path, format: Literal["parquet", "csv"] = "parquet") -> None:
        """Write alerts, held_back and episodes as one file each; each appears whole or not at all.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there; `past` of the next run takes it. Files of these names are replaced.
        format : {"parquet", "csv"}, default="parquet"
            In CSV, ids of customers that look like numbers come back as numbers.

        Raises
        ------
        InputError
            If the format is another.
        """
        check_one_of(format, ("parquet", "csv"), "format")
        # The episodes come last: a run that was cut short is not taken for past.
        for name, rows in (("alerts", self.frame), ("held_back", self.held_back), ("episodes", self.episodes)):
            with whole_file(Path(folder) / f"{name}.{format}") as aside:
                if format == "parquet":
                    rows.to_parquet(aside, index=False)
                else:
                    rows.to_csv(aside, index=False)

    def _told(self) -> str:
        owners = self.frame.loc[self.frame[a.ROUTE] == a.TO_OWNER, a.OWNER].nunique()
        sizes = {"alert": len(self), "owner": owners, "campaign": len(self.campaigns())}
        said = [f"{size:,} {name}{'' if size == 1 else 's'}" for name, size in sizes.items()]
        gain = f"net gain {self.frame[a.NET_GAIN].sum():,.2f} in all"
        waiting = f", {len(self.held_back):,} held back by budget" if len(self.held_back) else ""
        looked = f"{self.considered:,} customers as of {self.as_of:%Y-%m-%d %H:%M} UTC"
        unknown = f", {self.unknown:,} without risk or value" if self.unknown else ""
        # Who gets no alert at all wants to know why.
        why = f"; {self.unpaid.told}" if self.unpaid is not None and not len(self) and not len(self.held_back) else ""
        return f"{said[0]} for {said[1]} and {said[2]}, {gain}{waiting}; of {looked}{unknown}{why}"
