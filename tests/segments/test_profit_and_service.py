"""From profit per customer to tiers, services and one table, reconciled to the cent."""

import pandas as pd
import pytest

from nbo.segments import ServicePlan, ValueTierSegmenter, align_services, assign_service
from nbo.simulate import World
from nbo.value import profitability


@pytest.fixture(scope="module")
def profit():
    world = World(customers=300, days=200, seed=4)
    return profitability(world.tables, world.end - pd.Timedelta("180D"), world.end).customers


def test_the_table_of_segments_and_services_has_the_profit_of_the_customers(profit):
    people = profit.rename(columns={"profit": "contribution"})[["customer_id", "contribution"]]
    tiers = ValueTierSegmenter("contribution").fit(people)
    people["segment"] = tiers.predict(people)
    plan = ServicePlan(
        pd.DataFrame(
            {
                "level": ["representative", "team", "center", "online"],
                "owner": ["named representative", "experienced team", "center", "self-service"],
                "segment": ["high", "middle", "low", "negative"],
                "pool": ["reps", "desk", "desk", None],
                "minutes": [60, 20, 5, 0],
                "cost": [45.0, 15.0, 4.0, 0.5],
            }
        )
    )
    service = assign_service(people, plan, {"reps": 600, "desk": 500})
    assert (service.usage["used"] <= service.usage["capacity"]).all()
    table = align_services(service)
    cents = (profit["profit"] * 100).round().astype("int64")
    assert round(table["profit"].sum() * 100) == cents.sum()
    by_tier = cents.groupby(people["segment"]).sum()
    shown = table.groupby("segment")["profit"].sum()
    assert {tier: round(value * 100) for tier, value in shown.items()} == by_tier.to_dict()
    described = tiers.describe().set_index("segment")["value"]
    assert {tier: round(described[tier] * 100) for tier in by_tier.index} == by_tier.to_dict()
    assert table["n"].sum() == len(profit)
    assert table.groupby("level")["n"].sum().to_dict() == service.assignment["level"].value_counts().to_dict()
