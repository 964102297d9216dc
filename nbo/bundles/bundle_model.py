"""The probability that a customer buys both parts of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.bundles.bundle_scores import bundle_scores, places_of
from nbo.bundles.chosen_pairs import chosen_pairs, pairs_from_state, pairs_to_state
from nbo.bundles.odds_ratios import fit_odds_ratios
from nbo.bundles.part_chances import PartChances
from nbo.bundles.part_purchases import bought_next
from nbo.bundles.settings import check_settings
from nbo.bundles.training_rows import customer_parts
from nbo.checks import check_one_of
from nbo.features import FeatureSet
from nbo.models import PropensityModel
from nbo.models.storage import read_bundle, write_bundle
from nbo.numbers import check_number
from nbo.tables import CustomerTables, Spine

__all__ = ["BundleModel"]

_ROWS_AT_ONCE = 20_000
_RATE, _LEAVES = 0.05, 8
_RANKED_BY = ("expected_margin", "probability", "incremental")


class BundleModel(BaseEstimator):
    """Predict which bundles of two products a customer buys both parts of within the horizon.

    One :class:`~nbo.PropensityModel` gives the probability of every part for a customer, from the features that the
    tables allow and from how often the customer bought each part before. The probability of both follows from those
    of the parts and an odds ratio for each pair, by Plackett's formula. Odds ratios are the most likely ones on
    customers whom the model of the parts has not seen, drawn towards the one of all pairs; by a slope that pairs
    share, they differ between who buys much and who buys little. What a customer owns is not learnt from, and no
    bundle with it is scored.

    Parameters
    ----------
    horizon : str or timedelta, default="90D"
        How far to look ahead.
    product : str, default="product_id"
        Column of transactions that names what was bought.
    unit, window
        For finding complements, as for :func:`~nbo.bundle_candidates`; `window` is for margins, too.
    max_bundles : int, default=50
        Most complements, the surest ones.
    rebought : sequence of str or "all", default=()
        Products that are bought again and again, and so never owned.
    max_rows : int, default=100_000
        Most rows, of a customer and a part, to learn parts from, and odds ratios: customers are drawn by a hash.
    association_share : float, default=0.3
        Share of the customers that are left for the odds ratios, in (0, 1).
    prior_scale : float, default=0.5
        Standard deviation of pairs' log odds ratios around the common one, above 0, as if one pair had told it.
    n_estimators : int, default=100
        Most trees.
    n_jobs : int, default=1
        Threads.
    random_state : int, default=0
        Seed of a random holdout.

    Attributes
    ----------
    bundles_ : DataFrame
        bundle_id, product_1, product_2, margin_1, margin_2 (means of a sale before the first moment of the spine,
        missing where not known), and odds_ratio, of who has the mean log odds, level, of buying the two.
    parts_ : list of str
        The products that bundles are made of.
    common_odds_ratio_, slope_ : float
        Around what those of pairs lie, and how the log odds ratio changes with the mean log odds of the two.
    chances_ : PartChances
        The model of the parts, ``.model``, and the columns that it reads, ``.features``.

    Notes
    -----
    The probabilities tell what customers would buy by themselves, and the margin of that is no gain. What an offer
    changes (``uptake``) cannot be learnt from sales: it takes an experiment, in which customers get the offer by
    chance, and :func:`nbo.analyze_experiment`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = [(f"c{i}", day, item) for i in range(400) for day in rng.integers(0, 150, 4)
    ...         for item in (["tent", "stove"] if rng.random() < 0.3 else [rng.choice(["rope", "book", "tent"])])]
    >>> sales = pd.DataFrame(rows, columns=["customer_id", "day", "product_id"])
    >>> sales["event_time"], sales["margin"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(sales["day"], "D"), 5.0
    >>> tables = CustomerTables(transactions=sales.drop(columns="day"))
    >>> spine = Spine.at("2026-03-01", sales["customer_id"])
    >>> model = BundleModel(horizon="60D", rebought="all", n_estimators=20).fit(tables, spine)
    >>> model.top(tables, Spine.at("2026-05-31", ["c7"]), k=1)[["bundle_id", "margin"]].values.tolist()
    [['stove + tent', 10.0]]
    """

    def __init__(
        self,
        horizon: Any = "90D",
        product: str = "product_id",
        unit: str = "basket",
        window: str | None = None,
        max_bundles: int = 50,
        rebought: Sequence[str] | str = (),
        max_rows: int = 100_000,
        association_share: float = 0.3,
        prior_scale: float = 0.5,
        n_estimators: int = 100,
        n_jobs: int = 1,
        random_state: int = 0,
    ) -> None:
        self.horizon = horizon
        self.product = product
        self.unit = unit
        self.window = window
        self.max_bundles = max_bundles
        self.rebought = rebought
        self.max_rows = max_rows
        self.association_share = association_share
        self.prior_scale = prior_scale
        self.n_estimators = n_estimators
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, tables: CustomerTables, spine: Spine, bundles: Any = None, until: Any = None) -> Self:
        """Learn who buys which parts, and how the parts of each bundle hang together.

        Parameters
        ----------
        tables : CustomerTables
            With transactions.
        spine : Spine of n rows
            Customers and moments to learn from; those whose horizon is over count.
        bundles : BundleCandidates or DataFrame, optional
            Complements found as of the first moment of the spine or before, as by default, or product_1 and product_2.
        until : Timestamp or str, optional
            End of the data; by default the latest event.

        Returns
        -------
        BundleModel

        Raises
        ------
        InputError
            If there are no rows, transactions or complements, no horizon is over, bundles have seen what came later, or
            a setting is not allowed.
        """
        check_settings(self)
        settings = {"product": self.product, "unit": self.unit, "window": self.window}
        pairs = chosen_pairs(tables, spine, bundles, self.max_bundles, settings)
        self.parts_ = sorted({*pairs["product_1"], *pairs["product_2"]})
        rows, bought = bought_next(tables, spine, self.horizon, self.product, self.parts_, until)
        asked = spine.frame.iloc[rows]
        most = max(self.max_rows // len(self.parts_), 1)
        learnt, paired = customer_parts(asked[c.CUSTOMER_ID], self.association_share, most)
        model = PropensityModel(self.n_estimators, _RATE, _LEAVES, n_jobs=self.n_jobs, random_state=self.random_state)
        chances = PartChances(self.product, self.parts_, self.rebought, FeatureSet.default(tables), model)
        self.chances_ = chances.fit(tables, asked, bought, learnt, paired)
        told = self.chances_.told(tables, asked.iloc[paired], bought[paired], places_of(pairs, self.parts_))
        found = fit_odds_ratios(told, self.prior_scale)
        self.common_odds_ratio_, self.slope_ = found.common, found.slope
        self.bundles_ = pairs.assign(odds_ratio=found.odds_ratios, level=found.levels)
        return self

    def score(self, tables: CustomerTables, spine: Spine, discount: float = 0.0, uptake: float = 0.0) -> pd.DataFrame:
        """Score the bundles of which each customer owns no part.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine of n rows
        discount : float, default=0.0
            What both together cost less, money.
        uptake : float, default=0.0
            Share, in [0, 1], of those who would buy exactly one part, that takes the bundle instead. It is an effect of
            the offer: measure it by an experiment.

        Returns
        -------
        DataFrame
            A row for each spine row and bundle: ``customer_id``, ``as_of``, ``bundle_id``, ``product_1``,
            ``product_2``, ``probability`` (of buying both within the horizon), ``probability_1``, ``probability_2``,
            ``margin`` (of both), ``expected_margin`` (probability x margin, before a discount), ``incremental`` (what
            the bundle adds to what the parts would bring anyway) and ``break_even_uptake`` (the uptake at which that is
            0; missing where none in [0, 1] is).

        Raises
        ------
        InputError
            If the model is not fitted, or a number is not allowed.
        """
        return self._scored(tables, spine, discount, uptake).drop(columns="row")

    def top(
        self,
        tables: CustomerTables,
        spine: Spine,
        k: int = 3,
        by: str = "expected_margin",
        discount: float = 0.0,
        uptake: float = 0.0,
    ) -> pd.DataFrame:
        """Give the best bundles for each customer.

        Parameters
        ----------
        tables, spine
            As for :meth:`score`.
        k : int, default=3
            How many, 1 or more.
        by : {"expected_margin", "probability", "incremental"}, default="expected_margin"
            What the best have most of. Missing ones come last; of equals, the more likely is better.
        discount, uptake
            As for :meth:`score`.

        Returns
        -------
        DataFrame
            As :meth:`score`, with ``rank``: up to k for each spine row, the best first.

        Raises
        ------
        InputError
            As for :meth:`score`.
        """
        check_number(k, "k", "1 or more", lambda given: given >= 1, whole=True)
        check_one_of(by, _RANKED_BY, "by")
        found = []
        for begin in range(0, max(len(spine), 1), _ROWS_AT_ONCE):
            some = Spine.of(spine.frame.iloc[begin : begin + _ROWS_AT_ONCE])
            rows = self._scored(tables, some, discount, uptake)
            rows = rows.sort_values(["row", by, "probability"], ascending=[True, False, False], kind="stable")
            rank = rows.groupby("row").cumcount() + 1
            found.append(rows.assign(rank=rank)[rank <= k].drop(columns="row"))
        return pd.concat(found, ignore_index=True)

    def _scored(self, tables: Any, spine: Spine, discount: float, uptake: float) -> pd.DataFrame:
        check_number(discount, "discount", "0 or more", lambda given: 0 <= given < np.inf)
        check_number(uptake, "uptake", "in [0, 1]", lambda given: 0 <= given <= 1)
        check_is_fitted(self, "bundles_")
        chance, owned = self.chances_.score(tables, spine)
        scores = bundle_scores(self.bundles_, self.slope_, self.parts_, chance, owned, discount, uptake)
        return pd.concat([spine.frame.iloc[scores["row"]].reset_index(drop=True), scores], axis=1)

    def to_dir(self, path: str | Path) -> None:
        """Write the model into a folder as JSON and LightGBM text.

        Parameters
        ----------
        path : str or Path
            The folder; it is made if it is not there.

        Raises
        ------
        InputError
            If the model is not fitted, or a parameter is not a plain value.
        """
        check_is_fitted(self, "bundles_")
        rebought = self.rebought if isinstance(self.rebought, str) else list(self.rebought)
        state = {
            "params": {**self.get_params(), "horizon": str(self.horizon), "rebought": rebought},
            "chances": self.chances_.to_dir(path),
            "bundles": pairs_to_state(self.bundles_),
            "common_odds_ratio": self.common_odds_ratio_,
            "slope": self.slope_,
        }
        write_bundle(path, type(self).__name__, state, {})

    @classmethod
    def from_dir(cls, path: str | Path) -> Self:
        """Read a model that :meth:`to_dir` wrote; it predicts the same bits.

        Parameters
        ----------
        path : str or Path
            The folder.

        Returns
        -------
        BundleModel

        Raises
        ------
        BundleError
            If a file is missing or altered, the format is newer, or it is another kind of model.
        """
        state, _ = read_bundle(path, cls.__name__)
        model = cls(**state["params"])
        model.bundles_ = pairs_from_state(state["bundles"])
        model.chances_ = PartChances.from_dir(path, state["chances"], model.product, model.rebought)
        model.common_odds_ratio_, model.slope_ = state["common_odds_ratio"], state["slope"]
        model.parts_ = model.chances_.parts
        return model
