"""CDNOW's customers, and models with stated parameters."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.datasets import load_cdnow
from nbo.models import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, purchase_summary


@pytest.fixture(scope="session")
def sales(public_data):
    """All purchases of the sample of 2,357 customers."""
    if not (public_data / "cdnow").is_dir():
        pytest.skip(f"CDNOW is not in {public_data}")
    return load_cdnow(public_data / "cdnow").tables.transactions


@pytest.fixture(scope="session")
def cdnow(sales):
    """Their first 39 weeks."""
    return purchase_summary(sales, as_of="1997-10-01", unit="W")


@pytest.fixture(scope="session")
def planted():
    """A model of each kind with parameters as in the papers."""
    histories = pd.DataFrame({"frequency": [0, 2, 1, 4], "recency": [0, 30, 2, 9], "T": [39, 39, 38, 30]})
    periods = pd.DataFrame({"frequency": [0, 2, 1, 3], "recency": [0, 5, 2, 3], "periods": [6, 6, 6, 5]})
    params = {
        BGNBD: {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        MBGNBD: {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
        ParetoNBD: {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
        BGBB: {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783},
    }
    models = {}
    for kind, values in params.items():
        model = kind(penalty=1.0).fit(periods if kind is BGBB else histories)
        model.params_ = dict(values)
        models[kind.__name__] = model
    spend = GammaGamma(penalty=1.0).fit(pd.DataFrame({"frequency": [1, 3, 2], "monetary": [20.0, 30.0, 25.0]}))
    spend.params_ = {"p": 6.25, "q": 3.74, "v": 15.44}
    return {**models, "GammaGamma": spend}
