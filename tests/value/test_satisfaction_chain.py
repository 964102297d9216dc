"""From service to value: planted paths come back, relative weights by hand, intervals that hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.value import satisfaction_chain

DRIVERS = ["service", "recognition", "brand"]
# Planted: standardized paths from the drivers to satisfaction, on to loyalty, on to value.
TO_SATISFACTION, TO_LOYALTY, TO_VALUE = np.array([0.5, 0.3, 0.0]), 0.6, 0.5


def planted(n, seed):
    """Drivers that go together by 0.4, and variables of unit variance along the chain; simulated."""
    rng = np.random.default_rng(seed)
    together = np.full((3, 3), 0.4) + 0.6 * np.eye(3)
    x = rng.standard_normal((n, 3)) @ np.linalg.cholesky(together).T
    explained = TO_SATISFACTION @ together @ TO_SATISFACTION
    s = x @ TO_SATISFACTION + np.sqrt(1 - explained) * rng.standard_normal(n)
    loyal = TO_LOYALTY * s + np.sqrt(1 - TO_LOYALTY**2) * rng.standard_normal(n)
    value = TO_VALUE * loyal + np.sqrt(1 - TO_VALUE**2) * rng.standard_normal(n)
    return pd.DataFrame(x, columns=DRIVERS).assign(satisfaction=3 + 0.8 * s, loyalty=loyal, value=100 + 40 * value)


def test_planted_path_coefficients_come_back():
    found = satisfaction_chain(planted(20_000, 0), DRIVERS)
    paths = found.paths.set_index(["source", "target"])
    truth = {(name, "satisfaction"): b for name, b in zip(DRIVERS, TO_SATISFACTION, strict=True)}
    truth |= {("satisfaction", "loyalty"): TO_LOYALTY, ("loyalty", "value"): TO_VALUE}
    for place, row in paths.iterrows():
        # Four standard errors; what is not planted is 0.
        error = 4 * (row["high"] - row["low"]) / (2 * 1.96)
        assert row["coefficient"] == pytest.approx(truth.get(place, 0.0), abs=error)
        assert error < 0.05
    chain = found.chain.set_index("source")
    assert chain["effect"].to_dict() == pytest.approx(
        {"service": 0.15, "recognition": 0.09, "brand": 0.0, "satisfaction": 0.3}, abs=0.02
    )
    assert chain.loc["satisfaction", "money"] == pytest.approx(0.3 * 40, abs=0.8)
    assert found.importance["driver"].tolist() == ["service", "recognition", "brand"]
    explained = 0.5**2 + 0.3**2 + 2 * 0.4 * 0.5 * 0.3
    assert found.importance["weight"].sum() == pytest.approx(found.fit["r_squared"][0])
    assert found.fit["r_squared"].tolist() == pytest.approx([explained, 0.36, 0.25], abs=0.02)


def test_intervals_hold_the_planted_paths():
    held = []
    for seed in range(60):
        found = satisfaction_chain(planted(300, seed), DRIVERS, n_bootstrap=400, level=0.9)
        row = found.paths.query("source == 'satisfaction' and target == 'loyalty'").iloc[0]
        end = found.chain.query("source == 'service'").iloc[0]
        held += [row["low"] <= TO_LOYALTY <= row["high"], end["low"] <= 0.15 <= end["high"]]
    assert np.mean(held) == pytest.approx(0.9, abs=4 * np.sqrt(0.9 * 0.1 / 60))


def test_paths_are_least_squares_of_standardized_columns():
    frame = planted(500, 1)
    found = satisfaction_chain(frame, DRIVERS, n_bootstrap=100)
    z = (frame - frame.mean()) / frame.std(ddof=0)
    for target, sources in (
        ("satisfaction", DRIVERS),
        ("loyalty", [*DRIVERS, "satisfaction"]),
        ("value", [*DRIVERS, "satisfaction", "loyalty"]),
    ):
        slow = np.linalg.lstsq(z[sources].to_numpy(), z[target].to_numpy(), rcond=None)[0]
        assert found.paths.query("target == @target")["coefficient"].tolist() == pytest.approx(slow.tolist())


def test_relative_weights_by_hand():
    # Two drivers of correlation 0.6 that correlate 0.5 and 0.3 with satisfaction: the root of their matrix
    # is [[s, c], [c, s]] with s = (sqrt(1.6) + sqrt(0.4)) / 2 and c = (sqrt(1.6) - sqrt(0.4)) / 2.
    s, c = (np.sqrt(1.6) + np.sqrt(0.4)) / 2, (np.sqrt(1.6) - np.sqrt(0.4)) / 2
    b1, b2 = (s * 0.5 - c * 0.3) / (s * s - c * c), (s * 0.3 - c * 0.5) / (s * s - c * c)
    expected = [s * s * b1**2 + c * c * b2**2, c * c * b1**2 + s * s * b2**2]
    r = np.eye(5)
    r[0, 1], r[0, 2], r[1, 2] = 0.6, 0.5, 0.3
    r = np.maximum(r, r.T)
    x = np.random.default_rng(2).standard_normal((400, 5))
    x = np.linalg.solve(np.linalg.cholesky(np.cov(x.T, ddof=0)), (x - x.mean(axis=0)).T).T @ np.linalg.cholesky(r).T
    frame = pd.DataFrame(x, columns=["a", "b", "satisfaction", "loyalty", "value"])
    assert satisfaction_chain(frame, ["a", "b"], n_bootstrap=100).importance["weight"].tolist() == pytest.approx(
        expected
    )


def test_missing_numbers_are_left_out_and_counted():
    frame = planted(400, 3)
    holes = pd.concat([frame, frame[:7].assign(satisfaction=np.nan)], ignore_index=True)
    one, two = satisfaction_chain(frame, DRIVERS), satisfaction_chain(holes, DRIVERS)
    assert (two.n, two.left_out) == (400, 7)
    pd.testing.assert_frame_equal(one.paths, two.paths)
    assert "7 more have a missing number" in two._repr_html_()
    stayed = frame.assign(loyalty=(frame["loyalty"] > 0))
    assert satisfaction_chain(stayed, DRIVERS).chain["effect"].iloc[0] > 0


@pytest.mark.parametrize(
    ("change", "given", "message"),
    [
        ({}, {"drivers": []}, "drivers must be one or more"),
        ({}, {"drivers": ["service", "service"]}, "all columns different"),
        ({}, {"drivers": ["price"]}, "customers lacks the column 'price'"),
        ({"service": 1.0}, {}, "customers.service must vary"),
        ({"brand": lambda f: f["service"] + f["recognition"]}, {}, "no column may follow from the others"),
        ({"brand": "good"}, {}, "customers.brand must be numbers"),
        ({"brand": np.inf}, {}, "customers must be finite"),
        ({"brand": np.nan}, {}, "customers must be 12 or more without a missing number; got 0"),
        ({}, {"n_bootstrap": 10}, "n_bootstrap must be 100 or more"),
        ({}, {"level": 0}, r"level must be in \(0, 1\)"),
    ],
)
def test_what_is_no_chain_is_refused(change, given, message):
    with pytest.raises(InputError, match=message):
        satisfaction_chain(planted(50, 4).assign(**change), **{"drivers": DRIVERS, **given})


def test_a_trait_of_one_customer_tells_nothing_that_resampling_could_bound():
    frame = planted(60, 5).assign(brand=[0.0] * 59 + [1.0])
    with pytest.raises(InputError, match="in 3[0-9]% of the samples drawn of them a column is constant"):
        satisfaction_chain(frame, DRIVERS)
    some = planted(60, 5).assign(brand=[0.0] * 54 + [1.0] * 6)
    low, high = satisfaction_chain(some, DRIVERS).paths[["low", "high"]].to_numpy().T
    assert (np.abs(low) < 5).all()
    assert (np.abs(high) < 5).all()
