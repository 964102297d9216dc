"""Lookalikes: planted ones are found, positive-unlabeled learning is sane, and no signal is told as none."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import LookalikeSegmenter
from nbo.segments.lookalikes.auc_interval import auc_interval
from nbo.segments.lookalikes.membership import Membership
from nbo.testing import check_segmenter


def world(n, seed, share=0.5):
    """Members are young customers of two towns who visit often; a share of them is known, by chance."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "visits": rng.poisson(5, n),
            "age": rng.integers(18, 80, n).astype(float),
            "town": rng.choice(list("ABCD"), n),
            **{f"noise_{number}": rng.normal(size=n) for number in range(8)},
        },
        index=[f"c{number:05d}" for number in range(n)],
    )
    X.loc[rng.random(n) < 0.05, "noise_1"] = np.nan
    member = ((X["age"] < 40) & X["town"].isin(["A", "B"]) & (X["visits"] > 4)).to_numpy()
    return X, member, member & (rng.random(n) < share)


def nothing(n, seed):
    X, _, _ = world(n, seed)
    return X, np.random.default_rng(seed + 1).random(n) < 0.1


def test_planted_lookalikes_are_recalled_far_more_often_than_by_chance():
    for seed in range(3):
        X, member, known = world(6000, seed=seed)
        fitted, hidden = LookalikeSegmenter().fit(X, known), member & ~known
        k = int(hidden.sum())
        first = np.argsort(-np.where(known, -1.0, fitted.score(X)), kind="stable")[:k]
        by_chance = k / (~known).sum()
        assert by_chance < 0.1
        assert hidden[first].sum() / k > 0.9
        # The list leaves out who is less alike than the last fifth of the members.
        found = fitted.matched(X, k, members=known)
        assert pd.Series(hidden, index=X.index)[found.index].mean() > 0.9
        assert len(found) > 0.7 * k


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_the_prevalence_of_members_of_whom_a_random_part_is_known_lies_in_the_interval(share):
    for seed in range(4):
        X, member, known = world(4000, seed=100 + seed, share=share)
        fitted = LookalikeSegmenter(n_trees=15).fit(X, known)
        estimate, low, high = fitted.prevalence_
        assert low <= member.mean() <= high
        assert low > known.mean() - 1e-9
        assert fitted.known_share_[1] <= known.sum() / member.sum() <= fitted.known_share_[2]
        assert fitted.score(X).mean() == pytest.approx(estimate, rel=0.15)


def test_scores_are_probabilities_of_being_a_member():
    X, _, known = world(8000, seed=7)
    fitted = LookalikeSegmenter().fit(X, known)
    X, member, _ = world(8000, seed=8)
    score = fitted.score(X)
    for low, high in ((0.0, 0.05), (0.05, 0.5), (0.5, 1.01)):
        inside = (score >= low) & (score < high)
        assert abs(member[inside].mean() - score[inside].mean()) < 0.12
    assert np.corrcoef(score, member)[0, 1] > 0.8


def test_where_all_members_are_known_scores_are_not_corrected():
    X, member, _ = world(4000, seed=3)
    fitted = LookalikeSegmenter(complete=True).fit(X, member)
    assert fitted.known_share_ == (1.0, 1.0, 1.0)
    assert fitted.prevalence_ == pytest.approx((member.mean(),) * 3)
    assert fitted.score(X).mean() == pytest.approx(member.mean(), rel=0.1)


def test_without_a_signal_scores_are_flat_and_the_object_says_so():
    told, runs = 0, 60
    for seed in range(runs):
        X, known = nothing(600, seed)
        fitted = LookalikeSegmenter(n_trees=6).fit(X, known)
        told += fitted.signal_
        if not fitted.signal_:
            assert fitted.auc_[1] <= 0.5
            assert fitted.score(X).tolist() == pytest.approx([known.mean()] * 600)
            assert set(fitted.predict(X)) == {"other"}
            assert fitted.why().startswith("Nothing in the profiles tells members from others: AUC 0.")
            assert len(fitted.matched(X, members=known)) == 0
    # One side of a 95 % interval, within 3 standard errors.
    assert told / runs <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / runs)


def test_what_defines_a_member_must_be_excluded(caplog):
    rng = np.random.default_rng(5)
    X, alike, _ = world(5000, seed=4)
    # Of those alike half have got to the top tier so far; their spend defines it.
    top = alike & (rng.random(5000) < 0.5)
    X["spend"] = np.where(top, rng.uniform(1000, 2000, 5000), rng.uniform(0, 900, 5000))
    n = int((alike & ~top).sum())
    with caplog.at_level(logging.WARNING):
        leaking = LookalikeSegmenter().fit(X, top)
    assert leaking.suspects_ == ["spend"]
    assert "spend tell members by themselves; exclude what defines a member" in caplog.text
    fitted = LookalikeSegmenter(exclude=["spend*"]).fit(X, top)
    assert fitted.suspects_ == []
    assert "spend" not in [*fitted.used_, *fitted.traits_["feature"]]
    of = pd.Series(alike, index=X.index)
    assert of[fitted.matched(X, n, members=top).index].mean() > 0.9
    blind = leaking.matched(X, n, members=top)
    assert of[blind.index].sum() < 0.5 * n
    other = X.assign(spend=rng.permutation(X["spend"]))
    assert (fitted.score(other) == fitted.score(X)).all()


def test_traits_are_those_planted():
    X, _, known = world(4000, seed=2)
    traits = LookalikeSegmenter().fit(X, known).traits_
    assert set(traits["feature"][:4]) == {"age", "town", "visits"}
    sure = traits[traits["p_adjusted"] < 0.05]
    assert set(sure["feature"]) == {"age", "town", "visits"}


def test_the_list_names_the_nearest_member_and_the_traits():
    X, _, known = world(2000, seed=6)
    fitted = LookalikeSegmenter().fit(X, known)
    found = fitted.matched(X, 20, members=known)
    assert found["score"].is_monotonic_decreasing
    assert set(found["segment"]) <= {"member_like", "alike"}
    assert not known[X.index.get_indexer(found.index)].any()
    assert known[X.index.get_indexer(found["nearest"])].all()
    assert found["distance"].between(0, 1).all()
    assert found["traits"].str.contains("age lower").all()
    order = np.random.default_rng(0).permutation(2000)
    shuffled = fitted.matched(X.iloc[order], 20, members=known[order])
    pd.testing.assert_frame_equal(shuffled[["score", "segment", "traits"]], found[["score", "segment", "traits"]])
    alone = fitted.matched(X, 5)
    assert alone["nearest"].isna().all()


def test_labels_scores_and_the_table_belong_together():
    X, _, known = world(3000, seed=9)
    fitted = LookalikeSegmenter().fit(X, known)
    labels, score = fitted.predict(X), fitted.score(X)
    assert score[labels == "member_like"].min() >= score[labels == "alike"].max() - 1e-12
    assert score[labels == "alike"].min() >= score[labels == "other"].max() - 1e-12
    table = fitted.describe().set_index("segment")
    assert table["n"].to_dict() == {name: int((labels == name).sum()) for name in table.index}
    assert table["members"].sum() == known.sum()
    assert table.loc["member_like", "probability"] == pytest.approx(score[labels == "member_like"].mean())


def test_it_owes_what_segmenters_owe_and_keeps_all_through_json():
    X, _, known = world(700, seed=3)
    check_segmenter(LookalikeSegmenter(n_trees=5), X.reset_index(drop=True), known.astype(float))
    fitted = LookalikeSegmenter(n_trees=5).fit(X, known)
    back = LookalikeSegmenter.from_dict(json.loads(json.dumps(fitted.to_dict(), allow_nan=False)))
    assert (back.score(X) == fitted.score(X)).all()
    assert (back.auc_, back.why()) == (fitted.auc_, fitted.why())
    pd.testing.assert_frame_equal(back.traits_, fitted.traits_)
    assert fitted.why().startswith("Profiles tell members from others: AUC 0.")


@pytest.mark.parametrize("known", [0, 5, 95, 100])
def test_with_too_few_of_either_there_is_no_signal(known):
    X, _, _ = world(100, seed=1)
    fitted = LookalikeSegmenter().fit(X, np.arange(100) < known)
    assert not fitted.signal_
    assert set(fitted.predict(X)) == {"other"}
    assert fitted.score(X).tolist() == [known / 100] * 100
    assert fitted.why().startswith("Too few")
    assert fitted.prevalence_ == (known / 100, known / 100, 1.0)
    assert json.loads(json.dumps(fitted.to_dict(), allow_nan=False))


def test_what_is_wrong_is_told():
    X, _, known = world(50, seed=1)
    with pytest.raises(InputError, match="fit needs `accepted`: who the known members are"):
        LookalikeSegmenter().fit(X)
    with pytest.raises(InputError, match="accepted must have one value for each of the 50 rows of X; got 2"):
        LookalikeSegmenter().fit(X, [1, 0])
    with pytest.raises(InputError, match=r"accepted must be in \[0, 1\]"):
        LookalikeSegmenter().fit(X, np.arange(50))
    with pytest.raises(InputError, match=r"exclude must name features of X; none is like 'spent\*'"):
        LookalikeSegmenter(exclude=["spent*"]).fit(X, known)
    with pytest.raises(InputError, match="n_trees must be 1 or more"):
        LookalikeSegmenter(n_trees=0).fit(X, known)
    with pytest.raises(InputError, match="n must be 1 or more"):
        LookalikeSegmenter().fit(X, known).matched(X, 0)


def test_the_area_and_its_error_by_a_plain_loop():
    rng = np.random.default_rng(0)
    scores, member = rng.normal(size=40).round(1), rng.random(40) < 0.4
    pairs = np.array([[float(a > b) + 0.5 * (a == b) for b in scores[~member]] for a in scores[member]])
    auc, low, high = auc_interval(scores, member, np.zeros(40), 0.95)
    assert auc == pytest.approx(pairs.mean())
    error = np.sqrt(pairs.mean(axis=1).var(ddof=1) / len(pairs) + pairs.mean(axis=0).var(ddof=1) / pairs.shape[1])
    assert (low, high) == pytest.approx((auc - 1.959964 * error, min(auc + 1.959964 * error, 1.0)))


def test_the_known_share_by_hand():
    # 100 sure members, 40 of them known, above 900 who are none.
    scores = np.r_[np.linspace(0.9, 1, 100), np.linspace(0, 0.5, 900)]
    member = np.zeros(1000, dtype=bool)
    member[:100] = np.arange(100) % 5 < 2
    found = Membership.of(scores, member, 1.0, False, 0.04, 0.95)
    assert found.c == pytest.approx(0.4, abs=0.05)
    assert found.c_low < 0.4 < found.c_high
    assert found.prevalence[0] == pytest.approx(0.04 / found.c)
    assert found.probability(np.array([0.05, 0.95])) == pytest.approx([0.0, 1.0], abs=0.1)
    # Each of the others stands for two: of 40 + 120 members 40 are known.
    weighted = Membership.of(scores, member, 2.0, False, 40 / 1960, 0.95)
    assert weighted.c == pytest.approx(0.25, abs=0.05)


def test_a_feature_known_of_two_customers_is_no_leak():
    rng = np.random.default_rng(0)
    X, _, known = world(600, seed=1)
    X["seldom"] = np.nan
    X.iloc[[np.flatnonzero(known)[0], np.flatnonzero(~known)[0]], X.columns.get_loc("seldom")] = [9.0, 1.0]
    X["noise"] = rng.normal(size=600)
    assert LookalikeSegmenter(n_trees=3).fit(X, known).suspects_ == []


def test_members_in_another_order_and_a_text_to_exclude_are_refused():
    X, _, known = world(600, seed=1)
    named = pd.Series(known, index=X.index)
    with pytest.raises(InputError, match="accepted must be in the order of the rows of X"):
        LookalikeSegmenter().fit(X, named[::-1])
    fitted = LookalikeSegmenter(n_trees=3).fit(X, named)
    with pytest.raises(InputError, match="members must be in the order of the rows of X"):
        fitted.matched(X, 5, members=named[::-1])
    with pytest.raises(InputError, match="exclude must be a list"):
        LookalikeSegmenter(exclude="visits").fit(X, known)


def test_endless_numbers_are_the_largest():
    X, _, known = world(600, seed=1)
    X["spend"] = np.where(np.arange(600) % 7 == 0, np.inf, np.arange(600.0))
    assert LookalikeSegmenter(n_trees=3).fit(X, known).signal_
