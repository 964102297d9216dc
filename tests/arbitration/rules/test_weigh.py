from __future__ import annotations

import pandas as pd
import pytest

from nbo.arbitration import Candidates, Weigh
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CUSTOMERS = pd.DataFrame({"customer_id": ["ann", "bob", "cid"], "churn_probability": [0.6, 0.1, None]})
CATALOG = Catalog([Offer("stay", kind="retention", channels=("email", "phone")), Offer("card", channels=("email",))])
TABLES = CustomerTables(customers=CUSTOMERS)


def candidates(*rules, as_of="2026-06-30"):
    return Candidates.of(TABLES, Spine.at(as_of, CUSTOMERS), CATALOG, rules)


def test_it_weighs_where_its_condition_holds():
    found = candidates(Weigh("leaving", 3, when="churn_probability > 0.5", kinds=["retention"], reason="may leave"))
    assert found.context_weight.tolist() == [[3.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    assert list(found.contexts) == ["may leave"]
    assert found.eligible.all()


def test_several_are_multiplied_and_one_may_hold_for_all():
    found = candidates(Weigh("a", 2.0), Weigh("b", 0.25, channels=["email"]), Weigh("c", 3.0, offers=["card"]))
    # By phone the first offer weighs 2, by e-mail a half.
    assert found.context_weight.tolist() == [[2.0, 1.5]] * 3
    assert found.channel.tolist() == [[1, 0]] * 3


def test_it_holds_for_its_time_only():
    rule = Weigh("a", 2.0, valid_until="2026-06-30")
    assert candidates(rule, as_of="2026-06-29").context_weight[0].tolist() == [2.0, 2.0]
    assert candidates(rule).context_weight[0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "2", None, True])
def test_a_weight_is_a_number_of_0_or_more(weight):
    with pytest.raises(InputError, match="weight of Weigh 'a' must be 0 or more; got"):
        candidates(Weigh("a", weight)).contexts  # noqa: B018


def test_words():
    assert Weigh("a", 2, when="churn_probability > 0.5", kinds=["retention"]).words == (
        "weigh x 2 when churn_probability > 0.5 of kind retention"
    )
