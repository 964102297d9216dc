from __future__ import annotations

from copy import copy

import numpy as np
import pandas as pd
import pytest

from nbo import batch
from nbo.arbitration import ContactLimit, Eligibility, Limit, Playbook
from nbo.batch.feature_rows import FeatureRows
from nbo.errors import InputError
from nbo.features import known_customers
from nbo.tables import CustomerTables


@pytest.fixture(scope="module")
def spine(world):
    return known_customers(world.tables, world.end)


@pytest.fixture(scope="module")
def files(model, tables, spine, tmp_path_factory):
    """Features in one file with several row groups, in the order of the spine."""
    place = tmp_path_factory.mktemp("features") / "features.parquet"
    frame = model.features.build(tables, spine).assign(customer_id=spine.frame["customer_id"])
    frame.to_parquet(place, row_group_size=7)
    return place


@pytest.fixture
def run(model, tables, world, files, tmp_path):
    def run(folder, features=files, tables=tables, model=model, **arguments):
        given = {"as_of": world.end, "chunk_size": 10, "run_id": "june", **arguments}
        return batch.score(model, tables, tmp_path / folder, features=features, **given)

    return run


def sorted_by_customer(frame):
    return frame.sort_values(["customer_id"], kind="stable", ignore_index=True)


@pytest.mark.parametrize("chunk_size", [1, 10, 1000])
def test_given_features_make_the_same_scores_and_decisions(run, chunk_size):
    built, given = run("built", features=None), run("given", chunk_size=chunk_size)
    pd.testing.assert_frame_equal(given.read_scores(), built.read_scores())
    pd.testing.assert_frame_equal(given.read_decisions(), built.read_decisions())
    assert given.parts == -(-45 // chunk_size)


def test_a_folder_of_an_out_of_core_build_is_read_as_it_is(run, model, tables, spine, tmp_path):
    model.features.build(tables, spine, out=tmp_path / "features", partitions=3)
    built, given = run("built", features=None), run("given", features=tmp_path / "features")
    pd.testing.assert_frame_equal(
        sorted_by_customer(given.read_decisions()), sorted_by_customer(built.read_decisions())
    )


def test_without_tables_there_must_be_no_rules(run, model):
    assert run("alone", tables=None).customers == 45
    for rule in (ContactLimit(1, "7D"), Eligibility()):
        ruled = copy(model)
        ruled.rules = [rule]
        with pytest.raises(InputError, match=f"tables must be given: 1 rules .*consents, first {type(rule).__name__}"):
            run("ruled", tables=None, model=ruled)
        assert run(f"free {type(rule).__name__}", tables=None, model=ruled, playbook=Playbook([])).customers == 45


def test_whoever_is_no_customer_by_then_is_set_aside(run, files, tables, world, tmp_path):
    frame = pd.read_parquet(files)
    frame.loc[3, "customer_id"] = "nobody"
    frame.loc[4, "customer_id"] = "  "
    frame.to_parquet(tmp_path / "some.parquet")
    result = run("some", features=tmp_path / "some.parquet")
    assert result.read_rejects()[["row", "customer_id", "reason"]].values.tolist() == [
        [3, "nobody", f"no customer known before {world.end}"],
        [4, "  ", "blank"],
    ]
    # Nor is one whose row is set aside.
    customers = tables.customers.assign(acquisition_cost=1.0)
    lost = frame.loc[7, "customer_id"]
    customers.loc[customers["customer_id"] == lost, "acquisition_cost"] = -1.0
    result = run("fewer", tables=tables.replace(customers=customers))
    assert lost not in set(result.read_decisions()["customer_id"])
    assert result.customers == 44


def test_files_must_hold_the_same_kinds(run, files, tmp_path):
    frame = pd.read_parquet(files)
    number = next(name for name in frame if frame[name].dtype == float)
    (tmp_path / "kinds").mkdir()
    frame.iloc[:20].to_parquet(tmp_path / "kinds" / "a.parquet")
    frame.iloc[20:].assign(**{number: "secret"}).to_parquet(tmp_path / "kinds" / "b.parquet")
    with pytest.raises(InputError, match=rf"b\.parquet holds texts in '{number}', and the files before it numbers\.$"):
        run("scored", features=tmp_path / "kinds")


def test_rows_that_cannot_be_scored_are_set_aside(run, files, world, tmp_path):
    frame = pd.read_parquet(files).assign(as_of=world.end)
    number = next(name for name in frame if frame[name].dtype == float)
    bad = frame.copy()
    bad.loc[3, number] = np.inf
    bad.loc[5, "customer_id"] = None
    bad.loc[8, "customer_id"] = bad.loc[2, "customer_id"]
    bad.loc[9, "as_of"] += pd.Timedelta("1D")
    # Its first row is set aside, so the second one stands.
    bad.loc[30, "customer_id"] = bad.loc[3, "customer_id"]
    bad.to_parquet(tmp_path / "bad.parquet")
    result = run("bad", features=tmp_path / "bad.parquet")
    found = result.read_rejects()[["table", "row", "column", "reason"]].values.tolist()
    assert found == [
        ["features", 3, number, "not finite"],
        ["features", 5, "customer_id", "missing"],
        ["features", 8, "customer_id", "an earlier row has it"],
        ["features", 9, "as_of", f"not {world.end}"],
    ]
    assert (result.customers, len(result.read_decisions()), result.rejects) == (41, 41, 4)
    assert not result.read_decisions()["customer_id"].duplicated().any()
    again = run("again", features=tmp_path / "bad.parquet", chunk_size=1000)
    pd.testing.assert_frame_equal(again.read_decisions(), result.read_decisions())


def test_a_part_of_rejects_alone_is_an_empty_part(run, files, tmp_path):
    frame = pd.read_parquet(files)
    frame.loc[0:9, "customer_id"] = None
    frame.to_parquet(tmp_path / "some.parquet")
    result = run("some", features=tmp_path / "some.parquet")
    assert (result.customers, len(result.read_scores()), result.parts) == (35, 35 * 12, 5)


@pytest.mark.parametrize("chunk_size", [10, 1000])
def test_limits_hold_over_all_parts(run, model, chunk_size):
    offers = model.catalog.offer_ids[:3]
    result = run("limited", chunk_size=chunk_size, limits=[Limit(offers=offers, at_most=4, name="letters")])
    made = result.read_decisions()["offer_id"]
    assert made.isin(offers).sum() <= 4
    whole = run("whole", chunk_size=45, limits=[Limit(offers=offers, at_most=4, name="letters")], features=None)
    pd.testing.assert_frame_equal(result.read_decisions(), whole.read_decisions())


def test_a_missing_feature_is_named_and_nothing_written(run, files, tmp_path, model):
    name = model.features.feature_names[0]
    pd.read_parquet(files).drop(columns=name).to_parquet(tmp_path / "less.parquet")
    with pytest.raises(InputError, match=f"lacks 1 of the .* first '{name}'"):
        run("less", features=tmp_path / "less.parquet")
    assert not (tmp_path / "less").exists()


def test_no_files_no_parquet_and_another_moment_are_refused(run, tmp_path, files, world):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is none at"):
        run("a", features=tmp_path / "empty")
    (tmp_path / "text.parquet").write_text("no")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        run("b", features=tmp_path / "text.parquet")
    run("c")
    other = pd.read_parquet(files).iloc[::-1]
    other.to_parquet(tmp_path / "features.parquet")
    with pytest.raises(InputError, match=r"features\.parquet.* have other rows|the tables features"):
        run("c", features=tmp_path / "features.parquet")


def test_nobody(run, files, tmp_path):
    pd.read_parquet(files).iloc[:0].to_parquet(tmp_path / "nobody.parquet")
    result = run("nobody", features=tmp_path / "nobody.parquet")
    assert (result.customers, result.parts, len(result.read_scores())) == (0, 1, 0)


def test_rows_are_read_in_chunks_of_any_size(model, files, world):
    rows = FeatureRows(model, files, CustomerTables(), pd.DataFrame(), world.end, 33)
    for size in (1, 6, 7, 8, 32, 33, 34):
        parts = list(rows.parts(size, range(100), None))
        assert [number for number, _ in parts] == list(range(-(-33 // size)))
        ids = [asked().candidates.spine.frame["customer_id"] for _, asked in parts]
        assert pd.concat(ids).tolist() == pd.read_parquet(files)["customer_id"].tolist()[:33]


def test_parts_are_an_eighth_of_the_customers_within_bounds(run, model, tables, world, monkeypatch):
    monkeypatch.setattr("nbo.batch.job._SMALLEST", 2)
    assert run("eighths", chunk_size=None).parts == 8  # 45 customers: 6 a part
    monkeypatch.setattr("nbo.batch.job._LARGEST", 3)
    assert run("small", chunk_size=None).parts == 15


def test_files_of_one_name_in_two_folders_are_two_inputs(run, files, tmp_path):
    frame = pd.read_parquet(files)
    for name, rows in (("a", frame.iloc[:20]), ("b", frame.iloc[20:])):
        (tmp_path / "two" / name).mkdir(parents=True)
        rows.to_parquet(tmp_path / "two" / name / "part.parquet")
    assert run("one", features=tmp_path / "two").customers == 45
    frame.iloc[1:20].to_parquet(tmp_path / "two" / "a" / "part.parquet")
    with pytest.raises(InputError, match="features 0 part.parquet have other rows"):
        run("one", features=tmp_path / "two")


def test_an_unfinished_build_of_features_is_no_input(run, model, tables, spine, tmp_path):
    place = tmp_path / "features"
    model.features.build(tables, spine, out=place, partitions=3)
    (place / "stray.parquet").write_bytes((place / "part-00000.parquet").read_bytes())
    # What the build lists is read, and nothing else.
    assert run("listed", features=place).customers == 45
    (place / "_work").mkdir()
    with pytest.raises(InputError, match="holds features whose build is not done"):
        run("unfinished", features=place)


def test_moments_stand_in_all_files_or_in_none(run, files, world, tmp_path):
    frame = pd.read_parquet(files)
    (tmp_path / "mixed").mkdir()
    frame.iloc[:20].assign(as_of=world.end - pd.Timedelta("60D")).to_parquet(tmp_path / "mixed" / "a.parquet")
    frame.iloc[20:].to_parquet(tmp_path / "mixed" / "b.parquet")
    with pytest.raises(InputError, match=r"must all have the column as_of, or none; .*b\.parquet lacks it"):
        run("scored", features=tmp_path / "mixed")


def test_a_row_without_its_moment_is_set_aside(run, files, world, tmp_path):
    frame = pd.read_parquet(files).assign(as_of=world.end)
    frame.loc[4, "as_of"] = pd.NaT
    frame.to_parquet(tmp_path / "some.parquet")
    result = run("some", features=tmp_path / "some.parquet")
    assert result.read_rejects()[["row", "column", "reason"]].values.tolist() == [[4, "as_of", f"not {world.end}"]]
