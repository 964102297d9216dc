"""Published data sets as customer tables: read from the files that their publishers hand out.

nbo carries no rows of these sets and downloads none.
"""

from nbo.datasets.bank_marketing import load_bank_marketing
from nbo.datasets.cdnow import load_cdnow
from nbo.datasets.data_set import DataSet
from nbo.datasets.hillstrom import load_hillstrom
from nbo.datasets.load import load
from nbo.datasets.offer_instances import offer_instances
from nbo.datasets.open_bandit import load_open_bandit
from nbo.datasets.starbucks import load_starbucks
from nbo.datasets.telco import load_telco

__all__ = [
    "DataSet",
    "load",
    "load_bank_marketing",
    "load_cdnow",
    "load_hillstrom",
    "load_open_bandit",
    "load_starbucks",
    "load_telco",
    "offer_instances",
]
