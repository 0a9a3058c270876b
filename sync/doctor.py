"""The doctor: checks everything a nightly run needs; each failure says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import define, evolve, field, frozen
from sqlalchemy import text

from ledger.database.builtin import widened
from ledger.database.connection import Database, driver, open_database
from ledger.database.settings import DatabaseSettings
from ledger.errors import AdmsyncError
from ledger.migrations.migrate import shortcomings
from ledger.migrations.placement import table_placements
from ledger.migrations.privileges import missing_privileges, missing_to_migrate, read_only
from ledger.migrations.schema_version import is_current, require_current
from ledger.runs.states import unfinished_runs
from ledger.store.append import head
from ledger.verify.verify import verify_chain
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.reads.lookups import viewer
from sync.administrate.settings import AdministrateSettings

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
    """Runs the checks one after another, lazily. A check whose precondition failed is left out."""
    yield from _Examination(environ).checks()


@define
class _Examination:
    environ: Mapping[str, str]
    database: Database | None = field(init=False, default=None)

    def checks(self) -> Iterator[Check]:
        try:
            yield from self._of_the_database()
            settings = _check("Administrate's settings", self._settings)
            yield settings
            if settings.ok:
                yield _check("Administrate", self._administrate)
        finally:
            if self.database is not None:
                self.database.close()

    def _of_the_database(self) -> Iterator[Check]:
        yield _check("database", self._reach)
        if self.database is None:
            return
        wrong = self._widened()
        if wrong is not None:
            yield Check("data directory", ok=False, said=wrong)
        schema = _check("schema", self._schema)
        yield schema
        yield _check("writing", self._writing)
        if schema.ok:
            yield _check("ledger", self._ledger)
            yield _check("unfinished work", self._unfinished)

    def _reach(self) -> str:
        settings = DatabaseSettings.from_environment(self.environ)
        self.database = open_database(settings)
        with self.database.transaction() as connection:
            version = driver(connection).info.server_version // 10000
            name = driver(connection).info.dbname
        if settings.builtin:
            whose = f"the built-in one, under {settings.data_dir}, since no setting names another"
        else:
            whose = f"{name}, as {settings.named_by} names it"
        return f"PostgreSQL {version}, {whose}"

    def _widened(self) -> str | None:
        settings = DatabaseSettings.from_environment(self.environ)
        return widened(settings.data_dir) if settings.builtin else None

    def _schema(self) -> str:
        database = self._reached()
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
        return "current, every table in its place"

    def _writing(self) -> str:
        database = self._reached()
        migrated = is_current(database)
        with database.transaction() as connection:
            reached = driver(connection)
            if (why := read_only(reached)) is not None:
                raise CheckFailed(why)
            missing = missing_privileges(reached) if migrated else missing_to_migrate(reached)
            role = connection.scalar(text("SELECT current_user"))
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        lacks = f"the role {role} lacks {'; '.join(missing[:3])}{more}"
        if missing and migrated:
            raise CheckFailed(
                f"{lacks}; grant them with admsync migrate --grant {role}, run by the owner"
            )
        if missing:
            raise CheckFailed(
                f"{lacks}, so it cannot migrate the database; let the owner of its tables run:"
                f" admsync migrate --grant {role}"
            )
        return f"a run can write, as {role}"

    def _ledger(self) -> str:
        database = self._reached()
        chain = verify_chain(database)
        if not chain.ok:
            first = chain.findings[0]
            raise CheckFailed(f"{first.where}: {first.what}; see: admsync verify")
        with database.transaction() as connection:
            position, _ = head(driver(connection))
        return f"whole, {position} events"

    def _unfinished(self) -> str:
        with self._reached().driver_transaction() as connection:
            waiting = unfinished_runs(connection)
        if waiting:
            newest = waiting[0]
            raise CheckFailed(
                f"{newest.command} is unfinished; go on with: admsync resume {newest.run_id}"
            )
        return "none"

    def _settings(self) -> str:
        AdministrateSettings.from_environment(self.environ)
        return "complete"

    def _administrate(self) -> str:
        settings = AdministrateSettings.from_environment(self.environ)
        # A person is waiting: after two attempts it is reported as unreachable.
        brief = evolve(settings, retries=_IMPATIENT)
        counted = None if self.database is None else CallReservations(self.database)
        with Administrate(brief, reservations=counted) as client:
            return f"reached, as {viewer(client)}"

    def _reached(self) -> Database:
        if self.database is None:
            raise CheckFailed("the database was not reached")
        return self.database


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, said=look())
    except AdmsyncError as problem:
        return Check(name, ok=False, said=" ".join(str(problem).split()))
