"""Writes to Administrate without duplicates: requested, sent, answered, each step an event.

Administrate has no idempotency key. So the request is committed before it is sent, and the answer
after. Without an answer, the record is searched by its natural key: found once, it is adopted;
found twice, a person decides; not found, it is sent again: in the same run where the connection was
closed, since its work is soon done and visible if it was begun; else when the run is resumed. An
update is sent again without a search, since repeating it changes nothing. Where what is sent again
is refused, the refusal says nothing of the attempt before: a creation is searched once more, of an
update it stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

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
from ledger.values import Fields, Personal
from sync.administrate.client import Administrate
from sync.administrate.errors import AdministrateError, ConnectionClosed, Done
from sync.administrate.operations import Kind
from sync.administrate.reads.listings import Record
from sync.administrate.reads.lookups import Records
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.sending import FieldError, Refused, Written, find_again, send
from sync.writing.slots import Slot, WriteOutcome, known_writes

# Seconds before each search after a closed connection: the server may still be at work.
LOOKS_AFTER = (2.0, 5.0)
# How often a creation is sent in one run where the connection is closed each time.
SENDS = 3
# Where a request's variables name a person.
_PERSONAL = {"firstName", "lastName", "middleName"}


# The events that follow from a confirmed write, by the id and the record of its answer.
Follows: TypeAlias = Callable[[str, Record], Iterable[Event]]


def nothing(_id: str, _record: Record) -> tuple[Event, ...]:
    """Of a write from which no event follows."""
    return ()


@frozen
class Created:
    """The result of one record's creation."""

    label: str
    outcome: WriteOutcome


@define
class Writer:
    """Makes a run's changes; safe to share among threads with different slots."""

    run: Run
    client: Administrate
    known: dict[str, Slot] = field(factory=dict)

    @classmethod
    def of(cls, run: Run, client: Administrate) -> Writer:
        """The writer of a run, with the run's writes before an interruption."""
        return cls(run, client, known_writes(run.ledger, run.run_id))

    def write(
        self, request: WriteRequest, *, about: str, slot: str, follows: Follows = nothing
    ) -> WriteOutcome:
        """Makes the change once, whatever happened before; ``slot`` identifies it within the run.

        ``follows`` gives the events that follow from an answer's id and record; they are appended
        with it, and from a write without an answer nothing follows. A refused write is sent again.
        Raises ``AdministrateError`` where the change failed or its outcome is unknown; the same
        call after a resume continues.
        """
        named = {"about": about, "slot": slot, "operation": request.operation}
        before = self.known.get(slot)
        if before is not None and before.outcome is not None and before.outcome.done:
            return before.outcome
        if before is None or not before.in_doubt:
            return self._send(request, named, follows=follows)
        if request.kind is not Kind.CREATE:
            return self._send(request, named, before.request, in_doubt=True, follows=follows)
        found = self._look(request, named, before.request)
        return found or self._send(request, named, before.request, follows=follows)

    def was_requested(self, slot: str) -> bool:
        """Whether that slot's write was ever requested, whatever its outcome."""
        return slot in self.known

    def may_be_done(self, slot: str) -> bool:
        """Whether that slot's write is confirmed, or unknown."""
        known = self.known.get(slot)
        return known is not None and (known.in_doubt or self.is_done(slot))

    def is_done(self, slot: str) -> bool:
        """Whether that slot's write is confirmed; repeating it sends nothing."""
        known = self.known.get(slot)
        return known is not None and known.outcome is not None and known.outcome.done

    def id_of(self, slot: str) -> str | None:
        """The id of the record that a confirmed write made or changed."""
        known = self.known.get(slot)
        return None if known is None or known.outcome is None else known.outcome.id

    def is_refused(self, slot: str) -> bool:
        """Whether Administrate refused that slot's write, the last time it was sent."""
        known = self.known.get(slot)
        return known is not None and known.outcome is not None and not known.outcome.done

    def _send(
        self,
        request: WriteRequest,
        named: dict[str, str],
        again: int | None = None,
        *,
        in_doubt: bool = False,
        sends: int = 1,
        follows: Follows = nothing,
    ) -> WriteOutcome:
        """Sends the request; ``again`` is the position of the unanswered one it replaces,
        ``in_doubt`` whether that one may have made the change. It is the run's ``sends``-th try."""
        self.run.stop.check()
        variables = _kept_apart(dict(request.variables))
        requested = WriteRequested(**named, variables=variables)
        [position] = self.run.append(requested, cause=again).positions
        try:
            reply = send(self.client, request, in_doubt=in_doubt)
        except AdministrateError as error:
            error.ended(error.attempts, in_doubt=in_doubt)
            self.run.append(_unanswered(named, error), cause=position)
            self.known[named["slot"]] = Slot(position, error.done is not Done.NO, None)
            if error.done is Done.NO or request.kind is not Kind.CREATE:
                raise
            closed = isinstance(error, ConnectionClosed)
            found = self._look(request, named, position, LOOKS_AFTER if closed else (0.0,))
            if found is not None:
                return found
            if not closed or sends == SENDS:
                raise
            return self._send(request, named, position, sends=sends + 1, follows=follows)
        outcome = _outcome_of(reply)
        if not outcome.done and again is not None and request.kind is Kind.CREATE:
            # The server may have been at work on the attempt before until after the search.
            found = self._look(request, named, position)
            if found is not None:
                return found
        agreed = follows(outcome.id, outcome.record) if outcome.id and outcome.record else ()
        answered = _answered(named, reply, outcome)
        self.run.append(answered, *agreed, cause=position, blobs=[reply.body])
        return self._conclude(named, position, outcome)

    def _look(
        self,
        request: WriteRequest,
        named: dict[str, str],
        position: int,
        after: Sequence[float] = (0.0,),
    ) -> WriteOutcome | None:
        """Searches the record of an unanswered creation, ``after`` so many seconds each time;
        ``None`` where nothing was created."""
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
            return self._conclude(named, position, WriteOutcome(done=False, disputed=found))
        self.run.append(WriteAdopted(**named, id=found[0]), cause=position)
        adopted = WriteOutcome(done=True, id=found[0], record=records[0])
        return self._conclude(named, position, adopted)

    def _conclude(
        self, named: dict[str, str], position: int, outcome: WriteOutcome
    ) -> WriteOutcome:
        in_doubt = outcome.in_doubt or bool(outcome.disputed)
        self.known[named["slot"]] = Slot(position, in_doubt, outcome)
        return outcome


def _outcome_of(reply: Written | Refused) -> WriteOutcome:
    match reply:
        case Written(id=changed, warnings=errors, record=record):
            lines = tuple(map(_error_line, errors))
            return WriteOutcome(done=True, id=changed, errors=lines, record=record)
        case Refused(errors=errors, already_staff=already_staff):
            # Where the contact already has the role, the request is fulfilled.
            return WriteOutcome(
                done=already_staff,
                errors=tuple(map(_error_line, errors)),
                in_doubt=not already_staff and reply.done is not Done.NO,
            )


def _answered(
    named: dict[str, str], reply: Written | Refused, outcome: WriteOutcome
) -> WriteAnswered:
    refusal = "standing" if outcome.done else "refused"
    return WriteAnswered(
        **named,
        outcome="written" if isinstance(reply, Written) else refusal,
        id=outcome.id,
        errors=outcome.errors,
        digest=blob_digest(reply.body).hex(),
        in_doubt=outcome.in_doubt,
    )


def _unanswered(named: dict[str, str], error: AdministrateError) -> Event:
    return WriteUnanswered(
        **named, kind=type(error).__name__, done=error.done.value, said=error.said
    )


def _error_line(error: FieldError) -> str:
    where = f"{error.label}: " if error.label else ""
    value = f" ({error.value})" if error.value else ""
    return f"{where}{error.message}{value}"


def _kept_apart(value: Any) -> Fields:
    """The variables as stored in an event, with personal values marked."""
    return {
        name: Personal(str(item))
        if name in _PERSONAL and item is not None
        else _kept_apart(item)
        if isinstance(item, dict)
        else item
        for name, item in value.items()
    }
