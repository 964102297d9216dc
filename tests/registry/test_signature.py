from __future__ import annotations

from importlib.metadata import requires, version

import numpy as np
import pandas as pd
from packaging.requirements import Requirement

from nbo.registry.pyfunc import Scorer
from nbo.registry.signature import input_example, model_signature, requirements


def test_the_example_is_a_row_of_medians_and_frequent_categories(model, X):
    row, params = input_example(model)
    assert list(row) == model.features.feature_names
    history = model.profile_.to_frame().set_index("feature")
    assert row["customers__tenure_days"] == history.loc["customers__tenure_days", "median"]
    assert params == {"as_of": "", "top_k": 3}
    assert len(Scorer(model).predict(pd.DataFrame([row]), params)["offer_ids"].item()) == 3


def test_a_model_without_a_profile_has_an_example_of_missing_values(model, monkeypatch):
    monkeypatch.setattr(model, "profile_", None)
    row, params = input_example(model)
    assert row == dict.fromkeys(model.features.feature_names)
    assert np.isfinite(Scorer(model).predict(pd.DataFrame([row]), params)["priorities"].item()).all()


def test_params_have_types_and_defaults(model):
    params = {param.name: (param.dtype.name, param.default) for param in model_signature(model).params.params}
    assert params == {"as_of": ("string", ""), "top_k": ("long", 0)}


def test_every_requirement_is_pinned_to_what_is_installed():
    pins = dict(line.split("==") for line in requirements())
    assert pins == {name: version(name) for name in pins}
    # Of what nbo needs, all that scores depend on, and MLflow, which loads it.
    needed = {Requirement(line).name for line in requires("nbo") if "extra" not in line}
    assert set(pins) - {"nbo"} <= needed
    assert {"mlflow", "lightgbm", "numpy", "pandas", "scikit-learn"} <= set(pins)
