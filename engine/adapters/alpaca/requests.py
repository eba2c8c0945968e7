"""What is asked of Alpaca's trading API: each operation through its own circuit and connections, all within its limit."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.refusals import reason_of
from engine.clock import Clock
from engine.errors import NotSentError, RejectedError
from engine.messages.circuits import Operation
from engine.ports.secrets import Credential
from engine.transport.allowance import Allowance
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.http import HttpReader, RefusedAnswer
from engine.transport.once import Answer, HttpOnce

ORDERS = "/v2/orders"
_BY_NAME = "/v2/orders:by_client_order_id"
LIMIT, RESERVE = 200, 20
"""Requests a minute before Alpaca says otherwise, and how many of them only cancels may use."""
FOR_ORDERS = 60
"""How many more are left to orders by what is only asked."""
READ_S = 8.0


class TradingRequests:
    """Orders, cancels and questions; an open circuit or a used-up limit of one leaves the cancels alone."""

    def __init__(self, url: str, credential: Credential, clock: Clock, *, open_s: float = OPEN_S) -> None:
        self.allowance = Allowance(clock, limit=LIMIT, reserve=RESERVE)
        self.submit_circuit, self.cancel_circuit, self.account_circuit = (
            Breaker(VENUE, each, clock, open_s=open_s)
            for each in (Operation.SUBMIT, Operation.CANCEL, Operation.ACCOUNT)
        )
        headers, heard = auth_headers(credential), self.allowance.heard
        self._submits = HttpOnce(url, self.submit_circuit, headers=headers, heard=heard)
        self._cancels = HttpOnce(url, self.cancel_circuit, headers=headers, heard=heard)
        self._reads = HttpReader(url, self.account_circuit, total_s=READ_S, headers=headers)
        self._reads.heard = heard

    @property
    def circuits(self) -> tuple[Breaker, ...]:
        """One for each operation."""
        return (self.submit_circuit, self.cancel_circuit, self.account_circuit)

    async def close(self) -> None:
        """Let go of all connections."""
        for each in (self._submits, self._cancels, self._reads):
            await each.close()

    async def submit(self, body: bytes, client_id: str) -> Answer:
        """Send an order, once; our id of it is for our own log.

        Raises:
            NotSentError: not a byte left.
            TransientError: nobody knows what became of it.
            BreakerOpenError: it was not tried.
        """
        self._take()
        return await self._submits.send("POST", ORDERS, body, about=client_id)

    async def change(self, venue_id: str, body: bytes, client_id: str) -> Answer:
        """Send new terms, once; raises what `submit` raises."""
        self._take()
        path = f"{ORDERS}/{quote(venue_id, safe='')}"
        return await self._submits.send("PATCH", path, body, about=client_id)

    async def cancel(self, venue_id: str, client_id: str) -> Answer:
        """Send a cancel, whatever is left of the limit; raises what `submit` raises."""
        self.allowance.count()
        return await self._cancels.send("DELETE", f"{ORDERS}/{quote(venue_id, safe='')}", about=client_id)

    async def find_for_cancel(self, client_id: str) -> Answer:
        """Ask for an order that is to be cancelled, on the cancels' own way; raises what `submit` raises."""
        self.allowance.count()
        parameters = {"client_order_id": client_id, "nested": "true"}
        return await self._cancels.send("GET", _BY_NAME, parameters=parameters, about=client_id)

    async def look(self, venue_id: str, client_id: str) -> Answer:
        """Ask for an order whose cancel was refused, on the cancels' own way; raises what `submit` raises."""
        self.allowance.count()
        return await self._cancels.send("GET", f"{ORDERS}/{quote(venue_id, safe='')}", about=client_id)

    async def read(self, path: str, parameters: Mapping[str, str]) -> bytes:
        """Return an answer about the account; it is asked for again where that may help.

        Raises:
            AdapterError: none came, or Alpaca refused; a `RefusedAnswer` where it said so itself.
        """
        self._take(FOR_ORDERS)
        try:
            return await self._reads.get(path, parameters)
        except RefusedAnswer as refused:
            if refused.status == 404:
                raise
            raise RejectedError(reason_of(refused.status, refused.body)) from refused

    async def order(self, venue_id: str, *, nested: bool = False) -> m.OrderText | None:
        """Return an order by Alpaca's id, None where it knows none; raises what `read` raises, and DataError."""
        path = f"{ORDERS}/{quote(venue_id, safe='')}"
        body = await self._found(path, {"nested": "true" if nested else "false"})
        return m.read_order(body) if body is not None else None

    async def order_named(self, client_id: str) -> m.OrderText | None:
        """Return an order by our id, None where Alpaca knows none; raises what `read` raises, and DataError."""
        body = await self._found(_BY_NAME, {"client_order_id": client_id})
        return m.read_order(body) if body is not None else None

    async def _found(self, path: str, parameters: Mapping[str, str]) -> bytes | None:
        try:
            return await self.read(path, parameters)
        except RefusedAnswer:
            return None

    def _take(self, leaving: int = 0) -> None:
        allowance = self.allowance
        if not allowance.take(leaving):
            kept = f"the last {allowance.reserve} are kept for cancels"
            if leaving:
                kept += f", {leaving} more for orders"
            raise NotSentError(
                f"Alpaca takes {allowance.limit} requests a minute, {kept}; there are more in "
                f"{allowance.ends_in_s:.0f} s"
            )


def auth_headers(credential: Credential) -> dict[str, str]:
    """Return what proves to Alpaca who asks."""
    return {"APCA-API-KEY-ID": credential.key, "APCA-API-SECRET-KEY": credential.secret}
