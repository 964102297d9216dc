from __future__ import annotations

import pandas as pd

from nbo.batch import BatchResult


def test_parts_are_read_in_their_order(tmp_path):
    for kind in ("scores", "decisions"):
        (tmp_path / kind).mkdir()
        for part in reversed(range(11)):
            pd.DataFrame({"n": [part]}).to_parquet(tmp_path / kind / f"part-{part:05d}.parquet")
    result = BatchResult(tmp_path, "complete", "r", pd.Timestamp("2026-01-01"), "v", 11, 11, 0, 11)
    assert result.read_scores()["n"].tolist() == list(range(11))
    assert result.read_decisions()["n"].tolist() == list(range(11))


def test_the_text_tells_what_came_from_before_and_what_was_recorded(tmp_path):
    result = BatchResult(tmp_path, "complete", "r", pd.Timestamp("2026-01-01"), "v", 2, 24, 0, 1, 1, 2)
    assert str(result) == (
        f"complete: 2 customers, 24 scores, 0 rows set aside, 1 part (1 from before) in {tmp_path}, "
        "2 decisions new to the ledger; run r with model v"
    )
