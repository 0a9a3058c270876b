"""A value is worked out once in a while, and again when it is forgotten."""

from __future__ import annotations

from itertools import count

from importer.pages.recent import Recent


def test_a_value_is_kept_for_so_long() -> None:
    now, made = [0.0], count()
    recent = Recent[int](10.0, clock=lambda: now[0])
    assert [recent.of("a", made.__next__) for _ in range(2)] == [0, 0]
    assert recent.of("b", made.__next__) == 1
    now[0] = 10.0
    assert recent.of("a", made.__next__) == 2
    recent.forget("a")
    recent.forget("c")
    assert recent.of("a", made.__next__) == 3


def test_only_the_newest_are_kept() -> None:
    recent, made = Recent[int](10.0), count()
    for number in range(20):
        recent.of(number, made.__next__)
    assert recent.of(19, made.__next__) == 19
    assert recent.of(0, made.__next__) == 20
