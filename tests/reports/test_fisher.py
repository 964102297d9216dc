"""Fisher's exact test of many tables at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nbo.reports.fisher import fisher_p_values


@pytest.mark.parametrize("largest", [4, 40, 2000])
def test_it_equals_the_test_of_one_table(largest):
    rng = np.random.default_rng(largest)
    n, base_n = rng.integers(1, largest, (2, 60))
    won, base = rng.binomial(n, rng.random(60)), rng.binomial(base_n, rng.random(60))
    tables = np.stack([won, n - won, base, base_n - base], axis=1).reshape(-1, 2, 2)
    one_by_one = [stats.fisher_exact(table).pvalue for table in tables]
    np.testing.assert_allclose(fisher_p_values(won, n, base, base_n), one_by_one, rtol=1e-9, atol=1e-300)


def test_the_lady_who_tasted_tea():
    # Fisher (1935): all 8 cups told rightly is 1 in 70 on one side, and as likely as all of them wrong.
    assert fisher_p_values([4], [4], [0], [4])[0] == pytest.approx(2 / 70)
    assert fisher_p_values([2], [4], [2], [4])[0] == 1.0


def test_no_tables_have_no_p_values():
    none = np.array([], dtype=int)
    assert fisher_p_values(none, none, none, none).shape == (0,)
