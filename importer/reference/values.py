"""The values of the reference data, filled in by its readers.

Linked records carry their keys on both sides, so that carrying out a plan needs no look-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum

from attrs import field, frozen


class RecordKind(Enum):
    """The kind of record a name can belong to; the value is its word in messages."""

    COURSE_TEMPLATE = "course template"
    LOCATION = "location"
    VENUE = "venue"
    INSTRUCTOR = "instructor"
    ADMINISTRATOR = "administrator"

    @property
    def sync(self) -> str:
        """The command that reads and links these records."""
        return f"admsync sync {self.value.replace(' ', '-')}s"


class Side(Enum):
    """The system of a record; the value is its word in messages."""

    ADMINISTRATE = "Administrate"
    TUTORIAL = "the tutorial tables"
    PLANNED = "an unfinished import"


@frozen
class Linked:
    """A record of both sides: its bridge row's key, Administrate's id, the tutorial row's key."""

    row_id: int
    external_id: str
    tutorial_id: int

    @property
    def keys(self) -> Linked:
        """The keys alone, of which a plan consists: its records are not named in it."""
        return Linked(self.row_id, self.external_id, self.tutorial_id)


@frozen
class CourseTemplate(Linked):
    """A linked course template; ``approved`` holds the external ids of its approved instructors."""

    code: str
    approved: frozenset[str] = frozenset()


@frozen
class Location(Linked):
    """A linked location."""

    name: str


@frozen
class Venue(Linked):
    """A linked venue and the Administrate id of the location it belongs to."""

    name: str
    location_external_id: str


@frozen
class Instructor(Linked):
    """A linked instructor."""

    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """First and last name as one text."""
        return f"{self.first_name.strip()} {self.last_name.strip()}".strip()


@frozen
class Administrator:
    """A contact of Administrate with a name from the workbook."""

    name: str
    contact_id: str


@frozen
class UnlinkedRecord:
    """An unlinked record of one side; ``name`` is a code for a template."""

    entity: RecordKind
    side: Side
    name: str


@frozen
class CustomField:
    """A custom field's definition, of entity type ``Event`` or ``Session``."""

    key: str
    label: str
    entity_type: str
    field_type: str = "string"


@frozen
class Product:
    """A tutorial of the catalogue, of a subject and an exam session (``2026-04``).

    ``template_id`` and ``location_id`` are the tutorial tables' keys of its template and location,
    where given; one without a location is sold where its names say, or ``anywhere``. ``meaning`` is
    equal for equivalent products of different sittings.
    """

    id: int
    code: str
    subject: str
    exam_session: str
    fullname: str
    shortname: str = ""
    variation_code: str = ""
    variation_name: str = ""
    template_id: int | None = None
    location_id: int | None = None
    anywhere: bool = False
    meaning: Mapping[str, str] = field(factory=dict, hash=False)

    @property
    def variations(self) -> tuple[str, ...]:
        """The names of its variation."""
        return tuple(name for name in (self.variation_code, self.variation_name) if name.strip())

    @property
    def title(self) -> str:
        """Its name with its variation: ``Tutorial - London, F2F_3F``."""
        return ", ".join((self.fullname, *self.variations[:1]))


@frozen
class ProductDecision:
    """A person's recorded choice of a product for a template code and a location.

    It applies to its sitting and, with a ``meaning``, to later ones; ``source`` gives author, time
    and reason.
    """

    course_code: str
    sitting: str
    location: str
    product_id: int
    meaning: Mapping[str, str] = field(factory=dict, hash=False)
    source: str = ""

    def holds_in(self, sitting: str) -> bool:
        """Whether it applies to a sitting."""
        return sitting == self.sitting or (bool(self.meaning) and self.sitting < sitting)


@frozen
class KnownEvent:
    """An existing event, on one side or both.

    ``start_date`` is the first day of its LMS time, or of its classroom time where it has none;
    ``identity`` tells a person which record it is.
    """

    course_code: str
    title: str
    start_date: date
    side: Side
    identity: str


@frozen
class EarlierRow:
    """A row as it was imported: each cell's text by column, blank ones left out.

    A cell that held a name of somebody who was forgotten since is None.
    """

    number: int
    cells: Mapping[str, str | None] = field(hash=False)

    def text(self, column: str) -> str:
        """The text of a column; empty where it was blank, or is forgotten."""
        return self.cells.get(column) or ""


@frozen
class EarlierEvent:
    """An existing event that an import created: its imported rows, its own first.

    ``record`` is the tutorial event, ``workbook`` the name of the file, ``event_key`` its key in
    the receipt of that import.
    """

    record: str
    workbook: str
    rows: tuple[EarlierRow, ...]
    event_key: str = ""

    def __str__(self) -> str:
        """The tutorial event, and the row that it was imported from."""
        return f"{self.record}, imported from row {self.rows[0].number} of {self.workbook}"


@frozen
class Reference:
    """The reference data for validation; ``products`` are the tutorials on sale, ``longest`` the
    maximum lengths of a tutorial event's text columns."""

    course_templates: tuple[CourseTemplate, ...] = ()
    locations: tuple[Location, ...] = ()
    venues: tuple[Venue, ...] = ()
    instructors: tuple[Instructor, ...] = ()
    administrators: tuple[Administrator, ...] = ()
    unlinked: tuple[UnlinkedRecord, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    subjects: tuple[str, ...] = ()
    products: tuple[Product, ...] = ()
    inactive_products: tuple[Product, ...] = ()
    decisions: tuple[ProductDecision, ...] = ()
    known_events: tuple[KnownEvent, ...] = ()
    longest: Mapping[str, int] = field(factory=dict, hash=False)
