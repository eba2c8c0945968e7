"""What the venue answers over HTTP, and what each answer costs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from tests.venues.binance.books import Book
from tests.venues.binance.floor import Floor, RestFault
from tests.venues.binance.keys import verified
from tests.venues.binance.refused import Refused
from tests.venues.binance.rest_account import AccountRoutes
from tests.venues.http_door import Answer, Request

WEIGHT_MAX = 6000
BAN_S = 120


class Rest:
    """Answers requests, and counts what they cost in each minute."""

    def __init__(self, floor: Floor, now_s: Callable[[], float] = time.time) -> None:
        self.floor = floor
        self._now_s = now_s
        self.weight_max = WEIGHT_MAX
        self.used = 0
        self._minute = 0
        self._banned_until = 0.0
        self.account = AccountRoutes(floor)
        self._routes: dict[str, tuple[Callable[[dict[str, str]], Any], Callable[[dict[str, str]], int]]] = {
            "GET /api/v3/ping": (lambda _: {}, lambda _: 1),
            "GET /api/v3/time": (lambda _: {"serverTime": floor.now_ms()}, lambda _: 1),
            "GET /api/v3/exchangeInfo": (self._info, lambda _: 20),
            "GET /api/v3/depth": (self._depth, _depth_weight),
            "GET /api/v3/trades": (self._trades, lambda _: 25),
            "GET /api/v3/klines": (self._klines, lambda _: 2),
            "GET /api/v3/ticker/price": (self._prices, lambda query: 2 if "symbol" in query else 4),
            "GET /api/v3/ticker/bookTicker": (self._touches, lambda query: 2 if "symbol" in query else 4),
        }

    async def answer(self, request: Request) -> Answer:
        """Answer one request."""
        floor = self.floor
        floor.reads.append(request.target)
        if (name := f"{request.method} {request.path}") in self.account.routes:
            floor.signed.append(name)
        faults = floor.faults
        if faults.status != 200 and faults.status_of in {"", request.path}:
            after = {"Retry-After": faults.retry_after} if faults.retry_after else {}
            return Answer(faults.status, json.dumps({"code": -1003, "msg": "not now"}), after)
        fault = faults.take_rest(request.method, request.path)
        if fault is not None:
            return await self._faulty(fault, request)
        answer = self._charged(request)
        if request.path == "/api/v3/depth" and faults.late_snapshot_s:
            await asyncio.sleep(faults.late_snapshot_s)
        return answer

    async def _faulty(self, fault: RestFault, request: Request) -> Answer:
        if fault.done:
            self._charged(request)
        if fault.kind == "hang":
            await asyncio.Event().wait()
        if fault.kind == "drop":
            raise ConnectionResetError
        if fault.kind == "garbage":
            return Answer(200, "<html>")
        return Refused(
            fault.code, "An unknown error occurred while processing the request.", fault.status
        ).answer

    def _charged(self, request: Request) -> Answer:
        minute = int(self._now_s() // 60)
        if minute != self._minute:
            self._minute, self.used = minute, 0
        if self._now_s() < self._banned_until:
            return _too_often(418, "Way too much request weight used; IP banned.", BAN_S)
        name = f"{request.method} {request.path}"
        signed = self.account.routes.get(name)
        route, weigh = self._routes.get(name, (_nothing, lambda _: 1)) if signed is None else signed
        weight = weigh(request.query)
        self.used += weight
        if self.used > self.weight_max:
            if self.used > 2 * self.weight_max:
                self._banned_until = self._now_s() + BAN_S
            return _too_often(429, "Too much request weight used.", 60 - int(self._now_s()) % 60)
        try:
            query = request.query
            if signed is not None:
                query = verified(request, self.floor.now_ms)
            answer = Answer(200, json.dumps(route(query)))
            if name in self.account.free:
                self.used -= weight
        except Refused as refused:
            answer = refused.answer
        count = {"X-MBX-USED-WEIGHT": str(self.used), "X-MBX-USED-WEIGHT-1M": str(self.used)}
        if name == "POST /api/v3/order":
            count |= self.account.counts.headers()
        return Answer(answer.status, answer.text, count)

    def _book(self, query: dict[str, str]) -> Book:
        if "symbol" not in query:
            raise Refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        return self._named(query["symbol"])

    def _named(self, symbol: str) -> Book:
        if not symbol.replace("_", "").replace("-", "").replace(".", "").isalnum() or not symbol.isascii():
            raise Refused(-1100, "Illegal characters found in parameter 'symbol'.")
        if symbol not in self.floor.books:
            raise Refused(-1121, "Invalid symbol.")
        return self.floor.books[symbol]

    def _some(self, query: dict[str, str]) -> list[Book]:
        """Return the books that are asked for, all without a name."""
        if "symbols" in query:
            return [self._named(name) for name in json.loads(query["symbols"])]
        return [self._book(query)] if "symbol" in query else list(self.floor.books.values())

    def _info(self, query: dict[str, str]) -> dict[str, Any]:
        return {
            "timezone": "UTC",
            "serverTime": self.floor.now_ms(),
            "rateLimits": [
                {
                    "rateLimitType": "REQUEST_WEIGHT",
                    "interval": "MINUTE",
                    "intervalNum": 1,
                    "limit": self.weight_max,
                },
                *self.account.counts.limits(),
            ],
            "exchangeFilters": [],
            "symbols": [book.pair.json() for book in self._some(query)],
        }

    def _depth(self, query: dict[str, str]) -> dict[str, Any]:
        book, levels = self._book(query), int(query.get("limit", "100"))
        if not 0 < levels <= 5000:
            raise Refused(-1130, "Data sent for parameter 'limit' is not valid.")
        tape = self.floor.tape
        snapshot = tape.snapshot(book.pair.symbol) if tape is not None else book.snapshot(levels)
        answer: dict[str, Any] = json.loads(snapshot)
        if self.floor.faults.old_snapshots:
            self.floor.faults.old_snapshots -= 1
            answer["lastUpdateId"] -= 500_000
        return answer

    def _trades(self, query: dict[str, str]) -> list[dict[str, Any]]:
        book, count = self._book(query), int(query.get("limit", "500"))
        return [each.read() for each in list(book.prints)[-count:]]

    def _klines(self, query: dict[str, str]) -> list[list[Any]]:
        book = self._book(query)
        if query.get("interval") != "1m":
            raise Refused(-1120, "Invalid interval.")
        rows = book.minutes(min(1000, int(query.get("limit", "500"))), self.floor.now_ms())
        return [row for row in rows if row[0] >= int(query.get("startTime", "0"))]

    def _prices(self, query: dict[str, str]) -> Any:
        found = [
            {"symbol": book.pair.symbol, "price": book.best()["b"]}
            for book in self._some(query)
            if book.bids.levels
        ]
        return found[0] if "symbol" in query else found

    def _touches(self, query: dict[str, str]) -> Any:
        found = []
        for book in self._some(query):
            best = book.best()
            names = {"symbol": "s", "bidPrice": "b", "bidQty": "B", "askPrice": "a", "askQty": "A"}
            found.append({name: best[key] for name, key in names.items()})
        return found[0] if "symbol" in query else found


def _nothing(_: dict[str, str]) -> None:
    raise Refused(-1000, "no such thing is here", 404)


def _depth_weight(query: dict[str, str]) -> int:
    levels = int(query.get("limit", "100"))
    return next(
        weight for most, weight in ((100, 5), (500, 25), (1000, 50), (1 << 30, 250)) if levels <= most
    )


def _too_often(status: int, text: str, seconds: int) -> Answer:
    return Answer(status, json.dumps({"code": -1003, "msg": text}), {"Retry-After": str(seconds)})
