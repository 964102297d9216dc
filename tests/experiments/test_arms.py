"""The same customer has the same arm, always; shares are met; raised shares keep who is in."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.errors import InputError
from nbo.experiments import ARMS, IMPACT_ARMS, OUTSIDE, Arms, exclusive_layer, four_arms, impact_arms
from nbo.rng import uniform_by_key

N = 40_000
IDS = np.arange(N)
SPRING = Arms("spring", {"holdout": 0.05, "control": 0.15}, rest="agent")


def shares_of(found):
    return pd.Series(found).value_counts(normalize=True).to_dict()


def test_arms_are_the_intervals_of_the_hash():
    # By name: control's lane is [0, 0.75), holdout's begins there; each takes its share from where its lane begins.
    uniform = uniform_by_key(IDS[:300], "arms/spring")
    expected = ["control" if u < 0.15 else "holdout" if 0.75 <= u < 0.8 else "agent" for u in uniform]
    assert SPRING.assign(IDS[:300]).tolist() == expected


def test_arms_never_change_between_versions():
    # Golden: whoever is in a running experiment stays where they are after an upgrade.
    found = Arms("golden", {"a": 0.3, "b": 0.3}, rest="c").assign([*range(12), "ann", "bob"])
    assert "".join(found) == "ababcacaaabcba"
    layered = Arms("golden", {"a": 0.5}, rest="c", layer="layer", within=(0.2, 0.8)).assign(range(12))
    assert "".join(arm[0] for arm in layered) == "ocaccaoaaaco"
    balanced = Arms("golden", {"a": 0.3, "b": 0.3}, rest="c").assign_balanced(range(12), households=[1, 1, *range(10)])
    assert "".join(balanced) == "bbcbaaccbcab"


def test_shares_are_met():
    found = shares_of(SPRING.assign(IDS))
    for arm, share in {"holdout": 0.05, "control": 0.15, "agent": 0.8}.items():
        assert found[arm] == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / N))


def test_order_partition_and_type_of_the_ids_change_nothing():
    whole = SPRING.assign(IDS)
    shuffled = np.random.default_rng(1).permutation(N)
    assert (SPRING.assign(IDS[shuffled]) == whole[shuffled]).all()
    parts = [SPRING.assign(IDS[start::16]) for start in range(16)]
    assert all((part == whole[start::16]).all() for start, part in enumerate(parts))
    for same in (IDS.astype(str), pd.Series(IDS).astype("float64"), pd.Series(IDS, dtype="int32[pyarrow]")):
        assert (SPRING.assign(same) == whole).all()
    assert (SPRING.assign(["7"]) == whole[7]).all()


def test_the_order_of_the_arms_changes_nothing():
    other = Arms("spring", {"control": 0.15, "holdout": 0.05}, rest="agent")
    assert (other.assign(IDS) == SPRING.assign(IDS)).all()


def test_experiments_are_independent():
    a = Arms("a", {"new": 0.5}).assign(IDS) == "new"
    b = Arms("b", {"new": 0.5}).assign(IDS) == "new"
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0, abs=4 / np.sqrt(N))


def test_shares_that_fill_everything_leave_nobody_out():
    arms = Arms("ten", {f"arm {i}": 0.1 for i in range(10)})
    assert OUTSIDE not in shares_of(arms.assign(IDS))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 0.25), min_size=2, max_size=4), st.lists(st.floats(1, 4), min_size=4, max_size=4))
def test_raised_shares_keep_who_is_in(shares, factors):
    names = [f"arm {i}" for i in range(len(shares))]
    room = 1 / len(shares)
    arms = Arms("ramp", dict(zip(names, shares, strict=True)), ceilings=dict.fromkeys(names, room))
    more = {n: min(s * f, room) for n, s, f in zip(names, shares, factors, strict=False)}
    before, after = arms.assign(IDS[:2000]), arms.ramp(more).assign(IDS[:2000])
    kept = before != OUTSIDE
    assert (after[kept] == before[kept]).all()


def test_proportional_ramps_need_no_ceilings():
    small, large = Arms("x", {"a": 0.01, "b": 0.03}), Arms("x", {"a": 0.25, "b": 0.75})
    before, after = small.assign(IDS), large.assign(IDS)
    kept = before != OUTSIDE
    assert kept.sum() > 1000
    assert (after[kept] == before[kept]).all()


def test_a_household_has_one_arm_and_who_is_alone_their_own():
    households = np.where(IDS % 4 == 0, np.nan, IDS // 4)
    found = SPRING.assign(IDS, households=households)
    frame = pd.DataFrame({"household": households, "arm": found})
    assert (frame.groupby("household")["arm"].nunique() == 1).all()
    alone = np.isnan(households)
    assert (found[alone] == SPRING.assign(IDS[alone])).all()
    assert shares_of(found)["control"] == pytest.approx(0.15, abs=4 * np.sqrt(0.15 * 0.85 * 3 / N))


def test_a_segment_may_have_shares_of_its_own():
    arms = Arms("x", {"holdout": 0.1}, rest="agent", by_segment={"gold": {"holdout": 0.02}})
    segments = np.where(IDS % 2 == 0, "gold", "silver")
    found = arms.assign(IDS, segments) == "holdout"
    plain = Arms("x", {"holdout": 0.1}, rest="agent").assign(IDS) == "holdout"
    assert (found[1::2] == plain[1::2]).all()
    assert plain[::2][found[::2]].all()  # a smaller part of the same customers
    assert found[::2].mean() == pytest.approx(0.02, abs=4 * np.sqrt(0.02 * 0.98 / (N / 2)))
    with pytest.raises(InputError, match="segments must be given, for the shares of 'x' differ by segment"):
        arms.assign(IDS)


def test_a_ramp_reaches_segments_whose_share_is_not_their_own():
    arms = Arms("x", {"a": 0.1, "b": 0.1}, ceilings={"a": 0.5, "b": 0.5}, by_segment={"gold": {"b": 0.05}})
    found = arms.ramp({"a": 0.4, "b": 0.4}).assign(IDS, np.full(N, "gold"))
    assert shares_of(found)["a"] == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / N))
    assert shares_of(found)["b"] == pytest.approx(0.05, abs=4 * np.sqrt(0.05 / N))


def test_segments_change_nothing_where_shares_do_not_differ():
    assert (SPRING.assign(IDS, np.full(N, "gold")) == SPRING.assign(IDS)).all()


def test_balanced_counts_are_exact():
    arms = Arms("x", {"a": 0.25, "b": 0.5})
    segments = np.repeat(["large", "small", "one"], [1000, 7, 1])
    found = pd.DataFrame({"segment": segments, "arm": arms.assign_balanced(np.arange(1008), segments)})
    counts = found.value_counts().to_dict()
    assert [counts["large", arm] for arm in ("a", "b", OUTSIDE)] == [250, 500, 250]
    assert counts["small", "a"] in (1, 2)  # 1.75
    assert counts["small", "b"] in (3, 4)  # 3.5


def test_small_balanced_strata_are_fair():
    arms = Arms("x", {"a": 0.3}, rest="b")
    found = arms.assign_balanced(IDS, segments=IDS) == "a"  # each customer a stratum
    assert found.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / N))
    by_place = found[:30_000].reshape(-1, 3)
    pairs = arms.assign_balanced(IDS[:30_000], segments=IDS[:30_000] // 3) == "a"
    assert set(pairs.reshape(-1, 3).sum(axis=1)) <= {0, 1}  # 0.9
    assert pairs.reshape(-1, 3).mean(axis=0) == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / len(by_place)))


def test_balanced_order_changes_nothing_and_a_ramp_keeps_who_is_in():
    arms = Arms("x", {"a": 0.1, "b": 0.1}, ceilings={"a": 0.5, "b": 0.5})
    segments = (IDS % 3).astype(str)
    found = arms.assign_balanced(IDS, segments)
    shuffled = np.random.default_rng(2).permutation(N)
    assert (arms.assign_balanced(IDS[shuffled], segments[shuffled]) == found[shuffled]).all()
    more = arms.ramp({"a": 0.4}).assign_balanced(IDS, segments)
    assert (more[found != OUTSIDE] == found[found != OUTSIDE]).all()


def test_balanced_households_count_once():
    households = IDS[:4000] // 4
    found = Arms("x", {"a": 0.5}).assign_balanced(IDS[:4000], households=households) == "a"
    assert found.sum() == 2000
    with pytest.raises(InputError, match="'household/0' is in '0' and '1'"):
        Arms("x", {"a": 0.5}).assign_balanced(IDS[:8], segments=[0, 1] * 4, households=households[:8])


def test_experiments_of_a_layer_share_no_customer():
    first, second = exclusive_layer("mails", [Arms("a", {"new": 0.5}, rest="old"), Arms("b", {"x": 1.0})], [0.3, 0.2])
    a, b = first.assign(IDS), second.assign(IDS)
    assert not ((a != OUTSIDE) & (b != OUTSIDE)).any()
    assert (a != OUTSIDE).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / N))
    assert (a[a != OUTSIDE] == "new").mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / (0.3 * N)))
    # One more experiment changes nothing for the first two.
    again = exclusive_layer("mails", [first, second, Arms("c", {"x": 1.0})], [0.3, 0.2, 0.5])
    assert again[:2] == [first, second]
    other = exclusive_layer("calls", [Arms("d", {"x": 1.0})], [0.3])[0].assign(IDS) == "x"
    assert (other & (a != OUTSIDE)).mean() == pytest.approx(0.09, abs=4 * np.sqrt(0.09 * 0.91 / N))


def test_balanced_counts_hold_within_a_layer():
    first = exclusive_layer("mails", [Arms("a", {"new": 0.5}, rest="old")], [0.3])[0]
    found = first.assign_balanced(IDS)
    counts = pd.Series(found).value_counts()
    assert abs(counts["new"] - counts["old"]) <= 1
    assert ((found == OUTSIDE) == (first.assign(IDS) == OUTSIDE)).all()


@pytest.mark.parametrize("ids", [[], ["ann"]])
def test_few_customers(ids):
    assert len(SPRING.assign(ids)) == len(SPRING.assign_balanced(ids)) == len(ids)


def test_json_brings_the_same_arms_back():
    arms = Arms("x", {"b": 0.1, "a": 0.2}, "agent", {"a": 0.5}, {"gold": {"a": 0.3}}, "layer", (0.1, 0.9))
    text = json.dumps(arms.to_dict(), sort_keys=True)
    again = Arms.from_dict(json.loads(text))
    assert again == arms
    segments = np.where(IDS % 2 == 0, "gold", "silver")
    assert (again.assign(IDS, segments) == arms.assign(IDS, segments)).all()
    with pytest.raises(InputError, match="incomplete or altered: 'shares' must be a dict"):
        Arms.from_dict({**arms.to_dict(), "shares": None})


def test_presets_name_the_arms():
    assert set(four_arms("p").table()["arm"]) == set(ARMS)
    assert set(impact_arms("p").table()["arm"]) == set(IMPACT_ARMS)
    assert impact_arms("p").table()["share"].sum() == pytest.approx(1)
    assert "business_as_usual" in four_arms("p")._repr_html_()


def test_a_callers_mapping_is_copied():
    shares = {"a": 0.5}
    arms = Arms("x", shares)
    shares["a"] = 0.9
    assert arms.shares == {"a": 0.5}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Arms("", {"a": 0.5}), "name must be a text that is not empty; got ''"),
        (lambda: Arms("x", {}), "shares must be a mapping such as"),
        (lambda: Arms("x", {"a": 1.2}), r"shares\['a'\] must be in \[0, 1\]; got 1.2"),
        (lambda: Arms("x", {"a": 0.7, "b": 0.4}), "shares must be at most 1 together; got 1.1: a 0.7, b 0.4"),
        (lambda: Arms("x", {"a": 0.5}, rest="a"), "rest must be an arm that has no share"),
        (lambda: Arms("x", {"a": 0.5}, ceilings={"a": 0.4}), "share of 'a' must be at most its ceiling 0.4; got 0.5"),
        (lambda: Arms("x", {"a": 0.5}, ceilings={"b": 0.4}), "arms must be one of 'a'; got 'b'"),
        (lambda: Arms("x", {"a": 0.5}, within=(0, 0.5)), "Name a layer"),
        (lambda: Arms("x", {"a": 0.5}, layer=""), "layer must be a text that is not empty"),
        (lambda: Arms("x", {"a": 0.5}, by_segment=["gold"]), "by_segment must be a mapping of segments to shares"),
        (lambda: Arms("x", {"a": 0.5}, by_segment={"gold": {"c": 0.5}}), "arms must be one of 'a'; got 'c'"),
        (lambda: SPRING.assign("ann"), "customer_ids must have one dimension, such as a column; got 0"),
        (
            lambda: SPRING.assign(pd.DataFrame({"a": [1]})),
            "customer_ids must have one dimension, such as a column; got 2",
        ),
        (lambda: Arms("x", {"a": 0.5}, layer="l", within=(0.5, 0.5)), "within must rise"),
        (lambda: Arms("x", {"a": 0.5}, layer="l", within=0.5), "within must be two numbers"),
        (lambda: Arms("x", {"a": 0.2, "b": 0.2}).ramp({"a": 0.6}), "at most its ceiling 0.5; got 0.6"),
        (lambda: Arms("x", {"a": 0.2}).ramp({"c": 0.6}), "shares must be of the arms 'a'; got 'c'"),
        (lambda: SPRING.assign([1, None]), "customer_ids must be there in every row; 1 of 2 rows is not"),
        (lambda: SPRING.assign([1.5]), "customer_ids must be texts or whole numbers"),
        (lambda: SPRING.assign([1, 2], households=[1]), "households must be one for each of 2 customers; got 1"),
        (lambda: SPRING.assign_balanced([1, 2], segments=["a"]), "segments must be one for each of 2 customers"),
        (lambda: exclusive_layer("l", [SPRING, SPRING], [0.5, 0.5]), "experiments must have different names"),
        (lambda: exclusive_layer("l", [SPRING], [0]), "shares must be above 0; that of 'spring' is 0"),
        (lambda: exclusive_layer("l", [SPRING], [0.5, 0.5]), "shares must be one for each of 1 experiments; got 2"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
