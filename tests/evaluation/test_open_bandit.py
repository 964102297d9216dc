"""A uniformly random log of a fashion site values its other policy, Thompson sampling, as published."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from nbo.datasets import load_open_bandit
from nbo.errors import DataSetNotFoundError
from nbo.evaluation import evaluate

PRIOR = json.loads((Path(__file__).parent / "prior_bts.json").read_text())

# Printed by Open Bandit Pipeline 0.5.7 for its small data set with random_state=12345 and 100,000 draws; for "all"
# its page prints the value over that of the random policy, 1.1981263157894735. The rewards predicted for the
# estimators from "dm" on are the clicks by item and position, shrunk by 5 decisions at the mean.
PUBLISHED = {
    "all": {
        "ips": 0.00455288,
        "snips": 0.0047758330812309535,
        "dm": 0.004542944773228086,
        "dr": 0.004626538607128036,
        "sndr": 0.004630632170507677,
        "switch": 0.004494146073794702,
        "dros": 0.004550152968715511,
        "clipped": 0.00309304,
    },
    "men": {
        "ips": 0.004533560000000009,
        "snips": 0.004604232164349611,
        "dm": 0.004634315850181745,
        "dr": 0.004635744133010724,
        "sndr": 0.004635766398038391,
        "switch": 0.0046589467583590385,
        "dros": 0.004643817940914228,
        "clipped": 0.004273414000000005,
    },
    "women": {
        "ips": 0.0068134740000000025,
        "snips": 0.006810965194592504,
        "dm": 0.006857656177837447,
        "dr": 0.007014011251519076,
        "sndr": 0.0070139536796468786,
        "switch": 0.006994001042801203,
        "dros": 0.006900609778801331,
        "clipped": 0.005738860000000001,
    },
}
PARAMETERS = {"switch": 10.0, "dros": 10.0, "clipped": 5.0}
# By exact probabilities in place of draws: computed with other code.
EXACT = {
    "all": (0.0045627, 0.0047860, 1643, 19.6),
    "men": (0.0045401, 0.0046102, 2474, 10.7),
    "women": (0.0068041, 0.0067997, 1959, 12.6),
}


@pytest.fixture(scope="module", params=["men", "women", "all"])
def campaign(request, public_data):
    try:
        random = _feedback(public_data / "open_bandit", "random", request.param)
    except DataSetNotFoundError:
        pytest.skip(f"the campaign {request.param!r} of open_bandit is not in {public_data}")
    return request.param, random


def test_the_published_values_to_the_digits_printed(campaign):
    name, feedback = campaign
    shares = drawn(name)
    place, items = feedback["position"].to_numpy() - 1, len(shares)
    target = shares[:, place].T
    item = feedback["offer_id"].str.removeprefix("item_").astype(int).to_numpy()
    clicks, shown = np.zeros((items, 3)), np.zeros((items, 3))
    np.add.at(clicks, (item, place), feedback["reward"])
    np.add.at(shown, (item, place), 1)
    predicted = ((clicks + 5 * feedback["reward"].mean()) / (shown + 5))[:, place].T
    for estimator, expected in PUBLISHED[name].items():
        given = {"predicted_rewards": predicted} if estimator in ("dm", "dr", "sndr", "switch", "dros") else {}
        found = evaluate(
            target,
            feedback,
            estimator,
            offers=[f"item_{number}" for number in range(items)],
            parameter=PARAMETERS.get(estimator),
            **given,
        )
        assert found.value == pytest.approx(expected, rel=1e-12)
        assert found.supported
    if name == "all":
        relative = evaluate(target[np.arange(len(item)), item], feedback).value / feedback["reward"].mean()
        assert relative == pytest.approx(1.1981263157894735, rel=1e-14)


def test_exact_probabilities_give_the_figures_of_other_code(campaign):
    name, feedback = campaign
    shares = exact(name)
    item = feedback["offer_id"].str.removeprefix("item_").astype(int).to_numpy()
    target = shares[item, feedback["position"].to_numpy() - 1]
    found, normalized = evaluate(target, feedback), evaluate(target, feedback, "snips")
    ips, snips, size, largest = EXACT[name]
    assert (found.value, normalized.value) == (pytest.approx(ips, abs=5.5e-8), pytest.approx(snips, abs=5.5e-8))
    assert found.effective_sample_size == pytest.approx(size, abs=0.6)
    assert found.max_weight == pytest.approx(largest, abs=0.05)


def test_draws_and_exact_probabilities_agree():
    assert np.abs(drawn("men") - exact("men")).max() < 0.0025
    np.testing.assert_allclose(exact("men").sum(axis=0), 1, atol=1e-9)


def drawn(name):
    """Share of each item at each position in 100,000 draws, by the legacy generator that was published with."""
    a, b = (np.array(PRIOR[name][key], dtype=float) for key in ("alpha", "beta"))
    generator = np.random.RandomState(12345)
    count = np.zeros((len(a), 3))
    for _ in range(100):
        ranked = generator.beta(a, b, size=(1000, len(a))).argsort(axis=1)[:, ::-1]
        for place in range(3):
            count[:, place] += np.bincount(ranked[:, place], minlength=len(a))
    return count / 100_000


def exact(name):
    """Probability of each item to be first, second and third, by quadrature over the value of its rate."""
    a, b = (np.array(PRIOR[name][key], dtype=float)[:, np.newaxis] for key in ("alpha", "beta"))
    x = np.linspace(0, 0.1, 40_001)
    x = (x[1:] + x[:-1]) / 2
    below = np.maximum(special.betainc(a, b, x), 1e-120)
    density = np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - special.betaln(a, b)) * 0.1 / 40_000
    logs, odds = np.log(below), (1 - below) / below
    first, second = odds.sum(axis=0), (odds**2).sum(axis=0)
    # Of the others none, one or two are above: elementary symmetric polynomials of their odds.
    one = first - odds
    two = (one**2 - (second - odds**2)) / 2
    none = density * np.exp(logs.sum(axis=0) - logs)
    return np.column_stack([(none * part).sum(axis=1) for part in (1.0, one, two)])


@pytest.mark.parametrize("campaign_name", ["men", "women"])
@pytest.mark.parametrize("name", ["ips", "snips", "dm", "dr", "sndr", "switch", "dros"])
def test_the_random_log_values_thompson_sampling(public_data, campaign_name, name):
    folder = public_data / "open_bandit"
    if not folder.is_dir():
        pytest.skip(f"open_bandit is not in {public_data}")
    random, other = (_feedback(folder, policy, campaign_name) for policy in ("random", "bts"))
    random, other = (log.assign(segment="position " + log["position"].astype(str)) for log in (random, other))
    # Thompson sampling does not see who looks, so its shares at each position are its policy on average.
    shares = pd.crosstab(other["segment"], other["offer_id"], normalize="index")
    offers = list(shares.columns)
    estimate = evaluate(shares.loc[random["segment"]].to_numpy(), random, name, offers=offers)
    earned, n = other["reward"].mean(), len(other)
    allowed = 4 * np.hypot(estimate.standard_error, np.sqrt(earned * (1 - earned) / n))
    assert abs(estimate.value - earned) < allowed
    assert 0.0005 < estimate.standard_error < 0.002
    assert estimate.effective_sample_size > 2500
    assert estimate.warnings == ()


def _feedback(folder, policy, campaign):
    tables = load_open_bandit(folder, policy=policy, campaign=campaign).tables
    feedback = tables.get("decisions").merge(tables.get("outcomes"), on="decision_id")
    return feedback.assign(reward=(feedback["outcome"] == "accept").astype(float)).drop(columns="segment")
