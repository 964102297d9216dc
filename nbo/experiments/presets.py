"""Experiments that most programs start with."""

from __future__ import annotations

from nbo.experiments.arm_names import AGENT, ARMS, IMPACT_ARMS
from nbo.experiments.arms import Arms

__all__ = ["four_arms", "impact_arms"]


def four_arms(name: str, control: float = 0.02, business_as_usual: float = 0.02, holdout: float = 0.02) -> Arms:
    """Set three arms beside the agent: random offers, business as usual, and no contact.

    Against the control it shows what choosing is worth, against business as usual what it is worth to change, and
    against the holdout what it is worth to make offers at all.

    Parameters
    ----------
    name : str
        Of the experiment.
    control, business_as_usual, holdout : float, default=0.02
        Shares of the customers; the agent has the rest.

    Returns
    -------
    Arms

    Examples
    --------
    >>> four_arms("program", holdout=0.05).table()[["arm", "share"]].round(2).values.tolist()
    [['control', 0.02], ['business_as_usual', 0.02], ['holdout', 0.05], ['agent', 0.91]]
    """
    return Arms(name, dict(zip(ARMS[1:], (control, business_as_usual, holdout), strict=True)), rest=AGENT)


def impact_arms(name: str, share: float = 0.02) -> Arms:
    """Set five arms beside the agent that each take something out of its decision.

    Five comparisons tell what parts of it are worth: the agent against offers at random, by propensity alone, without
    levers, and with eligibility as the only rules; and propensity alone against random propensities.

    Parameters
    ----------
    name : str
        Of the experiment.
    share : float, default=0.02
        Of the customers in each of the five arms; the agent has the rest.

    Returns
    -------
    Arms

    Examples
    --------
    >>> impact_arms("impact", 0.01).table()["share"].round(2).tolist()
    [0.01, 0.01, 0.01, 0.01, 0.01, 0.95]
    """
    return Arms(name, dict.fromkeys(IMPACT_ARMS[1:], share), rest=AGENT)
