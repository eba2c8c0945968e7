"""The fills that stand, in the terms that stand; old ones stay packed until somebody asks for their terms."""

from __future__ import annotations

from collections.abc import Iterator

from engine.messages.ledger_page import LedgerPage, pages_in, unpack
from engine.messages.state import BookedFill
from engine.model.fill import Fill


class StandingFills(dict[str | int, Fill | LedgerPage]):
    """Fills by their ids; in the place of one that is packed is its page, as in that of a corporate action."""

    def terms(self, fill_id: str) -> Fill | None:
        """Return a fill; None for one that is not known."""
        found = self.get(fill_id)
        if isinstance(found, LedgerPage):
            self._open(found)
            found = self[fill_id]
            assert isinstance(found, Fill), "a page has the entries of its keys"
        return found

    def take_back(self, fill_id: str) -> Fill | None:
        """Let a fill stand no more and return it; None for one that is not known."""
        fill = self.terms(fill_id)
        self.pop(fill_id, None)
        return fill

    def of_order(self, client_id: str) -> Iterator[Fill]:
        """Yield the fills of an order as they were booked; only pages that may have one are read."""
        for page in pages_in(self.values()):
            if client_id.encode() in page.entries:
                self._open(page)
        for each in self.values():
            if isinstance(each, Fill) and each.client_id == client_id:
                yield each

    def _open(self, page: LedgerPage) -> None:
        for _, booked in unpack(page):
            if isinstance(booked, BookedFill):
                self[booked.fill.fill_id] = booked.fill
