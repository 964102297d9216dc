"""The mixture against its integral, its own tuning, and Brownian motion."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from nbo.errors import InputError
from nbo.experiments import NormalMixture


@pytest.mark.parametrize(("z", "units"), [(0.0, 500), (1.5, 2000), (4.0, 10_000)])
def test_the_evidence_is_the_mixed_likelihood_ratio(z, units):
    mixture = NormalMixture(3000, 0.9)
    tau = np.sqrt(mixture.spread * units / 3000)  # in standard errors
    mixed, _ = integrate.quad(lambda d: stats.norm.pdf(z, d) * stats.norm.pdf(d, scale=tau), -60, 60, points=[0, z])
    assert mixture.log_e_values(np.array([z]), np.array([units]))[0] == pytest.approx(np.log(mixed / stats.norm.pdf(z)))


def test_at_the_reach_the_evidence_is_one_over_alpha():
    mixture, units = NormalMixture(5000, 0.95), np.array([50, 5000, 500_000])
    np.testing.assert_allclose(mixture.log_e_values(mixture.reach(units), units), np.log(20))


def test_the_reach_at_the_planned_number_is_the_least_that_any_spread_gives():
    for level in (0.9, 0.95, 0.999):

        def squared(x, level=level):
            return (1 + 1 / x) * (np.log1p(x) - 2 * np.log(1 - level))

        best = optimize.minimize_scalar(squared, bounds=(0.1, 100), method="bounded", options={"xatol": 1e-9})
        mixture = NormalMixture(700, level)
        assert mixture.spread == pytest.approx(best.x, rel=1e-5)
        assert mixture.reach(np.array([700]))[0] == pytest.approx(np.sqrt(best.fun))


def test_the_reach_is_that_of_the_published_confidence_sequence():
    # Waudby-Smith et al. (2024), as their package drconfseq states the margin of a mean of t numbers of variance 1:
    # sqrt(2 (t rho^2 + 1) / (t^2 rho^2) ln(sqrt(t rho^2 + 1) / alpha)).
    mixture, t = NormalMixture(800, 0.9), np.array([10, 800, 90_000])
    rho2 = mixture.spread / 800
    expected = np.sqrt(2 * (t * rho2 + 1) / (t**2 * rho2) * np.log(np.sqrt(t * rho2 + 1) / 0.1))
    np.testing.assert_allclose(mixture.reach(t) / np.sqrt(t), expected)


def test_sums_of_normal_numbers_leave_the_bounds_rarely():
    rng, runs, n = np.random.default_rng(0), 1000, 5000
    units = np.arange(1, n + 1)
    reach = NormalMixture(1000).reach(units) * np.sqrt(units)
    left = np.mean([(np.abs(rng.normal(size=n).cumsum()) > reach).any() for _ in range(runs)])
    # What is still to come takes the rest of the 5 %.
    assert 0.01 < left < 0.05


def test_settings_are_checked():
    with pytest.raises(InputError, match="planned must be above 0; got 0"):
        NormalMixture(0)
    with pytest.raises(InputError, match=r"level must be in \(0, 1\); got 1"):
        NormalMixture(10, 1)
