"""Segments that follow change: on stable data every customer keeps the name of the segment."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import AcceptanceTreeSegmenter, RFMSegmenter, Segmenter, resegment


class Shuffled(Segmenter):
    """Cut at two limits, and name the parts by chance at each fit."""

    count = 0

    def fit(self, X, accepted=None, offer_id=None, action_probability=None):
        type(self).count += 1
        self.names_ = np.random.default_rng(type(self).count).permutation(["s1", "s2", "s3"]).tolist()
        self.table_ = pd.DataFrame({"segment": self.names_})
        return self

    def _labels(self, X):
        return np.array(self.names_, dtype=str)[np.searchsorted([10, 20], X["x"])]

    def _learnt(self):
        return {"names": self.names_}

    def _restore(self, learnt):
        self.names_ = learnt["names"]


def world(n=600, seed=0):
    return pd.DataFrame({"x": np.random.default_rng(seed).uniform(0, 30, n)}, index=[f"c{i}" for i in range(n)])


def test_on_stable_data_all_customers_keep_their_names():
    X = world()
    found = resegment(Shuffled(), {f"2026-0{month}-01": X.sample(frac=1, random_state=month) for month in range(1, 9)})
    assert found.continuity["continuity"].tolist() == [1.0] * 7
    assert found.continuity["n"].tolist() == [600] * 7
    assert len({tuple(fit.names_) for fit in found.segmenters}) > 1
    assert found.drift("2026-01-01", "2026-08-01").alarms == []
    assert (found.predict(X) == found.at("2026-01-01").loc[X.index]).all()


def test_who_moves_changes_the_segment_and_nobody_else():
    X = world()
    later = X.copy()
    later.iloc[:60] += 40.0
    found = resegment(Shuffled(), {"2026-02-01": later, "2026-01-01": X})
    before, after = found.at("2026-01-01"), found.at("2026-02-01")
    assert (before.iloc[60:] == after.iloc[60:]).all()
    assert set(after.iloc[:60]) == {before[X["x"] > 20].iloc[0]}
    expected = 1 - ((X["x"] <= 20).iloc[:60]).sum() / 600
    assert found.continuity["continuity"].tolist() == [pytest.approx(expected)]


def test_a_name_never_comes_back_for_others():
    low, high = world().query("x < 10"), world().query("x > 20")
    found = resegment(Shuffled(), {"2026-01-01": low, "2026-02-01": pd.concat([low, high]), "2026-03-01": high})
    gone = set(found.at("2026-01-01"))
    assert gone.isdisjoint(found.at("2026-03-01"))
    assert set(found.at("2026-02-01").loc[low.index]) == gone


def test_fixed_names_stay_as_they_are():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.exponential(size=(300, 3)), columns=["r", "f", "m"])
    segmenter = RFMSegmenter("r", "f", "m")
    found = resegment(segmenter, {"2026-01-01": X, "2026-02-01": X[::-1] * 2}, match=False)
    assert found.at("2026-02-01").tolist() == segmenter.fit(X[::-1] * 2).predict(X[::-1] * 2).tolist()
    assert "continuity" in found._repr_html_()


def test_the_segmenter_given_is_not_fitted():
    segmenter = RFMSegmenter("x", "x", "x")
    resegment(segmenter, {"2026-01-01": world()})
    assert not hasattr(segmenter, "table_")


def test_what_is_wrong_is_told():
    with pytest.raises(InputError, match="frames must have the features of one moment or more"):
        resegment(Shuffled(), {})
    with pytest.raises(InputError, match="each once; 1 of 2 rows is not"):
        resegment(Shuffled(), {"2026-01-01": pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "a"])})
    with pytest.raises(InputError, match="moment must be one of Timestamp\\('2026-01-01 00:00:00'\\)"):
        resegment(Shuffled(), {"2026-01-01": world()}).at("2026-01-02")
    with pytest.raises(InputError, match="a key of frames must be a time"):
        resegment(Shuffled(), {"soon": world()})
    twice = {"2026-01-01": world(), pd.Timestamp("2026-01-01", tz="UTC"): world()}
    with pytest.raises(InputError, match="frames must have each moment once"):
        resegment(Shuffled(), twice)
    with pytest.raises(InputError, match=r"frames\['2026-01-01'\] must hold a customer or more"):
        resegment(Shuffled(), {"2026-01-01": world()[:0]})
    with pytest.raises(InputError, match="frames must be a mapping of moments to frames"):
        resegment(Shuffled(), [world()])
    with pytest.raises(TypeError, match="segmenter must be a Segmenter; got int"):
        resegment(3, {"2026-01-01": world()})
    with pytest.raises(InputError, match="fit needs `accepted`"):
        resegment(AcceptanceTreeSegmenter(), {"2026-01-01": world()})
