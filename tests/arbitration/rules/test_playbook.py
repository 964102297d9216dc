from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbo import arbitration
from nbo.arbitration import Candidates, Eligibility, Lever, Owned, Playbook, Rule, Weigh, When, decide
from nbo.arbitration.rules.rule_kinds import rule_kinds
from nbo.errors import InputError
from nbo.policies import Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog([Offer("card", products=("card",), channels=("email",)), Offer("loan", kind="credit")])
RULES = [
    Eligibility(consent="given"),
    When("adults only", refuse="age < 18", offers=["card"], owner="compliance", note="law"),
    When("no second loan", allow_if="age > 20", kinds=["credit"], stage="suitability", valid_from="2026-01-01"),
    Owned(columns={"card": "age > 60"}, within="30D"),
    Weigh("fits", 1.5, when="age > 40"),
    Lever("credit month", 55, kinds=["credit"], valid_until="2026-08-01"),
]
PLAYBOOK = Playbook(RULES, "retail", "3")
YAML = """\
# What we may offer to whom.
name: retail
version: 3
rules:
  - rule: Eligibility
    consent: given
  - rule: When
    name: adults only
    offers: [card]
    refuse: >-
      age
      < 18
    owner: compliance
    note: law
  - {rule: When, name: no second loan, allow_if: age > 20, kinds: [credit], stage: suitability, valid_from: 2026-01-01}
  - rule: Owned
    columns: {card: age > 60}
    within: 30D
  - rule: Weigh
    name: fits
    weight: 1.5
    when: age > 40
  - rule: Lever
    name: credit month
    percent: 55
    kinds:
      - credit
    valid_until: 2026-08-01
"""


def written(tmp_path, text, name="rules.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_it_goes_through_its_rules_in_their_order():
    assert list(PLAYBOOK) == RULES
    assert len(PLAYBOOK) == 6
    assert list(PLAYBOOK.rules) == ["Eligibility", "adults only", "no second loan", "Owned", "fits", "credit month"]
    assert PLAYBOOK["fits"] is RULES[4]
    with pytest.raises(KeyError, match="no rule 'adult only' in the playbook .did you mean 'adults only'"):
        PLAYBOOK["adult only"]


def test_a_file_has_the_arguments_in_the_order_of_the_signature():
    assert list(PLAYBOOK.to_dict()["rules"][1]) == ["rule", "name", "refuse", "offers", "owner", "note"]


def test_a_file_by_hand_says_the_same(tmp_path):
    assert Playbook.read(written(tmp_path, YAML)).hash == PLAYBOOK.hash


@pytest.mark.parametrize("name", ["rules.yaml", "rules.yml", "rules.json"])
def test_it_comes_back_from_a_file(tmp_path, name):
    PLAYBOOK.write(tmp_path / name)
    again = Playbook.read(str(tmp_path / name))
    assert again.hash == PLAYBOOK.hash
    assert again.to_dict() == PLAYBOOK.to_dict()
    assert again.diff(PLAYBOOK).empty
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_the_hash_is_of_what_it_says_not_of_how(tmp_path):
    data = PLAYBOOK.to_dict()
    turned = {key: data[key] for key in reversed(data)}
    turned["rules"] = [{key: rule[key] for key in reversed(rule)} for rule in data["rules"]]
    turned["rules"][0]["rule"] = "Eligibility"
    turned["rules"][4]["note"] = ""  # as by default
    turned["rules"][5]["percent"] = 55.0
    assert Playbook.from_dict(turned).hash == PLAYBOOK.hash
    code = "import sys; from nbo.arbitration import Playbook; sys.stdout.write(Playbook.read(sys.argv[1]).hash)"
    PLAYBOOK.write(tmp_path / "rules.yaml")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "rules.yaml")], capture_output=True, check=True)
    assert done.stdout.decode() == PLAYBOOK.hash


def test_the_hash_changes_with_every_argument_and_the_order():
    hashes = {PLAYBOOK.hash}
    for at, rule in enumerate(RULES):
        for name, value in rule.get_params().items():
            other = {"consent": "not refused", "columns": {"card": "age > 61"}, "transactions": False}.get(name)
            other = other or (value + 1 if isinstance(value, int | float) else [*value, "more"]
                              if isinstance(value, list) else f"{value or '2027-01-01'} ")  # fmt: skip
            changed = type(rule)(**{**rule.get_params(), name: other})
            hashes.add(Playbook([*RULES[:at], changed, *RULES[at + 1 :]], "retail", "3").hash)
    n_arguments = sum(len(rule.get_params()) for rule in RULES)
    hashes |= {Playbook(RULES[::-1], "retail", "3").hash, Playbook(RULES, "retail", "4").hash}
    hashes |= {Playbook(RULES, "wholesale", "3").hash, Playbook(RULES[1:], "retail", "3").hash}
    assert len(hashes) == 1 + n_arguments + 4


def test_the_frame_lists_what_each_rule_does():
    frame = PLAYBOOK.to_frame().set_index("id")
    assert frame["rule"].tolist() == ["Eligibility", "When", "When", "Owned", "Weigh", "Lever"]
    assert frame.loc["adults only", "words"] == "refuse when age < 18 (also when unknown) offers card"
    assert frame.loc["adults only", "owner"] == "compliance"
    assert frame["reads"].tolist() == ["", "age", "age", "age", "age", ""]
    assert json.loads(frame.loc["adults only", "parameters"])["refuse"] == "age < 18"
    assert frame.loc["no second loan", "stage"] == "suitability"
    assert frame.loc["credit month", "valid_until"] == "2026-08-01"
    assert frame.loc["Eligibility", "words"].startswith("Refuse offers that are not valid now")
    assert Playbook([]).to_frame().empty


def test_ids_in_the_playbook_are_those_in_the_decisions():
    people = pd.DataFrame({"customer_id": ["a", "b", "c", "d"], "age": [15, 70, 30, 19], "consent_email": [1, 1, 0, 1]})
    people = people.astype({"consent_email": bool})
    tables = CustomerTables(customers=people)
    found = Candidates.of(tables, Spine.at("2026-06-30", people), CATALOG, tuple(PLAYBOOK))
    alike = np.full(len(people), "all", dtype=object)
    decisions = decide(found, np.full((4, 2), 0.1), alike, Uniform(CATALOG.offer_ids), 7, "run")
    said = {reason for texts in decisions["dropped"] for reason in json.loads(texts).values()}
    assert said == {"no consent", "adults only", "owned", "no second loan"}
    assert said <= set(PLAYBOOK.reasons)
    for reason, stage in zip(found.reasons[1:], found.stages[1:], strict=True):
        (rule_id,) = PLAYBOOK.reasons[reason]
        listed = PLAYBOOK.to_frame().set_index("id").loc[rule_id]
        assert reason in listed["reason"].split(", ")
        assert stage in listed["stage"].split(", ")


def test_the_difference_between_two():
    adults = When("adults only", refuse="age < 21", offers=["card"], owner="compliance", note="law")
    later = Playbook([RULES[0], adults, RULES[3], RULES[5], RULES[4], When("new", refuse="True")], "retail", "4")
    rows = PLAYBOOK.diff(later).where(lambda frame: frame.notna(), None).values.tolist()
    assert rows == [
        ["", "changed", "version", "3", "4"],
        ["adults only", "changed", "refuse", "age < 18", "age < 21"],
        ["no second loan", "removed", "", PLAYBOOK.to_dict()["rules"][2], None],
        ["new", "added", "", None, {"rule": "When", "name": "new", "refuse": "True"}],
        ["credit month", "moved", "position", 5, 4],
    ]
    weighed = Playbook([*RULES[:1], Weigh("adults only", 2.0), *RULES[2:]], "retail", "3")
    changed = PLAYBOOK.diff(weighed).set_index("parameter")
    assert changed.loc["rule", ["before", "after"]].tolist() == ["When", "Weigh"]
    assert set(changed["change"]) == {"changed"}
    assert PLAYBOOK.diff(PLAYBOOK).empty


def test_rules_without_a_name_are_numbered():
    assert list(Playbook([Owned(), Owned(within="30D"), Owned(within="9D")]).rules) == ["Owned", "Owned 2", "Owned 3"]


# What rules that need arguments are made with.
KINDS = {
    "Excludes": {"offers": ["card"], "others": ["loan"]},
    "Follows": {"offers": ["card"], "after": ["loan"]},
    "Lever": {"percent": 1},
    "Owned": {},
    "Weigh": {"weight": 1},
    "When": {"refuse": "True"},
}


@pytest.mark.parametrize("kind", rule_kinds())
def test_it_holds_every_rule_that_the_room_exports(kind, tmp_path):
    made = rule_kinds()[kind]
    named = {"name": "one"} if "name" in made._get_param_names() else {}
    playbook = Playbook([made(**named, **KINDS.get(kind, {}))])
    playbook.write(tmp_path / "rules.yaml")
    assert Playbook.read(tmp_path / "rules.yaml").hash == playbook.hash
    assert playbook.to_frame()["rule"].tolist() == [kind]


def test_only_rules_that_the_room_exports_are_made():
    assert set(rule_kinds()) == {
        name for name in arbitration.__all__ if name not in ("Rule",)
        and isinstance(getattr(arbitration, name), type) and issubclass(getattr(arbitration, name), Rule)
    }  # fmt: skip


WRONG = {
    "": "must have the key 'rules', a list; got None",
    "rules: 3": "must have the key 'rules', a list",
    "- rule: When": "must have the key 'rules', a list",
    "rules: [": "line 1: no YAML: expected the node content",
    "nme: a\nrules: []": r"line 1: unknown key 'nme' of a playbook .did you mean 'name'",
    "version: 1.10\nrules: []": "line 1: version of a playbook must be a text, not empty; got 1.1. Put it in quotes",
    "rules:\n- rule: Wen": "line 2: unknown rule 'Wen' .did you mean 'When'",
    "rules:\n- rule: Rule": "line 2: unknown rule 'Rule'",
    "rules:\n- rule: Candidates": "line 2: unknown rule 'Candidates'",
    "rules:\n- name: a": "line 2: a rule must have the key 'rule'",
    "rules:\n- 7": "line 2: a rule must have the key 'rule'",
    "rules:\n- rule: When": "line 2: When must have the key 'name'",
    "rules:\n\n- rule: When\n  nam: a": "line 4: unknown key 'nam' of When .did you mean 'name'",
    "rules:\n- rule: When\n  name: a\n  refuse: age <": "line 2: refuse of When 'a': no condition",
    "rules:\n- rule: Weigh\n  name: a\n  weight: yes": "line 2: weight of Weigh 'a' must be 0 or more; got 'yes'",
    "rules:\n- &a {rule: Owned}\n- *a": "line 2: an alias is not allowed",
    "rules:\n- rule: Owned\n  rule: Owned": "line 3: the key 'rule' stands twice",
    "rules: !!python/object:os.system []\na: !!python/object/apply:os.system [ls]": "line 2: unknown key 'a'",
    "rules:\n- !!binary aGk=": "line 2: 'aGk=' with the tag tag:yaml.org,2002:binary is not allowed",
    "rules:\n- {[1]: 2}": "line 2: a key must be a text",
    "rules:\n- {rule: Owned}\n- rule: When\n  name: Owned\n  refuse: 'True'": "line 3: .*'Owned' stands twice",
    "a: 1\n---\nb: 2": "line 2: no YAML: but found another document",
    "[" * 600: "no YAML",
    "[" * 30 + "]" * 30: "line 1: parts nested more than 20 deep",
    "\x00": "no YAML: unacceptable character",
    "rules:\n- {rule: When, name: a, weight: " + "9" * 5000 + "}": "is not allowed",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_refused_with_its_line(text, tmp_path):
    with pytest.raises(InputError, match=f"rules.yaml.*{WRONG[text]}"):
        Playbook.read(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"rules": [\n,]}', "rules.json, line 2: no JSON"),
        ('{"rules": [], "rules": []}', "rules.json: the key 'rules' stands twice"),
        ('{"rules": [{"rule": "Owned"}, {"rule": "Own"}]}', "rules.json, rule 2: unknown rule 'Own'"),
        ("[" * 100_000, "no YAML"),
    ],
)
def test_a_wrong_json_file_is_refused(text, says, tmp_path):
    with pytest.raises(InputError, match=says):
        Playbook.read(written(tmp_path, text, "rules.json"))


def test_no_file_and_no_text_are_refused(tmp_path):
    with pytest.raises(InputError, match="playbook .*none.yaml cannot be read"):
        Playbook.read(tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InputError, match="cannot be read"):
        Playbook.read(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Playbook([RULES[1], RULES[1]]), "must have different names; 'adults only' stands twice"),
        (lambda: Playbook([When]), "must be Rule objects; got <class"),
        (lambda: Playbook([], name=""), "name of a playbook must be a text"),
        (lambda: Playbook([], version=3), "version of a playbook must be a text, not empty; got 3"),
        (lambda: Playbook.from_dict({"rules": [{"rule": "Own"}]}), "^rule 1: unknown rule 'Own'"),
        (lambda: Playbook.from_dict([1]), "^a playbook must have the key 'rules'"),
        (lambda: Playbook([When("a", refuse={1})]).hash, "must be JSON values"),
    ],
)
def test_wrong_arguments_are_refused(make, says):
    with pytest.raises(InputError, match=says):
        make()


def test_plain_values_are_those_of_yaml_1_2(tmp_path):
    text = "rules:\n- {rule: When, name: no, refuse: 'True', channels: [on, 22:00, 2026-01-01, 1_0, 0x1F, .inf]}"
    (rule,) = Playbook.read(written(tmp_path, text))
    assert rule.name == "no"
    assert rule.channels == ["on", "22:00", "2026-01-01", "1_0", "0x1F", ".inf"]


ODD = ["no", "~", "null", "22:00", "1e3", "1.", "0x1F", "2026-01-01", "<<", "=", "- a", "a: b", "#", "'", '"']
ODD += [" a ", "\n", "\x85", "\u2028"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(ODD)
ENTRY = st.tuples(TEXT, TEXT, st.lists(TEXT, min_size=1, max_size=3))
SOME = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SOME
@given(st.lists(ENTRY, unique_by=lambda row: row[0], max_size=3))
def test_any_text_comes_back_from_yaml(tmp_path, rows):
    given_rules = [When(name, refuse="True", note=note, offers=offers) for name, note, offers in rows]
    playbook = Playbook(given_rules)
    path = tmp_path / "rules.yaml"
    playbook.write(path)
    assert Playbook.read(path).to_dict() == playbook.to_dict()
    # Also to what reads YAML 1.1, as most tools do.
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == playbook.to_dict()


@SOME
@given(st.integers(0, len(YAML) - 1), st.text(max_size=6), st.integers(0, 12))
def test_nothing_but_an_input_error_comes_out_of_a_broken_file(tmp_path, at, put, cut):
    text = YAML[:at] + put.encode("utf-8", "ignore").decode() + YAML[at + cut :]
    with contextlib.suppress(InputError):
        Playbook.read(written(tmp_path, text)).to_frame()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
NAMES = sorted({name for kind in KINDS for name in rule_kinds()[kind]._get_param_names()})


@SOME
@given(st.sampled_from(list(KINDS)), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=2))
def test_nothing_but_an_input_error_comes_out_of_wrong_arguments(kind, arguments):
    needed = {} if kind == "Owned" else {"name": "a", **KINDS[kind]}
    with contextlib.suppress(InputError):
        playbook = Playbook.from_dict({"rules": [{"rule": kind, **needed, **arguments}]})
        playbook.to_frame()
        found = Candidates.of(CustomerTables(), Spine.at("2026-06-30", ["a"]), CATALOG, tuple(playbook))
        assert found.codes.shape == found.shape
        assert np.isfinite(found.context_weight * found.lever).all()


def test_html_shows_no_tags_of_the_rules():
    html = Playbook([When("<b>", refuse="1 < 2", note="<script>")], name="<i>")._repr_html_()
    assert "<b>" not in html
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;b&gt;" in html


def test_it_can_be_given_as_rules():
    spine = Spine.at("2026-06-30", ["a"])
    assert Candidates.of(CustomerTables(), spine, CATALOG, Playbook([Owned(), Eligibility()])).eligible.all()
    assert repr(PLAYBOOK).startswith("Playbook(retail 3, 6 rules, ")
