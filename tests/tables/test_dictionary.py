from pathlib import Path

from nbo.tables import CONTRACTS
from nbo.tables.dictionary import data_dictionary

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_fresh():
    written = (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "run `make dictionary`"


def test_every_column_of_every_table_is_in_it():
    text = data_dictionary()
    for contract in CONTRACTS.values():
        assert f"## {contract.name}\n" in text
        assert all(f"`{column.name}`" in text for column in contract.columns)


def test_contracts_are_consistent():
    for name, contract in CONTRACTS.items():
        known = {column.name for column in contract.columns}
        assert contract.name == name
        assert set(contract.unique) <= known
        assert contract.time is None or contract.time in known
        assert all(own in known and table in CONTRACTS for own, table, _ in contract.links)
