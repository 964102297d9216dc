import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.tables import Catalog, Offer


def catalog():
    card = Offer("card", value=40, cost=1, channels=("email", "sms"), category="credit", valid_from="2026-02-01")
    return Catalog([card, Offer("loan", value=90, valid_until="2026-03-01", customer_type="business", capacity=10)])


def test_offers_keep_their_order():
    assert catalog().offer_ids == ["card", "loan"]
    assert catalog().values.tolist() == [40.0, 90.0]
    assert catalog().costs.tolist() == [1.0, 0.0]
    assert catalog()["card"].channels == ("email", "sms")
    assert "loan" in catalog()
    assert [offer.offer_id for offer in catalog()] == ["card", "loan"]


@pytest.mark.parametrize(
    ("as_of", "valid"),
    [("2026-01-31", [False, True]), ("2026-02-01", [True, True]), ("2026-03-01", [True, False])],
)
def test_validity_includes_its_start_and_not_its_end(as_of, valid):
    assert catalog().valid_at(as_of).tolist() == valid


def test_a_frame_gives_the_same_offers_back():
    again = Catalog.from_frame(catalog().to_frame())
    assert list(again) == list(catalog())
    lists = catalog().to_frame().assign(channels=[np.array(["email", "sms"]), []])
    assert Catalog.from_frame(lists)["card"].channels == ("email", "sms")
    assert "<table" in catalog()._repr_html_()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Catalog([]), "at least one offer"),
        (lambda: Catalog([Offer("a"), Offer("a")]), "'a' stands 2 times"),
        (lambda: Offer("no_offer"), "reserved for making no offer"),
        (lambda: Offer(""), "offer_id must be text, not empty"),
        (lambda: Offer("a", value=float("nan")), "value of offer 'a' must be a number; got nan"),
        (lambda: Offer("a", cost=-1), "cost of offer 'a' must be 0 or more; got -1"),
        (lambda: Offer("a", valid_from="2026-02-01", valid_until="2026-01-01"), "must be after valid_from"),
        (lambda: Offer("a", customer_type="alien"), "customer_type of offer 'a' must be one of"),
        (lambda: Catalog.from_frame(pd.DataFrame({"id": ["a"]})), "catalog lacks the column 'offer_id'"),
        (lambda: Catalog.from_frame(pd.DataFrame({"offer_id": [None]})), "offer_id must be there in every row"),
    ],
)
def test_bad_offers_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_an_unknown_offer_is_named():
    with pytest.raises(KeyError, match="no offer 'x' in the catalog; it has card, loan"):
        catalog()["x"]
