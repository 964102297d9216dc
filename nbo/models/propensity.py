"""The probability that a customer accepts an offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_matrix
from nbo.errors import InputError
from nbo.models.boosted_classifier import BoostedClassifier
from nbo.models.boosted_model import row_chunks
from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.calibration import CalibrationMethod, sigmoid
from nbo.models.offer_columns import OFFER_COLUMNS, join_offers, offer_attributes, offer_offsets
from nbo.models.training_data import TrainingData
from nbo.models.training_progress import RoundCallback, take_callbacks
from nbo.tables import Catalog

__all__ = ["PropensityModel"]


class PropensityModel(BoostedClassifier):
    """Predict the probability that a customer accepts an offer.

    One model for all offers: boosted trees on the customer's features and, where `X` has the
    column `offer_id`, on the offer and its attributes. Scores are calibrated on the latest
    rows, and the trees are then grown anew on all. Each offer's calibration is shifted by what
    its own rows say, the less so the fewer they are. With a catalog, an offer that was never
    made is scored by its attributes: for this the trees are trained with the id hidden in a
    tenth of the rows.

    Where all labels are the same, the model is a constant by Laplace's rule,
    (ones + 1) / (rows + 2), and logs a warning. Where the rows are too few to hold some out, it
    is neither stopped early nor calibrated.

    Parameters
    ----------
    n_estimators : int, default=300
        Most trees.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=31
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    calibration : {"beta", "sigmoid", "shift", "none"}, default="beta"
        How raw scores become probabilities. Beta needs 2,000 later rows, else it is sigmoid.
    calibration_share : float, default=0.2
        Share of the rows held out for early stopping and calibration, in [0, 1).
    early_stopping_rounds : int, default=30
        Stop after so many trees without improvement on rows held out; 0 never stops.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of a random holdout.
    monotone : mapping of str to {-1, 1}, optional
        By name of a column of numbers: 1 where the score may only rise with it, -1 where it may
        only fall.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is accepting.
    calibration_ : Calibration
        From raw scores to probabilities, pooled.
    offer_offsets_ : dict of str to float
        What each offer adds to the calibrated log-odds.
    encoder_ : FrameEncoder
        The columns and their categories.

    Examples
    --------
    >>> from nbo.tables import Offer
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 6000), "offer_id": rng.choice(["card", "loan"], 6000)})
    >>> y = rng.random(6000) < np.where((X["offer_id"] == "card") == (X["age"] < 50), 0.4, 0.1)
    >>> catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0)])
    >>> model = PropensityModel(n_estimators=60, min_child_samples=200).fit(X, y, catalog=catalog)
    >>> model.score_offers(pd.DataFrame({"age": [30, 60]}), catalog).round(1)
    array([[0.4, 0.1],
           [0.1, 0.4]])
    """

    offers_: dict[str, list[Any]] | None
    offer_offsets_: dict[str, float]

    def __init__(
        self,
        n_estimators: int = 300,
        learning_rate: float = 0.05,
        num_leaves: int = 31,
        min_child_samples: int = 20,
        calibration: CalibrationMethod = "beta",
        calibration_share: float = 0.2,
        early_stopping_rounds: int = 30,
        n_jobs: int = 1,
        random_state: Any = 0,
        monotone: Mapping[str, int] | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.calibration = calibration
        self.calibration_share = calibration_share
        self.early_stopping_rounds = early_stopping_rounds
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.monotone = monotone

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        time: Any = None,
        groups: Any = None,
        catalog: Any = None,
        callbacks: Sequence[RoundCallback] | None = None,
        progress: bool = False,
    ) -> PropensityModel:
        """Learn who accepts what.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features when the offer was made: numbers, texts, categories, flags, missing values.
            `offer_id` and `channel` may be columns; they are categories.
        y : array-like of shape (n,)
            1 (or the second of two labels) where the offer was accepted.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            When each offer was made, UTC. The latest rows are held out for calibration.
        groups : array-like of shape (n,), optional
            Such as customer ids; without `time`, rows of one group stay together.
        catalog : Catalog or frame, optional
            Adds each offer's value, cost, category and kind as columns, so that an offer that
            was never made can be scored.
        callbacks : sequence of callable, optional
            Each is called after each tree with its number, the most trees, and the loss on the rows
            that stop the training (None without).
        progress : bool, default=False
            Whether to show a bar.

        Returns
        -------
        PropensityModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, `y` is not of two classes, or a
            catalog is given and `X` has no `offer_id`.
        """
        self.offers_ = None if catalog is None else offer_attributes(_as_catalog(catalog))
        self._fit(X, y, sample_weight, time, groups, callbacks=take_callbacks(callbacks, progress))
        return self

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
        offers = _as_catalog(catalog)
        if c.OFFER_ID not in self.encoder_.names_:
            raise InputError("score_offers needs a model of offers; fit it with the column offer_id in X.")
        frame = self.encoder_.take(X)
        if channels is not None:
            channels = check_matrix(np.asarray(channels, dtype=object), (len(frame), len(offers)), "channels")
        replaced = [name for name in (c.OFFER_ID, c.CHANNEL, *OFFER_COLUMNS) if name in self.encoder_.names_]
        positions = [self.encoder_.names_.index(name) for name in replaced]
        codes = self._encode_offers(offers, replaced)
        scores = np.empty((len(frame), len(offers)))
        for rows in row_chunks(len(frame)):
            # One matrix serves all offers: only their own columns change.
            matrix = self.encoder_.transform(frame, rows, skip=replaced)
            for k in range(len(offers)):
                matrix[:, positions] = codes[k]
                if channels is not None and c.CHANNEL in replaced:
                    given = self.encoder_.encode(c.CHANNEL, pd.Series(channels[rows, k]))
                    matrix[:, self.encoder_.names_.index(c.CHANNEL)] = given
                scores[rows, k] = sigmoid(self._logit(matrix))
        return scores

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

    def _fit_offsets(self, later: TrainingData) -> None:
        self.offer_offsets_ = {}
        if c.OFFER_ID not in self.encoder_.names_ or self.calibration == "none" or not len(later.target):
            return
        codes = later.matrix[:, self.encoder_.names_.index(c.OFFER_ID)]
        known = self.encoder_.values_[c.OFFER_ID]
        offsets = offer_offsets(super()._logit(later.matrix), later.target, codes, len(known), later.weight)
        self.offer_offsets_ = dict(zip(known, offsets.tolist(), strict=True))

    def _logit(self, matrix: np.ndarray) -> np.ndarray:
        logit = super()._logit(matrix)
        if not self.offer_offsets_:
            return logit
        codes = matrix[:, self.encoder_.names_.index(c.OFFER_ID)]
        # The last place is for offers that the model does not know.
        offsets = np.append([self.offer_offsets_[offer] for offer in self.encoder_.values_[c.OFFER_ID]], 0.0)
        return logit + offsets[np.where(np.isnan(codes), -1, codes).astype(int)]

    def _state(self) -> dict[str, Any]:
        return {**super()._state(), "offers": self.offers_, "offer_offsets": self.offer_offsets_}

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        super()._restore(state, trees)
        self.offers_ = state["offers"]
        self.offer_offsets_ = state["offer_offsets"]


def _as_catalog(catalog: Any) -> Catalog:
    return catalog if isinstance(catalog, Catalog) else Catalog.from_frame(catalog)
