"""How long reports take, and how often they raise a false alarm: ``python -m tests.benchmarks.reports --help``."""

from __future__ import annotations

import argparse
import logging
import resource
import time

import numpy as np
import pandas as pd

from nbo.reports import program_report, segment_report
from nbo.tables import CustomerTables

logger = logging.getLogger(__name__)


def made_up_log(n: int, segments: int, offers: int, seed: int = 0) -> pd.DataFrame:
    """Make decisions of 60 days at random, with answers, one customer for four decisions."""
    rng = np.random.default_rng(seed)
    names = np.array([*(f"offer {place}" for place in range(offers)), "no_offer"])
    customer = rng.integers(0, n // 4, n)
    offer = names[rng.integers(0, offers + 1, n)]
    return pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "customer_id": customer,
            "segment": np.array([f"segment {place}" for place in range(segments)])[customer % segments],
            "arm": np.array(["agent", "holdout"])[customer // segments % 2],
            "decided_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 60 * 86_400, n), unit="s"),
            "offer_id": offer,
            "channel": np.array(["app", "mail", "phone"])[rng.integers(0, 3, n)],
            "creative": np.array(["fear", "price", "story"])[rng.integers(0, 3, n)],
            "reward": ((rng.random(n) < 0.1) & (offer != "no_offer")).astype(float),
            "value": 10.0,
        }
    )


def made_up_sales(n: int, seed: int = 1) -> CustomerTables:
    rng = np.random.default_rng(seed)
    sales = pd.DataFrame({"transaction_id": np.arange(n), "customer_id": rng.integers(0, n // 4, n)})
    times = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 60 * 86_400, n), unit="s")
    return CustomerTables(transactions=sales.assign(event_time=times, amount=rng.integers(1, 9999, n) / 100))


def measure(n: int, segments: int, offers: int) -> None:
    """Time the report by segment, and that of the program with its page."""
    log, tables = made_up_log(n, segments, offers), made_up_sales(n)
    given = {"as_of": "2026-03-10", "since": "2026-01-31", "tables": tables}
    for name, run in (
        ("segment_report", lambda: segment_report(log)),
        ("program_report with its page", lambda: program_report(log, **given).to_page().to_html()),
    ):
        wall, spent = time.perf_counter(), time.process_time()
        run()
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        logger.info("%s: %.1f s (%.1f s of processor), peak %.2f GiB so far", name, wall, spent, peak)


def false_alarms(reports: int, repeats: float, spread: float, seed: int = 0) -> None:
    """Count how often any segment is flagged where none differs, but customers do, and answer several times."""
    rng, n = np.random.default_rng(seed), 1500
    flagged, naive, held = [], [], []
    for _ in range(reports):
        segment, taste = rng.integers(0, 6, n), rng.beta(0.15 / spread, 0.85 / spread, n)
        customer = np.repeat(np.arange(n), rng.poisson(repeats, n) + 1)
        log = pd.DataFrame({"customer_id": customer, "segment": segment[customer].astype(str)})
        log["offer_id"] = rng.integers(0, 3, len(log)).astype(str)
        log["reward"] = (rng.random(len(log)) < taste[customer]).astype(float)
        report = segment_report(log)
        flagged.append(report["flag"].isin(["above", "below"]).any())
        own = report[report["segment"] != "all"]
        held.append(((own["low"] <= 0.15) & (own["high"] >= 0.15)).mean())
        naive.append((segment_report(log.drop(columns="customer_id"))["p_adjusted"] < 0.05).any())
    words = "flagged in %.1f %% of %d reports (%.1f %% if answers were independent); intervals hold in %.1f %%"
    logger.info(words, 100 * np.mean(flagged), reports, 100 * np.mean(naive), 100 * np.mean(held))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--segments", type=int, default=50)
    parser.add_argument("--offers", type=int, default=20)
    parser.add_argument("--reports", type=int, default=0, help="Count false alarms in so many reports instead.")
    parser.add_argument("--repeats", type=float, default=10.0, help="Mean answers of a customer, beside the first.")
    parser.add_argument("--spread", type=float, default=0.5, help="How much customers differ.")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if given.reports:
        false_alarms(given.reports, given.repeats, given.spread)
    else:
        measure(given.decisions, given.segments, given.offers)


if __name__ == "__main__":
    main()
