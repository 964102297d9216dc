"""Rows of Arrow come through bytes as they were, each in every partition that needs it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbo.errors import InputError
from nbo.features.engines.payloads import arrow_tables, gathered, packed, unpacked


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr("nbo.features.engines.payloads._PIECE", 100)


def _rows(n: int) -> pa.Table:
    texts = pa.array([None if i % 7 == 0 else f"t{i % 3}" for i in range(n)])
    return pa.table({"customer_id": np.arange(n), "channel": texts, "amount": np.arange(n) / 3})


@pytest.mark.usefixtures("_small")
def test_rows_come_back_in_their_partitions():
    def places(piece: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        # Every row in one partition, those of customer 3 in all of them.
        ids = piece["customer_id"].to_numpy()
        extra = np.repeat(np.flatnonzero(ids == 3), 4)
        return np.concatenate([np.arange(len(ids)), extra]), np.concatenate([ids % 4, np.arange(len(extra)) % 4])

    rows = _rows(50)
    batches = list(packed(gathered(rows.to_batches(max_chunksize=6), rows.column_names), "transactions", places, 4))
    assert sum(batch.num_rows for batch in batches) > 8
    for number in range(4):
        mine = [batch.filter(pa.compute.equal(batch["partition"], number)) for batch in batches]
        got = unpacked(mine)["transactions"].to_pandas()
        ids = [*range(number, 50, 4), 3]
        assert sorted(got["customer_id"]) == sorted(ids)
        wanted = rows.to_pandas().iloc[got["customer_id"]].reset_index(drop=True)
        pd.testing.assert_frame_equal(got, wanted, check_exact=True)


@pytest.mark.usefixtures("_small")
def test_pieces_are_bounded_and_renamed():
    batches = _rows(40).to_batches(max_chunksize=2)
    pieces = list(gathered(batches, ["a", "b", "c"]))
    assert len(pieces) > 5
    assert pieces[0].column_names == ["a", "b", "c"]
    assert pa.concat_tables(pieces)["a"].to_pylist() == list(range(40))


def test_nothing_gives_nothing():
    assert list(gathered([], ["a"])) == []
    assert unpacked([]) == {}


def test_a_column_that_was_not_set_out_is_refused():
    tables = arrow_tables({"transactions": ["customer_id", "amount", "cost"]}, {"transactions": _rows(3)})
    assert tables.columns("transactions").numbers("amount").tolist() == [0, 1 / 3, 2 / 3]
    with pytest.raises(InputError, match="reads transactions.cost, of which its features say nothing"):
        tables.columns("transactions").numbers("cost")
