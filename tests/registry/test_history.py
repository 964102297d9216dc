from __future__ import annotations

import pandas as pd
import pytest

from nbo import registry
from nbo.errors import InputError


@pytest.fixture(scope="module")
def name(model, uri):
    for _ in range(2):
        registry.log(model, "history", tracking_uri=uri, alias="champion")
    return "history"


def test_versions_are_listed_oldest_first(name, uri, model):
    listed = registry.versions(name, tracking_uri=uri)
    assert listed["version"].tolist() == [1, 2]
    assert listed["aliases"].tolist() == ["previous", "champion"]
    assert listed["as_of"].tolist() == [model.as_of_] * 2
    assert listed["promoted"].isna().all()
    assert listed["run_id"].nunique() == 2
    assert listed["as_of"].dtype == "datetime64[us]"


def test_champion_and_previous_change_places_and_back(name, uri):
    assert registry.rollback(name, tracking_uri=uri).version == 1
    assert registry.versions(name, tracking_uri=uri)["aliases"].tolist() == ["champion", "previous"]
    assert registry.rollback(name, tracking_uri=uri).version == 2
    assert registry.resolve(f"models:/{name}@champion", uri).version == 2
    trail = registry.verdicts(name, tracking_uri=uri)
    assert trail[["action", "version", "champion", "alias", "reason"]].values.tolist() == [
        ["registration", 1, pd.NA, "champion", "named when logged"],
        ["registration", 2, 1, "champion", "named when logged"],
        ["rollback", 1, 2, "champion", "back from version 2"],
        ["rollback", 2, 1, "champion", "back from version 1"],
    ]


def test_the_way_back_of_one_alias_is_not_that_of_another(model, uri):
    for alias in ("champion", "champion", "staging", "staging"):
        registry.log(model, "two", tracking_uri=uri, alias=alias)
    listed = registry.versions("two", tracking_uri=uri)["aliases"].tolist()
    assert listed == ["previous", "champion", "previous-staging", "staging"]
    assert registry.rollback("two", tracking_uri=uri).version == 1
    assert registry.rollback("two", alias="staging", tracking_uri=uri).version == 3
    listed = registry.versions("two", tracking_uri=uri)["aliases"].tolist()
    assert listed == ["champion", "previous", "staging", "previous-staging"]


@pytest.mark.parametrize("alias", ["previous", "Previous", "previous-staging"])
def test_the_aliases_that_remember_are_not_the_users(model, uri, alias):
    with pytest.raises(InputError, match=f"alias must not be '{alias}': nbo points it to the version before"):
        registry.log(model, "remembered", tracking_uri=uri, alias=alias)
    with pytest.raises(InputError, match="alias must not be"):
        registry.rollback("remembered", alias=alias, tracking_uri=uri)


def test_a_model_that_nothing_was_decided_on_has_an_empty_trail(uri):
    trail = registry.verdicts("nobody", tracking_uri=uri)
    assert len(trail) == 0
    assert trail["at"].dtype == "datetime64[us]"
    assert trail["promoted"].dtype == "boolean"


def test_without_a_champion_before_there_is_no_way_back(model, uri):
    registry.log(model, "alone", tracking_uri=uri, alias="champion")
    with pytest.raises(InputError, match=r"alone has no champion before this one; its aliases are {'champion': 1}"):
        registry.rollback("alone", tracking_uri=uri)


def test_an_unknown_model_is_named(uri):
    with pytest.raises(InputError, match="nobody"):
        registry.versions("nobody", tracking_uri=uri)


def test_columns_do_not_depend_on_what_there_is(name, uri):
    columns = registry.versions(name, tracking_uri=uri).dtypes
    assert columns["promoted"] == "boolean"
    assert isinstance(columns["reason"], pd.StringDtype)
