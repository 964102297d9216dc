from __future__ import annotations

import ast
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbo.arbitration import Candidates, Expression, Rule, When
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment

AS_OF = pd.Timestamp("2026-06-30")
FRAME = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "cid", "dan", "eve", "fay"],
        "age": [30.0, 16.0, None, 64.0, 18.0, -3.0],
        "clv": [100, 0, 40, 250, 40, 7],
        "job": ["Clerk", "nurse", None, "", "clerk", "Nurse"],
        "city": ["Clerk", None, "Rome", "Oslo", "Rome", "nurse"],
        "vip": [True, False, None, True, None, False],
        "signed_up_at": ["2026-01-01", None, "2026-06-30", "2020-02-29", "2026-06-29T12:00", "2027-01-01"],
        "nothing": [None] * 6,
    }
)
CATALOG = Catalog(
    [
        Offer("card", value=40.0, category="cards", treatments=(Treatment("email", slot="night"), Treatment("phone"))),
        Offer("loan", value=90.0, kind="credit", capacity=10, valid_from="2026-01-01", channels=("phone",)),
        Offer("fund", value=-1.0, category="savings", channels=("phone",)),
    ]
)


def candidates(frame=FRAME, catalog=CATALOG):
    customers = CustomerTables(customers=frame)
    return Candidates.of(customers, Spine.at(AS_OF, frame), catalog)


CANDIDATES = candidates()


def truths(text, given=CANDIDATES):
    """True, False or None of each triple, shape (n, k, m)."""
    flags = Expression(text).flags(given)
    true, false = (np.broadcast_to(mask, given.shape) for mask in (flags.true, flags.false))
    assert not (true & false).any()
    return np.where(true, True, np.where(false, False, None))


def of_customers(text):
    found = truths(text)
    assert Expression(text).flags(CANDIDATES).true.shape[1:] == (1, 1)
    return found[:, 0, 0].tolist()


# A condition, and what it is of ann, bob, cid, dan, eve and fay.
BY_HAND = {
    "age < 18": [False, True, None, False, False, True],
    "not age < 18": [True, False, None, True, True, False],
    "18 <= age < 64": [True, False, None, False, True, False],
    "age < 18 and clv > 50": [False, False, False, False, False, False],
    "age < 18 or clv > 30": [True, True, True, True, True, True],
    "age < 18 or clv > 50": [True, True, None, True, False, True],
    "age < 18 and clv < 50": [False, True, None, False, False, True],
    "vip": [True, False, None, True, None, False],
    "vip == True": [True, False, None, True, None, False],
    "vip or age > 17": [True, False, None, True, True, False],
    "isnull(age) or vip": [True, False, True, True, None, False],
    'job == "nurse"': [False, True, None, False, False, False],
    'lower(job) == "nurse"': [False, True, None, False, False, True],
    "lower(job) == lower(city)": [True, None, None, False, False, True],
    "job != city": [False, None, None, True, True, True],
    'job in ["nurse", "Clerk"]': [True, True, None, False, False, False],
    'job not in ("nurse", "Clerk")': [False, False, None, True, True, True],
    "clv in [40, 7]": [False, False, True, False, True, True],
    'startswith(job, "C")': [True, False, None, False, False, False],
    "between(age, 16, 30)": [True, True, None, False, True, False],
    "days_since(signed_up_at) < 1": [False, None, True, False, True, True],
    "days_since(signed_up_at) == 0.5": [False, None, False, False, True, False],
    'signed_up_at >= "2026-01-01"': [True, None, True, False, True, True],
    '"2026-01-01" == signed_up_at': [True, None, False, False, False, False],
    "signed_up_at <= as_of": [True, None, True, True, True, False],
    "1 / clv > 0.02": [False, None, True, False, True, True],
    "clv / 0 > 1 or clv >= 0": [True] * 6,
    "min(age, clv, 20) == 16 or max(age, 0) == 0": [False, False, None, False, False, True],
    "abs(-age) == 3": [False, False, None, False, False, True],
    "-clv + 2 * 50 - age / 2 >= 85 - 0": [True * (0 - 15.0 + 0 >= 0), True, None, False, False, True],
    'column("age") > 20': [True, False, None, True, False, False],
    "nothing > 3": [None] * 6,
    'nothing == "a" or nothing + 1 > 2 or lower(nothing) == "a"': [None] * 6,
    "isnull(nothing)": [True] * 6,
    "isnull(age / 0)": [True] * 6,
    "(age\n  <\n 18)": [False, True, None, False, False, True],
}


@pytest.mark.parametrize("text", BY_HAND)
def test_by_hand(text):
    assert of_customers(text) == BY_HAND[text]


def test_offers_and_ways_are_named_by_their_fields():
    assert Expression("offer.value > 50").flags(CANDIDATES).true.ravel().tolist() == [False, True, False]
    assert truths("offer.category == 'cards'")[0, :, 0].tolist() == [True, None, False]
    assert truths("offer.kind == 'credit' or isnull(offer.kind)")[0, :, 0].tolist() == [True, True, True]
    assert truths("offer.capacity < 20")[0, :, 0].tolist() == [None, True, None]
    assert truths("offer.valid_from < as_of")[0, :, 0].tolist() == [None, True, None]
    assert truths("isnull(offer.customer_type)").all()
    ways = Expression("way.channel == 'email' and way.slot == 'night'").flags(CANDIDATES)
    assert ways.true.ravel().tolist() == [True, False]
    assert Expression("age > 1 and offer.value > 1 and way.slot != ''").flags(CANDIDATES).true.shape == (6, 3, 2)
    assert truths("clv > offer.value")[:, 0, 0].tolist() == [True, False, False, True, False, False]


def test_the_columns_that_it_reads_are_told():
    found = Expression('lower(job) == "x" and offer.value > clv and column("a b") > 1 and as_of > "2026-01-01"')
    assert sorted(found.names) == ["a b", "clv", "job"]


REFUSED = {
    "aeg < 18": r"unknown column 'aeg' \(did you mean 'age'\?\) at character 1 of",
    "clv > 1 and aeg < 18": "'aeg' .* at character 13 of",
    'age < "x"': "a number and a text cannot be compared by < at character 1",
    "age == vip": "a number and true or false cannot be compared",
    'job < "a"': "a text and a text cannot be compared in order",
    "age": "a number where true or false is needed .compare it",
    "not job": "a text where true or false is needed",
    "job + 1 > 2": "a text where a number is needed",
    "-job > 2": "a text where a number is needed",
    "lower(age) == 'a'": r"lower\(\) of a number, which is no text",
    "days_since(age) > 2": "of a number, which is no time",
    "signed_up_at > 'soon'": "'soon', which is no time such as",
    "signed_up_at > '2026-13-99'": "which is no time",
    "age in ['a']": "a number and a text cannot be compared by ==",
    "9 ** 9 ** 9 > 1": "an operator that is not allowed at character 1 .*Allowed are names of columns",
    "age // 2 > 1": "an operator that is not allowed",
    "1 << 99 > 1": "an operator that is not allowed",
    "age is None": "'is'; write ==",
    "age == None": r"None; ask isnull\(column\) at character 8",
    "open('x')": r"unknown function 'open'",
    "betwen(age, 1, 2)": "did you mean 'between'",
    "between(age, 1)": r"between\(\) that does not have 3 plain arguments",
    "min(age)": "does not have 2 to 20 plain",
    "isnull(x=age)": "does not have 1 plain",
    "age.__class__": "a dot that stands neither behind offer",
    "offer.__class__ == 'a'": "unknown offer.__class__",
    "offer.valeu > 1": r"unknown offer.valeu \(did you mean 'value'",
    "way.chanel == 'a'": "did you mean 'channel'",
    "(lambda: 1)()": "unknown function",
    "[age for age in [1]]": "a ListComp, which is not allowed",
    "age if vip else 1": "a IfExp",
    "f'{age}' == 'a'": "a JoinedStr",
    "b'a' == job": "b'a', which is not allowed",
    "1j == age": "which is not allowed",
    "1e999 > age": "a number that is too large",
    f"{2**53 + 1} > age": "a number that is too large",
    "age in 'abc'": "'in' without a list",
    "age in []": "'in' without a list",
    "age in [clv]": "an item of a list that is no number and no text",
    "1 < age in [2]": "'in' within a chain",
    "age == [1]": "a List, which is not allowed",
    "column(age) > 1": "does not name a text in quotes",
    "startswith(job, city)": "does not name a text in quotes",
    "age < 18 # and vip": "a comment is not allowed",
    "age <": "no condition: invalid syntax at the end of",
    "age = 18": "no condition",
    "age < 18; vip": "no condition",
    "": "must be a condition such as 'age < 18'; got ''",
    "  \n": "must be a condition",
    "é < 18 and aeg < 1 or (ünknöwn > 1": "no condition",
    "a\x00b": "no condition",
    "-" * 80 + "1 > 2": "nested more than 50 deep",
    "(" * 250 + "1" + ")" * 250 + "> 2": "no condition: too many nested",
    "vip and " * 600 + "vip": "at most 4000 characters; it has",
    "not " * 900 + "vip": "(nested|no condition)",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_a_condition_is_refused(text):
    with pytest.raises(InputError, match=f"(?s)^rule 'r':? .*{REFUSED[text]}"):
        Expression(text, "rule 'r'").flags(CANDIDATES)


def test_a_condition_is_a_text():
    with pytest.raises(InputError, match="must be a condition such as 'age < 18'; got 7"):
        Expression(7)


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        (pd.Series([1, None], dtype="Int64"), "x == 1", [True, None]),
        (pd.Series([True, None], dtype="boolean"), "x", [True, None]),
        (pd.Series([True, False], dtype=object), "x", [True, False]),
        (pd.Series([1, 2.5], dtype=object), "x > 2", [False, True]),
        (pd.Series(["a", None], dtype="category"), "x == 'a'", [True, None]),
        (pd.Series([1, 2], dtype="category"), "x > 1", [False, True]),
        (pd.Series([1, None], dtype="category"), "x > 0", [True, None]),
        (pd.Series([True, False], dtype="category"), "not x", [False, True]),
        (pd.Series(["2026-01-01", None], dtype="datetime64[s]"), "x < as_of", [True, None]),
        (pd.Series(["2026-06-30T01:00+02:00", None], dtype="datetime64[us, UTC]"), "x < as_of", [True, None]),
        (pd.Series([AS_OF.date(), None], dtype=object), "x == as_of", [True, None]),
        (pd.Series([None, None], dtype=float), "x == 'a' or x > 1", [None, None]),
        (pd.Series([np.inf, -np.inf]), "x > 1", [True, False]),
    ],
)
def test_columns_of_all_types(column, text, expected):
    frame = pd.DataFrame({"customer_id": ["a", "b"]})
    given = Candidates.of(
        CustomerTables(customers=frame), Spine.at(AS_OF, frame), CATALOG, features=pd.DataFrame({"x": column})
    )
    assert truths(text, given)[:, 0, 0].tolist() == expected


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (pd.Series([2**60, 1]), "whole numbers above 2.*53, which are keys"),
        (pd.to_timedelta(pd.Series([1, 2]), unit="D"), "holds timedelta64.*, which is no number, text, time or flag"),
    ],
)
def test_columns_that_cannot_be_compared_are_refused(column, says):
    frame = pd.DataFrame({"customer_id": ["a", "b"]})
    given = Candidates.of(
        CustomerTables(customers=frame), Spine.at(AS_OF, frame), CATALOG, features=pd.DataFrame({"x": column})
    )
    with pytest.raises(InputError, match=says):
        Expression("x > 1").flags(given)


def test_no_customers_and_one():
    none = candidates(FRAME.iloc[:0])
    assert truths("age < 18 and job == 'a' and offer.value > 1", none).shape == (0, 3, 2)
    assert truths("age < 18 and vip", candidates(FRAME.iloc[1:2]))[0, 0, 0] is False


# The slow oracle: one triple at a time, with Python's own values and None for what is missing.
SIGNS = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
CALLS = {
    "min": min,
    "max": max,
    "abs": abs,
    "lower": str.lower,
    "startswith": str.startswith,
    "days_since": lambda then: (AS_OF - then) / pd.Timedelta(days=1),
}


def all_of(parts):
    return False if False in parts else None if None in parts else True


def opposite(value):
    return None if value is None else not value


def one(node, row):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return row[node.id]
    if isinstance(node, ast.Attribute):
        return getattr(row[node.value.id], node.attr)
    if isinstance(node, ast.BoolOp):
        parts = [one(part, row) for part in node.values]
        return all_of(parts) if isinstance(node.op, ast.And) else opposite(all_of([opposite(part) for part in parts]))
    if isinstance(node, ast.UnaryOp):
        value = one(node.operand, row)
        return opposite(value) if isinstance(node.op, ast.Not) else None if value is None else -value
    if isinstance(node, ast.BinOp):
        return calculated(node.op, one(node.left, row), one(node.right, row))
    if isinstance(node, ast.Compare):
        return compared(node, row)
    values = [one(part, row) for part in node.args]
    if node.func.id == "isnull":
        return values[0] is None
    if node.func.id == "between":
        value, low, high = values
        steps = [(low, value), (value, high)]
        return all_of([None if None in step else step[0] <= step[1] for step in steps])
    return None if None in values else CALLS[node.func.id](*values)


def calculated(sign, left, right):
    if left is None or right is None or (isinstance(sign, ast.Div) and right == 0):
        return None
    signs = {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}
    found = left / right if isinstance(sign, ast.Div) else signs[type(sign)]
    return None if math.isnan(found) else found


def compared(node, row):
    left = one(node.left, row)
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        found = None if left is None else left in [one(item, row) for item in node.comparators[0].elts]
        return opposite(found) if isinstance(node.ops[0], ast.NotIn) else found
    values = [left, *(one(part, row) for part in node.comparators)]
    pairs = zip(node.ops, values[:-1], values[1:], strict=True)
    return all_of([None if a is None or b is None else SIGNS[type(sign)](a, b) for sign, a, b in pairs])


def rows(given):
    frame = given.customers.assign(as_of=AS_OF)
    plain = {name: [None if pd.isna(value) else value for value in frame[name]] for name in frame}
    for row in range(len(frame)):
        yield {name: plain[name][row] for name in plain}


def slow(text, given):
    tree = ast.parse(text, mode="eval").body
    found = [
        one(tree, {**row, "offer": offer, "way": way})
        for row in rows(given)
        for offer in given.catalog
        for way in given.ways
    ]
    return np.array(found, dtype=object).reshape(given.shape)


NUMBER = st.recursive(
    st.sampled_from(["age", "clv", "offer.value", "offer.capacity", "0", "1", "2.5", "18", "days_since(signed_up_at)"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        st.builds("(-{})".format, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("abs({})".format, inner),
    ),
    max_leaves=4,
)
TEXT = st.sampled_from(["job", "city", "lower(job)", "lower(city)", "'nurse'", "'Clerk'", "offer.category", "way.slot"])
SIGN = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
PLAIN = st.one_of(
    st.builds("{} {} {}".format, NUMBER, SIGN, NUMBER),
    st.builds("{} {} {} {} {}".format, NUMBER, SIGN, NUMBER, SIGN, NUMBER),
    st.builds("{} {} {}".format, TEXT, st.sampled_from(["==", "!="]), TEXT),
    st.builds("{} {} ['nurse', 'cards', 'Clerk']".format, TEXT, st.sampled_from(["in", "not in"])),
    st.builds("{} {} [40, -3, 2.5]".format, NUMBER, st.sampled_from(["in", "not in"])),
    st.builds("between({}, {}, {})".format, NUMBER, NUMBER, NUMBER),
    st.builds("isnull({})".format, st.one_of(NUMBER, TEXT, st.just("vip"))),
    st.builds("startswith({}, 'n')".format, TEXT),
    st.builds("signed_up_at {} as_of".format, SIGN),
    st.sampled_from(["vip", "True", "False", "vip == (age > 17)"]),
)
CONDITION = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(CONDITION)
def test_it_says_what_a_plain_loop_over_all_triples_says(text):
    np.testing.assert_array_equal(truths(text), slow(text, CANDIDATES))


SUMS = st.sampled_from(["age", "clv", "18", "age + clv"])
LIKE_SQL = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, SUMS, SIGN, st.sampled_from(["age", "40"])),
        st.sampled_from(["vip", "job == 'nurse'", "job != city", "job in ('nurse', 'Clerk')", "abs(age) > 10"]),
        st.sampled_from(["clv not in (40, 7)", "lower(job) == 'clerk'", "city not in ('Rome', '')"]),
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(LIKE_SQL)
def test_true_false_and_unknown_are_those_of_sql(text):
    duckdb = pytest.importorskip("duckdb")
    people = FRAME.assign(vip=FRAME["vip"].astype("boolean"))
    asked = f"select ({text.replace('==', '=')}) as told from people"
    told = duckdb.query(asked).fetchall()
    assert of_customers(text) == [row[0] for row in told]
    assert len(people) == len(told)


RULE = st.builds(
    When,
    name=st.just(""),
    refuse=CONDITION,
    stage=st.sampled_from(Rule.STAGES),
    unknown=st.sampled_from([None, "refuse", "allow"]),
    offers=st.sampled_from([None, ["card"], ["loan", "fund"]]),
    channels=st.sampled_from([None, ["phone"]]),
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(RULE, max_size=4))
def test_the_first_rule_that_refuses_gives_the_reason_and_none_is_broken(rules):
    rules = [When(**{**rule.get_params(), "name": f"rule {at}"}) for at, rule in enumerate(rules)]
    found = Candidates.of(CANDIDATES.tables, CANDIDATES.spine, CATALOG, tuple(rules))
    expected = np.where(found.codes == 1, "channel", "").astype(object)
    strict = ("consent", "eligibility", "suitability")
    for rule in sorted(rules, key=lambda rule: Rule.STAGES.index(rule.stage)):
        refuses_unknown = rule.unknown == "refuse" or (rule.unknown is None and rule.stage in strict)
        says = slow(rule.refuse, CANDIDATES)
        for row, offer, way in np.ndindex(expected.shape):
            about = rule.offers is None or CATALOG.offer_ids[offer] in rule.offers
            about = about and (rule.channels is None or found.channels[way] in rule.channels)
            value = says[row, offer, way]
            if about and (value is True or (value is None and refuses_unknown)):
                expected[row, offer, way] = expected[row, offer, way] or rule.name
    assert np.array(["", *found.reasons], dtype=object)[found.codes].tolist() == expected.tolist()


WORDS = ["age", "vip", "job", "offer", ".", "value", "(", ")", "[", "]", ",", "'a'", "1", "and", "or", "not", "in"]
WORDS += ["<", "==", "+", "-", "*", "/", "**", "isnull", "min", "lower", "lambda", ":", "x", "#", "\n", "\\", "{", "}"]
WORDS += ["é", "\x00", "\ud800", "'", '"', "1e999", "column", "way.slot", "days_since", "signed_up_at", "None", "is"]
BROKEN = CONDITION.map(lambda text: text[:-1])
NOISE = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), BROKEN)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(NOISE)
def test_nothing_but_an_input_error_comes_out(text):
    try:
        flags = Expression(text).flags(CANDIDATES)
    except InputError:
        return
    assert flags.true.dtype == bool


def test_a_rule_over_customers_costs_nothing_for_offers_and_ways():
    flags = Expression("age < 18 and job == 'nurse' or vip").flags(CANDIDATES)
    assert flags.true.shape == flags.false.shape == (6, 1, 1)
    assert Expression("offer.value > 1").flags(CANDIDATES).true.shape == (1, 3, 1)
