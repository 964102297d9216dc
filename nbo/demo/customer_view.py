"""The page of the customers: who brings in the money, whom to keep, and one of them on a card."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbo import columns as c
from nbo.alerting import Alerts, alerts
from nbo.reports import value_report
from nbo.tables import CustomerTables
from nbo.views import StoredScores, customer_snapshot

__all__ = ["write_customer_view"]

_SPAN = pd.Timedelta("180D")
# Nobody has measured it: an assumption, and the page says so.
_LETTER = {"action": "letter", "cost": 0.3, "relative_reduction": 0.05}
_MOST = 50
_SHOWN = ["customer_id", "cause", "evidence", "churn_probability", "expected_loss", "action", "net_gain"]


def write_customer_view(path: Path, tables: CustomerTables, scores: pd.DataFrame, as_of: pd.Timestamp) -> Path:
    """Write the report of customer value, the alerts of one night and a card, as one page.

    Parameters
    ----------
    path : Path
        The HTML file.
    tables : CustomerTables
    scores : DataFrame
        Of all customers and offers, as a batch job wrote them.
    as_of : Timestamp
        Moment of the scores.

    Returns
    -------
    Path
    """
    people = scores.drop_duplicates(c.CUSTOMER_ID)
    segments = people[[c.CUSTOMER_ID, c.SEGMENT]]
    page = value_report(tables, as_of - _SPAN, as_of, segments=segments, title="Simulated customers").to_page()
    found = alerts(people, tables, as_of, actions=pd.DataFrame([_LETTER]), budget={"campaign:letter": _MOST})
    page.add_table("Alerts: whom to keep", found.to_frame()[_SHOWN], _alerts_note(found))
    if len(found):
        card = customer_snapshot(StoredScores(scores), tables, found.frame[c.CUSTOMER_ID].iloc[0], as_of)
        page.add_list("The first of them, on one card", filter(None, card.to_text().splitlines()))
    return page.write(path)


def _alerts_note(found: Alerts) -> str:
    return (
        f"Where a letter gains more than it costs, if it takes {_LETTER['relative_reduction']:.0%} of the risk away: "
        f"an assumption, nobody has measured it. At most {_MOST} a week; {len(found.held_back):,} are held back."
    )
