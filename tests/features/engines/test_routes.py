"""Every partition gets every row that its customers need, each once."""

import numpy as np
import pandas as pd
import pytest

from nbo.features.engines.partition import partition_of
from nbo.features.engines.routes import Routes
from nbo.tables import CustomerTables, StoredTables, TableColumns

LINKS = ("household_id", "account_id", "related_id")
BY = {
    "identities": ("anonymous_id",),
    "environment": ("customer_id", "household_id", "postcode"),
    "relationships": ("customer_id", "related_id"),
    "decisions": ("customer_id", "decision_id"),
    "outcomes": ("decision_id",),
    "catalog": (),
}
IDS = [*"abcdefghijklmnopqrst"]


def _world(seed: int) -> CustomerTables:
    """Customers who move between households and accounts, visitors, strangers and keys that are missing."""
    rng = np.random.default_rng(seed)

    def some(values: list, n: int, gaps: float = 0.2) -> pd.Series:
        return pd.Series(rng.choice(values, n)).astype("str").mask(rng.random(n) < gaps)

    n = 40
    keys = {"household_id": some(["h1", "h2", "h3", "h4"], n, 0.5), "account_id": some(["a1", "a2"], n, 0.8)}
    return CustomerTables(
        customers=pd.DataFrame({"customer_id": some(IDS, n, 0), **keys, "postcode": some(["p1", "p2", "p3"], n)}),
        events=pd.DataFrame({"customer_id": some([*IDS, "v1", "v2", "v3"], n)}),
        identities=pd.DataFrame(
            {"anonymous_id": some(["v1", "v2", "v3", "a"], 6, 0), "customer_id": some([*IDS, "x"], 6)}
        ),
        environment=pd.DataFrame(
            {
                "customer_id": some(IDS, n, 0.8),
                "household_id": some(["h1", "h2", "h3", "h4", "h9"], n, 0.6),
                "postcode": some(["p1", "p2", "p3", "p9"], n),
            }
        ),
        relationships=pd.DataFrame({"customer_id": some(IDS, 12), "related_id": some(IDS, 12)}),
        decisions=pd.DataFrame({"decision_id": some([f"d{i}" for i in range(30)], n), "customer_id": some(IDS, n)}),
        outcomes=pd.DataFrame({"decision_id": some([f"d{i}" for i in range(33)], n)}),
        catalog=pd.DataFrame({"offer_id": ["o1", "o2"]}),
    )


def _pairs(frame: pd.DataFrame, *columns: str) -> list[tuple]:
    return list(frame[list(columns)].dropna().itertuples(index=False, name=None))


def _served(tables: CustomerTables, own: set, links: tuple) -> set:
    """The customers of a partition, and those they are linked to."""
    served = set(own)
    for key in set(links) & {"household_id", "account_id"}:
        pairs = _pairs(tables.customers, key, "customer_id")
        theirs = {value for value, customer in pairs if customer in own}
        served |= {customer for value, customer in pairs if value in theirs}
    if "related_id" in links:
        for one, other in _pairs(tables.relationships, "customer_id", "related_id"):
            served |= {other} if one in own else set()
            served |= {one} if other in own else set()
    return served


def _needed(tables: CustomerTables, own: set, links: tuple) -> dict[str, set[int]]:
    """The rows of each table that a partition needs, by the rules, one row after the other."""
    served = _served(tables, own, links)
    visitors = {v for v, customer in _pairs(tables.identities, "anonymous_id", "customer_id") if customer in served}
    keys = {
        "customer_id": served,
        "anonymous_id": served | visitors,
        "decision_id": {d for d, who in _pairs(tables.decisions, "decision_id", "customer_id") if who in served},
        "related_id": served if links else set(),
    }
    for key in ("household_id", "postcode"):
        keys[key] = {value for value, who in _pairs(tables.customers, key, "customer_id") if who in served}
    found = {}
    for name in tables.names:
        read = BY.get(name, ("customer_id",))
        wanted = {**keys, "customer_id": served | visitors} if name == "events" else keys
        rows = tables.get(name).to_dict("records")
        found[name] = {i for i, row in enumerate(rows) if not read or any(row[key] in wanted[key] for key in read)}
    return found


@pytest.mark.parametrize("stored", [False, True], ids=["held", "stored"])
@pytest.mark.parametrize("links", [(), *((link,) for link in LINKS), LINKS], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_every_partition_gets_what_it_needs_each_row_once(seed, links, stored, tmp_path):
    tables, n = _world(seed), 3
    people = pd.Series(sorted({*IDS, "v1", "v2", "v3", "x"}))
    home = partition_of(people, n)
    needed = [_needed(tables, set(people[home == number]), links) for number in range(n)]
    source = tables
    if stored:
        tables.write(tmp_path)
        source = StoredTables(tmp_path)
    routes = Routes.of(source, n, links, tables.names)
    for name in tables.names:
        rows, places = routes.places(source.columns(name))
        assert (np.diff(rows) >= 0).all()
        assert len({*zip(rows.tolist(), places.tolist(), strict=True)}) == len(rows)
        for number in range(n):
            assert set(rows[places == number].tolist()) >= needed[number][name], (name, number)


def test_without_links_a_row_goes_to_its_customer_alone():
    tables = _world(0)
    for name in ("customers", "relationships", "decisions"):
        frame = tables.get(name)
        frame = frame[frame["customer_id"].notna()]
        if name == "decisions":
            frame = frame.drop_duplicates("decision_id")
        rows, places = Routes.of(tables.replace(**{name: frame}), 5).places(TableColumns.of(frame, name))
        assert rows.tolist() == list(range(len(frame)))
        assert places.tolist() == partition_of(frame["customer_id"], 5).tolist()


def test_only_linked_tables_are_sent_further():
    customers = pd.DataFrame({"customer_id": IDS, "household_id": "h"})
    tables = CustomerTables(customers=customers, cases=pd.DataFrame({"customer_id": IDS}))
    routes = Routes.of(tables, 4, ["household_id"], ["customers"])
    assert len(routes.places(tables.columns("customers"))[0]) == 4 * len(IDS)
    assert len(routes.places(tables.columns("cases"))[0]) == len(IDS)


def test_rows_without_any_key_go_nowhere_and_tables_without_keys_everywhere():
    tables = CustomerTables(
        events=pd.DataFrame({"customer_id": pd.Series([None, None], dtype="str")}),
        catalog=pd.DataFrame({"offer_id": ["a", "b"]}),
    )
    routes = Routes.of(tables, 3)
    assert len(routes.places(tables.columns("events"))[0]) == 0
    rows, places = routes.places(tables.columns("catalog"))
    assert list(zip(rows.tolist(), places.tolist(), strict=True)) == [(row, p) for row in (0, 1) for p in (0, 1, 2)]


def test_integers_with_gaps_meet_integers():
    customers = pd.DataFrame({"customer_id": [1, 2, 3], "postcode": [8001, 8001, 8002]})
    environment = pd.DataFrame({"customer_id": [1.0, None, None], "postcode": [None, 8001.0, 8002.0]})
    tables = CustomerTables(customers=customers, environment=environment)
    rows, places = Routes.of(tables, 7).places(tables.columns("environment"))
    home = partition_of([1, 2, 3], 7).tolist()
    expected = {(0, home[0]), (1, home[0]), (1, home[1]), (2, home[2])}
    assert {*zip(rows.tolist(), places.tolist(), strict=True)} == expected
