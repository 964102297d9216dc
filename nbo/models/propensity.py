"""The probability that a customer accepts an offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.models.action_weights import action_weights
from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.calibration import Calibration, CalibrationMethod, sigmoid
from nbo.models.encoding import is_frame
from nbo.models.level_offsets import add_offsets, fit_offsets
from nbo.models.offer_classifier import OfferClassifier, as_catalog
from nbo.models.offer_columns import offer_attributes
from nbo.models.probability import BoostedProbability
from nbo.models.stages import both_stages
from nbo.models.targets import take_weights
from nbo.models.training_data import TrainingData
from nbo.models.training_progress import RoundCallback, take_callbacks

__all__ = ["PropensityModel"]

_VIEWED = "viewed"


class PropensityModel(OfferClassifier):
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
    calibration : {"beta", "sigmoid", "isotonic", "venn_abers", "shift", "none"}, default="beta"
        How raw scores become probabilities. Beta needs 2,000 later rows, else it is sigmoid.
        Isotonic and Venn-Abers calibration tie scores; the latter gives :meth:`predict_interval`.
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
    linear_share : float, default=0.7
        Share of a logistic regression that the trees start from, in [0, 1]; 0 is trees alone. Trees
        know nothing beyond the values they were trained on; a line goes on.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is accepting.
    calibration_ : Calibration
        From raw scores to probabilities, pooled.
    offer_offsets_, channel_offsets_ : dict of str to float
        What each offer, and each channel beside it, adds to the calibrated log-odds.
    viewed_ : BoostedProbability or None
        Of two stages, the first; `calibration_` is of the second.
    encoder_ : FrameEncoder
        The columns and their categories.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, Offer
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 6000), "offer_id": rng.choice(["card", "loan"], 6000)})
    >>> y = rng.random(6000) < np.where((X["offer_id"] == "card") == (X["age"] < 50), 0.4, 0.1)
    >>> catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0)])
    >>> model = PropensityModel(n_estimators=60, min_child_samples=200).fit(X, y, catalog=catalog)
    >>> model.score_offers(pd.DataFrame({"age": [30, 60]}), catalog).round(1)
    array([[0.4, 0.1],
           [0.1, 0.4]])
    """

    offer_offsets_: dict[str, float]
    channel_offsets_: dict[str, float]
    viewed_: BoostedProbability | None

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
        linear_share: float = 0.7,
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
        self.linear_share = linear_share

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
        action_probability: Any = None,
        viewed: Any = None,
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
        action_probability : array-like of shape (n,) or str, optional
            The chance with which each offer was drawn, in (0, 1], or the name of that column of `X`,
            which is no feature then. Rows are weighed by its inverse, so that a history drawn by a
            policy with likings tells what everybody would accept.
        viewed : array-like of shape (n,), optional
            1 where the offer was seen. Then there are two models, of seeing and of accepting what
            was seen: an offer that never had a chance is no refusal.

        Returns
        -------
        PropensityModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, `y` is not of two classes, a catalog
            is given and `X` has no `offer_id`, an action probability is not in (0, 1], or an offer
            was accepted that was not seen.
        """
        heard = take_callbacks(callbacks, progress)
        self.offers_ = None if catalog is None else offer_attributes(as_catalog(catalog))
        if action_probability is not None:
            X, sample_weight = _weigh(X, action_probability, sample_weight)
        self._fit(X, y, sample_weight, time, groups, callbacks=heard, viewed=viewed)
        return self

    def predict_stages(self, X: Any) -> np.ndarray:
        """Give the probability that the offer is seen, and that it is accepted if so.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.

        Returns
        -------
        ndarray of shape (n, 2)
            P(seen) and P(accepted given seen); their product is that of :meth:`predict_proba`.

        Raises
        ------
        InputError
            If the model was fitted without `viewed`, or `X` is not as fitted.
        """
        check_is_fitted(self)
        if self.viewed_ is None:
            raise InputError("predict_stages needs a model of two stages; give fit what was viewed.")
        viewed, threads = self.viewed_, self._threads()
        stages = [
            (viewed.logit(matrix, threads), self._with_offsets(matrix, super(PropensityModel, self)._logit(matrix)))
            for matrix in self._matrices(X)
        ]
        return sigmoid(np.concatenate([np.column_stack(pair) for pair in stages]))

    def _fit_data(self, data: TrainingData, settings: BoostingSettings, horizon: Any) -> None:
        self.viewed_ = None
        if data.viewed is not None:
            self.viewed_, _ = self._fit_calibrated(replace(data, target=data.viewed), settings)
            # A refusal takes an offer that was seen.
            data = data.part(data.viewed > 0)
        self.probability_, later = self._fit_calibrated(data, settings)
        columns = () if self.calibration == "none" else (c.OFFER_ID, c.CHANNEL)
        logit = self.probability_.logit(later.matrix, settings.n_jobs)
        offsets = fit_offsets(columns, self.encoder_, later, logit)
        self.offer_offsets_ = offsets.get(c.OFFER_ID, {})
        self.channel_offsets_ = offsets.get(c.CHANNEL, {})

    def _with_offsets(self, matrix: np.ndarray, logit: np.ndarray) -> np.ndarray:
        offsets = {c.OFFER_ID: self.offer_offsets_, c.CHANNEL: self.channel_offsets_}
        return add_offsets({name: each for name, each in offsets.items() if each}, self.encoder_, matrix, logit)

    def _logit(self, matrix: np.ndarray) -> np.ndarray:
        accepted = self._with_offsets(matrix, super()._logit(matrix))
        return accepted if self.viewed_ is None else both_stages(self.viewed_.logit(matrix, self._threads()), accepted)

    def _interval_logit(self, matrix: np.ndarray) -> np.ndarray:
        accepted = self._with_offsets(matrix, super()._interval_logit(matrix))
        if self.viewed_ is None:
            return accepted
        return both_stages(self.viewed_.interval_logit(matrix, self._threads()), accepted)

    def _trees(self) -> dict[str, Boosting]:
        viewed = {} if self.viewed_ is None else {_VIEWED: self.viewed_.boosting}
        return {**super()._trees(), **viewed}

    def _state(self) -> dict[str, Any]:
        return {
            **super()._state(),
            "offers": self.offers_,
            "offer_offsets": self.offer_offsets_,
            "channel_offsets": self.channel_offsets_,
            "viewed": None if self.viewed_ is None else self.viewed_.calibration.to_dict(),
        }

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        super()._restore(state, trees)
        self.offers_ = state["offers"]
        self.offer_offsets_ = state["offer_offsets"]
        self.channel_offsets_ = state["channel_offsets"]
        self.viewed_ = None
        if state["viewed"]:
            self.viewed_ = BoostedProbability(trees[_VIEWED], Calibration(**state["viewed"]))


def _weigh(X: Any, action_probability: Any, sample_weight: Any) -> tuple[Any, Any]:
    if isinstance(action_probability, str):
        frame = check_frame(X, "X")
        check_columns(frame, [action_probability], "X, where action_probability is a column,")
        X, action_probability = frame.drop(columns=action_probability), frame[action_probability]
    offers = check_frame(X, "X").get(c.OFFER_ID) if is_frame(X) else None
    weight = action_weights(action_probability, offers, len(X))
    given = take_weights(sample_weight, len(weight))
    return X, weight if given is None else weight * given
