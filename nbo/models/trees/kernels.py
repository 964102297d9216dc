"""The compiled loops over rows and trees. Importing this file takes numba."""

from __future__ import annotations

import numba
import numpy as np

from nbo.models.trees.flat_trees import DE_BRUIJN, FULL, WORD, FlatTrees, Leaves, OfferGroups

__all__ = ["code_categories", "code_numbers", "cross_out", "walk"]

# Rows whose masks, leaves and sums stay in the cache. numba's cache looks at this file only: it does not
# see when a constant of another changes.
_BLOCK = 256

# LightGBM takes these for zero; it is 1e-35 as a float of 32 bits.
_ZERO = float(np.float32(1e-35))
_MISSING_ZERO, _MISSING_NAN = 1, 2
_FULL, _ONE, _DE_BRUIJN, _SHIFT = np.uint32(FULL), np.uint32(1), np.uint32(DE_BRUIJN), np.uint32(27)
_LOWEST, _HIGHEST = np.uint8(0), np.uint8(255)
_compile = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compile
def code_numbers(flat: FlatTrees, matrix: np.ndarray, codes: np.ndarray) -> None:
    """Write the codes, shape (n_columns, n), of rows."""
    n_rows = len(matrix)
    value, place = np.empty(n_rows), np.empty(n_rows, dtype=np.int64)
    for search in range(len(flat.search_feature)):
        feature, missing = flat.search_feature[search], flat.search_missing[search]
        for row in range(n_rows):
            given = matrix[row, feature]
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
def code_categories(flat: FlatTrees, matrix: np.ndarray, places: np.ndarray) -> None:
    """Write the places, shape (n_category_columns, n), of the categories of rows."""
    for column in range(len(flat.category_feature)):
        feature, begin = flat.category_feature[column], flat.category_start[column]
        n_known = flat.category_start[column + 1] - begin
        for row in range(len(matrix)):
            value = matrix[row, feature]
            places[column, row] = n_known
            # Fractions are cut off. What is no whole number of 32 bits then, or below zero, goes right.
            if value > -1.0 and value < 2147483648.0:
                category, low, high = np.int64(value), 0, n_known
                while low < high:
                    middle = (low + high) >> 1
                    if flat.categories[begin + middle] < category:
                        low = middle + 1
                    else:
                        high = middle
                if low < n_known and flat.categories[begin + low] == category:
                    places[column, row] = low


@_compile
def _cross_out_word(
    flat: FlatTrees, word: int, codes: np.ndarray, places: np.ndarray, start: int, left: np.ndarray
) -> None:
    """Write the leaves of a word that are left for each row, from a row on."""
    n_rows = len(left)
    end = start + n_rows
    for row in range(n_rows):
        left[row] = _FULL
    for test in range(flat.test_start[word], flat.test_start[word + 1], 4):
        code0, code1 = codes[flat.test_column[test], start:end], codes[flat.test_column[test + 1], start:end]
        code2, code3 = codes[flat.test_column[test + 2], start:end], codes[flat.test_column[test + 3], start:end]
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
        place, offset = places[flat.lookup_column[lookup], start:end], flat.lookup_offset[lookup]
        for row in range(n_rows):
            left[row] &= flat.lookup_mask[offset + place[row]]


@_compile
def cross_out(flat: FlatTrees, codes: np.ndarray, places: np.ndarray, left: np.ndarray) -> None:
    """Write the leaves that are left, shape (n_words, n)."""
    for word in range(len(left)):
        _cross_out_word(flat, word, codes, places, 0, left[word])


@_compile
def _leaf_values(
    leaves: Leaves, first: int, n_words: int, left: np.ndarray, masks: np.ndarray, value: np.ndarray
) -> None:
    """Write the value of the first leaf that is left, from the last word to the first."""
    for i in range(n_words - 1, -1, -1):
        base, mask, words = (first + i) * WORD, masks[i], left[i]
        for row in range(len(value)):
            stay = words[row] & mask
            # An empty word finds any value, and keeps that of the words behind it.
            found = leaves.value[base + (np.uint32((stay & (~stay + _ONE)) * _DE_BRUIJN) >> _SHIFT)]
            value[row] = found if stay else value[row]


@_compile
def walk(
    flat: FlatTrees,
    leaves: Leaves,
    groups: OfferGroups,
    codes: np.ndarray,
    places: np.ndarray,
    picks: np.ndarray,
    scores: np.ndarray,
) -> None:
    """Write the raw scores of rows, with one column for each offer or pick.

    The leaves' values are added tree by tree, from zero, as LightGBM does.
    """
    n_trees, most_words = len(leaves.word_start) - 1, 1
    for tree in range(n_trees):
        most_words = max(most_words, leaves.word_start[tree + 1] - leaves.word_start[tree])
    left = np.empty((most_words, _BLOCK), dtype=np.uint32)
    values, totals = np.empty(_BLOCK), np.empty((groups.n_offers, _BLOCK))
    for start in range(0, len(scores), _BLOCK):
        size = min(_BLOCK, len(scores) - start)
        totals[:] = 0.0
        value = values[:size]
        for tree in range(n_trees):
            first = leaves.word_start[tree]
            n_words = leaves.word_start[tree + 1] - first
            for i in range(n_words):
                _cross_out_word(flat, first + i, codes, places, start, left[i, :size])
            for group in range(groups.group_start[tree], groups.group_start[tree + 1]):
                _leaf_values(leaves, first, n_words, left, groups.masks[groups.mask_start[group] :], value)
                for member in range(groups.member_start[group], groups.member_start[group + 1]):
                    total = totals[groups.members[member]]
                    for row in range(size):
                        total[row] += value[row]
        for row in range(size):
            for column in range(scores.shape[1]):
                offer = picks[start + row, column] if len(picks) else column
                scores[start + row, column] = totals[offer, row]
