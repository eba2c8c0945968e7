"""The contract of every source, with the local venues' walk and what only they can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.adapter_contract.served import ServedVenue
from engine.adapter_contract.source_contract import Desk, SourceContract
from tests.venues.walk import Walk

CUT_SHORT = b'\x81\x7e\x04\x00{"channel":"'
"""The beginning of a frame of 1,024 bytes (RFC 6455, section 5.2)."""


class LocalContract(SourceContract):
    """Tests that a source inherits whose venue is one of `tests/venues`."""

    def walk(self, floor: Any, seed: int) -> Callable[[], None]:
        """Return what changes the books by one step of chance."""
        return Walk(floor, seed).step

    def test_a_frame_that_is_cut_short_ends_the_connection_and_costs_nothing_more(
        self, venue: ServedVenue
    ) -> None:
        floor: Any = self.floor(venue)

        def cut() -> None:
            for session in floor.sessions:
                session.connection.transport.write(CUT_SHORT)
                session.connection.transport.close()

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            await desk.do(cut)
            await desk.until(lambda: desk.source.connects == 2)
            await self.moves_on(desk, floor)

        assert self.live(venue, scenario).market.counters.malformed == {}
