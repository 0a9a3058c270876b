"""The shapes that the web application's tutorial tables are deployed in, one declaration each."""

from ledger.tables.shapes.february import FEBRUARY
from ledger.tables.shapes.may import MAY
from ledger.tables.shapes.shape import (
    MADE,
    SESSION_INSTRUCTORS,
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    Held,
    Present,
    Shape,
    TutorialTables,
    bound,
)

SHAPES = (FEBRUARY, MAY)
BY_NAME = {shape.name: shape for shape in SHAPES}

__all__ = [
    "BY_NAME",
    "FEBRUARY",
    "MADE",
    "MAY",
    "SESSION_INSTRUCTORS",
    "SHAPES",
    "TUTORIAL_EVENTS",
    "TUTORIAL_SESSIONS",
    "Held",
    "Present",
    "Shape",
    "TutorialTables",
    "bound",
]
