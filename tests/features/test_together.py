"""What no later builder reads is let go, and nothing else; the columns are the same."""

import pandas as pd
import pytest

from nbo.features import AggregateFeatures, FeatureSet
from nbo.features.past import Past

SALES = (("kind", "sale"),)


def _sets(tables, spine) -> FeatureSet:
    builders = [
        AggregateFeatures(
            "transactions", ["sum(amount)", "distinct(category)"], ["30D", "all"], where=SALES, label="sold"
        ),
        AggregateFeatures("transactions", ["count"], ["30D"], where=[("kind", "return")], label="returns"),
        AggregateFeatures("transactions", ["mean(amount)"], ["90D"], where=SALES, label="later"),
    ]
    return FeatureSet([*builders, *FeatureSet.default(tables).builders]).fit(tables, spine)


@pytest.mark.parametrize("seed", range(3))
def test_letting_go_changes_no_bit(tables_of, spine_of, monkeypatch, seed):
    tables, spine = tables_of(seed), spine_of(seed)
    features = _sets(tables, spine)
    whole = features.build(tables, spine)
    monkeypatch.setattr("nbo.features.together._MANY", -1)
    pd.testing.assert_frame_equal(features.build(tables, spine), whole, check_exact=True)


def test_what_a_later_builder_reads_is_kept_and_the_rest_is_not(tables_of, spine_of, monkeypatch):
    tables, spine = tables_of(0), spine_of(0)
    builders = _sets(tables, spine).builders[:3]
    kept: list[tuple[set, set]] = []

    def keep(past, needed, wanted):
        real(past, needed, wanted)
        histories = {rows: set(history._numbers) | set(history._codes) for rows, history in past._histories.items()}
        kept.append(({rows[3] for rows in histories}, set().union(*histories.values())))

    real = Past.keep
    monkeypatch.setattr(Past, "keep", keep)
    monkeypatch.setattr("nbo.features.together._MANY", -1)
    FeatureSet(builders).build(tables, spine)
    returns = (("kind", "return"),)
    assert SALES in kept[0][0]
    assert SALES in kept[1][0]
    assert returns not in kept[1][0]
    assert [("amount" in columns, "category" in columns) for _, columns in kept[:2]] == [(True, False)] * 2
    assert kept[2] == (set(), set())
