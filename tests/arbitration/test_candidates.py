from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Rule
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment


class Says(Rule):
    """A rule that refuses, weighs and knows when it ends what it is told."""

    def __init__(self, masks, stage="suitability", weighs=None):
        self.masks = masks
        self.stage = stage
        self.weighs = weighs

    def refused(self, candidates):
        return self.masks

    def weights(self, candidates):
        return self.weighs or {}


EMAIL, CALL, NIGHT = Treatment("email"), Treatment("phone", cost=3.0), Treatment("email", slot="night", weight=1.5)
CATALOG = Catalog([Offer("card", treatments=(EMAIL, CALL, NIGHT)), Offer("loan", channels=("phone",))])
CUSTOMERS = pd.DataFrame({"customer_id": ["ann", "bob"], "age": [30, 60]})


def candidates(rules=(), **more):
    tables = CustomerTables(customers=CUSTOMERS)
    return Candidates.of(tables, Spine.at("2026-06-30", ["ann", "bob"]), CATALOG, tuple(rules), **more)


def test_the_ways_of_all_offers_stand_once():
    found = candidates()
    assert [way.key[::3] for way in found.ways] == [("email", ""), ("email", "night"), ("phone", "")]
    assert found.channels == ["email", "email", "phone"]
    assert found.codes.tolist() == [[[0, 0, 0], [1, 1, 0]]] * 2


def test_the_best_way_has_the_highest_weight_and_then_the_offers_order():
    found = candidates()
    assert found.channel.tolist() == [[1, 2], [1, 2]]
    assert found.context_weight.tolist() == [[1.5, 1.0], [1.5, 1.0]]
    asleep = candidates([Says({"asleep": np.array([[[False, True, False]]])})])
    assert asleep.channel.tolist() == [[0, 2], [0, 2]]
    # A call is liked by the older one; it costs 3.
    likes = np.array([[[1.0, 1.0, 1.0]], [[1.0, 1.0, 4.0]]])
    liked = candidates([Says({}, weighs={"likes calls": likes})])
    assert liked.channel.tolist() == [[1, 2], [2, 2]]
    assert liked.context_weight.tolist() == [[1.5, 1.0], [4.0, 4.0]]
    assert liked.way_costs.tolist() == [[0.0, 0.0], [3.0, 0.0]]
    assert list(liked.contexts) == ["likes calls"]


def test_weights_of_one_reason_and_of_several_are_multiplied():
    twice = [Says({}, weighs={"a": np.full((1, 1, 1), 2.0)}), Says({}, weighs={"a": np.full((1, 1, 1), 3.0), "b": 0.5})]
    found = candidates([twice[0], twice[1]])
    assert found.contexts["a"].item() == 6.0
    assert found.context_weight[0].tolist() == [1.5 * 3.0, 3.0]


def test_stages_refuse_in_their_order_and_rules_in_theirs():
    everything = np.ones((1, 1, 1), dtype=bool)
    rules = [Says({"late": everything}, "contact policy"), Says({"unfit": everything}), Says({"also": everything})]
    rules.append(Says({"no": np.array([[[True]], [[False]]])}, "consent"))
    found = candidates(rules)
    assert found.reasons == ["channel", "no", "unfit", "also", "late"]
    assert found.stages == ["eligibility", "consent", "suitability", "suitability", "contact policy"]
    assert found.codes[:, 0, 0].tolist() == [2, 3]
    assert not found.eligible.any()


def test_more_can_be_taken_away_afterwards():
    before = candidates([Says({"unfit": np.array([[[True], [False]]])})])
    after = before.without("capacity", {"sold out": np.array([[[True]], [[False]]])})
    assert before.eligible.tolist() == [[False, True]] * 2
    assert after.eligible.tolist() == [[False, False], [False, True]]
    assert after.reasons == ["channel", "unfit", "sold out"]
    assert after.codes[0, :, 2].tolist() == [2, 3]


def test_a_column_is_a_feature_an_attribute_or_the_segment():
    features = pd.DataFrame({"clv": [10.0, 20.0], "age": [1, 2]})
    found = candidates(features=features, segments=np.array(["a", "b"], dtype=object))
    assert found.column("clv").tolist() == [10.0, 20.0]
    assert found.column("age").tolist() == [1, 2]
    assert found.column("segment").tolist() == ["a", "b"]
    assert found.column("customer_id").tolist() == ["ann", "bob"]
    with pytest.raises(InputError, match="a column of the customers must be one of .*'clv'.* got 'cvl'"):
        found.column("cvl")


def test_an_unknown_stage_is_refused():
    with pytest.raises(InputError, match="stage of a rule must be one of consent, .* got 'whim'"):
        assert candidates([Says({"x": np.ones((1, 1, 1), dtype=bool)}, "whim")]).eligible.any()
    with pytest.raises(InputError, match="got 'whim'"):
        candidates().without("whim", {})
