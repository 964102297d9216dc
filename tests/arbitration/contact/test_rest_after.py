from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration.contact import RestAfter
from nbo.errors import InputError

RESTS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["accept", "reject", "no_answer"]),
        "rest": st.sampled_from(["6h", "2D", "7D", "all"]),
        "n": st.integers(1, 3),
        "window": st.sampled_from([None, "6h", "3D"]),
        "what": st.sampled_from(["offer", "category", "kind", "all"]),
        "by": st.sampled_from(["customer", "household"]),
        "channels": st.sampled_from([None, ["email"], ["email", "phone"]]),
        "offers": st.sampled_from([None, ["card", "loan"]]),
        "same_channels": st.booleans(),
        "answer_within": st.just("2D"),
    }
)
SETTINGS = settings(max_examples=15, deadline=None, derandomize=True)


def rests(rest, times, as_of):
    """Whether any n answers within the window have their last one in the rest before as_of."""
    width = pd.Timedelta("1000D") if rest["rest"] == "all" else pd.Timedelta(rest["rest"])
    near = pd.Timedelta("1000D") if rest["window"] is None else pd.Timedelta(rest["window"])
    runs = [times[at : at + rest["n"]] for at in range(len(times) - rest["n"] + 1)]
    return any(run[-1] - run[0] <= near and run[-1] >= as_of - width for run in runs)


@SETTINGS
@given(seed=st.integers(0, 10**6), rest=RESTS)
def test_who_rests_is_who_answered_so_by_a_plain_loop(random_log, seed, rest):
    log = random_log(seed, n_rows=60)
    candidates, carried = log.candidates([RestAfter(**rest)]), log.candidates().codes == 0
    known = {offer.offer_id: offer for offer in candidates.catalog}
    within = pd.Timedelta(rest["answer_within"])
    for i, row in enumerate(log.spine.itertuples()):
        found = log.contacts(row.customer_id, row.as_of, rest["by"], rest["outcome"], within)
        found = [f for f in found if rest["channels"] is None or f[2] in rest["channels"]]
        found = [f for f in found if rest["offers"] is None or f[1] in rest["offers"]]
        for k, offer in enumerate(candidates.catalog):
            name = {"offer": "offer_id", "all": ""}.get(rest["what"], rest["what"])
            own = getattr(offer, name, "any")
            times = [f[0] for f in found if not name or (own and getattr(known.get(f[1]), name, None) == own)]
            resting = rests(rest, times, row.as_of) and (rest["offers"] is None or offer.offer_id in rest["offers"])
            for m, channel in enumerate(candidates.channels):
                here = not (rest["same_channels"] and rest["channels"]) or channel in rest["channels"]
                assert (candidates.codes[i, k, m] == 0) == (carried[i, k, m] and not (resting and here))


@SETTINGS
@given(seed=st.integers(0, 10**6), rest=RESTS)
def test_a_rest_ends_at_the_very_microsecond(random_log, ends_exactly, seed, rest):
    log = random_log(seed, n_rows=60, same_moment=True)
    # Contacts that may still get no answer later would start another rest.
    log.decisions = log.decisions[log.decisions["decided_at"] < log.spine["as_of"][0] - pd.Timedelta("2D")]
    ends_exactly(RestAfter(**rest), log)


def test_some_rests_end(random_log, ends_exactly):
    rule = RestAfter("reject", "3D", n=2, window="5D", what="all", by="household")
    assert ends_exactly(rule, random_log(2, n_rows=60, same_moment=True)) > 0


def test_two_rejects_of_a_category_by_email_suppress_it_everywhere(random_log):
    log = random_log(1)
    log.decisions = pd.DataFrame(
        {
            "decision_id": ["a", "b"],
            "customer_id": "c1",
            "offer_id": ["card", "loan"],
            "channel": "email",
            "decided_at": pd.to_datetime(["2026-06-01", "2026-06-05"]),
        }
    )
    log.outcomes = pd.DataFrame({"decision_id": ["a", "b"], "outcome": "reject"}).assign(
        outcome_at=pd.to_datetime(["2026-06-02", "2026-06-06"])
    )
    log.spine = pd.DataFrame({"customer_id": ["c1"], "as_of": pd.to_datetime(["2026-06-20"])})
    rule = RestAfter("reject", "30D", n=2, window="10D", what="category", channels=["email"])
    candidates = log.candidates([rule])
    assert candidates.eligible.tolist() == [[False, False, True, True]]
    reason = "contact policy: 30D after 2 reject in 10D by email per category"
    assert candidates.reasons == ["channel", reason]
    ends = np.broadcast_to(rule.resumes(candidates)[reason], candidates.shape)
    assert ends[0, :, 0].astype(str).tolist() == ["2026-07-06T00:00:00.000001"] * 2 + ["NaT"] * 2


@pytest.mark.parametrize(
    ("window", "as_of", "resting"),
    [
        # Exactly ten days apart are two in ten days; the first lies before the rest of five.
        ("10D", "2026-06-16", True),
        ("9D", "2026-06-16", False),
        (None, "2026-06-16", True),
        ("10D", "2026-06-11", False),
        ("10D", "2026-06-11 00:00:00.000001", True),
    ],
)
def test_a_run_of_answers_may_begin_before_the_rest(random_log, window, as_of, resting):
    log = random_log(1)
    log.decisions = pd.DataFrame({"decision_id": ["a", "b"], "customer_id": "c1", "offer_id": "card"})
    log.decisions["decided_at"] = pd.Timestamp("2026-05-30")
    log.outcomes = pd.DataFrame({"decision_id": ["a", "b"], "outcome": "reject"})
    log.outcomes["outcome_at"] = pd.to_datetime(["2026-06-01", "2026-06-11"])
    log.spine = pd.DataFrame({"customer_id": ["c1"], "as_of": pd.to_datetime([as_of])})
    candidates = log.candidates([RestAfter("reject", "5D", n=2, window=window)])
    assert candidates.eligible.tolist() == [[not resting, True, True, True]]


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ({"outcome": "pending"}, "outcome must be one of"),
        ({"what": "brand"}, "what must be one of"),
        ({"n": 0}, "n must be a whole number of 1 or more"),
        ({"rest": "long"}, "rest must be a length of time"),
        ({"window": "long", "n": 2}, "window must be a length of time"),
    ],
)
def test_a_rest_that_is_none_is_refused(random_log, rest, says):
    with pytest.raises(InputError, match=says):
        RestAfter(**rest).refused(random_log(1).candidates())
