from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from nbo import batch
from nbo.arbitration import ContactLimit, Limit, Playbook
from nbo.arbitration.contact import OfferCap
from nbo.batch import writer as job_writer
from nbo.batch.files import digest
from nbo.errors import InputError
from nbo.experiments import four_arms
from nbo.features import DemographicFeatures, FeatureSet
from nbo.ledger import Ledger
from nbo.locked_folder import locked_folder
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import Uniform
from nbo.tables import CustomerTables, Spine


@pytest.fixture
def run(model, tables, world, tmp_path):
    """Run the job into a folder of the test."""

    def run(folder="out", model=model, tables=tables, **arguments):
        return batch.score(model, tables, tmp_path / folder, **{"as_of": world.end, "chunk_size": 10, **arguments})

    return run


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def failing(monkeypatch):
    """Let the third part fail, as if the machine had stopped."""
    real, calls = job_writer.part_rows, []

    def part_rows(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(job_writer, "part_rows", part_rows)
    return calls


def test_rows_are_those_of_the_model(run, model, tables, world):
    result = run()
    spine = Spine.at(world.end, tables)
    pd.testing.assert_frame_equal(result.read_scores(), model.score(tables, spine))
    expected = model.decide(tables, spine, 7, result.run_id, result.model_version)
    pd.testing.assert_frame_equal(result.read_decisions(), expected)
    assert (result.customers, result.scores, result.parts) == (45, 45 * 12, 5)
    assert (result.status, result.skipped, result.recorded) == ("complete", 0, None)


def test_customers_of_different_parts_compete(run, model, tables):
    model.rules = [OfferCap(at_most=7, of="made", window="1D")]
    try:
        small, large = run("small", rng=3), run("large", rng=3, chunk_size=1000)
    finally:
        model.rules = []
    decisions = small.read_decisions()
    pd.testing.assert_frame_equal(decisions, large.read_decisions())
    counts = decisions["offer_id"].value_counts()
    assert counts.drop("no_offer", errors="ignore").max() <= 7


def test_the_size_of_the_parts_changes_nothing(run):
    small, large = run("small"), run("large", chunk_size=1000)
    assert (small.parts, large.parts) == (5, 1)
    assert small.run_id == large.run_id
    pd.testing.assert_frame_equal(small.read_scores(), large.read_scores())
    pd.testing.assert_frame_equal(small.read_decisions(), large.read_decisions())


def test_the_manifest_counts_and_sums_up_what_is_there(run, tmp_path):
    result = run()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["rows"] == {"customers": 45, "scores": 540, "decisions": 45, "rejects": 0}
    assert manifest["model_version"] == result.model_version
    assert set(manifest["versions"]) == {"nbo", "lightgbm"}
    assert manifest["as_of"] == result.as_of.isoformat()
    files = contents(tmp_path / "out")
    assert set(manifest["files"]) == set(files) - {"plan.json", "manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry == {"bytes": len(files[name]), "sha256": digest(tmp_path / "out" / name)}


def test_again_does_nothing(run, tmp_path):
    run()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    result = run(chunk_size=1000)
    assert (result.status, result.skipped, result.parts) == ("already complete", 5, 5)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_an_interrupted_job_goes_on_and_ends_with_the_same_bits(run, failing, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(n_jobs=1)
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert len(failing) == 3
    result = run(chunk_size=1000)
    assert len(failing) == 3 + 3
    assert (result.status, result.skipped, result.parts) == ("complete", 2, 5)
    run("whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_killed_process_leaves_no_half_file_that_counts(model, tables, world, tmp_path, run):
    model.to_dir(tmp_path / "model")
    tables.write(tmp_path / "tables")
    code = f"""
import os, signal
from nbo import batch
from nbo.arbitration import ContactLimit, Limit, Playbook
from nbo.arbitration.contact import OfferCap
replace, calls = os.replace, []
def killed(aside, path):
    calls.append(path)
    if len(calls) == 5:  # plan, rejects, two files of the first part, scores of the second
        os.truncate(aside, 100)
        os.kill(os.getpid(), signal.SIGKILL)
    replace(aside, path)
os.replace = killed
batch.score({str(tmp_path / "model")!r}, {str(tmp_path / "tables")!r}, {str(tmp_path / "out")!r},
            as_of="{world.end}", chunk_size=10, n_jobs=1)
"""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, env=environment)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(list((tmp_path / "out" / "scores").glob(".*.tmp"))) == 1
    result = run(model=str(tmp_path / "model"), tables=str(tmp_path / "tables"))
    assert (result.status, result.skipped) == ("complete", 1)
    run("whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_other_inputs_are_refused_and_nothing_is_touched(run, tmp_path, world):
    run()
    before = contents(tmp_path / "out")
    later = world.end + pd.Timedelta("1D")
    with pytest.raises(InputError, match=r"of other inputs: as_of was '2025-04-01.* and is '2025-04-02"):
        run(as_of=later)
    assert contents(tmp_path / "out") == before


def test_force_writes_anew_and_leaves_no_part_of_before(run, tmp_path, world):
    run()
    later = world.end + pd.Timedelta("1D")
    result = run(as_of=later, chunk_size=30, force=True)
    assert (result.status, result.parts) == ("complete", 2)
    run("fresh", as_of=later, chunk_size=30)
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


def test_a_file_altered_after_the_job_is_written_anew(run, tmp_path, caplog):
    run()
    before = contents(tmp_path / "out")
    altered = tmp_path / "out" / "scores" / "part-00001.parquet"
    altered.write_bytes((tmp_path / "out" / "scores" / "part-00002.parquet").read_bytes())
    (tmp_path / "out" / "decisions" / "part-00003.parquet").unlink()
    result = run()
    assert (result.status, result.skipped) == ("complete", 3)
    assert "part-00001.parquet was altered" in caplog.text
    assert contents(tmp_path / "out") == before


def test_a_dry_run_checks_and_writes_nothing(run, tmp_path, world):
    result = run(dry_run=True)
    assert (result.status, result.customers, result.parts) == ("planned", 45, 5)
    assert not (tmp_path / "out").exists()
    run()
    with pytest.raises(InputError, match="of other inputs"):
        run(dry_run=True, rng=8)


def test_decisions_are_recorded_once(run):
    with Ledger.open("sqlite://") as ledger:
        assert run(ledger=ledger).recorded == 45
        assert run(ledger=ledger).recorded == 0
        assert ledger.counts()["decisions"] == 45


def test_a_done_job_is_recorded_when_a_ledger_comes_later(run):
    run()
    with Ledger.open("sqlite://") as ledger:
        result = run(ledger=ledger)
        assert (result.status, result.recorded) == ("already complete", 45)


def test_faulty_rows_are_set_aside_and_the_others_decided(run, tables):
    customers = tables.customers
    faulty = pd.concat([customers, customers.iloc[:1], customers.iloc[:1].assign(customer_id=None)], ignore_index=True)
    result = run(tables=tables.replace(customers=faulty))
    assert (result.customers, result.rejects) == (45, 2)
    rejects = result.read_rejects()
    assert rejects["row"].tolist() == [len(customers), len(customers) + 1]
    assert rejects["reason"].tolist() == ["an earlier row has the same customer_id, valid_from", "missing"]


def test_only_customers_known_by_then_are_decided_for(run, tables):
    three = tables.customers.drop_duplicates("customer_id").iloc[:3]
    since = pd.to_datetime(["2025-01-01", "2025-03-01", "2025-04-01"])
    result = run(tables=tables.replace(customers=three.assign(valid_from=since)), as_of="2025-03-01")
    assert result.read_decisions()["customer_id"].tolist() == [three["customer_id"].iloc[0]]


def test_the_limit_takes_the_first_customers(run):
    whole, some = run("whole", run_id="r"), run("some", run_id="r", limit=13)
    pd.testing.assert_frame_equal(some.read_decisions(), whole.read_decisions().iloc[:13])


def test_without_customers_there_are_files_without_rows(run, tables):
    result = run(tables=tables.replace(customers=tables.customers.iloc[:0]))
    assert (result.customers, result.parts, len(result.read_scores()), len(result.read_decisions())) == (0, 1, 0, 0)
    assert run(tables=tables.replace(customers=tables.customers.iloc[:0])).status == "already complete"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"engine": "dask"}, "engine must be one of 'local', 'spark'; got 'dask'"),
        ({"chunk_size": 0}, "chunk_size must be a whole number of customers"),
        ({"chunk_size": 2.5}, "chunk_size must be a whole number of customers"),
        ({"limit": True}, "limit must be a whole number of customers"),
        ({"as_of": None}, "as_of must be a time"),
        ({"tables": CustomerTables()}, "there is no table of customers; the tables are none"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_written(run, tmp_path, arguments, says):
    with pytest.raises(InputError, match=says):
        run(**arguments)
    assert not (tmp_path / "out").exists()


def test_the_folder_of_the_tables_is_no_place_for_decisions(run, tables, tmp_path):
    tables.write(tmp_path / "tables")
    with pytest.raises(InputError, match="out must not be the folder of the tables"):
        run("tables", tables=tmp_path / "tables")


def test_a_file_is_no_folder(run, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="out must be a folder"):
        run()


def test_what_the_ledger_knew_before_counts_and_what_it_learns_later_does_not(run, model, tables, world):
    """One contact in 30 days: who was contacted yesterday by the ledger's word is left alone."""
    yesterday, book = world.end - pd.Timedelta("1D"), Ledger.open("sqlite://")
    book.record(model.decide(tables, Spine.at(yesterday, tables), run_id="before"))
    rules = Playbook([ContactLimit(1, "30D")])
    alone, aware = run("alone", playbook=rules), run("aware", playbook=rules, ledger=book)
    contacted = book.decisions(until=world.end)
    contacted = set(contacted.loc[contacted["offer_id"] != "no_offer", "customer_id"])
    assert contacted
    made = aware.read_decisions()
    assert (made.loc[made["customer_id"].isin(contacted), "offer_id"] == "no_offer").all()
    free = alone.read_decisions()
    assert (free["offer_id"] != "no_offer").sum() > (made["offer_id"] != "no_offer").sum()
    # Its own decisions, and answers that come later, are no other inputs.
    book.record_outcomes(
        pd.DataFrame({"decision_id": made["decision_id"][:1], "outcome": ["accept"], "outcome_at": [world.end]})
    )
    assert run("aware", playbook=rules, ledger=book).status == "already complete"


@pytest.fixture(scope="module")
def telling(world):
    """A model whose trees have splits, for without any there are no reasons."""
    features = FeatureSet([DemographicFeatures()])
    propensity = PropensityModel(n_estimators=5, min_child_samples=2)
    model = NextBestOffer(features, propensity, policy=Uniform(world.catalog.offer_ids), rules=[])
    return model.fit(world.tables, Spine.at(world.end, world.tables), as_of=world.end)


def test_reasons_slots_and_arms_are_kept(run, telling, tables):
    model = telling
    result = run(model=model, reasons=2, slots=2, arms=four_arms("spring", holdout=0.3))
    decisions = result.read_decisions()
    told = decisions["reasons"].map(json.loads)
    made = decisions["offer_id"] != "no_offer"
    assert told[~made].map(len).eq(0).all()
    assert told[made].map(len).between(1, 2).all()
    first = decisions[made].iloc[0]
    X = model.features.build(tables, Spine.at(result.as_of, [first["customer_id"]]))
    X = X.assign(offer_id=first["offer_id"], channel=first["channel"])
    expected = model.propensity.reasons(X, 2, model.features, approximate=True)["sentence"].tolist()
    assert told[made].iloc[0] == expected
    assert set(decisions["position"]) == {1, 2}
    assert (decisions["arm"] == "holdout").any()
    with pytest.raises(InputError, match="of other inputs: reasons is another"):
        run(model=model, reasons=1, slots=2, arms=four_arms("spring", holdout=0.3))


def test_live_needs_a_ledger(run):
    with pytest.raises(InputError, match="live needs a ledger"):
        run(live=True)


def test_two_jobs_do_not_write_to_one_folder_at_once(run, tmp_path):
    (tmp_path / "out").mkdir()
    with locked_folder(tmp_path / "out", "job"), pytest.raises(InputError, match="another job is at work in"):
        run()
    assert list((tmp_path / "out").iterdir()) == []
    run()
    with locked_folder(tmp_path / "out", "job"), pytest.raises(InputError, match="another job is at work in"):
        run(force=True)
    assert run().status == "already complete"


def test_a_damaged_part_of_an_unfinished_job_is_written_anew(run, tmp_path):
    run()
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / "manifest.json").unlink()
    place = tmp_path / "out" / "scores" / "part-00002.parquet"
    data = bytearray(place.read_bytes())
    data[200] ^= 0xFF
    place.write_bytes(bytes(data))
    assert run().skipped == 4
    assert contents(tmp_path / "out") == whole


def test_files_that_are_no_parts_are_not_read(run, tmp_path):
    result = run()
    decisions = result.read_decisions()
    decisions.to_parquet(tmp_path / "out" / "decisions" / "part-00099.parquet")
    pd.testing.assert_frame_equal(run().read_decisions(), decisions)
    pd.testing.assert_frame_equal(batch.open_result(tmp_path / "out", result.as_of).read_decisions(), decisions)


def test_integers_of_numpy_are_integers(run):
    plain = run("plain", rng=7, limit=20, chunk_size=6, reasons=1)
    numbers = {name: np.int64(value) for name, value in {"rng": 7, "limit": 20, "chunk_size": 6, "reasons": 1}.items()}
    same = run("numpy", slots=np.int64(1), n_jobs=np.int64(1), **numbers)
    pd.testing.assert_frame_equal(same.read_decisions(), plain.read_decisions())
    with pytest.raises(InputError, match="rng must be a whole number or a text"):
        run("none", rng=None)


def test_a_dry_run_has_nothing_to_read(run):
    result = run(dry_run=True)
    for read in (result.read_scores, result.read_decisions, result.read_rejects):
        with pytest.raises(InputError, match="a dry run writes nothing"):
            read()


def test_an_altered_manifest_is_told(run, tmp_path, world):
    run()
    for text in ("[]", "{}"):
        (tmp_path / "out" / "manifest.json").write_text(text)
        with pytest.raises(InputError, match=r"manifest\.json was altered"):
            batch.open_result(tmp_path / "out", world.end)


@pytest.fixture
def past(model, tables, world):
    """A ledger with decisions of yesterday."""
    book = Ledger.open("sqlite://")
    book.record(model.decide(tables, Spine.at(world.end - pd.Timedelta("1D"), tables), run_id="before"))
    return book


def test_an_answer_that_is_recorded_late_is_no_other_input_of_a_job_that_was_begun(run, past, world):
    rules = Playbook([ContactLimit(1, "30D")])
    run(playbook=rules, ledger=past)
    late = past.decisions(until=world.end)["decision_id"][:3]
    at = world.end - pd.Timedelta("2h")
    past.record_outcomes(pd.DataFrame({"decision_id": late, "outcome": "accept", "outcome_at": at}))
    assert run(playbook=rules, ledger=past).status == "already complete"
    # Another folder is another job, and sees it.
    run("other", playbook=rules, ledger=past, run_id="other")
    plans = [
        json.loads((run(name, playbook=rules, ledger=past, **more).out / "plan.json").read_text())
        for name, more in (("out", {}), ("other", {"run_id": "other"}))
    ]
    assert [plan["past"].get("outcomes", 0) for plan in plans] == [0, 3]


def test_what_is_in_the_ledger_is_not_decided_a_second_time_by_force(run, past, world):
    run(ledger=past)
    late = past.decisions(until=world.end)["decision_id"][:1]
    past.record_outcomes(
        pd.DataFrame({"decision_id": late, "outcome": "accept", "outcome_at": world.end - pd.Timedelta("2h")})
    )
    with pytest.raises(InputError, match="the ledger holds 45 decisions of the run .* would be decided twice"):
        run(ledger=past, force=True)
    assert run(ledger=past).status == "already complete"
    assert run(ledger=past, force=True, run_id="again").recorded == 45


def test_a_job_that_was_refused_before_its_first_part_leaves_the_folder_free(run, model):
    with pytest.raises(InputError, match="offers of 'x' must be known"):
        run(limits=[Limit(offers=["nosuch"], at_most=5, name="x")], dry_run=True)
    impossible = Limit(offers=model.catalog.offer_ids[:1], at_least=1000)
    with pytest.raises(InputError, match="asks for at least 1000"):
        run(limits=[impossible])
    assert run(limits=[Limit(offers=model.catalog.offer_ids[:1], at_most=5)]).status == "complete"
