"""Time and memory of finding bundles: a million baskets of 300 products, simulated.

``python -m tests.benchmarks.bundles [baskets] [products]``
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from nbo import CustomerTables, bundle_candidates


def simulated(n_baskets: int, n_products: int) -> pd.DataFrame:
    """Simulate baskets of unequal sizes, four baskets a customer, with ten planted complements."""
    rng = np.random.default_rng(0)
    popular = rng.lognormal(0, 1.2, n_products)
    sizes = 1 + rng.poisson(rng.gamma(1.0, 2.0, n_baskets))
    basket = np.repeat(np.arange(n_baskets), sizes)
    item = rng.choice(n_products, len(basket), p=popular / popular.sum())
    brings = (item < 20) & (item % 2 == 0) & (rng.random(len(item)) < 0.2)
    basket, item = np.append(basket, basket[brings]), np.append(item, item[brings] + 1)
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(n_baskets) % 4, "D")
    return pd.DataFrame(
        {
            "customer_id": basket // 4,
            "event_time": day[basket],
            "product_id": pd.Categorical.from_codes(item, [f"p{at:03d}" for at in range(n_products)]),
            "amount": 5.0,
            "margin": 1.0,
        }
    )


def main(n_baskets: int = 1_000_000, n_products: int = 300) -> None:
    """Write seconds and memory."""
    tables = CustomerTables(transactions=simulated(n_baskets, n_products))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    found = bundle_candidates(tables, "2026-01-01")
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    planted = {f"p{at:03d} + p{at + 1:03d}" for at in range(0, 20, 2)}
    called = set(found.complements["bundle_id"])
    told = [
        repr(found),
        f"sales: {len(tables.get('transactions')):,}; CPU seconds: {spent:.1f}",
        f"MiB before: {before:,.0f}, peak: {peak:,.0f}",
        f"planted complements found: {len(planted & called)} of {len(planted)}; others: {len(called - planted)}",
    ]
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
