import pytest

from nbo.errors import InputError
from nbo.states import check_state

STATE = {"policy": "Uniform", "format": 1, "parameters": {}}


def check(state):
    return check_state(state, "policy", "Uniform", 1, {"parameters": dict})


def test_a_whole_state_is_given_back():
    assert check(STATE) is STATE


@pytest.mark.parametrize("state", [None, 5, [], {**STATE, "policy": "Other"}, {**STATE, "format": 2}])
def test_another_kind_or_format_is_refused(state):
    with pytest.raises(InputError, match="state must be of Uniform, format 1; got "):
        check(state)


def test_a_missing_part_is_named():
    with pytest.raises(InputError, match="state of Uniform is incomplete or altered: 'parameters' must be a dict; got"):
        check({"policy": "Uniform", "format": 1})
