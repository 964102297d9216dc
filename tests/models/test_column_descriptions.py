from __future__ import annotations

import pandas as pd
import pytest

from nbo.models.column_descriptions import describe_columns
from nbo.tables import CONTRACTS


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_column_is_of_the_data_type_of_its_table(table):
    names = [f"{table}__count__30D", f"{table}_abroad__count__30D"]
    assert describe_columns(names)["data_type"].tolist() == [CONTRACTS[table].data_type] * 2


@pytest.mark.parametrize(
    ("name", "data_type"),
    [
        ("offer_id", "what we did"),
        ("channel", "what we did"),
        ("offer__value", "what we did"),
        ("age", "other"),
        ("events", "other"),
        ("eventsful__count", "other"),
    ],
)
def test_other_columns(name, data_type):
    assert describe_columns([name])["data_type"].item() == data_type


def test_words_of_features_come_first_and_names_fill_in():
    features = pd.DataFrame({"feature": ["age"], "data_type": ["demographic"], "meaning": ["Age in years"]})
    described = describe_columns(["age", "x0"], features)
    assert described["data_type"].tolist() == ["demographic", "other"]
    assert described["meaning"].tolist() == ["Age in years", "x0"]
