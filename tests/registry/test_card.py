from __future__ import annotations

import re

import pytest

from nbo.registry.card import model_card, shortened


@pytest.fixture(scope="module")
def card(measured):
    return model_card(measured, "offers")


def section(card, heading):
    return card.split(f"## {heading}\n\n")[1].split("\n## ")[0]


def test_the_card_says_what_it_learnt_from(card, measured, world):
    text = section(card, "Learnt from")
    assert f"before {measured.as_of_}" in text
    assert f"{measured.trained_on_['answers']:,} answered decisions" in text
    assert f"transactions {len(world.tables.get('transactions')):,}" in text


def test_the_card_states_what_was_measured_and_names_what_was_not(card, measured):
    text = section(card, "Measured on later rows")
    assert "Not measured: segmenter, policy." in text
    assert f"| auc | {measured.metrics_['propensity_auc']:.4g} |" in text
    assert str(measured.validation_.scores["since"].iloc[0]) in text
    assert "churn" not in text


def test_measures_of_segments_and_groups_are_those_of_the_model(card, measured):
    scores = measured.validation_.scores
    rows = [line for line in section(card, "By offer, channel and segment").splitlines() if line.startswith("| prop")]
    assert len(rows) == (scores["segmentation"] != "all").sum()
    groups = section(card, "Calibration: groups of like probability").splitlines()[2:]
    assert sum(int(line.split("|")[-2]) for line in groups if line) == measured.metrics_["propensity_n"]


def test_parts_offers_and_versions_are_there(card, measured):
    assert re.search(r"\| propensity \| `PropensityModel\(n_estimators=5\)` \|", section(card, "Parts"))
    assert all(f"| {offer} |" in section(card, "Offers") for offer in measured.catalog.offer_ids)
    assert "every offer may be made to everybody" in section(card, "Rules")
    assert "lightgbm==" in section(card, "Made with")


def test_no_customer_is_in_it(card, world):
    assert not any(customer in card for customer in world.tables.customers["customer_id"].unique())


def test_a_model_of_which_nothing_is_known_has_a_card_that_claims_nothing(measured, monkeypatch):
    for name, value in (("metrics_", {}), ("validation_", None), ("trained_on_", {})):
        monkeypatch.setattr(measured, name, value)
    card = model_card(measured, "offers")
    assert section(card, "Measured on later rows").strip() == "Not measured: propensity, segmenter, policy."
    assert "## By offer" not in card
    assert "answered decisions" not in card


def test_a_long_card_is_cut_between_sections(card):
    assert shortened("short") == "short"
    long = card.replace("## Made with", "## Made with\n\n" + "x" * 6000)
    cut = shortened(long)
    assert len(cut) <= 5000
    assert cut.endswith("The rest is in model_card.md of the run.\n")
    assert long.startswith(cut.split("\n\nThe rest")[0] + "\n\n## ")
