"""Sends one change and returns its outcome: written, refused, or an error.

A change is first a value, ``WriteRequest``, which a ledger can hold before it is sent and bring
back afterwards. One request carries one change: two would lose each other's results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from sync.administrate.answers.conformity import answer_faults
from sync.administrate.answers.reading import Data, at, refuse
from sync.administrate.answers.scalars import wrong_id
from sync.administrate.client import Administrate
from sync.administrate.errors import Done, Malformed, OperationFailed
from sync.administrate.operations import Kind, Operation
from sync.administrate.reads.listings import Record, connected

ALREADY_STAFF = "The input Contact already exists as staff on the Event"

ITSELF = ""  # the ``entity`` of a change that answers with the record, without a payload around it

FindAgain = Callable[[Administrate, Mapping[str, Any]], tuple[Record, ...]]
Removed = Callable[[Administrate, Mapping[str, Any]], bool]


@frozen
class Write:
    """A kind of change: its operation and the place of the result in the answer.

    ``entity`` is the payload's field; None where the payload holds errors alone; ITSELF where
    it is the entity. ``row`` names the entity's connection that an addition adds to: the
    answer selects from it what was added. ``find_again`` looks, by natural key, for what a creation
    with these variables has made; an update needs none, as doing it twice is doing it once.
    ``removed`` says of a removal whether what it removes is gone: done twice, it is refused.
    """

    operation: Operation
    payload: tuple[str, ...]
    entity: str | None
    row: str | None = None
    find_again: FindAgain | None = field(default=None, repr=False)
    removed: Removed | None = field(default=None, repr=False)


@frozen
class WriteRequest:
    """One change to be made; ``variables`` are plain JSON."""

    write: Write
    variables: Mapping[str, Any]

    @property
    def operation(self) -> str:
        """The operation's name, the key of the write in ``changes``."""
        return self.write.operation.name

    @property
    def kind(self) -> Kind:
        """The effect of sending it twice."""
        return self.write.operation.kind


@frozen
class FieldError:
    """Administrate's objection to a field of the input."""

    message: str
    label: str = ""
    value: str = ""


@frozen
class Written:
    """The change was made. ``id`` is that of what was created, added or changed.

    It is None where the answer names none (a deletion, an addition not listed). A created entity
    that came with errors is created; they are the ``warnings``.
    """

    id: str | None
    record: Record
    warnings: tuple[FieldError, ...]
    body: bytes = field(repr=False)


@frozen
class Refused:
    """Administrate refused, with the reasons.

    ``done`` is NO, or UNKNOWN where an earlier attempt of the same change may have made it, or
    where a place that was to be added is there and may have been added in part.
    """

    errors: tuple[FieldError, ...]
    done: Done
    body: bytes = field(repr=False)

    @property
    def already_staff(self) -> bool:
        """Whether it was refused because the contact already has the role."""
        return any(error.message == ALREADY_STAFF for error in self.errors)


Outcome = Written | Refused


@frozen
class _Payload:
    id: str | None
    record: Record
    errors: tuple[FieldError, ...]
    done: Done


def send(client: Administrate, request: WriteRequest, *, in_doubt: bool = False) -> Outcome:
    """Make the change; AdministrateError, whose ``done`` says whether, where no answer told.

    ``in_doubt`` says that it may have been made before, by a call whose answer is not known.
    """
    write = request.write
    try:
        answer = client.call(
            write.operation,
            request.variables,
            lambda data: _read_payload(write, data),
            whole=False,
        )
    except OperationFailed as error:
        # The errors may concern what was selected of an entity that was made all the same.
        payload = _partial_payload(write, error.data)
        if payload is None:
            raise
        warning = FieldError(error.said)
        return Written(payload.id, payload.record, (*payload.errors, warning), error.body)
    payload = answer.value
    in_doubt = in_doubt or answer.in_doubt
    if payload.done is Done.NO and in_doubt and write.removed is not None:
        gone = write.removed(client, request.variables)
        payload = evolve(payload, done=Done.YES if gone else Done.NO)
    elif payload.done is Done.NO and in_doubt:
        payload = evolve(payload, done=Done.UNKNOWN)
    if payload.done is Done.YES:
        return Written(payload.id, payload.record, payload.errors, answer.body)
    return Refused(payload.errors, payload.done, answer.body)


def _read_payload(write: Write, data: Data) -> _Payload:
    operation = write.operation
    in_entity = _faults_in_entity(write, data)
    payload = at(operation, data, *write.payload)
    entity = _entity(write, payload)
    # A list of errors that is missing counts as broken only where nothing else tells the outcome.
    errors = () if write.entity == ITSELF else _errors(operation, payload, required=entity is None)
    if write.entity is None:
        return _Payload(None, {}, errors, Done.NO if errors else Done.YES)
    if entity is None:
        if not errors:
            raise Malformed(operation, "neither a result nor errors")
        return _Payload(None, {}, errors, Done.NO)
    if write.row is None:
        # That it was made is certain by its id; a record with faults is of no use to anybody.
        record = {} if in_entity else entity
        return _Payload(_id_of(operation, entity), record, errors, Done.YES)
    # The entity is what was added to, so that it is there says nothing; the new row does.
    rows = connected(operation, entity, write.row)
    row_id = _id_of(operation, rows[0]) if rows else None
    return _Payload(row_id, entity, errors, _added(errors, there=bool(rows)))


def _faults_in_entity(write: Write, data: Data) -> bool:
    """Whether a value of the entity that was made or changed is not of its type; the answer's error
    where another value is not."""
    place = write.payload if write.entity == ITSELF else (*write.payload, write.entity)
    found = False
    for fault in answer_faults(write.operation, data):
        inside = fault.place[: len(place)] == place and len(fault.place) > len(place)
        if not inside or write.row is not None:
            refuse(write.operation, fault)
        found = True
    return found


def _added(errors: Sequence[FieldError], *, there: bool) -> Done:
    """Whether a place was added, by the errors and by its being there now."""
    if not errors:
        return Done.YES
    if not there:
        return Done.NO
    # It was there before, or only on some of an event's sessions, and was added to the others.
    before = any(error.message == ALREADY_STAFF for error in errors)
    return Done.UNKNOWN if before else Done.YES


def _partial_payload(write: Write, data: object) -> _Payload | None:
    if not isinstance(data, dict) or write.entity is None:
        return None
    try:
        payload = _read_payload(write, data)
    except Malformed:
        return None
    return payload if payload.done is Done.YES and payload.id is not None else None


def _entity(write: Write, payload: Data) -> Record | None:
    if write.entity is None:
        return None
    entity: Record | None = payload if write.entity == ITSELF else payload.get(write.entity)
    return entity


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
