"""Writing to Administrate without doubling: requested, sent, answered, each step in the ledger.

Administrate offers no idempotency key. So the request is committed before it is sent, and what came
back after. Where no answer came, what the request would have made is sought by its natural key:
found once, it is adopted; found twice, a person has to say. Not found, it is sent again: in the
same run where the connection was closed, whose work is soon done and to be seen if it was begun;
else when the run is resumed. An update is sent again without a look, since doing it twice is doing
it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from ledger.events import (
    Event,
    WriteAdopted,
    WriteAnswered,
    WriteDisputed,
    WriteRequested,
    WriteUnanswered,
)
from ledger.runs.run import Run
from ledger.store.blobs import blob_digest
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Fields, Personal
from sync.administrate.changes import find_again
from sync.administrate.client import Administrate
from sync.administrate.errors import AdministrateError, ConnectionClosed, Done, Kind
from sync.administrate.listings import Record
from sync.administrate.lookups import Records
from sync.administrate.writes import FieldError, Refused, WriteRequest, Written, send

# Seconds before each look for what a closed connection left: the server may still be at work.
LOOKS_AFTER = (2.0, 5.0)
# How often a creation is sent in one run where the connection is closed each time.
SENDS = 3
_WRITE_EVENTS = (WriteRequested, WriteAnswered, WriteUnanswered, WriteAdopted, WriteDisputed)
# Where a request's variables name a person.
_PERSONAL = {"firstName", "lastName", "middleName"}


@frozen
class Settled:
    """What became of a write.

    ``id`` is that of what was made or changed; ``None`` where it was refused or is in dispute, and
    for a change whose answer names none. ``errors`` says why it was refused, or of what
    Administrate warned. ``disputed`` are the ids a person has to choose from. ``record`` is what
    was just answered or found, empty where it was done before an interruption.
    """

    done: bool
    id: str | None = None
    errors: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    record: Record = field(factory=dict, eq=False, repr=False)


@frozen
class _Known:
    """What the ledger says of a slot: its last request's position, and how that was settled."""

    request: int
    unanswered: bool
    settled: Settled | None


@define
class Writer:
    """Makes changes for one run; safe to share among its threads, each with slots of its own."""

    run: Run
    client: Administrate
    known: dict[str, _Known] = field(factory=dict)

    @classmethod
    def of(cls, run: Run, client: Administrate) -> Writer:
        """The writer of a run, knowing what the run has written before it was interrupted."""
        return cls(run, client, _known_writes(run.ledger, run.run_id))

    def write(self, request: WriteRequest, *, about: str, slot: str) -> Settled:
        """Makes the change, once, whatever happened before; ``slot`` names it within the run.

        What was refused before is asked again. Raises ``AdministrateError`` where it could not be
        done, or not be found out; then the same call after a resume goes on from there.
        """
        named = {"about": about, "slot": slot, "operation": request.operation}
        before = self.known.get(slot)
        if before is not None and before.settled is not None and before.settled.done:
            return before.settled
        if before is None or not before.unanswered:
            return self._send(request, named)
        if request.kind is not Kind.CREATE:
            return self._send(request, named, before.request, in_doubt=True)
        found = self._look(request, named, before.request)
        return found or self._send(request, named, before.request)

    def was_asked(self, slot: str) -> bool:
        """Whether the write of that slot was ever asked for, whatever became of it."""
        return slot in self.known

    def is_done(self, slot: str) -> bool:
        """Whether the write of that slot was made, so that asking for it again costs nothing."""
        known = self.known.get(slot)
        return known is not None and known.settled is not None and known.settled.done

    def _send(
        self,
        request: WriteRequest,
        named: dict[str, str],
        again: int | None = None,
        *,
        in_doubt: bool = False,
        sends: int = 1,
    ) -> Settled:
        """Sends the request; ``again`` is the position of one that went unanswered, in whose place
        it comes, ``in_doubt`` whether that one may have made the change. It is the run's
        ``sends``-th try."""
        self.run.stop.check()
        variables = _kept_apart(dict(request.variables))
        asked = WriteRequested(**named, variables=variables)
        [position] = self.run.append(asked, cause=again).positions
        try:
            outcome = send(self.client, request, in_doubt=in_doubt)
        except AdministrateError as error:
            error.ended(error.attempts, in_doubt=in_doubt)
            self.run.append(_unanswered(named, error), cause=position)
            self.known[named["slot"]] = _Known(position, error.done is not Done.NO, None)
            if error.done is Done.NO or request.kind is not Kind.CREATE:
                raise
            closed = isinstance(error, ConnectionClosed)
            found = self._look(request, named, position, LOOKS_AFTER if closed else (0.0,))
            if found is not None:
                return found
            if not closed or sends == SENDS:
                raise
            return self._send(request, named, position, sends=sends + 1)
        match outcome:
            case Written(id=made, warnings=errors, record=record):
                answer = "written"
                settled = Settled(
                    done=True, id=made, errors=tuple(map(_told, errors)), record=record
                )
            case Refused(errors=errors):
                # The contact has the place already: what was asked for is so.
                answer = "standing" if outcome.already_staff else "refused"
                settled = Settled(outcome.already_staff, errors=tuple(map(_told, errors)))
        answered = WriteAnswered(
            **named,
            outcome=answer,
            id=settled.id,
            errors=settled.errors,
            digest=blob_digest(outcome.body).hex(),
        )
        self.run.append(answered, cause=position, blobs=[outcome.body])
        return self._settle(named, position, settled)

    def _look(
        self,
        request: WriteRequest,
        named: dict[str, str],
        position: int,
        after: Sequence[float] = (0.0,),
    ) -> Settled | None:
        """What an unanswered creation made, sought ``after`` so many seconds each time; ``None``
        where it made nothing."""
        records: Records = ()
        for seconds in after:
            if seconds:
                self.client.pause(seconds)
            if records := find_again(self.client, request):
                break
        found = tuple(str(record["id"]) for record in records)
        if not found:
            return None
        if len(found) > 1:
            self.run.append(WriteDisputed(**named, ids=found), cause=position)
            return self._settle(named, position, Settled(done=False, disputed=found))
        self.run.append(WriteAdopted(**named, id=found[0]), cause=position)
        adopted = Settled(done=True, id=found[0], record=records[0])
        return self._settle(named, position, adopted)

    def _settle(self, named: dict[str, str], position: int, settled: Settled) -> Settled:
        self.known[named["slot"]] = _Known(position, bool(settled.disputed), settled)
        return settled


def _known_writes(ledger: Ledger, run_id: UUID) -> dict[str, _Known]:
    known: dict[str, _Known] = {}
    types = [kind.__name__ for kind in _WRITE_EVENTS]
    for recorded in ledger.read(Selection(run_id=run_id, types=types)):
        event, request = recorded.event, recorded.cause or 0
        match event:
            case WriteRequested(slot=slot):
                known[slot] = _Known(recorded.position, unanswered=True, settled=None)
            case WriteAnswered(slot=slot):
                settled = Settled(event.outcome != "refused", event.id, event.errors)
                known[slot] = _Known(request, unanswered=False, settled=settled)
            case WriteUnanswered(slot=slot):
                unknown = event.done != Done.NO.value
                known[slot] = _Known(request, unanswered=unknown, settled=None)
            case WriteAdopted(slot=slot):
                settled = Settled(done=True, id=event.id)
                known[slot] = _Known(request, unanswered=False, settled=settled)
            case WriteDisputed(slot=slot):
                settled = Settled(done=False, disputed=event.ids)
                known[slot] = _Known(request, unanswered=True, settled=settled)
    return known


def _unanswered(named: dict[str, str], error: AdministrateError) -> Event:
    return WriteUnanswered(
        **named, kind=type(error).__name__, done=error.done.value, said=error.said
    )


def _told(error: FieldError) -> str:
    where = f"{error.label}: " if error.label else ""
    value = f" ({error.value})" if error.value else ""
    return f"{where}{error.message}{value}"


def _kept_apart(value: Any) -> Fields:
    """The variables as an event holds them: what names a person is personal."""
    return {
        name: Personal(str(item))
        if name in _PERSONAL and item is not None
        else _kept_apart(item)
        if isinstance(item, dict)
        else item
        for name, item in value.items()
    }
