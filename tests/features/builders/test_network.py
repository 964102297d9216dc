import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from nbo.errors import InputError
from nbo.features import NetworkFeatures
from nbo.tables import CustomerTables, Spine

SPINE = Spine.at("2026-06-30", ["ann", "bob", "cy", "eve"])


def _build(tables: CustomerTables, spine: Spine = SPINE, **params) -> pd.DataFrame:
    X = NetworkFeatures(**params).fit(tables, spine).build(tables, spine)
    return X.set_index(spine.frame["customer_id"])


EDGES = pd.DataFrame(
    {
        "customer_id": ["ann", "ann", "ann", "cy", "ann"],
        "related_id": ["bob", "bob", "cy", "dee", "ann"],
        "kind": ["friend", "family", "friend", "friend", "friend"],
        "weight": [0.5, 1.0, 0.25, 0.1, 9.0],
    }
)


def test_edges_by_hand():
    X = _build(CustomerTables(relationships=EDGES))
    assert X["relationships__degree"].tolist() == [2, 1, 2, 0]
    assert X["relationships__degree__kind_friend"].tolist() == [2, 1, 2, 0]
    assert X["relationships__degree__kind_family"].tolist() == [1, 1, 0, 0]
    assert X["relationships__strength"].tolist() == [0.5 + 1.0 + 0.25, 1.5, 0.25 + 0.1, 0]
    assert X["relationships__strength__kind_friend"].tolist() == [0.75, 0.5, 0.25 + 0.1, 0]
    one_way = _build(CustomerTables(relationships=EDGES), both_ends=False)
    assert one_way["relationships__degree"].tolist() == [2, 0, 1, 0]


def test_an_edge_holds_as_its_latest_row_says():
    edges = pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "ann", "ann"],
            "related_id": ["bob", "ann", "bob", "cy"],
            "kind": "friend",
            "weight": [0.5, 0.75, 0.0, None],
            "valid_from": [None, "2026-06-10", "2026-06-20", "2026-06-15"],
            "known_at": [None, None, "2026-06-25", None],
        }
    )
    moments = ["2026-06-01", "2026-06-15", "2026-06-16", "2026-06-25", "2026-06-26"]
    X = _build(CustomerTables(relationships=edges), Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": moments})))
    assert X["relationships__degree"].tolist() == [1, 1, 2, 2, 1]
    assert X["relationships__strength"].tolist() == [0.5, 0.75, 0.75, 0.75, 0.0]


def test_what_neighbors_do_by_hand():
    sales = pd.DataFrame(
        {
            "customer_id": ["bob", "bob", "cy", "dee", "ann", "bob"],
            "event_time": ["2026-06-20", "2026-06-21", "2026-01-01", "2026-06-22", "2026-06-23", "2026-06-30"],
            "amount": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
        }
    )
    social = pd.DataFrame(
        {"customer_id": ["bob", "bob", "cy"], "event_time": ["2026-06-01", "2026-06-02", "2026-06-03"]}
    ).assign(sentiment=[0.5, None, -1.0])
    decisions = pd.DataFrame(
        {
            "decision_id": [1, 2, 3, 4, 5, 6],
            "customer_id": ["bob", "bob", "cy", "cy", "cy", "cy"],
            "decided_at": ["2026-05-01", "2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05"],
            "offer_id": ["card"] * 5 + ["no_offer"],
        }
    )
    outcomes = pd.DataFrame(
        {
            "decision_id": [1, 2, 3, 4],
            "outcome": ["accept", "reject", "accept", "accept"],
            "outcome_at": ["2026-05-02", "2026-06-02", "2026-06-03", "2026-06-30"],
        }
    )
    tables = CustomerTables(
        relationships=EDGES, transactions=sales, social=social, decisions=decisions, outcomes=outcomes
    )
    X = _build(tables)
    assert X["transactions_neighbors__count__30D"].tolist() == [2, 1, 2, 0]
    assert X["transactions_neighbors__amount__sum__365D"].tolist() == [7.0, 16.0, 24.0, 0.0]
    assert X["transactions_neighbors__buyers__90D"].tolist() == [1, 1, 2, 0]
    assert X["transactions_neighbors__buyers__365D"].tolist() == [2, 1, 2, 0]
    assert X["transactions_neighbors__lost_share__90D"].tolist()[:3] == [1 / 2, 0, 0]
    assert X["social_neighbors__sentiment__mean__90D"]["ann"] == (0.5 - 1.0) / 2
    # Ann's neighbors accepted two of five contacts so far, one of the four lately; cy's neighbors had none.
    assert X["outcomes_neighbors__acceptance_rate__90D"]["ann"] == 2 / 5
    assert X["outcomes_neighbors__acceptance_rate__30D"]["ann"] == 1 / 4
    assert X["outcomes_neighbors__count__90D__outcome_accept"].tolist() == [2, 0, 0, 0]
    assert X["outcomes_neighbors__acceptance_rate__90D"].isna().tolist() == [False, True, True, True]
    assert (
        X.loc["eve", ["transactions_neighbors__lost_share__90D", "transactions_neighbors__recency_days"]].isna().all()
    )


def test_the_future_of_neighbors_is_not_seen():
    edges = pd.DataFrame({"customer_id": ["ann"], "related_id": ["bob"], "valid_from": ["2026-06-01"]})
    sales = pd.DataFrame(
        {
            "customer_id": "bob",
            "event_time": ["2026-05-01", "2026-06-10", "2026-06-12"],
            "known_at": [None, None, "2026-06-20"],
        }
    )
    moments = ["2026-06-01", "2026-06-02", "2026-06-10", "2026-06-11", "2026-06-20", "2026-06-21"]
    spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": moments}))
    X = _build(CustomerTables(relationships=edges, transactions=sales), spine)
    assert X["transactions_neighbors__count__all"].tolist() == [0, 1, 1, 2, 2, 3]


def _planted(rng: np.random.Generator, n: int = 2000) -> tuple[CustomerTables, np.ndarray]:
    """Friends share a liking for offers; all were asked before the moment, and answer once more after it."""
    who = np.array([f"c{i:04d}" for i in range(n)])
    liking = np.repeat(rng.normal(0, 1.5, n // 4), 4)
    one, other = np.triu_indices(4, 1)
    start = np.arange(0, n, 4)[:, None]
    edges = pd.DataFrame({"customer_id": who[(start + one).ravel()], "related_id": who[(start + other).ravel()]})
    asked = np.repeat(np.arange(n), 3)
    accepts = rng.random(len(asked)) < 1 / (1 + np.exp(-liking[asked]))
    decisions = pd.DataFrame(
        {
            "decision_id": np.arange(len(asked)),
            "customer_id": who[asked],
            "decided_at": "2026-06-01",
            "offer_id": "card",
        }
    )
    outcomes = pd.DataFrame(
        {
            "decision_id": np.arange(len(asked)),
            "outcome": np.where(accepts, "accept", "reject"),
            "outcome_at": "2026-06-02",
        }
    )
    tables = CustomerTables(relationships=edges, decisions=decisions, outcomes=outcomes)
    return tables, rng.random(n) < 1 / (1 + np.exp(-liking))


def test_other_edges_take_the_signal_of_the_neighbors_away():
    rng = np.random.default_rng(0)
    tables, later = _planted(rng)
    spine = Spine.at("2026-06-30", [f"c{i:04d}" for i in range(len(later))])
    name = "outcomes_neighbors__acceptance_rate__90D"

    def auc(tables: CustomerTables) -> float:
        found = _build(tables, spine)[name]
        known = found.notna().to_numpy()
        return roc_auc_score(later[known], found[known])

    edges = tables.relationships
    permuted = edges.assign(related_id=rng.permutation(edges["related_id"]))
    assert auc(tables) > 0.7
    # The standard error of the AUC without signal is about sqrt(1 / (12 * 500)) with 1,000 of each: .013.
    assert abs(auc(tables.replace(relationships=permuted)) - 0.5) < 4 * 0.013


def test_arguments_that_are_not_allowed():
    with pytest.raises(InputError, match="churn_window"):
        _build(CustomerTables(relationships=EDGES), churn_window="soon")
