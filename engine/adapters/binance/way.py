"""The way to Binance, step by step: whose the key is and what it may do, the time there, one book."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from engine.adapters.binance import messages as m
from engine.adapters.binance.client import PULSE
from engine.adapters.binance.parse import LABEL, SOURCE
from engine.adapters.binance.signing import KEY_HEADER, signed
from engine.adapters.live.looking import (
    PATIENCE_S,
    ReadKey,
    Reads,
    clock_found,
    key_of,
    skew_of,
    skipped,
    talk_on,
)
from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_MS, Clock
from engine.errors import RejectedError
from engine.messages.checks import Outcome
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.ports.secrets import Credential
from engine.settings.venues import BinanceSettings
from engine.transport.address import checked_url
from engine.transport.checking import Check, Found
from engine.transport.http import NO_HEADERS, RefusedAnswer
from engine.transport.reaching import places_of, reaching
from engine.transport.skew import ClockSkew

SYMBOL = "BTCUSDT"
_ADD = "touchline credentials add binance"


class _Time(Struct, rename="camel"):
    server_time: int


class _Account(Struct, rename="camel"):
    can_trade: bool = False
    can_withdraw: bool = False
    account_type: str = ""


_decode_time = msgspec.json.Decoder(_Time).decode
_decode_account = msgspec.json.Decoder(_Account).decode


def way(
    settings: BinanceSettings, clock: Clock, read_key: ReadKey, *, patience_s: float = PATIENCE_S
) -> tuple[Check, ...]:
    """Return the steps to Binance.

    Raises:
        ConfigError: an address is none.
    """
    looks = _Looks(settings, clock, read_key, patience_s)
    places = places_of(
        {"venues.binance.stream_url": looks.stream_url, "venues.binance.api_url": looks.api_url}
    )
    return (
        *reaching(places, clock),
        Check("auth", looks.auth, ("tls",)),
        Check("clock", looks.time, ("tls",)),
        Check("permissions", looks.permissions, ("auth",)),
        Check("data", looks.data, ("tls",)),
        Check("orders", skipped(f"no order is tried at {LABEL}")),
    )


class _Looks:
    """What each step does, and what one leaves to the next."""

    def __init__(self, settings: BinanceSettings, clock: Clock, read_key: ReadKey, patience_s: float) -> None:
        self.stream_url = checked_url("venues.binance.stream_url", settings.stream_url, "wss")
        self.api_url = checked_url("venues.binance.api_url", settings.api_url, "https")
        self._orders_url = checked_url("venues.binance.orders_url", settings.orders_url, "https")
        self._clock = clock
        self._read_key = read_key
        self._patience_s = patience_s
        self._account = _Account()

    async def auth(self) -> Found:
        """Ask for the account where orders go, where a key is kept: it has keys of its own."""
        credential = key_of(self._read_key, SOURCE, LABEL, is_wanted=False)
        if isinstance(credential, Found):
            return credential
        skew_ns = (await self._measured(self._orders_url)).skew_ns or 0
        terms = signed({}, credential, (self._clock.now_ns() + skew_ns) // NS_PER_MS)
        try:
            async with self._reads(self._orders_url, {KEY_HEADER: credential.key}) as reads:
                body = await reads.get("/api/v3/account", terms)
        except RefusedAnswer as refused:
            return _refused(refused, credential)
        try:
            self._account = _decode_account(body)
        except UNDECODABLE as error:
            raise _unreadable(error) from error
        return Found(f"{LABEL} takes the key {credential.hint}")

    async def time(self) -> Found:
        """Ask what time it is there."""
        return clock_found(await self._measured(self.api_url), LABEL)

    async def permissions(self) -> Found:
        """Tell what the key may do."""
        told, account = [], self._account
        told.append("may trade" if account.can_trade else "may not trade")
        told.append("may withdraw" if account.can_withdraw else "may not withdraw")
        detail = f"{clean(account.account_type, 16) or 'account'}: the account {', '.join(told)}"
        return Found(detail)

    async def data(self) -> Found:
        """Wait for a word on the stream, then read one book."""
        await talk_on(f"{self.stream_url}/stream", _Pulse(), self._patience_s)
        try:
            async with self._reads(self.api_url) as reads:
                body = await reads.get("/api/v3/depth", {"symbol": SYMBOL, "limit": "5"})
        except RefusedAnswer as refused:
            raise RejectedError(f"{LABEL} answered {refused.status}: {_words(refused.body)}") from refused
        try:
            book = m.decode_book(body)
        except UNDECODABLE as error:
            raise _unreadable(error) from error
        return Found(
            f"the stream speaks; the book of {SYMBOL} came: {len(book.bids)} bids, {len(book.asks)} asks"
        )

    async def _measured(self, url: str) -> ClockSkew:
        async with self._reads(url) as reads:

            async def ask() -> int:
                body = await reads.get("/api/v3/time")
                try:
                    return _decode_time(body).server_time * NS_PER_MS
                except UNDECODABLE as error:
                    raise _unreadable(error) from error

            return await skew_of(ask, self._clock)

    def _reads(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Reads:
        return Reads(url, SOURCE, self._clock, headers)


class _Pulse:
    """Asks for the stream that says something every second."""

    def __init__(self) -> None:
        self._request = f'{{"method":"SUBSCRIBE","params":["{PULSE}"],"id":1}}'

    def say(self) -> str:
        """Ask, once."""
        request, self._request = self._request, ""
        return request

    def take(self, frame: bytes) -> bool:
        """Take a message; tell whether it is data."""
        message = m.decode(frame)
        fault = message.error or m.Fault(message.code, message.msg)
        if fault.code or fault.msg:
            raise RejectedError(f"{LABEL} refused the stream: {clean(fault.msg, 120)} ({fault.code})")
        return message.data is not None


def _refused(refused: RefusedAnswer, credential: Credential) -> Found:
    told = f"{LABEL} does not take the key {credential.hint}: {_words(refused.body) or refused.status}"
    remedy = (
        f"Look at {LABEL} whether the key is there, and from which addresses it may be used; else {_ADD}."
    )
    return Found(told, Outcome.FAILED, remedy)


def _words(body: bytes) -> str:
    fault = m.read_fault(body)
    return f"{clean(fault.msg, 120)} ({fault.code})" if fault.code or fault.msg else ""


def _unreadable(error: Exception) -> Unreadable:
    return Unreadable("bad_answer", clean(str(error), 120))
