"""The uniform policy."""

import numpy as np
import pandas as pd

from nbo.policies import Uniform


def test_spreads_evenly_over_the_eligible():
    stated = Uniform(["a", "b", "c"]).probabilities(
        pd.DataFrame(index=[0, 1]), np.array([[True, True, True], [False, True, True]])
    )
    np.testing.assert_array_equal(stated, [[1 / 3, 1 / 3, 1 / 3], [0, 1 / 2, 1 / 2]])
