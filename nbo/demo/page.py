"""The page at the end of the loop: what was won, how fast it was learnt, and who accepts what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from nbo.demo.comparison import Comparison
from nbo.views import Page, plot_acceptance, plot_regret, plot_value

__all__ = ["write_starbucks_page", "write_world_page"]

_RATES_NOTE = "Rates as the policy believes them after the last answer; 95 % credible intervals."


def write_world_page(path: Path, model: Any, comparison: Comparison, feedback: pd.DataFrame, note: str) -> None:
    """Write the page of the simulated world.

    Parameters
    ----------
    path : Path
        The HTML file.
    model : NextBestOffer
        After the last round.
    comparison : Comparison
        All policies, all rounds.
    feedback : DataFrame
        All decisions of the ledger, once their windows are over.
    note : str
        What the reader should know of the world.
    """
    values, regret = comparison.values(), comparison.regret()
    worth = dict(zip(values["policy"], values["value"].astype(float), strict=True))
    rates = model.policy.acceptance_rates()
    page = Page("Next best offer: the learning loop", "Simulated world with known truth")
    page.add_facts(
        {
            "Value per decision": f"{worth['learning']:.2f}",
            "Against uniform": f"{worth['learning'] / worth['uniform']:.1f} x",
            "Of the oracle": f"{worth['learning'] / worth['oracle']:.0%}",
            "Decisions": f"{len(feedback):,}",
            "Accepted": f"{feedback['reward'].mean():.1%}",
        }
    )
    page.add_text("What this is", note)
    page.add_table("Value per decision", values, "True expected value of what each policy chooses, money per decision.")
    page.add_plot(
        "Value with intervals",
        plot_value(values),
        "Money per decision, 95 % intervals.",
        "Value per decision by policy",
    )
    page.add_plot(
        "Regret by round", plot_regret(regret), "Money lost against the oracle.", "Regret by round and policy"
    )
    page.add_plot("Who accepts what", plot_acceptance(rates), _RATES_NOTE, "Acceptance rate per segment and offer")
    page.add_table("Acceptance rates per segment and offer", rates, _RATES_NOTE)
    page.add_table("The segments", model.segmenter.describe(), "Customers who accept the same offers are alike.")
    metrics = pd.DataFrame({"metric": list(model.metrics_), "value": list(model.metrics_.values())})
    page.add_table("The models", metrics, "Measured on the latest quarter of the history, trained on what came before.")
    page.write(path)


def write_starbucks_page(path: Path, table: pd.DataFrame, rates: pd.DataFrame, note: str) -> None:
    """Write the page of the Starbucks set.

    Parameters
    ----------
    path : Path
        The HTML file.
    table : DataFrame
        policy, value (accepted per send), standard_error, low, high, n.
    rates : DataFrame
        Acceptance rates after the last wave.
    note : str
        What the set is, and its terms.
    """
    page = Page("Next best offer: Starbucks rewards", "Replay over uniformly random sends")
    value, sends = (dict(zip(table["policy"], table[name], strict=True)) for name in ("value", "n"))
    learning = str(table["policy"].iloc[0])
    page.add_facts(
        {
            "Accepted per send": f"{value[learning]:.3f}",
            "Sends replayed": f"{sends[learning]:,}",
            "Uniform": f"{value['later waves: uniform']:.3f}",
        }
    )
    page.add_text("What this is", note)
    page.add_table("Accepted per send", table, "Replay counts the sends on which policy and log agree.")
    axes = plot_value(table)
    axes.set_xlabel("Accepted per send")
    page.add_plot(
        "Accepted with intervals",
        axes,
        "Accepted per send, 95 % intervals.",
        "Accepted per send by policy",
    )
    page.add_plot("Who accepts what", plot_acceptance(rates), _RATES_NOTE, "Acceptance rate per segment and offer")
    page.add_table("Acceptance rates per segment and offer", rates, _RATES_NOTE)
    page.write(path)
