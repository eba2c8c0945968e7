"""What came last, by its key."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Knows at least half as many as it may; the older half is forgotten at once, for to look for the one oldest takes long.

    Every method may be called from any thread.
    """

    __slots__ = ("_half", "_newer", "_older")

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._newer: dict[str, Value] = {}
        self._older: dict[str, Value] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._newer or key in self._older

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def put(self, key: str, value: Value) -> None:
        """Know what belongs to a key."""
        newer = self._newer
        if len(newer) >= self._half:
            self._older = newer
            newer = self._newer = {}
        newer[key] = value

    def get(self, key: str) -> Value | None:
        """Return what belongs to a key; None where that is not known, or no more."""
        found = self._newer.get(key)
        return found if found is not None else self._older.get(key)
