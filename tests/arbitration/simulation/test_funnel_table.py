from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration import Arbitration, Eligibility, Rule, When, decision_funnel
from nbo.arbitration.funnel import offer_codes

MINORS = When("minors", refuse="age < 18")
NO_LOANS = When("no loans to the old", refuse="age > 60", offers=["loan"], stage="suitability")


def test_the_funnel_by_hand(tiny):
    found = decision_funnel(tiny(MINORS, NO_LOANS, arbitration=Arbitration(at_least=2.0)))
    assert found[["stage", "reason"]].values.tolist() == [
        ["all", "all"],
        ["eligibility", "minors"],
        ["suitability", "no loans to the old"],
        ["arbitration", "worth too little"],
    ]
    # bob loses both; dot the loan; then her card, worth 0, is too little: 8 - 2 - 1 - 1.
    assert found["pairs_dropped"].tolist() == [0, 2, 1, 1]
    assert found["pairs_left"].tolist() == [8, 6, 5, 4]
    assert found["customers_dropped"].tolist() == [0, 1, 0, 1]
    assert found["customers_left"].tolist() == [4, 3, 3, 2]
    assert found["value_left"].tolist() == pytest.approx([9 + 4 + 14 + 1, 9 + 14 + 1, 9 + 14 + 0, 9 + 14])


def test_the_funnel_by_offer_by_hand(tiny):
    found = decision_funnel(tiny(MINORS, NO_LOANS), by_offer=True).set_index(["offer_id", "reason"])
    assert found.loc["card", "pairs_left"].to_dict() == {"all": 4, "minors": 3, "no loans to the old": 3}
    assert found.loc["loan", "pairs_left"].to_dict() == {"all": 4, "minors": 3, "no loans to the old": 2}


def test_an_offer_is_dropped_where_its_last_way_is(tiny):
    found = decision_funnel(
        tiny(Eligibility(), When("no mail", refuse="age > 60", channels=["email"], stage="service"))
    )
    # cid and dot are not called, but may get both offers by mail; dot loses the mail afterwards.
    by_reason = found.set_index("reason")["pairs_dropped"]
    assert by_reason["no consent"] == 0
    assert by_reason["no mail"] == 2


class Random(Rule):
    """Refuse triples by chance, for two reasons of two stages."""

    def __init__(self, seed, stage="eligibility"):
        self.seed = seed
        self.stage = stage

    def refused(self, candidates):
        rng = np.random.default_rng(self.seed)
        return {f"{self.seed} {part}": rng.random(candidates.shape) < 0.3 for part in "ab"}

    def stage_of(self, reason):
        return self.stage if reason.endswith("a") else "service"


@pytest.mark.parametrize("seed", range(4))
def test_the_funnel_adds_up_and_is_that_of_a_plain_loop(tiny, seed):
    stages = np.random.default_rng(seed).permutation(["consent", "suitability", "contact policy", "capacity"])
    chance = np.random.default_rng(seed).uniform(0, 0.3, (4, 2))
    scenario = tiny(*(Random(10 * seed + at, str(stage)) for at, stage in enumerate(stages)), chance=chance)
    found, n_pairs = decision_funnel(scenario), 8
    assert (found["pairs_left"] + found["pairs_dropped"].cumsum() == n_pairs).all()
    assert (found["customers_left"] + found["customers_dropped"].cumsum() == 4).all()
    assert found["pairs_left"].iloc[-1] == scenario.left.eligible.sum()
    assert found["customers_left"].iloc[-1] == scenario.left.eligible.any(axis=1).sum()
    order = [Rule.STAGES.index(stage) for stage in found["stage"][1:]]
    assert order == sorted(order)
    by_offer = decision_funnel(scenario, by_offer=True).groupby("reason")[["pairs_left", "pairs_dropped"]].sum()
    assert by_offer.loc[found["reason"], "pairs_left"].tolist() == found["pairs_left"].tolist()
    codes, left = offer_codes(scenario.left), np.ones((4, 2), dtype=bool)
    for row in found[1:].to_dict("records"):
        for i in range(4):
            for j in range(2):
                if codes[i, j] and scenario.left.reasons[codes[i, j] - 1] == row["reason"]:
                    left[i, j] = False
        value = sum(max([0.0, *scenario.worth[i][left[i]]]) for i in range(4))
        assert row["value_left"] == pytest.approx(value)
        assert row["pairs_left"] == left.sum()
