"""What interests and pains each customer: by hand, by a plain loop, planted, and as of a moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import known_customers
from nbo.features.builders.interest import EVENT_WEIGHTS
from nbo.journeys import PAIN_WEIGHTS, interests
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine

AS_OF = pd.Timestamp("2025-06-30")
DAY = pd.Timedelta("1D")


def test_interests_and_pains_by_hand():
    tables = CustomerTables(
        events=pd.DataFrame(
            {
                "customer_id": "ann",
                "event_time": [AS_OF - 60 * DAY, AS_OF - 120 * DAY, AS_OF - DAY],
                "event_type": ["cart", "search", "email_sent"],
                "category": ["home", "travel", "sports"],
            }
        ),
        social=pd.DataFrame(
            {
                "customer_id": "ann",
                "event_time": AS_OF - 60 * DAY,
                "kind": ["like", "comment"],
                "topic": ["travel", "price"],
                "sentiment": [None, -0.5],
            }
        ),
        cases=pd.DataFrame(
            {
                "customer_id": ["ann"],
                "opened_at": AS_OF - 60 * DAY,
                "kind": "complaint",
                "topic": "price",
                "severity": 3,
            }
        ),
        surveys=pd.DataFrame(
            {"customer_id": "ann", "event_time": AS_OF - 60 * DAY, "survey": ["nps", "csat"], "score": [6, 3]}
        ),
    )
    found = interests(tables, Spine.at(AS_OF, ["ann", "bob"]))
    expected = [
        ("interest", "home", 5.0 / 2),
        ("interest", "travel", 2.0 / 4 + 1.0 / 2),
        ("pain", "price", (2.0 * 3 + 0.5) / 2),
        ("pain", "nps", 1.0 / 2),
    ]
    assert list(found[["kind", "topic", "weight"]].itertuples(index=False, name=None)) == expected
    assert found["share"].tolist() == pytest.approx([2.5 / 3.5, 1 / 3.5, 3.25 / 3.75, 0.5 / 3.75])
    assert found["customer_id"].unique().tolist() == ["ann"]


def slow(tables: CustomerTables, customer: str, as_of: pd.Timestamp) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}

    def add(kind, topic, weight, time, row):
        known = row["known_at"] if not pd.isna(row.get("known_at")) else time
        if max(time, known) < as_of and weight > 0 and not pd.isna(topic):
            age = (as_of - time) / DAY
            found[kind, topic] = found.get((kind, topic), 0.0) + weight * 0.5 ** (age / 60)

    low = {"csat": 2, "ces": 2, "nps": 6}
    of = {name: frame[frame["customer_id"] == customer].to_dict("records") for name, frame in (
        ("events", tables.stitched().events), ("social", tables.social), ("cases", tables.cases),
        ("surveys", tables.surveys))}  # fmt: skip
    for row in of["events"]:
        add("interest", row["category"], EVENT_WEIGHTS.get(row["event_type"], 1.0), row["event_time"], row)
    for row in of["social"]:
        mood = 0.0 if pd.isna(row["sentiment"]) else row["sentiment"]
        add("interest", row["topic"], float(mood >= 0), row["event_time"], row)
        add("pain", row["topic"], -mood, row["event_time"], row)
    for row in of["cases"]:
        add("pain", row["topic"], PAIN_WEIGHTS.get(row["kind"], 1.0) * row["severity"], row["opened_at"], row)
    for row in of["surveys"]:
        add("pain", row["survey"], float(row["score"] <= low.get(row["survey"], -1)), row["event_time"], row)
    return found


def test_all_weights_of_a_simulated_world_are_those_of_a_plain_loop():
    world = World(customers=80, days=150, seed=6)
    spine = known_customers(world.tables, "2025-05-01")
    found = interests(world.tables, spine)
    n = 0
    for customer in spine.frame["customer_id"]:
        own = found[found["customer_id"] == customer]
        expected = slow(world.tables, customer, pd.Timestamp("2025-05-01"))
        assert {(row.kind, row.topic) for row in own.itertuples()} == set(expected)
        for row in own.itertuples():
            assert row.weight == pytest.approx(expected[row.kind, row.topic], rel=1e-9)
        n += len(own)
    assert n == len(found) > 100


def test_planted_topics_are_recovered():
    rng = np.random.default_rng(8)
    topics = np.array(["home", "travel", "sports", "fashion", "food", "tech"])
    n, m = 300, 40
    loved = rng.integers(0, 6, n)
    hated = rng.integers(0, 6, n)
    seen = np.where(rng.random((n, m)) < 0.5, loved[:, None], rng.integers(0, 6, (n, m)))
    told = np.where(rng.random((n, 12)) < 0.6, hated[:, None], rng.integers(0, 6, (n, 12)))
    days = lambda k: AS_OF - pd.to_timedelta(rng.uniform(0, 90, n * k), unit="D")  # noqa: E731
    tables = CustomerTables(
        events=pd.DataFrame(
            {"customer_id": np.repeat(np.arange(n), m), "event_time": days(m), "event_type": "page_view",
             "category": topics[seen.ravel()]}
        ),
        cases=pd.DataFrame(
            {"customer_id": np.repeat(np.arange(n), 12), "opened_at": days(12), "kind": "complaint",
             "topic": topics[told.ravel()]}
        ),
    )  # fmt: skip
    found = interests(tables, Spine.at(AS_OF, np.arange(n)))
    first = found.drop_duplicates(["customer_id", "kind"]).pivot(index="customer_id", columns="kind", values="topic")
    assert (first["interest"] == topics[loved]).mean() > 0.98
    assert (first["pain"] == topics[hated]).mean() > 0.95


def test_shares_sum_to_one_and_each_row_of_the_spine_has_its_own():
    world = World(customers=40, days=120, seed=6)
    spine = known_customers(world.tables, "2025-04-01")
    twice = Spine.of(pd.concat([spine.frame.iloc[::-1], spine.frame]))
    found = interests(world.tables, spine)
    np.testing.assert_allclose(found.groupby(["customer_id", "kind"])["share"].sum(), 1.0)
    again = interests(world.tables, twice)
    pd.testing.assert_frame_equal(again.tail(len(found)).reset_index(drop=True), found)


def test_later_rows_and_the_order_of_rows_change_nothing():
    world = World(customers=40, days=120, seed=6)
    spine = known_customers(world.tables, "2025-03-01")
    expected = interests(world.tables, spine)
    ids = spine.frame["customer_id"]
    moment = pd.Timestamp("2025-03-01")
    event = pd.DataFrame({"customer_id": ids, "event_time": moment, "event_type": "cart", "category": "new"})
    late = event.assign(event_time=moment - DAY, known_at=moment)
    case = pd.DataFrame({"customer_id": ids, "opened_at": moment, "kind": "complaint", "topic": "new"})
    mood = pd.DataFrame({"customer_id": ids, "event_time": moment, "topic": "new", "sentiment": -1.0})
    grown = world.tables.replace(
        events=pd.concat([event, late, world.tables.events], ignore_index=True),
        cases=pd.concat([case, world.tables.cases], ignore_index=True),
        social=pd.concat([mood, world.tables.social], ignore_index=True),
    )
    pd.testing.assert_frame_equal(interests(grown, spine), expected)
    turned = CustomerTables(**{name: world.tables.get(name).iloc[::-1] for name in world.tables.names})
    pd.testing.assert_frame_equal(interests(turned, spine), expected)


def test_weights_and_low_scores_of_ones_own():
    tables = CustomerTables(
        events=pd.DataFrame(
            {"customer_id": "ann", "event_time": AS_OF - DAY, "event_type": ["cart", "quiz"], "product_id": ["p", "q"]}
        ),
        surveys=pd.DataFrame({"customer_id": ["ann"], "event_time": AS_OF - DAY, "survey": "effort", "score": 4}),
    )
    spine = Spine.at(AS_OF, ["ann"])
    found = interests(tables, spine, by="product_id", weights={"cart": 0.0, "quiz": 3.0}, low_scores={"effort": 4})
    assert found[["kind", "topic"]].values.tolist() == [["interest", "q"], ["pain", "effort"]]
    assert interests(tables, spine).empty


def test_tables_without_rows_say_nothing():
    tables = CustomerTables(events=pd.DataFrame(columns=["customer_id", "event_time", "event_type", "category"]))
    found = interests(tables, Spine.at(AS_OF, ["ann"]))
    assert found.empty
    assert found.columns.tolist() == ["customer_id", "as_of", "kind", "topic", "weight", "share"]


def test_arguments_that_are_not_allowed_are_refused():
    tables, spine = CustomerTables(), Spine.at(AS_OF, ["ann"])
    with pytest.raises(InputError, match="by must be"):
        interests(tables, spine, by="color")
    with pytest.raises(InputError, match="half_life must be"):
        interests(tables, spine, half_life="soon")
    with pytest.raises(InputError, match="low_scores must be numbers; got 'bad' for 'nps'"):
        interests(tables, spine, low_scores={"nps": "bad"})
