import numpy as np
import pandas as pd
import pytest

from nbo import columns as c


@pytest.fixture(scope="module")
def customers(world):
    return world.tables.customers.drop_duplicates(c.CUSTOMER_ID).set_index(c.CUSTOMER_ID)


def near(count, n, share):
    """Whether a count is within four standard errors of its share."""
    return abs(count / n - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_customers_live_in_households_or_work_for_accounts(customers):
    business = customers[c.CUSTOMER_TYPE] == "business"
    assert near(business.sum(), len(customers), 0.10)
    assert (customers[c.ACCOUNT_ID].notna() == business).all()
    assert (customers[c.HOUSEHOLD_ID].notna() == ~business).all()
    assert customers.loc[business, ["industry", "company_size", "revenue", "technologies"]].notna().all(axis=None)
    for group, shared in ((c.HOUSEHOLD_ID, [c.POSTCODE]), (c.ACCOUNT_ID, ["industry", "company_size", c.POSTCODE])):
        assert customers.groupby(group).size().max() > 1
        assert (customers.groupby(group)[shared].nunique() == 1).all(axis=None)


def test_some_customers_move_or_change_jobs(world):
    rows = world.tables.customers
    second = rows[rows.duplicated(c.CUSTOMER_ID)]
    assert 0.03 < len(second) / rows[c.CUSTOMER_ID].nunique() < 0.12
    pairs = rows[rows[c.CUSTOMER_ID].isin(second[c.CUSTOMER_ID])]
    changed = pairs.groupby(c.CUSTOMER_ID)[[c.POSTCODE, "job"]].nunique()
    # One in eight new jobs and one in 200 new postcodes is the old one.
    assert (changed.max(axis=1) == 2).mean() > 0.85
    assert (pairs.groupby(c.CUSTOMER_ID)[c.BIRTH_DATE].nunique() == 1).all()


def test_third_party_data_cover_seven_tenths_and_come_late(world, customers):
    environment = world.tables.environment
    assert near(environment[c.CUSTOMER_ID].nunique(), len(customers), 0.70)
    assert environment[c.MATCH_CONFIDENCE].between(0, 1).all()
    late = environment[c.KNOWN_AT] > environment[c.VALID_FROM]
    assert (environment[c.KNOWN_AT] >= environment[c.VALID_FROM]).all()
    assert 0.2 < late.mean() < 0.6
    assert (environment[c.KNOWN_AT] < world.end).all()
    spend = world.tables.transactions.groupby(c.CUSTOMER_ID)[c.AMOUNT].median()
    income = environment.drop_duplicates(c.CUSTOMER_ID).set_index(c.CUSTOMER_ID)["income"]
    assert income.corr(spend, method="spearman") > 0.1


def test_purchases_are_of_the_living_and_as_many_as_planted(world):
    sales = world.tables.transactions.loc[lambda d: d[c.KIND] == c.SALE]
    accepts = world.tables.outcomes.loc[lambda d: d[c.OUTCOME] == c.ACCEPT, c.OUTCOME_AT]
    own = sales[~sales[c.EVENT_TIME].isin(accepts)]
    assert len(sales) - len(own) >= (accepts < world.end).sum()
    assert world.truth.alive(own[c.CUSTOMER_ID], own[c.EVENT_TIME]).all()
    # Four long-standing months: counts of the gamma-Poisson mix have mean m and variance m + m * m / 2.
    ids = world.tables.customers[c.CUSTOMER_ID].unique()
    there = ids[world.truth.alive(ids, "2025-02-01") & world.truth.alive(ids, "2025-06-01")]
    inside = own[own[c.EVENT_TIME].between("2025-02-01", "2025-06-01", inclusive="left")]
    counts = inside[c.CUSTOMER_ID].value_counts().reindex(there, fill_value=0)
    m = 8 * 120 / 365.25
    assert abs(counts.mean() - m) < 4 * np.sqrt((m + m * m / 2) / len(there))
    assert 0.75 < counts.var() / (m + m * m / 2) < 1.25


def test_transactions_hold_returns_and_pending_ones(world):
    table = world.tables.transactions
    returns = table[c.KIND] == c.RETURN
    assert 0.035 < returns.sum() / (~returns).sum() < 0.055
    assert (table[c.AMOUNT] > 0).all()
    assert (table.loc[returns, c.MARGIN] < 0).all()
    assert (table.loc[~returns, c.MARGIN] > 0).all()
    np.testing.assert_allclose(table[c.COST], table[c.AMOUNT] - table[c.MARGIN].abs(), atol=0.0051)
    key = [c.CUSTOMER_ID, c.PRODUCT_ID, c.AMOUNT]
    pairs = table[returns].merge(table[~returns], on=key, suffixes=("", "_sale"))
    first = pairs.groupby(c.TRANSACTION_ID)[f"{c.EVENT_TIME}_sale"].min()
    assert set(first.index) == set(table.loc[returns, c.TRANSACTION_ID])
    assert (first < table.set_index(c.TRANSACTION_ID)[c.EVENT_TIME].loc[first.index]).all()
    pending = table[table[c.STATUS] == c.PENDING]
    assert 0 < len(pending) < 0.02 * len(table)
    assert pending[c.EVENT_TIME].min() > world.end - pd.Timedelta("20D")


def test_views_of_a_category_rise_before_a_purchase_in_it(world):
    events = world.tables.events.loc[lambda d: d[c.CATEGORY].notna()]
    sales = world.tables.transactions.loc[lambda d: d[c.KIND] == c.SALE]
    sales = sales[["transaction_id", c.CUSTOMER_ID, c.CATEGORY, c.EVENT_TIME]]
    pairs = sales.merge(events, on=[c.CUSTOMER_ID, c.CATEGORY], suffixes=("", "_view"))
    lag = (pairs[c.EVENT_TIME] - pairs["event_time_view"]) / pd.Timedelta("1D")
    before, after = ((lag > 0) & (lag < 7)).sum(), ((lag < 0) & (lag > -7)).sum()
    assert before > 5 * after + 4 * np.sqrt(before)
    # Planted: a Poisson number of visits with mean 1.2 x engagement, capped at 2, of 1.5 events each,
    # exponential in time before the purchase with mean 3 days.
    research = (before - after) / len(sales)
    assert 0.6 * 1.8 * (1 - np.exp(-7 / 3)) < research < 1.8


def test_events_hold_sessions_and_anonymous_visits(world):
    events, identities = world.tables.events, world.tables.identities
    assert set(events[c.EVENT_TYPE]) >= {"page_view", "search", "cart", "app_open", "email_open"}
    sessions = events.groupby(c.SESSION_ID)
    assert sessions.size().max() > 2
    # Numbers of visits say nothing but their order.
    own_visits = events.loc[events[c.SESSION_ID].str.match(r"S\d"), c.SESSION_ID].drop_duplicates()
    assert own_visits.is_monotonic_increasing
    assert (sessions[[c.CUSTOMER_ID, c.DEVICE]].nunique() == 1).all(axis=None)
    anonymous = events[events[c.CUSTOMER_ID].isin(identities[c.ANONYMOUS_ID])]
    known = identities.set_index(c.ANONYMOUS_ID)[c.EVENT_TIME]
    assert len(anonymous) > 100
    assert (anonymous[c.EVENT_TIME] < anonymous[c.CUSTOMER_ID].map(known)).all()
    own = events.drop(anonymous.index)
    assert world.truth.alive(own[c.CUSTOMER_ID], own[c.EVENT_TIME]).all()


def test_opinions_reflect_one_satisfaction(world):
    surveys = world.tables.surveys
    nps = surveys[surveys[c.SURVEY] == "nps"].groupby(c.CUSTOMER_ID)[c.SCORE].mean()
    said = world.tables.social.groupby(c.CUSTOMER_ID)[c.SENTIMENT].mean()
    assert nps.corr(said) > 0.3
    assert world.tables.cases.groupby(c.CUSTOMER_ID)[c.SATISFACTION].mean().corr(nps) > 0.2
    csat = surveys[surveys[c.SURVEY] == "csat"]
    assert csat[c.SCORE].between(1, 5).all()
    assert nps.between(0, 10).all()
    assert world.tables.social.loc[lambda d: d[c.KIND].isin(["like", "follow"]), c.SENTIMENT].isna().all()


def test_friends_share_tastes_and_families_a_household(world, customers):
    edges = world.tables.relationships
    assert set(edges[c.KIND]) == {"family", "colleague", "friend"}
    assert (edges[c.CUSTOMER_ID] < edges[c.RELATED_ID]).all()
    family = edges[edges[c.KIND] == "family"]
    homes = customers[c.HOUSEHOLD_ID]
    assert (family[c.CUSTOMER_ID].map(homes).to_numpy() == family[c.RELATED_ID].map(homes).to_numpy()).all()
    counts = world.tables.transactions.groupby([c.CUSTOMER_ID, c.CATEGORY]).size().unstack(fill_value=0)
    favorite = counts[counts.sum(axis=1) >= 8].idxmax(axis=1)
    friends = edges[edges[c.KIND] == "friend"]
    pairs = pd.DataFrame({"one": friends[c.CUSTOMER_ID].map(favorite), "other": friends[c.RELATED_ID].map(favorite)})
    pairs = pairs.dropna()
    same = (pairs["one"] == pairs["other"]).mean()
    assert same > 1.5 * (favorite.value_counts(normalize=True) ** 2).sum()


def test_referrals_lead_to_customers(world, customers):
    referrals = world.tables.referrals
    won = referrals[referrals[c.REFERRED_ID].isin(customers.index)]
    assert 10 < len(won) < len(referrals)
    assert (won[c.REFERRED_ID].map(customers["acquisition_channel"]) == "referral").all()
    assert (won[c.EVENT_TIME] < won[c.REFERRED_ID].map(customers[c.SIGNED_UP_AT])).all()
    converted = won[won[c.CONVERTED_AT].notna()]
    first = world.tables.transactions.groupby(c.CUSTOMER_ID)[c.EVENT_TIME].min()
    assert (converted[c.CONVERTED_AT] == converted[c.REFERRED_ID].map(first)).all()
    assert referrals.drop(won.index)[c.CONVERTED_AT].isna().all()
