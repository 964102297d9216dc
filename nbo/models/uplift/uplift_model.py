"""What a treatment changes, for each customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.models.targets import take_amounts, take_weights
from nbo.models.training_progress import RoundCallback, take_callbacks
from nbo.models.uplift.arms import take_arms
from nbo.models.uplift.cross_fitting import LEARNERS
from nbo.models.uplift.effect_model import EffectModel
from nbo.models.uplift.fitting import fit_uplift
from nbo.models.uplift.measured import check_level
from nbo.models.uplift.qini import qini
from nbo.models.uplift.treatment_probability import known_probability
from nbo.numbers import check_number

__all__ = ["UpliftModel"]

LearnerName = Literal["s", "t", "x", "dr", "r"]


class UpliftModel(EffectModel):
    """Predict what a treatment, such as an offer, changes for each customer.

    The uplift is E[y | treated, x] - E[y | not treated, x]: how much more often (or how much more) the customer buys
    because of the offer. It is learnt from rows of which some were treated and some not, at random or at least with
    probabilities that depend on `X` alone. Five learners on boosted trees:

    - ``"s"``: one model of the outcome in which the treatment is a column. It shrinks most.
    - ``"t"``: one model of the outcome for each arm.
    - ``"x"``: effects imputed from the other arm's model, then learnt; for arms of very different size.
    - ``"dr"``: doubly robust scores of the effect, learnt; for treatment that was not at random.
    - ``"r"``: what is left of the outcome, explained by what is left of the treatment.

    Effects are small against the noise, so the trees are few and small: by default a hundred of eight leaves.

    Parameters
    ----------
    learner : {"s", "t", "x", "dr", "r"}, default="s"
        How the effect is learnt.
    control : label, optional
        The label of those not treated. By default 0, False, "no_offer" or "control", whichever is there.
    n_estimators : int, default=100
        Trees.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=8
        Most leaves of a tree.
    min_child_samples : int, default=50
        Fewest rows in a leaf.
    n_folds : int, default=5
        Folds of cross-fitting: what the probabilities, scores and intervals say of a row is learnt from the other
        folds.
    min_probability : float, default=0.01
        The smallest probability of being in an arm that counts as a chance; smaller ones are clipped to it.
    max_outside : float, default=0.05
        `fit` is refused where a larger share of the rows had a smaller probability.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of the folds.

    Attributes
    ----------
    control_ : label
        Of those not treated.
    treatments_ : ndarray of shape (m,)
        The labels of the treatments.
    overlap_ : DataFrame
        For each arm: ``arm``, ``n``, ``share``, the ``least``, ``mean`` and ``most`` probability of being in it, rows
        ``outside``, and ``effective_n``.
    average_effect_ : DataFrame
        Mean ``effect`` of each ``treatment`` on the rows of `fit`, doubly robust, with its ``standard_error``; and
        the ``slope`` (with ``slope_error``) of such effects on predictions for rows held out. 1 is right; below 1 the
        predicted uplift spreads too much, above 1 too little; missing where it is the same for all.
    encoder_ : FrameEncoder
        The columns and their categories.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 8000)})
    >>> treated = rng.random(8000) < 0.5
    >>> y = rng.random(8000) < 0.1 + 0.3 * treated * (X["age"] < 50)
    >>> model = UpliftModel().fit(X, y, treated, treatment_probability=0.5)
    >>> model.predict(pd.DataFrame({"age": [30, 70]})).round(1) + 0.0
    array([0.3, 0. ])
    """

    def __init__(
        self,
        learner: LearnerName = "s",
        control: Any = None,
        n_estimators: int = 100,
        learning_rate: float = 0.05,
        num_leaves: int = 8,
        min_child_samples: int = 50,
        n_folds: int = 5,
        min_probability: float = 0.01,
        max_outside: float = 0.05,
        n_jobs: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.learner = learner
        self.control = control
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.n_folds = n_folds
        self.min_probability = min_probability
        self.max_outside = max_outside
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any,
        treatment: Any = None,
        treatment_probability: Any = None,
        sample_weight: Any = None,
        time: Any = None,
        groups: Any = None,
        callbacks: Sequence[RoundCallback] | None = None,
        progress: bool = False,
    ) -> UpliftModel:
        """Learn what the treatment changes, and for whom.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features before the treatment: numbers, texts, categories, flags, missing values.
        y : array-like of shape (n,)
            What came of it: 0 or 1, or an amount.
        treatment : array-like of shape (n,)
            1 for who was treated, 0 for who was not; or labels of several treatments and the control.
        treatment_probability : float or array-like of shape (n,), (m,), (n, m) or (n, m + 1), optional
            How probable each treatment was (with m + 1 columns each arm, the control first), where that is known. By
            default it is learnt from `X`; after a randomized test give it.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            When each row was treated or not, UTC. Learnt probabilities are calibrated on the latest rows.
        groups : array-like of shape (n,), optional
            Such as customer ids; rows of one group stay in one fold.
        callbacks : sequence of callable, optional
            Each is called after each tree of each model that is trained; see :meth:`PropensityModel.fit`.
        progress : bool, default=False
            Whether to show a bar.

        Returns
        -------
        UpliftModel
            Itself.

        Raises
        ------
        InputError
            If there is no treatment or an arm is missing, too many rows had next to no chance of being in some arm,
            `y` is not finite, or `X` is not as it must be.
        """
        heard = take_callbacks(callbacks, progress)
        check_one_of(self.learner, tuple(LEARNERS), "learner")
        self._check_limits()
        seed = self._seed()
        frame = self._fit_encoder(X)
        settings = self._settings(seed, heard)
        target = take_amounts(y, len(frame))
        arm, labels = take_arms(treatment, len(frame), self.control)
        known = known_probability(treatment_probability, arm, len(labels))
        weight = take_weights(sample_weight, len(frame))
        data = self._training_data(frame, target, sample_weight, time, groups)
        if weight is not None:
            arm, known = arm[weight > 0], None if known is None else known[weight > 0]
        limits = self.n_folds, self.min_probability, self.max_outside
        self.fitted_ = fit_uplift(data, arm, labels, known, self.learner, settings, *limits)
        self.control_, self.treatments_ = labels.tolist()[0], labels[1:]
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Give the uplift of each treatment.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            The columns of `fit`, in any order; others are ignored.

        Returns
        -------
        ndarray of shape (n,), or (n, m) with several treatments
            In the unit of `y`; a difference of probabilities where `y` was 0 or 1.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        uplift = self._uplift(X)
        return uplift[:, 0] if uplift.shape[1] == 1 else uplift

    def predict_outcomes(self, X: Any) -> np.ndarray:
        """Give the outcome expected without treatment, and under each treatment.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (n, m + 1)
            The control first. The differences to it are the uplift, but where `y` was 0 or 1 and the sum of a
            probability and an effect had to be kept in [0, 1].

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        threads = self._threads()
        outcomes = np.concatenate([self.fitted_.learner.outcomes(m, threads) for m in self._matrices(X)])
        return outcomes.clip(0, 1) if self.fitted_.learner.binary() else outcomes

    def interval(self, X: Any, level: float = 0.9) -> np.ndarray:
        """Give the interval of the mean effect on customers with like predicted uplift.

        The customers of `fit` are put in ten groups by the uplift that models predict which have not seen them. The
        interval is that of the group's mean effect, doubly robust. It is not one of the effect on a single customer,
        which nobody ever sees; and the prediction may lie outside where the model is wrong. Rows count as independent:
        where a customer has many, it is too narrow.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.
        level : float, default=0.9
            How often the interval shall hold the group's mean effect, in (0, 1).

        Returns
        -------
        ndarray of shape (n, 2), or (n, m, 2) with several treatments
            Lower and upper end.

        Raises
        ------
        InputError
            If the level is not in (0, 1), or `X` is not as fitted.
        """
        check_level(level)
        uplift = self._uplift(X)
        ends = np.stack([likes.interval(uplift[:, k], level) for k, likes in enumerate(self.fitted_.likes)], axis=1)
        return ends[:, 0] if ends.shape[1] == 1 else ends

    def score(self, X: Any, y: Any, treatment: Any = None, treatment_probability: Any = None) -> float:
        """Give the Qini of the predicted uplift: its area above random, per customer.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.
        y, treatment, treatment_probability
            As for :func:`nbo.models.qini`.

        Returns
        -------
        float

        Raises
        ------
        InputError
            If the model has several treatments, or an argument is not as stated.
        """
        uplift = self.predict(X)
        if uplift.ndim > 1:
            raise InputError(
                "score knows one treatment; measure each of several by `qini` on its rows and the control's."
            )
        return qini(y, treatment, uplift, treatment_probability, control=self.control_)

    def _check_limits(self) -> None:
        check_number(self.n_folds, "n_folds", "a whole number, at least 2", lambda n: n >= 2, whole=True)
        check_number(self.min_probability, "min_probability", "in (0, 0.5)", lambda p: 0 < p < 0.5)
        check_number(self.max_outside, "max_outside", "in [0, 1]", lambda share: 0 <= share <= 1)
