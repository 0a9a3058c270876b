"""What sets two names apart, in a sentence: each difference by name, with the words it is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from attrs import Factory, define, frozen
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ledger.output.visible import shortened, with_what_differs
from sync.matching.forms import Forms, Vocabulary, nickname
from sync.matching.keys import Key, Record, Rule
from sync.matching.neighbours import acronyms
from sync.matching.normalise import normal
from sync.matching.prepared import Prepared
from sync.matching.traits import differing_traits, missed_traits

OTHER = "other"
"""The kind of difference that has no name: some words are others."""

_FAR = frozenset({"spelling", "words", "address", OTHER})
_LONGEST_SHOWN = 60
_LONGEST_READ = 2_000
_ALIKE = 66.0  # two thirds of the letters
_LETTERS_TOLD = 2
_SHORTEST_PART = 3


@frozen
class Reason:
    """The differences of two names: their kinds, in order of name, and the sentence."""

    kinds: tuple[str, ...]
    words: str


def reason(rule: Rule, forms: Forms, mine: Record, theirs: Record) -> Reason:
    """What sets two records' names apart; the words of the first are named first."""
    compared = rule.compared(mine)
    if compared is not None and compared == rule.compared(theirs):
        return Reason(("equal",), "equal, and not to be told apart by the rule")
    left, right = (tuple(text[:_LONGEST_READ] for text in one.key) for one in (mine, theirs))
    if left == right and mine.key != theirs.key:
        return Reason(("typed",), f"the same first {_LONGEST_READ:,} characters")
    found = _named(rule, forms, left, right)
    return Reason(
        tuple(sorted({kind for kind, _ in found})),
        with_what_differs(
            "; ".join(words for _, words in found), _spaced_once(mine.key), _spaced_once(theirs.key)
        ),
    )


def _named(rule: Rule, forms: Forms, mine: Key, theirs: Key) -> list[tuple[str, str]]:
    """The differences of two unequal keys, or that their names are the same."""
    if [text.casefold() for text in mine] == [text.casefold() for text in theirs]:
        return [("same", "the same name")]
    if all(map(_same_normal, mine, theirs)):
        return [_typed(mine, theirs)]
    left, right = (Prepared.of(rule, key, forms) for key in (mine, theirs))
    if left.text == right.text:
        return [("divided", "the same full name, divided differently")]
    if rule.code:
        return [("separators", "the same code but for separators and leading zeros")]
    if len(mine) == 2 and [normal(one) for one in mine] == [normal(one) for one in theirs][::-1]:
        return [("swapped", "first name and last name swapped")]
    vocabulary = forms.people if rule.person else forms.places
    differences = _Differences(rule, vocabulary, left, right, (" ".join(mine), " ".join(theirs)))
    return differences.named()


@define
class _Differences:
    """The words of two names, taken away pair by pair as their difference is named."""

    rule: Rule
    vocabulary: Vocabulary
    left: Prepared
    right: Prepared
    raw: tuple[str, str]
    mine: list[str] = Factory(list)
    theirs: list[str] = Factory(list)
    found: list[tuple[str, str]] = Factory(list)

    def named(self) -> list[tuple[str, str]]:
        self.mine, self.theirs = list(self.left.spelt), list(self.right.spelt)
        if not self.mine or not self.theirs:
            return [("signs", f"only signs differ: {self.raw[0].strip()} / {self.raw[1].strip()}")]
        self._forms()
        reordered = self._reordered()
        for taking in (self._titles, self._acronym, self._joined):
            taking()
        for kind, difference in self._of_two_words():
            self._pairs(kind, difference)
        self._rest()
        if self._is_far_fetched():
            return [(OTHER, f"other words: {' / '.join(map(self._shown, self.raw))}")]
        if reordered:
            self.found.append(("order", "the same words in another order"))
        self._signs()
        if not self.found:
            return [_typed(*((text,) for text in self.raw))]
        missed = missed_traits(*self.raw)
        return [*self.found, *([("typed", f"also {', '.join(missed)}")] if missed else [])]

    def _forms(self) -> None:
        """Takes away equal words, and pairs that are forms of one."""
        shared = Counter(self.mine) & Counter(self.theirs)
        for side in (self.mine, self.theirs):
            for word in shared.elements():
                side.remove(word)
        self._pairs("form", partial(self.vocabulary.relation, shown=self._as_typed))

    def _titles(self) -> None:
        """Takes away the titles, of which none is a part of a name."""
        titles = [
            [word for word in words if word in self.vocabulary.titles]
            for words in (self.mine, self.theirs)
        ]
        told = [" ".join(map(self._as_typed, words)) for words in titles]
        if all(told):
            self.found.append(("title", f"another title: {' / '.join(told)}"))
        elif any(told):
            self.found.append(("title", f"title: {''.join(told)}"))
        for words, taken in zip((self.mine, self.theirs), titles, strict=True):
            for word in taken:
                words.remove(word)

    def _pairs(self, kind: str, difference: Callable[[str, str], str | None]) -> None:
        """Takes away each pair of words whose difference has a name."""
        for one in list(self.mine):
            for other in self.theirs:
                words = difference(one, other)
                if words is not None:
                    self.found.append((kind, words))
                    self.mine.remove(one)
                    self.theirs.remove(other)
                    break

    def _signs(self) -> None:
        """The words and signs that are not compared: "No." before a number, "&" for "and"."""
        whole = [normal(text).replace(".", " ").split() for text in self.raw]
        for mine, theirs in (whole, whole[::-1]):
            for word in sorted(self.vocabulary.number_signs & set(mine) - set(theirs)):
                self.found.append(("form", f"only one has: {self._as_typed(word)}"))
        for sign in "&+":
            if (sign in self.raw[0]) != (sign in self.raw[1]):
                self.found.append(("form", f"{sign} stands for and"))

    def _of_two_words(self) -> list[tuple[str, Callable[[str, str], str | None]]]:
        letters = [
            ("letter", partial(self._letters, most=1)),
            ("letters", partial(self._letters, most=_LETTERS_TOLD)),
        ]
        of_people = [("nickname", nickname), ("initial", self._initial)]
        return [
            *(of_people if self.rule.person else []),
            *letters,
            ("shortened", self._shortened),
            ("spelling", self._spelt_alike),
        ]

    def _acronym(self) -> None:
        for short, long, kept in ((self.left, self.right, 0), (self.right, self.left, 1)):
            if (
                not self.rule.person
                and len(short.spelt) == 1
                and short.spelt[0] in acronyms(long, self.vocabulary)
            ):
                letters = self._shown(self.raw[kept])
                name = self._shown(self.raw[1 - kept])
                self.found.append(("acronym", f"{letters}: the first letters of {name}"))
                self.mine, self.theirs = [], []

    def _joined(self) -> None:
        """Words written as one on one side and as several on the other."""
        for ones, others in ((self.mine, self.theirs), (self.theirs, self.mine)):
            for one in list(ones):
                start = _run(others, one)
                if start is None:
                    continue
                first, last = start
                apart = _piece(one, self.raw[others is self.theirs]) or " ".join(
                    map(self._as_typed, others[first:last])
                )
                whole = _piece(one, self.raw[ones is self.theirs]) or one
                joined, split = (whole, apart) if ones is self.mine else (apart, whole)
                self.found.append(("joined", f"written as one word or as two: {joined} / {split}"))
                ones.remove(one)
                del others[first:last]

    def _initial(self, one: str, other: str) -> str | None:
        for short, long in ((one, other), (other, one)):
            if len(short) == 1 < len(long) and long.startswith(short):
                return f"initial: {short.upper()} stands for {self._as_typed(long)}"
        return None

    def _shortened(self, one: str, other: str) -> str | None:
        for short, long in ((one, other), (other, one)):
            if len(short) >= _SHORTEST_PART and long.startswith(short):
                return f"shortened: {self._as_typed(short)} / {self._as_typed(long)}"
        return None

    def _letters(self, one: str, other: str, most: int) -> str | None:
        if one.isdigit() or other.isdigit() or min(len(one), len(other)) < 1 + 2 * most:
            return None
        distance = OSA.distance(one, other, score_cutoff=most)
        if distance > most:
            return None
        letters = "one letter" if distance == 1 else "two letters"
        if abs(len(one) - len(other)) == distance:
            told = f"{letters} {'more' if len(one) > len(other) else 'less'}"
        elif distance == 1 and sorted(one) == sorted(other):
            told = "two letters swapped"
        else:
            told = f"{letters} {'differs' if distance == 1 else 'differ'}"
        return f"{told}: {self._as_typed(one)} / {self._as_typed(other)}"

    def _spelt_alike(self, one: str, other: str) -> str | None:
        if one.isdigit() or other.isdigit() or fuzz.ratio(one, other) < _ALIKE:
            return None
        return f"spelt differently: {self._as_typed(one)} / {self._as_typed(other)}"

    def _rest(self) -> None:
        """The words that only one of the two has, and those that differ altogether."""
        here, there = (
            self._shown(" ".join(map(self._as_typed, words))) for words in (self.mine, self.theirs)
        )
        if self.mine and self.theirs:
            self.found.append((OTHER, f"other words: {here} / {there}"))
        elif self.mine or self.theirs:
            words = self.mine or self.theirs
            address = any(map(str.isdigit, words)) and set(words) & self.vocabulary.streets
            kind, told = ("address", "address added") if address else ("words", "only one has")
            self.found.append((kind, f"{told}: {here or there}"))

    def _is_far_fetched(self) -> bool:
        """Whether nothing but a likeness of some words is found, and no word agrees."""
        kinds = {kind for kind, _ in self.found}
        return not self.left.bag & self.right.bag and "spelling" in kinds <= _FAR and len(kinds) > 1

    def _reordered(self) -> bool:
        """Whether the words of both stand in another order."""
        both = self.left.bag & self.right.bag
        orders = (
            [word for word in dict.fromkeys(name.words) if word in both]
            for name in (self.left, self.right)
        )
        return next(orders) != next(orders)

    def _as_typed(self, word: str) -> str:
        """A word as it stands in one of the names."""
        return _piece(word, *self.raw) or word

    def _shown(self, text: str) -> str:
        return shortened(" ".join(text.split()), _LONGEST_SHOWN)


def _piece(word: str, *names: str) -> str | None:
    """Where a word stands in one of the names, as it is typed there."""
    for name in names:
        for piece in name[: 10 * _LONGEST_SHOWN].split():
            bare = piece.strip(".,;:()[]-/'\"")
            if bare.casefold() == word or "".join(filter(str.isalnum, normal(bare))) == word:
                return bare
    return None


def _typed(mine: Key, theirs: Key) -> tuple[str, str]:
    """Of names of the same words: how their typing differs."""
    if traits := differing_traits(mine, theirs):
        return "typed", f"equal but for {', '.join(traits)}"
    told = " / ".join(shortened(" ".join(key).strip(), _LONGEST_SHOWN) for key in (mine, theirs))
    return "typed", f"the same words, written otherwise: {told}"


def _run(words: list[str], joined: str) -> tuple[int, int] | None:
    """Where consecutive words make one word together."""
    for first in range(len(words)):
        for last in range(first + 2, min(first + 5, len(words) + 1)):
            if "".join(words[first:last]) == joined:
                return first, last
    return None


def _same_normal(left: str, right: str) -> bool:
    return normal(left) == normal(right)


def _spaced_once(key: Key) -> str:
    """A key, without the spaces that a cause names in words."""
    return " ".join(word for part in key for word in part.split(" ") if word)
