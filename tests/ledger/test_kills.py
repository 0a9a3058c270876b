"""Killed in the middle of an append, program or server: whole batches are in, and nothing else."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from ledger.database.connection import driver
from ledger.errors import DatabaseUnreachable
from ledger.replay.compare import replay
from ledger.store.ledger import Ledger
from ledger.verify.verify import verify_chain
from tests.ledger.builders import counted, observed

BATCH = 20
BATCHES = 25
# Appends batches until it is killed; each makes as many rows as it has events.
APPENDS = """
import sys
from pathlib import Path
from itertools import count
from ledger.store.ledger import Ledger
from ledger.database.connection import open_database
from ledger.database.settings import DatabaseSettings
from tests.ledger.builders import observed
ledger = Ledger(open_database(DatabaseSettings(sys.argv[1], Path())), actor="killed")
size, start = int(sys.argv[2]), int(sys.argv[3])
for number in count(start):
    keys = range(number * size, (number + 1) * size)
    ledger.append([observed(str(key), key) for key in keys], blobs=[b"%d" % number])
    print(number, flush=True)
"""


def assert_whole(ledger: Ledger) -> int:
    """Returns how many batches are in, all of them whole."""
    verified = verify_chain(ledger.database)
    assert verified.ok, verified.findings
    replayed = replay(ledger.database)
    assert replayed.ok, replayed.differences
    assert verified.events == verified.appends * BATCH == counted(ledger, "adm.venues")
    assert verified.blobs == verified.appends
    return verified.appends


def test_a_program_killed_at_random_leaves_whole_batches(ledger: Ledger, database_url: str) -> None:
    chance = random.Random(20260401)  # noqa: S311 - nothing secret
    batches = 0
    for _ in range(4):
        command = [sys.executable, "-c", APPENDS, database_url, str(BATCH), str(batches)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            acknowledged = int(child.stdout.readline())
            time.sleep(chance.uniform(0, 0.2))
            child.kill()
            acknowledged = max([acknowledged, *map(int, child.stdout.read().split())])
        # The server may still be at work on what the killed program sent last.
        while counted_backends(ledger):
            time.sleep(0.01)
        batches = assert_whole(ledger)
        assert batches - 1 in (acknowledged, acknowledged + 1)


def counted_backends(ledger: Ledger) -> int:
    """How many connections others than this have to the database."""
    with ledger.database.transaction() as connection:
        return int(
            connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).scalar_one()
        )


def test_backends_terminated_at_random_lose_no_batch_and_double_none(ledger: Ledger) -> None:
    done = Event()

    def terminate() -> None:
        chance = random.Random(7)  # noqa: S311 - nothing secret
        with ledger.database.session() as killer:
            while not done.is_set():
                time.sleep(chance.uniform(0.05, 0.2))
                killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    acknowledged = 0
    with ThreadPoolExecutor() as pool:
        killing = pool.submit(terminate)
        for number in range(BATCHES):
            keys = range(number * BATCH, (number + 1) * BATCH)
            batch = [observed(str(key), key) for key in keys]
            while True:  # the same batch, until it is known to be in
                try:
                    ledger.append(batch, blobs=[b"%d" % number])
                except DatabaseUnreachable:
                    continue
                break
            acknowledged += 1
        done.set()
        killing.result()
    assert assert_whole(ledger) == acknowledged == BATCHES


def test_a_backend_terminated_before_its_commit_leaves_nothing(ledger: Ledger) -> None:
    def append_and_be_terminated() -> None:
        with ledger.database.transaction() as connection:
            ledger.append_in(connection, [observed("a", 1)])
            pid = driver(connection).info.backend_pid
            with ledger.database.session() as killer:
                killer.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    with pytest.raises(DatabaseUnreachable):
        append_and_be_terminated()
    assert counted(ledger, "ledger.events") == counted(ledger, "adm.venues") == 0
