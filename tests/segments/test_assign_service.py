"""Service under staff capacity: never exceeded, never better for who contributes less."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.errors import InputError
from nbo.segments import ServicePlan, ValueTierSegmenter, align_services, assign_service


def _b2b_plan():
    """A named representative for the largest accounts, web and telesales for the others; consumers by tier."""
    return ServicePlan(
        pd.DataFrame(
            [
                ("account manager", "named representative", "business", "high", "reps", 240.0, 180.0, 2, True, True),
                ("private desk", "experienced team", "consumer", "high", "desk", 30.0, 25.0, 4, True, True),
                ("telesales", "telesales", "business", "middle", "sales", 20.0, 12.0, 24, False, False),
                ("center", "automated center", "", "middle", "desk", 4.0, 3.0, 48, False, False),
                ("online", "self-service", "", "negative", "", 0.0, 0.2, 72, False, False),
            ],
            columns=[
                *("level", "owner", "customer_type", "segment", "pool"),
                *("minutes", "cost", "response_hours", "events", "special_care"),
            ],
        )
    )


def _people(contribution, **others):
    return pd.DataFrame({"customer_id": np.arange(len(contribution)), "contribution": contribution, **others})


def _slow(people, plan, capacity):
    """Serve one customer after another, by the words of the docstring."""
    left, level, tiers = dict(capacity), {}, plan.tiers
    ordered = sorted(people.to_dict("records"), key=lambda row: (-row["contribution"], str(row["customer_id"])))
    for row in ordered:
        for offer in plan.levels.to_dict("records"):
            if offer["customer_type"] not in ("", row["customer_type"]):
                continue
            if offer["segment"] and tiers.index(offer["segment"]) < tiers.index(row["segment"]):
                continue
            if offer["pool"] and left.get(offer["pool"], np.inf) < offer["minutes"]:
                continue
            left[offer["pool"]] = left.get(offer["pool"], np.inf) - offer["minutes"]
            level[row["customer_id"]] = offer["level"]
            break
    return [level[key] for key in people["customer_id"]]


def test_five_customers_by_hand():
    plan = ServicePlan(
        pd.DataFrame(
            {
                "level": ["rep", "team", "online"],
                "owner": ["named representative", "experienced team", "self-service"],
                "pool": ["staff", "staff", None],
                "minutes": [60.0, 20.0, 0.0],
                "special_care": [True, False, False],
            }
        )
    )
    service = assign_service(_people([10.0, 50, 40, 30, 20]), plan, {"staff": 110})
    # 60 for the first; the next would need 60 of the 50 left, so 20, then 20, then nothing.
    assert service.assignment["level"].tolist() == ["online", "rep", "team", "team", "online"]
    assert service.assignment["rank"].tolist() == [5, 1, 2, 3, 4]
    assert service.assignment["special_care"].tolist() == [False, True, False, False, False]
    assert service.assignment["moved_down"].tolist() == [True, False, True, True, True]
    assert service.entitlements[["level", "n", "staff_minutes"]].to_numpy().tolist() == [
        *[["rep", 1, 60.0], ["team", 2, 40.0], ["online", 2, 0.0]]
    ]
    usage = service.usage.iloc[0]
    assert (usage["used"], usage["left_out"], usage["first_left_out"]) == (100, 2, 4)
    assert usage["first_left_out_contribution"] == 20


def test_business_and_consumers_have_their_own_levels():
    kinds = ["business", "business", "consumer", "consumer"]
    people = _people([9.0, 8, 7, 6], customer_type=kinds, segment=["high"] * 4)
    service = assign_service(people, _b2b_plan(), {"reps": 240, "desk": 34, "sales": 20})
    assert service.assignment["level"].tolist() == ["account manager", "telesales", "private desk", "center"]
    assert service.assignment["special_care"].tolist() == [True, False, True, False]


def test_a_tier_has_no_better_level_than_its_own_though_staff_is_free():
    people = _people([9.0, 8, -7], customer_type="business", segment=["high", "middle", "negative"])
    service = assign_service(people, _b2b_plan())
    assert service.assignment["level"].tolist() == ["account manager", "telesales", "online"]
    assert not service.assignment["moved_down"].any()
    assert service.usage["first_left_out"].isna().all()


def _worlds():
    rows = st.tuples(st.integers(-30, 30), st.sampled_from(["business", "consumer", ""]))
    limits = st.fixed_dictionaries({pool: st.integers(0, 900) for pool in ("reps", "desk", "sales")})
    return st.tuples(st.lists(rows, max_size=40), limits)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(_worlds())
def test_capacity_is_never_exceeded_and_service_is_monotone_in_contribution(world):
    rows, capacity = world
    contribution = np.array([row[0] for row in rows], dtype=float)
    tier = np.select([contribution > 20, contribution > 0], ["high", "middle"], "negative")
    people = _people(contribution, customer_type=[row[1] for row in rows], segment=tier)
    plan = _b2b_plan()
    service = assign_service(people, plan, capacity)
    assert service.assignment["level"].tolist() == _slow(people, plan, capacity)
    assert (service.usage["used"] <= service.usage["capacity"]).all()
    minutes = service.assignment["level"].map(plan.levels.set_index("level")["minutes"]).astype(float)
    pools = service.assignment["level"].map(plan.levels.set_index("level")["pool"])
    for pool, limit in capacity.items():
        assert minutes[pools == pool].sum() <= limit
    place = service.assignment["level"].map({name: i for i, name in enumerate(plan.levels["level"])})
    for _, own in service.assignment.assign(place=place).groupby("customer_type"):
        falling = own.sort_values("rank")
        assert falling["contribution"].is_monotonic_decreasing
        assert falling["place"].is_monotonic_increasing


def test_ties_are_broken_by_id_as_text_and_the_order_of_rows_does_not_matter():
    people = pd.DataFrame({"customer_id": ["b", "c", "a"], "contribution": 5.0})
    plan = ServicePlan(
        pd.DataFrame({"level": ["rep", "online"], "owner": ["r", "s"], "pool": ["reps", None], "minutes": [10, None]})
    )
    service = assign_service(people, plan, {"reps": 20})
    assert service.assignment["level"].tolist() == ["rep", "online", "rep"]
    again = assign_service(people[::-1], plan, {"reps": 20}).assignment.set_index("customer_id")
    pd.testing.assert_frame_equal(again.loc[["b", "c", "a"]], service.assignment.set_index("customer_id"))


def test_nobody_and_one():
    assert assign_service(_people(np.array([])), _b2b_plan()).usage["used"].tolist() == [0, 0, 0]
    one = assign_service(_people([5.0], segment=["high"]), _b2b_plan(), {"desk": 3.9})
    assert one.assignment["level"].tolist() == ["online"]


def test_segments_beside_their_services_equal_a_group_by_of_the_inputs():
    rng = np.random.default_rng(1)
    cents = rng.integers(-50_000, 900_000, 3000)
    people = _people(cents / 100, customer_type=rng.choice(["business", "consumer"], 3000))
    tiers = ValueTierSegmenter("contribution").fit(people)
    people["segment"] = tiers.predict(people)
    plan = _b2b_plan()
    levels = pd.concat(
        [plan.levels.iloc[:4], plan.levels.iloc[[4]].assign(level="web", segment="low"), plan.levels.iloc[[4]]]
    )
    service = assign_service(people, ServicePlan(levels), {"reps": 9_600, "desk": 5_000, "sales": 2_000})
    table = align_services(service)
    cells = table.set_index(["segment", "level"])
    joined = people.assign(level=service.assignment["level"], cents=cents)
    expected = joined.groupby(["segment", "level"])["cents"].agg(["size", "sum"]).loc[cells.index]
    assert cells["n"].tolist() == expected["size"].tolist()
    assert (cells["profit"] * 100).round().astype(int).tolist() == expected["sum"].tolist()
    assert round(table["profit"].sum() * 100) == cents.sum()
    cost = plan.levels.set_index("level")["cost"].to_dict() | {"web": 0.2}
    assert table["service_cost"].tolist() == [
        n * cost[level] for n, level in zip(table["n"], table["level"], strict=True)
    ]
    assert list(dict.fromkeys(table["segment"])) == ["high", "middle", "low", "negative"]
    whole = joined.groupby("segment")["cents"].agg(["size", "sum"])
    assert (table["segment_profit"] * 100).round().astype(int).tolist() == whole["sum"].loc[table["segment"]].tolist()
    assert table["segment_n"].tolist() == whole["size"].loc[table["segment"]].tolist()
    assert service.entitlements["staff_minutes"].sum() == table["staff_minutes"].sum()


def test_alignment_needs_segments_and_takes_nobody():
    with pytest.raises(InputError, match="customers with a segment"):
        align_services(assign_service(_people([1.0]), _b2b_plan()))
    assert len(align_services(assign_service(_people(np.array([])), _b2b_plan()))) == 0


def test_the_view_tells_levels_and_staff():
    page = assign_service(_people([9.0], segment=["high"], customer_type="business"), _b2b_plan())._repr_html_()
    assert "account manager" in page
    assert "Staff, minutes per month" in page
    rich = assign_service(_people([1234567.89, 1.0]), _b2b_plan(), {"desk": 54321.5})._repr_html_()
    assert "54,321.50" in rich
    assert "e+" not in rich


@pytest.mark.parametrize(
    ("people", "capacity", "says"),
    [
        (_people([1.0, np.nan]), {}, "customers.contribution must be a finite number in every row; 1 of 2"),
        (pd.DataFrame({"customer_id": [1, 1], "contribution": 1.0}), {}, "customers.customer_id must be there once"),
        (_people([1.0], segment=["vip"]), {}, "Add a level for that tier to the plan"),
        (
            _people([1.0, 5.0], segment=["high", "middle"]),
            {},
            "customers.segment must be worse for whom contributes less, within a type; 1 of 2 rows is not",
        ),
        (_people([1.0]), {"gym": 5}, "capacity must be of pools of the plan"),
        (_people([1.0]), {"desk": -5}, "capacity of 'desk' must be 0 or more"),
        (pd.DataFrame({"customer_id": [1]}), {}, "lacks the column 'contribution'"),
    ],
)
def test_wrong_input_is_refused(people, capacity, says):
    with pytest.raises(InputError, match=says):
        assign_service(people, _b2b_plan(), capacity)


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ({"level": ["a"], "owner": ["x"], "pool": ["p"], "minutes": [5]}, "must end with one .* needs no minutes"),
        ({"level": ["a", "a"], "owner": ["x", "y"]}, "levels.level must be there once"),
        ({"level": ["a"], "owner": ["x"], "minutes": [5]}, "with a pool where they need minutes"),
        ({"level": ["a"], "owner": ["x"], "cost": [-1]}, "levels.cost must be 0 or more"),
        (
            {"level": ["a", "b"], "owner": ["x", "y"], "segment": ["low", "bad"], "customer_type": ["b", "c"]},
            "type 'b'",
        ),
        ({"level": ["a"]}, "lacks the column 'owner'"),
        ({"level": [], "owner": []}, "levels must end with one"),
    ],
)
def test_wrong_plans_are_refused(levels, says):
    with pytest.raises(InputError, match=says):
        ServicePlan(pd.DataFrame(levels))


def test_a_type_without_level_is_refused():
    plan = ServicePlan(pd.DataFrame({"level": ["a"], "owner": ["x"], "customer_type": ["business"]}))
    with pytest.raises(InputError, match="type 'consumer' has none"):
        assign_service(_people([1.0], customer_type="consumer"), plan)
    with pytest.raises(InputError, match="tier must be one of 'high'"):
        _b2b_plan().levels_of("business", "vip")


def test_minutes_that_just_fill_a_capacity_fit():
    plan = ServicePlan(
        pd.DataFrame(
            {"level": ["call", "online"], "owner": ["desk", "self"], "pool": ["desk", None], "minutes": [0.1, 0]}
        )
    )
    people = pd.DataFrame({"customer_id": [1, 2, 3, 4], "contribution": [4.0, 3, 2, 1]})
    service = assign_service(people, plan, {"desk": 0.3})
    assert service.assignment["level"].tolist() == ["call", "call", "call", "online"]
    assert service.usage["used"].tolist() == [0.3]
