"""Errors of the database driver as one line for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from ledger.errors import (
    DatabaseBusy,
    DatabaseError,
    DatabaseUnreachable,
    LockNotGiven,
    NotMigrated,
)

# A table, a schema or a column that is not there.
_LACKING = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedColumn,
)
# The lock was not given in time; of two that waited for each other, this one had to go.
IN_VAIN = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
NO_SESSION = (
    "the database is reached through a pooler that gives no session of one's own (pgbouncer's"
    " pool_mode = transaction or statement), which a run's locks need; set pool_mode = session, or"
    " name the server itself"
)
_ADVICE: Mapping[type[psycopg.Error], str] = {
    psycopg.errors.InsufficientPrivilege: (
        "; grant the role what it needs with admsync migrate --grant ROLE, run by the owner"
    ),
    psycopg.errors.ReadOnlySqlTransaction: (
        "; the server is a standby, or default_transaction_read_only is on: name the primary, or"
        " set it off for the role"
    ),
    psycopg.errors.CheckViolation: (
        "; admsync writes other values there than the constraint allows, such as blended for"
        " BLENDED: drop or widen it, and do the same again"
    ),
}


@contextmanager
def translated_errors(named_by: str = "DATABASE_URL") -> Iterator[None]:
    """Translates errors of the driver to one line for a person; passes the program's own on.

    ``named_by`` is the setting to look at where the database cannot be reached.
    """
    try:
        yield
    except psycopg.Error as problem:
        raise _explained(problem, named_by) from problem


def _passes(problem: psycopg.Error) -> bool:
    """Whether the same may succeed later: a deadlock, too little room, a lock or time not given."""
    state = problem.sqlstate or ""
    return state[:2] in ("40", "53") or state in ("55P03", "57014")


def _explained(problem: psycopg.Error, named_by: str) -> Exception:
    if isinstance(problem, _LACKING):
        lacking = line_of(problem)
        return NotMigrated(
            f"the database lacks what admsync keeps there ({lacking}); run: admsync migrate"
        )
    if "statement pooling" in line_of(problem):
        return DatabaseError(NO_SESSION)
    if _lost(problem):
        return DatabaseUnreachable(
            f"the database cannot be reached: {line_of(problem)}; see {named_by}"
        )
    if isinstance(problem, IN_VAIN):
        return LockNotGiven(line_of(problem))
    if _passes(problem):
        return DatabaseBusy(f"the database could not do it now: {line_of(problem)}")
    advice = next((text for kind, text in _ADVICE.items() if isinstance(problem, kind)), "")
    if isinstance(problem, psycopg.errors.InsufficientPrivilege) and problem.diag.context:
        function = problem.diag.context.splitlines()[-1]
        advice = (
            f", in {function}; its owner has to grant the role that, or make it SECURITY DEFINER"
        )
    return DatabaseError(f"the database refuses: {line_of(problem)}{advice}")


def _lost(problem: psycopg.Error) -> bool:
    """Whether there is no connection, or none any more."""
    if isinstance(problem, psycopg.errors.AdminShutdown | psycopg.errors.CrashShutdown):
        return True
    state = problem.sqlstate
    return isinstance(problem, psycopg.OperationalError) and (state is None or state[:2] == "08")


def line_of(problem: psycopg.Error) -> str:
    """What the server says, in one line."""
    text = problem.diag.message_primary or str(problem)
    if isinstance(problem, psycopg.errors.UniqueViolation):
        # Which value it is: somebody has to give it up. No unique column of ours names a person.
        text += f": {problem.diag.message_detail}"
    hint = f" ({problem.diag.message_hint})" if problem.diag.message_hint else ""
    return " ".join(text.split()) + hint
