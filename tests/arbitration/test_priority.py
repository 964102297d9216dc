from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Beliefs, Candidates, Priority, Rule
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment

PEOPLE = pd.DataFrame({"customer_id": ["ann", "bob"]})


class Says(Rule):
    """A rule that weighs, levers and cuts what it is told."""

    def __init__(self, weights=None, levers=None, portions=None):
        self.given = weights or {}, levers or {}, portions

    def refused(self, candidates):
        return {}

    def weights(self, candidates):
        return self.given[0]

    def levers(self, candidates):
        return self.given[1]

    def portions(self, candidates):
        return self.given[2]


def candidates(catalog, *rules):
    return Candidates.of(CustomerTables(customers=PEOPLE), Spine.at("2026-06-30", PEOPLE), catalog, rules)


def test_every_term_by_hand():
    # Two ways: e-mail, and a call that costs 3 more and doubles the chance.
    ways = (Treatment("email"), Treatment("phone", cost=3.0, weight=2.0))
    catalog = Catalog([Offer("card", value=40, cost=1, treatments=ways), Offer("loan", value=90, clv_change=10)])
    rule = Says(
        weights={"rain": np.array([1.0, 0.5])[:, None, None]},
        levers={"push": np.array([[1.55, 1.0]]), "more": np.array([[2.0, 1.0]])},
        portions=np.array([[1.0, 1.0], [1.0, 0.5]]),
    )
    found = Priority.of(candidates(catalog, rule), Beliefs(np.array([[0.1, 0.2], [0.3, 0.4]])))
    assert found.context.tolist() == [[2.0, 1.0], [1.0, 0.5]]
    assert np.broadcast_to(found.lever, (2, 2)).tolist() == [[3.1, 1.0], [3.1, 1.0]]
    assert found.value.tolist() == [[40.0, 100.0], [40.0, 50.0]]
    assert found.cost.tolist() == [[4.0, 0.0], [4.0, 0.0]]
    by_hand = [[0.1 * 2 * 40 * 3.1 - 4, 0.2 * 1 * 100 * 1], [0.3 * 1 * 40 * 3.1 - 4, 0.4 * 0.5 * 50]]
    np.testing.assert_allclose(found.priority, by_hand)


def test_the_uplift_takes_the_place_of_the_propensity_and_pays_the_subsidy_of_those_who_buy_anyway():
    catalog = Catalog([Offer("discount", value=15, subsidy=5, cost=0.5), Offer("news", value=2)])
    beliefs = Beliefs(np.array([[0.3, 0.5]]), uplift=np.array([[0.1, np.nan]]))
    found = Priority.of_catalog(catalog, beliefs)
    # Gain of making it: 0.3 x 15 - 0.2 x (15 + 5), what those who buy anyway would have brought, less its cost.
    np.testing.assert_allclose(found.priority, [[0.3 * 15 - 0.2 * 20 - 0.5, 0.5 * 2]])
    # Who is driven away takes no subsidy anyway that he would not take then.
    away = Priority.of_catalog(catalog, Beliefs(np.array([[0.3, 0.5]]), uplift=np.array([[-0.9, np.nan]])))
    assert away.cost[0, 0] == 0.5 + 1.0 * 5


def test_a_retention_offer_weighs_the_value_at_stake():
    catalog = Catalog([Offer("stay", value=-20, kind="retention"), Offer("card", value=40)])
    chance = np.full((3, 2), 0.2)
    beliefs = Beliefs(chance, churn_probability=np.array([0.5, 0.1, np.nan]), clv=np.array([400.0, 50.0, 100.0]))
    assert Priority.of_catalog(catalog, beliefs).value.tolist() == [[180.0, 40.0], [-15.0, 40.0], [-20.0, 40.0]]
    assert Priority.of_catalog(catalog, Beliefs(chance)).value[:, 0].tolist() == [-20.0] * 3


def test_what_is_not_allowed_is_worth_nothing():
    class Never(Rule):
        def refused(self, candidates):
            return {"never": np.array([[[True], [False]]])}

    catalog = Catalog([Offer("card", value=40), Offer("loan", value=90)])
    found = candidates(catalog, Never())
    priority = Priority.of(found, Beliefs(np.full((2, 2), 0.1)))
    assert priority.allowed(found).tolist() == [[-np.inf, 9.0]] * 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"propensity": np.zeros(3)}, "a row per customer and a column per offer; got shape"),
        ({"uplift": np.zeros((2, 3))}, "uplift must have the shape"),
        ({"clv": np.zeros(3)}, "clv must have 2 values, one a customer"),
    ],
)
def test_beliefs_of_other_shapes_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Beliefs(**{"propensity": np.zeros((2, 2)), **wrong})
    with pytest.raises(InputError, match="propensity must have the shape"):
        Priority.of(candidates(Catalog([Offer("card")])), Beliefs(np.zeros((2, 2))))


def test_some_customers_can_be_taken():
    beliefs = Beliefs(np.array([[0.1], [0.2]]), clv=np.array([1.0, 2.0]))
    taken = beliefs.rows(np.array([1]))
    assert taken.propensity.tolist() == [[0.2]]
    assert taken.clv.tolist() == [2.0]
    assert taken.uplift is None
