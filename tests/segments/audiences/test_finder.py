"""Audiences: planted ones are found, and where there are none none is, however often one looks."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import AudienceFinder, find_audiences

OFFERS = ["x", "y", "z"]


def _features(rng, n):
    age, town = rng.integers(18, 80, n), rng.choice(["A", "B", "C", "D"], n)
    return pd.DataFrame({"age": age, "town": town, "web": rng.random(n) < 0.3, "score": rng.normal(size=n)})


def _answers(rng, X, rates, probabilities=None):
    """Draw an offer for each row from `probabilities`, and accept it by `rates`; simulated."""
    n = len(X)
    probabilities = np.full((n, 3), 1 / 3) if probabilities is None else probabilities
    offer = (probabilities.cumsum(axis=1) <= rng.random(n)[:, None]).sum(axis=1).clip(0, 2)
    rows = np.arange(n)
    return pd.DataFrame(
        {
            "customer_id": rows,
            "offer_id": np.array(OFFERS)[offer],
            "action_probability": probabilities[rows, offer],
            "reward": (rng.random(n) < rates[rows, offer]).astype(float),
            "decided_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rows // 100, unit="h"),
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_pair_is_found_with_its_rule_and_its_lift(seed):
    rng = np.random.default_rng(seed)
    X = _features(rng, 24_000)
    inside = ((X["age"] <= 48) & (X["town"] == "B")).to_numpy()
    rates = np.full((len(X), 3), 0.04)
    rates[inside, 1] = 0.2
    found = find_audiences(X, _answers(rng, X, rates))
    assert found.frame["offer_id"].tolist() == ["y"]
    row = found.frame.iloc[0]
    assert "town is B" in row["rule"]
    # Nearly all are in it, and few others.
    here = found.subgroups[0].holds(X)
    assert (here & inside).sum() > 0.9 * inside.sum()
    assert (here & inside).sum() > 0.9 * here.sum()
    assert row["found_after"] <= 14_400
    assert row["found_at"] == pd.Timestamp("2026-01-01") + pd.Timedelta(hours=row["found_after"] // 100 - 1)
    assert row["stable"]
    assert found.by_period["n"].sum() == row["n"]


def test_the_measured_lift_is_that_of_new_customers():
    # Of 40 worlds in which something weak was found, the intervals hold the lift of a large new sample.
    held, worlds = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = _features(rng, 6000)
        rates = np.where(X["web"].to_numpy()[:, None], [0.18, 0.06, 0.06], [0.08, 0.06, 0.06])
        frame = find_audiences(X, _answers(rng, X, rates), max_depth=1, looks=2).frame
        row = frame[(frame["offer_id"] == "x") & frame["rule"].isin(["web is true"])]
        if len(row):
            worlds += 1
            truth = 0.18 / (0.3 * 0.18 + 0.7 * 0.08)
            held += bool((row["low"] <= truth).all() and (truth <= row["high"]).all())
    assert worlds >= 20
    assert abs(held / worlds - 0.95) < 4 * np.sqrt(0.95 * 0.05 / worlds)


def _alarm(X, feedback, looks, alpha):
    finder = AudienceFinder(alpha=alpha, min_customers=1, min_accepted=1).prepare(X)
    for part in np.array_split(np.arange(len(X)), looks):
        if len(finder.update(X.iloc[part], feedback.iloc[part]).audiences()):
            return True
    return False


def test_whom_a_policy_serves_does_not_fake_a_rule():
    # "x" goes to web customers of town A and to others elsewhere; web and only web matters, not the town.
    rng = np.random.default_rng(0)
    X = _features(rng, 30_000)
    web, town = X["web"].to_numpy(), (X["town"] == "A").to_numpy()
    often = np.where(web == town, 0.8, 0.1)
    probabilities = np.column_stack([often, (1 - often) / 2, (1 - often) / 2])
    rates = np.where(web[:, None], [0.3, 0.1, 0.1], [0.1, 0.1, 0.1])
    feedback = _answers(rng, X, rates, probabilities)
    assert find_audiences(X, feedback, max_depth=1).frame["rule"].tolist() == ["web is true"]
    # Without the probabilities the town looks good: those served there are the web customers.
    naive = feedback.drop(columns="action_probability")
    served = naive[(naive["offer_id"] == "x") & town].index
    assert naive.loc[served, "reward"].mean() > 1.5 * naive.loc[naive["offer_id"] == "x", "reward"].mean()


def test_rates_that_drift_fake_nothing():
    # The offer is accepted ever more, while ever more of those who get it are from town A.
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = _features(rng, 3000)
        time = np.arange(3000) / 3000
        X["town"] = np.where(rng.random(3000) < time, "A", "B")
        alarms += _alarm(X, _answers(rng, X, np.tile(0.02 + 0.28 * time[:, None], (1, 3))), looks=2, alpha=0.1)
    assert alarms <= 2 + 4 * np.sqrt(20 * 0.1 * 0.9)


def test_repeats_second_answers_and_batches_change_nothing():
    rng = np.random.default_rng(3)
    X = _features(rng, 9000)
    rates = np.where(X["web"].to_numpy()[:, None], [0.3, 0.1, 0.1], [0.1, 0.1, 0.1])
    feedback = _answers(rng, X, rates)
    whole = AudienceFinder().prepare(X).update(X, feedback).audiences()
    parted = AudienceFinder().prepare(X)
    for part in np.array_split(np.arange(len(X)), 9):
        shuffled = rng.permutation(part)
        parted.update(X.iloc[shuffled], feedback.iloc[shuffled])
        late = feedback.iloc[part].assign(reward=1.0, decided_at=pd.Timestamp("2027-01-01"))
        parted.update(X.iloc[part], late)
    pd.testing.assert_frame_equal(
        parted.audiences().frame.drop(columns=["found_at", "found_after"]),
        whole.frame.drop(columns=["found_at", "found_after"]),
    )
    assert len(whole) >= 1


def test_pending_rows_and_no_offer_do_not_count():
    rng = np.random.default_rng(4)
    X = _features(rng, 4000)
    feedback = _answers(rng, X, np.where(X["web"].to_numpy()[:, None], 0.4, 0.1) * np.ones(3)).assign(outcome="reject")
    waiting = feedback.assign(outcome="pending", reward=np.nan)
    nothing = feedback.assign(offer_id="no_offer")
    first = AudienceFinder().prepare(X).update(X, waiting).update(X, nothing)
    assert first.audiences().looked_at == {}
    later = first.update(X, feedback).audiences()
    assert later.frame["rule"].tolist() == AudienceFinder().update(X, feedback).audiences().frame["rule"].tolist()


@pytest.mark.parametrize("rows", [0, 1, 30])
@pytest.mark.parametrize("reward", [0.0, 1.0])
def test_few_rows_and_one_class_find_nothing(rows, reward):
    X = _features(np.random.default_rng(0), rows)
    feedback = pd.DataFrame({"offer_id": pd.Series(["x"] * rows, dtype="str"), "reward": np.full(rows, reward)})
    found = find_audiences(X, feedback, offers=["x"])
    assert len(found) == 0
    assert list(found.frame)[:2] == ["offer_id", "rule"]
    assert found.looked_at == {"x": (rows, rows * reward)}


def test_missing_values_and_new_categories_are_taken():
    rng = np.random.default_rng(5)
    X = _features(rng, 6000)
    X.loc[rng.random(6000) < 0.2, "score"] = np.nan
    X.loc[rng.random(6000) < 0.2, "town"] = None
    rates = np.where(X["score"].isna().to_numpy()[:, None], [0.5, 0.1, 0.1], [0.1, 0.1, 0.1])
    feedback = _answers(rng, X, rates)
    finder = AudienceFinder().prepare(X.iloc[:3000]).update(X, feedback)
    new = X.assign(town="Z")
    finder.update(new, feedback.assign(customer_id=feedback["customer_id"] + 6000))
    assert finder.audiences().frame["rule"].tolist() == ["score is missing"]
    without_features = find_audiences(X[[]], feedback)
    assert len(without_features) == 0


BAD = pd.DataFrame({"offer_id": ["x", "y"], "reward": [1.0, 0.0]})
GOOD = pd.DataFrame({"age": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("X", "feedback", "message"),
    [
        (GOOD, BAD.drop(columns="reward"), "feedback lacks the column 'reward'"),
        (GOOD[:1], BAD, "X must have one row for each of the 2 rows of feedback; got 1"),
        (GOOD, BAD.assign(reward=[0.5, 2.0]), r"feedback.reward must be in \[0, 1\]; 1 of 2 rows is not"),
        (GOOD, BAD.assign(reward=[0.5, np.nan]), r"feedback.reward must be in \[0, 1\]; 1 of 2 rows is not"),
        (GOOD, BAD.assign(offer_id=[["x"], "y"]), "feedback.offer_id must be texts or whole numbers"),
        (GOOD, BAD.assign(offer_id=[None, "y"]), "feedback.offer_id must be there in every row"),
        (GOOD, BAD.assign(customer_id=[{}, 1]), "feedback.customer_id must be texts or whole numbers"),
        (GOOD, BAD.assign(action_probability=[0.0, 1.0]), r"action_probability must be in \(0, 1\]"),
        (GOOD, BAD.assign(decided_at=["2026-01-01", "soon"]), "feedback.decided_at must be times"),
        (pd.DataFrame({"age": [[1], [2]]}), BAD, "X.age must be numbers, flags or texts"),
        (GOOD.rename(columns={"age": 1}).assign(age=pd.Timestamp("2026-01-01")), BAD, "X.age must hold numbers"),
    ],
)
def test_bad_input_is_refused_with_one_clear_error(X, feedback, message):
    with pytest.raises(InputError, match=message):
        find_audiences(X, feedback)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 0}, r"alpha must be in \(0, 1\)"),
        ({"min_customers": 0}, "min_customers must be 1 or more"),
        ({"min_accepted": 1.5}, "min_accepted must be 1 or more"),
        ({"max_depth": 3}, "max_depth must be one of 1, 2"),
        ({"cuts": 0}, "cuts must be 1 or more"),
        ({"held_out": 1.0}, r"held_out must be in \(0, 1\)"),
        ({"offers": "card"}, "offers must be texts that differ"),
        ({"offers": [["card"]]}, "offers must be texts that differ"),
        ({"looks": 0}, "looks must be 1 or more"),
    ],
)
def test_bad_settings_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        find_audiences(GOOD, BAD, **given)


def test_candidates_are_fixed_once():
    finder = AudienceFinder().prepare(GOOD)
    with pytest.raises(InputError, match="the candidates are fixed already"):
        finder.prepare(GOOD)
    with pytest.raises(InputError, match="X must have rows"):
        AudienceFinder().prepare(GOOD[:0])
    with pytest.raises(InputError, match="X lacks the column 'age'"):
        finder.update(GOOD.rename(columns={"age": "years"}), BAD)
