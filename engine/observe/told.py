"""What a metric is, told of one part of the engine: the parts have tables of these beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from engine.messages.rows import Point, Points

__all__ = ("Part", "Point", "Points", "Told", "chosen", "counted", "one", "tallied")

Part = TypeVar("Part")


class Told(NamedTuple, Generic[Part]):
    """One name, what it means, and what a part says to it."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[Part], Points]


def one(number: float) -> Points:
    """Return the point of a metric without labels."""
    return (((), number),)


def counted(numbers: Iterable[tuple[str, float]]) -> Points:
    """Return a point for each name."""
    return (((name,), number) for name, number in numbers)


def chosen(all_names: Iterable[str], name: str) -> Points:
    """Return 1 for the name that is so, 0 for the others."""
    return counted((each, each == name) for each in all_names)


def tallied(all_names: Iterable[str], names: Iterable[str]) -> Points:
    """Return how often each of the names there are is among these."""
    found = Counter(names)
    return counted((each, found[each]) for each in all_names)
