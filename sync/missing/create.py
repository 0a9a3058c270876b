"""Creates in Administrate the records that only the tutorial side has, with a person's
agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

from attrs import frozen
from sqlalchemy import text

from ledger.errors import StoppedResumably
from ledger.events import CreationsAgreed, EntitySynced, tutorial_key
from ledger.runs.kinds import SYNC
from ledger.runs.run import Run
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.client import Administrate
from sync.administrate.reads import queries
from sync.administrate.reads.listings import Listing
from sync.administrate.reads.lookups import find_all
from sync.administrate.writes import changes
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.inputs import (
    NewContact,
    NewCourseTemplate,
    NewLocation,
    NewPersonalName,
)
from sync.administrate.writes.sending import find_again
from sync.entities import BY_NAME, COURSE_TEMPLATES, ENTITIES, INSTRUCTORS, LOCATIONS
from sync.entity import Entity
from sync.run import Reporter, SyncOptions, SyncRun, new_sync
from sync.writing.slots import WriteOutcome
from sync.writing.writer import Created, Writer

Row = Mapping[str, object]


@frozen
class Needed:
    """An input of a creation beside the record's own fields: one of a list, or a setting."""

    what: str
    setting: str
    listing: Listing


@frozen
class Creation:
    """How an entity's records are created from tutorial records."""

    entity: Entity
    row: str
    request: Callable[[Row, str], WriteRequest]
    needs: Needed | None = None

    @property
    def place(self) -> str:
        """What a record is created in; empty where that is nothing."""
        return self.needs.what if self.needs else ""


def _course_template(row: Row, _needed: str) -> WriteRequest:
    return changes.CREATE_COURSE_TEMPLATE(
        NewCourseTemplate(title=str(row["title"]), code=str(row["code"]))
    )


def _location(row: Row, region: str) -> WriteRequest:
    code = str(row["code"]) or None
    return changes.CREATE_LOCATION(NewLocation(region_id=region, name=str(row["name"]), code=code))


def _instructor(row: Row, account: str) -> WriteRequest:
    name = NewPersonalName(first_name=str(row["first_name"]), last_name=str(row["last_name"]))
    return changes.CREATE_CONTACT(
        NewContact(account_id=account, personal_name=name, is_instructor=True)
    )


# Venues are missing: the API cannot create them.
CREATIONS = {
    creation.entity.name: creation
    for creation in (
        Creation(
            COURSE_TEMPLATES,
            "SELECT id, code, title FROM acted.tutorial_course_templates WHERE id = ANY(:ids)",
            _course_template,
        ),
        Creation(
            LOCATIONS,
            "SELECT id, name, code FROM acted.tutorial_locations WHERE id = ANY(:ids)",
            _location,
            Needed("region", "ADMINISTRATE_REGION_ID", queries.REGIONS),
        ),
        Creation(
            INSTRUCTORS,
            "SELECT i.id, u.first_name, u.last_name FROM acted.tutorial_instructors i"
            " JOIN acted.staff s ON s.id = i.staff_id JOIN public.auth_user u ON u.id = s.user_id"
            " WHERE i.id = ANY(:ids)",
            _instructor,
            Needed("account", "ADMINISTRATE_ACCOUNT_ID", queries.ACCOUNTS),
        ),
    )
}


@frozen
class ToCreate:
    """A tutorial record that a person agreed to create, and the id of the region or account it is
    created in; empty where none is needed."""

    entity: Entity
    record: str
    needed: str = ""


def set_in(environ: Mapping[str, str], entity: Entity) -> str | None:
    """What the settings say that records of the entity are created in; empty where nothing is
    needed, None where a person is to choose from ``places_for``."""
    needs = CREATIONS[entity.name].needs
    return "" if needs is None else environ.get(needs.setting) or None


def places_for(client: Administrate, entity: Entity) -> list[tuple[str, str]]:
    """The ids and names of what a record of the entity can be created in."""
    needs = CREATIONS[entity.name].needs
    assert needs is not None  # noqa: S101 - asked where the settings leave it open
    return [(str(one["id"]), str(one["name"])) for one in find_all(client, needs.listing)]


@contextmanager
def new_creation(
    ledger: Ledger, client: Administrate, agreed: Sequence[ToCreate], reporter: Reporter
) -> Iterator[SyncRun]:
    """A sync of the entities of these records that begins with their creation.

    What a person agreed to is recorded with its start, so that it goes on without asking again.
    """
    names = [entity.name for entity in ENTITIES if any(one.entity is entity for one in agreed)]
    options = SyncOptions(tuple(names))
    given = list(_agreements_to(agreed))
    with new_sync(ledger, client, SYNC.command(*names), options, reporter, given) as under_way:
        yield under_way


def _agreements_to(agreed: Iterable[ToCreate]) -> Iterator[CreationsAgreed]:
    """The agreements: one for what is created of an entity in the same place."""
    within: dict[tuple[str, str], list[str]] = {}
    for one in agreed:
        within.setdefault((one.entity.name, one.needed), []).append(one.record)
    for (name, needed), records in within.items():
        yield CreationsAgreed(entity=name, records=tuple(records), needed=needed)


def create_and_sync(under_way: SyncRun) -> None:
    """Takes the steps of a sync; of one that a person's agreement began, creates the agreed
    records, each once despite interruptions, and syncs their entities, which links them."""
    outstanding, settled = _agreements(under_way.run)
    if outstanding or settled:
        _create(under_way, outstanding, settled)
    else:
        under_way.take_all()


class CreationsDisputed(StoppedResumably):
    """A created record exists twice; a person decides by deleting the other."""


def _create(
    under_way: SyncRun, outstanding: Sequence[CreationsAgreed], settled: Sequence[CreationsAgreed]
) -> None:
    """Creates the agreed records that do not exist yet; then syncs each entity.

    Raises ``CreationsDisputed`` at the end where Administrate has a record twice: that entity is
    synced once it is resolved.
    """
    writer = Writer.of(under_way.run, under_way.client)
    refused = (writer.is_refused(_slot(record)) for one in settled for record in one.records)
    under_way.run.refused += sum(refused)
    disputed: list[str] = []
    for name, agreements in groupby(outstanding, lambda one: one.entity):
        entity = BY_NAME[name]
        under_way.run.step = f"creating {entity.many}"
        before = len(disputed)
        for created in (made for one in agreements for made in _created(under_way, writer, one)):
            under_way.run.refused += not created.outcome.done
            under_way.reporter.created(entity, created)
            if created.outcome.disputed:
                any_of = " and ".join(created.outcome.disputed)
                disputed.append(f"{entity.one} {created.label} may be any of {any_of}")
        if len(disputed) == before:
            # Its pages of before the creation, in a run of an older version, lack what was created.
            under_way.take(entity, anew=entity.name in under_way.done)
    if disputed:
        raise CreationsDisputed(f"{'; '.join(disputed)}; delete the others in Administrate")


def _agreements(run: Run) -> tuple[list[CreationsAgreed], list[CreationsAgreed]]:
    """The run's agreements whose entity has not been synced since, by entity, and the others."""
    outstanding: dict[str, list[CreationsAgreed]] = {}
    settled: list[CreationsAgreed] = []
    types = [CreationsAgreed.__name__, EntitySynced.__name__]
    for recorded in run.ledger.read(Selection(run_id=run.run_id, types=types)):
        match recorded.event:
            case CreationsAgreed() as agreement:
                outstanding.setdefault(agreement.entity, []).append(agreement)
            case EntitySynced(entity=name):
                settled += outstanding.pop(name, [])
    return [one for agreements in outstanding.values() for one in agreements], settled


def _there_by_now(writer: Writer, request: WriteRequest, record: str) -> WriteOutcome | None:
    """The outcome for a record that somebody else has created since it was seen to be missing."""
    if writer.was_requested(_slot(record)):
        return None
    ids = " and ".join(str(one["id"]) for one in find_again(writer.client, request))
    return WriteOutcome(done=False, errors=(f"it is there by now: {ids}",)) if ids else None


def _slot(record: str) -> str:
    return f"create {record}"


def _created(under_way: SyncRun, writer: Writer, agreed: CreationsAgreed) -> Iterator[Created]:
    creation = CREATIONS[agreed.entity]
    names = {tutorial_key(record): record for record in agreed.records}
    with under_way.run.ledger.database.transaction() as connection:
        found = connection.execute(text(creation.row), {"ids": list(names)})
        rows = {int(row["id"]): dict(row) for row in found.mappings()}
    for row_id, record in names.items():
        row = rows.get(row_id)
        if row is None:
            continue  # deleted meanwhile
        request = creation.request(row, agreed.needed)
        outcome = _there_by_now(writer, request, record)
        outcome = outcome or writer.write(request, about=record, slot=_slot(record))
        yield Created(" ".join(str(row[name]) for name in creation.entity.key_columns), outcome)
