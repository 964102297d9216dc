"""What scoring every offer for every customer costs, next to bare LightGBM predictions of the same trees.

In one run, by turns: `PropensityModel.score_offers` on made-up customers and 20 offers, and bare
predictions of the same trees on one matrix that is encoded beforehand, for one customer with one
offer a row. Bare predictions are timed on fewer customers; both are told as scores in a second, one
score being one customer with one offer. Memory is the peak of what Python and NumPy hold, with a few
trees, the matrix and the scores included.

Run: ``python tests/benchmarks/score_offers.py [--customers 200000] [--offers 20] [--trees 500] [--check]``.
With ``--check`` the exit code is 1 if a score differs, if score_offers is less than 20 times as fast
as bare predictions (0.85 times without numba), or if memory is above 1.2 times theirs.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from nbo.models import PropensityModel
from nbo.models.boosted_model import row_chunks
from nbo.tables import Catalog, Offer

LEAST_SPEED = 20.0 if find_spec("numba") else 0.85
MOST_MEMORY = 1.2
N_COLUMNS, N_TRAIN, BARE_SHARE, FEW_TREES = 60, 20_000, 0.05, 3


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
    matrix = encoded(model, X, offers)
    scores = np.empty((len(X), len(offers)))
    for k in range(len(offers)):
        for rows in row_chunks(len(X)):
            scores[rows, k] = booster.predict(matrix[rows], raw_score=True, num_threads=model.n_jobs)
    return scores


def encoded(model: PropensityModel, X: pd.DataFrame, offers: Catalog) -> np.ndarray:
    """Give the matrix of customers with the first offer."""
    return np.concatenate(list(model._matrices(X.assign(offer_id=offers.offer_ids[0]))))


def seconds(work: Callable[[], Any]) -> tuple[float, float]:
    """Give the seconds of the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def megabytes(work: Callable[[], Any]) -> float:
    """Give the peak of the memory."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


def same(model: PropensityModel, X: pd.DataFrame, offers: Catalog) -> bool:
    """Compare scores with those of rows, whose few trees LightGBM walks, bit by bit."""
    scores = model.score_offers(X, offers)
    rows = [model.predict_proba(X.assign(offer_id=offer_id))[:, 1] for offer_id in offers.offer_ids]
    matrix = encoded(model, X, offers)
    raw = lightgbm.Booster(model_str=model.probability_.boosting.text).predict(matrix, raw_score=True, num_threads=1)
    linear = model.probability_.boosting.linear
    expected = raw if linear is None else raw + linear.score(matrix)
    return np.array_equal(scores, np.column_stack(rows)) and np.array_equal(
        model.probability_.boosting.score(matrix), expected
    )


def speeds(model: PropensityModel, X: pd.DataFrame, offers: Catalog, n_jobs: int, repeat: int) -> list[str | float]:
    """Time both by turns; give a line, and how many times faster by the processor score_offers is."""
    model.set_params(n_jobs=n_jobs)
    few = X.iloc[: max(int(len(X) * BARE_SHARE), 1)]
    found = []
    for _ in range(repeat):
        whole, bare = (
            seconds(lambda: model.score_offers(X, offers)),
            seconds(lambda: bare_predictions(model, few, offers)),
        )
        found.append([*np.divide(len(X) * len(offers), whole), *np.divide(len(few) * len(offers), bare)])
    clock, processor, bare_clock, bare_processor = np.median(found, axis=0)
    line = (
        f"{n_jobs} thread(s), scores in a second of the clock (of the processor): score_offers {clock:,.0f} "
        f"({processor:,.0f}), bare {bare_clock:,.0f} ({bare_processor:,.0f}); "
        f"{clock / bare_clock:.1f} x ({processor / bare_processor:.1f} x)"
    )
    return [line, float(processor / bare_processor)]


def main() -> int:
    """Measure, show and check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--offers", type=int, default=20)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    offers, X = catalog(asked.offers), customers(asked.customers, 2)
    model, small = fit(offers, asked.trees), fit(offers, FEW_TREES)
    lines = [f"first call, with what is compiled or loaded: {seconds(lambda: model.score_offers(X, offers))[0]:.1f} s"]
    timed = [speeds(model, X, offers, n_jobs, asked.repeat) for n_jobs in (1, 2)]
    lines += [str(line) for line, _ in timed]
    mine = megabytes(lambda: small.score_offers(X, offers))
    bare = megabytes(lambda: bare_predictions(small, X, offers))
    lines.append(f"peak memory: score_offers {mine:.0f} MB, bare predictions {bare:.0f} MB")
    equal = same(model, X.iloc[:5000], offers)
    lines.append("the scores are those of rows and of LightGBM" if equal else "SCORES DIFFER")
    sys.stdout.write("\n".join(lines) + "\n")
    slow = min(float(times) for _, times in timed) < LEAST_SPEED
    return int(asked.check and (slow or not equal or mine > MOST_MEMORY * bare))


if __name__ == "__main__":
    sys.exit(main())
