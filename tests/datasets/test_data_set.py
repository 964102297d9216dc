import pandas as pd
import pytest

from nbo.datasets import DataSet
from nbo.tables import CustomerTables


def a_set(**more) -> DataSet:
    tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    return DataSet("toy", tables, None, "Nobody <nobody>", "Free.", "Nobody (2020).", ("A & B.",), **more)


def test_the_text_names_tables_and_their_rows():
    labels = pd.DataFrame({"customer_id": ["ann"], "churned": [True]})
    assert repr(a_set()) == "DataSet('toy': customers 2)"
    assert repr(a_set(labels=labels)) == "DataSet('toy': customers 2, labels 1)"


def test_the_page_is_small_and_escaped():
    page = a_set()._repr_html_()
    assert "<td>customers</td><td>2</td>" in page
    assert "Nobody &lt;nobody&gt;" in page
    assert "<li>A &amp; B.</li>" in page


def test_it_is_frozen():
    with pytest.raises(AttributeError, match="name"):
        a_set().name = "other"
