"""Claims by e-values: by hand, by a plain loop, and few of them false under dependence."""

import numpy as np

from nbo.e_bh import e_bh


def test_by_hand():
    # Four claims at alpha 0.1: k claims need 40 / k each.
    assert e_bh(np.log([41.0, 19.0, 13.0, 1.0]), 0.1).tolist() == [True, False, False, False]
    assert e_bh(np.log([41.0, 21.0, 13.0, 1.0]), 0.1).tolist() == [True, True, False, False]
    # The second alone would not do; with the third, both need 40 / 3 only.
    assert e_bh(np.log([41.0, 14.0, 14.0, 1.0]), 0.1).tolist() == [True, True, True, False]


def test_by_a_plain_loop_with_shares():
    rng = np.random.default_rng(0)
    for _ in range(200):
        evidence, shares = 3 * rng.normal(size=7), rng.dirichlet(np.ones(7))
        worth = shares * np.exp(evidence)
        many = max((k for k in range(1, 8) if (worth >= 1 / (0.2 * k)).sum() >= k), default=0)
        expected = worth >= 1 / (0.2 * many) if many else np.zeros(7, dtype=bool)
        assert e_bh(evidence, 0.2, shares).tolist() == expected.tolist()


def test_none_missing_and_boundless():
    assert len(e_bh(np.array([]))) == 0
    assert e_bh(np.array([np.inf, np.nan, -np.inf])).tolist() == [True, False, False]


def test_few_claims_are_false_though_all_depend_on_each_other():
    rng, shares = np.random.default_rng(1), []
    for _ in range(4000):
        common = rng.normal()  # the same chance in all claims
        z = 0.9 * common + np.sqrt(1 - 0.81) * rng.normal(size=20) + np.where(np.arange(20) < 5, 3.0, 0.0)
        claimed = e_bh(3 * z - 4.5, 0.2)  # likelihood ratios of a mean of 3 to one of 0
        shares.append(claimed[5:].sum() / max(claimed.sum(), 1))
    assert np.mean(shares) < 0.2 * 15 / 20
