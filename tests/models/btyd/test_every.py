"""What every model of purchase histories owes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone

from nbo import models
from nbo.errors import BundleError, InputError
from nbo.models import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, ShiftedBetaGeometric
from nbo.testing.parts import parts_of

ALL = [BGBB, BGNBD, GammaGamma, MBGNBD, ParetoNBD, ShiftedBetaGeometric]


def histories(kind, planted, n=400, seed=0):
    """Rows that a model can be fitted to."""
    rng = np.random.default_rng(seed)
    if kind is GammaGamma:
        x = rng.integers(1, 6, n)
        return pd.DataFrame({"frequency": x, "monetary": rng.gamma(6.0 * x, 1 / (x * rng.gamma(4.0, 1 / 15, n)))})
    if kind is ShiftedBetaGeometric:
        ends = rng.geometric(rng.beta(1.0, 3.0, n))
        return pd.DataFrame({"periods": np.minimum(ends, 8), "churned": ends <= 7})
    lengths = rng.integers(3, 8, n) if kind is BGBB else np.ceil(rng.uniform(20, 60, n))
    drawn = planted[kind.__name__].simulate(n, lengths, rng)
    return drawn[["frequency", "recency", "periods" if kind is BGBB else "T"]]


def predictions(model, X):
    if isinstance(model, GammaGamma):
        return model.expected_spend(X)
    ahead = model.expected_periods if isinstance(model, ShiftedBetaGeometric) else model.expected_purchases
    return np.stack([model.probability_alive(X), ahead(X, 5)])


def test_these_are_all_models():
    found = {name for name, part in parts_of(models, BaseEstimator).items() if ".btyd." in part.__module__}
    assert sorted(found) == [kind.__name__ for kind in ALL]


@pytest.fixture(params=ALL, ids=lambda kind: kind.__name__)
def case(request, planted):
    X = histories(request.param, planted)
    return request.param, X, request.param().fit(X)


def test_arguments_are_stored_as_given_and_cloned(case):
    kind, X, _ = case
    model = kind(penalty=0.25)
    assert clone(model).get_params() == model.get_params()
    assert model.fit(X) is model
    with pytest.raises(InputError, match="penalty must be a number, 0 or more; got -1"):
        kind(penalty=-1).fit(X)


def test_a_second_fit_forgets_the_first(case, planted):
    kind, X, model = case
    other = kind().fit(histories(kind, planted, seed=1))
    assert other.params_ != model.params_
    other.fit(X)
    assert other.params_ == model.params_
    assert other.standard_errors_ == model.standard_errors_


def test_rows_count_whatever_their_order_and_other_columns(case):
    kind, X, model = case
    moved = X.sample(frac=1.0, random_state=0).assign(unheard_of="x")
    again = kind().fit(moved)
    assert again.params_ == pytest.approx(model.params_, rel=1e-9)
    np.testing.assert_array_equal(predictions(model, moved)[..., np.argsort(moved.index)], predictions(model, X))
    np.testing.assert_allclose(predictions(model, X.iloc[:1]), predictions(model, X)[..., :1], rtol=1e-12)
    assert predictions(model, X.iloc[:0]).shape[-1] == 0


def test_a_weight_is_as_good_as_copies(case):
    kind, X, _ = case
    copies = np.arange(len(X)) % 3
    weighted = kind().fit(X, sample_weight=copies)
    repeated = kind().fit(X.loc[X.index.repeat(copies)])
    assert weighted.params_ == pytest.approx(repeated.params_, rel=1e-6)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_)
    assert weighted.n_customers_ == copies.sum()
    with pytest.raises(InputError, match="sample_weight must be finite and 0 or more"):
        kind().fit(X, sample_weight=-np.ones(len(X)))


def test_storage_keeps_every_bit_and_no_customer(case, tmp_path):
    kind, X, model = case
    model.to_dir(tmp_path / "model")
    back = kind.from_dir(tmp_path / "model")
    np.testing.assert_array_equal(predictions(back, X), predictions(model, X))
    assert back.get_params() == model.get_params()
    assert (back.params_, back.standard_errors_, back.flags_) == (model.params_, model.standard_errors_, model.flags_)
    assert (back.log_likelihood_, back.n_customers_) == (model.log_likelihood_, model.n_customers_)
    pd.testing.assert_frame_equal(back.summary(), model.summary())
    file = tmp_path / "model" / "model.json"
    assert len(file.read_text()) < 4000
    assert json.loads(file.read_text())["kind"] == kind.__name__
    file.write_text(file.read_text().replace("0", "1"))
    with pytest.raises(BundleError, match="altered"):
        kind.from_dir(tmp_path / "model")


def test_the_summary_shows_the_uncertainty(case):
    _, _, model = case
    table = model.summary(level=0.9)
    assert table["parameter"].tolist() == list(model.params_)
    assert table["standard_error"].tolist() == pytest.approx(np.sqrt(np.diag(model.covariance_)))
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        model.summary(level=1.5)


def test_a_penalty_pulls_and_the_likelihood_does_not_hold_it(case):
    kind, X, model = case
    held = kind(penalty=100.0).fit(X)
    assert held.log_likelihood_ < model.log_likelihood_

    def size(fitted):
        return sum(np.log(value) ** 2 for name, value in fitted.params_.items() if name not in fitted._scales)

    assert size(held) < size(model)


def test_a_column_that_is_missing_or_no_number_is_named(case):
    kind, X, model = case
    for name in X.columns:
        with pytest.raises(InputError, match=f"X lacks the column '{name}'"):
            kind().fit(X.drop(columns=name))
        broken = X.astype(float)
        broken.loc[3, name] = np.nan
        with pytest.raises(InputError, match=f"{name} must be .* row 3: nan"):
            kind().fit(broken)
        with pytest.raises(InputError, match=f"{name} must be .* row 3: nan"):
            predictions(model, broken)
    with pytest.raises(TypeError, match="X must be a frame"):
        kind().fit(X.to_numpy())
    with pytest.raises(InputError, match="X must have at least one row"):
        kind().fit(X.iloc[:0])
