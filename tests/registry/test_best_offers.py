from __future__ import annotations

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.registry.best_offers import best_offers
from nbo.tables import Catalog, Offer

CATALOG = Catalog(
    [
        Offer("card"),
        Offer("loan", valid_from="2026-03-01"),
        Offer("fund", valid_until="2026-02-01"),
        Offer("gift"),
    ]
)
SCORED = pd.DataFrame(
    {
        "segment": ["a", "b"],
        "offer_ids": [CATALOG.offer_ids] * 2,
        "propensities": [[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]],
        "priorities": [[1.0, 4.0, 3.0, 1.0], [float("nan"), -1.0, 2.0, 5.0]],
    },
    index=[7, 3],
)


def test_without_params_all_offers_come_in_the_catalogs_order():
    pd.testing.assert_frame_equal(best_offers(SCORED, CATALOG), SCORED)


def test_top_k_gives_the_highest_priorities_first_and_of_equal_ones_the_catalogs_first():
    found = best_offers(SCORED, CATALOG, top_k=3)
    assert found["offer_ids"].tolist() == [["loan", "fund", "card"], ["gift", "fund", "loan"]]
    assert found["priorities"].tolist() == [[4.0, 3.0, 1.0], [5.0, 2.0, -1.0]]
    assert found["propensities"].tolist() == [[0.2, 0.3, 0.1], [0.8, 0.7, 0.6]]
    assert found["segment"].tolist() == ["a", "b"]
    assert found.index.tolist() == [7, 3]


def test_a_missing_priority_comes_last():
    assert best_offers(SCORED, CATALOG, top_k=9)["offer_ids"][3] == ["gift", "fund", "loan", "card"]


@pytest.mark.parametrize(
    ("as_of", "valid"),
    [
        ("2026-01-31 23:59:59", ["card", "fund", "gift"]),
        ("2026-02-01", ["card", "gift"]),
        ("2026-03-01", ["card", "loan", "gift"]),
        ("2026-03-01 01:00+02:00", ["card", "gift"]),
    ],
)
def test_offers_that_are_not_valid_at_the_moment_are_left_out(as_of, valid):
    assert best_offers(SCORED, CATALOG, as_of=as_of)["offer_ids"].tolist() == [valid, valid]


def test_both_together_rank_only_what_is_valid():
    assert best_offers(SCORED, CATALOG, "2026-03-01", 1)["offer_ids"].tolist() == [["loan"], ["gift"]]


def test_where_no_offer_is_valid_the_lists_are_empty():
    only = Catalog([Offer("fund", valid_until="2026-02-01")])
    scored = pd.DataFrame({"offer_ids": [["fund"]], "priorities": [[1.0]]})
    assert best_offers(scored, only, "2026-02-01", 2).iloc[0].tolist() == [[], []]


@pytest.mark.parametrize("top_k", [-1, 1.5, True, "3"])
def test_top_k_must_be_a_number_of_offers(top_k):
    with pytest.raises(InputError, match=r"top_k must be 0 \(all\) or more; got"):
        best_offers(SCORED, CATALOG, top_k=top_k)


def test_as_of_must_be_a_moment():
    with pytest.raises(InputError, match="as_of must be a time such as '2026-06-30'; got 'soon'"):
        best_offers(SCORED.iloc[:0], CATALOG, as_of="soon")
