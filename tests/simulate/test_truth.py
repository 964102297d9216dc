import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from nbo import columns as c
from nbo.errors import InputError


@pytest.fixture(scope="module")
def ids(world):
    return world.tables.customers[c.CUSTOMER_ID].unique()


@pytest.fixture(scope="module")
def log(world):
    """Logged decisions with their outcome and the truth of all offers."""
    frame = world.tables.decisions.merge(world.tables.outcomes, on=c.DECISION_ID, how="left")
    frame["accepted"] = (frame[c.OUTCOME] == c.ACCEPT).astype(float)
    frame["offer"] = frame[c.OFFER_ID].map(world.truth.offer_ids.index)
    truth = world.truth.acceptance(frame[c.CUSTOMER_ID], frame[c.DECIDED_AT])
    frame["chance"] = truth[np.arange(len(frame)), frame["offer"]]
    return frame, truth


def assert_as_planted(rows):
    error = np.sqrt((rows["chance"] * (1 - rows["chance"])).sum())
    assert abs((rows["accepted"] - rows["chance"]).sum()) < 4 * error


def test_logged_acceptance_is_the_planted_one_by_offer_channel_and_decile(log):
    frame, _ = log
    assert frame["accepted"].sum() > 300
    for key in (frame[c.OFFER_ID], frame[c.CHANNEL], pd.qcut(frame["chance"], 10), frame[c.DECIDED_AT].dt.month):
        for _, rows in frame.groupby(key, observed=True):
            assert_as_planted(rows)


def test_acceptance_is_of_the_size_of_real_campaigns(log):
    frame, _ = log
    assert 0.04 < frame["chance"].mean() < 0.10
    assert frame["chance"].quantile(0.95) > 4 * frame["chance"].quantile(0.25)


def test_importance_weights_recover_the_value_of_the_best_offer(log, world):
    frame, truth = log
    eligible = np.array([[offer in text for offer in world.truth.offer_ids] for text in frame["candidates"]])
    best = np.where(eligible, truth, -1).argmax(axis=1)
    terms = (frame["offer"] == best) * frame["accepted"] / frame[c.ACTION_PROBABILITY]
    planted = truth[np.arange(len(frame)), best].mean()
    assert abs(terms.mean() - planted) < 4 * terms.std() / np.sqrt(len(frame))
    assert planted > 1.5 * frame["chance"].mean()


def test_two_pairs_of_offers_swap_their_audiences_at_six_tenths_of_the_days(log, world, ids):
    frame, _ = log
    drift = world.start + 0.6 * (world.end - world.start)
    here = ids[world.truth.alive(ids, drift)]
    after, before = (logit(world.truth.acceptance(here, when)) for when in (drift, drift - pd.Timedelta("1min")))
    # Midnight may change the day of the week, which adds the same to all customers' log odds.
    spread = dict(zip(world.truth.offer_ids, (after - before).std(axis=0), strict=True))
    swapped = {"device_upgrade", "travel_deal", "delivery_pass", "travel_cover"}
    assert min(spread[offer] for offer in swapped) > 0.3
    assert max(spread[offer] for offer in set(spread) - swapped) < 0.01
    for offer, rows in frame.groupby(c.OFFER_ID):
        before, after = (rows[(rows[c.DECIDED_AT] >= drift) == late] for late in (False, True))
        error = np.sqrt(before["accepted"].var() / len(before) + after["accepted"].var() / len(after))
        planted = after["chance"].mean() - before["chance"].mean()
        assert abs(after["accepted"].mean() - before["accepted"].mean() - planted) < 4 * error, offer


def test_an_offer_launched_halfway_is_not_accepted_before(world, ids):
    launch = world.start + (world.end - world.start) / 2
    offer = world.truth.offer_ids.index("sports_club")
    assert world.catalog["sports_club"].valid_from == launch
    before, after = (world.truth.acceptance(ids, when)[:, offer] for when in (launch - pd.Timedelta("1s"), launch))
    assert (before == 0).all()
    assert (after[world.truth.alive(ids, launch)] > 0).all()
    cost = world.catalog["sports_club"].cost
    assert (world.truth.expected_value(ids, launch - pd.Timedelta("1s"))[:, offer] == -cost).all()
    made = world.tables.decisions.loc[lambda d: d[c.OFFER_ID] == "sports_club", c.DECIDED_AT]
    assert launch <= made.min() < launch + pd.Timedelta("10D")


def test_expected_value_is_acceptance_times_value_less_cost(world, ids):
    value = world.truth.acceptance(ids[:5], "2025-09-01") * world.catalog.values - world.catalog.costs
    np.testing.assert_allclose(world.truth.expected_value(ids[:5], "2025-09-01"), value)


def test_as_many_leave_as_the_hazards_say(world, ids):
    expected = left = left_upset = expected_upset = 0.0
    complaints = world.tables.cases.loc[lambda d: d[c.KIND] == "complaint", [c.CUSTOMER_ID, c.OPENED_AT]]
    complainer, opened = pd.Index(ids).get_indexer(complaints[c.CUSTOMER_ID]), complaints[c.OPENED_AT].to_numpy()
    dogs = world.truth.contact_harm(ids) > 0
    for day in range(365):
        now = world.start + pd.Timedelta(days=day)
        recent = (opened >= now - pd.Timedelta("60D")) & (opened < now)
        upset = (np.bincount(complainer[recent], minlength=len(ids)) > 0) & ~dogs
        hazard = world.truth.churn_hazard(ids, now)
        gone = world.truth.alive(ids, now) & ~world.truth.alive(ids, now + pd.Timedelta("1D"))
        # Those who signed up during the day live from the next midnight on.
        expected += -np.expm1(-hazard).sum()
        left += gone.sum()
        # What the upset would do with the hazard of the calm, for their ratio.
        expected_upset += hazard[upset].sum() / world.truth.complaint_factor
        left_upset += gone[upset].sum()
    assert abs(left - expected) < 4 * np.sqrt(expected)
    assert left_upset > 30
    ratio, error = left_upset / expected_upset, np.sqrt(left_upset) / expected_upset
    assert abs(ratio - 3.0) < 4 * error


def test_the_hazard_is_three_times_as_high_on_sixty_days_after_a_complaint(world, ids):
    cases = world.tables.cases.loc[lambda d: d[c.KIND] == "complaint"].drop_duplicates(c.CUSTOMER_ID, keep=False)
    cases = cases[~np.isin(cases[c.CUSTOMER_ID], ids[world.truth.contact_harm(ids) > 0])]
    who, day = cases[c.CUSTOMER_ID].to_numpy(), cases[c.OPENED_AT].dt.normalize()
    kept = (day + pd.Timedelta("62D") < world.end).to_numpy() & (day > world.start).to_numpy()
    who, day = who[kept], day[kept].reset_index(drop=True)
    still = world.truth.alive(who, day) & world.truth.alive(who, day + pd.Timedelta("61D"))
    at = {lag: world.truth.churn_hazard(who, day + pd.Timedelta(days=lag))[still] for lag in (0, 1, 60, 61)}
    assert still.sum() > 100
    np.testing.assert_allclose(at[1], 3 * at[0])
    np.testing.assert_allclose(at[60], 3 * at[0])
    np.testing.assert_allclose(at[61], at[0])


def test_contacts_drive_sleeping_dogs_away_as_planted(world, ids):
    decisions = world.tables.decisions
    day = decisions[c.DECIDED_AT].dt.normalize()
    chosen = (day + pd.Timedelta("16D") <= world.end) & (world.truth.contact_harm(decisions[c.CUSTOMER_ID]) > 0)
    who, day = decisions.loc[chosen, c.CUSTOMER_ID].to_numpy(), day[chosen].reset_index(drop=True)
    first, last = day + pd.Timedelta("1D"), day + pd.Timedelta("15D")
    there = world.truth.alive(who, first)
    who, first, last = who[there], first[there], last[there]
    left = ~world.truth.alive(who, last)
    # The hazard after the contact has all of it: the contact, complaints, and the customer's own.
    planted = -np.expm1(-14 * world.truth.churn_hazard(who, first))
    error = np.sqrt((planted * (1 - planted)).sum())
    assert abs(left.sum() - planted.sum()) < 4 * error
    assert planted.mean() > world.truth.contact_harm(who).mean() > 0.12
    share = (world.truth.contact_harm(ids) > 0).mean()
    assert abs(share - 0.08) < 4 * np.sqrt(0.08 * 0.92 / len(ids))


def test_uplift_is_what_contacts_add_to_purchases(world, log, ids):
    frame, _ = log
    rng = np.random.default_rng(5)
    window = pd.Timedelta("28D")
    treated = frame[frame[c.DECIDED_AT] + window < world.end]
    # Controls: living customers on the same days, with the offer that a contact on that day carried.
    controls = treated.assign(customer_id=rng.choice(ids, len(treated)))
    controls = controls[world.truth.alive(controls[c.CUSTOMER_ID], controls[c.DECIDED_AT])]
    effect = {}
    for name, rows in (("treated", treated), ("control", controls)):
        bought = buys_in_category(world, rows, window)
        effect[name] = bought.mean(), bought.var() / len(bought)
    rows = np.arange(len(treated))
    planted = world.truth.uplift(treated[c.CUSTOMER_ID], treated[c.DECIDED_AT])[rows, treated["offer"]].mean()
    measured = effect["treated"][0] - effect["control"][0]
    assert abs(measured - planted) < 4 * np.sqrt(effect["treated"][1] + effect["control"][1])
    assert planted > 0.02


def buys_in_category(world, rows, window):
    categories = {offer.offer_id: offer.category for offer in world.catalog}
    asked = rows.reset_index(drop=True)
    asked = asked.assign(row=np.arange(len(rows)), category=asked[c.OFFER_ID].map(categories))
    sales = world.tables.transactions.loc[lambda d: d[c.KIND] == c.SALE, [c.CUSTOMER_ID, c.CATEGORY, c.EVENT_TIME]]
    both = asked[["row", c.CUSTOMER_ID, c.CATEGORY, c.DECIDED_AT]].merge(sales, on=[c.CUSTOMER_ID, c.CATEGORY])
    inside = (both[c.EVENT_TIME] > both[c.DECIDED_AT]) & (both[c.EVENT_TIME] <= both[c.DECIDED_AT] + window)
    return pd.Series(np.isin(asked["row"], both.loc[inside, "row"]).astype(float))


def test_offers_that_drive_sleeping_dogs_away_can_have_negative_uplift(world, ids):
    uplift = world.truth.uplift(ids, "2025-03-01")
    dogs = world.truth.contact_harm(ids) > 0
    assert (uplift[dogs] < 0).any()
    launched = np.array(world.truth.offer_ids) != "sports_club"
    assert (uplift[~dogs][:, launched] >= 0).all()


def test_a_channel_given_replaces_the_usual_one(world, ids):
    usual = world.truth.acceptance(ids, "2025-09-01")
    consents = world.tables.customers.drop_duplicates(c.CUSTOMER_ID)
    offers = list(world.catalog)
    first = [
        [next((name for name in offer.channels if row["consent_" + name]), offer.channels[0]) for offer in offers]
        for row in consents.to_dict("records")
    ]
    np.testing.assert_array_equal(usual, world.truth.acceptance(ids, "2025-09-01", channels=np.array(first)))
    phone = world.truth.acceptance(ids, "2025-09-01", channels=np.full(usual.shape, "phone"))
    assert (phone != usual).any()


def test_recent_views_of_the_category_raise_acceptance(world):
    views = world.tables.events.loc[lambda d: d[c.EVENT_TYPE].isin(["page_view", "search", "cart"])]
    views = views[views[c.CUSTOMER_ID].str.startswith("C") & (views[c.EVENT_TIME] < world.end - pd.Timedelta("1D"))]
    views = views.drop_duplicates([c.CUSTOMER_ID, c.CATEGORY]).head(300)
    after = world.truth.acceptance(views[c.CUSTOMER_ID], views[c.EVENT_TIME] + pd.Timedelta("1s"))
    before = world.truth.acceptance(views[c.CUSTOMER_ID], views[c.EVENT_TIME])
    fits = np.array([[offer.category == category for offer in world.catalog] for category in views[c.CATEGORY]])
    assert (after[fits] >= before[fits]).all()
    assert (after[fits] > before[fits]).mean() > 0.7
    np.testing.assert_allclose(after[~fits], before[~fits], rtol=1e-6)


def test_one_moment_and_one_moment_a_row_say_the_same(world, ids):
    moments = pd.date_range("2025-01-02", periods=6, freq="61D")
    rows = world.truth.acceptance(ids[:6], moments)
    for place, moment in enumerate(moments):
        np.testing.assert_array_equal(rows[[place]], world.truth.acceptance(ids[[place]], moment))


def test_segments_are_planted_from_age_wealth_and_business(world, ids):
    segments = world.truth.segment(ids)
    assert sorted(set(segments)) == [
        "business", "family affluent", "family value", "senior", "young affluent", "young value",
    ]  # fmt: skip
    customers = world.tables.customers.drop_duplicates(c.CUSTOMER_ID)
    age = (world.start - customers[c.BIRTH_DATE]).dt.days.to_numpy() / 365.25
    business = (customers[c.CUSTOMER_TYPE] == "business").to_numpy()
    assert ((segments == "business") == business).all()
    assert (age[segments == "senior"] > 59.9).all()
    assert (age[np.char.startswith(segments.astype(str), "young")] < 35.1).all()


def test_what_the_world_does_not_know_is_refused(world, ids):
    truth = world.truth
    with pytest.raises(InputError, match="customer_id must be customers of this world.*1 of 2 rows is not.*'X'"):
        truth.alive([ids[0], "X"], "2025-05-01")
    with pytest.raises(InputError, match="as_of must be within the world, from 2025-01-01"):
        truth.acceptance(ids[:2], "2024-12-31")
    with pytest.raises(InputError, match="as_of must be one moment or one per row; got 2 for 1 rows"):
        truth.acceptance(ids[:1], ["2025-05-01", "2025-05-02"])
    with pytest.raises(InputError, match=r"channels must have the shape \(1, 12\)"):
        truth.acceptance(ids[:1], "2025-05-01", channels=[["email"]])
    with pytest.raises(InputError, match="channels must be among email, sms, app, phone"):
        truth.acceptance(ids[:1], "2025-05-01", channels=np.full((1, 12), "pigeon"))


def test_no_offer_is_the_best_one_for_everybody(world, ids):
    for share in (0.3, 0.9):
        moment = world.start + share * (world.end - world.start)
        here = ids[world.truth.alive(ids, moment)]
        best = world.truth.expected_value(here, moment).argmax(axis=1)
        assert np.bincount(best).max() < 0.6 * len(here)
