"""Published data: a bank's calls, whose world changes."""

from __future__ import annotations

import pandas as pd
import pytest

import nbo
from nbo.models import TimeSplit


@pytest.mark.slow
def test_bank_by_time_stands_before_bank_at_random(public_data):
    path = public_data / "bank_marketing" / "bank_additional_full.parquet"
    if not path.exists():
        pytest.skip(f"bank marketing is not in {public_data}")
    frame = pd.read_parquet(path)
    # The file is in the order of the calls, May 2008 to November 2010; it has no date column.
    time = pd.date_range("2008-05-01", "2010-11-01", periods=len(frame))
    # `duration` is known only after the call.
    X, y = frame.drop(columns=["y", "duration"]), frame["y"] == "yes"
    found = nbo.validate_model(
        nbo.PropensityModel(), X, y, time=time, split=TimeSplit(), also_random=True, metrics=["auc", "ece"]
    )
    by_time, random = (rows.set_index("metric") for rows in (found.overall, found.random))
    assert by_time.loc["auc", "value"] == pytest.approx(0.74, abs=0.03)
    assert random.loc["auc", "value"] == pytest.approx(0.80, abs=0.01)
    assert by_time.loc["auc", "high"] < random.loc["auc", "low"]
    assert random.loc["ece", "value"] < 0.02 < 0.1 < by_time.loc["ece", "value"]
