"""Each likelihood against slow integration over what is hidden, and its gradient against differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta, gamma

from nbo.models import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, ShiftedBetaGeometric
from nbo.models.btyd.collapsed import collapse

CONTINUOUS = pd.DataFrame(
    {"frequency": [0.0, 0, 1, 3, 8, 2], "recency": [0.0, 0, 4, 20, 29.5, 6], "T": [0.0, 12, 30, 24, 29.5, 40]}
)
DISCRETE = pd.DataFrame({"frequency": [0.0, 0, 1, 3, 5], "recency": [0.0, 0, 2, 3, 6], "periods": [0.0, 3, 6, 5, 6]})
CONTRACTS = pd.DataFrame({"periods": [1.0, 1, 3, 5], "churned": [1.0, 0, 1, 0]})
SPENDS = pd.DataFrame({"frequency": [1.0, 2, 9], "spend": [20.0, 7.5, 31.0]})
CASES = {
    "BGNBD": (BGNBD, CONTINUOUS, [0.6, 5.0, 0.7, 2.5]),
    "MBGNBD": (MBGNBD, CONTINUOUS, [0.6, 5.0, 0.7, 2.5]),
    "ParetoNBD": (ParetoNBD, CONTINUOUS, [0.6, 5.0, 0.7, 12.0]),
    "ParetoNBD, slow buyers": (ParetoNBD, CONTINUOUS, [1.6, 50.0, 0.4, 3.0]),
    "BGBB": (BGBB, DISCRETE, [1.2, 0.8, 0.6, 2.8]),
    "ShiftedBetaGeometric": (ShiftedBetaGeometric, CONTRACTS, [0.7, 3.8]),
    "GammaGamma": (GammaGamma, SPENDS, [6.2, 3.7, 15.0]),
}


def terms(kind, frame, values):
    with np.errstate(all="ignore"):
        rows = collapse({name: frame[name].to_numpy() for name in frame})
        value, slopes = kind()._terms(list(values), rows)
    return value[rows.inverse], np.array(slopes)[:, rows.inverse]


def by_integration(kind, row, values):
    """Average the likelihood of one history over what differs between customers."""
    if kind is GammaGamma:
        p, q, v = values
        x, z = row["frequency"], row["spend"]
        return quad(lambda nu: gamma.pdf(z, p * x, scale=1 / (nu * x)) * gamma.pdf(nu, q, scale=1 / v), 0, np.inf)[0]
    if kind is ShiftedBetaGeometric:
        n, churned = row["periods"], row["churned"]
        return quad(lambda p: (1 - p) ** (n - 1) * p**churned * beta.pdf(p, *values), 0, 1)[0]
    if kind is BGBB:
        return _by_periods(row, values)
    x, recency, end = row["frequency"], row["recency"], row["T"]
    rate = gamma(values[0], scale=1 / values[1])
    if kind is ParetoNBD:
        lapse = gamma(values[2], scale=1 / values[3])
        # The trapezoid rule in logs of both rates is as exact as it gets for what is smooth and ends in zeros.
        logs, step = np.linspace(-42, 5, 1500, retstep=True)
        lam, mu = np.exp(logs)[:, None], np.exp(logs)
        gone = mu * np.exp(-(lam + mu) * recency) + lam * np.exp(-(lam + mu) * end)
        density = lam**x / (lam + mu) * gone * rate.pdf(lam) * lapse.pdf(mu)
        return float((density * lam * mu).sum() * step**2)
    stays = int(kind is MBGNBD)

    def seen(until):
        return quad(lambda lam: lam**x * np.exp(-lam * until) * rate.pdf(lam), 0, np.inf, epsabs=1e-14)[0]

    def chance(function):
        return quad(lambda p: function(p) * beta.pdf(p, *values[2:]), 0, 1, epsabs=1e-13)[0]

    total = seen(end) * chance(lambda p: (1 - p) ** (x + stays))
    if x or stays:
        total += seen(recency) * chance(lambda p: p * (1 - p) ** (x - 1 + stays))
    return total


def _by_periods(row, values):
    x, recency, n = (int(row[name]) for name in ("frequency", "recency", "periods"))
    buys, drops = beta(*values[:2]), beta(*values[2:])
    total = 0.0
    for lived in range(recency, n + 1):
        bought = quad(lambda p, lived=lived: p**x * (1 - p) ** (lived - x) * buys.pdf(p), 0, 1)[0]
        ends = int(lived < n)
        total += bought * quad(lambda p, lived=lived, ends=ends: p**ends * (1 - p) ** lived * drops.pdf(p), 0, 1)[0]
    return total


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize("case", CASES)
def test_likelihood_is_the_average_over_customers(case):
    kind, frame, values = CASES[case]
    expected = [np.log(by_integration(kind, row, values)) for _, row in frame.iterrows()]
    assert terms(kind, frame, values)[0] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("case", CASES)
def test_gradient_is_that_of_the_likelihood(case):
    kind, frame, values = CASES[case]
    slopes = terms(kind, frame, values)[1]
    step = 1e-5
    for number in range(len(values)):
        ends = []
        for sign in (1, -1):
            moved = np.array(values)
            moved[number] *= np.exp(sign * step)
            ends.append(terms(kind, frame, moved)[0])
        assert slopes[number] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_likelihood_of_extreme_histories_is_finite(kind, scale):
    frame = pd.DataFrame({"frequency": [1e4, 300, 1, 0], "recency": [50.0, 1e-4, 1e-6, 0], "T": [50.0, 900, 900, 900]})
    for values in ([0.01, 0.01, 0.01, 0.01], [1e4, 1e4, 1e4, 1e4], [0.5, 1e-3, 30, 1e-3], [0.5, 1e3, 1e-3, 30]):
        value, slopes = terms(kind, frame * [1, scale, scale], values)
        assert np.isfinite(value).all()
        assert np.isfinite(slopes).all()


def test_pareto_nbd_of_many_purchases():
    """A case on which differences of hypergeometric functions overflow (tested by CLVTools)."""
    frame = pd.DataFrame(
        {
            "frequency": [221.0, 254, 161, 204],
            "recency": [103.42857, 97.14286, 94.71429, 98.57143],
            "T": [103.57143, 97.28571, 98, 99.42857],
        }
    )
    value, slopes = terms(ParetoNBD, frame, [0.5143, 2.8845, 0.2856, 14.1087])
    assert np.isfinite(value).all()
    assert np.isfinite(slopes).all()
