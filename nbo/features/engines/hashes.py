"""Hashes of keys that are the same on every machine and with every version of other libraries."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

__all__ = ["MISSING", "integer_hashes", "text_hashes"]

# Stands for no key; no key has it.
MISSING: Final = np.uint64(0)
# Never changes, else a build that was stopped could not go on.
_SEED: Final = np.uint64(0x6E626F5F70617274)
_FIRST_BYTES: Final = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)


def integer_hashes(numbers: np.ndarray) -> np.ndarray:
    """Hash whole numbers to 64 bits, by the last steps of SplitMix64 [1]_.

    Parameters
    ----------
    numbers : ndarray of int64, shape (m,)

    Returns
    -------
    ndarray of uint64, shape (m,)
        Two numbers have two hashes, but for one pair of numbers, as no key has the hash `MISSING`.

    References
    ----------
    .. [1] Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number
       generators. OOPSLA.

    Examples
    --------
    >>> integer_hashes(np.array([1]))
    array([6238072747940578789], dtype=uint64)
    """
    return _without_missing(_mixed(numbers.view(np.uint64)))


def text_hashes(texts: pa.Array) -> np.ndarray:
    """Hash texts to 64 bits, eight bytes of all texts at a time.

    Parameters
    ----------
    texts : pyarrow array of m texts
        None is missing.

    Returns
    -------
    ndarray of uint64, shape (m,)

    Examples
    --------
    >>> hashes = text_hashes(pa.array(["ann", "bob", "ann"]))
    >>> bool(hashes[0] == hashes[2]), bool(hashes[0] == hashes[1])
    (True, False)
    """
    texts = texts.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1] if len(texts) else np.zeros(1, np.int64)
    n_bytes = int(bounds[-1] - bounds[0])
    words = np.zeros(n_bytes // 8 + 2, dtype="<u8")
    if n_bytes:
        words.view(np.uint8)[:n_bytes] = np.frombuffer(data, np.uint8)[bounds[0] :][:n_bytes]
    at, left = bounds[:-1] - bounds[0], np.diff(bounds)
    hashes = _mixed(left.astype(np.uint64) ^ _SEED)
    some = np.flatnonzero(left)
    while len(some):
        word = _word_at(words, at[some]) & _FIRST_BYTES[np.minimum(left[some], 8)]
        hashes[some] = _mixed(hashes[some] ^ word)
        at, left = at + 8, left - 8
        some = some[left[some] > 0]
    return _without_missing(hashes)


def _word_at(words: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Take the eight bytes from each of some positions on."""
    place, bits = at >> 3, ((at & 7) << 3).astype(np.uint64)
    # In two steps, for a word cannot be moved by 64 bits at once.
    return (words[place] >> bits) | ((words[place + 1] << (np.uint64(63) - bits)) << np.uint64(1))


def _mixed(bits: np.ndarray) -> np.ndarray:
    bits = bits ^ (bits >> np.uint64(30))
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def _without_missing(hashes: np.ndarray) -> np.ndarray:
    hashes[hashes == MISSING] = np.uint64(1)
    return hashes
