from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from nbo.batch.plan import check_same, make_plan, start
from nbo.batch.source import Source
from nbo.errors import InputError
from nbo.tables import CustomerTables

CUSTOMERS = pd.DataFrame({"customer_id": ["ann", "bob"], "technologies": [["web", "app"], None]})
AS_OF = pd.Timestamp("2026-06-30")


def plan(customers=CUSTOMERS, as_of=AS_OF, rng=7, run_id=None, limit=None, version="offers/1", **others):
    return make_plan(
        Source(None, version, "00ff"), CustomerTables(customers=customers, **others), as_of, rng, run_id, limit
    )


def test_the_same_inputs_are_the_same_plan_however_they_came(tmp_path):
    assert plan() == plan()
    CustomerTables(customers=CUSTOMERS).write(tmp_path)
    assert plan(customers=CustomerTables.read(tmp_path).customers) == plan()


def test_the_name_of_the_run_tells_the_moment():
    assert plan().run_id.startswith("20260630T000000-")
    assert plan(run_id="june").run_id == "june"


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": AS_OF + pd.Timedelta("1D")},
        {"rng": 8},
        {"run_id": "mine"},
        {"limit": 1},
        {"version": "offers/2"},
        {"customers": CUSTOMERS.iloc[::-1]},
        {"customers": CUSTOMERS.assign(technologies=[["web"], None])},
        {"customers": CUSTOMERS.rename(columns={"technologies": "tools"})},
        {"events": pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-01"]})},
    ],
)
def test_any_other_input_is_another_plan(change):
    other = plan(**change)
    assert other.fingerprint != plan().fingerprint
    assert other.run_id != plan().run_id


def test_a_folder_of_another_plan_is_refused_and_the_difference_named(tmp_path):
    start(plan(), 10, tmp_path)
    check_same(plan(), tmp_path)
    # Nothing is written yet, so another may take its place.
    check_same(plan(rng=8), tmp_path)
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "part-00000.parquet").touch()
    for other, says in [
        (plan(rng=8), "rng was 7 and is 8"),
        (plan(version="offers/2"), "model_version was 'offers/1' and is 'offers/2'"),
        (plan(customers=CUSTOMERS.iloc[:1]), "the tables customers have other rows"),
        (plan(run_id="june"), "run_id was '20260630T000000-.*' and is 'june'"),
        (replace(plan(), model_sha256="11"), "the model is another one"),
    ]:
        with pytest.raises(InputError, match=f"of other inputs: .*{says}.*Choose another folder, or force=True"):
            check_same(other, tmp_path)


def test_files_without_a_plan_are_not_written_over(tmp_path):
    (tmp_path / "decisions").mkdir()
    with pytest.raises(InputError, match=r"holds scores or decisions without a plan\.json"):
        check_same(plan(), tmp_path)


def test_a_second_start_keeps_the_first_size_of_parts(tmp_path):
    assert start(plan(), 10, tmp_path) == 10
    assert start(plan(), 1000, tmp_path) == 10
    assert start(plan(rng=8), 1000, tmp_path) == 1000
