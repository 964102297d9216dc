import json

import pandas as pd
import pytest

from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.training import _just_after
from nbo.tables import CustomerTables


def test_what_holds_from_a_time_on_does_not_say_until_when_events_are_known():
    tables = CustomerTables(
        transactions=pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-06-01"]}),
        macro=pd.DataFrame({"series": ["cpi"], "valid_from": ["2026-07-01"], "value": [1.0]}),
    )
    assert _just_after(tables) == pd.Timestamp("2026-06-01 00:00:00.000001")


def test_what_is_known_of_the_training_is_noted_and_stored(fitted, tmp_path):
    scores = fitted.validation_.scores
    by_offer = scores[scores["segmentation"] == "offer_id"]
    whole = scores[(scores["part"] == "propensity") & (scores["segmentation"] == "all")].iloc[0]
    assert by_offer["n"].sum() == whole["n"] == fitted.metrics_["propensity_n"]
    assert (by_offer["n"] * by_offer["rate"]).sum() == pytest.approx(whole["n"] * whole["rate"])
    assert set(by_offer["segment"]) <= set(fitted.catalog.offer_ids)
    assert list(fitted.times_) == ["features", "propensity", "segmenter", "policy", "churn", "clv"]
    assert fitted.profile_.feature_names == fitted.features.feature_names
    fitted.to_dir(tmp_path / "model")
    loaded = NextBestOffer.from_dir(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.validation_.scores, scores)
    assert (loaded.profile_, loaded.trained_on_) == (fitted.profile_, fitted.trained_on_)


def test_the_inputs_are_told_without_any_id(fitted, tables, world):
    told = fitted.trained_on_
    assert told["rows"]["customers"] == len(tables.customers)
    assert told["answers"] == fitted.profile_.columns[0].n
    assert pd.Timestamp(told["decided"][1]) < world.live_from - pd.Timedelta("14D") + pd.Timedelta("1s")
    assert set(told["labels"]) == {"churn", "clv"}
    ids = tables.customers["customer_id"].unique()
    assert not any(customer in json.dumps(told) for customer in ids)


def test_a_model_that_was_stored_before_there_were_these_is_read(fitted, tmp_path):
    fitted.to_dir(tmp_path)
    index = json.loads((tmp_path / "bundle.json").read_text())
    for name in ("validation.json", "profile.json"):
        (tmp_path / name).unlink()
        del index["sha256"][name]
    del index["trained_on"]
    (tmp_path / "bundle.json").write_text(json.dumps(index))
    loaded = NextBestOffer.from_dir(tmp_path)
    assert (loaded.validation_, loaded.profile_, loaded.trained_on_) == (None, None, {})
    loaded.to_dir(tmp_path / "again")
    assert NextBestOffer.from_dir(tmp_path / "again").metrics_ == fitted.metrics_
