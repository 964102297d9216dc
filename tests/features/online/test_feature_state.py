"""What comes in event by event gives, to the bit, what the tables as a whole give."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from nbo import features as room
from nbo.errors import BundleError, InputError
from nbo.features import AggregateFeatures, Feature, FeatureBuilder, FeatureSet, FeatureState
from nbo.features.event_features import EventFeatures
from nbo.tables import CustomerTables, Spine
from nbo.testing.parts import parts_of

BUILDERS = {name: kind() for name, kind in parts_of(room, FeatureBuilder).items()} | {
    "household": room.DemographicFeatures(household_size=True),
    "both ends": room.SocialFeatures(both_ends=True),
    "of events": AggregateFeatures(
        "events",
        ["latest(event_type)", "mean(duration)", "share", "trend(duration)"],
        ["7D", "3mo"],
        pivots=["category"],
    ),
    "of customers": AggregateFeatures("customers", ["count"], ["90D"], where=[("consent_email", "True")]),
}
AS_OF = "2026-07-01"


def plain(row: dict) -> dict:
    """A row as an application has it: no missing values, Python's own types."""
    there = {name: value for name, value in row.items() if not pd.isna(value)}
    return {name: value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for name, value in there.items()}


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True), check_exact=True)


def stream(tables: CustomerTables, seed: int) -> list[tuple[str, pd.DataFrame]]:
    """All rows in a random order, some alone and some in batches."""
    rng = np.random.default_rng(seed)
    pieces = []
    for name in tables.names:
        frame = tables.get(name).sample(frac=1, random_state=seed)
        cuts = np.flatnonzero(rng.random(len(frame)) < 0.7)
        pieces += [(name, frame.iloc[a:b]) for a, b in zip([0, *cuts], [*cuts, len(frame)], strict=True) if b > a]
    rng.shuffle(pieces)
    return pieces


def put(state: FeatureState, name: str, piece: pd.DataFrame) -> None:
    if len(piece) > 1:
        state.add_rows(name, piece)
    else:
        state.add(name, plain(piece.to_dict("records")[0]))


def streamed(features: FeatureSet, tables: CustomerTables, seed: int) -> FeatureState:
    state = FeatureState(features)
    for name, piece in stream(tables, seed):
        put(state, name, piece)
    return state


def check_rows(state: FeatureState, spine: Spine, expected: pd.DataFrame) -> None:
    for row, (customer, as_of) in enumerate(spine.frame.itertuples(index=False)):
        same(state.row(customer, as_of), expected.iloc[[row]])


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("seed", range(2))
def test_a_stream_gives_what_the_tables_give(name, seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    features = FeatureSet([BUILDERS[name]]).fit(tables, spine)
    check_rows(streamed(features, tables, seed), spine, features.build(tables, spine))


@pytest.mark.parametrize("seed", range(2))
def test_asking_in_between_gives_what_the_rows_so_far_give(seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    features = FeatureSet.default(tables).fit(tables, spine)
    pieces = stream(tables, seed)
    state, so_far = FeatureState(features), {}
    for number, (name, piece) in enumerate(pieces):
        put(state, name, piece)
        so_far.setdefault(name, []).append(piece)
        if number % (len(pieces) // 4) == 0:
            known = CustomerTables(**{table: pd.concat(parts) for table, parts in so_far.items()})
            some = Spine.of(spine.frame.iloc[number % 3 :: 3])
            check_rows(state, some, features.build(known, some))


def test_several_customers_at_once_in_their_order(tables_of, spine_of):
    tables = tables_of(0)
    features = FeatureSet.default(tables).fit(tables, spine_of(0))
    state = FeatureState(features)
    state.load(tables)
    customers = ["fay", "ann", "nobody", "ann", "v1", "bob"]
    asked = Spine.of(pd.DataFrame({"customer_id": customers, "as_of": "2026-04-01"}))
    expected = features.build(tables, asked)
    same(state.rows(customers, "2026-04-01"), expected)
    assert state.rows([], "2026-04-01").shape == (0, expected.shape[1])
    assert state.rows([], "2026-04-01").dtypes.tolist() == expected.dtypes.tolist()


def test_without_rows_all_are_strangers(tables_of, spine_of):
    tables = tables_of(0)
    features = FeatureSet.default(tables).fit(tables, spine_of(0))
    same(FeatureState(features).row("ann", AS_OF), features.build(CustomerTables(), Spine.at(AS_OF, ["ann"])))


def test_features_without_any_column_give_a_row_without_any():
    sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-07-01"], "category": ["books"]})
    tables = CustomerTables(transactions=sales)
    features = FeatureSet([AggregateFeatures("transactions", pivots=["category"])])
    features.fit(tables, Spine.at("2026-07-01", ["ann"]))
    same(FeatureState(features).row("ann", AS_OF), features.build(tables, Spine.at(AS_OF, ["ann"])))


def test_ids_may_be_whole_numbers(tables_of, spine_of):
    people = {
        name: number for number, name in enumerate(["ann", "bob", "cy", "dee", "eve", "fay", "v1", "v2", "nobody"])
    }
    columns = ("customer_id", "related_id", "anonymous_id")
    tables = CustomerTables(
        **{
            name: (frame := tables_of(1).get(name)).assign(
                **{key: frame[key].map(people).astype("Int64") for key in columns if key in frame}
            )
            for name in tables_of(1).names
        }
    )
    spine = Spine.of(spine_of(1).frame.assign(customer_id=spine_of(1).frame["customer_id"].map(people)))
    features = FeatureSet.default(tables).fit(tables, spine)
    check_rows(streamed(features, tables, 1), spine, features.build(tables, spine))


def test_the_tables_come_out_as_they_went_in(tables_of, spine_of):
    tables = tables_of(2)
    state = FeatureState(FeatureSet.default(tables).fit(tables, spine_of(2)))
    state.load(tables)
    assert state.n_rows == {name: len(tables.get(name)) for name in tables.names}
    for name in tables.names:
        pd.testing.assert_frame_equal(state.tables().get(name), tables.get(name), check_dtype=False, check_exact=True)


# ---- by hand


def carts(window: str = "7D", **arguments: object) -> FeatureSet:
    builder = AggregateFeatures("events", ["count", "sum(duration)"], [window], **arguments)
    tables = CustomerTables(
        events=pd.DataFrame({"customer_id": ["x"], "event_time": ["2026-01-01"], "duration": [1.0]})
    )
    return FeatureSet([builder]).fit(tables, Spine.at("2026-06-30", ["x"]))


def test_an_event_changes_the_profile_at_once():
    state = FeatureState(carts())
    assert state.row("ann")["events__count__7D"].item() == 0
    state.add("events", customer_id="ann", event_time=datetime.now(UTC) - timedelta(seconds=1))
    assert state.row("ann")["events__count__7D"].item() == 1
    state.add("events", customer_id="ann", event_time=datetime.now(UTC) + timedelta(hours=1))
    assert state.row("ann")["events__count__7D"].item() == 1


def test_what_becomes_known_late_counts_from_then_on():
    state = FeatureState(carts())
    state.add("events", customer_id="ann", event_time="2026-06-28", known_at="2026-06-29T12:00", duration=4)
    assert state.row("ann", "2026-06-29T12:00")["events__duration__sum__7D"].item() == 0
    assert state.row("ann", "2026-06-29T12:00:00.000001")["events__duration__sum__7D"].item() == 4
    assert state.row("ann", "2026-07-05T12:00")["events__duration__sum__7D"].item() == 0


@pytest.mark.parametrize(
    "time",
    [
        "2026-06-28T10:30",
        "2026-06-28 10:30:00.000000",
        "2026-06-28T12:30+02:00",
        "2026-06-28T10:30Z",
        " 2026-06-28T10:30",
        "20260628T1030",
        datetime(2026, 6, 28, 10, 30),
        datetime(2026, 6, 28, 12, 30, tzinfo=timezone(timedelta(hours=2))),
        pd.Timestamp("2026-06-28T10:30"),
        pd.Timestamp("2026-06-28T12:30", tz="Europe/Rome"),
        pd.Timestamp("2026-06-28T10:30").as_unit("ns") + pd.Timedelta(7, unit="ns"),
        np.datetime64("2026-06-28T10:30"),
    ],
    ids=str,
)
def test_moments_in_all_forms(time):
    state = FeatureState(carts())
    for _ in range(2):  # the second one comes to columns that are there
        state.add("events", customer_id="ann", event_time=time)
    assert state.tables().events["event_time"].tolist() == [pd.Timestamp("2026-06-28T10:30")] * 2


def test_values_in_all_forms():
    state = FeatureState(carts())
    for duration in (2, 2.0, np.float64(2), np.int64(2), "2", Decimal("2"), True, None, np.nan, pd.NA):
        state.add("events", {"customer_id": "ann", "event_time": date(2026, 6, 28), "duration": duration})
    assert state.row("ann", AS_OF)["events__duration__sum__7D"].item() == 6 * 2 + 1
    for device in ("web", np.str_("web"), None, np.nan):
        state.add("events", {"customer_id": "ann", "event_time": "2026-06-28", "device": device})
    assert state.tables().events["device"].dropna().tolist() == ["web", "web"]


def test_a_column_may_come_late_and_say_late_what_it_holds():
    state = FeatureState(carts())
    state.add("events", customer_id="ann", event_time="2026-06-28")
    state.add("events", customer_id="ann", event_time="2026-06-28", channel=None, score=None)
    state.add("events", customer_id="ann", event_time="2026-06-28", channel="app", score=2.5)
    events = state.tables().events
    assert events["channel"].tolist()[2:] == ["app"]
    assert events["score"].tolist()[2:] == [2.5]
    assert events[["channel", "score"]].isna().to_numpy().sum() == 4


def test_a_visitor_turns_into_a_customer():
    state = FeatureState(carts())
    state.add("events", customer_id="visitor 7", event_time="2026-06-27", duration=3)
    state.add("events", customer_id="ann", event_time="2026-06-28", duration=4)
    state.add("identities", anonymous_id="visitor 7", customer_id="ann", event_time="2026-06-29")
    assert state.row("ann", "2026-06-29")["events__duration__sum__7D"].item() == 4
    assert state.row("ann", "2026-06-30")["events__duration__sum__7D"].item() == 3 + 4
    assert state.row("visitor 7", "2026-06-30")["events__duration__sum__7D"].item() == 3


# ---- replacing


def test_a_case_is_closed_by_the_row_that_says_so():
    opened = {"case_id": 7, "customer_id": "ann", "opened_at": "2026-06-01", "kind": "complaint"}
    tables = CustomerTables(cases=pd.DataFrame([{**opened, "closed_at": None}]))
    features = FeatureSet([room.TransactionFeatures()]).fit(tables, Spine.at(AS_OF, ["ann"]))
    state = FeatureState(features)
    state.replace("cases", opened)
    state.add("cases", case_id=8, customer_id="bob", opened_at="2026-06-02")
    assert state.row("ann", AS_OF)["cases__is_open"].item() == 1
    state.replace("cases", {**opened, "closed_at": "2026-06-20"})
    assert state.n_rows == {"cases": 2}
    assert state.row("ann", AS_OF)["cases__is_open"].item() == 0
    assert state.row("ann", "2026-06-10")["cases__is_open"].item() == 1
    same(state.row("bob", AS_OF), features.build(state.tables(), Spine.at(AS_OF, ["bob"])))


def test_replaced_rows_may_change_their_customer(tables_of, spine_of):
    tables, spine = tables_of(0), spine_of(0)
    sales = tables.transactions.assign(transaction_id=range(120))
    features = FeatureSet([room.TransactionFeatures()]).fit(tables, spine)
    state = FeatureState(features)
    wrong = sales.assign(customer_id=sales["customer_id"].sample(frac=1, random_state=0).to_numpy(), amount=1.0)
    state.add_rows("transactions", wrong)
    for row in sales.sample(frac=1, random_state=1).to_dict("records"):
        state.replace("transactions", plain(row))
        state.replace("transactions", plain(row))
    expected = features.build(CustomerTables(transactions=sales), spine)
    assert state.n_rows == {"transactions": 120}
    check_rows(state, spine, expected)


def test_rows_without_a_key_cannot_be_replaced():
    with pytest.raises(InputError, match="table must be one of 'customers', 'transactions'.*; got 'events'"):
        FeatureState(carts()).replace("events", customer_id="ann", event_time="2026-06-28")


# ---- refused


def some_events() -> FeatureState:
    state = FeatureState(carts())
    state.add("events", customer_id="ann", event_time="2026-06-28", duration=1.0, event_type="cart", size=3, new=True)
    return state


BAD = {
    "no such table": ("event", {}, "table must be one of 'customers'.*; got 'event'"),
    "no customer": ("events", {"customer_id": None}, "events.customer_id must be there in every row"),
    "no customer column": ("social", {"customer_id": ...}, "social lacks the column 'customer_id'"),
    "no time": ("events", {"event_time": None}, "events.event_time must be there in every row"),
    "no moment": ("events", {"event_time": "soon"}, "events.event_time must be times .*first at row 0: 'soon'"),
    "number as time": ("events", {"event_time": 1.7e9}, "events.event_time must be times"),
    "infinite": ("events", {"duration": np.inf}, "events.duration must be finite numbers"),
    "no number": ("events", {"duration": "long"}, "events.duration must be finite numbers"),
    "list": ("events", {"event_type": ["cart"]}, "events.event_type must"),
    "number for text": ("events", {"event_type": 5}, "events.event_type must be texts, as it was before; .*: 5"),
    "text for number": ("events", {"size": "large"}, "events.size must be numbers, as it was before; .*'large'"),
    "text for flag": ("events", {"new": "yes"}, "events.new must be true or false, as it was before"),
    "huge": ("events", {"size": 2**60}, "events.size must be numbers up to 2\\*\\*53"),
    "kind of key": ("events", {"customer_id": 7}, "events.customer_id must hold texts, as the keys before do"),
    "kind of key elsewhere": ("social", {"customer_id": 7}, "social.customer_id must hold texts, as the keys before"),
    "flag as key": ("events", {"customer_id": True}, "events.customer_id must be text or an integer"),
    "flag": ("customers", {"consent_email": "perhaps"}, "customers.consent_email must be true or false"),
    "nobody": ("environment", {"customer_id": ..., "income": 5}, "environment must have one of the columns"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused_rows_leave_nothing_behind(case):
    table, change, says = BAD[case]
    row = {"customer_id": "bob", "event_time": "2026-06-28", "duration": 2.0, "event_type": "cart"} | change
    row = {name: value for name, value in row.items() if value is not ...}
    if table in ("customers", "environment"):
        del row["event_time"]
    state = some_events()
    before = state.tables().events
    with pytest.raises(InputError, match=says):
        state.add(table, row)
    with pytest.raises(InputError, match=says):
        state.add_rows(table, pd.DataFrame([row, row]))
    assert state.n_rows == {"events": 1}
    pd.testing.assert_frame_equal(state.tables().events, before)
    state.add("events", customer_id="bob", event_time="2026-06-28", duration=2.0)
    assert state.row("bob", AS_OF)["events__duration__sum__7D"].item() == 2.0


def test_what_is_refused_does_not_decide_of_which_kind_ids_are():
    state = FeatureState(carts())
    with pytest.raises(InputError, match="must be times"):
        state.add("events", customer_id=7, event_time="soon")
    with pytest.raises(
        InputError, match="relationships.related_id must hold whole numbers, as relationships.customer_id"
    ):
        state.add("relationships", customer_id=7, related_id="ann")
    state.add("events", customer_id="ann", event_time="2026-06-28")
    assert state.n_rows == {"events": 1}


def test_of_tables_that_are_refused_none_is_loaded():
    events = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-06-28"]})
    social = events.assign(customer_id=[7])
    state = FeatureState(carts())
    with pytest.raises(
        InputError, match="must hold whole numbers, as social.customer_id do|must hold texts, as events"
    ):
        state.load(CustomerTables(events=events, social=social))
    assert state.n_rows == {}


@pytest.mark.parametrize(
    ("customers", "says"),
    [
        ("ann", "customers must be a sequence of ids, not one text"),
        (["ann", 7], "customers must be texts, as customer_id is; 1 are not, first 7"),
        ([None], "customers must be texts"),
        ([True], "customers must be texts"),
    ],
)
def test_ids_of_another_kind_are_refused(customers, says):
    with pytest.raises(InputError, match=says):
        some_events().rows(customers, AS_OF)


def test_a_state_is_of_a_set():
    with pytest.raises(TypeError, match="features must be a FeatureSet; got BehavioralFeatures"):
        FeatureState(room.BehavioralFeatures())


def test_arguments_are_checked():
    with pytest.raises(InputError, match="is not fitted"):
        FeatureState(FeatureSet([AggregateFeatures("events")]))
    state = some_events()
    with pytest.raises(InputError, match="as_of must be a time"):
        state.row("ann", "soon")
    with pytest.raises(TypeError, match="a row must be a mapping of columns to values; got str"):
        state.add("events", "ann")
    with pytest.raises(TypeError, match="give a mapping or keywords, not both"):
        state.add("events", {"customer_id": "ann"}, event_time="2026-06-28")
    with pytest.raises(TypeError, match="events must be a frame"):
        state.add_rows("events", [1, 2])


# ---- stored


def test_a_state_goes_on_where_it_was_stored(tmp_path, tables_of, spine_of):
    tables, spine = tables_of(1), spine_of(1)
    features = FeatureSet.default(tables).fit(tables, spine)
    pieces, state = stream(tables, 1), FeatureState(features)
    for number, (name, piece) in enumerate(pieces):
        put(state, name, piece)
        if number in (len(pieces) // 3, len(pieces) // 2):
            state.to_dir(tmp_path / "state")
            state = FeatureState.from_dir(tmp_path / "state")
    check_rows(state, spine, features.build(tables, spine))
    assert len(list((tmp_path / "state").iterdir())) <= 1 + len(tables.names)


def test_an_empty_state_is_stored_too(tmp_path):
    FeatureState(carts()).to_dir(tmp_path)
    again = FeatureState.from_dir(tmp_path)
    assert repr(again) == "FeatureState(2 features; no rows)"
    again.add("events", customer_id="ann", event_time="2026-06-28")
    assert repr(again) == "FeatureState(2 features; events: 1)"


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="must be new, empty, or hold a state; it holds notes.txt"):
        some_events().to_dir(tmp_path)
    with pytest.raises(BundleError, match="holds no state: state.json is missing"):
        FeatureState.from_dir(tmp_path)


def test_what_was_altered_is_refused(tmp_path):
    state = some_events()
    state.to_dir(tmp_path)
    stored = next(tmp_path.glob("events-*.parquet"))
    good = stored.read_bytes()
    stored.write_bytes(good[:-1])
    with pytest.raises(BundleError, match="is missing or altered"):
        FeatureState.from_dir(tmp_path)
    stored.write_bytes(good)
    index = json.loads((tmp_path / "state.json").read_text())
    (tmp_path / "state.json").write_text(json.dumps(index | {"format": 99}))
    with pytest.raises(BundleError, match="has format 99; this nbo reads format 1"):
        FeatureState.from_dir(tmp_path)
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(BundleError, match="is altered"):
        FeatureState.from_dir(tmp_path)


def test_a_store_that_fails_leaves_the_old_state(tmp_path, monkeypatch):
    state = some_events()
    state.to_dir(tmp_path)
    state.add("events", customer_id="ann", event_time="2026-06-29")
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        state.to_dir(tmp_path)
    assert FeatureState.from_dir(tmp_path).n_rows == {"events": 1}


# ---- forgetting


def test_what_no_window_reaches_is_forgotten(tmp_path):
    features, start = carts("30D"), pd.Timestamp("2025-01-01")
    state = FeatureState(features, keep="60D")
    rng = np.random.default_rng(0)
    times = pd.Series(start + pd.to_timedelta(np.sort(rng.integers(0, 400 * 24, 30_000)), unit="h"))
    events = pd.DataFrame({"customer_id": rng.choice(["ann", "bob"], 30_000), "event_time": times, "duration": 0.5})
    for begin in range(0, 30_000, 500):
        state.add_rows("events", events.iloc[begin : begin + 500])
    assert 30_000 * 60 / 400 < state.n_rows["events"] < 20_000
    asked = Spine.of(
        pd.DataFrame({"customer_id": ["ann", "bob"], "as_of": [times.max(), times.max() - pd.Timedelta("9D")]})
    )
    whole = features.build(CustomerTables(events=events), asked)
    check_rows(state, asked, whole)
    with pytest.raises(InputError, match="as_of must lie later: rows from before 2025-.* are forgotten"):
        state.row("ann", "2025-06-01")
    state.to_dir(tmp_path)
    again = FeatureState.from_dir(tmp_path)
    check_rows(again, asked, whole)
    with pytest.raises(InputError, match="as_of must lie later"):
        again.row("ann", "2025-06-01")


@pytest.mark.parametrize("window", ["all", "61D", "2mo", "1fullmo_before_1fullmo", "30D_before_31D"])
def test_windows_longer_than_what_is_kept_are_refused(window):
    with pytest.raises(InputError, match="keep must be longer than what features look back; events__count__.* '60D'"):
        FeatureState(carts(window), keep="60D")


class ClosedCases(EventFeatures):
    """Count cases by when they were closed."""

    data_type: ClassVar[str] = "transaction"
    tables: ClassVar[tuple[str, ...]] = ("cases",)
    by_default: ClassVar[bool] = False

    def _plan(self, past):
        return [Feature.of("cases", "count", "30D", name="closed", time="closed_at")]


def test_a_row_is_kept_as_long_as_a_window_reaches_one_of_its_times():
    closed = pd.date_range("2026-01-01", "2026-06-30", 11_000)
    cases = pd.DataFrame({"customer_id": "ann", "opened_at": pd.Timestamp("2025-01-01"), "closed_at": closed})
    features = FeatureSet([ClosedCases()]).fit(CustomerTables(cases=cases), Spine.at(AS_OF, ["ann"]))
    state = FeatureState(features, keep="40D")
    state.add_rows("cases", cases)
    assert state.n_rows["cases"] == (closed >= closed.max() - pd.Timedelta("40D")).sum()
    same(state.row("ann", AS_OF), features.build(CustomerTables(cases=cases), Spine.at(AS_OF, ["ann"])))


# ---- threads


def test_threads_see_whole_rows():
    state, seen = FeatureState(carts()), []
    rows = [{"customer_id": "ann", "event_time": "2026-06-28", "duration": 1.0} for _ in range(2000)]

    def ask() -> None:
        while not seen or seen[-1][0] < 2 * len(rows):
            seen.append(tuple(state.row("ann", AS_OF).iloc[0].tolist()))

    def tell() -> None:
        for row in rows:
            state.add("events", row)

    threads = [threading.Thread(target=work) for work in (ask, tell, tell)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(count == total for count, total in seen)
    assert seen == sorted(seen)
