"""Which products sell together: what was planted is found and nothing else, and heavy buyers fool a plain lift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo import Catalog, CustomerTables, Owned, Spine, bundle_candidates
from nbo.arbitration import Candidates
from nbo.errors import InputError
from nbo.experiments.adjusted_p_values import adjusted_p_values

AS_OF = "2026-01-01"
PLANTED = [(0, 7), (3, 12), (5, 18)]
N, K = 3000, 20


def simulated(seed, planted=(), rivals=(), n=N):
    """Simulate customers of unequal activity who buy 20 products of unequal popularity, a few at a time."""
    rng = np.random.default_rng(seed)
    popular = np.sort(rng.gamma(1.0, 1.0, K) + 0.1)[::-1]
    popular = popular / popular.sum()
    owner = np.repeat(np.arange(n), 1 + rng.poisson(rng.gamma(1.0, 3.0, n)))
    appetite = rng.gamma(1.0, 2.0, n)[owner]
    holds = rng.random((len(owner), K)) < 1 - np.exp(-appetite[:, None] * popular)
    for one, other in planted:
        holds[holds[:, one] & (rng.random(len(owner)) < 0.2), other] = True
    for one, other in rivals:
        holds[holds[:, one] & holds[:, other] & (rng.random(len(owner)) < 0.6), other] = False
    # Each visit of a customer is on a day of its own.
    visit = np.arange(len(owner)) - np.searchsorted(owner, owner)
    basket, item = np.nonzero(holds)
    return pd.DataFrame(
        {
            "customer_id": np.array([f"c{i:04d}" for i in range(n)])[owner[basket]],
            "event_time": pd.Timestamp("2025-01-01") + pd.to_timedelta(visit[basket], "D"),
            "product_id": np.array([f"p{i:02d}" for i in range(K)])[item],
            "amount": 10.0 + item,
            "margin": 4.0 + item / 2,
        }
    )


def named(pairs):
    return {f"p{one:02d} + p{other:02d}" for one, other in pairs}


@pytest.mark.parametrize("seed", range(10))
def test_planted_complements_are_found_and_no_others(seed):
    found = bundle_candidates(CustomerTables(transactions=simulated(seed, PLANTED)), AS_OF)
    assert set(found.complements["bundle_id"]) == named(PLANTED)
    # What is brought along is more popular for that alone, and then seems rare beside other such things.
    involved = {f"p{item:02d}" for pair in PLANTED for item in pair}
    assert {*found.substitutes["product_1"], *found.substitutes["product_2"]} <= involved
    assert len(found.substitutes) <= 2
    assert (found.complements["lift_low"] > 1).all()
    assert len(found) == K * (K - 1) // 2
    assert f"{len(PLANTED)} are complements" in repr(found)


@pytest.mark.parametrize("unit", ["basket", "customer"])
def test_in_worlds_without_complements_hardly_any_is_found(unit):
    found = [
        bundle_candidates(CustomerTables(transactions=simulated(100 + seed, n=1000)), AS_OF, unit=unit)
        for seed in range(20)
    ]
    worlds = sum((each.frame["relation"] != "unclear").any() for each in found)
    # With a false discovery rate of 5 %, one of 20 worlds is expected to have some.
    assert worlds <= 1
    assert np.mean([(each.frame["p_value"] < 0.05).mean() for each in found]) < 0.05


def test_planted_substitutes_are_found_and_nothing_else():
    sales = simulated(0, rivals=[(1, 2), (0, 4)])
    found = bundle_candidates(CustomerTables(transactions=sales), AS_OF)
    assert set(found.substitutes["bundle_id"]) == named([(1, 2), (0, 4)])
    assert len(found.complements) == 0
    assert (found.substitutes["lift_high"] < 1).all()
    assert found.frame["bundle_id"].iloc[-1] == found.substitutes["bundle_id"].iloc[0]


def test_heavy_buyers_fool_a_lift_that_knows_no_sizes():
    sales = simulated(0, PLANTED)
    baskets = sales.groupby(["customer_id", "event_time"])["product_id"].agg(set)
    holds = np.array([[f"p{item:02d}" in basket for item in range(K)] for basket in baskets])
    n, share = len(holds), holds.mean(axis=0)
    first, second = np.triu_indices(K, 1)
    together = (holds.T.astype(float) @ holds)[first, second]
    p_values = stats.poisson.sf(together - 1, n * share[first] * share[second])
    called = (adjusted_p_values(p_values) <= 0.05).sum()
    # Dozens of pairs seem to be complements, where three are.
    assert called > 40


def test_counts_lifts_and_margins_by_hand():
    baskets = [("ann", 1, "ab"), ("ann", 2, "ab"), ("bob", 1, "ac"), ("bob", 3, "b"), ("cy", 1, "c"), ("cy", 2, "abc")]
    rows = [(who, f"2025-01-0{day}", item) for who, day, items in baskets for item in items]
    sales = pd.DataFrame(rows, columns=["customer_id", "event_time", "product_id"])
    sales = sales.assign(amount=sales["product_id"].map({"a": 10.0, "b": 4.0, "c": 1.0}), margin=1.5)
    sales.loc[0, "margin"] = 3.5
    found = bundle_candidates(CustomerTables(transactions=sales), AS_OF, min_count=1).frame.set_index("bundle_id")
    assert found["n"].to_dict() == {"a + b": 3, "a + c": 2, "b + c": 1}
    assert found.loc["a + b", ["margin_1", "margin_2", "margin", "price"]].tolist() == [2.0, 1.5, 3.5, 14.0]
    # Six baskets: three of two, which share three pairs, and one that holds all.
    assert found["expected"].sum() == pytest.approx(3 + 3)
    np.testing.assert_allclose(found["lift"], found["n"] / found["expected"])
    low, high = stats.chi2.ppf(0.025, 2 * 3) / 2, stats.chi2.ppf(0.975, 2 * 4) / 2
    ends = found.loc["a + b", ["lift_low", "lift_high"]] * found.loc["a + b", "expected"]
    np.testing.assert_allclose(ends.tolist(), [low, high])
    mean = found.loc["a + b", "expected"]
    both = 2 * min(stats.poisson.sf(2, mean), stats.poisson.cdf(3, mean))
    assert found.loc["a + b", "p_value"] == pytest.approx(min(both, 1.0))
    whole = bundle_candidates(CustomerTables(transactions=sales), AS_OF, unit="customer", min_count=1)
    assert whole.frame.set_index("bundle_id")["n"].to_dict() == {"a + b": 3, "a + c": 2, "b + c": 2}
    assert (whole.n_baskets, whole.n_customers, whole.n_products) == (3, 3, 3)


def test_what_came_later_was_known_late_returned_or_is_pending_changes_nothing():
    sales = simulated(1, PLANTED, n=300).assign(kind="sale", status="completed", known_at=pd.NaT)
    extra = sales.head(400).assign(product_id="p00", event_time=pd.Timestamp("2025-06-01"))
    others = [
        extra.assign(event_time=pd.Timestamp(AS_OF)),
        extra.assign(known_at=pd.Timestamp("2026-02-01")),
        extra.assign(kind="return"),
        extra.assign(status="pending"),
    ]
    plain = bundle_candidates(CustomerTables(transactions=sales), AS_OF).frame
    mixed = pd.concat([sales, *others]).sample(frac=1.0, random_state=0)
    pd.testing.assert_frame_equal(plain, bundle_candidates(CustomerTables(transactions=mixed), AS_OF).frame)
    windowed = bundle_candidates(CustomerTables(transactions=sales), AS_OF, window="350D")
    recent = sales[sales["event_time"] >= pd.Timestamp(AS_OF) - pd.Timedelta("350D")]
    again = bundle_candidates(CustomerTables(transactions=recent), AS_OF)
    pd.testing.assert_frame_equal(windowed.frame, again.frame)


def test_only_popular_products_are_looked_at():
    tables = CustomerTables(transactions=simulated(2, n=300))
    few = bundle_candidates(tables, AS_OF, max_products=4)
    assert (few.n_products, len(few)) == (4, 6)
    counts = tables.get("transactions").drop_duplicates()["product_id"].value_counts()
    kept = {*few.frame["product_1"], *few.frame["product_2"]}
    assert counts[sorted(kept)].min() >= counts.drop(sorted(kept)).max()
    often = bundle_candidates(tables, AS_OF, min_count=int(counts.iloc[2]))
    assert often.n_products == 3


def test_complements_become_offers_that_owners_of_a_part_do_not_get():
    tables = CustomerTables(transactions=simulated(0, PLANTED, n=2000))
    offers = bundle_candidates(tables, AS_OF).to_offers(discount=1.0, k=2, channels=["email"], cost=0.1)
    assert [(offer.kind, offer.bundle, offer.channels, offer.subsidy) for offer in offers] == [
        ("bundle", "fixed", ("email",), 1.0)
    ] * 2
    numbers = [[int(product[1:]) for product in offer.products] for offer in offers]
    assert [offer.value for offer in offers] == [8.0 + sum(pair) / 2 - 1.0 for pair in numbers]
    spine = Spine.at(AS_OF, tables.get("transactions")["customer_id"])
    eligible = Candidates.of(tables, spine, Catalog(offers), (Owned(),)).eligible
    held = tables.get("transactions").groupby("customer_id")["product_id"].agg(set)
    wanted = [[not held[customer] & set(offer.products) for offer in offers] for customer in spine.frame["customer_id"]]
    assert eligible.tolist() == wanted


def test_without_margins_there_is_no_value_to_offer():
    found = bundle_candidates(CustomerTables(transactions=simulated(0, PLANTED, n=2000).drop(columns="margin")), AS_OF)
    assert found.frame["margin"].isna().all()
    assert "are complements" in found._repr_html_()
    with pytest.raises(InputError, match="offers need a margin; transactions tell none for 3 of 3 complements"):
        found.to_offers()
    with pytest.raises(InputError, match="discount must be 0 or more"):
        found.to_offers(discount=-1.0)
    with pytest.raises(InputError, match="k must be 1 or more"):
        found.to_offers(k=0)


def test_where_everybody_buys_one_thing_nothing_is_called():
    sales = pd.DataFrame({"customer_id": [f"c{i}" for i in range(40)], "event_time": "2025-01-01", "product_id": "a"})
    sales.loc[::2, "product_id"] = "b"
    found = bundle_candidates(CustomerTables(transactions=sales), AS_OF)
    assert found.frame[["n", "expected", "p_value", "relation"]].values.tolist() == [[0, 0.0, 1.0, "unclear"]]
    assert found.frame[["lift", "price"]].isna().all(axis=None)
    assert found.to_offers() == []


SALES = pd.DataFrame(
    {"customer_id": ["a", "b"] * 10, "event_time": "2025-01-01", "product_id": ["x", "y", "y", "x"] * 5}
)


@pytest.mark.parametrize(
    ("frame", "settings", "says"),
    [
        (SALES.drop(columns="product_id"), {}, "transactions lacks the column 'product_id'"),
        (SALES, {"product": "sku"}, "transactions lacks the column 'sku'"),
        (SALES.assign(product_id="x"), {"min_count": 1}, "bundles need two products or more, .* has 1"),
        (SALES.assign(product_id=None), {}, "bundles need two products or more, .* has 0"),
        (SALES.assign(kind="return"), {}, "bundles need two products or more, .* has 0"),
        (SALES.iloc[:0], {}, "bundles need two products or more, .* has 0"),
        (SALES, {"window": "-30D"}, "a window must be"),
        (SALES, {"unit": "week"}, "unit must be one of 'basket', 'customer'"),
        (SALES, {"min_count": 0}, "min_count must be 1 or more"),
        (SALES, {"max_products": 1}, "max_products must be 2 or more"),
        (SALES, {"false_discovery_rate": 1.0}, "false_discovery_rate must be in"),
        (SALES, {"level": 0}, "level must be in"),
        (SALES, {"as_of": "soon"}, "as_of must be a time"),
    ],
)
def test_bad_input_is_one_clear_error(frame, settings, says):
    given = {"as_of": AS_OF, **settings}
    with pytest.raises(InputError, match=says):
        bundle_candidates(CustomerTables(transactions=frame), given.pop("as_of"), **given)


def test_without_transactions_there_is_one_clear_error():
    with pytest.raises(InputError, match="bundles need the table transactions"):
        bundle_candidates(CustomerTables(customers=pd.DataFrame({"customer_id": ["a"]})), AS_OF)
