"""What a data type is worth to who chooses offers by the model: planted effects, and the truth of a simulation."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

import nbo
from nbo.errors import InputError
from nbo.models import TimeSplit

KINDS = {"age": "demographic", "visits": "behavioral"}
OFFERS = np.array(["card", "loan", "fund"])
SPLIT = TimeSplit(test_share=0.4)


def _rates(age, visits, offer):
    """Age says how glad a customer is of any offer, visits which one: the card or the loan."""
    side = np.select([offer == "card", offer == "loan"], [1.0, -1.0], -0.5)
    return 1 / (1 + np.exp(1.0 - 1.2 * age - 1.5 * side * visits * (offer != "fund") + 0.5 * (offer == "fund")))


def _log(n=6000, seed=0, favored=0.5):
    """Simulated offers: one of three is favored, so a plain mean is not what a policy earns."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"age": rng.normal(size=n), "visits": rng.normal(size=n)})
    chance = np.array([(1 - favored) / 2, (1 - favored) / 2, favored])
    drawn = rng.choice(3, n, p=chance)
    X["offer_id"] = OFFERS[drawn]
    y = (rng.random(n) < _rates(X["age"].to_numpy(), X["visits"].to_numpy(), OFFERS[drawn])).astype(int)
    as_of = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n), unit="min")
    return X, y, pd.DataFrame({"customer_id": rng.integers(n // 2, size=n), "as_of": as_of}), chance[drawn]


def _with_products(X):
    """Cross each column with each offer, so that a linear model can choose by it."""
    offers = np.stack([(X["offer_id"] == offer).to_numpy(dtype=float) for offer in OFFERS], axis=1)
    numbers = X.drop(columns="offer_id").to_numpy(dtype=float)
    return np.hstack([offers, *(numbers[:, [i]] * offers for i in range(numbers.shape[1]))])


MODEL = make_pipeline(FunctionTransformer(_with_products), LogisticRegression())


def _values(frame):
    return frame[frame["metric"] == "policy_value"].set_index(frame.columns[0])


def test_only_what_tells_offers_apart_is_worth_something_to_who_chooses():
    X, y, spine, p = _log()
    worth = nbo.ablation(MODEL, X, y, KINDS, spine, action_probability=p, split=SPLIT, n_bootstrap=300)
    assert worth.metrics == ["auc", "log_loss", "policy_value"]
    auc = worth.gain[worth.gain["metric"] == "auc"].set_index("data_type")
    assert (auc["low"] > 0.03).all()
    gain = _values(worth.gain)
    assert gain.loc["behavioral", "low"] > 0.03
    assert abs(gain.loc["demographic", "value"]) < 0.01
    assert "behavioral data is worth +0." in worth.summary("policy_value")
    assert " policy value " in worth.summary("policy_value")
    assert worth.warnings == ()


def test_the_value_is_that_of_the_simulation():
    rng = np.random.default_rng(9)
    age, visits = rng.normal(size=(2, 200_000))
    by_offer = np.stack([_rates(age, visits, np.full(len(age), offer)) for offer in OFFERS])
    inside = []
    for seed in range(8):
        X, y, spine, p = _log(seed=seed, favored=0.6)
        worth = nbo.ablation(
            MODEL, X, y, KINDS, spine, action_probability=p, split=SPLIT, n_bootstrap=200, metrics="policy_value"
        )
        value = _values(worth.overall)
        # All data choose about the best for each; none make all the same offer.
        for data, truth in (("all", by_offer.max(axis=0).mean()), ("none", by_offer.mean(axis=1)[:2].mean())):
            inside.append(value.loc[data, "low"] - 0.005 <= truth <= value.loc[data, "high"] + 0.005)
    assert np.mean(inside) >= 0.8


def test_the_paired_bootstrap_is_that_of_a_plain_loop():
    X, y, spine, p = _log(n=1500)
    worth = nbo.ablation(
        MODEL, X, y, KINDS, spine, action_probability=p, split=SPLIT, n_bootstrap=100, metrics="policy_value"
    )
    ((train, test),) = SPLIT.split(spine["as_of"])
    seen = {"behavioral": ["visits", "offer_id"], "all": ["age", "visits", "offer_id"]}
    for data, names in seen.items():
        fitted = MODEL.fit(X[names].iloc[train], y[train])
        above = below = 0.0
        for row in test:
            asked = pd.concat([X[names].iloc[[row]].assign(offer_id=offer) for offer in OFFERS])
            chosen = OFFERS[fitted.predict_proba(asked)[:, 1].argmax()]
            if chosen == X["offer_id"][row]:
                above, below = above + y[row] / p[row], below + 1 / p[row]
        frame = worth.overall.rename(columns={"data": "data_type"}) if data == "all" else worth.alone
        assert _values(frame).loc[data, "value"] == pytest.approx(above / below)


def test_who_cannot_choose_makes_all_offers_alike():
    X, y, spine, p = _log(n=1500)
    blind = make_pipeline(
        make_column_transformer((OneHotEncoder(), [])), FunctionTransformer(lambda X: np.ones((len(X), 1)))
    )
    model = make_pipeline(blind, LogisticRegression())
    worth = nbo.ablation(model, X, y, KINDS, spine, action_probability=p, split=SPLIT, n_bootstrap=100)
    ((_, test),) = SPLIT.split(spine["as_of"])
    expected = np.sum(y[test] / p[test]) / np.sum(1 / p[test])
    assert _values(worth.overall)["value"].tolist() == pytest.approx([expected, expected])


def test_money_is_what_the_chosen_offers_bring():
    X, y, spine, p = _log()
    money = y * np.where(X["offer_id"] == "loan", 100.0, 20.0)
    model = make_pipeline(FunctionTransformer(_with_products), LinearRegression())
    worth = nbo.ablation(model, X, money, KINDS, spine, action_probability=p, split=SPLIT, n_bootstrap=100)
    assert worth.metrics == ["gini", "rmse", "policy_value"]
    value = _values(worth.overall)["value"]
    assert value["all"] > value["none"] > money.mean()


def test_labels_that_are_not_known_yet_leave_their_rows_out_and_models_of_offers_are_asked():
    X, y, spine, p = _log(n=900)
    known = np.sort(np.random.default_rng(0).permutation(900)[:700])
    model = nbo.PropensityModel(n_estimators=10)
    keywords = {"split": SPLIT, "n_bootstrap": 100}
    found = nbo.ablation(model, X, pd.Series(y)[known], KINDS, spine, action_probability=p, **keywords)
    some = X.loc[known].reset_index(drop=True)
    asked = nbo.ablation(model, some, y[known], KINDS, spine.loc[known], action_probability=p[known], **keywords)
    pd.testing.assert_frame_equal(found.without, asked.without)


def test_few_rows_that_agree_are_warned_of():
    X, y, spine, p = _log(n=300)
    worth = nbo.ablation(MODEL, X, y, KINDS, spine, action_probability=p, split=SPLIT, n_bootstrap=100)
    assert "a policy_value rests on what " in worth.warnings[-1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"action_probability": None, "metrics": "policy_value"}, "policy_value needs action_probability"),
        ({"action_probability": np.zeros(300)}, r"action_probability must be in \(0, 1\]"),
        ({"action_probability": np.ones(299)}, "action_probability must have 300 rows, as X; got"),
        ({"features": {**KINDS, "offer_id": "what we did"}}, "policy_value needs the column offer_id in X"),
    ],
)
def test_bad_input_gets_one_clear_error(changed, message):
    X, y, spine, p = _log(n=300)
    given = {"X": X, "y": y, "features": KINDS, "spine": spine, "action_probability": p, "split": SPLIT, **changed}
    with pytest.raises(InputError, match=message):
        nbo.ablation(MODEL, **given)
