"""``nbo promote``, ``nbo rollback`` and ``nbo freeze``, with a store and a ledger of their own."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from nbo import registry
from nbo.cli import main
from nbo.features import DemographicFeatures, FeatureSet
from nbo.ledger import Ledger
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import Uniform
from nbo.simulate import World
from nbo.tables import Spine

DAY = pd.Timedelta("1D")


def run(*arguments, code=0):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A store with two versions, and a ledger in which the first offer is accepted far more often."""
    folder = tmp_path_factory.mktemp("learning")
    world = World(customers=150, days=90, seed=1)
    offers = world.catalog.offer_ids[:2]
    parts = {"features": FeatureSet([DemographicFeatures()]), "propensity": PropensityModel(n_estimators=5)}
    model = NextBestOffer(policy=Uniform(offers), rules=[], **parts)
    model.fit(world.tables, Spine.at(world.end, world.tables), as_of=world.end)
    store = f"sqlite:///{folder}/mlflow.db"
    for policy in (offers, offers[:1], offers[1:]):
        model.policy = Uniform(policy)
        registry.log(model, "offers", tracking_uri=store)
    rng, n = np.random.default_rng(1), 2000
    chosen = rng.choice(offers, n)
    decisions = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "customer_id": [f"c{i}" for i in range(n)],
            "decided_at": world.end + DAY,
            "offer_id": chosen,
            "action_probability": 0.5,
            "candidates": json.dumps(dict.fromkeys(offers, 0.5)),
            "segment": "all",
            "segment_scheme": model.segmenter.scheme,
            "model_version": "offers/1",
        }
    )
    accepted = decisions[rng.random(n) < np.where(chosen == offers[0], 0.3, 0.1)]
    told = accepted[["decision_id"]].assign(outcome="accept", outcome_at=world.end + 2 * DAY)
    with Ledger.open(f"sqlite:///{folder}/nbo.db") as ledger:
        ledger.record(decisions)
        ledger.record_outcomes(told)
    return ["--tracking-uri", store], ["--ledger", f"sqlite:///{folder}/nbo.db", "--as-of", world.end + 30 * DAY], store


def test_a_pipeline_can_tell_a_refusal_from_a_promotion(place):
    tracking, ledger, store = place
    assert "there was no champion" in run("promote", "offers", 1, *ledger, *tracking)
    refused = run("promote", "offers", 3, *ledger, *tracking)
    assert "version 3 of offers was not promoted" in refused
    assert f"written to run {registry.verdicts('offers', tracking_uri=store)['run_id'].iloc[-1]}" in refused
    run("promote", "offers", 3, "--require", *ledger, *tracking, code=1)
    assert "was promoted" in run("promote", "offers", 2, "--require", *ledger, *tracking)
    # What is asked for is the case already.
    again = run("promote", "offers", 2, "--require", *ledger, *tracking)
    assert "it is the champion already" in again
    assert "version 1 of offers is the champion again" in run("rollback", "offers", *tracking)
    how = registry.verdicts("offers", tracking_uri=store)["action"].tolist()
    assert how == ["promotion"] * 4 + ["rollback"]


def test_the_first_champion_needs_no_ledger_and_the_second_does(place):
    tracking, ledger, _ = place
    alias = ["--alias", "first"]
    assert "there was no first" in run("promote", "offers", 1, "--require", *alias, *tracking)
    assert "give --ledger and --as-of: there is a champion" in run("promote", "offers", 2, *alias, *tracking, code=2)
    undated = run("promote", "offers", 2, *ledger[:2], *alias, *tracking, code=2)
    assert "--as-of must be given with --ledger" in undated


def test_settings_reach_the_verdict(place):
    tracking, ledger, store = place
    registry.promote("offers", 1, alias="other", tracking_uri=store)
    run(
        "promote", "offers", 3, "--margin", 0.5, "--confidence", 0.9, "--one-look", "--no-health", "--alias", "other",
        *ledger, *tracking,
    )  # fmt: skip
    line = registry.verdicts("offers", tracking_uri=store).iloc[-1]
    assert (line["margin"], line["interval"], line["health"], line["alias"]) == (0.5, "normal", "not checked", "other")


def test_freezing_registers_what_was_learnt(place):
    tracking, ledger, store = place
    assert "registered offers version" in run(
        "freeze", "offers", "--version", 1, "--alias", "frozen", *ledger, *tracking
    )
    frozen = registry.load("models:/offers@frozen", store)
    assert frozen.policy.acceptance_rates()["n"].sum() >= 2000


@pytest.mark.parametrize("verb", [["promote", "offers", "1"], ["freeze", "offers"], ["report", "--out", "r.html"]])
def test_a_ledger_that_is_not_there_is_not_made(verb, tmp_path):
    said = run(*verb, "--ledger", f"sqlite:///{tmp_path}/none.db", "--as-of", "2026-01-01", code=2)
    assert "none.db" in said
    assert not (tmp_path / "none.db").exists()
