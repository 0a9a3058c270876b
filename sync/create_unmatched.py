"""Creates in Administrate the records that only the tutorial side has, with a person's
agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen
from sqlalchemy import text

from ledger.errors import SettingsError, StoppedResumably
from ledger.events import CreationsAgreed, EntitySynced
from ledger.runs.run import Run
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
from sync.decide.discrepancies import Discrepancy
from sync.decide.open_discrepancies import open_discrepancies
from sync.entities import BY_NAME, COURSE_TEMPLATES, INSTRUCTORS, LOCATIONS
from sync.entity import Entity
from sync.run import SyncRun
from sync.writer import Created, Writer

Row = Mapping[str, object]
# Asks a person to choose one of (id, name) pairs; None where nobody can be asked.
Choose = Callable[[str, Sequence[tuple[str, str]]], str | None]


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


def sync_and_create(under_way: SyncRun, offer: Callable[[SyncRun], None] | None) -> None:
    """Takes the steps of a sync, then creates in Administrate the records that a person agrees to,
    now or before an interruption; ``offer`` asks for the agreement, at most once a run."""
    under_way.take_all()
    if offer is not None and not _agreed_before(under_way.run):
        offer(under_way)
    _create_agreed(under_way)


def lacking(under_way: SyncRun) -> dict[Entity, list[Discrepancy]]:
    """The tutorial records without an equal in Administrate, of the run's entities with any.

    Ambiguous records are left out, and so are records with a rejected match: creating them would
    duplicate.
    """
    with under_way.run.ledger.database.driver_transaction() as connection:
        found = {
            entity: [
                one
                for one in open_discrepancies(connection, entity)
                if one.side == "tutorial" and one.outcome == "unmatched" and not one.candidates
            ]
            for entity in under_way.entities
            if entity.tutorial is not None
        }
    return {entity: records for entity, records in found.items() if records}


def agree(
    under_way: SyncRun,
    chosen: Mapping[Entity, Sequence[Discrepancy]],
    environ: Mapping[str, str],
    choose: Choose,
) -> None:
    """Records a person's agreement to create these, with the inputs of their creation.

    Raises ``SettingsError`` where a region or an account is needed, and neither set nor chosen.
    """
    agreed = [
        CreationsAgreed(
            entity=entity.name,
            records=tuple(discrepancy.record for discrepancy in found),
            needed=_needed(under_way.client, CREATIONS[entity.name], environ, choose),
        )
        for entity, found in chosen.items()
    ]
    under_way.run.append(*agreed)


class CreationsDisputed(StoppedResumably):
    """A created record exists twice; a person decides by deleting the other."""


def _create_agreed(under_way: SyncRun) -> None:
    """Creates the run's agreed records that do not exist yet, each once despite interruptions; then
    syncs the entity again, which links them.

    Raises ``CreationsDisputed`` at the end where Administrate has a record twice: that entity is
    synced again once it is resolved.
    """
    writer = Writer.of(under_way.run, under_way.client)
    disputed: list[str] = []
    outstanding, settled = _agreements(under_way.run)
    refused = (writer.is_refused(_slot(record)) for one in settled for record in one.records)
    under_way.run.refused += sum(refused)
    for agreed in outstanding:
        entity = BY_NAME[agreed.entity]
        under_way.run.step = f"creating {entity.many}"
        before = len(disputed)
        for created in _created(under_way, writer, agreed):
            under_way.run.refused += not created.outcome.done
            under_way.reporter.created(entity, created)
            if created.outcome.disputed:
                any_of = " and ".join(created.outcome.disputed)
                disputed.append(f"{entity.one} {created.label} may be any of {any_of}")
        if len(disputed) == before:
            under_way.take(entity, anew=True)
    if disputed:
        raise CreationsDisputed(f"{'; '.join(disputed)}; delete the others in Administrate")


def _agreed_before(run: Run) -> bool:
    """Whether this run's question was answered with yes before an interruption."""
    selection = Selection(run_id=run.run_id, types=[CreationsAgreed.__name__])
    return any(True for _ in run.ledger.read(selection))


def _agreements(run: Run) -> tuple[list[CreationsAgreed], list[CreationsAgreed]]:
    """The agreements whose entity has not been synced since, and the others."""
    agreed: dict[str, CreationsAgreed] = {}
    settled: list[CreationsAgreed] = []
    types = [CreationsAgreed.__name__, EntitySynced.__name__]
    for recorded in run.ledger.read(Selection(run_id=run.run_id, types=types)):
        match recorded.event:
            case CreationsAgreed() as agreement:
                agreed[agreement.entity] = agreement
            case EntitySynced(entity=name) if name in agreed:
                settled.append(agreed.pop(name))
    return list(agreed.values()), settled


def _slot(record: str) -> str:
    return f"create {record}"


def _created(under_way: SyncRun, writer: Writer, agreed: CreationsAgreed) -> Iterator[Created]:
    creation = CREATIONS[agreed.entity]
    names = {int(record.rpartition("/")[2]): record for record in agreed.records}
    with under_way.run.ledger.database.transaction() as connection:
        found = connection.execute(text(creation.row), {"ids": list(names)})
        rows: list[Row] = [dict(row) for row in found.mappings()]
    for row in rows:
        record = names[int(str(row["id"]))]
        request = creation.request(row, agreed.needed)
        outcome = writer.write(request, about=record, slot=_slot(record))
        yield Created(" ".join(str(row[name]) for name in creation.entity.key_columns), outcome)


def _needed(
    client: Administrate, creation: Creation, environ: Mapping[str, str], choose: Choose
) -> str:
    if creation.needs is None:
        return ""
    if given := environ.get(creation.needs.setting):
        return given
    offered = [
        (str(one["id"]), str(one["name"])) for one in find_all(client, creation.needs.listing)
    ]
    if len(offered) == 1:
        return offered[0][0]
    chosen = choose(creation.needs.what, offered)
    if chosen is None:
        raise SettingsError(
            f"to create {creation.entity.many}, say of which {creation.needs.what}: set"
            f" {creation.needs.setting} to the id of one"
        )
    return chosen
