import numpy as np
import pandas as pd
import pytest

from nbo.datasets import offer_instances
from nbo.errors import InputError


def a_log(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "event", "time", "offer_id"]).assign(
        event=lambda log: "offer " + log["event"]
    )


def by_loop(log: pd.DataFrame, durations: dict[str, int]) -> list[tuple]:
    rows = list(log.itertuples(index=False))
    found = []
    for sent in rows:
        if sent.event != "offer received":
            continue
        same = [row for row in rows if (row.customer_id, row.offer_id) == (sent.customer_id, sent.offer_id)]
        again = [row.time for row in same if row.event == "offer received" and row.time > sent.time]
        end = min([sent.time + 24 * durations[sent.offer_id]] + [time - 1 for time in again])
        first = {}
        for event in ("offer viewed", "offer completed"):
            inside = [row.time for row in same if row.event == event and sent.time <= row.time <= end]
            first[event] = min(inside, default=np.nan)
        accepted = first["offer viewed"] <= first["offer completed"]
        found.append((end, first["offer viewed"], first["offer completed"], accepted))
    return found


def test_viewed_then_completed_is_accepted_and_the_reverse_is_not():
    log = a_log(
        ("ann", "received", 0, "tea"),
        ("bob", "received", 0, "tea"),
        ("ann", "viewed", 6, "tea"),
        ("bob", "completed", 6, "tea"),
        ("ann", "completed", 6, "tea"),
        ("bob", "viewed", 12, "tea"),
    )
    sent = offer_instances(log, {"tea": 7})
    assert sent["accepted"].tolist() == [True, False]
    assert sent["completed"].tolist() == [True, True]
    assert sent["window_end"].tolist() == [7 * 24, 7 * 24]


def test_the_window_includes_its_end_and_nothing_after_it():
    log = a_log(
        ("ann", "received", 0, "tea"),
        ("bob", "received", 0, "tea"),
        ("ann", "viewed", 24, "tea"),
        ("bob", "viewed", 25, "tea"),
    )
    assert offer_instances(log, {"tea": 1})["viewed"].tolist() == [True, False]


def test_a_window_ends_one_hour_before_the_same_offer_comes_again():
    log = a_log(
        ("ann", "received", 0, "tea"),
        ("ann", "received", 168, "tea"),
        ("ann", "received", 200, "cake"),
        ("ann", "viewed", 168, "tea"),
    )
    sent = offer_instances(log, {"tea": 10, "cake": 1})
    assert sent["window_end"].tolist() == [168 - 1, 168 + 240, 200 + 24]
    assert sent["viewed"].tolist() == [False, True, False]


def test_agrees_with_a_plain_loop_on_a_random_log():
    rng = np.random.default_rng(3)
    n = 400
    log = pd.DataFrame(
        {
            "customer_id": rng.choice(["ann", "bob", "cy"], n),
            "event": rng.choice(["offer received", "offer viewed", "offer completed"], n),
            "time": np.sort(rng.integers(0, 900, n)),
            "offer_id": rng.choice(["tea", "cake"], n),
        }
    ).drop_duplicates()
    durations = {"tea": 2, "cake": 1}
    sent = offer_instances(log, durations)
    got = list(sent[["window_end", "viewed_at", "completed_at", "accepted"]].itertuples(index=False, name=None))
    np.testing.assert_array_equal(np.array(got, dtype=float), np.array(by_loop(log, durations), dtype=float))
    assert sent["accepted"].sum() > 5


def test_a_log_without_offers_gives_no_rows():
    log = a_log(("ann", "viewed", 0, "tea")).iloc[:0]
    assert len(offer_instances(log, {"tea": 1})) == 0
    only_purchases = pd.DataFrame({"customer_id": ["ann"], "event": ["transaction"], "time": [0], "offer_id": [None]})
    assert len(offer_instances(only_purchases, {"tea": 1})) == 0


def test_an_offer_without_a_duration_is_refused():
    with pytest.raises(InputError, match=r"an offer with a duration; 1 of 1 rows is not, first at row 0: 'tea'"):
        offer_instances(a_log(("ann", "received", 0, "tea")), {"cake": 1})


def test_a_log_without_its_columns_is_refused():
    with pytest.raises(InputError, match="log lacks the columns 'event', 'time', 'offer_id'"):
        offer_instances(pd.DataFrame({"customer_id": []}), {})


def test_equals_the_published_labels_on_the_whole_starbucks_log(public_data):
    folder = public_data / "starbucks_rewards"
    oracle_file = folder / "derived" / "offer_instances.parquet"
    if not oracle_file.is_file():
        pytest.skip(f"no label oracle at {oracle_file}")
    portfolio = pd.read_parquet(folder / "portfolio.parquet")
    log = pd.read_parquet(folder / "transcript.parquet").rename(columns={"person": "customer_id"})
    texts = {name: log[name].astype("str") for name in ("customer_id", "event", "offer_id")}
    sent = offer_instances(log.assign(**texts), dict(zip(portfolio["id"], portfolio["duration"], strict=True)))
    oracle = pd.read_parquet(oracle_file).rename(columns={"person": "customer_id"})
    oracle = oracle.astype({"customer_id": "str", "offer_id": "str"})
    order = ["received_at", "customer_id"]
    sent, oracle = (frame.sort_values(order).reset_index(drop=True) for frame in (sent, oracle))
    pd.testing.assert_frame_equal(sent, oracle[list(sent.columns)], check_dtype=False, check_exact=True)
