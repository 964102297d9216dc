"""What the papers print: parameters, log-likelihoods, standard errors and expectations."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from nbo import columns as c
from nbo.models import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, ShiftedBetaGeometric, purchase_summary

# Fader, Hardie and Shang (2010): donors of 1995, in 1996-2001. Frequency, year of the last donation, donors.
DONORS = np.array(
    [
        (0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129), (2, 2, 613),
        (2, 3, 255), (2, 4, 155), (2, 5, 173), (2, 6, 234), (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357),
        (4, 4, 240), (4, 5, 284), (4, 6, 512), (5, 5, 335), (5, 6, 728), (6, 6, 1203),
    ]
)  # fmt: skip


def rounded(params, digits=3):
    return {name: round(value, digits) for name, value in params.items()}


@pytest.fixture(scope="module")
def donors():
    return pd.DataFrame({"frequency": DONORS[:, 0], "recency": DONORS[:, 1], "periods": 6})


def test_bgnbd(cdnow):
    """Fader, Hardie and Lee (2005), table 2."""
    model = BGNBD().fit(cdnow)
    assert rounded(model.params_) == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert model.log_likelihood_ == pytest.approx(-9582.429, abs=5e-4)
    assert model.flags_ == ()
    assert model.gradient_norm_ < 1e-2
    assert model.standard_errors_ == pytest.approx({"r": 0.0126, "alpha": 0.378, "a": 0.186, "b": 0.705}, rel=5e-3)


def test_bgnbd_worked_example(cdnow):
    model = BGNBD().fit(cdnow)
    customer = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    assert model.expected_purchases(customer, 39) == pytest.approx(1.226, abs=5e-4)
    # Hardie's spreadsheet, at days 1, 7, 21, 223, 224 and 546.
    series = model.expected_purchases_new([1 / 7, 1, 3, 31.8571, 32, 78])
    assert series == pytest.approx([0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576], abs=5e-4)


def test_mbgnbd(cdnow):
    """The R package BTYDplus and lifetimes' own test."""
    model = MBGNBD().fit(cdnow)
    assert rounded(model.params_) == {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
    assert model.log_likelihood_ == pytest.approx(-9582.13, abs=1e-2)


def test_pareto_nbd(cdnow):
    """Fader, Hardie and Lee (2005), table 2; standard errors as CLVTools tests them."""
    model = ParetoNBD().fit(cdnow)
    assert rounded(model.params_) == pytest.approx({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, abs=2e-3)
    assert model.log_likelihood_ == pytest.approx(-9594.976, abs=5e-4)
    assert model.standard_errors_ == pytest.approx({"r": 0.0476, "alpha": 0.843, "s": 0.187, "beta": 6.21}, rel=5e-3)


def test_pareto_nbd_expectations(planted):
    """As the R package BTYD prints them for these parameters."""
    model = copy.copy(planted["ParetoNBD"])
    model.params_ = {"r": 0.55, "alpha": 10.56, "s": 0.61, "beta": 11.64}
    expected = [0, 0.0508, 0.0992, 0.1454, 0.1898, 0.2325, 0.2736, 0.3134, 0.3518, 0.3891]
    assert model.expected_purchases_new(range(10)) == pytest.approx(expected, abs=5.1e-5)


def test_bgbb(donors):
    """Fader, Hardie and Shang (2010)."""
    model = BGBB().fit(donors, sample_weight=DONORS[:, 2])
    assert model.n_customers_ == 11104
    assert rounded(model.params_) == {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}
    assert model.log_likelihood_ == pytest.approx(-33225.6, abs=5e-2)


def test_gamma_gamma(cdnow):
    """Fader and Hardie (2013): 946 repeat buyers."""
    model = GammaGamma().fit(cdnow)
    assert model.n_customers_ == 946
    assert rounded(model.params_, 2) == {"p": 6.25, "q": 3.74, "v": 15.44}
    assert model.log_likelihood_ == pytest.approx(-4055.92, abs=5e-3)
    first = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    by_entry = cdnow.sort_values(c.CUSTOMER_ID)
    spend = model.expected_spend(by_entry)
    # The note's customers are numbered by their first purchase; find them by what they spend.
    assert all(np.abs(spend - value).min() < 0.011 for value in first)
    new = pd.DataFrame({"frequency": [0], "monetary": [np.nan]})
    assert model.expected_spend(new) == pytest.approx(35.17, abs=5e-3)


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta"),
    [
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806),
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182),
    ],
)
def test_shifted_beta_geometric(survivors, alpha, beta):
    """Fader and Hardie (2007): the segments "high end" and "regular"."""
    model = ShiftedBetaGeometric().fit_survivors(survivors)
    assert rounded(model.params_) == {"alpha": alpha, "beta": beta}


@pytest.mark.parametrize(
    ("kind", "total", "error", "correlation"),
    [(BGNBD, 1653.4, 0.7855, 0.6256), (MBGNBD, 1576.7, 0.7648, 0.6272), (ParetoNBD, 1665.5, 0.7545, 0.6302)],
)
def test_holdout_weeks_40_to_78(kind, total, error, correlation, sales, cdnow):
    """Expected against 1,882 actual purchases; Fader, Hardie and Lee (2005) print the correlations .626 and .630."""
    later = purchase_summary(sales, as_of="1998-07-01", unit="W").set_index(c.CUSTOMER_ID)["frequency"]
    actual = later.loc[cdnow[c.CUSTOMER_ID]].to_numpy() - cdnow["frequency"].to_numpy()
    assert actual.sum() == 1882
    expected = kind().fit(cdnow).expected_purchases(cdnow, 39)
    assert expected.sum() == pytest.approx(total, abs=1.0)
    assert np.abs(expected - actual).mean() == pytest.approx(error, abs=5e-4)
    assert np.corrcoef(expected, actual)[0, 1] == pytest.approx(correlation, abs=5e-4)
