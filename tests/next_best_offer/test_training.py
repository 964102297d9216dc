import pandas as pd

from nbo.next_best_offer.training import _just_after
from nbo.tables import CustomerTables


def test_what_holds_from_a_time_on_does_not_say_until_when_events_are_known():
    tables = CustomerTables(
        transactions=pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-06-01"]}),
        macro=pd.DataFrame({"series": ["cpi"], "valid_from": ["2026-07-01"], "value": [1.0]}),
    )
    assert _just_after(tables) == pd.Timestamp("2026-06-01 00:00:00.000001")
