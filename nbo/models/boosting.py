"""Boosted trees: the one place that trains and calls LightGBM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from nbo.errors import BundleError
from nbo.models.boosting_settings import BoostingSettings, Objective
from nbo.models.holdout import Parts
from nbo.models.linear_score import LinearScore, fit_linear_score
from nbo.models.offer_codes import OfferCodes
from nbo.models.path_attribution import PathAttribution
from nbo.models.row_threads import in_threads
from nbo.models.training_data import TrainingData
from nbo.models.trees import CheckedWalker
from nbo.rng import generator

__all__ = ["Boosting", "BoostingSettings", "train_boosting"]

_HIDDEN_SHARE = 0.1
# The leaves of so many rows in all trees are held at once.
_PATH_ROWS = 10_000
# Fewer rows, with all offers, in one call: it takes longer than their trees.
_FEW_ROWS = 64

# Trees where nothing says when to stop: at the usual learning rate they take up about half of what they see.
_FEW_TREES = 15


class Boosting:
    """Trees in LightGBM's text format, or one constant score.

    Trees are read back from their text as soon as they are trained, so that a model that was
    stored and loaded gives the same bits.

    Parameters
    ----------
    text : str, default=""
        The trees; no text is a constant score.
    constant : float, default=0
        The raw score where there are no trees.
    linear : LinearScore, optional
        What the trees started from; it is part of the raw score.

    Examples
    --------
    >>> Boosting(constant=-2.0).score(np.zeros((2, 3)))
    array([-2., -2.])
    """

    def __init__(self, text: str = "", constant: float = 0.0, linear: LinearScore | None = None) -> None:
        self.text = text
        self.constant = constant
        self.linear = linear

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        try:
            return lightgbm.Booster(model_str=self.text)
        except lightgbm.basic.LightGBMError as error:
            raise BundleError(f"the trees of the stored model can't be read: {error}") from error

    @cached_property
    def _paths(self) -> PathAttribution:
        return PathAttribution(self.text, self._booster.num_feature())

    @cached_property
    def _walker(self) -> CheckedWalker:
        return CheckedWalker(self.text, self._booster)

    def __getstate__(self) -> dict[str, Any]:
        return {"text": self.text, "constant": self.constant, "linear": self.linear}

    def score(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give raw scores.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads; they change no bit.

        Returns
        -------
        ndarray of shape (n,)
            Log-odds of a binary model, log of the mean of a gamma model, the mean of a regression.
        """
        if not self.text or not len(matrix):
            return np.full(len(matrix), self.constant)
        return self.score_offers(matrix, OfferCodes([], np.empty((1, 0))), n_jobs)[:, 0]

    def score_offers(self, matrix: np.ndarray, offers: OfferCodes, n_jobs: int = 1) -> np.ndarray:
        """Give the raw scores of customers with each offer, the same bits as one by one.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
            Customers; the columns of the offers may be written over.
        offers : OfferCodes
        n_jobs : int, default=1
            Threads; they change no bit.

        Returns
        -------
        ndarray of shape (n, k)
            As :meth:`score`, offer by offer.
        """
        if not self.text or not len(matrix):
            return np.full((len(matrix), offers.n_offers), self.constant)
        scores = self._walker.score_offers(matrix, offers, n_jobs)
        if scores is None:
            scores = self._scores_by_lightgbm(matrix, offers, n_jobs)
        linear = self.linear
        if linear is not None:
            in_threads(lambda rows: linear.add_to(scores[rows], matrix[rows], offers.of(rows)), len(matrix), n_jobs)
        return scores

    def _scores_by_lightgbm(self, matrix: np.ndarray, offers: OfferCodes, n_jobs: int) -> np.ndarray:
        if len(matrix) * offers.n_offers <= _FEW_ROWS:
            raw = self._booster.predict(offers.set_out(matrix), raw_score=True, num_threads=n_jobs)
            return np.array(raw).reshape(offers.n_offers, -1).T.copy()
        scores = np.empty((len(matrix), offers.n_offers))
        for k in range(offers.n_offers):
            offers.put(matrix, k)
            scores[:, k] = self._booster.predict(matrix, raw_score=True, num_threads=n_jobs)
        return scores

    def contributions(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give what each column adds to the raw score, by TreeSHAP [1]_ and its linear part.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n, p + 1)
            The last column is the base; a row sums to its raw score.

        References
        ----------
        .. [1] Lundberg, S. M. et al. (2020). From local explanations to global understanding
           with explainable AI for trees. Nature Machine Intelligence 2.
        """
        if not self.text or not len(matrix):
            return np.column_stack([np.zeros(matrix.shape), np.full(len(matrix), self.constant)])
        return self._with_linear(self._booster.predict(matrix, pred_contrib=True, num_threads=n_jobs), matrix)

    def path_contributions(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give what each column adds along each row's path: a hundred times faster than TreeSHAP, approximate.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n, p + 1)
            As :meth:`contributions`.
        """
        if not self.text or not len(matrix):
            return self.contributions(matrix)
        blocks = [matrix[start : start + _PATH_ROWS] for start in range(0, len(matrix), _PATH_ROWS)]
        leaves = (self._booster.predict(block, pred_leaf=True, num_threads=n_jobs) for block in blocks)
        shares = np.concatenate([self._paths.of(each.reshape(-1, self.n_trees)) for each in leaves])
        return self._with_linear(shares, matrix)

    def _with_linear(self, shares: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        return shares if self.linear is None else shares + self.linear.contributions(matrix)

    def importance(self, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Say how much each column is used.

        Parameters
        ----------
        n_columns : int
            Columns of the matrix.

        Returns
        -------
        gain, splits : ndarray of shape (n_columns,)
            Total gain in the loss, and the number of splits.
        """
        if not self.text:
            return np.zeros(n_columns), np.zeros(n_columns)
        return self._booster.feature_importance("gain"), self._booster.feature_importance("split")

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return int(self._booster.num_trees()) if self.text else 0


def train_boosting(
    data: TrainingData, settings: BoostingSettings, objective: Objective, stop: TrainingData | None = None
) -> Boosting:
    """Train trees, silently and with the same bits on every call.

    Parameters
    ----------
    data : TrainingData
        Rows to train on.
    settings : BoostingSettings
        How trees are grown.
    objective : {"binary", "gamma", "regression"}
        Labels, amounts above zero, or any numbers.
    stop : TrainingData, optional
        Other rows, on which early stopping looks.

    Returns
    -------
    Boosting
    """
    import lightgbm

    # MLflow's autologging replaces `lightgbm.train`, and would log every training of a fit as a run.
    from lightgbm.engine import train as train_trees

    data = data if settings.hide is None else _hide(data, settings.hide, settings.seed)
    share = settings.linear_share if objective == "binary" else 0.0
    linear = fit_linear_score(data, share, settings.monotone, settings.seed)

    def dataset(rows: TrainingData, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            rows.matrix,
            label=rows.target,
            weight=rows.weight,
            init_score=None if linear is None else linear.score(rows.matrix),
            reference=reference,
            categorical_feature=list(rows.categories),
            params=settings.parameters(objective),
        )

    train = dataset(data)
    rounds = settings.early_stopping_rounds if stop is not None else 0
    booster = train_trees(
        settings.parameters(objective),
        train,
        num_boost_round=settings.n_estimators,
        valid_sets=[dataset(stop, train)] if stop is not None and rounds > 0 else [],
        callbacks=[_heard(settings)] + ([lightgbm.early_stopping(rounds, verbose=False)] if rounds > 0 else []),
    )
    text = booster.model_to_string(num_iteration=booster.best_iteration if rounds > 0 else None)
    return Boosting(text, linear=linear)


def _heard(settings: BoostingSettings) -> Callable[[Any], None]:
    def after_tree(state: Any) -> None:
        loss = state.evaluation_result_list[0][2] if state.evaluation_result_list else None
        for callback in settings.callbacks:
            callback(state.iteration + 1, settings.n_estimators, loss)

    return after_tree


def _hide(data: TrainingData, column: int, seed: int) -> TrainingData:
    matrix = data.matrix.copy()
    matrix[generator(seed).random(len(matrix)) < _HIDDEN_SHARE, column] = np.nan
    return replace(data, matrix=matrix)


def train_twice(
    data: TrainingData, parts: Parts, settings: BoostingSettings, objective: Objective
) -> tuple[Boosting, Boosting]:
    """Train on the earlier rows with early stopping, then as many trees on all rows.

    Parameters
    ----------
    data : TrainingData
        All rows.
    parts : Parts
        Which rows are for what; without later rows there is only one training.
    settings : BoostingSettings
        How trees are grown.
    objective : {"binary", "gamma", "regression"}
        Labels, amounts above zero, or any numbers.

    Returns
    -------
    final, first : Boosting
        Trained on all rows, and the one that has not seen the later rows.
    """
    if not parts.later.any():
        few = replace(settings, n_estimators=min(settings.n_estimators, _FEW_TREES))
        only = train_boosting(data, few if parts.few else settings, objective)
        return only, only
    stop = data.part(parts.stop) if parts.stop.any() else None
    first = train_boosting(data.part(parts.train), settings, objective, stop)
    return train_boosting(data, replace(settings, n_estimators=first.n_trees), objective), first
