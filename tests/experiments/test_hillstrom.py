"""A real experiment: 64,000 customers got one of two e-mails or none, at random."""

import pytest

from nbo import columns as c
from nbo.datasets import load_hillstrom
from nbo.experiments import always_valid, analyze_experiment, campaign_verdict, sample_ratio


@pytest.fixture(scope="module")
def frame(public_data):
    folder = public_data / "hillstrom"
    if not folder.is_dir():
        pytest.skip(f"no Hillstrom data in {public_data}")
    tables = load_hillstrom(folder).tables
    decisions = tables.get("decisions")[[c.DECISION_ID, c.CUSTOMER_ID, c.OFFER_ID]].rename(columns={c.OFFER_ID: "arm"})
    answers = decisions.merge(tables.get("outcomes"), on=c.DECISION_ID).merge(tables.get("customers"), on=c.CUSTOMER_ID)
    return answers.assign(visit=(answers[c.OUTCOME] == c.ACCEPT).astype(float))


def test_the_arms_have_their_sizes(frame):
    check = sample_ratio(frame["arm"], {"mens_email": 1, "womens_email": 1, c.NO_OFFER: 1})
    # Published counts 21,307, 21,387 and 21,306 of 64,000.
    expected = 64_000 / 3
    assert check.chi_square == pytest.approx(sum((n - expected) ** 2 for n in (21_307, 21_387, 21_306)) / expected)
    assert not check.alarm


def test_both_e_mails_work_as_published(frame):
    found = analyze_experiment(frame, ["visit", "conversion", "spend"], c.NO_OFFER).set_index(["metric", "arm"])
    # Published means: 18.28, 15.14 and 10.62 % visits; 1.25, 0.88 and 0.57 % orders; 1.42, 1.08 and 0.65 dollars.
    men = [0.182757 - 0.106167, 0.012531 - 0.005726, 1.422617 - 0.652789]
    women = [0.151400 - 0.106167, 0.008837 - 0.005726, 1.077202 - 0.652789]
    assert found.xs("mens_email", level="arm")["difference"].tolist() == pytest.approx(men, abs=2e-6)
    assert found.xs("womens_email", level="arm")["difference"].tolist() == pytest.approx(women, abs=2e-6)
    assert (found["p_adjusted"] < 0.01).all()
    spent = found.loc[("spend", "mens_email"), ["low", "high"]]
    assert spent.round(2).tolist() == [0.49, 1.05]


def test_what_they_bought_before_explains_little(frame):
    found = analyze_experiment(frame, ["visit", "spend"], c.NO_OFFER, covariates=["history", "recency"])
    plain = analyze_experiment(frame, ["visit", "spend"], c.NO_OFFER)
    assert found["variance_removed"].round(3).tolist() == [0.008, 0.008, 0.001, 0.001]
    assert (found["standard_error"] <= plain["standard_error"]).all()


def test_looking_often_would_have_told_early(frame):
    mixed = frame.sample(frac=1, random_state=0)
    looks = always_valid(mixed, "visit", c.NO_OFFER)
    first = looks[looks["p_value"] < 0.05].groupby("arm")["customers"].first()
    assert (first < 5000).all()
    verdict = campaign_verdict(mixed, "spend", 0.2, campaign="mens_email", baseline=c.NO_OFFER, planned=40_000)
    assert verdict.verdict == "scale"
    assert verdict.net_gain == pytest.approx(1.422617 - 0.652789 - 0.2, abs=1e-5)
