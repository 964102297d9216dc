from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import bias_check
from nbo.errors import InputError

ATTRIBUTES = ["city", "urban", "age", "birth_date"]


def by_chance(people, rng):
    """Refuse half of all pairs, whoever it is."""
    return rng.random((len(people), 2, 1)) < 0.5


def test_the_rates_of_groups_by_hand(crowd):
    def refused(people, rng):
        # Every fourth customer of the north gets nothing.
        return ((people["city"] == "north") & (people["customer_id"] % 4 == 0)).to_numpy()[:, None, None]

    scenario = crowd(1000, 1, refused)
    found = bias_check(scenario, ["city"]).query("what == 'an offer'").set_index("group")
    north = scenario.candidates.customers["city"].to_numpy() == "north"
    rate = 1 - (np.arange(1000) % 4 == 0)[north].mean()
    assert found.loc["north", ["customers", "rate", "rest", "value"]].tolist() == pytest.approx(
        [north.sum(), rate, 1, rate]
    )
    south = scenario.candidates.customers["city"].to_numpy() == "south"
    rest = scenario.made.sum(axis=1)[~south].mean()
    assert found.loc["south", "value"] == pytest.approx(1 / rest)
    assert found.index.tolist() == ["north", "south", "east"]
    assert set(found["measure"]) == {"rate ratio"}


def test_each_offer_is_looked_at_too(crowd):
    found = bias_check(crowd(500, 2, by_chance), ["urban", "age"])
    assert found["what"].tolist() == ["an offer", "o0", "o1"] * 3
    assert found["group"].tolist() == ["False"] * 3 + ["True"] * 3 + [""] * 3
    assert found["measure"].tolist()[-1] == "concentration index"


def test_a_planted_bias_is_found_and_nothing_else(crowd):
    def refused(people, rng):
        chance = np.where(people["city"] == "east", 0.45, 0.1) + 0.02 * people["urban"].to_numpy()
        return (rng.random(len(people)) < chance)[:, None, None]

    found = bias_check(crowd(4000, 3, refused), ATTRIBUTES).query("what == 'an offer'")
    # The slight disadvantage of the urban, a ratio of 0.98, is no matter.
    assert found.loc[found["flag"], ["attribute", "group"]].values.tolist() == [["city", "east"]]
    east = found.set_index("group").loc["east"]
    # Of the urban, 40 %, 2 % less are served.
    assert east["low"] < (0.55 - 0.008) / (0.9 - 0.008) < east["high"]


def test_a_planted_bias_by_age_is_found_in_the_age_alone(crowd):
    def refused(people, rng):
        return (rng.random(len(people)) < (people["age"].to_numpy() - 18) / 62)[:, None, None]

    found = bias_check(crowd(4000, 4, refused), ATTRIBUTES)
    assert set(found.loc[found["flag"], "attribute"]) == {"age"}
    age = found.query("attribute == 'age' and what == 'an offer'").iloc[0]
    # Those of rank F in [0, 1] are served with the chance 1 - F: 2 E[(1 - F) F] / E[1 - F] - 1 = 2/6 / (1/2) - 1.
    assert age["low"] < 2 * (1 / 6) / (1 / 2) - 1 < age["high"]
    assert age["value"] == pytest.approx(-1 / 3, abs=0.03)


@pytest.mark.parametrize("limits", [{"largest_ratio": 1.0, "largest_index": 0.0}, {}])
def test_of_worlds_without_bias_at_most_alpha_have_a_flag(crowd, limits):
    worlds, alpha, flagged = 100, 0.05, 0
    for seed in range(worlds):
        found = bias_check(crowd(400, 1000 + seed, by_chance), ["city", "urban", "age"], **limits)
        flagged += bool(found["flag"].any())
    assert flagged <= worlds * alpha + 4 * np.sqrt(worlds * alpha * (1 - alpha))


def test_p_values_without_bias_are_below_alpha_as_often_as_they_should(crowd):
    worlds = 100
    p_values = np.concatenate(
        [
            bias_check(crowd(400, 5000 + seed, by_chance), ["urban", "age"], largest_ratio=1, largest_index=0)
            .query("what == 'an offer' and group != 'False'")["p_value"]
            .to_numpy()
            for seed in range(worlds)
        ]
    )
    share = (p_values < 0.05).mean()
    assert abs(share - 0.05) < 4 * np.sqrt(0.05 * 0.95 / len(p_values))


def test_p_values_are_adjusted_for_all_comparisons(crowd):
    from scipy import stats

    found = bias_check(crowd(400, 6, by_chance), ATTRIBUTES)
    expected = stats.false_discovery_control(found["p_value"].to_numpy(), method="by")
    assert found["adjusted_p_value"].tolist() == pytest.approx(expected.tolist())


def test_few_customers_tell_nothing(crowd):
    found = bias_check(crowd(40, 7, by_chance), ["city"])
    assert found["p_value"].isna().all()
    assert not found["flag"].any()
    assert found["value"].notna().any()


def test_missing_values_are_a_group_and_no_number(crowd):
    scenario = crowd(300, 8, by_chance)
    scenario.candidates.customers.loc[:99, ["city", "age"]] = [None, np.nan]
    found = bias_check(scenario, ["city", "age"]).query("what == 'an offer'").set_index("group")
    assert found.loc["(missing)", "customers"] == 100
    assert found.loc["", "customers"] == 200


def test_only_the_largest_groups_are_told_apart(crowd):
    scenario = crowd(900, 9, by_chance)
    scenario.candidates.customers["code"] = [f"g{number % 30}" for number in range(900)]
    assert bias_check(scenario, ["code"])["group"].nunique() == 20


def test_where_all_are_alike_there_is_nothing_to_compare(crowd):
    scenario = crowd(300, 10)
    scenario.candidates.customers["planet"] = "earth"
    assert len(bias_check(scenario, ["planet"])) == 0
    found = bias_check(scenario, ATTRIBUTES)
    assert found["p_value"].tolist() == pytest.approx([1.0] * len(found))
    assert found.loc[found["measure"] == "rate ratio", "value"].tolist() == pytest.approx([1.0] * 15)


def test_what_is_refused_for_certain_is_flagged(crowd):
    found = bias_check(crowd(200, 11, lambda people, _: people["urban"].to_numpy()[:, None, None]), ["urban"])
    whole = found[found["what"] == "an offer"].set_index("group")
    assert whole["p_value"].tolist() == [0.0, 0.0]
    assert whole["value"].to_dict() == {"False": np.inf, "True": 0.0}
    assert found["flag"].all()


def test_a_misspelt_attribute_is_refused(crowd):
    with pytest.raises(InputError, match=r"name 'aeg', which no column of the customers has \(did you mean 'age'"):
        bias_check(crowd(50, 12), ["aeg"])
    with pytest.raises(InputError, match=r"attributes must be a list of columns, such as \['age'\]; got 'age'"):
        bias_check(crowd(50, 12), "age")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"largest_ratio": 0.8}, "largest_ratio must be 1 or more; got 0.8"),
        ({"largest_index": -0.1}, "largest_index must be 0 or more; got -0.1"),
        ({"alpha": 0}, r"alpha must be in \(0, 1\); got 0"),
        ({"level": 95}, r"level must be in \(0, 1\); got 95"),
    ],
)
def test_limits_that_are_none_are_refused(crowd, limits, message):
    with pytest.raises(InputError, match=message):
        bias_check(crowd(50, 13), ["age"], **limits)


def test_the_segment_is_an_attribute(crowd):
    scenario = crowd(100, 14, by_chance)
    assert len(bias_check(scenario, ["segment"])) == 0
    assert isinstance(bias_check(scenario, ["segment"]), pd.DataFrame)
