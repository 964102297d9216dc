from __future__ import annotations

import numpy as np
import pytest

from nbo.models.row_threads import in_threads


@pytest.mark.parametrize(
    ("n_rows", "n_jobs", "n_parts"), [(0, 2, 1), (5, 4, 1), (5000, 1, 1), (5000, 3, 3), (1100, 9, 2)]
)
def test_every_row_is_done_once(n_rows, n_jobs, n_parts):
    done, parts = np.zeros(n_rows), []

    def work(rows):
        done[rows] += 1
        parts.append(rows)

    in_threads(work, n_rows, n_jobs)
    assert (done == 1).all()
    assert len(parts) == n_parts


def test_an_error_in_a_thread_is_raised():
    def work(rows):
        if rows.start:
            raise ValueError("the second half")

    with pytest.raises(ValueError, match="the second half"):
        in_threads(work, 4000, 2)
