"""The checks of ``admsync doctor``: what a nightly run needs, each failure with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from attrs import evolve, frozen

from ledger.database.builtin import opened_by_older_version
from ledger.database.connection import Database, open_database
from ledger.database.settings import DatabaseSettings
from ledger.errors import AdmsyncError
from ledger.migrations.migrate import shortcomings
from ledger.migrations.placement import table_placements
from ledger.migrations.privileges import missing_privileges, missing_to_migrate, read_only
from ledger.migrations.protection import changed_protection
from ledger.migrations.schema_version import CURRENT, require_current, schema_version
from ledger.output.words import counted
from ledger.runs.states import unfinished_runs
from ledger.settings.environment import NOTIFY
from ledger.store.append import head
from ledger.verify.anchors import UNPROVEN, Anchors, why_none
from ledger.verify.verify import verify_chain
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.reads.lookups import viewer
from sync.administrate.settings import AdministrateSettings
from sync.reports.notifications import services_of

_IMPATIENT = RetryBudget(attempts=2, longest_wait=5.0, longest_retry_after=5.0)


class CheckFailed(AdmsyncError):
    """A failed check; the message names the problem and its remedy."""


@frozen
class Check:
    """A check's result. ``said`` is the result, or the problem with its remedy."""

    name: str
    ok: bool
    said: str


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Runs the checks one after another, lazily; none whose precondition failed."""
    with ExitStack() as connections:
        databases: list[Database] = []

        def connected() -> str:
            settings = DatabaseSettings.from_environment(environ)
            database = open_database(settings)
            connections.callback(database.close)
            databases.append(database)
            return _server(database, settings)

        yield _check("database", connected)
        for database in databases:
            yield from _database_checks(database, environ)
        settings = _check("Administrate's settings", lambda: _complete(environ))
        yield settings
        if settings.ok:
            yield _check("Administrate", lambda: _administrate(environ, *databases))
        if any(environ.get(name) for name in (NOTIFY.name, NOTIFY.of_file)):
            yield _check("notifications", lambda: _notifications(environ))


def _check(name: str, state: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, said=state())
    except AdmsyncError as problem:
        return Check(name, ok=False, said=" ".join(str(problem).split()))


def _database_checks(database: Database, environ: Mapping[str, str]) -> Iterator[Check]:
    settings = DatabaseSettings.from_environment(environ)
    opened = opened_by_older_version(settings.data_dir) if settings.builtin else None
    if opened is not None:
        yield Check("data directory", ok=False, said=opened)
    schema = _check("schema", lambda: _schema(database))
    yield schema
    yield _check("writing", lambda: _writing(database))
    if schema.ok:
        yield _check("protection", lambda: _protection(database))
        yield _check("ledger", lambda: _ledger(database, environ))
        yield _check("unfinished work", lambda: _unfinished(database))


def _server(database: Database, settings: DatabaseSettings) -> str:
    with database.driver_transaction() as connection:
        version, name = connection.info.server_version // 10000, connection.info.dbname
    if settings.builtin:
        return (
            f"PostgreSQL {version}, the built-in one, under {settings.data_dir}, since no setting"
            " names another"
        )
    return f"PostgreSQL {version}, {name}, as {settings.named_by} names it"


def _schema(database: Database) -> str:
    require_current(database)
    with database.transaction() as connection:
        wrong = [one for one in table_placements(connection) if one.state != "in place"]
    if wrong:
        raise CheckFailed(
            f"{wrong[0].table} is {wrong[0].state}; see: admsync verify-schema-placement"
        )
    lacks = shortcomings(database)
    if lacks:
        raise CheckFailed("; ".join(lacks))
    return f"version {CURRENT}, every table in its schema"


def _writing(database: Database) -> str:
    with database.driver_transaction() as connection:
        migrated = schema_version(connection) == CURRENT
        if (reason := read_only(connection)) is not None:
            raise CheckFailed(reason)
        missing = missing_privileges(connection) if migrated else missing_to_migrate(connection)
        [(role,)] = connection.execute("SELECT current_user").fetchall()
    if not missing:
        return f"a run can write, as {role}"
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    remedy = (
        f"; grant them with admsync migrate --grant {role}, run by the owner"
        if migrated
        else ", so it cannot migrate the database; let the owner of its tables run:"
        f" admsync migrate --grant {role}"
    )
    raise CheckFailed(f"the role {role} lacks {'; '.join(missing[:3])}{more}{remedy}")


def _protection(database: Database) -> str:
    with database.driver_transaction() as connection:
        changed = changed_protection(connection)
    if changed:
        raise CheckFailed(
            f"{'; '.join(changed)}; let the owner put it right and see: admsync verify"
        )
    return "triggers and ledger.append are as migrated"


def _ledger(database: Database, environ: Mapping[str, str]) -> str:
    anchors = Anchors.of(environ)
    chain = verify_chain(database, anchors=anchors)
    if not chain.ok:
        first = (*chain.findings, *chain.unreadable)[0]
        raise CheckFailed(f"{first.where}: {first.what}; see: admsync verify")
    with database.driver_transaction() as connection:
        position, _ = head(connection)
    return f"whole, {counted(position, 'event')}; {_outside(anchors, environ)}"


def _outside(anchors: Anchors | None, environ: Mapping[str, str]) -> str:
    if anchors is None:
        return f"{UNPROVEN}; {why_none(environ)}"
    torn = anchors.torn_in_words()
    return f"with {counted(anchors.checked, 'head')} noted outside{torn and f'; {torn}'}"


def _unfinished(database: Database) -> str:
    with database.driver_transaction() as connection:
        runs = unfinished_runs(connection)
    if runs:
        raise CheckFailed(
            f"{runs[0].command} is unfinished; go on with: admsync resume {runs[0].run_id}"
        )
    return "none"


def _notifications(environ: Mapping[str, str]) -> str:
    return ", ".join(str(one.service_name) for one in services_of(environ))


def _complete(environ: Mapping[str, str]) -> str:
    AdministrateSettings.from_environment(environ)
    return "complete"


def _administrate(environ: Mapping[str, str], database: Database | None = None) -> str:
    # A person is waiting: after two attempts it is reported as unreachable.
    settings = evolve(AdministrateSettings.from_environment(environ), retries=_IMPATIENT)
    reservations = None if database is None else CallReservations(database)
    with Administrate(settings, reservations=reservations) as client:
        return f"reached, as {viewer(client)}"
