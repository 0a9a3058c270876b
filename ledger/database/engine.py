"""SQLAlchemy on a database, loaded where something first needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy.exc import DBAPIError


def engine_on(connect: Callable[[], psycopg.Connection[Any]]) -> sqlalchemy.Engine:
    """An engine whose connections are made by ``connect``."""
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        pool_pre_ping=True,
        # What is bound to a statement may name a person; no error or log quotes it.
        hide_parameters=True,
    )

    @sqlalchemy.event.listens_for(engine, "do_connect")
    def connected(*_asked: object) -> psycopg.Connection[Any]:
        return connect()

    return engine


@contextmanager
def driver_errors() -> Iterator[None]:
    """Raises what the driver raised where SQLAlchemy raises an error of its own for it."""
    try:
        yield
    except DBAPIError as problem:
        if isinstance(problem.orig, psycopg.Error):
            raise problem.orig from problem
        raise
