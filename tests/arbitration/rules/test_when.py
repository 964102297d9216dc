from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, When
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine
from nbo.testing import check_rule

CUSTOMERS = pd.DataFrame({"customer_id": ["ann", "bob", "cid"], "age": [30.0, 16.0, None]})
CATALOG = Catalog(
    [
        Offer("card", category="cards", kind="new", channels=("email", "phone")),
        Offer("gold", category="cards", kind="upgrade", channels=("email",)),
        Offer("loan", kind="new", channels=("phone",)),
    ]
)
TABLES = CustomerTables(customers=CUSTOMERS)


def candidates(*rules, as_of="2026-06-30"):
    return Candidates.of(TABLES, Spine.at(as_of, CUSTOMERS), CATALOG, rules)


def refused(rule, **more):
    found = candidates(**more)
    masks = rule.refused(found)
    assert list(masks) == rule.reasons
    return np.broadcast_to(masks[rule.reasons[0]], found.shape)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Missing is refused where it must be known, and may pass elsewhere.
        (When("r", refuse="age < 18"), [False, True, True]),
        (When("r", refuse="age < 18", stage="applicability"), [False, True, False]),
        (When("r", refuse="age < 18", unknown="allow"), [False, True, False]),
        (When("r", refuse="age < 18", stage="contact policy", unknown="refuse"), [False, True, True]),
        (When("r", allow_if="age >= 18"), [False, True, True]),
        (When("r", allow_if="age >= 18", stage="suitability"), [False, True, True]),
        (When("r", allow_if="age >= 18", unknown="allow"), [False, True, False]),
        (When("r", refuse="isnull(age)"), [False, False, True]),
        (When("r", refuse="True"), [True, True, True]),
    ],
)
def test_what_is_refused_and_what_unknown_means(rule, expected):
    assert refused(rule)[:, 0, 0].tolist() == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, [[1, 1], [1, 1], [1, 1]]),
        ({"offers": ["card", "loan"]}, [[1, 1], [0, 0], [1, 1]]),
        ({"categories": ["cards"]}, [[1, 1], [1, 1], [0, 0]]),
        ({"kinds": ["new"]}, [[1, 1], [0, 0], [1, 1]]),
        ({"kinds": ["new"], "categories": ["cards"]}, [[1, 1], [0, 0], [0, 0]]),
        ({"channels": ["phone"]}, [[0, 1], [0, 1], [0, 1]]),
        ({"channels": ["phone"], "offers": ["card"]}, [[0, 1], [0, 0], [0, 0]]),
        ({"kinds": ["gift"]}, [[0, 0], [0, 0], [0, 0]]),
    ],
)
def test_it_is_about_some_offers_and_channels(about, expected):
    assert candidates().channels == ["email", "phone"]
    assert refused(When("r", refuse="True", **about)).astype(int).tolist() == [expected] * 3


def test_it_holds_from_its_start_until_before_its_end():
    rule = When("r", refuse="True", valid_from="2026-01-01", valid_until="2026-02-01")
    held = {as_of: refused(rule, as_of=as_of).all() for as_of in
            ("2025-12-31T23:59:59", "2026-01-01", "2026-01-31T23:59:59", "2026-02-01")}  # fmt: skip
    assert list(held.values()) == [False, True, True, False]
    assert rule.resumes(candidates())["r"].item() == pd.Timestamp("2026-02-01")
    assert When("r", refuse="True").resumes(candidates()) == {}


def test_the_reason_is_the_name_or_what_it_is_given():
    found = candidates(
        When("adults only", refuse="age < 18"),
        When("r2", refuse="offer.kind == 'upgrade'", reason="no upgrades now", stage="applicability"),
        When("r3", refuse="True", channels=["phone"], stage="suitability"),
    )
    assert found.reasons == ["channel", "adults only", "no upgrades now", "r3"]
    assert found.stages == ["eligibility", "eligibility", "applicability", "suitability"]
    assert found.codes[0].tolist() == [[0, 4], [3, 1], [1, 4]]
    assert found.codes[1].tolist() == [[2, 2], [2, 1], [1, 2]]


def test_masks_are_as_small_as_what_they_depend_on():
    n, k, m = candidates().shape
    masks = {
        (n, 1, 1): When("r", refuse="age < 18"),
        (n, k, 1): When("r", refuse="age < 18", offers=["card"]),
        (1, 1, m): When("r", refuse="way.channel == 'email'"),
        (1, k, 1): When("r", refuse="offer.kind == 'new'"),
        (n, 1, m): When("r", refuse="age < 18", channels=["email"]),
    }
    for shape, rule in masks.items():
        assert rule.refused(candidates())["r"].shape == shape


WRONG = {
    "name of a When must be a text, not empty": {"name": ""},
    "When 'r' must have either refuse or allow_if, a condition; it has neither": {},
    "it has both": {"refuse": "True", "allow_if": "True"},
    "stage of When 'r' must be one of 'consent'.* got 'whim'": {"refuse": "True", "stage": "whim"},
    "unknown of When 'r' must be one of 'refuse', 'allow', None; got 'ask'": {"refuse": "True", "unknown": "ask"},
    "refuse of When 'r': no condition": {"refuse": "age <"},
    "allow_if of When 'r': unknown column 'aeg' .did you mean 'age'": {"allow_if": "aeg > 1"},
    "must be offers of the catalog or of the table `catalog`; 'crad' is not .did you mean 'card'": {
        "refuse": "True",
        "offers": ["crad"],
    },
    "offers of When 'r' must be a list of texts, or left out; got 'card'": {"refuse": "True", "offers": "card"},
    "channels of When 'r' must be a list of texts, or left out; got \\[]": {"refuse": "True", "channels": []},
    "kinds of When 'r' must be a list of texts": {"refuse": "True", "kinds": [1]},
    "valid_from of When 'r' must be a time": {"refuse": "True", "valid_from": "soon"},
    "valid_until of When 'r' must be after valid_from": {"refuse": "True", "valid_from": "2026", "valid_until": "2026"},
    "reason of When 'r' must be a text or left out": {"refuse": "True", "reason": ""},
    "owner of When 'r' must be a text": {"refuse": "True", "owner": 7},
}


@pytest.mark.parametrize("says", WRONG)
def test_wrong_arguments_are_refused_and_named(says):
    with pytest.raises(InputError, match=says):
        candidates(When(**{"name": "r", **WRONG[says]})).codes  # noqa: B018


def test_words():
    rule = When("r", refuse="age < 18", offers=["card"], channels=["phone"], valid_from="2026-01-01")
    assert rule.words == "refuse when age < 18 (also when unknown) offers card by phone from 2026-01-01"
    assert When("r", allow_if="age > 17", stage="service").words == "refuse unless age > 17 (not when unknown)"


@pytest.mark.parametrize(
    "rule",
    [
        When("r", refuse="age < 18 and offer.value > 0", offers=["card"], channels=["email"]),
        When("r", allow_if="age > offer.value", stage="suitability", valid_until="2027-01-01"),
    ],
)
def test_it_owes_what_rules_owe(rule):
    check_rule(rule, TABLES, Spine.at("2026-06-30", CUSTOMERS), CATALOG)
