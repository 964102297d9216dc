import pandas as pd
import pytest

from nbo import columns as c
from nbo.datasets import load_bank_marketing
from nbo.errors import DataSetNotFoundError, InputError

ADDITIONAL = (
    '"age";"job";"marital";"default";"contact";"month";"day_of_week";"duration";"campaign";"pdays";"poutcome";'
    '"emp.var.rate";"cons.price.idx";"cons.conf.idx";"euribor3m";"nr.employed";"y"\n'
    '56;"housemaid";"married";"no";"telephone";"may";"mon";261;1;999;"nonexistent";1.1;93.9;-36.4;4.857;5191;"no"\n'
    '57;"services";"married";"unknown";"telephone";"may";"mon";149;1;999;"nonexistent";1.1;93.9;-36.4;4.85;5191;"no"\n'
    '40;"admin.";"single";"no";"cellular";"dec";"tue";90;2;6;"success";-1.1;94.0;-36.1;0.9;5100;"yes"\n'
    '41;"admin.";"single";"no";"cellular";"mar";"tue";91;2;999;"nonexistent";-1.1;94.0;-36.1;0.9;5100;"no"\n'
)
FULL = (
    '"age";"job";"marital";"balance";"contact";"day";"month";"duration";"pdays";"poutcome";"y"\n'
    '58;"management";"married";2143;"unknown";5;"may";261;-1;"unknown";"no"\n'
    '44;"technician";"single";29;"cellular";2;"feb";151;92;"failure";"yes"\n'
)


def test_the_newer_file(tmp_path):
    (tmp_path / "bank-additional").mkdir()
    (tmp_path / "bank-additional" / "bank-additional-full.csv").write_text(ADDITIONAL)
    tables = load_bank_marketing(tmp_path).tables
    assert tables.validate().empty
    customers = tables.customers
    assert customers["credit_default"].isna().tolist() == [False, True, False, False]
    assert customers["pdays"].isna().tolist() == [True, True, False, True]
    assert customers["marital_status"][0] == "married"
    environment = tables.get("environment")
    assert environment["euribor_3_months"].tolist() == [4.857, 4.85, 0.9, 0.9]
    assert environment[c.CUSTOMER_ID].tolist() == customers[c.CUSTOMER_ID].tolist()


def test_years_follow_from_the_order_of_the_months(tmp_path):
    (tmp_path / "bank-additional-full.csv").write_text(ADDITIONAL)
    decisions = load_bank_marketing(tmp_path).tables.get("decisions")
    assert decisions[c.DECIDED_AT].tolist() == [
        pd.Timestamp("2008-05-01 00:00:00"),
        pd.Timestamp("2008-05-01 00:00:01"),
        pd.Timestamp("2008-12-01"),
        pd.Timestamp("2009-03-01"),
    ]


def test_answers_without_action_probabilities(tmp_path):
    (tmp_path / "bank-additional-full.csv").write_text(ADDITIONAL)
    data = load_bank_marketing(tmp_path)
    decisions = data.tables.get("decisions")
    assert decisions[c.ACTION_PROBABILITY].isna().all()
    assert decisions[c.CHANNEL].tolist() == ["telephone", "telephone", "cellular", "cellular"]
    assert data.tables.get("outcomes")[c.OUTCOME].tolist() == [c.REJECT, c.REJECT, c.ACCEPT, c.REJECT]
    assert data.catalog.offer_ids == ["term_deposit"]


def test_the_length_of_the_call_is_nowhere(tmp_path):
    (tmp_path / "bank-additional-full.csv").write_text(ADDITIONAL)
    data = load_bank_marketing(tmp_path)
    assert not any("duration" in data.tables.get(name).columns for name in data.tables.names)
    assert any(note.startswith("duration is left out") for note in data.notes)


def test_the_older_file_has_days(tmp_path):
    (tmp_path / "bank-full.csv").write_text(FULL)
    tables = load_bank_marketing(tmp_path).tables
    assert tables.validate().empty
    decided_at = tables.get("decisions")[c.DECIDED_AT].tolist()
    assert decided_at == [pd.Timestamp("2008-05-05"), pd.Timestamp("2009-02-02")]
    assert tables.customers["balance"].tolist() == [2143, 29]
    assert not tables.has("environment")


def test_the_newer_file_comes_first(tmp_path):
    (tmp_path / "bank-additional-full.csv").write_text(ADDITIONAL)
    (tmp_path / "bank-full.csv").write_text(FULL)
    assert len(load_bank_marketing(tmp_path).tables.customers) == 4
    assert len(load_bank_marketing(tmp_path, version="full").tables.customers) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"dec"', '"smarch"', "month must be a month such as may; 1 of 4 rows is not, first at row 2: 'smarch'"),
        ('"yes"', '"deposit"', "y must be yes or no; 1 of 4 rows is not, first at row 2: 'deposit'"),
        ('"euribor3m"', '"euribor"', "bank-additional-full.csv lacks the column 'euribor3m'"),
    ],
)
def test_an_edited_copy_is_refused(tmp_path, old, new, message):
    (tmp_path / "bank-additional-full.csv").write_text(ADDITIONAL.replace(old, new))
    with pytest.raises(InputError, match=message):
        load_bank_marketing(tmp_path)


def test_a_day_that_its_month_has_not_is_refused(tmp_path):
    (tmp_path / "bank-full.csv").write_text(FULL.replace(';2;"feb"', ';30;"feb"'))
    with pytest.raises(InputError, match="day must be a day of its month; 1 of 2 rows is not, first at row 1: .*30"):
        load_bank_marketing(tmp_path)


def test_an_unknown_version_is_refused(tmp_path):
    with pytest.raises(InputError, match="version must be one of 'additional', 'full'; got 'small'"):
        load_bank_marketing(tmp_path, version="small")


def test_the_error_says_where_the_files_are_published(tmp_path):
    with pytest.raises(DataSetNotFoundError, match=r"bank-full.csv.*archive.ics.uci.edu.*CC BY 4.0"):
        load_bank_marketing(tmp_path)


@pytest.fixture(scope="module")
def folder(public_data):
    if not (public_data / "bank_marketing").is_dir():
        pytest.skip(f"no bank marketing data in {public_data}")
    return public_data / "bank_marketing"


@pytest.mark.parametrize(
    ("version", "n_rows", "rate", "first", "last"),
    [("additional", 41_188, 11.265, "2008-05", "2010-11"), ("full", 45_211, 11.698, "2008-05", "2010-11")],
)
def test_published_acceptance(folder, version, n_rows, rate, first, last):
    tables = load_bank_marketing(folder, version=version).tables
    assert tables.validate().empty
    accepted = tables.get("outcomes")[c.OUTCOME] == c.ACCEPT
    assert len(accepted) == n_rows
    assert round(100 * accepted.mean(), 3) == rate
    months = tables.get("decisions")[c.DECIDED_AT].dt.strftime("%Y-%m")
    assert (months.iloc[0], months.iloc[-1]) == (first, last)
    assert tables.get("decisions")[c.DECIDED_AT].is_monotonic_increasing


def test_published_drift(folder):
    accepted = (load_bank_marketing(folder).tables.get("outcomes")[c.OUTCOME] == c.ACCEPT).to_numpy()
    cut = int(0.8 * len(accepted))
    assert round(100 * accepted[:cut].mean(), 1) == 6.4
    assert round(100 * accepted[cut:].mean(), 1) == 30.8


def test_published_never_contacted(folder):
    assert load_bank_marketing(folder).tables.customers["pdays"].notna().sum() == 1_515
