"""Which subgroups are reported: by hand."""

import numpy as np

from nbo.segments.audiences.discoveries import telling

MEMBERS = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1, 0]], dtype=bool)


def test_what_repeats_a_better_one_is_left_out():
    def lifts(part, among):
        return True

    assert telling([0, 1, 2], MEMBERS.__getitem__, lifts, most=5) == [0, 2]
    assert telling([0, 1, 2], MEMBERS.__getitem__, lifts, most=1) == [0]
    assert telling([], MEMBERS.__getitem__, lifts, most=5) == []


def test_the_rest_must_still_accept_more():
    asked = []

    def lifts(part, among):
        asked.append((part.tolist(), among.tolist()))
        return len(asked) == 1

    assert telling([0, 2], MEMBERS.__getitem__, lifts, most=5) == [0]
    assert asked[1] == (MEMBERS[2].tolist(), (~MEMBERS[0]).tolist())
