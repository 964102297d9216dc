"""Boundaries agree with published tables, and with simulated tests that are looked at again and again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import crossing_probabilities, sequential_boundaries

# Jennison and Turnbull (2000), Group sequential methods, tables 2.1 (Pocock) and 2.3 (O'Brien and Fleming): constants
# of two-sided tests at 5 %, by number of looks.
POCOCK = {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413, 10: 2.555}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 10: 2.087}
# As of the programs for Lan and DeMets' spending, such as gsDesign's sfLDOF and sfLDPocock at 2.5 % one-sided.
SPENDING = {
    ("obrien_fleming", 2): [2.9626, 1.9686],
    ("obrien_fleming", 3): [3.7103, 2.5114, 1.9930],
    ("obrien_fleming", 5): [4.8769, 3.3570, 2.6803, 2.2898, 2.0310],
    ("pocock", 5): [2.4380, 2.4268, 2.4102, 2.3966, 2.3860],
}


@pytest.mark.parametrize("looks", POCOCK)
def test_classic_boundaries_are_the_published_ones(looks):
    times = np.arange(1, looks + 1)
    assert sequential_boundaries(times, kind="classic_pocock") == pytest.approx(POCOCK[looks], abs=6e-4)
    expected = OBRIEN_FLEMING[looks] * np.sqrt(looks / times)
    assert sequential_boundaries(times, kind="classic_obrien_fleming") == pytest.approx(expected, rel=3e-4)


@pytest.mark.parametrize(("kind", "looks"), SPENDING)
def test_spending_boundaries_are_the_published_ones(kind, looks):
    assert sequential_boundaries(range(1, looks + 1), kind=kind) == pytest.approx(SPENDING[kind, looks], abs=1e-4)


def test_naive_looks_err_as_often_as_published():
    # Armitage, McPherson and Rowe (1969): 8.3, 14.2 and 19.3 % for 2, 5 and 10 looks at 5 %.
    for looks, error in {1: 0.05, 2: 0.083, 5: 0.142, 10: 0.193}.items():
        above, below = crossing_probabilities([1.96] * looks, range(1, looks + 1), lower=[-1.96] * looks)
        assert above.sum() + below.sum() == pytest.approx(error, abs=6e-4)


@pytest.mark.parametrize("kind", ["obrien_fleming", "pocock", "classic_obrien_fleming", "classic_pocock"])
@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("times", [[1, 2, 3], [0.02, 0.5, 0.51, 1.0]])
def test_what_is_spent_is_alpha(kind, sides, times):
    bounds = sequential_boundaries(times, 0.1, sides, kind)
    above, below = crossing_probabilities(bounds, times, lower=-bounds if sides == 2 else None)
    assert above.sum() + below.sum() == pytest.approx(0.1, abs=1e-6)


def simulated(times, drift, runs, seed):
    steps = np.diff(times, prepend=0.0)
    added = np.random.default_rng(seed).normal(drift * steps, np.sqrt(steps), (runs, len(times)))
    return added.cumsum(axis=1) / np.sqrt(times)


def test_crossings_are_those_of_simulated_paths():
    times, runs = np.array([0.1, 0.3, 0.35, 1.0]), 100_000
    upper, lower = np.array([2.5, 2.4, np.inf, 1.9]), np.array([-1.0, -np.inf, 0.2, 0.5])
    above, below = crossing_probabilities(upper, times, drift=1.5, lower=lower)
    paths = simulated(times, 1.5, runs, 1)
    alive = np.ones(runs, dtype=bool)
    for k in range(4):
        for expected, crossed in ((above[k], paths[:, k] >= upper[k]), (below[k], paths[:, k] <= lower[k])):
            share = (alive & crossed).mean()
            assert share == pytest.approx(expected, abs=4 * math.sqrt(max(expected, 1e-4) / runs))
        alive &= (paths[:, k] < upper[k]) & (paths[:, k] > lower[k])


def test_one_look_is_an_ordinary_test():
    for kind in ("obrien_fleming", "pocock", "classic_pocock"):
        assert sequential_boundaries([7], kind=kind) == pytest.approx([stats.norm.isf(0.025)], abs=1e-6)
        assert sequential_boundaries([7], 0.05, 1, kind) == pytest.approx([stats.norm.isf(0.05)], abs=1e-6)


def test_looks_so_far_do_not_depend_on_later_ones():
    whole = sequential_boundaries([1, 2, 3, 4])
    assert sequential_boundaries([1, 2], spent=[0.25, 0.5]) == pytest.approx(whole[:2])


def test_alpha_holds_where_information_is_not_as_planned():
    planned, true = np.array([0.2, 0.6, 1.0]), np.array([0.4, 0.5, 1.0])
    bounds = sequential_boundaries(true, spent=planned)
    above, below = crossing_probabilities(bounds, true, lower=-bounds)
    assert above.sum() + below.sum() == pytest.approx(0.05, abs=1e-6)


def test_very_early_looks_spend_nothing():
    bounds = sequential_boundaries([0.0005, 1.0])
    assert np.isinf(bounds[0])
    assert bounds[1] == pytest.approx(1.96, abs=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sequential_boundaries("ab"), "information must have one dimension"),
        (lambda: sequential_boundaries([2, 1]), "information must be above 0, finite, and rise by 0.1% at least"),
        (lambda: sequential_boundaries([]), "information must be above 0"),
        (lambda: sequential_boundaries([1, 2], spent=[0.5, 1.5]), r"spent must be one share in \(0, 1\] for each of 2"),
        (lambda: sequential_boundaries([1, 2], spent=[1.0]), r"spent must be one share in \(0, 1\] for each of 2"),
        (lambda: sequential_boundaries([1], kind="classic_pocock", spent=[1]), "spent must not be given with classic"),
        (lambda: sequential_boundaries([1], kind="haybittle"), "kind must be one of"),
        (lambda: sequential_boundaries([1], 0), r"alpha must be in \(0, 1\); got 0"),
        (lambda: crossing_probabilities([2, 2], [1]), "boundaries and information must be of the same looks"),
        (lambda: sequential_boundaries([1, 1.0005]), "information must be above 0, finite, and rise by 0.1% at least"),
        (lambda: crossing_probabilities([2, 2], [2, 1]), "information must be above 0, finite, and rise"),
        (lambda: crossing_probabilities([2], [1], lower=[3]), "lower must not be above upper"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
