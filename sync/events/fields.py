"""The compared fields of events and sessions, one declaration each: who owns it, where it is held.

A field that a database's tutorial tables have no column for is Administrate's alone: it is stored
in ``adm`` and never out of step. Fields that nobody owns (``code``, ``sequence``, ``product_id``,
``remain_space``, ``updated_at``) are not declared: they are never compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from attrs import frozen

from ledger.schema import adm
from ledger.schema.declared import DATE
from ledger.tables.shapes.shape import (
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    Shape,
    ShapeColumn,
    TutorialTables,
)
from ledger.values import Value
from sync.administrate.reads.listings import Record
from sync.events.kinds import (
    Cancelled,
    Day,
    Flag,
    Instant,
    Kind,
    Linked,
    LinkedPeople,
    LocalTime,
    Number,
    Word,
)
from sync.matching.normalise import written_alike

# The field of a session's instructors, who are rows of a table of their own.
INSTRUCTORS = "instructors"
TUTORIAL_TABLES = {
    adm.EVENTS.fullname: TUTORIAL_EVENTS,
    adm.SESSIONS.fullname: TUTORIAL_SESSIONS,
}


class Owner(Enum):
    """Whose change of a field the other side follows."""

    ADMINISTRATE = "Administrate"
    WEB_APPLICATION = "the web application"


# By the name of the tutorial tables' shape.
Owners = Mapping[str, Owner]
_ADMINISTRATE = {"2026-02": Owner.ADMINISTRATE, "2026-05": Owner.ADMINISTRATE}
_WEB_APPLICATION = {"2026-02": Owner.WEB_APPLICATION, "2026-05": Owner.WEB_APPLICATION}
# May's web application takes these over from Administrate.
_SINCE_MAY_ADMINISTRATE = {"2026-02": Owner.WEB_APPLICATION, "2026-05": Owner.ADMINISTRATE}


@frozen(kw_only=True)
class ComparedField:
    """A field of an event or a session.

    ``path`` leads to its value in a record of Administrate; ``custom_field`` is the label of the
    custom field that holds it instead. ``tutorial`` is the field of a ledger event whose column
    holds it. ``input`` is the attribute of the API's input that sets it, where there is one;
    ``bridge`` the bridge row's column, where it is not the field's name.
    """

    name: str
    title: str
    kind: Kind
    owners: Owners
    path: tuple[str, ...] = ()
    custom_field: str = ""
    tutorial: tuple[str, ...] = ()
    input: str = ""
    bridge: str = ""

    def owner(self, shape: Shape) -> Owner:
        return self.owners[shape.name]

    @property
    def can_be_sent(self) -> bool:
        """Whether the API has a place for it in an update."""
        return bool(self.input or self.custom_field)


@frozen
class HeldField:
    """A compared field, and the columns of a database that hold it: the first is read, all are
    written. Without columns: a session's instructors, who are rows of their own."""

    field: ComparedField
    columns: tuple[ShapeColumn, ...] = ()

    @property
    def day(self) -> bool:
        """Whether the columns hold days, not moments."""
        return bool(self.columns) and self.columns[0].kind == DATE

    def refuses(self, value: Value) -> str:
        """Why the columns cannot hold a value; empty where they can."""
        for column in self.columns:
            if value is None and column.needed:
                return f"{column.name} may not be empty"
            longest = column.longest
            if longest is not None and len(str(value)) > longest:
                return f"{column.name} holds {longest} characters, not {len(str(value))}"
        return ""


def _field(
    name: str, title: str, kind: Kind, path: str, tutorial: str = "", **more: Any
) -> ComparedField:
    more.setdefault("owners", _ADMINISTRATE)
    way = tuple(path.split(".")) if path else ()
    held = tuple(tutorial.split()) if tutorial else (name,)
    return ComparedField(name=name, title=title, kind=kind, path=way, tutorial=held, **more)


def _custom(
    name: str,
    title: str,
    kind: Kind,
    label: str,
    owners: Owners,
    tutorial: str = "",
    **more: Any,
) -> ComparedField:
    return _field(name, title, kind, "", tutorial, custom_field=label, owners=owners, **more)


_LOCATION, _VENUE = Linked(adm.LOCATIONS.fullname), Linked(adm.VENUES.fullname)
_TEMPLATE = Linked(adm.COURSE_TEMPLATES.fullname)
_PEOPLE = LinkedPeople(adm.INSTRUCTORS.fullname)

EVENT_FIELDS = (
    _field("lifecycle_state", "lifecycle state", Word(), "lifecycleState", input="lifecycle_state"),
    _field("cancelled", "cancelled", Cancelled(), "lifecycleState"),
    _field(
        "course_template", "course template", _TEMPLATE, "courseTemplate.id", "bridge_template_id"
    ),
    _field("learning_mode", "learning mode", Word(), "learningMode"),
    _field("timezone", "time zone", Kind(), "timeZoneName", input="time_zone_name"),
    _field(
        "lms_start",
        "LMS start",
        Instant(),
        "timeZonedLmsStart",
        "lms_starts_at start_date",
        input="lms_start_date_time",
    ),
    _field(
        "lms_end",
        "LMS end",
        Instant(),
        "timeZonedLmsEnd",
        "lms_ends_at end_date",
        input="lms_end_date_time",
    ),
    _field("location", "location", _LOCATION, "location.id", "location_id", input="location_id"),
    _field("venue", "venue", _VENUE, "venue.id", "venue_id"),
    _field("max_places", "max places", Number(), "maxPlaces", input="max_places"),
    _field("min_places", "min places", Number(), "minPlaces", input="min_places"),
    _field(
        "registration_deadline",
        "registration deadline",
        LocalTime(),
        "registrationDeadline",
        input="registration_deadline",
    ),
    _field(
        "sold_out",
        "sold out",
        Flag(),
        "isSoldOut",
        "is_soldout",
        owners=_SINCE_MAY_ADMINISTRATE,
        input="is_sold_out",
    ),
    _custom("event_url", "event URL", Kind(), "URL", _SINCE_MAY_ADMINISTRATE),
    _custom("web_sale", "web sale", Flag(), "Web sale", _SINCE_MAY_ADMINISTRATE),
    _custom(
        "finalisation_date",
        "finalisation date",
        Day(),
        "Finalisation date",
        _WEB_APPLICATION,
        "finalisation_date finalised_at",
    ),
    _custom("sitting", "sitting", Kind(), "Sitting", _WEB_APPLICATION),
    _custom("ocr_moodle_code", "OCR Moodle code", Kind(), "OCR Moodle Code", _WEB_APPLICATION),
)
SESSION_FIELDS = (
    _field("title", "title", Kind(), "title", input="title"),
    _field("starts_at", "start", Instant(), "timeZonedStart", "start_date", input="start"),
    _field("ends_at", "end", Instant(), "timeZonedEnd", "end_date", input="end"),
    _field("location", "location", _LOCATION, "location.id", "location_id", input="location_id"),
    _field("venue", "venue", _VENUE, "venue.id", "venue_id", input="venue_id"),
    _field("cancelled", "cancelled", Cancelled(), "lifecycleState"),
    _field("instructors", "instructors", _PEOPLE, INSTRUCTORS),
    _custom("url", "session URL", Kind(), "URL", _SINCE_MAY_ADMINISTRATE, bridge="session_url"),
)
FIELDS: Mapping[str, Sequence[ComparedField]] = {
    adm.EVENTS.fullname: EVENT_FIELDS,
    adm.SESSIONS.fullname: SESSION_FIELDS,
}


def held_fields(table: str, tables: TutorialTables) -> list[HeldField]:
    """The fields of a bridge table's records that the tutorial tables of a database hold."""
    columns = tables.columns(TUTORIAL_TABLES[table])
    return [held for one in FIELDS[table] if (held := _held(one, columns)) is not None]


def _held(one: ComparedField, columns: Sequence[ShapeColumn]) -> HeldField | None:
    if one.name == INSTRUCTORS:
        return HeldField(one)
    found = tuple(column for column in columns if column.field in one.tutorial)
    return HeldField(one, found) if found else None


def administrate_values(record: Record, table: str, labels: Mapping[str, str]) -> dict[str, Value]:
    """The values of a bridge table's fields in a record of Administrate, as far as its answer
    selected them.

    ``labels`` are those of the custom fields of its type, by their definitions' keys.
    """
    keys = {written_alike(label): key for key, label in labels.items()}
    found = {}
    for one in FIELDS[table]:
        read = _custom_field if one.custom_field else _at
        value = read(record, one, keys)
        if value is not _ABSENT:
            found[one.name] = one.kind.of_administrate(value)
    return found


_ABSENT = object()


def _at(record: Record, one: ComparedField, _keys: Mapping[str, str]) -> Any:
    if one.name == INSTRUCTORS:
        return _instructors(record)
    value: Any = record
    for name in one.path:
        if value is None:
            return None
        if name not in value:
            return _ABSENT
        value = value[name]
    return value


def _instructors(record: Record) -> Any:
    if "staff" not in record:
        return _ABSENT
    staff = (edge["node"] for edge in record["staff"]["edges"])
    return [
        one["contact"]["id"]
        for one in staff
        if one["staffType"] == "instructor" and one["contact"] is not None
    ]


def _custom_field(record: Record, one: ComparedField, keys: Mapping[str, str]) -> Any:
    key = keys.get(written_alike(one.custom_field))
    if key is None or "customFieldValues" not in record:
        return _ABSENT
    values = {value["definitionKey"]: value.get("value") for value in record["customFieldValues"]}
    return values.get(key)
