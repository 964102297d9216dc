"""What came of simulating one set of rules, or two."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["Simulation"]

_SHOWN = 12
_TITLES = {
    "totals": "In all",
    "distribution": "Distribution",
    "funnel": "Funnel",
    "costs": "Cost of rules and levers",
    "under_served": "Customers without a relevant offer",
    "under_served_by_segment": "The same by segment",
    "bias": "Bias",
    "sensitivity": "Sensitivity",
    "optionality": "Offers left",
    "wins": "Wins and losses",
}


@dataclass(frozen=True)
class Simulation:
    """What one set of rules, or two, would lead to, in expectation.

    All frames but `totals` and `distribution` have a column `rules`: "A" or "B".

    Parameters
    ----------
    totals : DataFrame
        `measure` (customers, offers, acceptances, value, priority), and for A the sum over customers `a`; with B also
        `b`, `difference`, its `standard_error` over customers, `low` and `high`. Money of `value` is without levers.
    distribution : DataFrame
        See :func:`~nbo.arbitration.offer_distribution`.
    funnel, funnel_by_offer : DataFrame
        See :func:`~nbo.arbitration.decision_funnel`.
    under_served_customers : DataFrame
        See :func:`~nbo.arbitration.value_finder`.
    under_served, under_served_by_segment : DataFrame
        Number of these `customers`, and the `value` of what they lost, money: by `status`, `stage` and `reason`, and
        by `segment`, there with the `share` of its customers.
    bias : DataFrame
        See :func:`~nbo.arbitration.bias_check`; no rows where no attribute was asked.
    costs : DataFrame
        See :func:`~nbo.arbitration.rule_costs`; no rows where they were not asked.
    sensitivity, optionality, wins : DataFrame
        See :func:`~nbo.arbitration.arbitration_sensitivity`, :func:`~nbo.arbitration.optionality` and
        :func:`~nbo.arbitration.win_loss`.
    notes : tuple of str
        What to know when reading it.
    """

    totals: pd.DataFrame
    distribution: pd.DataFrame
    funnel: pd.DataFrame
    funnel_by_offer: pd.DataFrame = field(repr=False)
    under_served_customers: pd.DataFrame = field(repr=False)
    under_served: pd.DataFrame = field(repr=False)
    under_served_by_segment: pd.DataFrame = field(repr=False)
    bias: pd.DataFrame = field(repr=False)
    costs: pd.DataFrame = field(repr=False)
    sensitivity: pd.DataFrame = field(repr=False)
    optionality: pd.DataFrame = field(repr=False)
    wins: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """Say in words what the rules lead to.

        Returns
        -------
        str
            A line for each fact.
        """
        sums = self.totals.set_index("measure")
        lines = [self._sentence(name.upper(), sums[name]) for name in ("a", "b") if name in sums]
        if "b" in sums:
            value = sums.T["value"]
            span = f"95 % {value['low']:+,.2f} to {value['high']:+,.2f}"
            lines.append(f"B instead of A changes the expected value by {value['difference']:+,.2f} ({span}).")
        lines += [
            f"The dearest rule is {most['rule']!r} of {most['rules']}: it costs {most['cost']:,.2f}."
            for most in self.costs.nlargest(1, "cost").to_dict("records")
            if most["cost"] > 0
        ]
        if len(self.bias):
            lines.append(f"{int(self.bias['flag'].sum())} of {len(self.bias)} comparisons of groups are flagged.")
        return "\n".join([*lines, *self.notes])

    def _sentence(self, name: str, sums: pd.Series) -> str:
        under = self.under_served.loc[self.under_served["rules"] == name, "customers"].sum()
        return (
            f"{name}: {sums['offers']:,.1f} offers to {sums['customers']:,.0f} customers, {sums['acceptances']:,.1f} "
            f"acceptances and a value of {sums['value']:,.2f} are expected; {under:,} have no relevant offer."
        )

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        words = "".join(f"<p>{html.escape(line)}</p>" for line in self.summary().splitlines())
        tables = [self._table(name, title) for name, title in _TITLES.items() if len(getattr(self, name))]
        return words + "".join(tables)

    def _table(self, name: str, title: str) -> str:
        frame = getattr(self, name)
        if name == "bias":
            frame = frame.sort_values("flag", ascending=False, kind="stable")
        more = f"<p>and {len(frame) - _SHOWN:,} more rows in <code>{name}</code></p>" if len(frame) > _SHOWN else ""
        rows = frame.head(_SHOWN).to_html(index=False, float_format="{:,.4g}".format, na_rep="", border=0)
        return f"<h4>{title}</h4>{rows}{more}"
