"""From tables to scores and decisions, with the parts of a next-best-offer object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c
from nbo.arbitration import Candidates, Limit, Plan, Playbook, Rule, armed, decide
from nbo.experiments import Arms
from nbo.next_best_offer.people import People
from nbo.next_best_offer.scores import Scores
from nbo.policies import Policy
from nbo.tables import CustomerTables, Spine

if TYPE_CHECKING:
    from nbo.next_best_offer.decider import Decider

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """What a next-best-offer object says to the rows of a spine.

    Parameters
    ----------
    model : NextBestOffer
    X : DataFrame of shape (n, p)
        Features.
    candidates : Candidates
    scores : Scores
    """

    model: Decider
    X: pd.DataFrame
    candidates: Candidates
    scores: Scores

    @classmethod
    def of(
        cls,
        model: Decider,
        tables: CustomerTables,
        spine: Spine,
        rules: Playbook | Sequence[Rule] | None = None,
        arms: Arms | None = None,
        X: pd.DataFrame | None = None,
        scores: Scores | None = None,
    ) -> Asked:
        """Build the features, and ask the models and the rules.

        Parameters
        ----------
        model : NextBestOffer
            Fitted.
        tables : CustomerTables
        spine : Spine
        rules : Playbook or sequence of Rule, optional
            By default the model's own.
        arms : Arms, optional
            Of an experiment.
        X : DataFrame of shape (n, p), optional
            Features that were built before.
        scores : Scores, optional
            What the models said before; then they are not asked again.

        Returns
        -------
        Asked
        """
        catalog = model._fitted_catalog()
        X = model.features.build(tables, spine) if X is None else X
        people = People.of(model, X) if scores is None else scores.people
        known = X.assign(**{c.CHURN_PROBABILITY: people.churn_probability, c.CLV: people.clv})
        own = tuple(model.rules if rules is None else rules)
        candidates = Candidates.of(tables, spine, catalog, own, known, people.segment)
        if scores is None:
            scores = Scores.of(model, X, people, candidates.channel_names)
        return cls(model, X, candidates if arms is None else armed(candidates, scores.beliefs, arms), scores)

    def part(self, rows: slice, arms: Arms | None = None) -> Asked:
        """Take some of its rows; the models are not asked again.

        Parameters
        ----------
        rows : slice
        arms : Arms, optional
            Those that it was made with.

        Returns
        -------
        Asked
        """
        said, tables = self.candidates, self.candidates.tables or CustomerTables()
        spine, X = Spine.of(said.spine.frame.iloc[rows]), self.X.iloc[rows].reset_index(drop=True)
        return Asked.of(self.model, tables, spine, said.rules, arms, X, self.scores.part(rows))

    def plan(self, limits: Sequence[Limit] = (), slots: int = 1) -> Plan:
        """Settle who may get what. See :meth:`nbo.arbitration.Plan.make`."""
        return Plan.make(self.candidates, self.scores.beliefs, self.model.arbitration, limits, slots)

    def decisions(
        self,
        rng: int | str = 7,
        run_id: str | None = None,
        model_version: str = "",
        plan: Plan | None = None,
        slots: int = 1,
        business_as_usual: Policy | None = None,
    ) -> pd.DataFrame:
        """Draw. See :func:`nbo.arbitration.decide`.

        Parameters
        ----------
        rng : int or str, default=7
        run_id : str, optional
            By default from the latest moment and `rng`.
        model_version : str, default=""
        plan : Plan, optional
            By default without limits.
        slots : int, default=1
        business_as_usual : Policy, optional

        Returns
        -------
        DataFrame
        """
        plan = plan or self.plan(slots=slots)
        if run_id is None:
            # Of the whole run, so that its parts have one name.
            run_id = f"empty-{rng}" if plan.moment is None else f"{plan.moment:%Y%m%dT%H%M%S}-{rng}"
        scores, model = self.scores, self.model
        made = decide(
            self.candidates,
            scores.beliefs,
            scores.segment,
            model.policy,
            rng,
            run_id,
            features=self.X,
            plan=plan,
            slots=slots,
            business_as_usual=business_as_usual,
        )
        row = pd.Index(self.candidates.spine.frame[c.CUSTOMER_ID]).get_indexer(pd.Index(made[c.CUSTOMER_ID]))
        context: dict[str, Any] = {c.CHURN_PROBABILITY: scores.churn_probability[row], c.CLV: scores.clv[row]}
        own = {c.MODEL_VERSION: model_version, c.SEGMENT_SCHEME: model.segmenter.scheme}
        if isinstance(model.rules, Playbook):
            own[c.PLAYBOOK] = f"{model.rules.name} {model.rules.version} {model.rules.hash[:12]}"
        return made.assign(**context, **own)
