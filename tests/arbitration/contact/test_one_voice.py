from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration.contact import OneVoice, contradictions
from nbo.errors import InputError

SETTINGS = settings(max_examples=12, deadline=None, derandomize=True)
RULES = st.fixed_dictionaries(
    {"window": st.sampled_from(["6h", "2D", "7D"]), "by": st.sampled_from(["customer", "household"])}
)


@SETTINGS
@given(seed=st.integers(0, 10**6), rule=RULES)
def test_what_is_kept_off_is_what_a_plain_loop_finds(random_log, seed, rule):
    log = random_log(seed)
    candidates, carried = log.candidates([OneVoice(**rule)]), log.candidates().codes == 0
    category = {offer.offer_id: offer.category for offer in candidates.catalog}
    for i, row in enumerate(log.spine.itertuples()):
        is_open = log.contacts(row.customer_id, row.as_of, rule["by"], "pending", pd.Timedelta(rule["window"]))
        for k, offer in enumerate(candidates.catalog):
            for m, channel in enumerate(candidates.channels):
                against = any(
                    offer.category
                    and category.get(f[1]) == offer.category
                    and f[1] != offer.offer_id
                    and f[2] != channel
                    for f in is_open
                )
                assert (candidates.codes[i, k, m] == 0) == (carried[i, k, m] and not against)


@SETTINGS
@given(seed=st.integers(0, 10**6), rule=RULES)
def test_it_ends_at_the_very_microsecond(random_log, ends_exactly, seed, rule):
    ends_exactly(OneVoice(**rule), random_log(seed, same_moment=True))


def test_some_end(random_log, ends_exactly):
    assert ends_exactly(OneVoice("7D"), random_log(4, same_moment=True)) > 0


@settings(SETTINGS, max_examples=4)
@given(seed=st.integers(0, 10**6))
def test_decisions_that_the_rule_allows_contradict_no_other(random_log, seed):
    """Make the decisions of a random log one by one, each only if the rule allows it."""
    log, rule = random_log(seed, n_rows=25), OneVoice("2D")
    log.decisions = log.decisions.sort_values("decided_at", ignore_index=True)
    # Two decisions of one moment do not know of each other.
    log.decisions["decided_at"] += pd.to_timedelta(np.arange(len(log.decisions)), unit="s")
    everything, catalog = log.decisions, log.candidates().catalog
    before = contradictions(everything, catalog, log.outcomes, window="2D")
    kept = everything.iloc[:0]
    for at, row in enumerate(everything.itertuples()):
        log.decisions = kept
        log.spine = pd.DataFrame({"customer_id": [row.customer_id], "as_of": [row.decided_at]})
        candidates = log.candidates([rule])
        known = row.offer_id in catalog.offer_ids and isinstance(row.channel, str)
        if known:
            offer, way = catalog.offer_ids.index(row.offer_id), candidates.channels.index(row.channel)
            refused = next(iter(rule.refused(candidates).values()))[0, offer, way]
        if known and not refused:
            kept = everything.loc[[*kept.index, at]]
    assert contradictions(kept, catalog, log.outcomes, window="2D").empty
    assert len(before) == 0 or len(kept) < len(everything)


@pytest.mark.parametrize(
    ("rule", "says"), [({"window": "all"}, "window must be a length"), ({"by": "x"}, "by must be")]
)
def test_a_rule_that_is_none_is_refused(rule, says):
    with pytest.raises(InputError, match=says):
        OneVoice(**rule).check()
