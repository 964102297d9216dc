import pytest

from nbo import datasets
from nbo.errors import DataSetNotFoundError, InputError

NAMES = ["bank_marketing", "cdnow", "hillstrom", "open_bandit", "starbucks", "telco"]


def test_every_loader_can_be_called_by_name(tmp_path):
    loaders = [name.removeprefix("load_") for name in datasets.__all__ if name.startswith("load_")]
    assert loaders == NAMES
    for name in NAMES:
        with pytest.raises(DataSetNotFoundError, match="Terms: .* nbo downloads nothing"):
            datasets.load(name, tmp_path)


def test_by_name_is_the_same_as_by_function(tmp_path):
    (tmp_path / "CDNOW_sample.txt").write_text(" 00004 0001 19970101  2   29.33\n")
    data = datasets.load("cdnow", tmp_path)
    assert data.name == "cdnow"
    assert data.tables.transactions.equals(datasets.load_cdnow(tmp_path).tables.transactions)


def test_another_name_is_refused(tmp_path):
    with pytest.raises(InputError, match="name must be one of 'bank_marketing', 'cdnow', .*; got 'mnist'"):
        datasets.load("mnist", tmp_path)
