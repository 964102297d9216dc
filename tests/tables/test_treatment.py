from __future__ import annotations

import pytest

from nbo.errors import InputError
from nbo.tables import Catalog, Offer, Treatment

MORNING = Treatment("email", creative="hero", slot="08:00-12:00", cost=0.1, weight=1.2)
CALL = Treatment("phone", placement="service desk")


def test_treatments_name_the_channels():
    offer = Offer("card", treatments=(MORNING, CALL))
    assert offer.channels == ("email", "phone")
    assert offer.ways == (MORNING, CALL)


def test_channels_are_the_ways_of_an_offer_without_treatments():
    assert [way.key for way in Offer("card", channels=("email", "phone")).ways] == [
        ("email", "", "", ""),
        ("phone", "", "", ""),
    ]
    assert Offer("card").ways == (Treatment(),)


def test_a_catalog_comes_back_from_its_frame():
    catalog = Catalog(
        [
            Offer("card", value=4.0, treatments=(MORNING, CALL), subsidy=1.5, clv_change=-2.0),
            Offer("pair", products=("a", "b"), bundle="flexible", channels=("email",)),
            Offer("plain"),
        ]
    )
    assert list(Catalog.from_frame(catalog.to_frame())) == list(catalog)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"treatments": (MORNING, MORNING)}, "must differ"),
        ({"treatments": ("email",)}, "must be Treatment objects; got 'email'"),
        ({"treatments": (MORNING,), "channels": ("phone",)}, "Leave channels out"),
        ({"bundle": "fixed", "products": ("a", "a")}, "two products or more"),
        ({"bundle": "loose"}, "bundle of offer 'x' must be one of"),
        ({"products": (1,)}, "products of offer 'x' must be texts"),
        ({"subsidy": -1.0}, "subsidy of offer 'x'"),
        ({"clv_change": float("nan")}, "clv_change of offer 'x'"),
    ],
)
def test_wrong_offers_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Offer("x", **wrong)


@pytest.mark.parametrize("wrong", [{"channel": 1}, {"cost": -1.0}, {"weight": float("inf")}])
def test_wrong_treatments_are_refused(wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))} of a treatment"):
        Treatment(**wrong)


def test_a_table_with_broken_treatments_is_refused():
    frame = Catalog([Offer("card")]).to_frame().assign(treatments='[{"chanel": "email"}]')
    with pytest.raises(InputError, match="treatments of offer 'card' must be a JSON list"):
        Catalog.from_frame(frame)
