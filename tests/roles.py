"""Roles of a test's own, dropped with all that they were granted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from ledger.database.connection import Database
from ledger.migrations.migrate import grant


@contextmanager
def login_role(url: str) -> Iterator[str]:
    """The URL of the database for a role that nothing was granted."""
    name = f"admsync_test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'plain'".encode())
        try:
            own = make_url(url).set(username=name, password="plain")
            yield own.render_as_string(hide_password=False)
        finally:
            owner.execute(f"DROP OWNED BY {name}".encode())
            owner.execute(f"DROP ROLE {name}".encode())


@contextmanager
def granted_role(database: Database, url: str) -> Iterator[str]:
    """The URL of the database for a role that ``migrate --grant`` gave what the program needs."""
    with login_role(url) as own:
        grant(database, role_name(own))
        yield own


def role_name(url: str) -> str:
    """The role that a URL is for."""
    name = make_url(url).username
    assert name
    return name
