"""Every list and operation that is declared."""

from __future__ import annotations

from sync.administrate.operations import Operation
from sync.administrate.reads import queries
from sync.administrate.reads.listings import Listing
from sync.administrate.writes.changes import CHANGES

LISTINGS = [one for one in vars(queries).values() if isinstance(one, Listing)]
OPERATIONS = [
    *(listing.operation for listing in LISTINGS),
    *(one for one in vars(queries).values() if isinstance(one, Operation)),
    *(change.operation for change in CHANGES.values()),
]
