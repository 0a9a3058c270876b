"""Notifications of syncs: of one that failed, of the first done after it, of new discrepancies.

They go to the addresses of ``ADMSYNC_NOTIFY``, through Apprise. Counts and commands are told, no
name of a record: a chat is not the company's own. What cannot be sent is told, and fails no run.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from attrs import define, frozen

from ledger.database.connection import Database
from ledger.errors import AdmsyncError, SettingsError
from ledger.masking import keep_service, without_secrets
from ledger.output.lines import complain
from ledger.output.words import several
from ledger.runs.states import states_of
from ledger.runs.streak import not_done_in_a_row
from ledger.settings.environment import NOTIFY, Environment, environment

if TYPE_CHECKING:
    from apprise import NotifyBase

# Seconds that each address is given.
_LONGEST = 10.0


@frozen
class Notification:
    """What is told: ``failure`` or not, a title, and a text."""

    failure: bool
    title: str
    text: str


@contextmanager
def told_of_failure(command: str) -> Iterator[None]:
    """Tells of whatever ends a command otherwise than well, and raises it again."""
    try:
        yield
    except (KeyboardInterrupt, Exception) as problem:
        why = str(problem) if isinstance(problem, AdmsyncError) else type(problem).__name__
        notify([Notification(failure=True, title=f"{command} failed", text=without_secrets(why))])
        raise


def notify_of_end(database: Database, run_id: UUID) -> None:
    """Tells what is to be told of a sync that is done: that it is the first after one that was
    not, and how many discrepancies it found."""
    try:
        if not environment().with_secrets([NOTIFY]).get(NOTIFY.name):
            return
        with database.driver_transaction() as connection:
            told = [*_recovered(connection, run_id), *_found(connection, run_id)]
    except AdmsyncError as problem:
        complain(f"no notification was sent: {problem}")
        return
    notify(told)


def notify(told: Sequence[Notification]) -> None:
    """Sends notifications, each to every address; raises nothing."""
    if not told:
        return
    try:
        services = services_of(environment())
    except AdmsyncError as problem:
        complain(f"no notification was sent: {problem}")
        return
    for number, service in enumerate(services, 1):
        for one in told:
            if (why := _sent(service, one)) is not None:
                to = f"address {number} of {NOTIFY.name} ({service.service_name})"
                complain(f"a notification was not sent to {to}: {why}")


def services_of(environ: Mapping[str, str]) -> list[NotifyBase]:
    """The services whose addresses are set. ``SettingsError`` where one is no address."""
    given = Environment.of(environ).with_secrets([NOTIFY]).get(NOTIFY.name, "")
    if not given:
        return []
    import apprise  # noqa: PLC0415 - it takes its time, and most never set it
    from apprise.utils.parse import parse_urls  # noqa: PLC0415 - the same

    services = []
    for number, address in enumerate(parse_urls(given) or [given], 1):  # type: ignore[no-untyped-call]
        keep_service(address)
        service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
        if service is None:
            raise SettingsError(
                f"{NOTIFY.name}: its address {number} is none that Apprise knows; see"
                " https://github.com/caronc/apprise/wiki"
            )
        services.append(service)
    return services


def _recovered(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[Notification]:
    run = states_of(connection, [run_id])[run_id]
    [(resumed,)] = connection.execute(
        "SELECT EXISTS (SELECT FROM ledger.events WHERE run_id = %s AND type = 'RunResumed')",
        (run_id,),
    ).fetchall()
    streak = not_done_in_a_row(connection, run.command, run.first_position)
    if resumed or streak:
        before = f" Before it, {streak}." if streak else ""
        yield Notification(
            failure=False,
            title=f"{run.command} is done again",
            text=f"Run {run_id} is done.{before}",
        )


def _found(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[Notification]:
    [(new,)] = connection.execute(
        "SELECT count(*) FROM ledger.discrepancies WHERE first_run = %s", (run_id,)
    ).fetchall()
    if new:
        yield Notification(
            failure=False,
            title=f"{new:,} new {several(new, 'discrepancy', 'discrepancies')}",
            text=f"Found by run {run_id}. Decide: admsync discrepancies --new",
        )


@define
class _Sending:
    service: NotifyBase
    told: Notification
    why: str | None = "it gave no reason"

    def run(self) -> None:
        import apprise  # noqa: PLC0415 - loaded before

        kind = apprise.NotifyType.FAILURE if self.told.failure else apprise.NotifyType.INFO
        with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
            try:
                done = self.service.notify(
                    title=f"admsync on {socket.gethostname()}: {self.told.title}",
                    body=self.told.text,
                    notify_type=kind,
                    body_format=apprise.NotifyFormat.TEXT,
                )
            except Exception as problem:  # noqa: BLE001 - of whichever service it is
                self.why = type(problem).__name__
                return
            lines = said.getvalue().split("\n")
        self.why = None if done else next(filter(None, lines), self.why)


def _sent(service: NotifyBase, told: Notification) -> str | None:
    """Sends one, in its time; returns why it was not sent, or None."""
    sending = _Sending(service, told)
    # A server that answers a byte at a time keeps no run waiting.
    thread = Thread(target=sending.run, daemon=True)
    thread.start()
    thread.join(_LONGEST)
    return f"no answer within {_LONGEST:.0f} seconds" if thread.is_alive() else sending.why
