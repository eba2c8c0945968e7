"""A venue behind the bridge's protocol, in a process of its own, written from the page that defines it.

    python -m tests.venues.bridge_venue --address unix:/tmp/v.sock --log /tmp/v.log --seed 1 \
        [--control unix:/tmp/c.sock] [--faults drop_after=0.01,duplicate=0.05] [--drift-ms 20]

It keeps running while desks come and go, and begins from its log when it is started again. The control
socket takes lines of JSON and answers each with one: quote, faults, send_raw, hang_up, state, presence, place,
bust, stop.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Coroutine
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests.venues.faults import Faults, parse
from tests.venues.matching import Exchange
from tests.venues.truth import Truth, VenueOrder

Message = dict[str, Any]
STOCK_PART = 200
"""Orders and fills in one part of a stock."""


class Session:
    """One desk's connection: what is said to it goes out in order, unless a fault says otherwise."""

    def __init__(self, writer: asyncio.StreamWriter, faults: Faults, random: Random) -> None:
        self.writer = writer
        self.welcomed = False
        self.deaf = False
        self.dead_man: Message | None = None
        """What it asked to be done once it is gone."""
        self._faults = faults
        self._random = random
        self._held: list[Message] = []
        self._due_s = 0.0

    def say(self, message: Message) -> None:
        """Send a message, faults included."""
        faults, random = self._faults, self._random
        is_report = message["type"] not in {"welcome", "pong", "stock", "status", "not_found"}
        if is_report and faults.happens(faults.silent, random):
            return
        if is_report and not self._held and faults.happens(faults.reorder, random):
            self._held.append(message)
            return
        for each in (message, *self._held):
            self._send_later(json.dumps(each, default=str).encode() + b"\n")
            if message["type"] not in {"welcome", "pong"} and faults.happens(faults.duplicate, random):
                self._send_later(json.dumps(each, default=str).encode() + b"\n")
        self._held.clear()

    def _send_later(self, line: bytes) -> None:
        if not self._faults.delay_ms:
            self.send_raw(line)
            return
        loop = asyncio.get_running_loop()
        delay_s = self._random.expovariate(1000.0 / self._faults.delay_ms)
        self._due_s = max(self._due_s, loop.time() + delay_s)
        loop.call_at(self._due_s, self.send_raw, line)

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        if not self.writer.is_closing() and not self.deaf:
            self.writer.write(data)

    def hang_up(self) -> None:
        """End the connection at once."""
        self.writer.transport.abort()


class BridgeVenue:
    """Serves one desk at a time; a new one takes the place of the old."""

    def __init__(self, log: Path, seed: int, faults: Faults) -> None:
        self.truth = Truth(log)
        self.faults = faults
        self.stopped = asyncio.Event()
        self._random = Random(seed + self.truth.decisions)
        self.exchange = Exchange(self.truth, self._random, self._say)
        self._session: Session | None = None
        self._dead_man: asyncio.TimerHandle | None = None
        self._set_faults({})
        self._takers: dict[str, Callable[[Message], None]] = {
            "submit": self.exchange.submit,
            "cancel": self.exchange.cancel,
            "amend": self.exchange.amend,
            "inquire": self._inquire,
            "stock": self._stock,
            "bye": self._bye,
            "ping": lambda m: self._say({"type": "pong", "id": m["id"]}),
        }

    def _say(self, message: Message) -> None:
        if self._session is not None and self._session.welcomed:
            self._session.say(message)

    async def serve_desk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Listen to a desk until it goes."""
        if self._session is not None:
            self._session.hang_up()
        session = self._session = Session(writer, self.faults, self._random)
        self.truth.decide("link", time.time_ns(), open=True)
        try:
            while line := await reader.readline():
                if not line.endswith(b"\n"):
                    break
                self._hear(session, line)
        except (ConnectionError, ValueError):
            pass
        finally:
            self.truth.decide("link", time.time_ns(), open=False)
            if self._session is session:
                self._session = None
                self._gone(session)
            writer.close()

    def _gone(self, session: Session) -> None:
        """Do what was promised, unless a desk is there by then."""
        asked = session.dead_man
        if asked is not None:
            loop = asyncio.get_running_loop()
            self._dead_man = loop.call_later(asked["after_ms"] / 1000, self._cancel_alone, asked)

    def _cancel_alone(self, asked: Message) -> None:
        self._dead_man = None
        for order in list(self.truth.orders.values()):
            if not order.ended and not (asked["keep_reduce_only"] and order.reduce_only):
                self.exchange.cancel({"client_id": order.client_id})

    def _hear(self, session: Session, line: bytes) -> None:
        message = json.loads(line)
        session.deaf = bool(self.faults.deaf)
        self.truth.decide("received", time.time_ns(), message=message)
        if session.deaf:
            return
        if message["type"] == "hello":
            self._welcome(session, message)
            return
        if self.faults.happens(self.faults.drop_before, self._random):
            session.hang_up()
            return
        if self.faults.happens(self.faults.drop_after, self._random):
            session.welcomed = False
            session.hang_up()
        self._takers[message["type"]](message)

    def _welcome(self, session: Session, message: Message) -> None:
        session.welcomed = True
        session.dead_man = None if self.faults.promises_nothing else message.get("cancel_on_disconnect")
        if self._dead_man is not None:
            self._dead_man.cancel()
            self._dead_man = None
        welcome = {"type": "welcome", "version": 1, "account": message["account"], "venue": "test venue"}
        session.say({**welcome, "cancel_on_disconnect": session.dead_man is not None})

    def _bye(self, _message: Message) -> None:
        if self._session is not None:
            self._session.dead_man = None

    def _inquire(self, message: Message) -> None:
        order = self.truth.orders.get(message["client_id"])
        if order is None:
            told: Message = {"type": "not_found", "client_id": message["client_id"]}
        else:
            told = {"type": "status", "order": describe(order), "fills": list(order.fills)}
        self._say({**told, "id": message["id"], "time_ns": time.time_ns()})

    def _stock(self, message: Message) -> None:
        since_ns, truth = message["since_ns"], self.truth
        orders = [describe(o) for o in truth.orders.values() if not o.ended or o.time_ns >= since_ns]
        fills = [fill for fill in truth.fills if fill["time_ns"] >= since_ns]
        head = {"type": "stock", "id": message["id"], "as_of_ns": time.time_ns(), "since_ns": since_ns}
        parts = max(1, -(-max(len(orders), len(fills)) // STOCK_PART))
        for part in range(parts):
            cut = slice(part * STOCK_PART, (part + 1) * STOCK_PART)
            last = part == parts - 1
            body: Message = {"part": part + 1, "last": last, "orders": orders[cut], "fills": fills[cut]}
            self._say({**head, **body, "positions": truth.positions if last else {}})

    # The control socket

    async def serve_control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what a test asks for, one line at a time."""
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                order = json.loads(line)
                answer = getattr(self, f"_do_{order.pop('do')}")(**order)
                writer.write(json.dumps(answer, default=str).encode() + b"\n")
                await writer.drain()
        writer.close()

    def _do_quote(self, symbol: str, **touch: str) -> None:
        self.exchange.quote(symbol, **{name: Decimal(value) for name, value in touch.items()})

    def _do_faults(self, **values: float) -> None:
        self._set_faults(values)

    def _set_faults(self, values: dict[str, float]) -> None:
        self.faults.set(values)
        self.exchange.bust_share = self.faults.bust
        self.exchange.late_fill_share = self.faults.late_fill

    def _do_send_raw(self, text: str, times: int = 1) -> None:
        if self._session is not None:
            self._session.send_raw(text.encode() * times)

    def _do_presence(self) -> str:
        """Say whether a desk is here, gone, or missed: gone, and its orders are to be cancelled."""
        if self._session is not None:
            return "here"
        return "missed" if self._dead_man is not None else "gone"

    def _do_hang_up(self) -> None:
        if self._session is not None:
            self._session.hang_up()

    def _do_place(self, **message: Any) -> None:
        """Place an order that no desk asked for."""
        self.exchange.submit(message)

    def _do_bust(self, fill_id: str) -> None:
        (fill,) = (each for each in self.truth.fills if each["fill_id"] == fill_id)
        self.exchange.bust(fill)

    def _do_state(self) -> Message:
        truth = self.truth
        orders = {client_id: describe(order) for client_id, order in truth.orders.items()}
        return {"orders": orders, "fills": truth.fills, "positions": truth.positions}

    def _do_stop(self) -> None:
        self.stopped.set()


def describe(order: VenueOrder) -> Message:
    """Return an order as the protocol tells of it."""
    return {
        "client_id": order.client_id,
        "venue_id": order.venue_id,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": str(order.quantity),
        "filled": str(order.filled),
        "status": order.status,
        "order_type": order.order_type,
        "tif": order.tif,
        "limit": None if order.limit is None else str(order.limit),
        "stop": None if order.stop is None else str(order.stop),
        "reason": order.reason,
        "time_ns": order.time_ns,
    }


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


async def listen(address: str, serve: Serve) -> asyncio.AbstractServer:
    """Listen at `unix:/path` or `tcp:host:port`."""
    kind, _, rest = address.partition(":")
    if kind == "unix":
        return await asyncio.start_unix_server(serve, rest)
    host, _, port = rest.rpartition(":")
    return await asyncio.start_server(serve, host, int(port), reuse_address=True)


async def run(options: argparse.Namespace) -> None:
    """Serve until stopped."""
    faults = Faults()
    faults.set(parse(options.faults))
    venue = BridgeVenue(options.log, options.seed, faults)
    servers = [await listen(options.address, venue.serve_desk)]
    if options.control:
        servers.append(await listen(options.control, venue.serve_control))
    print("ready", flush=True)
    while not venue.stopped.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(options.drift_ms / 1000 if options.drift_ms else None):
                await venue.stopped.wait()
        if not venue.stopped.is_set():
            venue.exchange.drift()
    for server in servers:
        server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--log", required=True, type=Path)
    parser.add_argument("--control", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="")
    parser.add_argument("--drift-ms", type=float, default=0.0)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
