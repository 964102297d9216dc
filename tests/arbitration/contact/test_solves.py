from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.arbitration.contact import solves
from nbo.errors import InputError
from nbo.tables import CustomerTables

DAY = pd.Timedelta("1D")


def world(seed, n=4000, planted=True):
    """Simulated customers: a case, purchases, and perhaps another case of the topic; `flat` ends billing cases."""
    rng = np.random.default_rng(seed)
    topics, products = np.array(["billing", "slow", "move"]), np.array(["flat", "line", "card", "case"])
    people = np.arange(n)
    opened = pd.Timestamp("2026-01-01") + rng.integers(0, 30, n) * DAY
    topic = rng.choice(topics, n)
    buys = rng.random((n, 4)) < 0.3
    bought_at = opened[:, None] + rng.integers(-30, 59, (n, 4)) * DAY
    after = bought_at >= opened[:, None]
    again = rng.random(n) < np.where(planted & (topic == "billing") & buys[:, 0] & after[:, 0], 0.1, 0.5)
    row, product = np.nonzero(buys)
    cases = pd.DataFrame({"customer_id": people, "opened_at": opened, "topic": topic})
    second = cases[again].assign(opened_at=opened[again] + rng.integers(60, 150, again.sum()) * DAY)
    sales = pd.DataFrame({"customer_id": row, "event_time": bought_at[row, product], "product_id": products[product]})
    return CustomerTables(cases=pd.concat([cases, second]), transactions=sales)


def test_the_planted_product_is_found_and_no_other():
    found = solves(world(1), "2026-12-01")
    assert len(found) == 12
    assert found.loc[found["solves"], ["topic", "product_id"]].values.tolist() == [["billing", "flat"]]
    best = found.iloc[0]
    # 90 % of the buyers and 50 % of the others are solved.
    assert abs(best["solved"] - 0.9) < 4 * np.sqrt(0.9 * 0.1 / best["n"])
    assert abs(best["solved_others"] - 0.5) < 4 * np.sqrt(0.25 / best["n_others"])
    assert best["lift"] == best["solved"] / best["solved_others"]


def test_where_nothing_solves_little_is_found():
    runs = [solves(world(seed, n=1500, planted=False), "2026-12-01")["solves"].any() for seed in range(10)]
    # In each run, a false claim has a chance of at most 5 %.
    assert sum(runs) <= 3


def test_the_counts_are_those_of_a_plain_loop():
    tables = world(2, n=200)
    cases, sales = tables.cases, tables.transactions
    found = solves(tables, "2026-12-01", within="40D", horizon="60D", least=5).set_index(["topic", "product_id"])
    assert len(found) == 12
    for (topic, product), row in found.iterrows():
        arms = {True: [], False: []}
        for customer, own in cases[cases["topic"] == topic].groupby("customer_id"):
            first = own["opened_at"].min()
            end = first + 40 * DAY
            solved = not ((own["opened_at"] >= end) & (own["opened_at"] < end + 60 * DAY)).any()
            times = sales[(sales["customer_id"] == customer) & (sales["product_id"] == product)]["event_time"]
            if not (times < first).any():
                arms[bool((times < end).any())].append(solved)
        assert (row["n"], row["n_others"]) == (len(arms[True]), len(arms[False]))
        assert row["solved"] == pytest.approx(np.mean(arms[True]))
        assert row["solved_others"] == pytest.approx(np.mean(arms[False]))
        table = [[sum(arms[arm]), len(arms[arm]) - sum(arms[arm])] for arm in (True, False)]
        assert row["p"] == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)


def test_what_is_not_over_or_not_known_yet_does_not_count():
    tables = world(3, n=600)
    as_of = pd.Timestamp("2026-06-15")
    before = solves(tables, as_of, least=5)
    later = {"customer_id": 1, "opened_at": as_of, "topic": "billing"}
    more = CustomerTables(
        cases=pd.concat([tables.cases, pd.DataFrame([later])]),
        transactions=tables.transactions,
    )
    pd.testing.assert_frame_equal(solves(more, as_of, least=5), before)
    assert solves(tables, "2026-03-01").empty


def test_returned_and_pending_sales_are_none():
    people = [f"c{i}" for i in range(40)]
    cases = pd.DataFrame({"customer_id": people, "opened_at": "2026-01-10", "topic": "billing"})
    sales = pd.DataFrame({"customer_id": people[:20], "event_time": "2026-01-20", "product_id": "flat"})
    for column, value in (("kind", "return"), ("status", "pending")):
        tables = CustomerTables(cases=cases, transactions=sales.assign(**{column: value}))
        assert solves(tables, "2026-12-01", least=1).empty


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"alpha": 1.0}, r"alpha must be in \(0, 1\)"),
        ({"least": 0}, "least must be a whole number of 1 or more"),
        ({"within": "x"}, "within must be a length of time"),
        ({"horizon": "x"}, "horizon must be a length of time"),
        ({"as_of": "soon"}, "as_of must be a time"),
    ],
)
def test_arguments_that_are_none_are_refused(given, says):
    with pytest.raises(InputError, match=says):
        solves(CustomerTables(), **{"as_of": "2026-12-01", **given})
