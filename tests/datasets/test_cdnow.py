import pandas as pd
import pytest

from nbo import columns as c
from nbo.datasets import load_cdnow
from nbo.errors import DataSetNotFoundError, InputError

SAMPLE = " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n 00021 0002 19970102  3    0.00\n"
MASTER = " 00001 19970101  1   11.77\n 00004 19970101  2   29.33\n"


def test_the_sample_as_text(tmp_path):
    (tmp_path / "CDNOW_sample.txt").write_text(SAMPLE)
    data = load_cdnow(tmp_path)
    assert data.tables.validate().empty
    customers, transactions = data.tables.customers, data.tables.transactions
    assert customers[c.CUSTOMER_ID].tolist() == [4, 21]
    assert customers["sample_id"].tolist() == [1, 2]
    assert customers[c.SIGNED_UP_AT].tolist() == [pd.Timestamp("1997-01-01"), pd.Timestamp("1997-01-02")]
    assert transactions[c.AMOUNT].tolist() == [29.33, 29.73, 0.0]
    assert transactions[c.QUANTITY].tolist() == [2, 2, 3]
    assert transactions[c.KIND].unique().tolist() == [c.SALE]
    assert "1 rows cost 0 dollars and are kept." in data.notes


def test_the_master_as_text_in_lower_case_and_in_a_folder(tmp_path):
    (tmp_path / "CDNOW").mkdir()
    (tmp_path / "CDNOW" / "cdnow_master.txt").write_text(MASTER)
    tables = load_cdnow(tmp_path, sample=False).tables
    assert tables.customers[c.CUSTOMER_ID].tolist() == [1, 4]
    assert tables.transactions[c.AMOUNT].sum() == pytest.approx(11.77 + 29.33)


def test_the_sample_as_parquet(tmp_path):
    frame = pd.DataFrame(
        {
            "master_id": [4],
            "sample_id": [1],
            "date": pd.to_datetime(["1997-01-01"]),
            "cds": [2],
            "dollar_value": [29.33],
        }
    )
    frame.to_parquet(tmp_path / "cdnow_sample.parquet")
    assert load_cdnow(tmp_path).tables.transactions[c.EVENT_TIME].tolist() == [pd.Timestamp("1997-01-01")]


def test_the_master_is_not_taken_for_the_sample(tmp_path):
    (tmp_path / "CDNOW_master.txt").write_text(MASTER)
    with pytest.raises(DataSetNotFoundError, match=r"CDNOW_sample.txt or .*has: CDNOW_master.txt.*brucehardie"):
        load_cdnow(tmp_path)


def test_a_day_that_is_none_is_refused(tmp_path):
    (tmp_path / "CDNOW_sample.txt").write_text(SAMPLE.replace("19970118", "19971318"))
    with pytest.raises(InputError, match=r"CDNOW_sample.date must be days .*; 1 of 3 .* row 1: .*19971318"):
        load_cdnow(tmp_path)


@pytest.fixture(scope="module")
def folder(public_data):
    if not (public_data / "cdnow").is_dir():
        pytest.skip(f"no CDNOW data in {public_data}")
    return public_data / "cdnow"


def test_published_sample(folder):
    tables = load_cdnow(folder).tables
    assert tables.validate().empty
    assert len(tables.customers) == 2_357
    assert len(tables.transactions) == 6_919


def test_published_holdout_purchases(folder):
    transactions = load_cdnow(folder).tables.transactions
    days = transactions.drop_duplicates([c.CUSTOMER_ID, c.EVENT_TIME])
    assert (days[c.EVENT_TIME] >= "1997-10-01").sum() == 1_882


def test_published_master(folder):
    tables = load_cdnow(folder, sample=False).tables
    assert tables.validate().empty
    assert len(tables.customers) == 23_570
    assert tables.transactions[c.AMOUNT].sum() == pytest.approx(2_500_315.63, abs=0.005)
    assert tables.transactions[c.QUANTITY].sum() == 167_881
    assert (tables.transactions[c.AMOUNT] == 0).sum() == 80
    assert len(tables.transactions.drop_duplicates([c.CUSTOMER_ID, c.EVENT_TIME])) == 67_591
