"""Made-up trials whose effects are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest


@dataclass(frozen=True)
class Planted:
    """Rows with their true effects and probabilities of treatment."""

    X: pd.DataFrame
    y: np.ndarray
    treatment: np.ndarray
    effect: np.ndarray
    probability: np.ndarray


def plant(n: int, seed: int, confounded: bool = False, amounts: bool = False) -> Planted:
    """Young customers of the north gain by treatment, old ones lose; those who buy more are treated more often."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "spent": rng.exponential(1.0, n),
            "region": rng.choice(["north", "south", "west"], n),
            "visits": rng.poisson(3, n).astype(float),
        }
    )
    X.loc[rng.random(n) < 0.1, "visits"] = np.nan
    effect = np.where(X["age"] < 45, 0.25, -0.05) + np.where(X["region"] == "north", 0.1, 0.0)
    probability = 1 / (1 + np.exp(1.0 - 1.2 * X["spent"].to_numpy())) if confounded else np.full(n, 0.5)
    probability = probability.clip(0.1, 0.9)
    treatment = (rng.random(n) < probability).astype(int)
    base = 0.1 + 0.4 * (X["spent"].to_numpy() / 4).clip(0, 1)
    mean = base + effect * treatment
    y = 10 * mean + rng.normal(0, 4, n) if amounts else (rng.random(n) < mean).astype(float)
    return Planted(X, y, treatment, 10 * effect if amounts else effect, probability)


@pytest.fixture(scope="session")
def trial() -> Planted:
    return plant(6000, seed=1)


@pytest.fixture(scope="session")
def amounts() -> Planted:
    return plant(6000, seed=2, amounts=True)


@pytest.fixture(scope="session")
def confounded() -> Planted:
    return plant(8000, seed=3, confounded=True)
