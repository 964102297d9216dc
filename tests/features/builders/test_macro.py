import math

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import FeatureSet, MacroFeatures
from nbo.tables import CustomerTables, Spine

# Months of a series, each published on the 10th of the next month; January is revised in April.
FIGURES = {
    "series": "cpi",
    "valid_from": ["2025-01-01", "2025-12-01", "2026-01-01", "2026-02-01", "2026-01-01"],
    "known_at": ["2025-02-10", "2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10"],
    "value": [97.0, 99.5, 100.0, 101.0, 100.25],
}


def _build(figures: dict, *as_of: str, customers: dict | None = None, **params) -> pd.DataFrame:
    tables = CustomerTables(macro=pd.DataFrame(figures))
    if customers:
        tables = tables.replace(customers=pd.DataFrame(customers))
    ids = customers["customer_id"] if customers else ["ann"]
    spine = Spine.of(
        pd.DataFrame(
            [(one, moment) for moment in as_of for one in dict.fromkeys(ids)], columns=["customer_id", "as_of"]
        )
    )
    return MacroFeatures(**params).fit(tables, spine).build(tables, spine)


def _same(found: pd.Series, expected: list[float]) -> None:
    np.testing.assert_array_equal(found.to_numpy(), np.array(expected))


def test_a_figure_counts_once_it_was_published():
    X = _build(FIGURES, "2026-02-10", "2026-02-10T00:00:01", "2026-03-10", "2026-03-11", "2026-04-11")
    _same(X["macro__value__last__all__series_cpi"], [99.5, 100.0, 100.0, 101.0, 101.0])


def test_changes_are_of_equal_spans_and_as_revised_by_then():
    X = _build(FIGURES, "2026-02-11", "2026-03-11", "2026-04-11", changes=["1mo", "12mo"])
    _same(X["macro__value__change__1mo__series_cpi"], [100.0 - 99.5, 101.0 - 100.0, 101.0 - 100.25])
    # Twelve months before January is January; before February, the figure of January still held.
    _same(X["macro__value__change__12mo__series_cpi"], [100.0 - 97.0, 101.0 - 97.0, 101.0 - 97.0])


def test_nothing_before_is_no_change():
    X = _build(FIGURES, "2025-02-10", "2025-02-11")
    assert math.isnan(X["macro__value__last__all__series_cpi"][0])
    assert X["macro__value__change__3mo__series_cpi"].isna().all()


def test_a_region_has_its_own_figures_if_there_are_any():
    figures = {
        "series": ["jobs", "jobs", "jobs", "jobs"],
        "valid_from": ["2026-01-01", "2026-02-01", "2026-02-01", "2026-05-01"],
        "region": [None, None, "north", "south"],
        "value": [5.0, 6.0, 9.0, 3.0],
    }
    customers = {
        "customer_id": ["ann", "ann", "bob", "cy", "dee"],
        "valid_from": ["2025-01-01", "2026-04-01", "2025-01-01", "2025-01-01", "2025-01-01"],
        "region": ["north", "south", "south", "north", None],
    }
    X = _build(figures, "2026-03-01", "2026-04-02", "2026-05-02", customers=customers, changes=["1mo"])
    name = "macro__value__last__all__series_jobs"
    # ann moves from north to south in April; the south has figures of its own from May on.
    _same(X[name], [9.0, 6.0, 9.0, 6.0, 6.0, 6.0, 9.0, 6.0, 3.0, 3.0, 9.0, 6.0])
    _same(X["macro__value__change__1mo__series_jobs"][:4], [math.nan, 1.0, math.nan, 1.0])


def test_the_most_frequent_series_or_those_named():
    figures = {"series": ["b", "b", "a", "c", "c"], "valid_from": "2026-01-01", "value": [1.0, 2.0, 3.0, 4.0, 5.0]}
    assert _build(figures, "2026-02-01", top=2, changes=[]).columns.tolist() == [
        f"macro__value__last__all__series_{series}" for series in "bc"
    ]
    X = _build(figures, "2026-02-01", series=["a", "nowhere"], changes=[])
    assert X["macro__value__last__all__series_a"].tolist() == [3.0]
    assert X["macro__value__last__all__series_nowhere"].isna().all()
    # Of figures for one time that became known together, the largest; not the one that stands last.
    assert _build(figures, "2026-02-01", series=["b"])["macro__value__last__all__series_b"].tolist() == [2.0]


def test_figures_that_always_held_have_no_change():
    X = _build(
        {"series": ["x", "x"], "valid_from": [None, "2026-01-01"], "value": [1.0, 3.0]}, "2025-06-01", "2026-02-01"
    )
    _same(X["macro__value__last__all__series_x"], [1.0, 3.0])
    _same(X["macro__value__change__3mo__series_x"], [math.nan, 3.0 - 1.0])


@pytest.mark.parametrize("changes", ["3mo", ["all"], ["3mo_before_3mo"], ["soon"]])
def test_changes_that_are_no_lengths_are_refused(changes):
    with pytest.raises(InputError, match="changes must|window must"):
        _build(FIGURES, "2026-02-01", changes=changes)


def test_the_default_set_takes_the_economy_too():
    tables = CustomerTables(macro=pd.DataFrame(FIGURES))
    assert [type(builder).__name__ for builder in FeatureSet.default(tables).builders] == ["MacroFeatures"]
    described = FeatureSet.default(tables).fit(tables, Spine.at("2026-06-30", ["ann"])).describe()
    assert set(described["data_type"]) == {"environmental"}


def test_a_slow_loop_agrees(tables_of, spine_of):
    tables, spine = tables_of(3), spine_of(3)
    X = MacroFeatures(changes=[]).fit(tables, spine).build(tables, spine)
    everywhere = tables.replace(customers=None)
    general = MacroFeatures(changes=[]).fit(everywhere, spine).build(everywhere, spine)
    ever = pd.Timestamp.min
    for series in ("cpi", "jobs"):
        rows = [row for row in tables.macro.to_dict("records") if row["series"] == series and pd.isna(row["region"])]
        for place, as_of in enumerate(spine.frame["as_of"]):
            timed = [(ever if pd.isna(r["valid_from"]) else r["valid_from"], r["known_at"], r["value"]) for r in rows]
            timed = [(start, start if pd.isna(known) else known, value) for start, known, value in timed]
            seen = [row for row in timed if row[0] < as_of and row[1] < as_of]
            expected = max(seen)[2] if seen else math.nan
            found = general[f"macro__value__last__all__series_{series}"][place]
            assert found == expected or (math.isnan(found) and math.isnan(expected))
    assert not X.equals(general)
