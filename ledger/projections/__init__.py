"""The projections: the tables derived from the ledger, one module each."""

from ledger.projections.agreement import AGREEMENT
from ledger.projections.bridge import BRIDGE
from ledger.projections.discrepancies import OPEN_DISCREPANCIES
from ledger.projections.open_writes import OPEN
from ledger.projections.projector import Projector, project
from ledger.projections.runs import RUN_STATES
from ledger.projections.stored_rows import ProjectionError
from ledger.projections.tutorials import TUTORIALS, in_shape

# Tutorial rows come before the bridge rows that reference them.
PROJECTORS = (RUN_STATES, TUTORIALS, BRIDGE, OPEN_DISCREPANCIES, AGREEMENT, OPEN)

__all__ = [
    "AGREEMENT",
    "BRIDGE",
    "OPEN",
    "OPEN_DISCREPANCIES",
    "PROJECTORS",
    "RUN_STATES",
    "TUTORIALS",
    "ProjectionError",
    "Projector",
    "in_shape",
    "project",
]
