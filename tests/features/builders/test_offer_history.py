import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import OfferHistoryFeatures
from nbo.ledger.feedback import resolve
from nbo.tables import CustomerTables, Spine

SPINE = Spine.at("2026-06-30", ["ann", "bob"])


def _build(tables: CustomerTables, spine: Spine = SPINE, **params) -> pd.DataFrame:
    return OfferHistoryFeatures(**params).fit(tables, spine).build(tables, spine)


def _tables(decisions: str, outcomes: str = "") -> CustomerTables:
    """Decisions to ann as rows of id, moment, offer, channel; outcomes as rows of id, outcome, moment, known."""
    made = [line.split() for line in decisions.strip().splitlines()]
    came = [(*line.split(), None)[:4] for line in outcomes.strip().splitlines()]
    return CustomerTables(
        decisions=pd.DataFrame(made, columns=["decision_id", "decided_at", "offer_id", "channel"]).assign(
            customer_id="ann"
        ),
        outcomes=pd.DataFrame(came, columns=["decision_id", "outcome", "outcome_at", "known_at"]),
        catalog=pd.DataFrame({"offer_id": ["card", "loan", "fund"], "category": ["pay", "pay", "save"]}),
    )


DECISIONS = """
    a 2026-03-01 card email
    b 2026-05-20 loan email
    c 2026-06-01 fund app
    d 2026-06-10 card email
    e 2026-06-20 no_offer none
    f 2026-06-25 card app
    g 2026-06-30 loan app"""
OUTCOMES = """
    a accept 2026-03-03
    b reject 2026-05-21T12:00
    c accept 2026-06-06T18:30
    f accept 2026-06-30"""


def test_contacts_by_hand():
    row = _build(_tables(DECISIONS, OUTCOMES), half_life="10D").loc[0]
    assert row["decisions__recency_days"] == 5
    assert [row[f"decisions__count__{window}"] for window in ("7D", "30D", "90D", "all")] == [1, 3, 4, 5]
    assert row["decisions__count__90D__offer_id_no_offer"] == 1
    assert row["decisions__count__90D__channel_email"] == 2
    assert row["decisions__count__90D__category_pay"] == 3
    assert row["decisions__offer_id__distinct__90D"] == 3
    assert row["decisions__category__latest__all"] == "pay"
    assert row["decisions__decayed_count__10D"] == pytest.approx(sum(0.5 ** (age / 10) for age in (121, 41, 29, 20, 5)))


def test_answers_by_hand():
    row = _build(_tables(DECISIONS, OUTCOMES)).loc[0]
    assert [row[f"outcomes__count__{window}__outcome_accept"] for window in ("7D", "30D", "90D", "all")] == [0, 1, 1, 2]
    assert row["outcomes__count__90D__outcome_reject"] == 1
    assert row["outcomes__recency_days__outcome_accept"] == pytest.approx(23 + 5.5 / 24)
    assert row["outcomes__outcome__latest__all"] == "accept"
    # Of the last 90 days b, c, d and f; c was accepted. Over all time a and c of five.
    assert row["outcomes__acceptance_rate__90D"] == 1 / 4
    assert row["outcomes__acceptance_rate__all"] == 2 / 5
    assert row["outcomes__answered_share__90D"] == 2 / 4
    # Older than 14 days, from 104 days on: b, c, d; d got no answer.
    assert row["decisions__unanswered__90D_before_14D"] == 1
    assert row["outcomes__days_to_answer__mean__all"] == pytest.approx((2 + 1.5 + 5 + 18.5 / 24) / 3)
    # After the accept of June 6: d and f.
    assert row["decisions__contacts_since_accept"] == 2
    assert row["outcomes__acceptance_rate__all__channel_email"] == 1 / 3
    assert row["outcomes__acceptance_rate__all__channel_app"] == 1 / 2
    assert row["outcomes__acceptance_rate__all__category_save"] == 1 / 1
    # Equal counts of night and evening: the first in the alphabet.
    assert row["outcomes__daypart__top__all__outcome_accept"] == "evening"
    assert row["outcomes__hour__top__all__outcome_accept"] == "00"


def test_a_customer_without_contacts():
    row = _build(_tables(DECISIONS, OUTCOMES)).loc[1]
    assert row["decisions__count__all"] == row["decisions__contacts_since_accept"] == 0
    assert row[["outcomes__acceptance_rate__90D", "outcomes__outcome__latest__all"]].isna().all()
    assert pd.isna(row["outcomes__channel__preferred__all"])


def test_the_preferred_channel_is_that_with_the_best_rate_not_the_most_accepts():
    rows = [f"e{i} 2026-01-{i + 1:02d} card email" for i in range(20)] + [
        f"a{i} 2026-02-0{i + 1} card app" for i in range(4)
    ]
    accepts = [f"e{i} accept 2026-03-01" for i in range(5)] + [f"a{i} accept 2026-03-01" for i in range(3)]
    tables = _tables("\n".join(rows), "\n".join(accepts))
    row = _build(tables).loc[0]
    assert row["outcomes__acceptance_rate__all__channel_email"] == 5 / 20
    assert row["outcomes__acceptance_rate__all__channel_app"] == 3 / 4
    assert row["outcomes__channel__preferred__all"] == "app"


def test_one_accept_does_not_make_a_channel_the_best_of_all():
    # Both rates are drawn towards the customer's own, 9 of 12, as by two contacts more.
    rows = [f"e{i} 2026-01-{i + 1:02d} card email" for i in range(9)] + ["s 2026-02-01 card sms"]
    rows += ["p 2026-02-02 card phone", "q 2026-02-03 card phone"]
    accepted = [*(f"e{i}" for i in range(8)), "s"]
    tables = _tables("\n".join(rows), "\n".join(f"{one} accept 2026-03-01" for one in accepted))
    own = 9 / 12
    rates = {"email": (8 + 2 * own) / (9 + 2), "sms": (1 + 2 * own) / (1 + 2), "phone": (0 + 2 * own) / (2 + 2)}
    assert _build(tables)["outcomes__channel__preferred__all"][0] == max(rates, key=rates.get) == "email"


def test_a_planted_preference_is_found_however_the_channels_were_used():
    rng = np.random.default_rng(0)
    who = np.repeat([f"c{i:03d}" for i in range(300)], 80)
    likes = np.repeat(rng.choice(["app", "email", "sms"], 300), 80)
    # Most of what is sent comes by e-mail, whatever the customer likes.
    channel = rng.choice(["app", "email", "sms"], len(who), p=[0.2, 0.6, 0.2])
    accepts = rng.random(len(who)) < np.where(channel == likes, 0.5, 0.1)
    ids = pd.DataFrame({"decision_id": np.arange(len(who))})
    decisions = ids.assign(customer_id=who, decided_at="2026-06-01", offer_id="card", channel=channel)
    outcomes = ids.assign(outcome=np.where(accepts, "accept", "reject"), outcome_at="2026-06-02")
    spine = Spine.at("2026-06-30", who[::80])
    X = _build(CustomerTables(decisions=decisions, outcomes=outcomes), spine)
    assert (X["outcomes__channel__preferred__all"].to_numpy() == likes[::80]).mean() > 0.9
    most = X.filter(regex="count__90D__channel").idxmax(axis=1).str.endswith("email")
    assert most.mean() > 0.95


CORRECTED = """
    a no_answer 2026-06-10
    a accept 2026-06-08 2026-06-12
    b accept 2026-06-10
    b reject 2026-06-14
    c reject 2026-06-10
    c reject 2026-06-10"""


@pytest.mark.parametrize(
    ("as_of", "accepts", "rejects", "silent", "last"),
    [
        ("2026-06-10", 0, 0, 0, None),
        ("2026-06-11", 1, 1, 1, "reject"),
        ("2026-06-12", 1, 1, 1, "reject"),
        ("2026-06-12T00:00:01", 2, 1, 0, "reject"),
        ("2026-06-14", 2, 1, 0, "reject"),
        ("2026-06-15", 1, 2, 0, "reject"),
    ],
)
def test_a_corrected_answer_counts_from_when_it_was_known(as_of, accepts, rejects, silent, last):
    tables = _tables("a 2026-06-01 card x\nb 2026-06-01 card x\nc 2026-06-01 card x", CORRECTED)
    fitted = OfferHistoryFeatures().fit(tables, SPINE)
    row = fitted.build(tables, Spine.at(as_of, ["ann"])).loc[0]
    counts = [row[f"outcomes__count__all__outcome_{outcome}"] for outcome in ("accept", "reject", "no_answer")]
    assert counts == [accepts, rejects, silent]
    assert row["outcomes__outcome__latest__all"] == last if last else pd.isna(row["outcomes__outcome__latest__all"])


@pytest.mark.parametrize("seed", range(4))
def test_outcomes_are_those_of_a_ledger_read_at_the_moment(seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    X = _build(tables, spine)
    # Which of two answers of one moment was recorded last, only a ledger knows.
    outcomes = tables.outcomes.sort_values("outcome_at").drop_duplicates(["decision_id", "outcome_at"])
    tables = tables.replace(outcomes=outcomes)
    X = _build(tables, spine)
    for i, (customer, as_of) in enumerate(spine.frame.itertuples(index=False)):
        own = tables.decisions["customer_id"] == customer
        made = tables.decisions[own & (tables.decisions["offer_id"] != "no_offer")]
        found = resolve(made, outcomes, as_of, pd.Timedelta("9999D"))
        for outcome in ("accept", "reject", "no_answer"):
            assert X.loc[i, f"outcomes__count__all__outcome_{outcome}"] == (found["outcome"] == outcome).sum()
        made = made[made["decided_at"] < as_of]
        assert X.loc[i, "decisions__count__all"] == len(made)
        rate = found["reward"].sum() / len(made) if len(made) else np.nan
        np.testing.assert_equal(X.loc[i, "outcomes__acceptance_rate__all"], rate)


def test_an_outcome_counts_once_its_decision_is_known_too():
    tables = _tables("a 2026-06-20 card x", "a accept 2026-06-10")
    spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": ["2026-06-15", "2026-06-20", "2026-06-21"]}))
    assert _build(tables, spine)["outcomes__count__all__outcome_accept"].tolist() == [0, 0, 1]


def test_a_decision_that_stands_twice_is_the_one_that_was_known_first():
    tables = _tables("a 2026-06-01 card email", "a accept 2026-06-03")
    more = tables.decisions.assign(customer_id="bob", decided_at=pd.Timestamp("2026-06-02"))
    twice = tables.replace(decisions=pd.concat([more, tables.decisions]))
    assert _build(twice)["outcomes__count__all__outcome_accept"].tolist() == [1, 0]


def test_outcomes_of_unknown_decisions_and_of_no_offer_are_no_answers_to_contacts():
    tables = _tables("a 2026-06-01 no_offer x", "a accept 2026-06-03\nz accept 2026-06-03")
    assert _build(tables)["outcomes__count__all__outcome_accept"].tolist() == [0, 0]


def test_without_outcomes_catalog_or_channels():
    tables = CustomerTables(decisions=_tables(DECISIONS).decisions.drop(columns="channel"))
    row = _build(tables).loc[0]
    assert row["decisions__offer_id__latest__all"] == "card"
    assert not [name for name in row.index if name.startswith("outcomes")]
    bare = _tables(DECISIONS, OUTCOMES)
    fitted = OfferHistoryFeatures().fit(bare, SPINE)
    assert fitted.build(bare.replace(catalog=None), SPINE)["decisions__count__90D__category_pay"].tolist() == [0, 0]


def test_a_decision_may_state_the_category_itself():
    tables = _tables(DECISIONS)
    tables = tables.replace(decisions=tables.decisions.assign(category="own"))
    assert _build(tables)["decisions__category__latest__all"][0] == "own"


def test_all_time_may_be_one_of_the_windows():
    X = _build(_tables(DECISIONS, OUTCOMES), windows=["30D", "all"])
    assert X.columns.is_unique
    assert not [name for name in X if name.endswith("_2")]
    assert X["decisions__unanswered__all_before_14D"][0] == 1


def test_channels_that_would_share_a_name_are_told_apart():
    tables = _tables("a 2026-06-01 card a+b\nb 2026-06-02 card a_b\nc 2026-06-03 card a_b", "b accept 2026-06-05")
    tables = tables.replace(decisions=tables.decisions.assign(channel=["a b", "a_b", "a_b"]))
    assert _build(tables)["outcomes__channel__preferred__all"][0] == "a_b"


def test_arguments_that_are_not_allowed():
    with pytest.raises(InputError, match="answer_window"):
        _build(_tables(DECISIONS), answer_window="soon")
