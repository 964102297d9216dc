from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.models import lift_by_decile, reliability
from nbo.next_best_offer.later_rows import LaterRows
from nbo.registry.curves import _lifts, draw_curves, rows_of

P = np.repeat([0.1, 0.2, 0.3, 0.5, 0.8], 20)
Y = (np.random.default_rng(0).random(100) < P).astype(float)


@pytest.fixture
def later():
    return LaterRows.of({"churn": (Y, P, pd.DataFrame(index=range(100)))})


def test_rows_of_groups_make_the_same_tables_as_the_rows_themselves(later):
    y, p = rows_of(later.groups)
    pd.testing.assert_frame_equal(reliability(y, p), reliability(Y, P))
    pd.testing.assert_frame_equal(lift_by_decile(y, p), lift_by_decile(Y, P))


def test_lifts_have_intervals_that_hold_them():
    rows = _lifts(Y, P)
    assert rows["value"].tolist() == lift_by_decile(Y, P)["lift"].tolist()
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()


def test_each_part_gets_three_pictures(later, tmp_path):
    made = draw_curves(later, tmp_path / "curves")
    assert [path.name for path in made] == ["churn_calibration.png", "churn_gains.png", "churn_lift.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in made)


def test_nothing_measured_makes_no_pictures(tmp_path):
    assert draw_curves(LaterRows.of({}), tmp_path / "curves") == []
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_came_true_there_are_pictures_still(tmp_path):
    later = LaterRows.of({"churn": (np.zeros(20), np.linspace(0, 0.5, 20), pd.DataFrame(index=range(20)))})
    assert len(draw_curves(later, tmp_path)) == 3
