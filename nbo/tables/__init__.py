"""What the business hands over: tables with contracts, spines and the catalog."""

from nbo.tables.catalog import Catalog
from nbo.tables.contracts import CONTRACTS
from nbo.tables.customer_tables import CustomerTables
from nbo.tables.offer import Offer
from nbo.tables.schema import Column, TableContract
from nbo.tables.spine import Spine
from nbo.tables.stored_tables import StoredTables
from nbo.tables.table_columns import TableColumns
from nbo.tables.treatment import Treatment

__all__ = [
    "CONTRACTS",
    "Catalog",
    "Column",
    "CustomerTables",
    "Offer",
    "Spine",
    "StoredTables",
    "TableColumns",
    "TableContract",
    "Treatment",
]
