import numpy as np
import pandas as pd
import pytest

from nbo import columns as c
from nbo.errors import InputError


@pytest.fixture(scope="module")
def decisions(world):
    return world.tables.decisions


def test_logged_outcomes_are_the_answers_with_the_salt_history(world, decisions):
    again = world.answer(decisions, salt="history")
    pd.testing.assert_frame_equal(again, world.tables.outcomes)


def test_an_answer_depends_on_its_own_decision_only(world, decisions):
    whole = world.answer(decisions).set_index(c.DECISION_ID)
    part = decisions.sample(500, random_state=0)
    own = world.answer(part).set_index(c.DECISION_ID)
    pd.testing.assert_frame_equal(own, whole.loc[own.index])
    assert set(own.index) == set(whole.index) & set(part[c.DECISION_ID])


def test_another_salt_gives_other_answers(world, decisions):
    one, other = (world.answer(decisions, salt=salt) for salt in ("a", "b"))
    assert not one.equals(other)


def test_answers_come_as_often_as_the_truth_says(world, decisions):
    n = len(decisions)
    offers = decisions[c.OFFER_ID].map(world.truth.offer_ids.index).to_numpy()
    chance = world.truth.acceptance(decisions[c.CUSTOMER_ID], decisions[c.DECIDED_AT])[np.arange(n), offers]
    for salt in ("one", "two"):
        answers = world.answer(decisions, salt=salt)
        accepted = (answers[c.OUTCOME] == c.ACCEPT).sum()
        assert abs(accepted - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())
        assert set(answers[c.OUTCOME]) == {c.ACCEPT, c.REJECT}
        assert 0.3 < len(answers) / n < 0.7


def test_answers_take_hours_to_days(world, decisions):
    answers = world.answer(decisions)
    decided = decisions.set_index(c.DECISION_ID)[c.DECIDED_AT]
    delay = answers[c.OUTCOME_AT] - answers[c.DECISION_ID].map(decided)
    assert delay.min() >= pd.Timedelta("60s")
    assert delay.max() <= pd.Timedelta("14D")
    assert pd.Timedelta("5h") < delay.median() < pd.Timedelta("20h")
    assert 0.97 < (delay < pd.Timedelta("7D")).mean() < 1


def test_no_offer_gets_no_answer(world, decisions):
    silent = decisions.head(50).assign(offer_id=c.NO_OFFER, channel=np.nan)
    assert world.answer(silent).empty
    assert world.answer(decisions.head(0)).empty
    mixed = pd.concat([silent.head(10), decisions.iloc[50:200]])
    pd.testing.assert_frame_equal(world.answer(mixed), world.answer(decisions.iloc[50:200]))


def test_a_missing_channel_is_the_first_with_consent(world, decisions):
    whole = world.answer(decisions)
    pd.testing.assert_frame_equal(world.answer(decisions.drop(columns=c.CHANNEL)), whole)
    some = decisions[c.CHANNEL].where(np.arange(len(decisions)) % 2 == 0)
    pd.testing.assert_frame_equal(world.answer(decisions.assign(channel=some)), whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"customer_id": "C9999999"}, "decisions.customer_id must be customers of this world"),
        ({"offer_id": "moon_trip"}, r"decisions.offer_id must be one of .*no_offer; 3 of 3 rows are not"),
        ({"channel": "pigeon"}, "decisions.channel must be one of email, sms, app, phone"),
        ({"decided_at": "2031-01-01"}, "as_of must be within the world, from 2025-01-01"),
        ({"decision_id": None}, "decisions.decision_id must be there in every row"),
    ],
)
def test_what_the_world_does_not_know_is_refused(world, decisions, change, message):
    with pytest.raises(InputError, match=message):
        world.answer(decisions.head(3).assign(**change))


def test_a_missing_column_is_named(world, decisions):
    with pytest.raises(InputError, match="decisions lacks the column 'decided_at'"):
        world.answer(decisions.drop(columns=c.DECIDED_AT))
