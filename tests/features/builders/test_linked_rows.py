import pandas as pd
import pytest

from nbo.features.aggregates import AGGREGATES
from nbo.features.builders.circles import Circles, circles_sharing
from nbo.features.builders.linked_rows import LinkedPast
from nbo.features.past import Past
from nbo.tables import CustomerTables, Spine

MOVED = CustomerTables(
    customers=pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "cy", "bob", "dee"],
            "valid_from": ["2026-01-01", "2026-01-01", "2026-01-01", "2026-03-01", "2026-01-01"],
            "known_at": [None, None, None, "2026-04-01", None],
            "account_id": ["a", "a", "b", "b", None],
        }
    ),
    transactions=pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "bob", "cy", "dee"],
            "event_time": ["2026-02-01", "2026-02-02", "2026-05-01", "2026-02-03", "2026-02-04"],
            "amount": [1.0, 10.0, 100.0, 0.1, 1000.0],
        }
    ),
)


def _sums(tables: CustomerTables, spine: Spine, key: str = "account_id") -> list[float]:
    past = Past(tables, spine)
    linked = LinkedPast(past, circles_sharing(past, key)[0])
    sums = AGGREGATES["sum"](linked.history("transactions"), "amount", ["all"])[0]
    return past.spread({"x": linked.spread({"x": sums})["x"].to_numpy()})["x"].tolist()


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        # bob is of account a; that he moves is known only from April on.
        ("2026-03-15", {"ann": 1.0 + 10.0, "bob": 1.0 + 10.0, "cy": 0.1, "dee": 0.0}),
        ("2026-04-01", {"ann": 1.0 + 10.0, "bob": 1.0 + 10.0, "cy": 0.1, "dee": 0.0}),
        # From then on all of his past is of account b, and none of account a.
        ("2026-04-02", {"ann": 1.0, "bob": 10.1, "cy": 10.1, "dee": 0.0}),
        ("2026-05-02", {"ann": 1.0, "bob": 110.1, "cy": 110.1, "dee": 0.0}),
    ],
)
def test_the_past_of_a_contact_goes_with_the_contact(as_of, expected):
    assert _sums(MOVED, Spine.at(as_of, list(expected))) == list(expected.values())


def test_different_moments_in_one_spine_are_as_if_asked_alone():
    rows = [
        ("cy", "2026-05-02"),
        ("ann", "2026-03-15"),
        ("cy", "2026-03-15"),
        ("ann", "2026-05-02"),
        ("cy", "2026-05-02"),
    ]
    spine = Spine.of(pd.DataFrame(rows, columns=["customer_id", "as_of"]))
    assert _sums(MOVED, spine) == [110.1, 11.0, 0.1, 1.0, 110.1]


def test_members_and_their_rows_as_of_the_moment():
    past = Past(MOVED, Spine.at("2026-04-02", ["ann", "bob", "cy", "dee", "nobody"]))
    circles, rows = circles_sharing(past, "account_id")
    members = {circle: sorted(circles.members[circles.owner == circle]) for circle in set(circles.owner.tolist())}
    assert [members.get(circle) for circle in circles.of.tolist()] == [
        ["ann"],
        ["bob", "cy"],
        ["bob", "cy"],
        None,
        None,
    ]
    assert sorted(rows.tolist()) == [0, 2, 3]


def test_the_same_members_are_copied_once():
    past = Past(MOVED, Spine.calendar("2026-02-01", "2026-06-01", "MS", ["ann", "cy"]))
    linked = LinkedPast(past, circles_sharing(past, "account_id")[0])
    # {ann, bob}, {cy}, {ann} and {bob, cy}: 3, 1, 1 and 3 rows, however many months there are.
    assert len(linked.table("transactions")) == 3 + 1 + 1 + 3


def test_any_circles_will_do():
    # ann looks at bob and cy, cy at bob twice; bob at nobody.
    past = Past(MOVED, Spine.at("2026-06-01", ["ann", "bob", "cy"]))
    circles = Circles(
        pd.Series([0, -1, 1]).to_numpy(), pd.Series([0, 0, 1, 1]).to_numpy(), pd.Series(["bob", "cy", "bob", "bob"])
    )
    linked = LinkedPast(past, circles)
    counts = AGGREGATES["count"](linked.history("transactions"), "", ["all"])[0]
    assert linked.spread({"x": counts})["x"].tolist() == [3, 0, 2]
    assert linked.spread({"x": counts}).shape == (len(past), 1)


def _seen(rows: list[dict], as_of: pd.Timestamp, time: str) -> list[dict]:
    known = [(row, row["known_at"] if pd.notna(row["known_at"]) else row[time]) for row in rows]
    return [row for row, since in known if not row[time] >= as_of and not since >= as_of]


def _key_as_of(customers: list[dict], customer: str, as_of: pd.Timestamp, key: str) -> set:
    """The key that a customer had; a set, for rows of one start that became known together are in no order."""
    own = _seen([row for row in customers if row["customer_id"] == customer], as_of, "valid_from")
    ever = pd.Timestamp.min
    order = [tuple(ever if pd.isna(row[at]) else row[at] for at in ("valid_from", "known_at")) for row in own]
    order = [(start, known if known is not ever else start) for start, known in order]
    return {row[key] for row, at in zip(own, order, strict=True) if at == max(order)}


@pytest.mark.parametrize("seed", range(6))
def test_a_slow_loop_agrees(seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    customers = tables.get("customers").to_dict("records")
    events = tables.get("cases").to_dict("records")
    past = Past(tables, spine)
    linked = LinkedPast(past, circles_sharing(past, "household_id")[0])
    counts = AGGREGATES["count"](linked.history("cases"), "", ["40D"])[0]
    found = past.spread({"x": linked.spread({"x": counts})["x"].to_numpy()})["x"].tolist()
    ids = {row["customer_id"] for row in customers}
    for row, n in zip(spine.frame.to_dict("records"), found, strict=True):
        as_of = row["as_of"]
        keys = {customer: _key_as_of(customers, customer, as_of, "household_id") for customer in ids}
        if any(len(key) > 1 for key in keys.values()):
            continue
        own = keys.get(row["customer_id"], set())
        members = [customer for customer, key in keys.items() if key == own and own and pd.notna(next(iter(own)))]
        seen = _seen([event for event in events if event["customer_id"] in members], as_of, "opened_at")
        assert n == sum(event["opened_at"] >= as_of - pd.Timedelta("40D") for event in seen)
