"""Share of wallet: by hand, and known wallets that come back within their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.value import share_of_wallet

SEGMENTS = np.array(["young", "old", "firm"])


def wallets(n, seed, known=0.4, sure=1.0):
    """Wallets whose every bill is known; of some, a third party sees what is spent elsewhere. Simulated."""
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, 3, n)
    wallet = rng.lognormal(np.array([5.0, 5.5, 7.0])[segment], 0.6)
    share = rng.beta(np.array([2, 4, 3])[segment], np.array([4, 4, 9])[segment])
    own, elsewhere = wallet * share, wallet * (1 - share)
    confidence = np.where(rng.random(n) < 0.5, 1.0, sure)
    # A record that is not the customer's own is that of anybody.
    record = np.where(rng.random(n) < confidence, elsewhere, rng.permutation(elsewhere))
    record = np.where(rng.random(n) < known, record, np.nan)
    return own, elsewhere, record, confidence, SEGMENTS[segment]


@pytest.mark.parametrize("sure", [1.0, 0.6])
def test_known_wallets_come_back_within_their_intervals(sure):
    held, of_total, of_customers = [], [], []
    for seed in range(60):
        own, elsewhere, record, confidence, segments = wallets(1500, seed, sure=sure)
        wallet = share_of_wallet(own, record, match_confidence=confidence, segments=segments, level=0.9)
        sums = pd.DataFrame({"own": own, "elsewhere": elsewhere}).groupby(segments).sum()
        truth = (sums["own"] / sums.sum(axis=1)).loc[wallet.segments["segment"]].to_numpy()
        found = wallet.segments
        held += ((found["share_low"] <= truth) & (truth <= found["share_high"])).tolist()
        share = own.sum() / (own.sum() + elsewhere.sum())
        of_total.append(wallet.total["share_low"] <= share <= wallet.total["share_high"])
        each, mine = wallet.customers, own / (own + elsewhere)
        unknown = np.isnan(record)
        inside = (each["share_low"] <= mine + 1e-9) & (mine - 1e-9 <= each["share_high"])
        of_customers.append(inside[unknown].mean())
        assert inside[~unknown].mean() > 0.85
    assert np.mean(held) >= 0.9 - 4 * np.sqrt(0.9 * 0.1 / len(held))
    assert np.mean(of_total) >= 0.9 - 4 * np.sqrt(0.9 * 0.1 / len(of_total))
    assert np.mean(of_customers) == pytest.approx(0.9, abs=0.03)


def test_known_and_unknown_customers_by_hand():
    wallet = share_of_wallet([50, 80, 20, 0], [50, 120, None, 0], level=0.5)
    rows = wallet.customers
    mean = (50 + 120 + 0) / 3
    assert rows["headroom"].tolist() == pytest.approx([50, 120, mean, 0])
    assert rows["share"].tolist()[:3] == pytest.approx([0.5, 0.4, 20 / (20 + mean)])
    assert np.isnan(rows["share"].iloc[3])  # nothing is spent anywhere
    # A quarter of three amounts is the first, three quarters the third.
    assert rows.loc[2, ["headroom_low", "headroom_high"]].tolist() == [0, 120]
    assert rows.loc[2, ["share_low", "share_high"]].tolist() == pytest.approx([20 / 140, 1])
    assert (rows["headroom_low"][:2] == rows["headroom_high"][:2]).all()
    assert wallet.total["own"] == 150
    assert (wallet.total["n"], wallet.total["known"], wallet.total["coverage"]) == (4, 3, 0.75)
    assert wallet.total["headroom"] == pytest.approx(50 + 120 + mean)


def test_a_doubtful_record_counts_in_part():
    own, record = [100.0] * 4, [10.0, 30.0, 20.0, 1000.0]
    sure = share_of_wallet(own, record, match_confidence=[1, 1, 1, 0.0]).customers
    assert sure["headroom"].tolist() == pytest.approx([10, 30, 20, 20])
    half = share_of_wallet(own, record, match_confidence=[1, 1, 1, 0.5], level=0.2).customers
    assert 20 < half["headroom"].iloc[3] < 1000
    # Half of the mixture is the record itself, and the rest lies below it.
    assert half["headroom_high"].iloc[3] == 1000


def test_segments_with_few_records_are_drawn_to_all():
    rng = np.random.default_rng(1)
    segments = np.array(["many"] * 500 + ["few"] * 500)
    record = np.where(np.arange(1000) < 500, rng.gamma(4, 25, 1000), np.nan)
    record[500:502] = [380.0, 420.0]
    wallet = share_of_wallet(np.full(1000, 50.0), record, segments=segments)
    found = wallet.segments.set_index("segment")
    mean = found["headroom"] / found["n"]
    assert 100 < mean["few"] < 400
    assert found["known"].to_dict() == {"few": 2, "many": 500}
    # And what is not known widens the interval.
    width = (found["headroom_high"] - found["headroom_low"]) / found["n"]
    assert width["few"] > 5 * width["many"]
    nothing = share_of_wallet([1.0] * 4, [5.0, 7.0, None, None], segments=["a", "a", "b", "b"])
    assert nothing.customers["headroom"].tolist() == [5, 7, 6, 6]


def test_more_records_make_the_interval_narrower():
    def width(known):
        own, _, record, _, segments = wallets(3000, 7, known=known)
        total = share_of_wallet(own, record, segments=segments).total
        return total["share_high"] - total["share_low"]

    assert width(0.05) > 2 * width(0.5) > 0
    assert width(1.0) == 0


def test_order_index_and_cents():
    own, _, record, confidence, segments = wallets(400, 3, sure=0.7)
    names = pd.Series(own, index=[f"c{i}" for i in range(400)])
    one = share_of_wallet(names, record, match_confidence=confidence, segments=segments)
    order = np.random.default_rng(0).permutation(400)
    two = share_of_wallet(
        names.iloc[order], record[order], match_confidence=confidence[order], segments=segments[order]
    )
    pd.testing.assert_frame_equal(one.customers, two.customers.loc[names.index])
    pd.testing.assert_frame_equal(one.segments, two.segments)
    assert np.rint(100 * one.segments["own"]).sum() == np.rint(100 * own).sum()
    assert "known of" in one._repr_html_()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"own": [1, -1, 2]}, "own must be 0 or more; 1 of 3"),
        ({"own": [1, None, 2]}, "own must be there and finite"),
        ({"elsewhere": [1, -5, None]}, "elsewhere must be 0 or more"),
        ({"elsewhere": [1, None, None]}, "elsewhere must be known of two customers or more; it is of 1"),
        ({"elsewhere": [1, 2]}, "elsewhere must have 3 rows, as own; got 2"),
        ({"match_confidence": [1, 2, 1]}, r"match_confidence must be in \[0, 1\]"),
        ({"match_confidence": [1, None, 1]}, "match_confidence must be there where elsewhere is"),
        ({"match_confidence": [0, 0, 0]}, "known of two customers or more; it is of 0"),
        ({"segments": ["a", None, "b"]}, "segments must be there in every row"),
        ({"level": 0}, r"level must be in \(0, 1\)"),
        (
            {"own": pd.Series([1, 2, 3], list("abc")), "elsewhere": pd.Series([1, 2, 3], list("cba"))},
            "elsewhere must be in the order of the rows of own",
        ),
    ],
)
def test_what_is_no_wallet_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        share_of_wallet(**{"own": [1, 2, 3], "elsewhere": [1, 2, None], **given})
