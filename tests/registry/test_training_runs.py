from __future__ import annotations

import time

import pandas as pd
import pytest

from nbo import registry
from nbo.errors import InputError
from nbo.features import DemographicFeatures, FeatureSet
from nbo.models import ChurnModel, CLVModel, PropensityModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.simulate import World


@pytest.fixture(scope="module")
def history():
    """A world in which churn and lifetime value can be learnt."""
    world = World(customers=400, days=150, seed=2)
    return world, training_spine(world.tables, world.end, horizons=("60D",), moments=2)


def untrained():
    few = {"n_estimators": 5}
    parts = {"churn": ChurnModel(horizon="60D", **few), "clv": CLVModel(horizon="60D", **few)}
    return NextBestOffer(propensity=PropensityModel(**few), **parts)


def small():
    return NextBestOffer(features=FeatureSet([DemographicFeatures()]), propensity=PropensityModel(n_estimators=5))


def trained(history, name, uri, model=None, **settings):
    world, spine = history
    model = untrained() if model is None else model
    return model, registry.train(model, world.tables, spine, name, as_of=world.end, tracking_uri=uri, **settings)


def children(mlflow, run_id):
    place = mlflow.get_run(run_id).info.experiment_id
    found = mlflow.MlflowClient().search_runs([place], f"tags.`mlflow.parentRunId` = '{run_id}'")
    return {run.info.run_name: run for run in found}


@pytest.fixture(scope="module")
def run_of(history, uri):
    return trained(history, "trained", uri, alias="fresh", tags={"team": "crm"}, metrics={"budget": 7.0})


def test_one_run_holds_the_inputs_the_metrics_and_the_model(run_of, mlflow, history, uri):
    model, version = run_of
    run = mlflow.get_run(version.run_id)
    assert (version.model_uri, run.info.status) == ("models:/trained/1", "FINISHED")
    params = run.data.params
    assert params["as_of"] == model.as_of_.isoformat()
    assert params["rows_transactions"] == str(len(history[0].tables.get("transactions")))
    assert params["answers"] == str(model.profile_.columns[0].n)
    assert pd.Timestamp(params["first_decision"]) < pd.Timestamp(params["last_decision"]) < model.as_of_
    assert {**run.data.metrics, **model.metrics_, "budget": 7.0} == run.data.metrics
    assert registry.resolve("models:/trained@fresh", uri) == version
    assert mlflow.MlflowClient().get_model_version("trained", "1").tags["team"] == "crm"


def test_each_part_has_a_run_below_with_its_settings_metrics_and_time(run_of, mlflow):
    model, version = run_of
    below = children(mlflow, version.run_id)
    assert set(below) == {"propensity", "churn", "clv", "segmenter", "policy"}
    churn = below["churn"]
    assert churn.data.params["class"] == "ChurnModel"
    assert churn.data.params["horizon"] == "60D"
    assert churn.data.metrics["churn_auc"] == model.metrics_["churn_auc"]
    assert not any(name.startswith("propensity") for name in churn.data.metrics)
    for run in below.values():
        took = (run.info.end_time - run.info.start_time) / 1000
        assert took == pytest.approx(run.data.metrics["seconds"], abs=0.002)
        assert run.info.status == "FINISHED"


def test_no_customer_is_in_the_runs(run_of, mlflow, history):
    runs = [mlflow.get_run(run_of[1].run_id), *children(mlflow, run_of[1].run_id).values()]
    told = str([run.to_dictionary() for run in runs])
    assert not any(customer in told for customer in history[0].tables.customers["customer_id"].unique())


def test_inside_a_run_of_the_caller_all_goes_below_it(mlflow, history, uri):
    with mlflow.start_run() as mine:
        mlflow.log_param("random_state", "mine")
        _, version = trained(history, "below", None, small())
        assert mlflow.active_run().info.run_id == mine.info.run_id
    assert set(children(mlflow, mine.info.run_id)) == {"below"}
    assert set(children(mlflow, version.run_id)) == {"propensity", "segmenter", "policy"}
    assert mlflow.get_run(mine.info.run_id).data.params == {"random_state": "mine"}


def test_a_training_that_fails_leaves_a_run_that_says_so(mlflow, history, uri):
    world, spine = history
    with pytest.raises(InputError, match="no decision has an answer"):
        registry.train(untrained(), world.tables.replace(decisions=None), spine, "failed", tracking_uri=uri)
    runs = mlflow.search_runs(experiment_names=["nbo"], filter_string="run_name = 'failed'", output_format="list")
    assert [run.info.status for run in runs] == ["FAILED"]
    assert mlflow.MlflowClient().search_registered_models("name = 'failed'") == []


def test_a_name_that_cannot_be_registered_is_refused_before_the_training(history, uri, monkeypatch):
    monkeypatch.setattr(NextBestOffer, "fit", lambda *args, **kwargs: pytest.fail("no need to train"))
    with pytest.raises(InputError, match="name must be a text"):
        trained(history, "a/b", uri)
    with pytest.raises(InputError, match="alias must be letters"):
        trained(history, "fine", uri, alias="latest")


def test_while_a_model_is_fitted_mlflows_settings_are_the_callers(mlflow, history, uri, monkeypatch):
    seen = []
    fit = NextBestOffer.fit

    def watched(self, *args, **kwargs):
        seen.append((mlflow.get_tracking_uri(), mlflow.active_run()))
        return fit(self, *args, **kwargs)

    mlflow.set_tracking_uri("sqlite:///callers.db")
    monkeypatch.setattr(NextBestOffer, "fit", watched)
    trained(history, "watched", uri, small())
    assert seen == [("sqlite:///callers.db", None)]


def fitted(history):
    world, spine = history
    begin = time.process_time()
    untrained().fit(world.tables, spine, as_of=world.end)
    return time.process_time() - begin


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:mlflow", "ignore::FutureWarning:mlflow")
def test_autologging_makes_no_runs_of_its_own_and_takes_no_time(mlflow, history, uri):
    plain = min(fitted(history) for _ in range(2))
    experiment = mlflow.set_experiment("autologged").experiment_id
    mlflow.autolog(silent=True)
    try:
        with_autologging = min(fitted(history) for _ in range(2))
        assert mlflow.search_runs([experiment], output_format="list") == []
        _, version = trained(history, "autologged", None)
        found = mlflow.search_runs([experiment], output_format="list")
    finally:
        mlflow.autolog(disable=True, silent=True)
    assert len(found) == 1 + len(children(mlflow, version.run_id)) == 6
    assert with_autologging < 2 * plain
