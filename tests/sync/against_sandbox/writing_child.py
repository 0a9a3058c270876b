"""A process of its own that writes to a sandbox in a run: ``python -m`` this, and kill it.

Standard input holds the request: its operation's name and variables, as JSON.
"""

from __future__ import annotations

import json
import os
import sys

from ledger.database.connection import open_database
from ledger.database.settings import DatabaseSettings
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.settings import AdministrateSettings
from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import WriteRequest
from tests.sync.against_sandbox.writing import write_in_a_run

if __name__ == "__main__":
    given = json.load(sys.stdin)
    asked = WriteRequest(CHANGES[given["operation"]], given["variables"])
    database = open_database(DatabaseSettings.from_environment(os.environ))
    with Administrate(AdministrateSettings.from_environment(os.environ)) as client:
        write_in_a_run(Ledger(database, actor="tests"), client, asked)
    database.close()
