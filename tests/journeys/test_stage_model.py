"""Stages by hand, by a plain loop, and the next stage of a planted Markov chain."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import known_customers
from nbo.journeys import FUNNEL, Stage, StageModel
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine

DAY = pd.Timedelta("1D")
START = pd.Timestamp("2025-01-01")
CHAIN = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.05, 0.15, 0.8]])
CYCLE = (Stage("lead", events=("lead",)), Stage("offer", events=("offer",)), Stage("won", events=("won",)))


def ann() -> CustomerTables:
    events = {
        "event_time": ["2025-01-01", "2025-01-02", "2025-01-05", "2025-09-01", "2025-09-02"],
        "event_type": ["page_view", "search", "cart", "email_sent", "page_view"],
    }
    sales = {"event_time": ["2025-01-06", "2025-01-07", "2025-09-03"], "status": ["completed", "pending", "completed"]}
    return CustomerTables(
        events=pd.DataFrame({"customer_id": "ann", **events}),
        transactions=pd.DataFrame({"customer_id": "ann", **sales, "kind": "sale"}),
    )


@pytest.mark.parametrize(
    ("as_of", "stage", "since"),
    [
        ("2025-01-01", None, None),  # at the moment itself nothing is known yet
        ("2025-01-01 00:01", "visitor", "2025-01-01"),
        ("2025-01-05", "engaged", "2025-01-02"),
        ("2025-01-06", "cart", "2025-01-05"),
        ("2025-01-20", "customer", "2025-01-06"),  # the order of the 7th is pending
        ("2025-07-05", "lapsed", "2025-07-05"),  # 180 days after the 6th
        ("2025-09-02", "lapsed", "2025-07-05"),  # an e-mail that we sent is nothing that she did
        ("2025-09-03", "customer", "2025-09-02"),
        ("2025-09-04", "repeat", "2025-09-03"),
    ],
)
def test_the_stage_by_hand(as_of, stage, since):
    row = StageModel().stages(ann(), Spine.at(as_of, ["ann"])).iloc[0]
    if stage is None:
        assert pd.isna(row["stage"])
        assert pd.isna(row["since"])
        assert pd.isna(row["days_in_stage"])
    else:
        assert (row["stage"], row["since"]) == (stage, pd.Timestamp(since))
        assert row["days_in_stage"] == (pd.Timestamp(as_of) - pd.Timestamp(since)) / DAY


def slow_stage(tables: CustomerTables, customer: str, as_of: pd.Timestamp) -> tuple[str | None, pd.Timestamp | None]:
    """Walk through what one customer did, step by step."""
    ranks = {event: rank for rank, stage in enumerate(FUNNEL) for event in stage.events}
    done = []
    events = tables.stitched().events
    for row in events[events["customer_id"] == customer].to_dict("records"):
        known = row["known_at"] if "known_at" in row and not pd.isna(row["known_at"]) else row["event_time"]
        if max(known, row["event_time"]) < as_of and row["event_type"] != "email_sent":
            done.append((row["event_time"], ranks.get(row["event_type"], 0), False))
    sales = tables.transactions
    for row in sales[sales["customer_id"] == customer].to_dict("records"):
        if row["kind"] == "sale" and row["status"] != "pending" and row["event_time"] < as_of:
            done.append((row["event_time"], 0, True))
    names = [*(stage.name for stage in FUNNEL), "lapsed"]
    stage, since, best, bought, last = None, None, -1, 0, None
    for time, rank, sale in sorted(done):
        bought += sale
        best = max(best, rank, min(bought, 2) + 2 if sale else 0)
        if last is not None and time - last >= 180 * DAY:
            stage, since = "lapsed", last + 180 * DAY
        if names[best] != stage:
            stage, since = names[best], time
        last = time
    if last is not None and as_of - last >= 180 * DAY:
        stage, since = "lapsed", last + 180 * DAY
    return stage, since


def test_the_stages_of_a_simulated_world_are_those_of_a_plain_loop():
    world = World(customers=60, days=400, seed=3)
    for as_of in ("2025-03-01", "2025-11-15"):
        spine = known_customers(world.tables, as_of)
        found = StageModel().stages(world.tables, spine)
        for row in found.to_dict("records"):
            stage, since = slow_stage(world.tables, row["customer_id"], row["as_of"])
            assert (None if pd.isna(row["stage"]) else row["stage"]) == stage
            assert (None if pd.isna(row["since"]) else row["since"]) == since
        assert found["stage"].nunique() >= 3


def planted(n: int, steps: int, seed: int) -> tuple[CustomerTables, Spine, np.ndarray]:
    """Make customers that move by the chain, an event a step; give the states too."""
    rng = np.random.default_rng(seed)
    state = rng.integers(0, 3, n)
    rows, states = [], [state]
    for step in range(steps):
        if step:
            state = (rng.random(n)[:, None] > CHAIN[state].cumsum(axis=1)).sum(axis=1)
            states.append(state)
        names = np.array(["lead", "offer", "won"])[state]
        time = START + step * 30 * DAY
        rows.append(pd.DataFrame({"customer_id": np.arange(n), "event_time": time, "event_type": names}))
    spine = Spine.at(START + (steps - 1) * 30 * DAY + DAY, np.arange(n))
    return CustomerTables(events=pd.concat(rows, ignore_index=True)), spine, np.array(states)


def test_the_next_stage_of_a_planted_markov_chain_is_recovered():
    tables, spine, states = planted(800, 13, seed=1)
    model = StageModel(CYCLE, lapse=None, forward=False).fit(tables, spine)
    before, after = states[:-1].ravel(), states[1:].ravel()
    assert model.steps_.tolist() == np.bincount(before * 3 + after, minlength=9).reshape(3, 3).tolist()
    table = model.transitions()
    # Nine intervals of 99.9 %: all hold but once in more than a hundred worlds.
    wide = model.transitions(level=0.999)
    assert ((wide["low"] <= CHAIN.ravel()) & (CHAIN.ravel() <= wide["high"])).all()
    n = np.repeat(model.steps_.sum(axis=1), 3)
    assert (np.abs(table["probability"] - CHAIN.ravel()) < 4 * np.sqrt(CHAIN.ravel() * (1 - CHAIN.ravel()) / n)).all()
    chances = model.next_stages(tables, spine)
    now = states[-1]
    assert chances["stage"].tolist() == [model.names[state] for state in now]
    matrix = table["probability"].to_numpy().reshape(3, 3)
    np.testing.assert_array_equal(chances[model.names].to_numpy(), matrix[now])


def test_an_interval_holds_the_true_chance_as_often_as_stated():
    held = []
    for seed in range(60):
        tables, spine, _ = planted(40, 7, seed=100 + seed)
        table = StageModel(CYCLE, lapse=None, forward=False).fit(tables, spine).transitions(level=0.9)
        held.append(((table["low"] <= CHAIN.ravel()) & (CHAIN.ravel() <= table["high"])).mean())
    error = 4 * np.std(held) / np.sqrt(len(held))
    assert abs(np.mean(held) - 0.9) < error + 0.02


def test_moves_and_the_time_in_a_stage_by_hand():
    events = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", "b"],
            "event_time": ["2025-01-01", "2025-01-11", "2025-01-31", "2025-01-01", "2025-01-21"],
            "event_type": ["lead", "offer", "won", "lead", "offer"],
        }
    )
    model = StageModel(CYCLE, lapse=None, forward=False)
    model.fit(CustomerTables(events=events), Spine.at("2025-02-10", ["a", "b"]))
    assert model.moves_.tolist() == [[0, 2, 0], [0, 0, 1], [0, 0, 0]]
    moves = model.transitions("moves").set_index(["stage", "next_stage"])["probability"]
    assert moves["lead", "offer"] == pytest.approx((2 + 1 / 3) / (2 + 1))
    stays = model.stays_.set_index("stage")
    assert (stays.loc["lead", "stays"], stays.loc["lead", "ended"]) == (2, 2)
    # One of two leads ended after 10 days. One of two offers ended after 20, the other goes on after 20.
    assert stays.loc["lead", "median_days"] == 10.0
    assert stays.loc["offer", "stays"] == 2
    assert np.isnan(stays.loc["won", "median_days"])


def test_rows_of_the_future_and_rows_known_late_change_nothing():
    world = World(customers=50, days=200, seed=4)
    spine = known_customers(world.tables, "2025-05-01")
    model = StageModel().fit(world.tables, spine)
    later = {"customer_id": spine.frame["customer_id"], "event_type": "cart", "event_time": pd.Timestamp("2025-05-01")}
    late = {**later, "event_time": pd.Timestamp("2025-02-01"), "known_at": pd.Timestamp("2025-05-01")}
    sale = {"customer_id": spine.frame["customer_id"], "event_time": pd.Timestamp("2025-06-01"), "kind": "sale"}
    grown = world.tables.replace(
        events=pd.concat([world.tables.events, pd.DataFrame(later), pd.DataFrame(late)], ignore_index=True),
        transactions=pd.concat([world.tables.transactions, pd.DataFrame(sale)], ignore_index=True),
    )
    pd.testing.assert_frame_equal(model.stages(grown, spine), model.stages(world.tables, spine))
    assert StageModel().fit(grown, spine).to_dict() == model.to_dict()


def test_the_order_of_rows_and_rows_that_stand_twice_in_the_spine_change_nothing():
    world = World(customers=50, days=200, seed=4)
    spine = known_customers(world.tables, "2025-05-01")
    turned = CustomerTables(**{name: world.tables.get(name).iloc[::-1] for name in world.tables.names})
    model = StageModel()
    expected = model.stages(world.tables, spine)
    pd.testing.assert_frame_equal(model.stages(turned, spine), expected)
    twice = Spine.of(pd.concat([spine.frame.iloc[::-1], spine.frame]))
    found = model.stages(world.tables, twice)
    pd.testing.assert_frame_equal(found.iloc[len(spine) :].reset_index(drop=True), expected)


def test_a_model_of_json_says_the_same():
    tables, spine, _ = planted(50, 5, seed=2)
    model = StageModel(CYCLE, lapse="90D", forward=False, step="10D").fit(tables, spine)
    again = StageModel.from_dict(json.loads(json.dumps(model.to_dict())))
    pd.testing.assert_frame_equal(again.next_stages(tables, spine), model.next_stages(tables, spine))
    pd.testing.assert_frame_equal(again.stays_, model.stays_)
    with pytest.raises(InputError, match="state must be of StageModel"):
        StageModel.from_dict({"model": "Other", "format": 1})


def test_without_rows_nobody_is_anywhere():
    tables = CustomerTables(events=pd.DataFrame(columns=["customer_id", "event_time", "event_type"]))
    spine = Spine.at("2025-05-01", ["ann"])
    model = StageModel().fit(tables, spine)
    assert pd.isna(model.stages(tables, spine)["stage"].iloc[0])
    assert model.next_stages(tables, spine)["visitor"].isna().all()
    assert model.steps_.sum() == model.moves_.sum() == 0


def test_stages_that_cannot_be_told_apart_are_refused():
    with pytest.raises(InputError, match="no event or number of purchases may lead into two"):
        StageModel([Stage("a", events=("x",)), Stage("b", events=("x",))])
    with pytest.raises(InputError, match="names of their own"):
        StageModel([Stage("a"), Stage("lapsed", events=("x",))])
    with pytest.raises(TypeError, match="stages must be of Stage"):
        StageModel(["visitor"])
    with pytest.raises(InputError, match="purchases of 'a' must be 1 or more"):
        StageModel([Stage("a", purchases=0)])


def test_what_is_not_fitted_or_no_kind_is_refused():
    with pytest.raises(InputError, match="not fitted"):
        StageModel().transitions()
    tables, spine, _ = planted(5, 3, seed=2)
    model = StageModel(CYCLE).fit(tables, spine)
    with pytest.raises(InputError, match="kind must be 'steps' or 'moves'"):
        model.transitions("jumps")
    with pytest.raises(InputError, match="level must be"):
        model.transitions(level=1)


@pytest.mark.parametrize("spine", ["2025-06-01", pd.Timestamp("2025-06-01"), pd.DataFrame({"customer_id": ["ann"]})])
@pytest.mark.parametrize("method", ["fit", "stages", "next_stages"])
def test_a_moment_is_no_spine(method, spine):
    model = StageModel().fit(ann(), Spine.at("2025-06-01", ["ann"]))
    with pytest.raises(TypeError, match=rf"spine must be a Spine; got {type(spine).__name__}\. Use Spine"):
        getattr(model, method)(ann(), spine)
