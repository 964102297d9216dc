"""What the plots of simulations draw, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.arbitration import Candidates, When, simulate
from nbo.errors import InputError
from nbo.policies import Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine
from nbo.views import plot_distribution, plot_funnel

FUNNEL = pd.DataFrame(
    {
        "rules": ["A", "A", "A", "A", "B", "B"],
        "stage": ["all", "consent", "eligibility", "eligibility", "all", "contact policy"],
        "reason": ["all", "no consent", "minors", "late", "all", "too often"],
        "customers_left": [100, 90, 80, 70, 100, 60],
        "pairs_left": [200, 150, 140, 120, 200, 90],
        "value_left": [900.0, 850.0, 700.0, 650.0, 900.0, 500.0],
    }
)
SHARES = pd.DataFrame(
    {
        "dimension": ["any", "any", "offer_id", "offer_id"],
        "name": ["an offer", "no offer", "card", "loan"],
        "share_a": [0.8, 0.2, 0.3, 0.5],
        "share_b": [0.7, 0.3, 0.4, 0.3],
        "difference": [-0.1, 0.1, 0.1, -0.2],
        "standard_error": [0.01, 0.01, 0.005, np.nan],
    }
)


def widths(ax):
    return [float(bar.get_width()) for bar in ax.patches]


def labels(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


def test_a_stage_leaves_what_its_last_reason_leaves():
    ax = plot_funnel(FUNNEL[FUNNEL["rules"] == "A"])
    assert labels(ax) == ["all", "consent", "eligibility"]
    assert widths(ax) == [100, 90, 70]
    assert [text.get_text() for text in ax.texts] == ["100", "90  (−10)", "70  (−20)"]


def test_two_sets_of_rules_stand_stage_by_stage():
    ax = plot_funnel(FUNNEL, what="pairs")
    assert labels(ax) == ["all", "consent", "eligibility", "contact policy"]
    # A stage that a set of rules does not have leaves all that there was.
    assert widths(ax) == [200, 150, 120, 120, 200, 200, 200, 90]
    assert ax.texts[1].get_text() == "A  150  (−50)"
    assert ax.get_xlabel() == "Pairs of customer and offer left"


def test_each_reason_may_have_a_bar():
    ax = plot_funnel(FUNNEL, by="reason", what="value")
    assert labels(ax) == ["all", "no consent", "minors", "late", "too often"]
    assert widths(ax)[:5] == [900, 850, 700, 650, 650]


def test_offers_stand_by_share_with_their_difference():
    ax = plot_distribution(SHARES)
    assert labels(ax) == ["loan", "card"]
    assert ax.lines[0].get_xydata().tolist() == [[50.0, 0.0], [30.0, 1.0]]
    assert ax.lines[1].get_xydata().tolist() == [[30.0, 0.0], [40.0, 1.0]]
    assert [text.get_text() for text in ax.texts] == ["B − A", "-20.0", "+10.0 ± 1.0"]
    assert [text.get_text() for text in ax.get_legend().texts] == ["rules A", "rules B"]


def test_one_set_of_rules_has_no_difference():
    ax = plot_distribution(SHARES[["dimension", "name", "share_a"]], dimension="any")
    assert labels(ax) == ["an offer", "no offer"]
    assert (len(ax.lines), len(ax.texts)) == (1, 0)


def test_they_take_what_a_simulation_gives():
    tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"], "age": [30, 17]}))
    spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card", value=50)])
    candidates = Candidates.of(tables, spine, catalog, segments=np.array(["s", "s"]))
    adults = When("adults", refuse="age < 18")
    found = simulate(candidates, np.array([[0.2], [0.1]]), Uniform(["card"]), rules_b=[adults])
    assert widths(plot_funnel(found.funnel)) == [2, 2, 2, 1]
    assert plot_distribution(found.distribution).lines[1].get_xydata().tolist() == [[50.0, 0.0]]


@pytest.mark.parametrize(("draw", "frame"), [(plot_funnel, FUNNEL), (plot_distribution, SHARES)])
def test_they_draw_on_axes_given_or_their_own_and_on_no_rows(draw, frame):
    ax = Figure().add_subplot()
    assert draw(frame, ax=ax) is ax
    own = draw(frame[:0])
    assert own.get_xlabel()
    own.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "frame", "options", "message"),
    [
        (plot_funnel, FUNNEL.drop(columns="reason"), {}, "frame lacks the column 'reason'"),
        (plot_funnel, FUNNEL, {"what": "people"}, "what must be one of 'customers', .* got 'people'"),
        (plot_funnel, FUNNEL, {"by": "offer"}, "by must be one of 'stage', 'reason'; got 'offer'"),
        (plot_funnel, FUNNEL.assign(stage="whim"), {}, "frame.stage must be one of 'all', .* got 'whim'"),
        (plot_distribution, SHARES.drop(columns="share_a"), {}, "frame lacks the column 'share_a'"),
        (plot_distribution, SHARES.drop(columns="difference"), {}, "frame lacks the column 'difference'"),
        (plot_distribution, SHARES, {"dimension": "kind"}, "dimension must be one of 'any', 'offer_id'; got 'kind'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, frame, options, message):
    with pytest.raises(InputError, match=message):
        draw(frame, **options)
