"""The compiled loops over rows and trees. Importing this file takes numba."""

from __future__ import annotations

import numba
import numpy as np

from nbo.models.trees.flat_trees import DE_BRUIJN, FULL, WORD, FlatTrees, Leaves, OfferGroups

__all__ = ["cross_out", "walk"]

# Rows whose codes, leaves and scores stay in the cache.
BLOCK = 128

# LightGBM takes these for zero; it is 1e-35 as a float of 32 bits.
_ZERO = float(np.float32(1e-35))
_MISSING_ZERO, _MISSING_NAN = 1, 2
_FULL, _ONE, _DE_BRUIJN, _SHIFT = np.uint32(FULL), np.uint32(1), np.uint32(DE_BRUIJN), np.uint32(27)
_LOWEST, _HIGHEST = np.uint8(0), np.uint8(255)
_compile = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compile
def _code_numbers(flat: FlatTrees, matrix: np.ndarray, start: int, n_rows: int, codes: np.ndarray) -> None:
    value, place = np.empty(n_rows), np.empty(n_rows, dtype=np.int64)
    for search in range(len(flat.search_feature)):
        feature, missing = flat.search_feature[search], flat.search_missing[search]
        for row in range(n_rows):
            given = matrix[start + row, feature]
            no_number = given != given and missing != _MISSING_NAN
            value[row] = 0.0 if abs(given) <= _ZERO or no_number else given
            place[row] = 0
        step = flat.search_half[search]
        thresholds = flat.thresholds[flat.search_start[search] : flat.search_start[search] + 2 * step - 1]
        # All rows take a step before any takes the next: so no row waits for memory, and none is guessed wrong.
        while step > 0:
            for row in range(n_rows):
                here = place[row]
                place[row] = here + step if thresholds[here + step - 1] < value[row] else here
            step >>= 1
        low, high = flat.search_low[search], flat.search_high[search]
        for row in range(n_rows):
            absent = value[row] != value[row] or (missing == _MISSING_ZERO and value[row] == 0.0)
            if low >= 0:
                codes[low, row] = _LOWEST if absent else np.uint8(place[row])
            if high >= 0:
                codes[high, row] = _HIGHEST if absent else np.uint8(place[row])


@_compile
def _code_categories(flat: FlatTrees, matrix: np.ndarray, start: int, n_rows: int, places: np.ndarray) -> None:
    for column in range(len(flat.category_feature)):
        feature = flat.category_feature[column]
        begin, end = flat.category_start[column], flat.category_start[column + 1]
        for row in range(n_rows):
            value = matrix[start + row, feature]
            places[column, row] = end - begin
            # What is no whole number of 32 bits goes right; fractions are cut off.
            if value > -1.0 and value < 2147483648.0:
                category = np.int64(value)
                place = begin + np.searchsorted(flat.categories[begin:end], category)
                if place < end and flat.categories[place] == category:
                    places[column, row] = place - begin


@_compile
def _cross_out_word(
    flat: FlatTrees, word: int, codes: np.ndarray, places: np.ndarray, n_rows: int, left: np.ndarray
) -> None:
    """Give the leaves of a word that are left for each row."""
    for row in range(n_rows):
        left[row] = _FULL
    for test in range(flat.test_start[word], flat.test_start[word + 1], 4):
        code0, code1 = codes[flat.test_column[test]], codes[flat.test_column[test + 1]]
        code2, code3 = codes[flat.test_column[test + 2]], codes[flat.test_column[test + 3]]
        rank0, rank1 = flat.test_rank[test], flat.test_rank[test + 1]
        rank2, rank3 = flat.test_rank[test + 2], flat.test_rank[test + 3]
        mask0, mask1 = flat.test_mask[test], flat.test_mask[test + 1]
        mask2, mask3 = flat.test_mask[test + 2], flat.test_mask[test + 3]
        for row in range(n_rows):
            stay = left[row]
            stay &= mask0 if code0[row] > rank0 else _FULL
            stay &= mask1 if code1[row] > rank1 else _FULL
            stay &= mask2 if code2[row] > rank2 else _FULL
            stay &= mask3 if code3[row] > rank3 else _FULL
            left[row] = stay
    for lookup in range(flat.lookup_start[word], flat.lookup_start[word + 1]):
        place, offset = places[flat.lookup_column[lookup]], flat.lookup_offset[lookup]
        for row in range(n_rows):
            left[row] &= flat.lookup_mask[offset + place[row]]


@_compile
def cross_out(flat: FlatTrees, matrix: np.ndarray) -> np.ndarray:
    """Give the leaves of every word that are left for each row, shape (n_words, n)."""
    n_rows, n_words = len(matrix), len(flat.test_start) - 1
    codes = np.zeros((max(flat.n_columns, 1), n_rows), dtype=np.uint8)
    places = np.zeros((len(flat.category_feature), n_rows), dtype=np.int64)
    _code_numbers(flat, matrix, 0, n_rows, codes)
    _code_categories(flat, matrix, 0, n_rows, places)
    left = np.empty((n_words, n_rows), dtype=np.uint32)
    for word in range(n_words):
        _cross_out_word(flat, word, codes, places, n_rows, left[word])
    return left


@_compile
def _leaf_values(
    leaves: Leaves,
    first: int,
    n_words: int,
    left: np.ndarray,
    masks: np.ndarray,
    n_rows: int,
    value: np.ndarray,
) -> None:
    """Give the value of the first leaf that is left, by the words from the last to the first."""
    for i in range(n_words - 1, -1, -1):
        base, mask, words = (first + i) * WORD, masks[i], left[i]
        if n_words == 1:
            for row in range(n_rows):
                stay = words[row] & mask
                value[row] = leaves.value[base + (np.uint32((stay & (~stay + _ONE)) * _DE_BRUIJN) >> _SHIFT)]
        else:
            for row in range(n_rows):
                stay = words[row] & mask
                if stay:
                    value[row] = leaves.value[base + (np.uint32((stay & (~stay + _ONE)) * _DE_BRUIJN) >> _SHIFT)]


@_compile
def walk(
    flat: FlatTrees,
    leaves: Leaves,
    groups: OfferGroups,
    matrix: np.ndarray,
    picks: np.ndarray,
    scores: np.ndarray,
) -> None:
    """Write the raw scores of rows, with one column for each offer or pick.

    The leaves' values are added tree by tree, from zero, as LightGBM does.
    """
    n_rows, n_offers = len(matrix), groups.n_offers
    most_words = 1
    for tree in range(len(leaves.word_start) - 1):
        most_words = max(most_words, leaves.word_start[tree + 1] - leaves.word_start[tree])
    codes = np.zeros((max(flat.n_columns, 1), BLOCK), dtype=np.uint8)
    places = np.zeros((len(flat.category_feature), BLOCK), dtype=np.int64)
    left = np.empty((most_words, BLOCK), dtype=np.uint32)
    value, total = np.empty(BLOCK), np.empty((n_offers, BLOCK))
    for start in range(0, n_rows, BLOCK):
        size = min(BLOCK, n_rows - start)
        _code_numbers(flat, matrix, start, size, codes)
        _code_categories(flat, matrix, start, size, places)
        total[:] = 0.0
        for tree in range(len(leaves.word_start) - 1):
            first = leaves.word_start[tree]
            n_words = leaves.word_start[tree + 1] - first
            for i in range(n_words):
                _cross_out_word(flat, first + i, codes, places, size, left[i])
            for group in range(groups.group_start[tree], groups.group_start[tree + 1]):
                _leaf_values(leaves, first, n_words, left, groups.masks[groups.mask_start[group] :], size, value)
                for member in range(groups.member_start[group], groups.member_start[group + 1]):
                    sums = total[groups.members[member]]
                    for row in range(size):
                        sums[row] += value[row]
        for row in range(size):
            for column in range(scores.shape[1]):
                offer = picks[start + row, column] if len(picks) else column
                scores[start + row, column] = total[offer, row]
