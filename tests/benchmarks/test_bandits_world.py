"""The worlds of the benchmark of bandits are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.bandits import game, worlds
from tests.benchmarks.bandits.numpy_peer import Thompson, Uniform
from tests.benchmarks.bandits.regret import ratio_of_means


class First:
    """Makes the first offer, and notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple] = []

    def choose(self, decision, segment, uniform, n_open):
        return 0

    def answer(self, now, decision, segment, offer, reward, late):
        self.heard.append((now, decision, reward, late))

    def wait(self, decision, segment, offer):
        self.heard.append((decision, decision, None, False))

    def give_up(self, now, decision, segment, offer):
        self.heard.append((now, decision, 0, False))


def tiny(**changes) -> worlds.World:
    """Two segments, two offers, four rounds: rates .5 and .1 in the first segment, .2 and .6 in the second."""
    given = {
        "name": "tiny",
        "seed": 0,
        "rates": np.array([[[0.5, 0.1], [0.2, 0.6]]]),
        "opens": np.array([0, 0]),
        "segments": np.array([0, 1, 0, 1]),
        "outcomes": np.array([0.4, 0.1, 0.9, 0.3]),
        "draws": np.array([0.4, 0.6, 0.4, 0.6]),
        "delays": np.empty(0),
    }
    return worlds.World(**given | changes)


@pytest.mark.parametrize("variant", worlds.VARIANTS)
def test_equal_seeds_give_equal_worlds_and_other_seeds_others(variant, tmp_path):
    world, same, other = (worlds.make((3, 5), variant, seed, rounds=200) for seed in (1, 1, 2))
    world.save(tmp_path / "world.npz")
    read = worlds.load(tmp_path / "world.npz")
    for name in ("rates", "opens", "segments", "outcomes", "draws", "delays"):
        np.testing.assert_array_equal(getattr(world, name), getattr(same, name))
        np.testing.assert_array_equal(getattr(world, name), getattr(read, name))
    assert (read.name, read.seed) == (f"3x5 {variant}", 1)
    assert not np.array_equal(world.rates, other.rates)


def test_rates_lie_around_the_sum_of_offer_and_segment_on_the_log_odds():
    world = worlds.make((400, 50), "stationary", 3, rounds=10)
    rates = world.rates[0]
    # Over segments an offer's mean rate is Beta noise around its expectation: 20,000 cells, 50 offers of sd .5.
    odds = np.log(rates.mean(axis=0) / (1 - rates.mean(axis=0)))
    # The centre, and half the variance of segments (.4) on the way to the mean of a rate.
    assert odds.mean() == pytest.approx(-3.38 + 0.4**2 / 2, abs=4 * 0.5 / 50**0.5)
    assert odds.std(ddof=1) == pytest.approx(0.5, abs=4 * 0.5 / 100**0.5)


def test_without_structure_rates_are_of_the_prior_of_one_and_24():
    rates = worlds.make((400, 50), "stationary", 3, rounds=10, structure="no structure").rates
    # A Beta(1, 24) variable: mean 1 / 25, variance 24 / (25^2 26).
    assert rates.mean() == pytest.approx(1 / 25, abs=4 * (24 / (25**2 * 26) / rates.size) ** 0.5)


def test_low_rates_are_about_eight_in_a_thousand():
    means = [worlds.make((20, 50), "stationary", s, 10, "low rates").rates.mean() for s in range(20)]
    assert np.mean(means) == pytest.approx(0.008, abs=0.001)


def test_the_best_offers_are_accepted_twice_to_four_times_as_often_as_random_ones():
    for shape in worlds.SHAPES:
        both = [game.oracle_and_uniform(worlds.make(shape, "stationary", seed, 5_000)) for seed in range(3)]
        oracle, uniform = np.mean(both, axis=0)
        assert 0.03 < uniform < 0.05
        assert 2 * uniform < oracle < 4 * uniform


def test_a_drift_draws_all_rates_anew_half_way():
    world = worlds.make((20, 10), "drift", 0, rounds=1_000)
    assert world.rates.shape == (2, 20, 10)
    assert not np.isclose(world.rates[0], world.rates[1]).any()
    assert world.phases.tolist() == [0] * 500 + [1] * 500


def test_a_fifth_of_the_offers_is_launched_half_way():
    world = worlds.make((20, 10), "launch", 0, rounds=1_000)
    assert world.opens.tolist() == [0] * 8 + [500] * 2
    chosen = game.play(world, Uniform(world.shape, 0))
    assert chosen[:500].max() == 7
    assert chosen[500:].max() == 9


def test_regret_by_hand():
    # Expected losses of the choices 0, 1, 1, 0 are 0, 0, .4, .4, those of a random offer .2 each.
    assert game.curve(tiny(), np.array([0, 1, 1, 0]))[-1] == pytest.approx((0 + 0 + 0.4 + 0.4) / (4 * 0.2))
    assert game.oracle_and_uniform(tiny()) == pytest.approx(((0.5 + 0.6) / 2, (0.3 + 0.4) / 2))


def test_an_offer_that_is_not_open_yet_is_not_missed():
    # The second offer opens in the third round, so the first two lose nothing.
    world = tiny(opens=np.array([0, 2]))
    np.testing.assert_allclose(game.uniform_regret(world), [0, 0, 0.2, 0.2])


def test_answers_at_once_by_hand():
    learner = First()
    game.play(tiny(), learner)
    # The outcomes .4, .1, .9, .3 against the rates .5, .2, .5, .2 of the first offer.
    assert [reward for _, _, reward, _ in learner.heard] == [1, 1, 0, 0]


def test_delayed_answers_by_hand(monkeypatch):
    monkeypatch.setattr(game, "TIME_OUT", 2)
    learner = First()
    game.play(tiny(delays=np.array([0.5, 2.5, 1.0, 1.0])), learner)
    assert learner.heard == [
        (0, 0, None, False),
        (1, 0, 1, False),  # accepted in round 0, heard half a round later
        (1, 1, None, False),
        (2, 2, None, False),
        (3, 1, 0, False),  # accepted in round 1, but the time for an answer ends before it is heard
        (3, 3, None, False),
    ]


def test_a_late_acceptance_is_said_to_be_late_and_takes_the_refusal_back(monkeypatch):
    monkeypatch.setattr(game, "TIME_OUT", 1)
    learner = First()
    game.play(tiny(delays=np.array([2.5, 9.0, 9.0, 9.0])), learner)
    assert (3, 0, 1, True) in learner.heard
    thompson = Thompson((2, 2), 0)
    thompson.give_up(1, 0, 0, 1)
    thompson.answer(3, 0, 0, 1, 1, True)
    np.testing.assert_array_equal(thompson.counts[0], [[1, 2], [1, 1]])


def test_an_offer_at_random_has_all_of_the_uniform_regret():
    world = worlds.make((20, 10), "stationary", 0, rounds=20_000)
    losses = game.uniform_regret(world)
    share = game.curve(world, game.play(world, Uniform(world.shape, 0)))[-1]
    assert share == pytest.approx(1, abs=4 * losses.std() / losses.mean() / world.rounds**0.5)


def test_thompson_sampling_draws_each_offer_as_often_as_it_is_the_best():
    thompson = Thompson((1, 2), 5, refusals=3)
    thompson.counts[0] = [[2, 1], [3, 1]]
    drawn = [thompson.choose(0, 0, 0.5, 2) for _ in range(4_000)]
    # P(Beta(1, 1) > Beta(2, 3)) = 1 - 2/5, the mean of the second.
    assert np.mean(drawn) == pytest.approx(3 / 5, abs=4 * (0.24 / 4_000) ** 0.5)


def test_the_ratio_of_means_and_its_error_by_hand():
    ratio, error = ratio_of_means(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    # Differences from the ratio's line are -1 and 1: s.d. 2^.5, over 2^.5 seeds, over the mean 2.
    assert (ratio, error) == (1.0, pytest.approx(0.5))


@pytest.mark.slow
def test_thompson_sampling_for_each_segment_has_the_regret_that_the_page_states():
    played = [worlds.make((20, 10), "stationary", seed) for seed in range(3)]
    shares = [game.curve(world, game.play(world, Thompson(world.shape, 7 + world.seed)))[-1] for world in played]
    # In one world the standard deviation over the policy's draws is .005; both sides are means of three.
    assert np.mean(shares) == pytest.approx(0.139, abs=4 * 0.005 * (2 / 3) ** 0.5)
