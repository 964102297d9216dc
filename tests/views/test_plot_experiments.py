"""Plots of experiments."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import always_valid, analyze_experiment
from nbo.views import plot_always_valid, plot_effects


def frame(n=3000, change=0.2):
    rng = np.random.default_rng(0)
    arm = rng.choice(["agent", "control", "holdout"], n)
    reward = (rng.random(n) < 0.1 + change * (arm == "agent")).astype(float)
    return pd.DataFrame({"arm": arm, "segment": rng.choice(["new", "old"], n), "reward": reward, "spent": 10 * reward})


def test_effects_stand_in_their_order_and_sure_ones_stand_out():
    effects = analyze_experiment(frame(), ["reward", "spent"], by="segment")
    ax = plot_effects(effects, "reward")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "agent, all", "holdout, all", "agent, new", "holdout, new", "agent, old", "holdout, old",
    ]  # fmt: skip
    own = effects[effects["metric"] == "reward"]
    np.testing.assert_allclose(ax.get_lines()[1].get_xdata(), own["difference"])
    sure = ax.get_lines()[2]
    assert sure.get_ydata().tolist() == [0, 2, 4]
    assert sure.get_label() == "more than chance"
    assert ax.get_xlabel() == "reward: difference to the baseline"
    percent = plot_effects(effects, "spent", relative=True, label="Lift in %")
    np.testing.assert_allclose(
        percent.get_lines()[1].get_xdata()[0], 100 * own["relative_difference"].iloc[0], rtol=1e-9
    )
    assert percent.get_xlabel() == "Lift in %"


def test_effects_without_an_end_are_no_verdict():
    effects = pd.DataFrame(
        {
            "experiment": ["one", "two"],
            "metric": "value",
            "arm": "agent",
            "relative_difference": [0.1, 0.2],
            "relative_low": [0.0, -np.inf],
            "relative_high": [0.2, np.inf],
            "p_adjusted": [0.2, np.nan],
        }
    )
    ax = plot_effects(effects, relative=True)
    assert [text.get_text() for text in ax.texts] == ["no verdict"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["one", "two"]
    ax.figure.canvas.draw()


@pytest.mark.parametrize("every", [1, 300])
def test_looks_end_where_they_decide(every):
    looks = always_valid(frame(), planned=1000, every=every)
    ax = plot_always_valid(looks, "agent")
    own = looks[looks["arm"] == "agent"]
    first = int(own.loc[own["low"] > 0, "customers"].iloc[0])
    assert [text.get_text() for text in ax.texts] == [f"decided after {first:,}"]
    assert ax.get_xlim()[1] == own["customers"].iloc[-1]
    assert ax.get_xlabel() == "Customers"
    undecided = plot_always_valid(looks, "holdout", label="Accepted per customer")
    assert len(undecided.texts) == 0
    assert undecided.get_ylabel() == "Accepted per customer"
    undecided.figure.canvas.draw()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: plot_effects(analyze_experiment(frame(300), ["reward", "spent"])),
            "metric must be one of 'reward', 'spent'",
        ),
        (lambda: plot_effects(frame(30)), "effects lacks the columns 'metric', 'p_adjusted', 'difference'"),
        (lambda: plot_always_valid(always_valid(frame(300))), "arm must be one of 'agent', 'holdout'; got None"),
        (
            lambda: plot_always_valid(always_valid(frame(300).assign(reward=1.0)), "agent"),
            "an interval with two ends; none",
        ),
        (lambda: plot_always_valid(frame(30)), "looks lacks the columns 'customers'"),
    ],
)
def test_bad_frames_are_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()
