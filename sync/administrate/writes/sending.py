"""Sends one change and returns its outcome: confirmed, rejected, or an error.

Where no answer came, it finds again what a creation may have made.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from attrs import evolve, field, frozen

from sync.administrate.answers.conformity import answer_faults
from sync.administrate.answers.reading import Data, at, refuse
from sync.administrate.answers.scalars import wrong_id
from sync.administrate.client import Administrate
from sync.administrate.errors import AdministrateError, Done, Malformed, OperationFailed
from sync.administrate.operations import Operation
from sync.administrate.reads.listings import Record, connected
from sync.administrate.reads.lookups import Records, find_among
from sync.administrate.writes.declaration import Change, Creation, Deletion, WriteRequest

ALREADY_STAFF = "The input Contact already exists as staff on the Event"


@frozen
class FieldError:
    """Administrate's objection to a field of the input."""

    message: str
    label: str = ""
    value: str = ""


@frozen
class Written:
    """A confirmed change. ``id`` is that of the record created, added or changed.

    It is None where the answer names none (a deletion, an addition not listed). A created entity
    that came with errors is created; they are the ``warnings``.
    """

    id: str | None
    record: Record
    warnings: tuple[FieldError, ...]
    body: bytes = field(repr=False)


@frozen
class Refused:
    """A rejected change, with Administrate's reasons.

    ``done`` is NO, or UNKNOWN where an earlier attempt may have made the change, or where a staff
    entry to be added exists and may have been added in part.
    """

    errors: tuple[FieldError, ...]
    done: Done
    body: bytes = field(repr=False)

    @property
    def already_staff(self) -> bool:
        """Whether it was rejected because the contact already has the role."""
        return any(error.message == ALREADY_STAFF for error in self.errors)


Outcome = Written | Refused


@frozen
class _Payload:
    id: str | None
    record: Record
    errors: tuple[FieldError, ...]
    done: Done


def send(client: Administrate, request: WriteRequest, *, in_doubt: bool = False) -> Outcome:
    """Make the change; AdministrateError, with the outcome in ``done``, where no answer decides it.

    ``in_doubt``: an earlier call without an answer may have made it.
    """
    change = request.change
    read = partial(_read_payload, change)
    try:
        answer = client.call(change.operation, request.variables, read, whole=False)
    except OperationFailed as error:
        # The errors may concern what was selected of an entity that was made all the same.
        payload = _partial_payload(change, error.data)
        if payload is None:
            raise
        warning = FieldError(error.said)
        return Written(payload.id, payload.record, (*payload.errors, warning), error.body)
    payload = answer.value
    if payload.done is Done.NO and isinstance(change, Deletion):
        payload = evolve(payload, done=_deleted(client, change, request, payload.errors))
    elif payload.done is Done.NO and (in_doubt or answer.in_doubt):
        payload = evolve(payload, done=Done.UNKNOWN)
    if payload.done is Done.YES:
        return Written(payload.id, payload.record, payload.errors, answer.body)
    return Refused(payload.errors, payload.done, answer.body)


def find_again(client: Administrate, request: WriteRequest) -> Records:
    """What an unanswered creation may have made, by its natural key.

    ValueError for any other change: it is repeated without a search.
    """
    if not isinstance(request.change, Creation):
        raise ValueError(f"{request.operation} is not a creation")
    return request.change.found_again_by(client, request.variables["input"])


def _deleted(
    client: Administrate, change: Deletion, request: WriteRequest, errors: Sequence[FieldError]
) -> Done:
    """Whether a record is gone whose deletion was rejected: by an earlier attempt, or by others.

    Raises ``OperationFailed`` where that cannot be asked.
    """
    [ids] = request.variables["input"].values()
    try:
        listed = {str(one["id"]) for one in find_among(client, change.listing, "id", ids)}
    except AdministrateError as problem:
        why = "; ".join(error.message for error in errors)
        said = f"it was rejected ({why}), and nobody knows whether it was done before: {problem}"
        raise OperationFailed(change.operation, said) from problem
    return Done.YES if listed.isdisjoint(ids) else Done.NO


def _read_payload(change: Change, data: Data) -> _Payload:
    operation = change.operation
    in_entity = _faults_in_entity(change, data)
    payload = at(operation, data, *change.payload)
    entity: Record | None = payload.get(change.entity) if change.entity else None
    # A list of errors that is missing counts as broken only where nothing else tells the outcome.
    errors = _errors(operation, payload, required=entity is None)
    if change.entity is None:
        return _Payload(None, {}, errors, Done.NO if errors else Done.YES)
    if entity is None:
        if not errors:
            raise Malformed(operation, "neither a result nor errors")
        return _Payload(None, {}, errors, Done.NO)
    if change.row is None:
        # That it was made is certain by its id; a record with faults is of no use to anybody.
        record = {} if in_entity else entity
        return _Payload(_id_of(operation, entity), record, errors, Done.YES)
    # The entity is what was added to, so that it is there says nothing; the new row does.
    rows = connected(operation, entity, change.row)
    row_id = _id_of(operation, rows[0]) if rows else None
    return _Payload(row_id, entity, errors, _added(errors, there=bool(rows)))


def _faults_in_entity(change: Change, data: Data) -> bool:
    """Whether a value of the written record is of a wrong type; raises for any other such value."""
    place = (*change.payload, change.entity)
    found = False
    for fault in answer_faults(change.operation, data):
        inside = fault.place[: len(place)] == place and len(fault.place) > len(place)
        if not inside or change.row is not None:
            refuse(change.operation, fault)
        found = True
    return found


def _added(errors: Sequence[FieldError], *, there: bool) -> Done:
    """Whether a staff entry was added, by the errors and by its existence now."""
    if not errors:
        return Done.YES
    if not there:
        return Done.NO
    # It was there before, or only on some of an event's sessions, and was added to the others.
    before = any(error.message == ALREADY_STAFF for error in errors)
    return Done.UNKNOWN if before else Done.YES


def _partial_payload(change: Change, data: object) -> _Payload | None:
    if not isinstance(data, dict) or change.entity is None:
        return None
    try:
        payload = _read_payload(change, data)
    except Malformed:
        return None
    return payload if payload.done is Done.YES and payload.id is not None else None


def _id_of(operation: Operation, entity: Record) -> str:
    found = entity.get("id")
    if not isinstance(found, str) or wrong_id(found):
        raise Malformed(operation, "it was made, but came without its id", done=Done.YES)
    return found


def _errors(operation: Operation, payload: Data, *, required: bool) -> tuple[FieldError, ...]:
    errors = payload.get("errors")
    if errors is None and not required:
        return ()
    if errors is None:
        raise Malformed(operation, "neither a result nor errors")
    return tuple(
        FieldError(*(str(error.get(name) or "") for name in ("message", "label", "value")))
        for error in errors
    )
