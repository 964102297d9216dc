import pandas as pd
import pytest

from nbo.datasets.files import find_layout, parse_days, read_file
from nbo.datasets.publication import Publication
from nbo.errors import DataSetNotFoundError, InputError

TOY = Publication("toy", "Toy set", "Nobody", "example.org/toy", "Free to use.", "Nobody (2020).")
LAYOUTS = {"two": {"a": ("a.csv", "a.parquet"), "b": ("b.csv",)}, "one": {"all": ("all.csv",)}}


def test_the_first_complete_layout_wins(tmp_path):
    (tmp_path / "all.csv").touch()
    (tmp_path / "a.csv").touch()
    assert find_layout(tmp_path, LAYOUTS, TOY) == ("one", {"all": tmp_path / "all.csv"})
    (tmp_path / "b.csv").touch()
    assert find_layout(tmp_path, LAYOUTS, TOY)[0] == "two"


def test_names_match_in_any_case_and_whole(tmp_path):
    (tmp_path / "ALL.CSV").touch()
    (tmp_path / "not_all.csv").touch()
    assert find_layout(tmp_path, LAYOUTS, TOY) == ("one", {"all": tmp_path / "ALL.CSV"})


def test_the_nearest_file_is_taken_and_deep_ones_are_not_found(tmp_path):
    deep = tmp_path / "1" / "2" / "3" / "4"
    deep.mkdir(parents=True)
    (deep / "all.csv").touch()
    with pytest.raises(DataSetNotFoundError, match="The folder is empty"):
        find_layout(tmp_path, LAYOUTS, TOY)
    (tmp_path / "1" / "all.csv").touch()
    (tmp_path / "1" / "2" / "all.csv").touch()
    assert find_layout(tmp_path, LAYOUTS, TOY)[1]["all"] == tmp_path / "1" / "all.csv"


def test_the_error_says_what_is_expected_where_it_is_and_what_is_there(tmp_path):
    for number in range(10):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(DataSetNotFoundError) as caught:
        find_layout(tmp_path, LAYOUTS, TOY)
    message = str(caught.value)
    assert "Expected: a.csv or a.parquet, b.csv; or all.csv." in message
    assert "The folder has: 0.txt, 1.txt," in message
    assert "7.txt and 2 more." in message
    assert "published by Nobody, example.org/toy. Terms: Free to use." in message


def test_a_file_or_nothing_in_place_of_a_folder_is_said(tmp_path):
    (tmp_path / "all.csv").touch()
    with pytest.raises(DataSetNotFoundError, match="That is a file; give its folder"):
        find_layout(tmp_path / "all.csv", LAYOUTS, TOY)
    with pytest.raises(DataSetNotFoundError, match="There is no such folder"):
        find_layout(tmp_path / "nowhere", LAYOUTS, TOY)


@pytest.mark.parametrize("name", ["bad.parquet", "bad.json", "bad.xlsx", "bad.csv"])
def test_a_file_that_is_not_of_its_format_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b'"\x00\xff\x00')
    with pytest.raises(InputError, match=rf"cannot read '.*{name}' as "):
        read_file(tmp_path / name)


def test_ids_of_digits_stay_text_in_json(tmp_path):
    (tmp_path / "a.json").write_text('{"id": "0610", "n": 1}\n{"id": "0611", "n": null}\n')
    assert read_file(tmp_path / "a.json")["id"].tolist() == ["0610", "0611"]


def test_days_as_numbers_as_text_and_as_times():
    day = pd.Timestamp("1997-01-02")
    for values in ([19970102], ["19970102"], [day]):
        assert parse_days(pd.Series(values), "day").tolist() == [day]
    with pytest.raises(InputError, match="day must be days such as 19970101; 1 of 2 rows is not, first at row 1"):
        parse_days(pd.Series(["19970102", "soon"]), "day")
