"""Claims in segments at any time: planted ones are made, and few are false though one stops when one likes."""

import numpy as np
import pandas as pd
import pytest

from nbo.e_bh import e_bh
from nbo.errors import InputError
from nbo.experiments import always_valid, watch_segments


def simulated(rng, n, works=()):
    """Ten segments, in some of which the agent works; simulated."""
    frame = pd.DataFrame({"arm": rng.choice(["agent", "control"], n), "segment": rng.integers(0, 10, n).astype(str)})
    rate = 0.1 + 0.15 * ((frame["arm"] == "agent") & frame["segment"].isin(list(works)))
    return frame.assign(reward=(rng.random(n) < rate).astype(float))


def test_a_row_is_the_last_look_of_its_segment():
    frame = simulated(np.random.default_rng(0), 8000, "23")
    found = watch_segments(frame, planned=500).set_index("segment")
    assert found.index[found["claimed"]].tolist() == ["2", "3"]
    own = always_valid(frame[frame["segment"] == "3"], planned=500).iloc[-1]
    assert found.loc["3", ["low", "p_value", "log_e_value"]].tolist() == own[["low", "p_value", "log_e_value"]].tolist()
    assert found["claimed"].tolist() == e_bh(found["log_e_value"].to_numpy()).tolist()


def test_few_claims_are_false_at_the_look_at_which_most_are_made():
    rng, shares = np.random.default_rng(1), []
    for _ in range(12):
        frame = simulated(rng, 6000, "12")
        looks = [watch_segments(frame.head(n), planned=500, rate=0.1) for n in (1500, 3000, 4500, 6000)]
        # Whoever wishes stops when most false ones are among them.
        false = [
            (one["claimed"] & ~one["segment"].isin(list("12"))).sum() / max(one["claimed"].sum(), 1) for one in looks
        ]
        shares.append(max(false))
    assert np.mean(shares) < 0.1


def test_small_segments_claim_nothing_and_count():
    frame = simulated(np.random.default_rng(2), 600)
    tiny = pd.concat([frame, frame.head(1).assign(segment="tiny")])
    found = watch_segments(tiny, planned=100).set_index("segment")
    assert np.isnan(found.loc["tiny", "log_e_value"])
    assert not found.loc["tiny", "claimed"]
    assert len(found) == 11


def test_what_is_not_allowed_is_refused():
    frame = simulated(np.random.default_rng(3), 50)
    with pytest.raises(InputError, match=r"rate must be in \(0, 1\); got 5"):
        watch_segments(frame, rate=5)
    with pytest.raises(InputError, match="frame lacks the column 'region'"):
        watch_segments(frame, by="region")
    with pytest.raises(InputError, match="frame.segment must be there in every row"):
        watch_segments(frame.assign(segment=None))
