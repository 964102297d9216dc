"""False discoveries: the published example, a plain loop, and many claims of which some are true."""

import numpy as np
import pytest
from scipy.special import ndtr

from nbo.errors import InputError
from nbo.experiments import adjusted_p_values

# Benjamini and Hochberg (1995), section 4.1: 15 comparisons of two treatments after heart attacks.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_published_example_rejects_four_and_bonferroni_three():
    assert (adjusted_p_values(PUBLISHED) <= 0.05).sum() == 4
    assert (15 * np.array(PUBLISHED) <= 0.05).sum() == 3


@pytest.mark.parametrize("method", ["bh", "by"])
def test_by_a_plain_loop(method):
    p = np.random.default_rng(0).random(20) ** 2
    factor = sum(1 / k for k in range(1, 21)) if method == "by" else 1.0
    order = sorted(range(20), key=lambda i: p[i])
    for rank, i in enumerate(order, start=1):
        worst = min(min(factor * 20 * p[order[k - 1]] / k, 1.0) for k in range(rank, 21))
        assert adjusted_p_values(p, method)[i] == pytest.approx(worst)


def test_missing_ones_do_not_count():
    found = adjusted_p_values([0.01, np.nan, 0.2])
    np.testing.assert_allclose(found, [0.02, np.nan, 0.2])
    assert np.isnan(adjusted_p_values([np.nan])).all()
    assert len(adjusted_p_values([])) == 0


def test_few_of_the_claims_are_false():
    rng, shares = np.random.default_rng(1), []
    for _ in range(2000):
        z = rng.normal(size=40) + np.where(np.arange(40) < 10, 3.0, 0.0)
        claimed = adjusted_p_values(2 * ndtr(-np.abs(z))) < 0.1
        shares.append(claimed[10:].sum() / max(claimed.sum(), 1))
    # Of 40, 30 are false: the rate is 0.1 * 30/40.
    assert np.mean(shares) == pytest.approx(0.075, abs=4 * np.std(shares) / np.sqrt(2000))


def test_what_is_no_p_value_is_refused():
    with pytest.raises(InputError, match=r"p_values must be in \[0, 1\]; 1 of 2 rows is not, first at row 1: 1.5"):
        adjusted_p_values([0.1, 1.5])
    with pytest.raises(InputError, match="method must be one of 'bh', 'by'; got 'holm'"):
        adjusted_p_values([0.1], "holm")
