from nbo.progress import track


def test_items_come_through_unchanged_whether_shown_or_not(capsys):
    assert list(track(range(3), "counting", progress=False)) == [0, 1, 2]
    assert capsys.readouterr().err == ""
    assert list(track(iter("ab"), "reading", total=2, progress=True)) == ["a", "b"]
    assert "reading: 100%" in capsys.readouterr().err


def test_it_is_silent_where_nobody_looks(capsys):
    assert list(track([1], "counting")) == [1]
    assert capsys.readouterr().err == ""
