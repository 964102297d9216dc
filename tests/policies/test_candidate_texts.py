"""Candidates as text: what is eligible, and nothing else."""

import json

import numpy as np

from nbo.policies.candidate_texts import candidate_texts


def test_every_row_has_its_eligible_offers_with_their_probabilities():
    rng = np.random.default_rng(0)
    offers, eligible = ["w", "x", "y"], rng.random((50, 3)) < 0.6
    stated = np.where(eligible, rng.random((50, 3)).round(1), 0.0)
    for row, text in enumerate(candidate_texts(offers, stated, eligible)):
        assert json.loads(text) == {offers[i]: stated[row, i] for i in np.flatnonzero(eligible[row])}


def test_no_rows():
    assert candidate_texts(["x"], np.zeros((0, 1)), np.zeros((0, 1), dtype=bool)).tolist() == []
