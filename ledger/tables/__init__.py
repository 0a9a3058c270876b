"""The tables the program reads and projects, one module a schema, in one ``METADATA``."""

from ledger.tables import acted, adm, discrepancies, field_bases, open_writes, runs
from ledger.tables.metadata import METADATA, column_names, is_lived_on, is_personal

# What is projected beside the ledger itself.
LEDGER_PROJECTIONS = (
    runs.RUNS,
    discrepancies.DISCREPANCIES,
    field_bases.FIELD_BASES,
    open_writes.OPEN_WRITES,
)

__all__ = [
    "LEDGER_PROJECTIONS",
    "METADATA",
    "acted",
    "adm",
    "column_names",
    "discrepancies",
    "field_bases",
    "is_lived_on",
    "is_personal",
    "open_writes",
    "runs",
]
