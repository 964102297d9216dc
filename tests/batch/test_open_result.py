from __future__ import annotations

import pandas as pd
import pytest

from nbo import batch
from nbo.errors import InputError


@pytest.fixture(scope="module")
def place(model, tables, world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    batch.score(model, tables, folder, as_of=world.end, chunk_size=20)
    return folder


def test_it_is_what_a_second_call_gives(place, model, tables, world):
    again = batch.score(model, tables, place, as_of=world.end)
    assert batch.open_result(place, at=world.end) == again


@pytest.mark.parametrize(("age", "allowed", "fine"), [("0D", "1h", True), ("7D", "7D", True), ("8D", "7D", False)])
def test_an_old_score_is_refused(place, world, age, allowed, fine):
    at = world.end + pd.Timedelta(age)
    if fine:
        assert batch.open_result(place, at, allowed).customers == 45
        return
    with pytest.raises(InputError, match=rf"are of 2025-04-01T00:00:00: at {at} they are 8 days .*old.*Score anew"):
        batch.open_result(place, at, allowed)


def test_a_score_of_the_future_is_refused(place, world):
    with pytest.raises(InputError, match="they are of a later moment"):
        batch.open_result(place, world.end - pd.Timedelta("1s"))


def test_a_job_that_is_not_done_is_no_result(tmp_path, world):
    with pytest.raises(InputError, match=r"holds no batch job that is done: manifest\.json is missing"):
        batch.open_result(tmp_path, world.end)
