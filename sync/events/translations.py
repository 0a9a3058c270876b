"""What ids of Administrate are in the tutorial tables, by the links of now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from attrs import frozen

from ledger.schema import adm
from ledger.zones import zone_or_default
from sync.events.kinds import Translation

_LINKS = {
    adm.LOCATIONS.fullname: "tutorial_location_id",
    adm.VENUES.fullname: "tutorial_venue_id",
    adm.INSTRUCTORS.fullname: "tutorial_instructor_id",
    # May's tutorial events refer to the bridge row of their course template.
    adm.COURSE_TEMPLATES.fullname: "id",
}


@frozen
class Translations:
    """Linked ids in both directions, by bridge table."""

    tutorial: Mapping[str, Mapping[str, int]]
    administrate: Mapping[str, Mapping[int, str]]

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> Translations:
        """The links of now."""
        tutorial = {
            table: dict(
                connection.execute(
                    f"SELECT external_id, {column} FROM {table}"
                    f" WHERE {column} IS NOT NULL AND external_id IS NOT NULL"
                ).fetchall()
            )
            for table, column in _LINKS.items()
        }
        back = {
            table: {own: key for key, own in links.items()} for table, links in tutorial.items()
        }
        return cls(tutorial, back)

    def by(self, timezone: object) -> Translation:
        """What values mean to a record whose local times are in the zone of this name."""
        return Translation(zone_or_default(timezone), self.tutorial, self.administrate)
