"""One client's connection: what it asks for, and what it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.ib import told
from tests.venues.ib.executions import commission, status
from tests.venues.ib.orders import Placed, contract_of
from tests.venues.ib.stock import Contract
from tests.venues.ib.wire import SERVER_VERSION, packed, read_greeting, read_message

if TYPE_CHECKING:
    from tests.venues.ib.floor import Floor

BID, ASK, LAST, REAL_TIME_VOLUME = 1, 2, 4, 48
SIZE_OF = {BID: 0, ASK: 3}
_SPANS = {"S": 1, "D": 86_400, "W": 7 * 86_400}


class Session:
    """Serves a client until it goes."""

    def __init__(self, floor: Floor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.client_id = -1
        self.is_ready = False
        self.said = 0
        """Messages that left."""
        self._floor = floor
        self._reader = reader
        self._writer = writer
        self.follows_positions = False
        self._followed: dict[int, Contract] = {}
        self._shown: dict[int, dict[int, tuple[Decimal, Decimal] | None]] = {}
        self._takers: dict[int, Callable[[list[str]], None]] = {
            1: self._follow,
            2: lambda m: self._leave(int(m[2])),
            3: self._place,
            4: lambda m: self._floor.cancel(self, int(m[2])),
            5: lambda _: self._open_orders(everybody=False),
            6: self._account_updates,
            7: self._executions,
            8: lambda _: self.say([9, 1, self._floor.next_id(self.client_id)]),
            9: self._details,
            16: lambda _: self._open_orders(everybody=True),
            17: lambda _: self.say([15, 1, self._floor.account]),
            20: self._history,
            49: lambda _: self.say([49, 1, int(time.time())]),
            58: lambda _: self._floor.cancel_all(),
            61: self._positions,
            64: self._positions,
            62: self._summary,
            71: self._start,
            76: self._updates_multi,
            99: self._completed,
        }

    async def run(self) -> None:
        """Answer until the connection ends."""
        version = await read_greeting(self._reader)
        assert version == SERVER_VERSION
        now = datetime.now(UTC)
        self._send([SERVER_VERSION, f"{now:%Y%m%d %H:%M:%S} UTC"])
        while True:
            fields = await read_message(self._reader)
            taker = self._takers.get(int(fields[0]))
            if taker is not None:
                taker(fields)

    def say(self, fields: list[object]) -> None:
        """Send a message, unless a fault says otherwise."""
        faults = self._floor.faults
        if faults.mute:
            return
        if faults.late_s:
            asyncio.get_running_loop().call_later(faults.late_s, self._send, fields)
        else:
            self._send(fields)

    def say_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    def _send(self, fields: list[object]) -> None:
        if not self._writer.is_closing():
            self.said += 1
            self._writer.write(packed(fields))

    def error(self, about: int, code: int, text: str) -> None:
        """Say that something is wrong, or only so; -1 is about nothing that was asked for."""
        self.say([4, 2, about, code, text, ""])

    def drop(self) -> None:
        """End the connection without a word."""
        self.is_ready = False
        self._floor.sessions.discard(self)
        self._writer.transport.abort()

    # Beginning

    def _start(self, fields: list[str]) -> None:
        client_id, floor = int(fields[2]), self._floor
        if any(each.is_ready and each.client_id == client_id for each in floor.sessions):
            self.error(
                -1, 326, "Unable to connect as the client id is already in use. Retry with a unique one."
            )
            self._writer.close()
            return
        self.client_id, self.is_ready = client_id, True
        self.say([9, 1, floor.next_id(client_id)])
        self.say([15, 1, floor.account])
        for code, text in (
            (2104, "Market data farm connection is OK:usfarm"),
            (2106, "HMDS data farm connection is OK:ushmds"),
            (2158, "Sec-def data farm connection is OK:secdefil"),
        ):
            self.error(-1, code, text)
        if floor.cut_off:
            self.error(-1, 1100, "Connectivity between IBKR and Trader Workstation has been lost.")

    # Orders

    def _place(self, fields: list[str]) -> None:
        faults, placed = self._floor.faults, Placed.read(fields)
        if faults.drop_orders:
            faults.drop_orders -= 1
            self.drop()
        elif faults.hold_orders:
            faults.hold_orders -= 1
        elif faults.drop_answers:
            faults.drop_answers -= 1
            self.is_ready = False  # whatever follows, this client does not hear it
            self._floor.place(self, placed)
            self.drop()
        else:
            self._floor.place(self, placed)

    def _open_orders(self, *, everybody: bool) -> None:
        for order in self._floor.open_orders(lambda each: everybody or each.client_id == self.client_id):
            self.say(told.open_order(order))
            self.say(status(order))
        self.say([53, 1])

    def _completed(self, fields: list[str]) -> None:
        api_only = fields[1] == "1"
        for order in self._floor.orders:
            if order.ended and not (api_only and not order.client_id):
                self.say(told.completed_order(order))
        self.say([102])

    def _executions(self, fields: list[str]) -> None:
        request = int(fields[2])
        for each in self._floor.executions:
            self.say(each.fields(request))
            if self._floor.is_told_of(each):
                self.say(commission(each))
        self.say([55, 1, request])

    # The account

    def _positions(self, fields: list[str]) -> None:
        self.follows_positions = fields[0] == "61"
        if self.follows_positions:
            for con_id in self._floor.positions():
                self.position(self._floor.contracts[con_id])
            self.say([62, 1])

    def position(self, contract: Contract) -> None:
        """Tell what is held of a contract."""
        held = self._floor.positions().get(contract.con_id, (Decimal(0), Decimal(0)))
        self.say([61, 3, self._floor.account, *told.contract(contract), *map(told.number, held)])

    def _summary(self, fields: list[str]) -> None:
        request = int(fields[2])
        for currency, amount in self._floor.cash.items():
            told_here = [63, 1, request, self._floor.account]
            self.say([*told_here, "Currency", currency, currency])
            self.say([*told_here, "CashBalance", told.number(amount), currency])
        self.say([63, 1, request, self._floor.account, "CashBalance", "100000", "BASE"])
        self.say([64, 1, request])

    def _account_updates(self, fields: list[str]) -> None:
        if fields[2] == "1":
            for currency, amount in self._floor.cash.items():
                self.say([6, 2, "CashBalance", told.number(amount), currency, self._floor.account])
            self.say([54, 1, self._floor.account])

    def _updates_multi(self, fields: list[str]) -> None:
        self.say([74, 1, int(fields[2])])

    # The market

    def _details(self, fields: list[str]) -> None:
        request, floor = int(fields[2]), self._floor
        found = floor.find_contracts(contract_of(fields, 3))
        for each in found:
            self.say(told.details(request, each, self._hours(each)))
        if found:
            self.say([52, 1, request])
        else:
            self.error(request, 200, "No security definition has been found for the request")

    def _hours(self, contract: Contract) -> str:
        del contract
        days = [datetime.now(UTC).date() + timedelta(days=each) for each in range(-1, 5)]
        if self._floor.closed:
            return ";".join(f"{day:%Y%m%d}:CLOSED" for day in days)
        return ";".join(f"{day:%Y%m%d}:0000-{day + timedelta(days=1):%Y%m%d}:0000" for day in days)

    def _follow(self, fields: list[str]) -> None:
        request = int(fields[2])
        found = self._floor.find_contracts(contract_of(fields, 3))
        if len(found) != 1:
            self.error(request, 200, "No security definition has been found for the request")
            return
        self._followed[request] = found[0]
        self._shown[request] = {}
        self.say([58, 1, request, 1])
        self.touch(found[0])

    def _leave(self, request: int) -> None:
        self._followed.pop(request, None)
        self._shown.pop(request, None)

    def touch(self, contract: Contract) -> None:
        """Tell the touch of a contract, as far as it is another than was told."""
        for request, followed in self._followed.items():
            if followed is not contract or self._floor.faults.no_ticks:
                continue
            for kind, level in zip((BID, ASK), self._floor.touch(contract), strict=True):
                shown = self._shown[request]
                if kind in shown and shown[kind] == level:
                    continue
                shown[kind] = level
                price, size = level or (Decimal(-1), Decimal(0))
                self.say([1, 6, request, kind, told.number(price), told.number(size), 0])

    def print(self, contract: Contract, price: Decimal, quantity: Decimal) -> None:
        """Tell a print to who follows its contract."""
        for request, followed in self._followed.items():
            if followed is contract:
                at_ms = time.time_ns() // 1_000_000
                parts = (told.number(price), told.number(quantity), at_ms, "1000", told.number(price), "true")
                self.say([1, 6, request, LAST, told.number(price), told.number(quantity), 0])
                self.say([46, 6, request, REAL_TIME_VOLUME, ";".join(map(str, parts))])

    def _history(self, fields: list[str]) -> None:
        request, size, span = int(fields[1]), fields[16], fields[17]
        found = self._floor.find_contracts(contract_of(fields, 2))
        count, _, unit = span.partition(" ")
        if self._floor.faults.no_history or len(found) != 1 or size != "1 min" or unit not in _SPANS:
            self.error(request, 162, "Historical Market Data Service error message:No data of query")
            return
        bars = self._floor.past.minutes(found[0], time.time(), int(count) * _SPANS[unit])
        cells = [cell for bar in bars for cell in bar]
        self.say([17, request, "", "", len(bars), *cells])
