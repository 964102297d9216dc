import json
import logging

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo import columns as c
from nbo.errors import BundleError, InputError
from nbo.features import FeatureSet
from nbo.ledger import Ledger
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.next_best_offer.training import answered_history
from nbo.policies import Control, LogisticThompson, SegmentThompson, Uniform, compare_arms
from nbo.segments import AcceptanceTreeSegmenter
from nbo.tables import Catalog, CustomerTables, Offer, Spine

WEEK = pd.Timedelta("7D")


def same(one, other):
    """Tell whether two frames hold the same bits."""
    return one.equals(other)


def test_scores_have_one_row_per_customer_and_offer(fitted, tables, today):
    scores = fitted.score(tables, today)
    assert len(scores) == len(today) * len(fitted.catalog)
    assert scores["customer_id"].drop_duplicates().tolist() == today.frame["customer_id"].tolist()
    assert scores["offer_id"].head(12).tolist() == fitted.catalog.offer_ids
    assert scores[["propensity", "churn_probability"]].apply(lambda p: p.between(0, 1)).all(axis=None)
    value, cost = (
        scores["offer_id"].map(dict(zip(fitted.catalog.offer_ids, v, strict=True)))
        for v in (fitted.catalog.values, fitted.catalog.costs)
    )
    np.testing.assert_allclose(scores["priority"], scores["propensity"] * value - cost)
    assert (scores["clv"] >= 0).all()


def test_scores_tell_reasons_where_asked_and_are_the_same_else(fitted, tables, today):
    few = Spine.of(today.frame.head(5))
    plain, told = fitted.score(tables, few), fitted.score(tables, few, reasons=2)
    pd.testing.assert_frame_equal(told.drop(columns="reasons"), plain)
    lists = told["reasons"].map(json.loads)
    assert lists.map(len).between(1, 2).all()
    assert lists.explode().str.contains("the score by").all()


def test_wide_scores_agree_with_long_ones(fitted, tables, today):
    X = fitted.features.build(tables, today)
    wide = fitted.score_features(X)
    assert len(wide) == len(today)
    assert wide["offer_ids"].iloc[0] == fitted.catalog.offer_ids
    long = fitted.score(tables, today)
    first = (
        long.groupby("customer_id", sort=False)[["churn_probability", "clv", "segment"]].first().reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(wide[first.columns], first)


def test_decisions_keep_to_the_tables_contract(fitted, tables, today):
    decisions = fitted.decide(tables, today, rng=7, run_id="r1", model_version="v1")
    checked = tables.replace(decisions=decisions, outcomes=None)
    assert checked.validate(as_of="2026-12-31").empty
    assert (decisions["model_version"] == "v1").all()
    made = decisions[decisions["offer_id"] != NO_OFFER]
    listed = made["candidates"].map(json.loads)
    stated = [row[offer] for row, offer in zip(listed, made["offer_id"], strict=True)]
    np.testing.assert_array_equal(made["action_probability"], stated)
    np.testing.assert_allclose([sum(row.values()) for row in listed], 1)


def test_the_same_run_decides_the_same_on_any_partition(fitted, tables, today):
    whole = fitted.decide(tables, today, run_id="r1")
    parts = [
        fitted.decide(tables, Spine.at(today.frame["as_of"].iloc[0], ids), run_id="r1")
        for ids in np.array_split(today.frame["customer_id"].to_numpy(), 5)
    ]
    assert same(pd.concat(parts, ignore_index=True), whole)
    assert not same(fitted.decide(tables, today, run_id="r2")[["offer_id"]], whole[["offer_id"]])


def test_rows_at_and_after_the_moment_change_no_score(fitted, tables, today, world):
    later = {}
    for name in ("transactions", "events", "cases", "social", "surveys"):
        frame = tables.get(name)
        time = {"cases": "opened_at"}.get(name, "event_time")
        new = frame.tail(200).assign(**{time: world.live_from})
        new = new.assign(**{key: "new-" + new[key] for key in ("transaction_id", "case_id") if key in new})
        later[name] = pd.concat([frame, new.drop(columns=["known_at", "closed_at"], errors="ignore")])
    assert same(fitted.score(tables.replace(**later), today), fitted.score(tables, today))


def test_every_answer_updates_its_segment_before_the_next_decision(fitted, tables, today, world, tmp_path):
    fitted.to_dir(tmp_path / "before")
    model = NextBestOffer.from_dir(tmp_path / "before")
    decisions = model.decide(tables, today, run_id="r1")
    row = decisions[decisions["offer_id"] != NO_OFFER].iloc[[0]]
    segment, offer = row["segment"].item(), row["offer_id"].item()

    def rate():
        rates = model.policy.acceptance_rates().set_index(["segment", "offer_id"])
        return rates.loc[(segment, offer), ["n", "accepted", "rate"]]

    before = rate()
    with Ledger.open("sqlite://") as ledger:
        ledger.record(row)
        answer = row[["decision_id"]].assign(outcome="accept", outcome_at=world.live_from + pd.Timedelta("1h"))
        ledger.record_outcomes(answer)
        model.learn(ledger, as_of=world.live_from + WEEK)
        after = rate()
        assert after["n"] == before["n"] + 1
        assert after["accepted"] == before["accepted"] + 1
        assert after["rate"] > before["rate"]
        state = json.dumps(model.policy.to_state())
        model.learn(ledger, as_of=world.live_from + WEEK)
        assert json.dumps(model.policy.to_state()) == state


def test_answers_to_another_segmentation_are_left_out(fitted, tables, today, world, tmp_path, caplog):
    fitted.to_dir(tmp_path / "m")
    model = NextBestOffer.from_dir(tmp_path / "m")
    decisions = model.decide(tables, today, run_id="r1").assign(segment_scheme="another")
    answers = model.policy.to_state()["answers"]
    with Ledger.open("sqlite://") as ledger, caplog.at_level(logging.WARNING):
        ledger.record(decisions)
        ledger.record_outcomes(world.answer(decisions))
        model.learn(ledger, as_of=world.end)
    assert model.policy.to_state()["answers"] == answers
    assert "answers to decisions of other segments are left out" in caplog.text


def test_a_stored_model_is_the_same_model(fitted, tables, today, tmp_path):
    fitted.to_dir(tmp_path / "model")
    loaded = NextBestOffer.from_dir(tmp_path / "model")
    assert same(loaded.score(tables, today), fitted.score(tables, today))
    assert same(loaded.decide(tables, today), fitted.decide(tables, today))
    assert loaded.metrics_ == fitted.metrics_
    assert loaded.as_of_ == fitted.as_of_
    suffixes = {path.suffix for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".txt", ".parquet"}
    with pytest.raises(InputError, match="must be new or empty"):
        fitted.to_dir(tmp_path / "model")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda f: (f / "policy.json").write_text("{}"),
            "1 files .* missing, altered or not its own, first policy.json",
        ),
        (lambda f: (f / "catalog.parquet").unlink(), "first catalog.parquet"),
        (lambda f: (f / "extra.txt").write_text("x"), "first extra.txt"),
        (lambda f: (f / "bundle.json").unlink(), "holds no stored model: bundle.json is missing"),
        (lambda f: (f / "bundle.json").write_text("{"), "is not JSON"),
        (lambda f: (f / "bundle.json").write_text('{"format": 99, "nbo": "9"}'), "has format 99, stored by nbo 9"),
    ],
)
def test_an_altered_model_is_refused(fitted, tmp_path, change, message):
    fitted.to_dir(tmp_path / "model")
    change(tmp_path / "model")
    with pytest.raises(BundleError, match=message):
        NextBestOffer.from_dir(tmp_path / "model")


def test_only_classes_that_a_room_exports_are_made_from_a_file(fitted, tmp_path):
    import hashlib

    fitted.to_dir(tmp_path / "m")
    path = tmp_path / "m" / "policy.json"
    path.write_text(path.read_text().replace('"SegmentThompson"', '"subprocess"', 1))
    index = json.loads((tmp_path / "m" / "bundle.json").read_text())
    index["sha256"]["policy.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "m" / "bundle.json").write_text(json.dumps(index))
    with pytest.raises(BundleError, match="needs subprocess, which nbo.policies does not have"):
        NextBestOffer.from_dir(tmp_path / "m")


def test_training_sees_only_what_was_known_then(make, world, tables):
    """Decisions, answers and events after the moment of training change no part of the model."""
    moment = world.live_from - pd.Timedelta("30D")
    spine = training_spine(tables, moment, horizons=("60D",), moments=1)
    cut = {}
    for name, time in (
        ("transactions", "event_time"),
        ("events", "event_time"),
        ("cases", "opened_at"),
        ("decisions", "decided_at"),
        ("outcomes", "outcome_at"),
        ("social", "event_time"),
        ("surveys", "event_time"),
        ("referrals", "event_time"),
    ):
        frame = tables.get(name)
        cut[name] = frame[frame[time] < moment]
    one = make().fit(tables, spine, as_of=moment, progress=False)
    other = make().fit(tables.replace(**cut), spine, as_of=moment, progress=False)
    assert json.dumps(one.policy.to_state()) == json.dumps(other.policy.to_state())
    now = Spine.at(moment, tables)
    assert same(one.score(tables, now), other.score(tables, now))


def test_rows_of_one_customer_stay_together_when_churn_and_value_are_fitted(make, world, tables, monkeypatch):
    seen = []
    for kind in (ChurnModel, CLVModel):
        fit = kind.fit

        def spied(self, X, y, fit=fit, **given):
            seen.append((type(self).__name__, given))
            return fit(self, X, y, **given)

        monkeypatch.setattr(kind, "fit", spied)
    spine = training_spine(tables, world.live_from, horizons=("60D",), moments=2)
    make().fit(tables, spine, as_of=world.live_from, progress=False)
    last = {name: given for name, given in seen if "groups" in given}
    assert set(last) == {"ChurnModel", "CLVModel"}
    for given in last.values():
        assert given["groups"].tolist() == spine.frame["customer_id"].tolist()
        assert given["time"].tolist() == spine.frame["as_of"].tolist()


def test_metrics_are_measured_on_later_rows(fitted):
    assert {"propensity_auc", "propensity_log_loss", "churn_auc"} <= set(fitted.metrics_)
    assert 0.5 < fitted.metrics_["churn_auc"] < 1


def test_a_second_fit_forgets_the_first(make, world, tables):
    spine = training_spine(tables, world.live_from, horizons=("60D",), moments=1)
    model = make(churn=None, clv=None).fit(tables, spine, as_of=world.live_from, progress=False)
    state = json.dumps(model.policy.to_state())
    model.fit(tables, spine, as_of=world.live_from, progress=False)
    assert json.dumps(model.policy.to_state()) == state
    scores = model.score(tables, Spine.at(world.live_from, tables))
    assert scores[["churn_probability", "clv"]].isna().all(axis=None)
    assert repr(model).startswith("NextBestOffer(12 offers, PropensityModel, AcceptanceTreeSegmenter, SegmentThompson")


def test_parts_made_from_the_tables_are_made_anew_by_a_second_fit(make, world, tables, today):
    model = make(churn=None, clv=None).fit(tables, today, as_of=world.live_from, progress=False)
    few = tables.catalog.head(5)
    made = tables.decisions[tables.decisions["offer_id"].isin(few["offer_id"])]
    fewer = tables.replace(catalog=few, decisions=made, events=None)
    model.fit(fewer, today, as_of=world.live_from, progress=False)
    assert model.catalog.offer_ids == list(model.policy.offers) == few["offer_id"].tolist()
    assert not [name for name in model.features.feature_names if name.startswith("events__")]


def test_models_made_of_the_same_parts_do_not_share_them(world, tables, today):
    parts = {"features": FeatureSet.default(tables), "propensity": PropensityModel(n_estimators=20)}
    one = NextBestOffer(**parts).fit(tables, today, as_of=world.live_from, progress=False)
    scores = one.score(tables, today)
    few = tables.replace(events=tables.events.head(10))
    NextBestOffer(**parts).fit(few, today, as_of=world.live_from, progress=False)
    assert same(one.score(tables, today), scores)
    assert not parts["features"].is_fitted


def test_any_policy_and_rules_can_be_given(make, world, tables, today):
    catalog = Catalog.from_frame(tables.catalog)
    policy = Uniform([*catalog.offer_ids, NO_OFFER])
    model = make(churn=None, clv=None, policy=policy, rules=[], catalog=catalog)
    model.fit(tables, today, as_of=world.live_from, progress=False)
    decisions = model.decide(tables, today)
    assert set(decisions["action_probability"]) == {1 / 13}
    assert model.policy is not policy


def test_where_the_history_states_no_probability_an_offers_share_takes_its_place(make, world, tables, today):
    """Every second probability is missing: the segmenter gets it as missing, not as a certain draw."""
    stated = tables.decisions["action_probability"].where(np.arange(len(tables.decisions)) % 2 == 0)
    partly = tables.replace(decisions=tables.decisions.assign(action_probability=stated))
    model = make(churn=None, clv=None).fit(partly, today, as_of=world.live_from, progress=False)
    history = answered_history(partly, model.features, pd.Timedelta("14D"), world.live_from)
    assert 0.4 < np.isnan(history.action_probability).mean() < 0.6
    unstated = partly.replace(decisions=tables.decisions.drop(columns="action_probability"))
    unknown = answered_history(unstated, model.features, pd.Timedelta("14D"), world.live_from)
    assert np.isnan(unknown.action_probability).all()
    alone = AcceptanceTreeSegmenter(random_state=0).fit(
        history.X, history.feedback["reward"], history.feedback["offer_id"], history.feedback["action_probability"]
    )
    assert model.segmenter.to_dict() == alone.to_dict()


def no_accepts(tables):
    return tables.replace(outcomes=tables.outcomes.assign(outcome="reject"))


def test_a_history_without_any_accept_gives_a_cautious_model(make, world, tables, today, caplog):
    model = make(churn=None, clv=None).fit(no_accepts(tables), today, as_of=world.live_from, progress=False)
    scores = model.score(tables, today)
    assert scores["propensity"].max() < 0.01
    assert len(model.decide(tables, today)) == len(today)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace(decisions=None, outcomes=None), "no decision has an answer known before"),
        (
            lambda t: t.replace(decisions=t.decisions.head(0), outcomes=t.outcomes.head(0)),
            "no decision has an answer known before",
        ),
        (lambda t: t.replace(catalog=None), "there is no catalog: give NextBestOffer"),
    ],
)
def test_tables_that_cannot_be_learnt_from_say_what_is_missing(make, world, tables, today, change, message):
    with pytest.raises(InputError, match=message):
        make(churn=None, clv=None).fit(change(tables), today, as_of=world.live_from, progress=False)


def test_labels_whose_horizon_is_not_over_are_refused(make, world, tables, today):
    with pytest.raises(InputError, match="no row of the spine has a churn label: its horizon of 60D must be over"):
        make(clv=None).fit(tables, today, as_of=world.live_from, progress=False)
    with pytest.raises(InputError, match="no row of the spine lies at or before the moment of training"):
        make().fit(tables, today, as_of=world.live_from - WEEK, progress=False)


def test_what_is_not_fitted_says_so(make, tables, today):
    for call in (lambda m: m.score(tables, today), lambda m: m.decide(tables, today), lambda m: m.explain({})):
        with pytest.raises(InputError, match="not fitted; call fit"):
            call(make())


def test_one_customer_and_none_are_served(fitted, tables, today, world):
    one = Spine.at(world.live_from, today.frame["customer_id"].head(1))
    assert len(fitted.decide(tables, one)) == 1
    nobody = Spine.at(world.live_from, today.frame["customer_id"].head(0))
    assert len(fitted.decide(tables, nobody)) == 0
    assert len(fitted.score(tables, nobody)) == 0
    stranger = Spine.at(world.live_from, ["stranger"])
    assert fitted.decide(tables, stranger)["offer_id"].notna().all()


def test_a_training_spine_needs_customers_known_then(tables, world):
    late = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"], "valid_from": ["2025-06-01"]}))
    with pytest.raises(InputError, match="no customer was known"):
        training_spine(late, "2025-07-01", horizons=("60D",))
    with pytest.raises(InputError, match="moments must be 1 or more"):
        training_spine(tables, world.end, moments=0)


def test_features_of_ones_own_are_used(make, world, tables, today):
    few = CustomerTables(transactions=tables.transactions)
    model = make(features=FeatureSet.default(few), churn=None, clv=None)
    model.fit(tables, today, as_of=world.live_from, progress=False)
    assert {name.split("__")[0] for name in model.features.feature_names} == {"transactions", "cases", "referrals"}


def test_explaining_a_decision(fitted, tables, today):
    decision = fitted.decide(tables, today).iloc[0]
    explained = fitted.explain(decision)
    assert explained.customer_id == decision["customer_id"]
    assert explained.offers.loc[explained.offers["chosen"], "probability"].item() == decision["action_probability"]


def test_a_withdrawn_offer_is_not_made(make, world, tables, today):
    offers = [
        Offer(
            o.offer_id,
            o.value,
            o.cost,
            o.channels,
            valid_until=world.live_from if o.offer_id == "travel_deal" else None,
        )
        for o in Catalog.from_frame(tables.catalog)
    ]
    model = make(churn=None, clv=None, catalog=Catalog(offers)).fit(
        tables, today, as_of=world.live_from, progress=False
    )
    assert "travel_deal" not in set(model.decide(tables, today)["offer_id"])


def _uplift_of(tables, features, today, offers):
    """A model of made-up effects of some offers, on the features that the object builds."""
    X = features.build(tables, today)
    rng = np.random.default_rng(0)
    arm = rng.choice([c.NO_OFFER, *offers], len(X))
    y = rng.random(len(X)) < 0.1 + 0.3 * (arm == offers[0])
    return UpliftModel(n_estimators=10, n_folds=2).fit(X, y, arm, treatment_probability=1 / (1 + len(offers)))


@pytest.mark.parametrize("n_offers", [1, 2])
def test_uplift_takes_the_place_of_propensity_in_the_priority(fitted, tables, today, tmp_path, n_offers):
    offers = fitted.catalog.offer_ids[:n_offers]
    fitted.to_dir(tmp_path / "plain")
    model = NextBestOffer.from_dir(tmp_path / "plain")
    model.uplift = _uplift_of(tables, model.features, today, offers)
    scores, decisions = model.score(tables, today), model.decide(tables, today)
    effects = model.uplift.predict(model.features.build(tables, today)).reshape(len(today), -1)
    effects = effects[:, [model.uplift.treatments_.tolist().index(offer_id) for offer_id in offers]]
    for place, offer_id in enumerate(offers):
        rows = scores[scores["offer_id"] == offer_id]
        np.testing.assert_array_equal(rows["uplift"], effects[:, place])
        cost = fitted.catalog.costs[fitted.catalog.offer_ids.index(offer_id)]
        np.testing.assert_allclose(rows["priority"], rows["uplift"] * rows["value"] - cost)
    others = scores[~scores["offer_id"].isin(offers)]
    assert others["uplift"].isna().all()
    np.testing.assert_array_equal(others["priority"], fitted.score(tables, today).loc[others.index, "priority"])
    both = decisions.merge(scores, on=["customer_id", "offer_id"], suffixes=("", "_scored"))
    np.testing.assert_allclose(both["priority"], both["priority_scored"])
    assert "uplift" not in fitted.score(tables, today)
    wide = model.score_features(model.features.build(tables, today))
    assert wide["uplifts"].iloc[0][0] == effects[0, 0]
    model.to_dir(tmp_path / "with")
    again = NextBestOffer.from_dir(tmp_path / "with")
    pd.testing.assert_frame_equal(again.score(tables, today), scores)


def test_a_model_of_uplift_must_be_fitted_and_know_the_offers(make, fitted, tables, today, world):
    spine = Spine.at(world.live_from - pd.Timedelta("60D"), tables)
    with pytest.raises(InputError, match="uplift must be fitted before"):
        make(uplift=UpliftModel()).fit(tables, spine, as_of=world.live_from)
    strange = _uplift_of(tables, fitted.features, today, ["free_lunch"])
    with pytest.raises(InputError, match="it knows free_lunch, the catalog holds"):
        make(uplift=strange).fit(tables, spine, as_of=world.live_from)


READ = ["transactions__recency_days", "customers__age"]


def test_a_policy_on_features_goes_once_around(make, world, tables, today, tmp_path):
    """Features reach the draw, the ledger keeps them, and what is learnt from it is what was seen."""
    catalog = Catalog.from_frame(tables.catalog)
    policy = LogisticThompson(catalog.offer_ids, READ, catalog.values, catalog.costs)
    model = make(churn=None, clv=None, policy=policy, catalog=catalog)
    model.fit(tables, today, as_of=world.live_from, progress=False)
    history = answered_history(tables, model.features, pd.Timedelta("14D"), world.live_from)
    alone = LogisticThompson(catalog.offer_ids, READ, catalog.values, catalog.costs)
    segment = pd.Series(model.segmenter.predict(history.X), dtype="str")
    alone.learn(history.feedback.assign(segment=segment, **{name: history.X[name] for name in READ}))
    assert model.policy.to_state() == alone.to_state()
    some = Spine.at(world.live_from, today.frame["customer_id"].head(300))
    decisions = model.decide(tables, some, run_id="r1")
    X = model.features.build(tables, some)
    for name in READ:
        np.testing.assert_array_equal(decisions[name], X[name])
    context, eligible = decisions[["customer_id", "segment", *READ]], np.zeros((len(some), len(catalog)), dtype=bool)
    for row, text in enumerate(decisions["candidates"]):
        eligible[row] = [offer in json.loads(text) for offer in catalog.offer_ids]
    served = eligible.any(axis=1)
    drawn = model.policy.draw(context[served], eligible[served], rng="r1/7")
    pd.testing.assert_frame_equal(decisions.loc[served, drawn.columns], drawn)
    with Ledger.open(f"sqlite:///{tmp_path / 'l.db'}") as ledger:
        ledger.record(decisions)
        ledger.record_outcomes(world.answer(decisions))
        model.learn(ledger, as_of=world.end)
        feedback = ledger.feedback(world.end)
    expected = alone.learn(feedback, world.end).to_state()
    assert model.policy.to_state() == expected
    assert len(expected["answers"]["decision_id"]) == len(history) + len(feedback)
    model.to_dir(tmp_path / "model")
    again = NextBestOffer.from_dir(tmp_path / "model")
    assert same(again.decide(tables, some, run_id="r2"), model.decide(tables, some, run_id="r2"))


def test_features_that_the_policy_reads_must_be_among_those_built(make, world, tables, today):
    catalog = Catalog.from_frame(tables.catalog)
    model = make(churn=None, clv=None, policy=LogisticThompson(catalog.offer_ids, ["shoe_size"]))
    with pytest.raises(InputError, match="which LogisticThompson reads, lacks the column 'shoe_size'"):
        model.fit(tables, today, as_of=world.live_from, progress=False)


def test_a_holdout_and_a_control_stay_random_and_are_named(make, world, tables, today, tmp_path):
    catalog = Catalog.from_frame(tables.catalog)
    policy = Control(SegmentThompson(catalog.offer_ids, catalog.values, catalog.costs), holdout=0.15, control=0.25)
    model = make(churn=None, clv=None, policy=policy, catalog=catalog)
    model.fit(tables, today, as_of=world.live_from, progress=False)
    model.to_dir(tmp_path / "model")
    decisions = model.decide(tables, today, run_id="r1")
    assert same(NextBestOffer.from_dir(tmp_path / "model").decide(tables, today, run_id="r1"), decisions)
    assert (decisions.loc[decisions["arm"] == "holdout", "offer_id"] == NO_OFFER).all()
    listed = decisions["candidates"].map(json.loads)
    for row in np.flatnonzero(decisions["arm"] == "control"):
        real = {offer: chance for offer, chance in listed[row].items() if offer != NO_OFFER}
        assert set(real.values()) <= {1 / max(len(real), 1)}
    alone = make(churn=None, clv=None, policy=policy.policy, catalog=catalog)
    alone.fit(tables, today, as_of=world.live_from, progress=False)
    plain = alone.decide(tables, today, run_id="r1")
    rest = decisions["arm"] == "policy"
    assert same(
        decisions.loc[rest, ["offer_id", "action_probability"]], plain.loc[rest, ["offer_id", "action_probability"]]
    )
    with Ledger.open(f"sqlite:///{tmp_path / 'l.db'}") as ledger:
        ledger.record(decisions)
        ledger.record_outcomes(world.answer(decisions))
        model.learn(ledger, as_of=world.end)
        feedback = ledger.feedback(world.end)
    report = compare_arms(feedback)
    assert report["arm"].tolist() == ["holdout", "policy"]
    assert report["n"].sum() + report["baseline_n"].iloc[0] == len(feedback)
    control = set(feedback.loc[(feedback["arm"] == "control") & (feedback["offer_id"] != NO_OFFER), "decision_id"])
    assert control
    assert control <= set(model.policy.to_state()["answers"]["decision_id"])
    assert model.explain(decisions[rest].iloc[0]).offers["chosen"].any()
