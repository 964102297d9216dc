import pytest

from nbo.whole_files import whole_file


def test_a_file_has_its_name_only_once_it_is_whole(tmp_path):
    place = tmp_path / "new" / "a.txt"
    with whole_file(place) as aside:
        aside.write_text("whole")
        assert not place.exists()
    assert place.read_text() == "whole"
    assert list(place.parent.iterdir()) == [place]


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    place = tmp_path / "a.txt"
    place.write_text("old")

    def fail():
        with whole_file(place) as aside:
            aside.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]
