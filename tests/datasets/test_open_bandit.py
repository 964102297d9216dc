import numpy as np
import pandas as pd
import pytest

from nbo import columns as c
from nbo.datasets import load_open_bandit
from nbo.errors import DataSetNotFoundError, InputError

LOG = (
    ",timestamp,item_id,position,click,propensity_score,user_feature_0,user_feature_1,user_feature_2,user_feature_3,"
    "user-item_affinity_0,user-item_affinity_1\n"
    "0,2019-11-24 00:00:17.004101+00:00,1,3,0,0.5,aaaaaaaa11,bbbbbbbb22,cccccccc33,dddddddd44,0.0,2.0\n"
    "1,2019-11-24 00:00:19+00:00,0,1,1,0.029411764705882353,aaaaaaaa11,bbbbbbbb22,cccccccc33,eeeeeeee55,0.0,0.0\n"
)
ITEMS = ",item_id,item_feature_0,item_feature_1\n0,0,-0.5,f1\n1,1,0.25,f2\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Random" / "men").mkdir(parents=True)
    (tmp_path / "Random" / "men" / "men.csv").write_text(LOG)
    (tmp_path / "Random" / "men" / "item_context.csv").write_text(ITEMS)
    return tmp_path


def test_the_publishers_folders(folder):
    data = load_open_bandit(folder)
    assert data.tables.validate().empty
    decisions = data.tables.get("decisions")
    assert decisions[c.OFFER_ID].tolist() == ["item_1", "item_0"]
    assert decisions[c.ACTION_PROBABILITY].tolist() == [0.5, 1 / 34]
    assert decisions["position"].tolist() == [3, 1]
    assert decisions[c.SEGMENT].tolist() == [
        "aaaaaaaa|bbbbbbbb|cccccccc|dddddddd",
        "aaaaaaaa|bbbbbbbb|cccccccc|eeeeeeee",
    ]
    assert decisions[c.DECIDED_AT][0] == pd.Timestamp("2019-11-24 00:00:17.004101")
    assert data.tables.get("outcomes")[c.OUTCOME].tolist() == [c.REJECT, c.ACCEPT]
    assert data.catalog.offer_ids == ["item_0", "item_1"]
    assert data.tables.get("catalog")["item_feature_0"].tolist() == [-0.5, 0.25]


def test_index_columns_are_left_out(folder):
    customers = load_open_bandit(folder).tables.customers
    assert customers.columns.tolist() == [
        c.CUSTOMER_ID,
        *(f"user_feature_{i}" for i in range(4)),
        "user-item_affinity_0",
        "user-item_affinity_1",
    ]


def test_another_policy_is_another_log(folder):
    with pytest.raises(DataSetNotFoundError, match=r"bts/men/men.csv or bts_men.parquet.*research.zozo.com"):
        load_open_bandit(folder, policy="bts")


def test_unknown_names_are_refused(folder):
    with pytest.raises(InputError, match="policy must be one of 'random', 'bts'; got 'greedy'"):
        load_open_bandit(folder, policy="greedy")
    with pytest.raises(InputError, match="campaign must be one of 'men', 'women', 'all'; got 'kids'"):
        load_open_bandit(folder, campaign="kids")


def test_a_probability_of_zero_is_refused(folder):
    (folder / "Random" / "men" / "men.csv").write_text(LOG.replace(",0.5,", ",0.0,"))
    with pytest.raises(InputError, match=r"propensity_score must be in \(0, 1\]; 1 of 2 rows is not, first at row 0"):
        load_open_bandit(folder)


def test_a_log_without_user_features_is_refused(folder):
    (folder / "Random" / "men" / "men.csv").write_text(LOG.replace("user_feature_3", "user_feature"))
    with pytest.raises(InputError, match="lacks the column 'user_feature_3'"):
        load_open_bandit(folder)


@pytest.mark.parametrize(
    ("policy", "campaign", "n_items", "clicks"),
    [("random", "men", 34, 46), ("bts", "men", 34, 69), ("random", "women", 46, 46), ("bts", "women", 46, 46)],
)
def test_published_clicks(public_data, policy, campaign, n_items, clicks):
    folder = public_data / "open_bandit"
    if not folder.is_dir():
        pytest.skip(f"no Open Bandit data in {public_data}")
    data = load_open_bandit(folder, policy=policy, campaign=campaign)
    assert data.tables.validate().empty
    assert len(data.catalog) == n_items
    assert (data.tables.get("outcomes")[c.OUTCOME] == c.ACCEPT).sum() == clicks
    decisions, customers = data.tables.get("decisions"), data.tables.customers
    assert len(decisions) == 10_000
    if policy == "random":
        np.testing.assert_allclose(decisions[c.ACTION_PROBABILITY], 1 / n_items, rtol=1e-12)
    # Eight digits of each hash tell the users' features apart as the whole hashes do.
    assert decisions[c.SEGMENT].nunique() == len(customers.filter(like="user_feature_").drop_duplicates())
