import json

import numpy as np
import pytest
from scipy.stats import chi2

from nbo import columns as c


@pytest.fixture(scope="module")
def decisions(world):
    consents = world.tables.customers.drop_duplicates(c.CUSTOMER_ID)
    consents = consents[[c.CUSTOMER_ID, *(name for name in consents if name.startswith(c.CONSENT_PREFIX))]]
    return world.tables.decisions.merge(consents, on=c.CUSTOMER_ID)


def test_offers_are_drawn_uniformly_among_the_candidates(decisions):
    statistic = freedom = 0.0
    for text, rows in decisions.groupby("candidates"):
        candidates = json.loads(text)
        expected = len(rows) / len(candidates)
        if expected >= 5:
            counts = rows[c.OFFER_ID].value_counts().reindex(list(candidates), fill_value=0)
            assert counts.sum() == len(rows)
            statistic += ((counts - expected) ** 2 / expected).sum()
            freedom += len(candidates) - 1
    assert freedom > 50
    assert chi2.sf(statistic, freedom) > 1e-4
    assert chi2.cdf(statistic, freedom) > 1e-4


def test_candidates_are_the_offers_launched_and_reachable(world, decisions):
    for row in decisions.sample(300, random_state=1).to_dict("records"):
        eligible = [
            offer.offer_id
            for offer, valid in zip(world.catalog, world.catalog.valid_at(row[c.DECIDED_AT]), strict=True)
            if valid and any(row["consent_" + channel] for channel in offer.channels)
        ]
        assert json.loads(row["candidates"]) == dict.fromkeys(eligible, 1 / len(eligible))
        assert row[c.ACTION_PROBABILITY] == 1 / len(eligible)
        channels = world.catalog[row[c.OFFER_ID]].channels
        assert row[c.CHANNEL] == next(channel for channel in channels if row["consent_" + channel])


def test_contacts_are_random_among_those_who_are_there(world, decisions):
    assert world.truth.alive(decisions[c.CUSTOMER_ID], decisions[c.DECIDED_AT]).all()
    assert decisions[c.DECIDED_AT].dt.hour.between(8, 19).all()
    assert not decisions.duplicated([c.CUSTOMER_ID, c.RUN_ID]).any()
    ids = decisions[c.CUSTOMER_ID].unique()
    days = world.start + np.arange(0, 365, 5) * np.timedelta64(1, "D")
    lived = sum(world.truth.alive(ids, day).sum() for day in days) * 5
    assert 0.010 < len(decisions) / lived < 0.015


def test_catalog_has_twelve_offers_over_four_channels(world):
    offers = list(world.catalog)
    assert len(offers) == 12
    assert {channel for offer in offers for channel in offer.channels} == {"email", "sms", "app", "phone"}
    assert all(1 <= len(offer.channels) <= 3 and 5 <= offer.value <= 60 and 0 <= offer.cost <= 3 for offer in offers)
