"""The tables the program reads and projects, one module a schema, in one ``METADATA``."""

from ledger.tables import acted, adm, discrepancies, runs
from ledger.tables.metadata import METADATA, column_names, is_personal

__all__ = ["METADATA", "acted", "adm", "column_names", "discrepancies", "is_personal", "runs"]
