"""A fitted NextBestOffer, tables and a moment, and nothing else: who is at risk, and which of its offers may help."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.errors import InputError
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.simulate import World
from nbo.tables import Catalog, Offer, Spine

FEW = {"n_estimators": 20, "random_state": 0}


@pytest.fixture(scope="module")
def world():
    return World(customers=600, days=200, seed=3, live_days=21)  # simulated


@pytest.fixture(scope="module")
def model(world):
    """A model whose catalog has two offers to keep customers with."""
    keep = [Offer("gift", kind="retention", cost=0.4), Offer("thanks", kind="retention", cost=0.05)]
    model = NextBestOffer(
        propensity=PropensityModel(**FEW),
        churn=ChurnModel(horizon="30D", **FEW),
        clv=CLVModel(horizon="30D", **FEW),
        catalog=Catalog([*Catalog.from_frame(world.tables.get("catalog")), *keep]),
    )
    spine = training_spine(world.tables, world.live_from, horizons=("30D",), moments=1)
    return model.fit(world.tables, spine, as_of=world.live_from, progress=False)


def changed(model, **parts):
    """The same fitted model with other parts."""
    other = copy.copy(model)
    for name, part in parts.items():
        setattr(other, name, part)
    return other


def test_the_plainest_call_alerts_with_the_retention_offers_of_the_catalog(model, world):
    found = nbo.alerts(model, world.tables, world.live_from)
    frame = found.to_frame()
    assert len(found) == len(frame) > 50
    assert found.unknown == 0
    # Of two with the same guess the cheaper one gains more.
    assert set(frame["action"]) == {"thanks"}
    # A plain loop: of each customer the dearer of a tenth of the expected loss less what it costs, where it is above 0.
    scores = model.score(world.tables, nbo.features.known_customers(world.tables, world.live_from))
    best: dict[str, tuple[float, str]] = {}
    rows = scores[scores["offer_id"].isin(["gift", "thanks"]) & scores["eligible"]]
    for row in rows.itertuples():
        net = 0.1 * row.churn_probability * row.clv - row.cost
        if net > max(best.get(row.customer_id, (0.0, ""))[0], 0.0):
            best[row.customer_id] = (net, row.offer_id)
    got = {row.customer_id: (row.net_gain, row.action) for row in frame.itertuples()}
    assert got.keys() == best.keys()
    assert all(got[name][1] == best[name][1] for name in best)
    np.testing.assert_allclose([got[name][0] for name in best], [best[name][0] for name in best])
    # The reader is told that the effect is a guess, and within what time customers leave.
    assert frame["reason"].str.contains("Its effect is assumed, not measured: 10% of the risk.").all()
    assert frame["reason"].str.contains("to leave within 30 days").all()
    assert len(nbo.alerts(model, world.tables, world.live_from, past=found)) == 0


def test_a_frame_of_the_alerts_is_ones_own(model, world):
    found = nbo.alerts(model, world.tables, world.live_from)
    frame = found.to_frame()
    frame["alert_id"] = "changed"
    assert not (found.frame["alert_id"] == "changed").any()


def test_without_a_guess_a_known_effect_is_needed(model, world):
    with pytest.raises(InputError, match="no uplift is known"):
        nbo.alerts(model, world.tables, world.live_from, assumed=None)
    with pytest.raises(InputError, match="assumed must be in"):
        nbo.alerts(model, world.tables, world.live_from, assumed=0)


def test_the_uplift_model_takes_the_place_of_the_guess(model, world):
    before = Spine.at(world.live_from - pd.Timedelta("60D"), world.tables)
    rng = np.random.default_rng(0)
    arm = rng.choice(["no_offer", "gift"], len(before))
    stays = rng.random(len(before)) < 0.4 + 0.4 * (arm == "gift")
    X = model.features.build(world.tables, before)
    uplift = UpliftModel(n_estimators=10, n_folds=2).fit(X, stays, arm, treatment_probability=0.5)
    knowing = changed(model, uplift=uplift)
    found = nbo.alerts(knowing, world.tables, world.live_from)
    frame = found.to_frame()
    assert len(frame) > 20
    # Of "thanks" nothing is known, and a guess does not compete with what was measured.
    assert set(frame["action"]) == {"gift"}
    assert not frame["reason"].str.contains("assumed").any()
    customers = nbo.features.known_customers(world.tables, world.live_from)
    effect = pd.Series(
        uplift.predict(knowing.features.build(world.tables, customers)).ravel(), customers.frame.iloc[:, 0]
    )
    own = effect[frame["customer_id"]].to_numpy().clip(max=frame["churn_probability"])
    np.testing.assert_allclose(frame["action_gain"], own * frame["value_at_stake"])


def test_what_a_model_lacks_is_said(model, world):
    with pytest.raises(InputError, match=r"model has no churn model.*churn=ChurnModel\(\)"):
        nbo.alerts(changed(model, churn=None), world.tables, world.live_from)
    poor = changed(model, clv=None)
    with pytest.raises(InputError, match=r"model has no CLV model.*or give value"):
        nbo.alerts(poor, world.tables, world.live_from)
    assert len(nbo.alerts(poor, world.tables, world.live_from, value=100)) > 50
    rows = model.score(world.tables, Spine.at(world.live_from, world.tables))
    others = rows[~rows["offer_id"].isin(["gift", "thanks"])].assign(kind="discount")
    with pytest.raises(InputError, match="no offer of kind 'retention'"):
        nbo.alerts(others, world.tables, world.live_from, assumed=None)
    with pytest.raises(InputError, match="no offer of kind 'retention'"):
        nbo.alerts(others.assign(cost=0.0), world.tables, world.live_from)


def test_without_an_offer_to_keep_customers_a_personal_contact_stands_for_what_can_be_done(model, world):
    rows = model.score(world.tables, nbo.features.known_customers(world.tables, world.live_from))
    others = rows[~rows["offer_id"].isin(["gift", "thanks"])].assign(kind="discount")
    others["clv"] *= 10
    found = nbo.alerts(others, world.tables, world.live_from)
    frame, dearest = found.to_frame(), others["cost"].max()
    assert dearest == 3.0
    assert set(frame["action"]) == {"personal contact"}
    assert frame["reason"].str.contains("Its effect is assumed, not measured").all()
    worth = others.drop_duplicates("customer_id").set_index("customer_id")
    gain = 0.1 * worth["churn_probability"] * worth["clv"]
    assert set(frame["customer_id"]) == set(gain.index[gain > dearest])
    assert 0 < len(frame) < len(worth)
