"""Who makes a loss: by hand, with a planted cause, and to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import loss_makers, profitability

WHEN = "2026-01-05"
SPAN = ("2026-01-01", "2026-02-01")


def by_hand() -> CustomerTables:
    people = ["ann", "bob", "cy", "di"]
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": people,
                "signed_up_at": ["2025-01-01", "2025-01-01", "2025-01-01", "2026-01-02"],
                "acquisition_cost": [50.0, 50, 50, 8],
            }
        ),
        transactions=pd.DataFrame(
            {"customer_id": people, "event_time": WHEN, "amount": [60.0, 40, 10, 10], "margin": [30.0, 20, 5, 5]}
        ),
        cases=pd.DataFrame(
            {"customer_id": ["cy", "ann"], "opened_at": WHEN, "cost_to_serve": [25.0, 2.0]},
        ),
    )


def test_losses_their_sum_and_their_driver_by_hand():
    found = loss_makers(profitability(by_hand(), *SPAN))
    # Profits: ann 30 - 2, bob 20, cy 5 - 25, di 5 - 8; 25 in all of a revenue of 120.
    assert found.customers["customer_id"].tolist() == ["cy", "di"]
    assert found.customers["loss"].tolist() == [20, 3]
    assert found.customers["driver"].tolist() == ["cost_to_serve", "acquisition_cost"]
    # Service takes 27 of 120 with all, winning customers 8 of 120.
    assert found.customers["excess"].tolist() == [25 - 10 * 27 / 120, round(8 - 10 * 8 / 120, 2)]
    assert found.drivers[["driver", "customers", "loss"]].values.tolist() == [
        ["cost_to_serve", 1, 20.0],
        ["acquisition_cost", 1, 3.0],
    ]
    assert (found.loss, found.loss_cents, found.gain_cents, found.total_cents) == (23, 2300, 4800, 2500)
    assert found.share.value == 2 / 4


def test_the_whale_curve_peaks_above_the_whole_where_losses_are():
    found = loss_makers(profitability(by_hand(), *SPAN))
    assert found.curve["customers"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.curve["profit"].tolist() == [0, 28, 48, 45, 25]
    assert found.curve["share"].max() == found.peak.value == 48 / 25 > 1
    assert found.curve["share"].iloc[-1] == 1
    assert found.peak.low <= 48 / 25 <= found.peak.high


def test_the_loss_reconciles_with_the_profit_of_all_customers_to_the_cent():
    world = World(customers=2000, days=120, seed=5)
    found = profitability(world.tables, world.start, world.end, by="month")
    lost = loss_makers(found)
    assert lost.reconcile()["difference"].tolist() == [0]
    profit = found.cents.groupby("customer_id")["profit"].sum()
    assert lost.loss_cents == -profit[profit < 0].sum()
    assert lost.total_cents == found.total_cents["profit"].sum() - found.unallocated_cents["profit"].sum()
    assert np.rint(100 * lost.customers["loss"]).sum() == np.rint(100 * lost.drivers["loss"]).sum() == lost.loss_cents
    assert lost.peak.value > 1
    assert lost.drivers["customers"].sum() == len(lost.customers) == (profit < 0).sum()


def test_a_planted_driver_is_found():
    rng = np.random.default_rng(0)
    people = [f"c{i}" for i in range(300)]
    sales = pd.DataFrame({"customer_id": people, "event_time": WHEN, "amount": rng.uniform(50, 150, 300).round(2)})
    sales["margin"] = (sales["amount"] * 0.4).round(2)
    planted = {"returns": people[:10], "cost_to_serve": people[10:25], "goods": people[25:30]}
    back = sales[sales["customer_id"].isin(planted["returns"])]
    back = back.assign(kind="return", margin=-back["amount"])
    dear = sales["customer_id"].isin(planted["goods"])
    sales.loc[dear, "margin"] = -sales.loc[dear, "amount"]
    cases = pd.DataFrame({"customer_id": planted["cost_to_serve"], "opened_at": WHEN, "cost_to_serve": 90.0})
    tables = CustomerTables(transactions=pd.concat([sales.assign(kind="sale"), back]), cases=cases)
    found = loss_makers(profitability(tables, *SPAN)).customers.set_index("customer_id")["driver"]
    assert {driver: sorted(found.index[found == driver]) for driver in planted} == {
        driver: sorted(names) for driver, names in planted.items()
    }
    assert len(found) == 30


def test_excesses_add_up_to_what_the_customer_lacks():
    cents = profitability(by_hand(), *SPAN).cents
    whole = cents[["revenue", "goods", "cost_to_serve", "acquisition_cost", "profit"]].sum()
    cy = cents[cents["customer_id"] == "cy"].iloc[0]
    lines = ["goods", "cost_to_serve", "acquisition_cost"]
    excess = sum(cy[line] - whole[line] / whole["revenue"] * cy["revenue"] for line in lines)
    assert excess == pytest.approx(whole["profit"] / whole["revenue"] * cy["revenue"] - cy["profit"])


def test_nobody_everybody_and_no_losses():
    none = loss_makers(profitability(CustomerTables(), *SPAN))
    assert (len(none.customers), none.loss_cents, none.n_customers) == (0, 0, 0)
    assert np.isnan(none.peak.value)
    assert none.reconcile()["difference"].tolist() == [0]
    fine = loss_makers(profitability(by_hand().replace(cases=None, customers=None), *SPAN))
    assert (fine.peak.value, len(fine.customers), len(fine.drivers)) == (1, 0, 0)
    cases = pd.DataFrame({"customer_id": ["ann"], "opened_at": WHEN, "cost_to_serve": [4.0]})
    bad = loss_makers(profitability(CustomerTables(cases=cases), *SPAN))
    assert (bad.loss, bad.share.value) == (4, 1)
    assert bad.customers["driver"].tolist() == ["cost_to_serve"]
    assert np.isnan(bad.peak.value)
    assert bad.curve["share"].isna().all()


def test_bad_level_is_refused_and_it_shows_itself():
    found = profitability(by_hand(), *SPAN)
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        loss_makers(found, level=2)
    assert "2 of 4 customers make a loss" in loss_makers(found)._repr_html_()
    assert "<td>cost_to_serve</td>" in loss_makers(found)._repr_html_()


def test_asking_for_periods_changes_neither_who_counts_nor_who_loses():
    tables = by_hand()
    idle = pd.concat([tables.customers, pd.DataFrame({"customer_id": ["eve"], "signed_up_at": ["2025-06-01"]})])
    tables = tables.replace(customers=idle)
    whole, monthly = (loss_makers(profitability(tables, *SPAN, by=by)) for by in (None, "7D"))
    assert (whole.n_customers, monthly.n_customers) == (5, 5)
    assert monthly.share == whole.share
    assert monthly.peak == whole.peak
    pd.testing.assert_frame_equal(monthly.customers, whole.customers)


def test_where_no_cost_is_above_the_norm_the_largest_drives_the_loss():
    sales = pd.DataFrame(
        {"customer_id": ["ann", "bob"], "event_time": WHEN, "amount": [30.0, 60], "margin": [-3.0, -6]}
    )
    cases = pd.DataFrame({"customer_id": ["ann", "bob"], "opened_at": WHEN, "cost_to_serve": [1.0, 2]})
    found = loss_makers(profitability(CustomerTables(transactions=sales, cases=cases), *SPAN))
    assert found.customers[["customer_id", "loss", "driver", "excess"]].values.tolist() == [
        ["bob", 8.0, "goods", 0.0],
        ["ann", 4.0, "goods", 0.0],
    ]
