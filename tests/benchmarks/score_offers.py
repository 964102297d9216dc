"""What scoring every offer for every customer costs, next to bare LightGBM predictions.

In one run: `PropensityModel.score_offers` on 200,000 made-up customers and 20 offers, and as many
bare predictions of the same trees on one matrix, encoded once, in the same chunks. Seconds are of the
processor; memory is the peak of what Python and NumPy hold, the matrix and the scores included.

Run: ``python tests/benchmarks/score_offers.py [--customers 200000] [--offers 20] [--check]``. With
``--check`` the exit code is 1 if time is above 1.15 times, or memory above 1.2 times that of the bare predictions.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable

import lightgbm
import numpy as np
import pandas as pd

from nbo.models import PropensityModel
from nbo.models.boosted_model import row_chunks
from nbo.tables import Catalog, Offer

MOST_TIME, MOST_MEMORY = 1.15, 1.2
N_COLUMNS, N_TRAIN = 60, 20_000
Score = Callable[[PropensityModel, pd.DataFrame, Catalog], np.ndarray]


def catalog(n_offers: int) -> Catalog:
    """Make offers with different values."""
    return Catalog([Offer(f"offer{i:02d}", value=10.0 + i, category=f"group{i % 4}") for i in range(n_offers)])


def customers(n: int, seed: int) -> pd.DataFrame:
    """Make features: numbers with gaps, and three categories."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, N_COLUMNS - 3)), columns=[f"x{i:02d}" for i in range(N_COLUMNS - 3)])
    frame["x00"] = frame["x00"].where(rng.random(n) < 0.9)
    for name in ("region", "plan", "job"):
        frame[name] = pd.Categorical(rng.choice([f"{name}{i}" for i in range(8)], n))
    return frame


def fit(offers: Catalog, n_trees: int) -> PropensityModel:
    """Fit a model."""
    X = customers(N_TRAIN, 0)
    rng = np.random.default_rng(1)
    X["offer_id"] = rng.choice(offers.offer_ids, len(X))
    logit = X["x01"] - X["x02"] * X["x03"] + (X["offer_id"] == offers.offer_ids[0]) - 1
    y = rng.random(len(X)) < 1 / (1 + np.exp(-logit))
    return PropensityModel(n_estimators=n_trees, early_stopping_rounds=0).fit(X, y, catalog=offers)


def bare_predictions(model: PropensityModel, X: pd.DataFrame, offers: Catalog) -> np.ndarray:
    """Encode the customers once, and predict as often as there are offers."""
    booster = lightgbm.Booster(model_str=model.probability_.boosting.text)
    matrix = np.concatenate(list(model._matrices(X.assign(offer_id=offers.offer_ids[0]))))
    scores = np.empty((len(X), len(offers)))
    for k in range(len(offers)):
        for rows in row_chunks(len(X)):
            scores[rows, k] = booster.predict(matrix[rows], num_threads=1)
    return scores


def measure(score: Score, X: pd.DataFrame, offers: Catalog) -> tuple[float, float]:
    """Give the seconds of scoring with 300 trees, and the megabytes at the peak; for these a few trees do."""
    model, small = fit(offers, 300), fit(offers, 3)
    start = time.process_time()
    score(model, X, offers)
    seconds = time.process_time() - start
    tracemalloc.start()
    score(small, X, offers)
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seconds, megabytes


def main() -> int:
    """Measure, show and check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--offers", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    offers, X = catalog(asked.offers), customers(asked.customers, 2)
    found = {
        "bare predictions": measure(bare_predictions, X, offers),
        "score_offers": measure(PropensityModel.score_offers, X, offers),
    }
    lines = [f"{what}: {seconds:.1f} s, {megabytes:.0f} MB" for what, (seconds, megabytes) in found.items()]
    slower, larger = np.divide(found["score_offers"], found["bare predictions"])
    lines.append(f"score_offers takes {slower:.3f} x the time and {larger:.3f} x the memory")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(asked.check and (slower > MOST_TIME or larger > MOST_MEMORY))


if __name__ == "__main__":
    sys.exit(main())
