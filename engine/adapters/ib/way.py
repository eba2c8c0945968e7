"""The way to a gateway, step by step: who is logged in, which account that is, one contract and its price."""

from __future__ import annotations

import asyncio
from typing import Final

from engine.adapters.ib.admission import PAPER
from engine.adapters.ib.brief import brief_link
from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.hearer import Hearer
from engine.adapters.ib.hours import read_hours
from engine.adapters.ib.opening import check_installed, check_settings
from engine.adapters.ib.reading import instrument_of
from engine.adapters.ib.refusals import is_news, sentence
from engine.adapters.ib.writing import order_for
from engine.adapters.live.looking import PATIENCE_S, skipped
from engine.clock import Clock
from engine.errors import TransientError
from engine.messages.checks import Outcome
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.text import clean
from engine.model.trade import Side
from engine.settings.venues import IbSettings
from engine.transport.checking import Check, Found, NotWell
from engine.transport.reaching import places_of, reaching

SHARE: Final = Symbol("AAPL")
_LOG_IN: Final = "Start TWS or IB Gateway, log in, enable its API (Configure, API, Settings), and set venues.ib.port to its port."
_SUBSCRIBE: Final = (
    "Subscribe to it at Interactive Brokers, or close the other session that uses the subscription."
)


def way(settings: IbSettings, clock: Clock, *, patience_s: float = PATIENCE_S) -> tuple[Check, ...]:
    """Return the steps to a gateway.

    Raises:
        ConfigError: a setting is wrong, or the library is not installed.
    """
    check_installed()
    check_settings(settings)
    looks = _Looks(settings, clock, patience_s)
    places = places_of({"venues.ib.port": f"http://{settings.host}:{settings.port}"})
    return (
        *reaching(places, clock),
        Check("auth", looks.auth, ("tcp",)),
        Check("clock", skipped("a gateway tells its time in whole seconds, which says too little")),
        Check("permissions", looks.permissions, ("auth",)),
        Check("data", looks.data, ("auth",)),
        Check("orders", looks.orders, ("data", "permissions")),
    )


class _Ticks(Hearer):
    """Waits for the first price, or for why there is none."""

    def __init__(self) -> None:
        self.news: asyncio.Queue[str] = asyncio.Queue(100)

    def tick(self, number: int, kind: int, price: float | None, size: float | None) -> None:
        """Have a price."""
        del number, kind, size
        if price is not None and not self.news.full():
            self.news.put_nowait("")

    def objected(self, number: int, code: int, text: str) -> None:
        """Have a reason."""
        del number
        if not is_news(code) and not self.news.full():
            self.news.put_nowait(sentence(code, text))


class _Looks:
    """What each step does; each has a connection of its own, with a number that no desk has."""

    def __init__(self, settings: IbSettings, clock: Clock, patience_s: float) -> None:
        self._settings = settings
        self._clock = clock
        self._patience_s = patience_s
        self._client_id = settings.client_id + 2
        self._accounts: tuple[str, ...] = ()

    async def auth(self) -> Found:
        """Log in to the gateway."""
        try:
            async with brief_link(self._settings, self._client_id, self._clock, Hearer()) as link:
                self._accounts = link.accounts
        except TransientError as error:
            raise NotWell(str(error), _LOG_IN) from error
        return Found(f"the gateway answers, and is logged in to {clean(', '.join(self._accounts), 80)}")

    async def permissions(self) -> Found:
        """Look which account orders would go to."""
        wanted, accounts = self._settings.account, self._accounts
        number = wanted or (accounts[0] if len(accounts) == 1 else "")
        if number not in accounts:
            told = f"venues.ib.account is {clean(wanted, 32)!r}, the gateway has {clean(', '.join(accounts), 80)}"
            return Found(told, Outcome.FAILED, "Set venues.ib.account to the one that is meant.")
        kind = "a paper" if number.startswith(PAPER) else "a live"
        return Found(f"{clean(number, 32)} is {kind} account")

    async def data(self) -> Found:
        """Look up a share, and wait for a price of it."""
        ticks = _Ticks()
        async with brief_link(self._settings, self._client_id, self._clock, ticks) as link:
            details = await Contracts().look_up(link, SHARE)
            link.client.reqMktData(link.client.getReqId(), details.contract, "", False, False, [])
            try:
                async with asyncio.timeout(self._patience_s):
                    reason = await ticks.news.get()
            except TimeoutError:
                is_open = read_hours(details.liquidHours, details.timeZoneId).is_open(self._clock.now_ns())
                told = f"{SHARE} is known; no price of it came within {self._patience_s:g} s"
                if is_open is False:
                    return Found(f"{told}, and its market is closed", Outcome.WARNING)
                return Found(told, Outcome.FAILED, _SUBSCRIBE)
        if reason:
            return Found(f"{SHARE} gets no market data: {reason}", Outcome.FAILED, _SUBSCRIBE)
        return Found(f"{SHARE} is known and has a price")

    async def orders(self) -> Found:
        """Write an order, and send nothing."""
        async with brief_link(self._settings, self._client_id, self._clock, Hearer()) as link:
            instrument = instrument_of(await Contracts().look_up(link, SHARE))
        request = OrderRequest(
            client_id="check",
            number=1,
            account="check",
            symbol=SHARE,
            side=Side.BUY,
            quantity=instrument.size_units(instrument.lot),
            type=OrderType.LIMIT,
            limit=instrument.tick_units,
        )
        order_for(request, instrument, self._settings.account)
        told = (
            f"an order to buy {instrument.lot:f} {SHARE} at {instrument.tick:f} is written and was NOT sent"
        )
        return Found(told)
