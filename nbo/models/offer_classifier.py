"""What a model of offers needs: the columns of the catalog, and the scores of all offers."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_matrix
from nbo.errors import InputError
from nbo.models.boosted_classifier import BoostedClassifier
from nbo.models.boosted_model import row_chunks
from nbo.models.boosting_settings import BoostingSettings
from nbo.models.encoding import FrameEncoder
from nbo.models.known_scores import KnownScores
from nbo.models.logistic import sigmoid
from nbo.models.offer_codes import OfferCodes
from nbo.models.offer_columns import OFFER_COLUMNS, join_offers, offer_attributes
from nbo.models.row_threads import in_threads
from nbo.models.training_progress import RoundCallback
from nbo.tables import Catalog

__all__ = ["OfferClassifier", "as_catalog"]

# Rows whose numbers stay in the cache while they are calibrated.
_ROWS_AT_ONCE = 8192


class OfferClassifier(BoostedClassifier):
    """What a model of offers needs. It is not a model by itself."""

    offers_: dict[str, list[Any]] | None
    # The offers that were scored last, the encoder, and what it made of them.
    _encoded: tuple[Catalog, FrameEncoder, np.ndarray] | None = None

    def score_offers(self, X: Any, catalog: Any, channels: Any = None) -> np.ndarray:
        """Score every offer of a catalog for every customer.

        Parameters
        ----------
        X : frame of shape (n, p)
            Customers; their features are encoded once. Columns `offer_id`, `channel` and
            ``offer__...`` are replaced by those of each offer.
        catalog : Catalog or frame
            The offers, k of them, known to the model or not.
        channels : array-like of str, shape (n, k), optional
            The channel of each offer to each customer. By default the first of the offer. Of no
            effect where the model was fitted without `channel`.

        Returns
        -------
        ndarray of shape (n, k)
            Probability that the customer accepts, offers in the order of the catalog.

        Raises
        ------
        InputError
            If the model was fitted without `offer_id`, or `X` or `channels` are not as stated.
        """
        offers = as_catalog(catalog)
        if c.OFFER_ID not in self.encoder_.names_:
            raise InputError("score_offers needs a model of offers; fit it with the column offer_id in X.")
        frame = self.encoder_.take(X)
        if channels is not None:
            channels = check_matrix(np.asarray(channels, dtype=object), (len(frame), len(offers)), "channels")
        replaced = [name for name in (c.OFFER_ID, c.CHANNEL, *OFFER_COLUMNS) if name in self.encoder_.names_]
        positions = [self.encoder_.names_.index(name) for name in replaced]
        codes = self._codes_of(offers, replaced)
        scores = np.empty((len(frame), len(offers)))
        for rows in row_chunks(len(frame)):
            # One matrix serves all offers: only their own columns change.
            matrix = self.encoder_.transform(frame, rows, skip=replaced)
            asked = OfferCodes(positions, codes)
            if channels is not None and c.CHANNEL in replaced:
                asked = self._in_channels(codes, channels[rows], replaced.index(c.CHANNEL), positions)
            self._score_chunk(matrix, asked, scores[rows])
        return scores

    def _score_chunk(self, matrix: np.ndarray, offers: OfferCodes, scores: np.ndarray) -> None:
        raw = {name: trees.score_offers(matrix, offers, self._threads()) for name, trees in self._trees().items()}

        def calibrate(rows: slice) -> None:
            # The same model, whose trees have answered for all offers already.
            known = {name: KnownScores(np.empty(0)) for name in raw}
            model = copy(self)
            model._restore(self._state(), dict(known))
            for start in range(rows.start, rows.stop, _ROWS_AT_ONCE):
                part = slice(start, min(start + _ROWS_AT_ONCE, rows.stop))
                mine = offers.of(part)
                for k in range(offers.n_offers):
                    mine.put(matrix[part], k)
                    for name, each in known.items():
                        each.known = raw[name][part, k]
                    scores[part, k] = sigmoid(model._logit(matrix[part]))

        in_threads(calibrate, len(matrix), self._threads())

    def _in_channels(self, codes: np.ndarray, channels: np.ndarray, place: int, positions: list[int]) -> OfferCodes:
        """List each offer in each channel that comes with it, and which of them each customer has."""
        n_offers = len(codes)
        each = self.encoder_.encode(c.CHANNEL, pd.Series(channels.ravel())).reshape(channels.shape)
        n_channels = len(self.encoder_.values_.get(c.CHANNEL, [])) + 1
        # The last channel is that of none, and of those that the model does not know.
        pairs = np.where(np.isnan(each), n_channels - 1, each).astype(np.int64) + np.arange(n_offers) * n_channels
        there = np.flatnonzero(np.bincount(pairs.ravel(), minlength=n_offers * n_channels))
        in_channels = codes[there // n_channels]
        in_channels[:, place] = np.append(np.arange(n_channels - 1.0), np.nan)[there % n_channels]
        return OfferCodes(positions, in_channels, np.searchsorted(there, pairs))

    def _codes_of(self, offers: Catalog, names: list[str]) -> np.ndarray:
        """Encode the offers, or find them encoded for the customer before: a catalog does not change."""
        known = self._encoded
        if known is None or known[0] is not offers or known[1] is not self.encoder_:
            known = self._encoded = offers, self.encoder_, self._encode_offers(offers, names)
        return known[2]

    def _encode_offers(self, offers: Catalog, names: list[str]) -> np.ndarray:
        frame = pd.DataFrame(
            {
                c.OFFER_ID: pd.Series(offers.offer_ids, dtype=object),
                c.CHANNEL: pd.Series([next(iter(offer.channels), None) for offer in offers], dtype=object),
            }
        )
        frame = join_offers(frame, offer_attributes(offers))
        return np.column_stack([self.encoder_.encode(name, frame[name]) for name in names])

    def _settings(self, seed: int, callbacks: tuple[RoundCallback, ...] = ()) -> BoostingSettings:
        settings = super()._settings(seed, callbacks)
        if self.offers_ is None:
            return settings
        # Else the trees would read everything off the id, and nothing would be known of a new offer.
        return replace(settings, hide=self.encoder_.names_.index(c.OFFER_ID))

    def _take(self, X: Any) -> pd.DataFrame:
        frame = super()._take(X)
        if self.offers_ is None:
            return frame
        check_columns(frame, [c.OFFER_ID], "X of a model that was given a catalog")
        return join_offers(frame, self.offers_)


def as_catalog(catalog: Any) -> Catalog:
    """Take a catalog, or a frame of offers as one.

    Parameters
    ----------
    catalog : Catalog or frame

    Returns
    -------
    Catalog
    """
    return catalog if isinstance(catalog, Catalog) else Catalog.from_frame(catalog)
