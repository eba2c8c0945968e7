"""The way to Coinbase, step by step: whose the key is and what it may do, the time there, products, one book."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import msgspec

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase.api import PATH
from engine.adapters.coinbase.market_data import FRAME_BYTES_MAX
from engine.adapters.coinbase.parse import LABEL, SOURCE, time_ns
from engine.adapters.coinbase.tokens import Tokens
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
from engine.clock import Clock
from engine.errors import ConfigError, RejectedError
from engine.messages.checks import Outcome
from engine.model.text import clean
from engine.settings.venues import CoinbaseSettings
from engine.transport.address import checked_url
from engine.transport.checking import Check, Found
from engine.transport.http import NO_HEADERS, Parameters, RefusedAnswer
from engine.transport.reaching import places_of, reaching
from engine.transport.skew import ClockSkew

SYMBOL = "BTC-USD"
PRODUCTS, PUBLIC_PRODUCTS = f"{PATH}/products", f"{PATH}/market/products"
_ADD = "touchline credentials add coinbase"


def way(
    settings: CoinbaseSettings, clock: Clock, read_key: ReadKey, *, patience_s: float = PATIENCE_S
) -> tuple[Check, ...]:
    """Return the steps to Coinbase.

    Raises:
        ConfigError: an address is none.
    """
    looks = _Looks(settings, clock, read_key, patience_s)
    places = places_of(
        {"venues.coinbase.stream_url": looks.stream_url, "venues.coinbase.api_url": looks.api_url}
    )
    return (
        *reaching(places, clock),
        Check("auth", looks.auth, ("tls",)),
        Check("clock", looks.time, ("tls",)),
        Check("permissions", looks.permissions, ("auth",)),
        Check("data", looks.data, ("tls",)),
        Check("orders", skipped(f"no orders go to {LABEL}")),
    )


class _Looks:
    """What each step does, and what one leaves to the next."""

    def __init__(
        self, settings: CoinbaseSettings, clock: Clock, read_key: ReadKey, patience_s: float
    ) -> None:
        self.stream_url = checked_url("venues.coinbase.stream_url", settings.stream_url, "wss")
        self.api_url = checked_url("venues.coinbase.api_url", settings.api_url, "https")
        self._clock = clock
        self._read_key = read_key
        self._patience_s = patience_s
        self._tokens = Tokens(None, clock, ClockSkew())
        """Those of the kept key once the venue took it; without a key before."""
        self._may = m.Permissions()

    async def auth(self) -> Found:
        """Ask what the key may do, where one is kept."""
        credential = key_of(self._read_key, SOURCE, LABEL, is_wanted=False, has_lines=True)
        if isinstance(credential, Found):
            return credential
        try:
            tokens = Tokens(credential, self._clock, await self._measured())
        except ConfigError as error:
            return Found(str(error), Outcome.FAILED, f"Replace it with {_ADD}.")
        try:
            self._may = m.read_permissions(await self._read(f"{PATH}/key_permissions", tokens))
        except RefusedAnswer as refused:
            told = f"{LABEL} does not take the key {credential.hint}: {_words(refused)}"
            remedy = f"Look at {LABEL} whether the key is there, and from which addresses it may be used; else {_ADD}."
            return Found(told, Outcome.FAILED, remedy)
        self._tokens = tokens
        return Found(f"{LABEL} takes the key {credential.hint}")

    async def time(self) -> Found:
        """Ask what time it is there."""
        return clock_found(await self._measured(), LABEL)

    async def permissions(self) -> Found:
        """Tell what the key may do; the market data needs no more than to look."""
        may = {"view": self._may.can_view, "trade": self._may.can_trade, "transfer": self._may.can_transfer}
        told = (f"may {what}" if is_so else f"may not {what}" for what, is_so in may.items())
        return Found(f"the key {', '.join(told)}")

    async def data(self) -> Found:
        """Read a product and wait for its book on the stream, as everybody and with the key that was taken."""
        path = PRODUCTS if self._tokens.has_key else PUBLIC_PRODUCTS
        try:
            (product,) = m.read_products(
                await self._read(path, self._tokens, {"product_ids": SYMBOL})
            ).products
        except RefusedAnswer as refused:
            raise RejectedError(f"{LABEL} answered {_words(refused)}") from refused
        except ValueError:
            raise Unreadable("bad_answer", f"expected one product, {SYMBOL}") from None
        status = clean(m.read_product(product).status, 32)
        told = f"{SYMBOL} is {status}; its book came: {await self._heard('')}"
        if self._tokens.has_key:
            told += f"; with the key: {await self._heard(self._tokens.token())}"
        return Found(told)

    async def _heard(self, token: str) -> str:
        talk = _Book(token)
        await talk_on(self.stream_url, talk, self._patience_s, frame_bytes_max=FRAME_BYTES_MAX)
        return talk.told

    async def _measured(self) -> ClockSkew:
        async with self._reads() as reads:

            async def ask() -> int:
                return time_ns(await reads.get(f"{PATH}/time"))

            return await skew_of(ask, self._clock)

    async def _read(self, path: str, tokens: Tokens, terms: Parameters = NO_HEADERS) -> bytes:
        host = self.api_url.partition("://")[2]
        reads = self._reads()
        reads.headers_of = lambda asked: tokens.headers(f"GET {host}{asked}")
        async with reads:
            return await reads.get(path, terms)

    def _reads(self) -> Reads:
        return Reads(self.api_url, SOURCE, self._clock)


class _Book:
    """Asks for one book, with a token or without."""

    def __init__(self, token: str) -> None:
        self.told = ""
        self._with = " with the key" if token else ""
        terms = {"type": "subscribe", "product_ids": [SYMBOL], "channel": "level2"}
        self._request = msgspec.json.encode({**terms, **({"jwt": token} if token else {})}).decode()

    def say(self) -> str:
        """Ask, once."""
        request, self._request = self._request, ""
        return request

    def take(self, frame: bytes) -> bool:
        """Take the book; what else comes is passed over."""
        message = m.read_envelope(frame)
        if message.type == "error":
            told = clean(message.message, 120)
            raise RejectedError(f"{LABEL} refused the book of {SYMBOL}{self._with}: {told}")
        if message.channel != m.BOOKS:
            return False
        (event, *_) = m.read_books(message.events)
        sides = Counter(level.side for level in m.read_levels(event.updates))
        self.told = f"{sides['bid']} bids, {sides['offer']} asks"
        return True


def _words(refused: RefusedAnswer) -> str:
    """Return what the venue says of a refusal, or its status."""
    with suppress(Unreadable):
        if told := m.read_fault(refused.body).message:
            return f"{clean(told, 120)} ({refused.status})"
    return str(refused.status)
