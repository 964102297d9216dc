"""What is given in the place of features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel
from nbo.models.arrays import take_array
from nbo.prospects import LeadModel
from nbo.tables import Catalog, CustomerTables, Offer, Spine

TABLES = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
SPINE = Spine.at("2026-01-01", ["ann", "bob"])


@pytest.mark.parametrize("given", [TABLES, SPINE, Catalog([Offer("card")])], ids=["tables", "spine", "catalog"])
def test_what_has_no_features_is_refused_with_the_way_to_build_them(given):
    with pytest.raises(TypeError, match=rf"got {type(given).__name__}\. Build them first, .*and pass X and y\."):
        take_array(given)


@pytest.mark.parametrize("kind", [PropensityModel, ChurnModel, LeadModel, CLVModel, UpliftModel])
def test_models_are_not_fitted_on_tables_and_a_spine(kind):
    with pytest.raises(TypeError, match="X must hold features, one row for each label; got CustomerTables"):
        kind().fit(TABLES, SPINE)


def test_other_arrays_are_taken_as_they_are():
    given = np.array([[1.0, np.nan], [np.inf, 2.0]])
    np.testing.assert_array_equal(take_array(given), given)
    with pytest.raises(InputError, match="Expected 2D array, got 1D array instead"):
        take_array([1.0, 2.0])
