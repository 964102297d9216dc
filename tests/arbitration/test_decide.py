import json

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo.arbitration import Candidates, Eligibility, Rule, decide, explain
from nbo.errors import InputError
from nbo.policies import LogisticThompson, SegmentThompson, Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine

AS_OF = pd.Timestamp("2026-06-30")

CATALOG = Catalog(
    [
        Offer("card", value=40, cost=1, channels=("email", "sms")),
        Offer("loan", value=90, cost=2, channels=("phone",), customer_type="business"),
        Offer("late", value=10, channels=("email",), valid_from="2026-07-01"),
        Offer("gone", value=10, channels=("email",), valid_until="2026-06-30"),
    ]
)

# ann has consented to all, bob not to e-mail, cy to nothing; dot is a business.
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "cy", "dot"],
        "customer_type": ["consumer", "consumer", "consumer", "business"],
        "consent_email": [True, False, False, True],
        "consent_sms": [True, True, False, True],
        "consent_phone": [True, True, False, True],
    }
)


def candidates(customers=CUSTOMERS, ids=None, rules=None, as_of=AS_OF):
    rules = [Eligibility()] if rules is None else rules
    tables = CustomerTables(customers=customers)
    return Candidates.of(tables, Spine.at(as_of, ids if ids is not None else customers), CATALOG, tuple(rules))


def decided(found, policy=None, propensity=None, rng=7, run_id="r1"):
    n, k, _ = found.shape
    propensity = np.full((n, k), 0.1) if propensity is None else propensity
    segments = np.array(["all"] * n, dtype=object)
    return decide(found, propensity, segments, policy or Uniform(found.catalog.offer_ids), rng, run_id)


def test_eligibility_by_hand():
    found = candidates()
    eligible = pd.DataFrame(found.eligible, index=CUSTOMERS["customer_id"], columns=CATALOG.offer_ids)
    assert eligible["card"].tolist() == [True, True, False, True]
    assert eligible["loan"].tolist() == [False, False, False, True]
    assert not eligible[["late", "gone"]].any(axis=None)
    names = found.channel_names[:, 0].tolist()
    # bob gets the card by sms, the second choice; cy, who gets nothing, is shown the first one.
    assert names == ["email", "sms", "email", "email"]


def test_every_refusal_has_its_reason():
    found = candidates()
    reason = {
        (customer, offer): found.reasons[found.codes[i, j, found.channels.index(channel)] - 1]
        for i, customer in enumerate(CUSTOMERS["customer_id"])
        for j, (offer, channel) in enumerate(
            [("card", "email"), ("loan", "phone"), ("late", "email"), ("gone", "email")]
        )
        if found.codes[i, j, found.channels.index(channel)]
    }
    assert reason["bob", "card"] == "no consent"
    assert reason["ann", "loan"] == "customer type"
    assert reason["ann", "late"] == "not yet valid"
    assert reason["ann", "gone"] == "no longer valid"
    assert found.reasons[found.codes[0, 0, found.channels.index("phone")] - 1] == "channel"


def test_validity_begins_and_ends_at_its_moments():
    at_start = candidates(as_of="2026-07-01").eligible[0]
    just_before_the_end = candidates(as_of=AS_OF - pd.Timedelta("1us")).eligible[0]
    assert at_start.tolist() == [True, False, True, False]
    assert just_before_the_end.tolist() == [True, False, False, True]


@pytest.mark.parametrize(("consent", "eligible"), [("not refused", True), ("given", False)])
def test_a_consent_that_is_not_recorded_is_treated_as_stated(consent, eligible):
    unknown = pd.DataFrame({"customer_id": ["eve"], "consent_email": [None]})
    for customers in (unknown, unknown[["customer_id"]]):
        assert candidates(customers, rules=[Eligibility(consent)]).eligible[0, 0] == eligible


def test_a_misspelt_consent_is_refused_and_contacts_nobody():
    with pytest.raises(InputError, match="consent must be one of 'given', 'not refused'; got 'Given'"):
        _ = candidates(rules=[Eligibility("Given")]).eligible


def test_consents_count_as_of_the_decision():
    history = pd.DataFrame(
        {
            "customer_id": ["ann", "ann"],
            "valid_from": ["2025-01-01", "2026-06-30"],
            "consent_email": [True, False],
            "consent_sms": [False, False],
        }
    )
    assert candidates(history).eligible[0, 0]
    assert not candidates(history, as_of=AS_OF + pd.Timedelta("1us")).eligible[0, 0]


def test_decisions_by_hand():
    rows = decided(candidates()).set_index("customer_id")
    assert rows["offer_id"].isin(["card", "loan", NO_OFFER]).all()
    assert rows.loc["ann", ["offer_id", "channel", "action_probability"]].tolist() == ["card", "email", 1.0]
    assert rows.loc["bob", ["offer_id", "channel", "action_probability"]].tolist() == ["card", "sms", 1.0]
    assert rows.loc["cy", "offer_id"] == NO_OFFER
    assert rows.loc["cy", "action_probability"] == 1.0
    assert rows.loc["cy", "reason"] == "nothing may be offered: no consent"
    assert json.loads(rows.loc["cy", "candidates"]) == {NO_OFFER: 1.0}
    assert json.loads(rows.loc["dot", "candidates"]) == {"card": 0.5, "loan": 0.5}
    assert rows.loc["ann", "priority"] == pytest.approx(0.1 * 40 - 1)
    assert np.isnan(rows.loc["cy", "priority"])
    assert rows["decision_id"].str.fullmatch("r1:[0-9a-f]{16}").all()
    assert rows["decision_id"].is_unique
    assert (rows["decided_at"] == AS_OF).all()


def many(n=20_000):
    return pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "customer_type": "business"})


def test_stated_probabilities_are_the_frequencies_of_the_draw():
    rows = decided(candidates(many()), SegmentThompson(CATALOG.offer_ids, CATALOG.values, CATALOG.costs))
    stated = json.loads(rows["candidates"].iloc[0])
    assert set(stated) == {"card", "loan"}
    for offer, probability in stated.items():
        frequency = (rows["offer_id"] == offer).mean()
        assert abs(frequency - probability) < 4 * np.sqrt(probability * (1 - probability) / len(rows))
        assert (rows.loc[rows["offer_id"] == offer, "action_probability"] == probability).all()


def test_partitions_and_order_change_no_decision():
    customers = many(500)
    whole = decided(candidates(customers)).set_index("customer_id")
    parts = [
        decided(candidates(customers, ids=part))
        for part in np.array_split(customers["customer_id"].to_numpy()[::-1], 16)
    ]
    again = pd.concat(parts).set_index("customer_id").loc[whole.index]
    pd.testing.assert_frame_equal(again, whole)


def test_another_run_or_seed_draws_otherwise():
    found = candidates(many(500))
    first = decided(found)["offer_id"]
    assert (first != decided(found, run_id="r2")["offer_id"]).any()
    assert (first != decided(found, rng=8)["offer_id"]).any()
    assert (first == decided(found)["offer_id"]).all()


def test_a_policy_may_make_no_offer():
    rows = decided(candidates(many(1000)), Uniform([*CATALOG.offer_ids, NO_OFFER]))
    shares = rows["offer_id"].value_counts(normalize=True)
    assert set(shares.index) == {"card", "loan", NO_OFFER}
    assert rows.loc[rows["offer_id"] == NO_OFFER, "channel"].isna().all()
    assert rows.loc[rows["offer_id"] == NO_OFFER, "reason"].eq("drawn by Uniform").all()


class Nobody(Rule):
    def __init__(self, offers=()):
        self.offers = offers

    def refused(self, candidates):
        mask = np.isin(candidates.catalog.offer_ids, self.offers)
        return {"nobody": mask[None, :, None]}


def test_rules_only_take_away_and_the_first_reason_stays():
    plain, ruled = candidates(), candidates(rules=[Eligibility(), Nobody(["card", "late"])])
    assert (ruled.eligible <= plain.eligible).all()
    assert not ruled.eligible[:, 0].any()
    codes = ruled.codes[0, 2, ruled.channels.index("email")]
    assert ruled.reasons[codes - 1] == "not yet valid"


def test_no_customers_give_no_decisions():
    nobody = decided(candidates(CUSTOMERS, ids=pd.DataFrame({"customer_id": pd.Series(dtype="str")})))
    assert len(nobody) == 0
    assert {"decision_id", "offer_id", "action_probability", "candidates"} <= set(nobody.columns)


def test_a_customer_twice_is_refused():
    spine = Spine.of(pd.DataFrame({"customer_id": ["ann", "ann"], "as_of": [AS_OF] * 2}))
    found = Candidates.of(CustomerTables(customers=CUSTOMERS), spine, CATALOG)
    with pytest.raises(
        InputError, match=r"there once: a run decides once per customer; 1 of 2 rows is not, first at row 1: 'ann'"
    ):
        decided(found)


def test_offers_that_the_policy_does_not_know_are_refused():
    with pytest.raises(InputError, match="the policy does not know 3 of 4 offers of the catalog, first 'loan'"):
        decided(candidates(), Uniform(["card"]))
    with pytest.raises(InputError, match=r"propensity must have the shape \(4, 4\)"):
        decided(candidates(), propensity=np.ones((4, 3)))


def test_explaining_shows_every_offer_and_changes_nothing():
    policy = SegmentThompson(CATALOG.offer_ids, CATALOG.values, CATALOG.costs)
    rows = decided(candidates(), policy)
    before = json.dumps(policy.to_state(), sort_keys=True)
    explained = explain(rows.iloc[3], policy, CATALOG)
    assert explained.offers["offer_id"].tolist() == CATALOG.offer_ids
    assert explained.offers["eligible"].tolist() == [True, True, False, False]
    assert explained.offers["probability"].sum() == pytest.approx(1)
    assert explained.offers["chosen"].sum() == 1
    assert f"{explained.offer_id} was drawn with probability" in explained.reason
    assert json.dumps(policy.to_state(), sort_keys=True) == before
    assert "<table" in explained._repr_html_()
    assert explain(dict(rows.iloc[2]), policy, CATALOG).reason == "No offer: nothing may be offered: no consent."
    with pytest.raises(InputError, match="one decision is needed; got 4 rows"):
        explain(rows, policy, CATALOG)


class ByAge(Uniform):
    """Give the card to the old, for certain, and note how old they are."""

    context_columns = ["age", "segment"]
    asked = 0

    def _probabilities(self, context, eligible):
        type(self).asked += 1
        old = context["age"].to_numpy() > 50
        return np.where(old[:, None], [[1.0, 0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]])

    def decision_columns(self, context):
        return pd.DataFrame({"old": context["age"] > 50}, index=context.index)


def test_the_policy_gets_the_features_it_names_and_they_are_written_down():
    found = candidates(rules=[])
    ages, policy = pd.DataFrame({"income": 1.0, "age": [60.0, 20.0, 70.0, np.nan]}), ByAge(CATALOG.offer_ids)
    n, k, _ = found.shape
    ByAge.asked = 0
    made = decide(found, np.full((n, k), 0.1), np.array(["s"] * n), policy, 7, "r1", features=ages)
    assert ByAge.asked == 1
    assert made["offer_id"].tolist() == ["card", "gone", "card", "gone"]
    assert made["age"].equals(ages["age"])
    assert made["old"].tolist() == [True, False, True, False]
    assert "income" not in made


def test_features_that_the_policy_reads_must_be_there():
    found = candidates(rules=[])
    n, k, _ = found.shape
    for features in (None, pd.DataFrame({"income": [1.0] * n})):
        with pytest.raises(InputError, match="which ByAge reads, lacks the column 'age'"):
            decide(
                found, np.full((n, k), 0.1), np.array(["s"] * n), ByAge(CATALOG.offer_ids), 7, "r", features=features
            )


def test_who_gets_nothing_has_features_too_and_the_draw_is_that_of_the_policy():
    found = candidates()
    ages = pd.DataFrame({"age": [60.0, 20.0, 70.0, 30.0], "city": ["A", None, "B", "A"]})
    policy = LogisticThompson(CATALOG.offer_ids, ["age", "city"])
    n, k, _ = found.shape
    made = decide(found, np.full((n, k), 0.1), np.array(["s"] * n), policy, 7, "r1", features=ages)
    assert made.loc[2, "offer_id"] == NO_OFFER
    assert made.loc[2, "age"] == 70
    served = [0, 1, 3]
    context = ages.assign(customer_id=CUSTOMERS["customer_id"])
    drawn = policy.draw(context.loc[served], found.eligible[served], rng="r1/7")
    pd.testing.assert_frame_equal(made.loc[served, drawn.columns], drawn)
