"""Every segmenter owes the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo import segments
from nbo.segments import Segmenter
from nbo.testing import check_segmenter
from nbo.testing.parts import parts_of

SEGMENTERS = parts_of(segments, Segmenter)
# The world is small, so that segments must be too.
ARGUMENTS = {
    "AcceptanceTreeSegmenter": {"min_customers": 40},
    "ClusterSegmenter": {"columns": ["customers__age", "customers__job"], "k_range": (2, 3), "bootstraps": 2},
    "HouseholdSegmenter": {"members": "environment__household_size"},
    "LookalikeSegmenter": {"n_trees": 5},
    "MicroSegmenter": {"min_customers": 20},
}


def test_these_are_all_segmenters():
    assert list(SEGMENTERS) == [
        "AcceptanceTreeSegmenter",
        "ClusterSegmenter",
        "HouseholdSegmenter",
        "LifeStageSegmenter",
        "LookalikeSegmenter",
        "MicroSegmenter",
        "RFMSegmenter",
        "ValueTierSegmenter",
    ]


@pytest.mark.parametrize("name", SEGMENTERS)
def test_segmenter(name, history):
    segmenter = SEGMENTERS[name](**ARGUMENTS.get(name, {}))
    feedback = history.feedback
    check_segmenter(segmenter, history.X, feedback["reward"], feedback["offer_id"], feedback["action_probability"])


class Numbered(Segmenter):
    """Number the rows instead of naming the customers."""

    def fit(self, X, accepted=None, offer_id=None, action_probability=None):
        self.table_ = pd.DataFrame({"segment": [str(number) for number in range(len(X))]})
        return self

    def _labels(self, X):
        return np.arange(len(X)).astype(str)

    def _learnt(self):
        return {}

    def _restore(self, learnt):
        pass


class Unnamed(Numbered):
    """Give numbers for labels."""

    def _labels(self, X):
        return np.zeros(len(X), dtype=int)


@pytest.mark.parametrize(
    ("segmenter", "says"), [(Numbered(), "must not depend on the rows' order"), (Unnamed(), "labels must be texts")]
)
def test_a_segmenter_that_owes_something_is_found(segmenter, says):
    with pytest.raises(AssertionError, match=says):
        check_segmenter(segmenter, pd.DataFrame({"age": [20, 30, 40]}))
