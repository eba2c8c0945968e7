"""A line of the log as it was read back, and which lines somebody wants to see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import IntEnum

from msgspec import Struct


class Level(IntEnum):
    """How loud a line is; a larger one is louder."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2


class LogLine(Struct, frozen=True, gc=False):
    """One line; every text of it is clean."""

    at_ns: int
    """The machine's time, ns UTC."""
    level: Level
    component: str
    event: str
    correlation: str = ""
    cause: str = ""
    """The command that it comes from, where that is not the order's own."""
    client_id: str = ""
    fields: tuple[tuple[str, object], ...] = ()
    """All the rest in its own order, as JSON has it."""

    def is_about(self, name: str) -> bool:
        """Tell whether a line belongs to what has this id: an order, or a command."""
        return name in {self.correlation, self.cause, self.client_id}

    @property
    def told(self) -> str:
        """The fields in one line."""
        return " ".join(f"{name}={value}" for name, value in self.texts())

    @property
    def ids(self) -> str:
        """What it is found by, in one line."""
        named = (("correlation", self.correlation), ("cause", self.cause), ("client_id", self.client_id))
        return " ".join(f"{name}={value}" for name, value in named if value)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the fields with their values as text."""
        for name, value in self.fields:
            yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class Wanted(Struct, frozen=True, gc=False):
    """Which lines are wanted; by default all."""

    correlation: str = ""
    """The id of an order or a command; empty for any."""
    level: Level = Level.INFO
    """This loud at least."""
    component: str = ""
    since_ns: int = 0

    def takes(self, line: LogLine) -> bool:
        """Tell whether a line is one of them."""
        return (
            line.level >= self.level
            and line.at_ns >= self.since_ns
            and self.component in {"", line.component}
            and (not self.correlation or line.is_about(self.correlation))
        )
