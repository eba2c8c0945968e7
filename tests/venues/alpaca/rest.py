"""The REST APIs: who may ask, how often, what goes wrong, and which page answers."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from decimal import Decimal
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.venues.alpaca import rest_account, rest_data, rest_orders
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import TOO_MANY, UNAUTHORIZED, Refusal
from tests.venues.alpaca.routes import Asked, Page, Told
from tests.venues.alpaca.texts import SECOND_NS
from tests.venues.http_door import Answer, Request

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

PAGES: tuple[tuple[str, str, Page], ...] = (
    *rest_account.PAGES,
    *rest_orders.PAGES,
    *rest_data.PAGES,
)
_ROUTES = [(method, re.compile(f"^{pattern}$"), page) for method, pattern, page in PAGES]
_FREE = "/v1beta3/crypto/"
"""What needs no key."""
_HANG_S = 3600.0
CUT_BYTES = 10


class Rest:
    """Answers requests."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request, unless a fault says otherwise."""
        floor, path = self._floor, unquote(request.path)
        floor.requests.append(f"{request.method} {path}")
        fault = floor.faults.take_rest(request.method, path)
        if fault is None:
            return self._answer(request)
        answer = self._answer(request) if fault.done or fault.kind == "cut" else None
        if fault.kind == "late":
            await asyncio.sleep(fault.late_s)
            return answer or self._answer(request)
        if fault.kind == "hang":
            await asyncio.sleep(_HANG_S)
        return self._spoiled(fault, answer)

    def _spoiled(self, fault: RestFault, answer: Answer | None) -> Answer | None:
        headers = {**self._headers(is_data=False), **fault.headers}
        if fault.kind == "error":
            return Answer(fault.error.status, json.dumps(fault.error.body), headers)
        if fault.kind == "garbage":
            return Answer(200, "<html><body>Bad gateway", headers)
        return replace(answer, cut_bytes=CUT_BYTES) if fault.kind == "cut" and answer is not None else None

    def _headers(self, *, is_data: bool) -> dict[str, str]:
        limit = self._floor.data_limit if is_data else self._floor.trading_limit
        now_ns = self._floor.now_ns()
        date = formatdate(now_ns / SECOND_NS, usegmt=True)
        return {**limit.take(now_ns), "X-Request-ID": self._floor.new_id().replace("-", ""), "Date": date}

    def _answer(self, request: Request) -> Answer:
        is_data = request.path.startswith(("/v2/stocks/", _FREE))
        headers = self._headers(is_data=is_data)
        try:
            self._admit(request, is_data=is_data)
            told = self._page(request)
        except Refusal as refusal:
            told = Told(refusal.status, refusal.body)
        return Answer(told.status, "" if told.body is None else json.dumps(told.body), headers)

    def _admit(self, request: Request, *, is_data: bool) -> None:
        key, secret = (request.headers.get(f"apca-api-{name}") for name in ("key-id", "secret-key"))
        if not self._floor.is_key(key, secret) and not (request.path.startswith(_FREE) and key is None):
            raise UNAUTHORIZED
        limit = self._floor.data_limit if is_data else self._floor.trading_limit
        if limit.is_over:
            raise TOO_MANY

    def _page(self, request: Request) -> Told:
        known, path = False, unquote(request.path)
        for method, pattern, page in _ROUTES:
            found = pattern.match(path)
            known = known or found is not None
            if found is not None and method == request.method:
                return page(Asked(self._floor, found.groups(), request.query, _body(request)))
        raise Refusal(405 if known else 404, None, "method not allowed" if known else "endpoint not found.")


def _body(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    try:
        body = json.loads(request.body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, 40010000, "request body format is invalid")
    return body
