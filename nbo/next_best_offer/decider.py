"""What a fitted next-best-offer object says: scores, plans, decisions and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.arbitration import (
    Arbitration,
    Explanation,
    Limit,
    Plan,
    Playbook,
    Replay,
    Rule,
    Simulation,
    explain,
    offer_terms,
    replay,
    simulate,
)
from nbo.arbitration.explanation import one_decision
from nbo.arbitration.replay import in_arm
from nbo.errors import InputError
from nbo.experiments import Arms
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel
from nbo.next_best_offer.asked import Asked
from nbo.next_best_offer.people import People
from nbo.next_best_offer.score_table import score_frame
from nbo.next_best_offer.scores import Scores
from nbo.next_best_offer.told_reasons import told_reasons
from nbo.policies import Policy
from nbo.segments import Segmenter
from nbo.tables import Catalog, CustomerTables, Spine

__all__ = ["Decider"]


class Decider:
    """What a fitted :class:`NextBestOffer` says: scores, plans, decisions and why."""

    # What it reads; NextBestOffer sets them.
    features: Any
    policy: Any
    catalog: Any
    propensity: PropensityModel
    churn: ChurnModel | None
    clv: CLVModel | None
    uplift: UpliftModel | None
    rules: Playbook | list[Rule]
    segmenter: Segmenter
    arbitration: Arbitration
    as_of_: pd.Timestamp
    # Set by the registry that loaded it.
    loaded_: Any

    def _fitted_catalog(self) -> Catalog:
        if self.catalog is None or not hasattr(self, "as_of_"):
            raise InputError("this NextBestOffer is not fitted; call fit(tables, spine) or from_dir(folder) first.")
        catalog: Catalog = self.catalog
        return catalog

    @property
    def competes(self) -> bool:
        """Whether customers of a run compete by some rule, so that its parts need a plan of the whole."""
        return any(rule.competes for rule in self.rules)

    def score(self, tables: CustomerTables, spine: Spine, reasons: int = 0) -> pd.DataFrame:
        """Score every offer for every row of a spine.

        Parameters
        ----------
        tables : CustomerTables
            With all past decisions and outcomes; add those of a ledger by ``tables.added``.
        spine : Spine
            n rows.
        reasons : int, default=0
            How many reasons of each propensity to tell; of few customers, for it takes long.

        Returns
        -------
        DataFrame of n x k rows
            customer_id, as_of, offer_id, channel, eligible, reason (why it is not), propensity, uplift where some is
            known, the other terms of the priority (context_weight, value, lever, cost), priority (money),
            churn_probability, clv, segment, and `reasons` (JSON list) if asked for; by customer, then by catalog.
        """
        asked = Asked.of(self, tables, spine)
        frame = score_frame(asked.scores, asked.candidates)
        return frame.assign(reasons=told_reasons(asked, frame, reasons)) if reasons else frame

    def score_features(self, X: pd.DataFrame) -> pd.DataFrame:
        """Score features that were built before, one row out per row in; without the rules' context and levers.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            The columns of ``features.feature_names``.

        Returns
        -------
        DataFrame of n rows
            segment, churn_probability, clv, and lists over the catalog: offer_ids, propensities, uplifts where some is
            known, values, priorities.
        """
        return Scores.of(self, X, People.of(self, X)).to_wide(self._fitted_catalog())

    def plan(
        self,
        tables: CustomerTables,
        spine: Spine,
        limits: Sequence[Limit] = (),
        slots: int = 1,
        arms: Arms | None = None,
    ) -> Plan:
        """Settle what needs all customers of a run together: limits, households, the shortlist.

        Parameters
        ----------
        tables, spine, limits, slots, arms
            As for :meth:`decide`; all customers of the run.

        Returns
        -------
        Plan
            For :meth:`decide`, of all these customers or any part of them.
        """
        return Asked.of(self, tables, spine, arms=arms).plan(limits, slots)

    def decide(
        self,
        tables: CustomerTables,
        spine: Spine,
        rng: int | str = 7,
        run_id: str | None = None,
        model_version: str = "",
        limits: Sequence[Limit] = (),
        plan: Plan | None = None,
        slots: int = 1,
        arms: Arms | None = None,
        business_as_usual: Policy | None = None,
    ) -> pd.DataFrame:
        """Decide for each customer which offer is made, if any.

        Parameters
        ----------
        tables, spine
            As for :meth:`score`; each customer once.
        rng : int or str, default=7
            Names the draw, together with the run and the customer.
        run_id : str, optional
            Name of the run; by default from the latest moment and `rng`.
        model_version : str, default=""
            Kept with each decision.
        limits : sequence of Limit, default=()
            Capacities, budgets and minimums that hold exactly; see :func:`nbo.allocate`.
        plan : Plan, optional
            Made by :meth:`plan` for the whole run, of which these customers are a part; then `limits` is not read.
        slots : int, default=1
            Most offers of a customer; with more, each is a row.
        arms : Arms, optional
            An experiment: customers of its arms are decided as these say, see :func:`nbo.arbitration.armed`.
        business_as_usual : Policy, optional
            Decides for that arm.

        Returns
        -------
        DataFrame of n rows, or one a customer and offer
            The columns of the table `decisions`; see :func:`nbo.arbitration.decide`.

        Raises
        ------
        InputError
            If a customer stands twice, the limits cannot be kept, or an arm is unknown.
        """
        asked = Asked.of(self, tables, spine, arms=arms)
        plan = plan or asked.plan(limits, slots)
        return asked.decisions(rng, run_id, model_version, plan, slots, business_as_usual)

    def explain(self, decision: Any, tables: CustomerTables | None = None) -> Explanation:
        """Explain one decision, and change nothing.

        Parameters
        ----------
        decision : Series, dict or DataFrame of one row
            A row of the decisions frame, or of the ledger.
        tables : CustomerTables, optional
            Those of the decision: then every offer's terms, the rule that dropped it and until when are told, too.

        Returns
        -------
        Explanation
            See :func:`nbo.arbitration.explain`.
        """
        catalog = self._fitted_catalog()
        if tables is None:
            return explain(decision, self.policy, catalog)
        asked = self._asked_again(decision, tables)
        row = one_decision(decision, [])
        candidates = in_arm(row, asked.candidates, self.policy)
        return explain(row, self.policy, catalog, offer_terms(candidates, asked.scores.beliefs))

    def replay(
        self,
        decision: Any,
        tables: CustomerTables | None = None,
        ledger: Any = None,
        business_as_usual: Policy | None = None,
    ) -> Replay:
        """Decide once more what was decided before, and compare bit by bit.

        Parameters
        ----------
        decision : Series, dict, DataFrame of one row, or str
            A row of the decisions, or its `decision_id`, which is looked up in the ledger.
        tables : CustomerTables, optional
            Those of the decision. Without them the draw alone is done again, from the logged probabilities.
        ledger : Ledger, optional
            Where a `decision_id` is looked up.
        business_as_usual : Policy, optional
            Decided for that arm of an experiment.

        Returns
        -------
        Replay
            Whether all is the same, and what differs. What the policy has learnt since shows as a difference.

        Raises
        ------
        InputError
            If there is no such decision.
        """
        row = _looked_up(decision, ledger) if isinstance(decision, str) else decision
        if tables is None:
            return replay(row)
        asked = self._asked_again(row, tables)
        return replay(row, asked.candidates, asked.scores.beliefs, self.policy, asked.X, business_as_usual)

    def simulate(
        self,
        tables: CustomerTables,
        spine: Spine,
        rules_a: Playbook | Sequence[Rule] | None = None,
        rules_b: Playbook | Sequence[Rule] | None = None,
        limits: Sequence[Limit] = (),
        attributes: Sequence[str] = (),
        **settings: Any,
    ) -> Simulation:
        """Tell what rules would do, and compare them with others; nothing is drawn, recorded or learnt.

        Parameters
        ----------
        tables, spine
            As for :meth:`decide`.
        rules_a : Playbook or sequence of Rule, optional
            By default the model's own.
        rules_b : Playbook or sequence of Rule, optional
            Others to compare with.
        limits : sequence of Limit, default=()
        attributes : sequence of str, default=()
            Columns of customers to be checked for bias.
        **settings
            As for :func:`nbo.arbitration.simulate`.

        Returns
        -------
        Simulation
            Distribution, funnel, who is forgotten, bias, and what each rule and lever costs.
        """
        asked = Asked.of(self, tables, spine, rules_a)
        other = None if rules_b is None else Asked.of(self, tables, spine, rules_b).scores.beliefs
        return simulate(
            asked.candidates,
            asked.scores.beliefs,
            self.policy,
            rules_b=rules_b,
            beliefs_b=other,
            segments=asked.scores.segment,
            features=asked.X,
            arbitration=self.arbitration,
            limits=limits,
            attributes=attributes,
            **settings,
        )

    def _asked_again(self, decision: Any, tables: CustomerTables) -> Asked:
        row = decision.iloc[0] if isinstance(decision, pd.DataFrame) else decision
        return Asked.of(self, tables, Spine.at(row[c.DECIDED_AT], [row[c.CUSTOMER_ID]]))


def _looked_up(decision_id: str, ledger: Any) -> pd.Series:
    if ledger is None:
        raise InputError(f"ledger must be given to look {decision_id!r} up; or give the row of the decision.")
    decisions = ledger.decisions()
    found = decisions[decisions[c.DECISION_ID] == decision_id]
    if len(found) == 1:
        return found.iloc[0]
    raise InputError(f"the ledger has no decision {decision_id!r}; it has {len(decisions)} others.")
