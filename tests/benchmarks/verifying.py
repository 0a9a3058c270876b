"""Verifying the chain in the database, against hashing the same bytes in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ledger.database.connection import driver
from ledger.store.ledger import Ledger
from ledger.store.read import read
from ledger.verify.verify import verify_chain
from tests.benchmarks import venues
from tests.benchmarks.measure import Bench, Contender, Line, race

_VERIFY, _HASH = "verify", "hashing in memory"


def lines(bench: Bench) -> Iterator[Line]:
    """One line."""
    count = bench.size(20_000, 200)
    with bench.database() as database:
        ledger = Ledger(database, actor=venues.ACTOR, projectors=())
        for start in range(0, count, 1000):
            ledger.append(venues.entries(start, min(1000, count)), run_id=venues.RUN)
        with database.transaction() as connection:
            texts = [event.hashed_bytes() for event in read(driver(connection))]

        def verify() -> None:
            assert verify_chain(database).ok

        def hash_all() -> None:
            root = hashlib.sha256()
            for text in texts:
                root.update(hashlib.sha256(text).digest())

        contenders: dict[str, Contender[None]] = {
            _VERIFY: lambda _: verify,
            _HASH: lambda _: hash_all,
        }
        run = race(contenders, lambda _: None, each=count, rounds=2, samples=bench.samples)
    yield run.line(f"{_VERIFY} {count:,}", _VERIFY, _HASH)
