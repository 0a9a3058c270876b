"""The events there are. A family's module declares them; ``CATALOGUE`` and ``ledger.events`` have
what the modules declare."""

from ledger.events import (
    agreement,
    fetches,
    imports,
    local_writes,
    matches,
    people,
    records,
    remote_writes,
    runs,
)
from ledger.events.agreement import *
from ledger.events.base import Event as Event
from ledger.events.base import record_name as record_name
from ledger.events.base import tutorial_key as tutorial_key
from ledger.events.catalogue import Catalogue as Catalogue
from ledger.events.catalogue import declared_in
from ledger.events.fetches import *
from ledger.events.imports import *
from ledger.events.local_writes import *
from ledger.events.matches import *
from ledger.events.people import *
from ledger.events.people import decision_of_one_sitting
from ledger.events.records import *
from ledger.events.remote_writes import *
from ledger.events.runs import *

FAMILIES = (
    *(agreement, fetches, imports, local_writes, matches, people, records, remote_writes),
    runs,
)
CATALOGUE = Catalogue.of(declared_in(*FAMILIES), {("DecisionTaken", 1): decision_of_one_sitting})
