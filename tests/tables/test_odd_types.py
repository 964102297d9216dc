"""Types that columns may have beside the usual ones."""

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Spine


def visits(ids, known):
    events = pd.DataFrame({"customer_id": pd.Series(ids), "event_time": "2026-01-01"})
    links = pd.DataFrame({"anonymous_id": pd.Series(known[0]), "customer_id": pd.Series(known[1])})
    return {"events": events, "identities": links.assign(event_time="2026-01-02")}


@pytest.mark.parametrize(("ids", "known"), [(["v1", "ann"], (["v1"], ["bob"])), ([71, 8], ([71], [9]))])
def test_ids_that_are_categories_are_stitched(ids, known):
    frames = visits(ids, known)
    plain = CustomerTables(**frames).stitched().get("events")
    keys = ["customer_id", "anonymous_id"]
    coded = {name: frame.astype({key: "category" for key in keys if key in frame}) for name, frame in frames.items()}
    found = CustomerTables(**coded).stitched().get("events")
    assert found["customer_id"].tolist() == plain["customer_id"].tolist() == [known[1][0], ids[1]]


def test_a_cell_that_holds_several_values_is_refused_where_one_belongs():
    frame = pd.DataFrame({"customer_id": ["ann", ["bob", "cy"]], "own": [[1], [2]]})
    with pytest.raises(InputError, match="customers.customer_id must be one value in each row; 1 of 2 rows is not"):
        CustomerTables(customers=frame)
    assert CustomerTables(customers=frame.assign(customer_id="ann")).get("customers")["own"].tolist() == [[1], [2]]


def test_a_complex_number_is_a_problem_not_a_crash():
    sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-01"], "amount": [1 + 2j]})
    assert CustomerTables(transactions=sales).validate()["rule"].tolist() == ["wrong type"]


def test_a_catalog_takes_numbers_and_times_as_texts():
    frame = pd.DataFrame({"offer_id": ["card"], "value": ["40"], "valid_from": ["2026-01-01T02:00+02:00"]})
    offer = Catalog.from_frame(frame)["card"]
    assert (offer.value, offer.valid_from) == (40.0, pd.Timestamp("2026-01-01"))


@pytest.mark.parametrize("customers", [None, 5, b"ab", {"a": 1}])
def test_what_is_no_sequence_of_customers_is_refused(customers):
    with pytest.raises(TypeError, match="customers must be a sequence of ids, or a frame with them; got "):
        Spine.at("2026-01-01", customers)


def test_a_set_of_customers_is_taken():
    assert len(Spine.at("2026-01-01", {"ann", "bob"})) == 2
