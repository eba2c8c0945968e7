"""What the venue answers over HTTP: to anyone below `market`, elsewhere to those with a token."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.venues.coinbase.books import Book
from tests.venues.coinbase.floor import Floor
from tests.venues.http_door import Answer, Request

PATH = "/api/v3/brokerage/"
MINUTES_MAX = 350
PORTFOLIO = "11111111-2222-3333-4444-555555555555"


class Refused(Exception):
    """A request that the venue does not take."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.answer = Answer(status, json.dumps({"error": code, "error_details": text, "message": text}))


class Rest:
    """Answers reads."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor

    async def answer(self, request: Request) -> Answer:
        """Answer one request."""
        faults = self.floor.faults
        self.floor.reads.append(request.target)
        if faults.status != 200 and request.path.endswith(faults.status_of):
            after = {"Retry-After": faults.retry_after} if faults.retry_after else {}
            return Answer(faults.status, json.dumps({"error": "NOT_NOW", "message": "not now"}), after)
        try:
            return Answer(200, json.dumps(self._answer(request)))
        except Refused as refused:
            return refused.answer

    def _answer(self, request: Request) -> Any:
        what = request.path.removeprefix(PATH)
        if request.method != "GET" or what == request.path:
            raise Refused(404, "NOT_FOUND", "no such thing is here")
        if what == "time":
            now_ms = round(self.floor.now_s() * 1000)
            return {
                "iso": self.floor.stamp(),
                "epochSeconds": str(now_ms // 1000),
                "epochMillis": str(now_ms),
            }
        self._admit(request, is_public=what.startswith("market/"))
        match what.removeprefix("market/").split("/"):
            case ["key_permissions"]:
                return {**self.floor.may, "portfolio_uuid": PORTFOLIO, "portfolio_type": "DEFAULT"}
            case ["products"]:
                return self._products(parse_qs(urlsplit(request.target).query))
            case ["products", name]:
                return self._product(name)
            case ["products", name, "candles"]:
                return self._candles(self._book(name), request.query)
            case ["products", name, "ticker"]:
                return self._ticker(self._book(name))
        raise Refused(404, "NOT_FOUND", "no such thing is here")

    def _admit(self, request: Request, *, is_public: bool) -> None:
        """Check the token, if there is one or has to be one."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token or not is_public:
            asked = f"{request.method} {request.headers['host']}{request.path}"
            if self.floor.keys.objection(token, asked):
                raise Refused(401, "UNAUTHORIZED", "Unauthorized")

    def _book(self, name: str) -> Book:
        book = self.floor.books.get(self.floor.aliases.get(name, name))
        if book is None:
            raise Refused(404, "NOT_FOUND", "valid product_id is required")
        return book

    def _product(self, name: str) -> dict[str, Any]:
        book = self._book(name)
        price = book.touch()[0][0] if book.bids.levels and book.asks.levels else "0"
        return book.pair.product(price, name if name in self.floor.aliases else "")

    def _products(self, query: dict[str, list[str]]) -> dict[str, Any]:
        names = [*self.floor.books, *self.floor.aliases]
        wanted = query.get("product_ids", names)
        products = [self._product(name) for name in names if name in wanted]
        return {"products": products, "num_products": len(products)}

    def _candles(self, book: Book, query: dict[str, str]) -> dict[str, Any]:
        try:
            start, end = int(query["start"]), int(query["end"])
        except (KeyError, ValueError):
            raise Refused(400, "INVALID_ARGUMENT", "start and end are required") from None
        if query.get("granularity") != "ONE_MINUTE":
            raise Refused(400, "INVALID_ARGUMENT", "only minutes are kept here")
        if (end - start) // 60 >= MINUTES_MAX:
            raise Refused(
                400, "INVALID_ARGUMENT", f"number of candles requested should be less than {MINUTES_MAX}"
            )
        return {"candles": book.minutes(start, end, int(self.floor.now_s()))}

    def _ticker(self, book: Book) -> dict[str, Any]:
        (bid, _), (ask, _) = book.touch()
        return {"trades": [each.told() for each in reversed(book.prints)], "best_bid": bid, "best_ask": ask}
