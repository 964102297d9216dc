"""What `fit` learns from rows it learns by counts that add up, so that tables of any size can be learnt from."""

import inspect
from dataclasses import replace

import pytest

import nbo.features
from nbo.features import FeatureBuilder
from nbo.features.past import Past
from nbo.features.value_counts import MissingCounts, ValueCounts
from nbo.tables import TableColumns

KINDS = {
    name: kind
    for name in nbo.features.__all__
    if inspect.isclass(kind := getattr(nbo.features, name))
    and issubclass(kind, FeatureBuilder)
    and not inspect.isabstract(kind)
}
MORE = {"AggregateFeatures": {"pivots": ["category"], "other": True}, "DemographicFeatures": {"missing_flags": True}}


class WithoutRows:
    """Tables of which only the columns are seen; the catalog is small, and seen whole."""

    def __init__(self, tables):
        self._tables, self.names = tables, tables.names

    def has(self, name):
        return self._tables.has(name)

    def columns(self, name):
        if not self.has(name) or name == "catalog":
            return self._tables.columns(name)
        return TableColumns.of(self._tables.get(name).iloc[:0], name)


class ByCounts(Past):
    """A past that shows no rows, but counts them."""

    def __init__(self, tables, spine):
        super().__init__(WithoutRows(tables), spine)
        self._whole = Past(tables, spine)

    def counted(self, name, count):
        assert count == replace(count), "those that count the same are equal"
        return self._whole.counted(name, count)


def test_builders_were_found():
    assert {"AggregateFeatures", "DemographicFeatures", "EnvironmentFeatures", "SocialFeatures"} <= set(KINDS)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", KINDS)
def test_counts_are_all_that_is_learnt_from_rows(name, seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    seeing, blind = (KINDS[name](**MORE.get(name, {})) for _ in range(2))
    seeing.fit_past(Past(tables, spine))
    blind.fit_past(ByCounts(tables, spine))
    assert blind.to_dict() == seeing.to_dict()


def test_counts_are_of_what_was_known(tables_of, spine_of):
    tables, spine = tables_of(0), spine_of(0)
    events, latest = tables.events, spine.frame["as_of"].max()
    known = events[(events["event_time"] < latest) & (events["known_at"].fillna(events["event_time"]) < latest)]
    assert 0 < len(known) < len(events)
    past = Past(tables, spine)
    assert past.counted("events", ValueCounts("event_type")) == known["event_type"].value_counts().to_dict()
    assert past.counted("events", MissingCounts("event_type")) == {"missing": known["event_type"].isna().sum()}
    assert past.counted("events", MissingCounts("event_time")) == {}
