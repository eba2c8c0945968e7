"""The way to Alpaca, step by step: whose the key is and what the account may do, the time there, data, an order."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from urllib.parse import urlsplit

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.assets import VENUE, instrument_of
from engine.adapters.alpaca.data_talk import COIN, SHARE, DataTalk
from engine.adapters.alpaca.enquiry import LIVE_HOST, PAPER_HOST
from engine.adapters.alpaca.feed import COINS, shares
from engine.adapters.alpaca.reading import blocked
from engine.adapters.alpaca.refusals import UNAUTHORIZED, reason_of
from engine.adapters.alpaca.requests import auth_headers
from engine.adapters.alpaca.times import time_ns
from engine.adapters.alpaca.writing import order_body
from engine.adapters.live.looking import PATIENCE_S, ReadKey, Reads, clock_found, key_of, skew_of, talk_on
from engine.adapters.units import micros
from engine.clock import Clock
from engine.errors import RejectedError
from engine.messages.checks import Outcome
from engine.model.ability_table import ABILITIES
from engine.model.instrument import MICROS
from engine.model.order import OrderRequest, OrderType
from engine.model.text import clean
from engine.model.trade import Side
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings
from engine.transport.address import checked_url, is_loopback
from engine.transport.checking import Check, Found
from engine.transport.http import RefusedAnswer
from engine.transport.reaching import places_of, reaching

LABEL = "Alpaca"
LIMIT = Decimal(1)
"""The price of the order that is written and not sent, in dollars."""


def way(
    settings: AlpacaSettings, clock: Clock, read_key: ReadKey, *, patience_s: float = PATIENCE_S
) -> tuple[Check, ...]:
    """Return the steps to Alpaca; all that is asked is read.

    Raises:
        ConfigError: an address is none.
    """
    looks = _Looks(settings, clock, read_key, patience_s)
    addresses = {
        "venues.alpaca.trading_url": looks.trading_url,
        "venues.alpaca.data_url": checked_url("venues.alpaca.data_url", settings.data_url, "https"),
        "venues.alpaca.stream_url": looks.stream_url,
        "venues.alpaca.trades_url": checked_url("venues.alpaca.trades_url", settings.trades_url, "wss"),
    }
    return (
        *reaching(places_of(addresses), clock),
        Check("auth", looks.auth, ("tls",)),
        Check("clock", looks.time, ("auth",)),
        Check("permissions", looks.permissions, ("auth",)),
        Check("data", looks.data, ("auth",)),
        Check("orders", looks.orders, ("permissions",)),
    )


class _Looks:
    """What each step does, and what one leaves to the next."""

    def __init__(self, settings: AlpacaSettings, clock: Clock, read_key: ReadKey, patience_s: float) -> None:
        self.trading_url = checked_url("venues.alpaca.trading_url", settings.trading_url, "https")
        self.stream_url = checked_url("venues.alpaca.stream_url", settings.stream_url, "wss")
        self._settings = settings
        self._clock = clock
        self._read_key = read_key
        self._patience_s = patience_s
        self._host = urlsplit(self.trading_url).hostname or ""
        self._credential: Credential | None = None
        self._account: m.AccountText | None = None

    async def auth(self) -> Found:
        """Ask for the account."""
        credential = key_of(self._read_key, VENUE, LABEL, is_wanted=True)
        if isinstance(credential, Found):
            return credential
        self._credential = credential
        try:
            async with self._reads() as reads:
                self._account = m.read_account(await reads.get("/v2/account"))
        except RefusedAnswer as refused:
            told = f"{reason_of(refused.status, refused.body)} (key {credential.hint})"
            return Found(told, Outcome.FAILED, self._advice(refused.status))
        return Found(f"{LABEL} takes the key {credential.hint}")

    async def time(self) -> Found:
        """Ask what time it is there."""
        is_open = False
        async with self._reads() as reads:

            async def ask() -> int:
                nonlocal is_open
                told = m.read_clock(await reads.get("/v2/clock"))
                is_open = told.is_open
                return time_ns(told.timestamp)

            found = clock_found(await skew_of(ask, self._clock), LABEL)
        return found._replace(detail=f"{found.detail}; shares {'trade' if is_open else 'are closed'}")

    async def permissions(self) -> Found:
        """Tell whose account it is and what it may do."""
        account, wanted = self._account, self._settings.account
        assert account is not None
        number = clean(account.account_number or "", 32)
        told = f"{self._kind} account {number}, {clean(account.status or 'without a status', 32)}"
        if wanted and number != wanted:
            remedy = f"Set venues.alpaca.account to {number}, or keep the key of {wanted}."
            return Found(f"{told}; venues.alpaca.account is {wanted}", Outcome.FAILED, remedy)
        if reason := blocked(account):
            remedy = "Only Alpaca, or the account's own page there, can change it."
            return Found(f"{told}; {reason}", Outcome.FAILED, remedy)
        return Found(f"{told}; may trade")

    async def data(self) -> Found:
        """Follow one coin, which trades at all hours, and one share, as far as its stream confirms it."""
        assert self._credential is not None
        coin = DataTalk(self._credential, COINS.channels, COIN)
        share = DataTalk(self._credential, shares(self._settings.feed).channels, SHARE, is_heard=False)
        feed = self._settings.feed
        try:
            async with asyncio.TaskGroup() as talks:
                for path, talk in (("/v1beta3/crypto/us", coin), (f"/v2/{feed}", share)):
                    talks.create_task(talk_on(f"{self.stream_url}{path}", talk, self._patience_s))
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        return Found(f"{coin.told}; {SHARE} is subscribed ({feed})")

    async def orders(self) -> Found:
        """Write an order, hold it against the account, and send nothing."""
        assert self._account is not None
        if self._host not in {PAPER_HOST, LIVE_HOST} and not is_loopback(self._host):
            told = f"orders go to {PAPER_HOST} or {LIVE_HOST}, and this is {self._host}"
            return Found(told, Outcome.SKIPPED)
        async with self._reads() as reads:
            instrument = instrument_of(m.read_asset(await reads.get(f"/v2/assets/{SHARE}")))
        request = OrderRequest(
            client_id="check",
            number=1,
            account="check",
            symbol=instrument.symbol,
            side=Side.BUY,
            quantity=instrument.size_units(instrument.lot),
            type=OrderType.LIMIT,
            limit=instrument.price_units(LIMIT),
        )
        words = f"an order to buy {instrument.lot} {SHARE} at {LIMIT:.2f}"
        if reason := ABILITIES["alpaca"].of(instrument.asset_class).objection(request):
            raise RejectedError(f"{words} can't be written: {reason}")
        written = order_body(request, instrument)
        told = f"{words} is written ({len(written)} bytes) and was NOT sent"
        if self._account.buying_power is None:
            return Found(f"{told}; the account's buying power is not told", Outcome.WARNING)
        power = micros(self._account.buying_power)
        told = f"{told}; buying power {power / MICROS:,.2f} {clean(self._account.currency, 16)}"
        if power < LIMIT * MICROS:
            return Found(told, Outcome.FAILED, "The account has nothing to buy with.")
        return Found(told)

    @property
    def _kind(self) -> str:
        if self._host == PAPER_HOST:
            return "paper"
        return "stand-in" if is_loopback(self._host) else "LIVE"

    def _advice(self, status: int) -> str:
        if status != UNAUTHORIZED:
            return "The key may be right and the account restricted: look at the account's page at Alpaca."
        return (
            f"Keys of paper and live accounts differ, and this is {self._host}: make one there, "
            "then touchline credentials add alpaca."
        )

    def _reads(self) -> Reads:
        assert self._credential is not None
        return Reads(self.trading_url, VENUE, self._clock, auth_headers(self._credential))
