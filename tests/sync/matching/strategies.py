"""What the matching properties are fed: few names, nearly equal, so that collisions are common."""

from __future__ import annotations

from hypothesis import strategies as st

from sync.matching.decisions import Decision, Decisions, Verdict
from sync.matching.keys import (
    COURSE_TEMPLATE,
    INSTRUCTOR,
    LOCATION,
    VENUE,
    Id,
    Link,
    Record,
    Rule,
    Side,
)

DOTLESS_I = "\u0131"
NAMES = [
    *("Ann", "ANN", "ann ", "\u00c4nn", "Ann Lee", "Lee", "A", "Anne", "O'Lee", "O\u2019Lee"),
    *("", " ", "\u200b", "\u0301", "Lee\u00adAnn", "\ufb01t", "fit", "STRASSE", "straße"),
    *(
        "Bob Lee",
        "Robert Lee",
        "B. Lee",
        "R Lee",
        "Rob",
        "Bob",
        "St Lee",
        "Saint Lee",
        "Street Lee",
    ),
    *("Lee 2", "Lee II", "Lee Two", "Lee 02", "Lee 3", "Lee-2", "2", "A & Lee", "A and Lee", "AL"),
    *(
        "Street Lee",
        "North Lee",
        "South Lee",
        "Lee (Online)",
        "Lee, 2 Ann Road",
        "OLee",
        "O Lee",
        "Ann. Lee",
    ),
    *("\u05e9\u05dc\u05d5\u05dd", DOTLESS_I),
]
SCOPES: list[Id | None] = [None, 1, 2]

names = st.sampled_from(NAMES)
rules = st.sampled_from([COURSE_TEMPLATE, LOCATION, VENUE, INSTRUCTOR])
any_text = st.text(max_size=12)
invisible = st.sampled_from(["\u200b", "\u00ad", "\ufeff", "\u2060", "\u0000", "\ufe0f"])


@st.composite
def records(draw: st.DrawFn, rule: Rule, ids: st.SearchStrategy[Id]) -> list[Record]:
    """The records of one side."""
    keys = st.tuples(*[names for _ in rule.fields])
    record = st.builds(Record, ids, keys, st.sampled_from(SCOPES))
    return draw(st.lists(record, max_size=6, unique_by=lambda one: one.id))


administrate_ids = st.sampled_from(["a", "b", "c", "d", "e", "f"])
tutorial_ids = st.integers(1, 6)


@st.composite
def sides(draw: st.DrawFn) -> tuple[Rule, list[Record], list[Record]]:
    """A rule and the records of both sides."""
    rule = draw(rules)
    return rule, draw(records(rule, administrate_ids)), draw(records(rule, tutorial_ids))


@st.composite
def decision_lists(draw: st.DrawFn, left: list[Record], right: list[Record]) -> list[Decision]:
    """Decisions that contradict each other, some about records that are gone or have changed."""
    keys = {(Side.ADMINISTRATE, one.id): one.key for one in left}
    keys |= {(Side.TUTORIAL, one.id): one.key for one in right}
    decided = []
    for reference in range(1, draw(st.integers(0, 4)) + 1):
        verdict = draw(st.sampled_from(Verdict))
        mine: Id | None = draw(administrate_ids)
        theirs: Id | None = draw(tutorial_ids)
        if verdict is Verdict.IGNORE:
            mine, theirs = draw(st.sampled_from([(mine, None), (None, theirs)]))
        changed = draw(st.booleans())
        decided.append(
            Decision(
                reference,
                verdict,
                mine,
                theirs,
                ("before",) if changed else keys.get((Side.ADMINISTRATE, mine or ""), ()),
                keys.get((Side.TUTORIAL, theirs or 0), ()),
            )
        )
    return decided


# A rule, both sides, decisions, links of the run before, links of an older tool's, lasting ones.
World = tuple[Rule, list[Record], list[Record], Decisions, list[Link], list[Link], list[Link]]


@st.composite
def worlds(
    draw: st.DrawFn,
) -> World:
    """All that matching is decided from."""
    rule, left, right = draw(sides())
    decisions = Decisions.of(*draw(decision_lists(left, right)))
    links = st.builds(Link, administrate_ids, tutorial_ids)
    previous, adopted = draw(st.lists(links, max_size=4)), draw(st.lists(links, max_size=4))
    lasting = draw(st.lists(links, max_size=3))
    return rule, left, right, decisions, previous, adopted, lasting
