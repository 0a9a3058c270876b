"""A typed name is answered with the one that was probably meant, or with none."""

from __future__ import annotations

import pytest

from sync.matching.keys import COURSE_TEMPLATE, INSTRUCTOR, LOCATION, Rule
from sync.matching.known_names import KnownNames

CODES = ("CS1-S", "CS2-S", "CS11-S")
PLACES = ("Conference Room 1", "Conference Room 12", "St Mary's Hall", "Edinburgh", "Glasgow")
PEOPLE = ("Robert Holloway", "Mary Grant", "Mark Grant", "Sean O'Brien")


@pytest.mark.parametrize(
    ("rule", "names", "typed", "meant"),
    [
        (COURSE_TEMPLATE, CODES, "cs1 s", "CS1-S"),
        (COURSE_TEMPLATE, CODES, "CS01-S", "CS1-S"),
        (COURSE_TEMPLATE, CODES, "CS3-S", None),
        (COURSE_TEMPLATE, CODES, "CS1-SX", None),
        (LOCATION, PLACES, "Conference Room 2", None),
        (LOCATION, PLACES, "Conference Rm 12", "Conference Room 12"),
        (LOCATION, PLACES, "Saint Marys Hall", "St Mary's Hall"),
        (LOCATION, PLACES, "Edinbrugh", "Edinburgh"),
        (LOCATION, PLACES, "Paris", None),
        (INSTRUCTOR, PEOPLE, "Bob Holloway", "Robert Holloway"),
        (INSTRUCTOR, PEOPLE, "Sean OBrien", "Sean O'Brien"),
        (INSTRUCTOR, PEOPLE, "M. Grant", None),
        (INSTRUCTOR, PEOPLE, "", None),
    ],
)
def test_the_one_nearest_name_is_offered(
    rule: Rule, names: tuple[str, ...], typed: str, meant: str | None
) -> None:
    assert KnownNames.of(rule, names).nearest(typed) == meant
    assert KnownNames.of(rule, names[::-1]).nearest(typed) == meant
