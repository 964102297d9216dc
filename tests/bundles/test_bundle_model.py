"""Who buys both parts of a bundle: calibrated in a planted world, never of what is owned, and known in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from nbo import BundleModel, CustomerTables, Spine, bundle_candidates
from nbo.errors import BundleError, InputError

START = pd.Timestamp("2025-01-01")
AS_OF, LATER = "2025-07-01", "2025-09-29"
PRODUCTS = [f"p{at}" for at in range(8)]
PAIRS = pd.DataFrame({"product_1": ["p0", "p2"], "product_2": ["p1", "p3"]})


def simulated(seed: int, n: int = 4000, planted: float = 0.5) -> CustomerTables:
    """Simulate buyers of different activity and taste; p0 brings p1, and p2 brings p3, at half of the purchases."""
    rng = np.random.default_rng(seed)
    taste = rng.integers(0, 2, n)
    activity = rng.gamma(2.0, 2.0, n)
    owner = np.repeat(np.arange(n), rng.poisson(activity))
    liked = np.where(taste[owner, None] == 0, [4, 1, 1, 1, 2, 2, 1, 1], [1, 1, 4, 1, 1, 1, 2, 2]) / 13.0
    item = (rng.random((len(owner), 1)) > np.cumsum(liked, axis=1)).sum(axis=1)
    day = rng.integers(0, 365, len(owner))
    brings = np.isin(item, [0, 2]) & (rng.random(len(owner)) < planted)
    owner, day, item = (np.concatenate([a, a[brings]]) for a in (owner, day, item))
    item[len(item) - brings.sum() :] += 1
    sales = pd.DataFrame(
        {
            "customer_id": np.array([f"c{i:04d}" for i in range(n)])[owner],
            "event_time": START + pd.to_timedelta(day, "D") + pd.Timedelta("9h"),
            "product_id": np.array(PRODUCTS)[item],
            "amount": 10.0 + item,
            "margin": 2.0 + item,
        }
    )
    customers = pd.DataFrame({"customer_id": [f"c{i:04d}" for i in range(n)], "job": np.where(taste, "cook", "clerk")})
    return CustomerTables(customers=customers, transactions=sales.sample(frac=1.0, random_state=seed))


@pytest.fixture(scope="module")
def tables():
    return simulated(0, n=7000)


@pytest.fixture(scope="module")
def spine(tables):
    return Spine.at(AS_OF, tables.get("customers").head(4000))


@pytest.fixture(scope="module")
def model(tables, spine):
    return BundleModel(rebought="all", n_estimators=60).fit(tables, spine)


def bought_in(tables, spine, days, product):
    """Tell by a plain loop over sales who bought a product within some days."""
    sales = tables.get("transactions")
    start = spine.frame["as_of"].iloc[0]
    some = (sales["product_id"] == product) & (sales["event_time"] >= start)
    some &= sales["event_time"] < start + pd.Timedelta(days=days)
    return spine.frame["customer_id"].isin(set(sales.loc[some, "customer_id"])).to_numpy()


def test_the_planted_complements_are_learnt(model):
    # What people of one taste like sells together, too.
    assert model.bundles_["bundle_id"].tolist()[:2] in (["p0 + p1", "p2 + p3"], ["p2 + p3", "p0 + p1"])
    assert model.parts_[:4] == ["p0", "p1", "p2", "p3"]
    assert (model.bundles_["odds_ratio"][:2] > 5).all()
    assert (model.bundles_["odds_ratio"][2:] < 5).all()
    assert model.bundles_.set_index("bundle_id").loc["p2 + p3", ["margin_1", "margin_2"]].tolist() == [4.0, 5.0]


def test_the_probability_of_both_is_calibrated_in_each_fifth(model, tables):
    others = Spine.at(AS_OF, tables.get("customers").tail(3000))
    scores = model.score(tables, others)
    for bundle_id, rows in scores.groupby("bundle_id"):
        one, two = bundle_id.split(" + ")
        happened = (bought_in(tables, others, 90, one) & bought_in(tables, others, 90, two)).astype(float)
        assert len(rows) == len(happened)
        predicted = rows["probability"].to_numpy()
        fifths = np.array_split(np.argsort(predicted, kind="stable"), 5)
        for some in [np.arange(len(predicted)), *fifths]:
            chance = predicted[some]
            error = np.sqrt((chance * (1 - chance)).sum()) / len(some)
            assert abs(happened[some].mean() - chance.mean()) < 3 * error, (bundle_id, chance.mean())
        if bundle_id in ("p0 + p1", "p2 + p3"):
            # As if the parts were independent, it would be far too few.
            assert (rows["probability_1"] * rows["probability_2"]).mean() < 0.7 * happened.mean()


def test_the_level_is_that_of_all_customers_learnt_from(model, tables, spine):
    chance, _ = model.chances_.score(tables, spine)
    bought = np.column_stack([bought_in(tables, spine, 90, part) for part in model.parts_])
    assert chance.mean() == pytest.approx((bought.sum() + 0.5) / (bought.size + 1), rel=1e-6)


def test_a_history_that_has_grown_since_raises_the_chances(model, tables):
    """A limit that the page on bundles tells of: nobody of the customers has become more active."""
    later = Spine.at(LATER, tables.get("customers").tail(3000))
    chance, _ = model.chances_.score(tables, later)
    bought = np.column_stack([bought_in(tables, later, 90, part) for part in model.parts_])
    assert 1.0 < chance.mean() / bought.mean() < 1.25


def test_scores_are_what_they_say(model, tables):
    scores = model.score(tables, Spine.at(LATER, ["c0001", "c0002"]), discount=1.0, uptake=0.2)
    assert scores.columns.tolist() == [
        "customer_id",
        "as_of",
        "bundle_id",
        "product_1",
        "product_2",
        "probability",
        "probability_1",
        "probability_2",
        "margin",
        "expected_margin",
        "incremental",
        "break_even_uptake",
    ]
    both, one, two = (scores[name] for name in ("probability", "probability_1", "probability_2"))
    assert (both <= np.minimum(one, two)).all()
    assert (both >= np.maximum(one + two - 1, 0)).all()
    np.testing.assert_allclose(scores["expected_margin"], both * scores["margin"])
    margins = model.bundles_.set_index("bundle_id").loc[scores["bundle_id"]]
    gained = (one - both) * margins["margin_2"].to_numpy() + (two - both) * margins["margin_1"].to_numpy()
    by_hand = 0.2 * gained - 1.0 * (both + 0.2 * (one - both + two - both))
    np.testing.assert_allclose(scores["incremental"], by_hand)
    even = scores["break_even_uptake"].iloc[0]
    again = model.score(tables, Spine.at(LATER, ["c0001", "c0002"]), discount=1.0, uptake=even)
    assert again["incremental"].iloc[0] == pytest.approx(0, abs=1e-12)
    # Without an effect, an offer without a discount adds nothing.
    assert (model.score(tables, Spine.at(LATER, ["c0001"]))["incremental"] == 0).all()


def test_no_bundle_has_a_part_that_the_customer_owns(tables, spine):
    sales = tables.get("transactions")
    back = sales[sales["product_id"] == "p1"].iloc[::3].assign(kind="return")
    back["event_time"] += pd.Timedelta("1D")
    on_the_way = sales.iloc[:50].assign(status="pending", event_time=pd.Timestamp("2025-06-30"), product_id="p0")
    rows = pd.concat([sales.assign(kind="sale", status="completed"), back.assign(status="completed"), on_the_way])
    mixed = tables.replace(transactions=rows.assign(kind=rows["kind"].fillna("sale")))
    model = BundleModel(rebought=("p3",), n_estimators=20).fit(mixed, spine, bundles=PAIRS)
    scores = model.score(mixed, spine)
    last: dict[tuple[str, str], tuple[pd.Timestamp, bool]] = {}
    known = mixed.get("transactions")
    known = known[known["event_time"] < pd.Timestamp(AS_OF)].sort_values(
        ["event_time", "kind"], ascending=[True, False]
    )
    for row in known.itertuples():
        last[row.customer_id, row.product_id] = (row.event_time, row.kind == "sale")
    owned = {key for key, (_, is_sale) in last.items() if is_sale and key[1] != "p3"}
    wanted = {
        (customer, f"{one} + {two}")
        for customer in spine.frame["customer_id"]
        for one, two in PAIRS.itertuples(index=False)
        if (customer, one) not in owned and (customer, two) not in owned
    }
    assert set(zip(scores["customer_id"], scores["bundle_id"], strict=True)) == wanted
    assert 0 < len(wanted) < 2 * len(spine)


def test_the_best_bundles_come_first(model, tables):
    asked = Spine.at(LATER, [f"c{i:04d}" for i in range(50)])
    scores = model.score(tables, asked)
    best = model.top(tables, asked, k=1)
    assert (best["rank"] == 1).all()
    highest = scores.groupby("customer_id")["expected_margin"].max()
    assert best.set_index("customer_id")["expected_margin"].equals(highest[best["customer_id"]])
    both = model.top(tables, asked, k=5, by="probability")
    assert len(both) == len(scores)
    assert (both.groupby("customer_id")["probability"].diff().dropna() <= 0).all()


def test_later_rows_and_rows_known_late_change_nothing(tables, spine):
    until = "2025-10-01"
    sales = tables.get("transactions")
    twice = sales[sales["product_id"].isin(["p4", "p5"])].head(500)
    later = twice.assign(event_time=pd.Timestamp("2025-11-01"), product_id="p6")
    hidden = twice.assign(event_time=pd.Timestamp("2025-05-01"), product_id="p7", known_at=pd.Timestamp("2025-12-01"))
    kept = sales[sales["event_time"] < until].assign(known_at=pd.NaT)
    plain, more = (
        tables.replace(transactions=frame) for frame in (kept, pd.concat([kept, later.assign(known_at=pd.NaT), hidden]))
    )
    one, two = (BundleModel(rebought="all", n_estimators=20).fit(given, spine, until=until) for given in (plain, more))
    pd.testing.assert_frame_equal(one.bundles_, two.bundles_)
    pd.testing.assert_frame_equal(one.score(plain, spine), two.score(more, spine), check_exact=True)


def test_candidates_that_have_seen_the_labels_are_refused(tables, spine):
    with pytest.raises(InputError, match=r"bundles were found as of 2025-09-29 .* seen what is to be predicted"):
        BundleModel().fit(tables, spine, bundles=bundle_candidates(tables, LATER))
    found = bundle_candidates(tables, AS_OF)
    given = BundleModel(rebought="all", n_estimators=5).fit(tables, spine, bundles=found)
    assert given.bundles_["bundle_id"].tolist() == found.complements["bundle_id"].tolist()


def test_a_model_comes_back_from_its_folder_with_the_same_bits(model, tables, tmp_path):
    model.to_dir(tmp_path / "bundles")
    again = BundleModel.from_dir(tmp_path / "bundles")
    asked = Spine.at(LATER, tables)
    pd.testing.assert_frame_equal(again.score(tables, asked), model.score(tables, asked), check_exact=True)
    pd.testing.assert_frame_equal(again.bundles_, model.bundles_, check_exact=True)
    assert again.get_params() == model.get_params()
    again.to_dir(tmp_path / "again")
    for name in ("model.json", "parts/model.json"):
        assert (tmp_path / "again" / name).read_text() == (tmp_path / "bundles" / name).read_text()
    altered = tmp_path / "bundles" / "model.json"
    altered.write_text(altered.read_text().replace("p0 + p1", "p0 + p9"))
    with pytest.raises(BundleError, match="was altered"):
        BundleModel.from_dir(tmp_path / "bundles")


def test_without_margins_the_money_is_not_known(tables, spine, tmp_path):
    bare = tables.replace(transactions=tables.get("transactions").drop(columns="margin"))
    model = BundleModel(rebought="all", n_estimators=5).fit(bare, spine, bundles=PAIRS)
    model.to_dir(tmp_path)
    scores = BundleModel.from_dir(tmp_path).top(bare, Spine.at(AS_OF, ["c0001"]), k=2)
    assert scores[["margin", "expected_margin", "incremental", "break_even_uptake"]].isna().all(axis=None)
    assert scores["probability"].is_monotonic_decreasing


def test_rows_are_bounded_and_the_settings_are_scikit_learns(tables, spine):
    model = clone(BundleModel(rebought="all", n_estimators=5, max_rows=2000)).fit(tables, spine, bundles=PAIRS)
    assert model.get_params()["max_rows"] == 2000
    assert (model.score(tables, spine)["probability"] > 0).all()


def test_a_spine_of_nobody_has_no_scores(model, tables):
    nobody = Spine.of(pd.DataFrame({"customer_id": pd.Series(dtype="str"), "as_of": pd.Series(dtype="datetime64[us]")}))
    assert len(model.score(tables, nobody)) == 0
    assert len(model.top(tables, nobody)) == 0
    with pytest.raises(InputError, match="the spine must have rows"):
        BundleModel().fit(tables, nobody)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"horizon": "-3D"}, "horizon must be a length of time"),
        ({"rebought": "milk"}, "rebought must be product ids"),
        ({"rebought": [1]}, "rebought must be product ids"),
        ({"max_bundles": 0}, "max_bundles must be 1 or more"),
        ({"association_share": 1.0}, "association_share must be in"),
        ({"prior_scale": 0}, "prior_scale must be above 0"),
        ({"product": "sku"}, "transactions lacks the column 'sku'"),
        ({"unit": "week"}, "unit must be one of"),
        ({"window": "-5D"}, "a window must be"),
        ({"horizon": "3650D"}, "no row of the spine has its horizon"),
    ],
)
def test_bad_settings_are_one_clear_error(tables, spine, settings, says):
    with pytest.raises(InputError, match=says):
        BundleModel(**settings).fit(tables, spine)


@pytest.mark.parametrize(
    ("bundles", "says"),
    [
        (pd.DataFrame({"product_1": ["p0"]}), "bundles lacks the column 'product_2'"),
        (pd.DataFrame({"product_1": ["p0"], "product_2": ["p0"]}), "must have two products; row 0 has 'p0'"),
        (pd.DataFrame({"product_1": ["p0", "p1"], "product_2": ["p1", "p0"]}), "stand twice"),
        (PAIRS.iloc[:0], "there must be bundles to learn"),
    ],
)
def test_bad_bundles_are_one_clear_error(tables, spine, bundles, says):
    with pytest.raises(InputError, match=says):
        BundleModel().fit(tables, spine, bundles=bundles)


def test_bad_numbers_and_tables_are_one_clear_error(model, tables, spine):
    with pytest.raises(InputError, match="discount must be 0 or more"):
        model.score(tables, spine, discount=-1)
    with pytest.raises(InputError, match=r"uptake must be in \[0, 1\]"):
        model.top(tables, spine, uptake=2)
    with pytest.raises(InputError, match="k must be 1 or more"):
        model.top(tables, spine, k=0)
    with pytest.raises(InputError, match="by must be one of"):
        model.top(tables, spine, by="luck")
    with pytest.raises(InputError, match="bundles need the table transactions"):
        BundleModel().fit(CustomerTables(customers=tables.get("customers")), spine)
    with pytest.raises(InputError, match="no complements were found before"):
        BundleModel().fit(simulated(5, n=300, planted=0.0), Spine.at(AS_OF, ["c0001"]))
    own = pd.DataFrame({"customer_id": ["a", "a"], "event_time": START, "product_id": ["p0", "p1"]})
    owners, one = CustomerTables(transactions=own), Spine.at("2025-02-01", ["a"])
    with pytest.raises(InputError, match="customers own all parts"):
        BundleModel(horizon="1D").fit(owners, one, PAIRS.head(1), until="2025-03-01")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_of_customers_is_learnt_from_too(tables, n):
    asked = Spine.at(AS_OF, tables.get("customers").head(n))
    model = BundleModel(rebought="all", n_estimators=5).fit(tables, asked, bundles=PAIRS)
    assert model.score(tables, asked)["probability"].between(0, 1).all()
    assert np.isfinite(model.bundles_["odds_ratio"]).all()
