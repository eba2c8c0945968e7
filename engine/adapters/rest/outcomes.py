"""What became of a request about an order, as far as that is known: refused, not sent, or lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from engine.clock import Clock
from engine.errors import AdapterError, BreakerOpenError, DataError, NotSentError
from engine.messages.reports import CancelRejectReport, LostReport, Refusal, RejectReport, Report

UNSENT: Final = (NotSentError, BreakerOpenError)
"""What says that not a byte of a request left."""


class Outcomes:
    """Sees each request through, and reports what is not told by the venue itself."""

    def __init__(self, clock: Clock, report: Callable[[Report], None]) -> None:
        self.lost = 0
        """Requests of which nobody knows what became."""
        self.report = report
        self._clock = clock

    async def of_order(self, client_id: str, request: Awaitable[None], *also: str) -> None:
        """See an order through, and those that go out in the same request."""
        client_ids = (client_id, *also)
        try:
            await request
        except UNSENT as error:
            for each in client_ids:
                self.reject(each, f"not sent: {error}")
        except (AdapterError, DataError) as error:
            for each in client_ids:
                self._lose(each, "order", error)

    async def of_cancel(self, client_id: str, request: Awaitable[None]) -> None:
        """See a cancel through; one that was not sent is still wanted."""
        try:
            await request
        except UNSENT as error:
            reason = f"not sent: {error}"
            self.report(CancelRejectReport(client_id, reason, self._clock.now_ns(), unsent=True))
        except (AdapterError, DataError) as error:
            self._lose(client_id, "cancel", error)

    async def of_amendment(self, client_id: str, request: Awaitable[None]) -> None:
        """See new terms through."""
        try:
            await request
        except UNSENT as error:
            self.refuse(client_id, f"not sent: {error}")
        except (AdapterError, DataError) as error:
            self._lose(client_id, "amendment", error)

    def reject(self, client_id: str, reason: str, kind: Refusal = Refusal.OTHER) -> None:
        """Report that an order was refused."""
        self.report(RejectReport(client_id, reason, self._clock.now_ns(), kind))

    def refuse(self, client_id: str, reason: str, kind: Refusal = Refusal.OTHER) -> None:
        """Report that a cancel or new terms were refused."""
        self.report(CancelRejectReport(client_id, reason, self._clock.now_ns(), kind))

    def _lose(self, client_id: str, what: str, error: Exception) -> None:
        self.lost += 1
        reason = f"no answer to the {what}: {error}"
        self.report(LostReport(client_id, reason, self._clock.now_ns(), to_order=what == "order"))
