import pandas as pd
import pytest

from nbo import columns as c
from nbo.datasets import load_hillstrom
from nbo.errors import InputError

NAME = "Kevin_Hillstrom_MineThatData_E-MailAnalytics_DataMiningChallenge_2008.03.20.csv"
ROWS = (
    "recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend\n"
    "10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0.0\n"
    "6,3) $200 - $350,329.08,1,1,Rural,1,Web,No E-Mail,1,0,0.0\n"
    "7,2) $100 - $200,180.65,0,1,Urban,1,Web,Mens E-Mail,1,1,29.99\n"
)


def test_two_emails_or_none(tmp_path):
    (tmp_path / NAME).write_text(ROWS)
    data = load_hillstrom(tmp_path)
    assert data.tables.validate().empty
    decisions, outcomes = data.tables.get("decisions"), data.tables.get("outcomes")
    assert decisions[c.OFFER_ID].tolist() == ["womens_email", c.NO_OFFER, "mens_email"]
    assert decisions[c.ACTION_PROBABILITY].tolist() == [1 / 3] * 3
    assert decisions[c.CHANNEL].isna().tolist() == [False, True, False]
    assert decisions[c.SEGMENT][0] == "2) $100 - $200 | Phone"
    assert outcomes[c.OUTCOME].tolist() == [c.REJECT, c.ACCEPT, c.ACCEPT]
    assert outcomes["spend"].tolist() == [0.0, 0.0, 29.99]
    assert data.catalog.offer_ids == ["mens_email", "womens_email"]


def test_results_are_not_among_the_customers_columns(tmp_path):
    (tmp_path / NAME.upper()).write_text(ROWS)
    columns = load_hillstrom(tmp_path).tables.customers.columns
    assert not {"visit", "conversion", "spend", "segment"} & set(columns)


def test_outcomes_come_within_the_two_weeks(tmp_path):
    (tmp_path / NAME).write_text(ROWS)
    tables = load_hillstrom(tmp_path).tables
    waited = tables.get("outcomes")[c.OUTCOME_AT] - tables.get("decisions")[c.DECIDED_AT]
    assert (waited < pd.Timedelta("14D")).all()


def test_a_file_with_a_header_only_loads(tmp_path):
    (tmp_path / NAME).write_text(ROWS.splitlines()[0] + "\n")
    tables = load_hillstrom(tmp_path).tables
    assert len(tables.get("decisions")) == len(tables.get("outcomes")) == 0


def test_an_unknown_treatment_is_refused(tmp_path):
    (tmp_path / NAME).write_text(ROWS.replace("No E-Mail", "Kids E-Mail"))
    with pytest.raises(InputError, match=r"segment must be one of Mens E-Mail, .*first at row 1: 'Kids E-Mail'"):
        load_hillstrom(tmp_path)


def test_published_rates(public_data):
    folder = public_data / "hillstrom"
    if not folder.is_dir():
        pytest.skip(f"no Hillstrom data in {public_data}")
    tables = load_hillstrom(folder).tables
    assert tables.validate().empty
    rows = tables.get("decisions").merge(tables.get("outcomes"), on=c.DECISION_ID, validate="one_to_one")
    rows["visit"] = rows[c.OUTCOME] == c.ACCEPT
    groups = rows.groupby(c.OFFER_ID)[["visit", "conversion", "spend"]]
    assert groups.size().to_dict() == {"mens_email": 21_307, "womens_email": 21_387, c.NO_OFFER: 21_306}
    means = groups.mean().round(6)
    assert means.loc["mens_email"].tolist() == [0.182757, 0.012531, 1.422617]
    assert means.loc["womens_email"].tolist() == [0.151400, 0.008837, 1.077202]
    assert means.loc[c.NO_OFFER].tolist() == [0.106167, 0.005726, 0.652789]
