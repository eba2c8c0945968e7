"""What a page of the REST APIs is given, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.refusal import Refusal, wrong_parameter
from tests.venues.alpaca.texts import moment

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor


@dataclass(frozen=True)
class Told:
    """What a page says: a status, and what becomes JSON; None is nothing at all."""

    status: int
    body: Any = None


@dataclass(frozen=True)
class Asked:
    """One request, as far as a page is about it."""

    floor: Floor
    parts: tuple[str, ...]
    """What the path has at the places that are left open."""
    query: dict[str, str]
    body: dict[str, Any]

    def flag(self, name: str) -> bool:
        """Return whether something is asked for."""
        return self.query.get(name, "").lower() == "true"

    def count(self, name: str, default: int, most: int) -> int:
        """Return a number of things.

        Raises:
            Refusal: it is no number, or too many.
        """
        raw = self.query.get(name) or f"{default}"
        if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= most:
            raise wrong_parameter(f"invalid {name}: {raw}")
        return int(raw)

    def time(self, name: str) -> int | None:
        """Return a time in nanoseconds; None where none is said.

        Raises:
            Refusal: it is no time.
        """
        raw = self.query.get(name)
        if not raw:
            return None
        try:
            return moment(raw)
        except ValueError:
            raise Refusal(400, None, f"invalid {name}: {raw}") from None

    def names(self, name: str) -> list[str]:
        """Return a list that is written with commas."""
        return [each.strip() for each in self.query.get(name, "").split(",") if each.strip()]


Page = Callable[[Asked], Told]
