"""Who likes to be contacted how: planted preferences, consents, the offers behind a channel, and time."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from nbo.errors import InputError
from nbo.journeys import contact_preferences
from nbo.simulate import World
from nbo.tables import CustomerTables

AS_OF = pd.Timestamp("2026-01-01")
CHANNELS = np.array(["email", "phone", "sms"])


def planted(seed, customers=400, contacts=40, offers=("card",), offer_effect=(0.0,), chosen=None, tired=0.0):
    """Each customer likes one channel: its log-odds are 1.5 higher there."""
    rng = np.random.default_rng(seed)
    n = customers * contacts
    who = np.repeat(np.arange(customers), contacts)
    likes = rng.integers(0, 3, customers)
    offer = rng.integers(0, len(offers), n)
    channel = rng.integers(0, 3, n) if chosen is None else chosen(rng, offer)
    age = rng.uniform(15, 350, n)
    log_odds = -1.8 + rng.normal(0, 0.5, customers)[who] + 1.5 * (likes[who] == channel) + np.array(offer_effect)[offer]
    frame = pd.DataFrame({"who": who, "age": age}).sort_values(["who", "age"], ascending=[True, False])
    if tired:
        ago = frame["age"].to_numpy()
        owner = frame["who"].to_numpy()
        before = np.array(
            [
                ((owner[max(i - 60, 0) : i] == owner[i]) & (ago[max(i - 60, 0) : i] <= ago[i] + 30)).sum()
                for i in range(n)
            ]
        )
        log_odds = log_odds.copy()
        log_odds[frame.index] -= tired * before
    accepted = rng.random(n) < special.expit(log_odds)
    made = AS_OF - pd.to_timedelta(age, unit="D")
    ids = np.array([f"C{i:04d}" for i in range(customers)])
    decisions = pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "customer_id": ids[who],
            "decided_at": made,
            "offer_id": np.array(offers)[offer],
            "channel": CHANNELS[channel],
        }
    )
    outcomes = pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "outcome": np.where(accepted, "accept", "reject"),
            "outcome_at": made + pd.Timedelta("2D"),
        }
    )
    people = pd.DataFrame({"customer_id": ids})
    return CustomerTables(customers=people, decisions=decisions, outcomes=outcomes), likes, ids


def preferred(found, by="channel"):
    return found[found["preferred"]].set_index("customer_id")[by]


def test_planted_preferences_are_found_and_confidence_does_not_boast():
    tables, likes, ids = planted(0)
    found = contact_preferences(tables, AS_OF)
    assert len(found) == 3 * len(ids)
    sure = found[found["preferred"]].set_index("customer_id").loc[ids]
    right = sure["channel"].to_numpy() == CHANNELS[likes]
    assert right.mean() > 0.85
    # No surer than it is right, by thirds of confidence; a liking for one channel of three is no normal effect.
    for part in np.array_split(np.argsort(sure["confidence"].to_numpy()), 3):
        assert right[part].mean() > sure["confidence"].to_numpy()[part].mean() - 0.05


def test_a_channel_is_not_praised_for_the_offers_that_it_brought():
    def mostly(rng, offer):
        return np.where(rng.random(len(offer)) < 0.85, np.where(offer == 1, 1, 0), rng.integers(0, 3, len(offer)))

    tables, likes, ids = planted(1, offers=("bad", "good"), offer_effect=(-1.0, 1.5), chosen=mostly)
    plain = tables.get("decisions").merge(tables.get("outcomes"), on="decision_id")
    rates = plain.assign(yes=plain["outcome"] == "accept").pivot_table(
        index="customer_id", columns="channel", values="yes"
    )
    naive = rates.fillna(0).loc[ids, CHANNELS].to_numpy().argmax(axis=1)
    found = preferred(contact_preferences(tables, AS_OF)).loc[ids].to_numpy()
    liked = np.isin(likes, (0, 1))
    assert (naive == likes)[liked & (likes == 0)].mean() < 0.6
    assert (found == CHANNELS[likes])[liked & (likes == 0)].mean() > (naive == likes)[
        liked & (likes == 0)
    ].mean() + 0.15


def test_who_opted_out_prefers_nothing_and_no_channel_that_was_refused():
    tables, likes, ids = planted(2, customers=90)
    rng = np.random.default_rng(5)
    people = pd.DataFrame({"customer_id": ids})
    for channel in CHANNELS:
        people[f"consent_{channel}"] = pd.array(rng.choice([True, False, None], len(ids)), dtype="boolean")
    people.loc[:9, [f"consent_{channel}" for channel in CHANNELS]] = False
    tables = tables.replace(customers=people)
    for consent in ("given", "not refused"):
        found = contact_preferences(tables, AS_OF, consent=consent)
        stated = people.set_index("customer_id").stack(future_stack=True)
        yes = [stated[row.customer_id, f"consent_{row.channel}"] for row in found.itertuples()]
        may = np.array([(consent != "given") if pd.isna(one) else bool(one) for one in yes])
        assert (found["may_contact"].to_numpy() == may).all()
        assert not found.loc[~may, "preferred"].any()
        per = found.groupby("customer_id")
        assert (per["preferred"].sum() == per["may_contact"].any().astype(int)).all()
        by_day = contact_preferences(tables, AS_OF, by="daypart", consent=consent).groupby("customer_id")
        assert (by_day["preferred"].sum() == per["may_contact"].any().astype(int)).all()
    assert not found[found["customer_id"].isin(ids[:10])]["preferred"].any()


def test_a_channel_without_recorded_consent_is_left_where_refusals_are_asked_for():
    tables, *_ = planted(3, customers=20)
    people = tables.get("customers").assign(consent_email=False)
    for by in ("channel", "daypart", "frequency"):
        found = contact_preferences(tables.replace(customers=people), AS_OF, by=by)
        assert found.groupby("customer_id")["may_contact"].any().all()
        assert found.groupby("customer_id")["preferred"].sum().eq(1).all()
        assert not contact_preferences(tables.replace(customers=people), AS_OF, by=by, consent="given")[
            "may_contact"
        ].any()


def test_tables_may_be_a_folder(tmp_path):
    tables, *_ = planted(3, customers=20)
    tables.write(tmp_path)
    found = contact_preferences(tmp_path, AS_OF).astype({"customer_id": "str"})
    pd.testing.assert_frame_equal(found, contact_preferences(tables, AS_OF))
    with pytest.raises(TypeError, match="tables must be CustomerTables or a folder of Parquet; got DataFrame"):
        contact_preferences(tables.get("decisions"), AS_OF)


def test_what_came_later_or_was_known_later_changes_nothing():
    tables, _, ids = planted(3, customers=60)
    whole = contact_preferences(tables, "2025-10-01")
    cut = pd.Timestamp("2025-10-01")
    decisions, outcomes = tables.get("decisions"), tables.get("outcomes")
    past = tables.replace(
        decisions=decisions[decisions["decided_at"] < cut], outcomes=outcomes[outcomes["outcome_at"] < cut]
    )
    pd.testing.assert_frame_equal(whole, contact_preferences(past, "2025-10-01"))
    late = outcomes.assign(known_at=outcomes["outcome_at"].where(outcomes.index % 2 == 0, cut + pd.Timedelta("1D")))
    half = tables.replace(outcomes=late)
    known = tables.replace(outcomes=outcomes[outcomes.index % 2 == 0])
    pd.testing.assert_frame_equal(contact_preferences(half, "2025-10-01"), contact_preferences(known, "2025-10-01"))


def test_counts_are_those_of_a_plain_loop():
    tables, _, ids = planted(4, customers=12)
    decisions, outcomes = tables.get("decisions"), tables.get("outcomes").set_index("decision_id")["outcome"]
    for by, level in (("channel", lambda row, _: row.channel), ("frequency", lambda row, own: earlier(row, own))):
        found = contact_preferences(tables, AS_OF, ids[:5], by=by, window="90D").set_index(["customer_id", by])
        for customer in ids[:5]:
            own = decisions[decisions["customer_id"] == customer]
            counts, yes = {}, {}
            for row in own.itertuples():
                if AS_OF - pd.Timedelta("104D") <= row.decided_at < AS_OF - pd.Timedelta("14D"):
                    key = level(row, own)
                    counts[key] = counts.get(key, 0) + 1
                    yes[key] = yes.get(key, 0) + (outcomes[row.decision_id] == "accept")
            for key in found.loc[customer].index:
                assert found.loc[(customer, key), "contacts"] == counts.get(key, 0)
                assert found.loc[(customer, key), "accepted"] == yes.get(key, 0)


def earlier(row, own):
    before = own[(own["decided_at"] < row.decided_at) & (own["decided_at"] >= row.decided_at - pd.Timedelta("30D"))]
    return ["0", "1", "2", "3", "4 or more"][min(len(before), 4)]


def test_who_tires_is_asked_less_often():
    rested, *_ = planted(6, customers=300, contacts=40)
    tired, *_ = planted(6, customers=300, contacts=40, tired=0.6)
    often = {
        name: contact_preferences(tables, AS_OF, by="frequency")
        for name, tables in {"rested": rested, "tired": tired}.items()
    }
    pace = {name: preferred(found, "frequency").str[0].astype(int).mean() for name, found in often.items()}
    assert pace["rested"] > 3.5
    assert pace["tired"] < 2.0
    rates = often["tired"].groupby("frequency")["rate"].mean()
    assert (np.diff(rates.loc[["0", "1", "2", "3", "4 or more"]]) < 0).all()


def test_channels_that_are_alike_in_the_simulated_world_look_more_alike_than_their_plain_rates():
    world = World(customers=3000, days=240, seed=3)
    found = contact_preferences(world.tables, "2025-08-01")
    rates = found.groupby("channel")["rate"].apply(lambda rate: np.log(rate).mean())
    sums = found.groupby("channel")[["contacts", "accepted"]].sum()
    customers, k = found["customer_id"].unique(), len(world.truth.offer_ids)
    truth = [
        np.log(np.maximum(world.truth.acceptance(customers, "2025-08-01", np.full((len(customers), k), channel)), 1e-9))
        for channel in rates.index
    ]
    assert np.ptp([values.mean() for values in truth]) < 0.1
    assert np.ptp(rates) < 0.8 * np.ptp(np.log(sums["accepted"] / sums["contacts"]))


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"by": "weather"}, "by must be one of 'channel', 'daypart', 'weekpart', 'frequency'"),
        ({"window": "soon"}, "window must be"),
        ({"answer_window": "-3D"}, "answer_window must be"),
        ({"consent": "maybe"}, "consent must be one of 'given', 'not refused'"),
        ({"customers": ["C0001", "nobody"]}, "customers must be known before as_of; 1 are not, the first is 'nobody'"),
        ({"customers": "C0001"}, "customers must be a sequence of ids; got 'C0001'"),
        ({"customers": 1}, "customers must be a sequence of ids; got 1"),
        ({"as_of": "2020-01-01"}, "decisions must hold contacts with a channel"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_sentence(changed, match):
    tables, *_ = planted(7, customers=4)
    with pytest.raises(InputError, match=match):
        contact_preferences(tables, **{"as_of": AS_OF, **changed})


def test_a_table_without_the_column_is_named():
    tables, *_ = planted(8, customers=4)
    with pytest.raises(InputError, match="decisions must have the column 'channel'"):
        contact_preferences(tables.replace(decisions=tables.get("decisions").drop(columns="channel")), AS_OF)
