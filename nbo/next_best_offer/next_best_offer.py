"""Features, models, rules and policy as one object that fits, scores, decides, learns and explains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbo.arbitration import Arbitration, Eligibility, Playbook, Rule
from nbo.errors import InputError
from nbo.features import FeatureSet
from nbo.features.profile import FeatureProfile
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel
from nbo.next_best_offer.bundle import read_bundle, write_bundle
from nbo.next_best_offer.decider import Decider
from nbo.next_best_offer.later_rows import LaterRows
from nbo.next_best_offer.own_answers import own_answers
from nbo.next_best_offer.parts import choose_parts
from nbo.next_best_offer.training import Training
from nbo.next_best_offer.without_autologging import without_autologging
from nbo.policies import Policy
from nbo.segments import AcceptanceTreeSegmenter, Segmenter
from nbo.tables import Catalog, CustomerTables, Spine
from nbo.times import check_duration, check_time

__all__ = ["NextBestOffer"]


class NextBestOffer(Decider):
    """The whole loop as one object: fit, score, decide, learn, explain.

    It holds the parts and hands each what it needs; the registry stores it.

    Parameters
    ----------
    features : FeatureSet, optional
        By default what the tables allow.
    propensity : PropensityModel, optional
        P(accept); by default one with default settings.
    churn : ChurnModel, optional
        P(leaves within its horizon); without it none is scored.
    clv : CLVModel, optional
        Future margin, or spend where the transactions hold no margin; without it none is scored.
    uplift : UpliftModel, optional
        What offers change, fitted before on the same features, with offer ids as treatments. `fit` leaves it as it
        is. The priority takes the uplift of these offers instead of their propensity.
    policy : Policy, optional
        By default `SegmentThompson` over the catalog's offers, their values and costs.
    rules : Playbook or sequence of Rule, optional
        By default `Eligibility()`; an empty sequence allows everything. Decisions by a playbook name it and its hash.
    catalog : Catalog, optional
        By default the table `catalog`.
    segmenter : Segmenter, optional
        By default `AcceptanceTreeSegmenter`: customers who accept the same offers are alike.
    arbitration : Arbitration, optional
        How the priority narrows what the policy may draw; by default not at all.
    window : str, default="14D"
        How long an answer may take; then no answer counts as not accepted.
    random_state : int, default=0
        Seed of the parts that are made by default.

    Attributes
    ----------
    metrics_ : dict of str to float
        Measured on later rows than those trained on, such as ``propensity_auc``.
    as_of_ : Timestamp
        Moment of training.
    validation_ : LaterRows or None
        The same by offer, channel and segment, and what the curves are drawn from; None where an older nbo stored it.
    profile_ : FeatureProfile or None
        How the features were distributed that propensity and segments were trained on; None as above.
    trained_on_ : dict
        Rows of each table, answers, customers, and from when to when; no ids. Empty as above.
    times_ : dict of str to (float, float)
        When the fit of each part began and ended, seconds since 1970. It is not stored.

    Examples
    --------
    >>> from nbo.simulate import World
    >>> world = World(customers=400, days=120, seed=1)
    >>> spine = Spine.at(world.end, world.tables.customers)
    >>> model = NextBestOffer(propensity=PropensityModel(n_estimators=20)).fit(world.tables, spine)
    >>> decisions = model.decide(world.tables, spine, rng=7)
    >>> len(decisions), bool(decisions["action_probability"].between(0, 1).all())
    (400, True)
    """

    metrics_: dict[str, float]
    validation_: LaterRows | None
    profile_: FeatureProfile | None
    trained_on_: dict[str, Any]
    times_: dict[str, tuple[float, float]]

    def __init__(
        self,
        features: FeatureSet | None = None,
        propensity: PropensityModel | None = None,
        churn: ChurnModel | None = None,
        clv: CLVModel | None = None,
        uplift: UpliftModel | None = None,
        policy: Policy | None = None,
        rules: Playbook | Sequence[Rule] | None = None,
        catalog: Catalog | None = None,
        segmenter: Segmenter | None = None,
        arbitration: Arbitration | None = None,
        window: str = "14D",
        random_state: int = 0,
    ) -> None:
        # `fit` makes these three by default, from the tables.
        self.features: Any = features
        self.policy: Any = policy
        self.catalog: Any = catalog
        self.propensity = propensity or PropensityModel(random_state=random_state)
        self.churn = churn
        self.clv = clv
        self.uplift = uplift
        listed = [rules] if isinstance(rules, Rule) else rules
        wrong = [rule for rule in listed or () if not isinstance(rule, Rule)]
        if wrong:
            raise InputError(f"rules must be Rule objects or a Playbook; got {wrong[0]!r:.100}.")
        if arbitration is not None and not isinstance(arbitration, Arbitration):
            raise InputError(f"arbitration must be an Arbitration; got {arbitration!r:.100}.")
        rules = listed
        self.rules = rules if isinstance(rules, Playbook) else [Eligibility()] if rules is None else list(rules)
        self.segmenter = segmenter or AcceptanceTreeSegmenter(random_state=random_state)
        self.arbitration = arbitration or Arbitration()
        self.window = window
        self.random_state = random_state
        self._made: dict[str, Any] = {}

    def __repr__(self) -> str:
        models = (self.propensity, self.churn, self.clv, self.uplift)
        parts = [type(part).__name__ for part in (*models, self.segmenter, self.policy)]
        offers = f"{len(self.catalog)} offers" if self.catalog else "catalog of the tables"
        return f"NextBestOffer({offers}, {', '.join(part for part in parts if part != 'NoneType')})"

    def fit(
        self, tables: CustomerTables, spine: Spine, as_of: Any = None, progress: bool | None = None
    ) -> NextBestOffer:
        """Train all parts on what was known at one moment; a second fit forgets the first.

        Propensity, segments and policy learn from the tables `decisions` and `outcomes`, with the
        features as of each decision; churn and lifetime value from the moments of the spine.

        Parameters
        ----------
        tables : CustomerTables
            With a catalog (unless given), decisions and outcomes.
        spine : Spine
            Customers and past moments to learn churn and lifetime value from, where their horizon is over at `as_of`.
        as_of : Timestamp or str, optional
            Moment of training: what was known before it counts. By default the last moment of the spine, or
            just after the last thing the tables know.
        progress : bool, optional
            Show progress; by default on a terminal.

        Returns
        -------
        NextBestOffer

        Raises
        ------
        InputError
            If the tables have no answered decisions or no catalog, a time is not one, or `uplift` is not allowed.
        """
        choose_parts(self, tables)
        training = Training(tables, spine, check_duration(self.window, "window"), as_of)
        self.as_of_ = training.as_of
        with without_autologging():
            training.run(self, progress)
        return self

    def learn(self, ledger: Any, as_of: Any = None) -> NextBestOffer:
        """Update the policy with the ledger; a decision that waits counts in part, one learnt before only once.

        Parameters
        ----------
        ledger : Ledger
        as_of : Timestamp or str, optional
            Answers known before it count; now by default.

        Returns
        -------
        NextBestOffer
        """
        self._fitted_catalog()
        self.policy.learn(own_answers(self, ledger, as_of), as_of)
        return self

    def to_dir(self, folder: str | Path) -> None:
        """Store it in a new folder as text, JSON and Parquet, with a checksum of every file."""
        write_bundle(self, Path(folder))

    @classmethod
    def from_dir(cls, folder: str | Path) -> NextBestOffer:
        """Load what :meth:`to_dir` stored.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        NextBestOffer

        Raises
        ------
        BundleError
            If a file is missing or altered, or the format is newer.
        """
        parts, learnt = read_bundle(Path(folder))
        model = cls(**parts)
        model.as_of_ = check_time(learnt.pop("as_of"))
        for name, value in learnt.items():
            setattr(model, f"{name}_", value)
        model.times_ = {}
        return model
