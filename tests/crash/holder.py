"""An engine that has an account and trades it without pause, until it is killed: `python -m tests.crash.holder AAPL MSFT`."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from engine.bootstrap import simulated_engine
from engine.config import load_settings
from engine.folders import standard_folders
from engine.messages.commands import SubmitOrder, TradingState
from engine.model.instrument import Symbol
from engine.model.order import ExitPlan, OrderRequest, OrderType
from engine.model.trade import Side
from engine.pace import Pace
from engine.rooms import Rooms
from tests.crash.loop import SYMBOLS

PAUSE_S = 0.03


def main(symbols: Sequence[str]) -> None:
    """Trade as soon as the account is ours and the way to the broker is open."""
    folders = standard_folders()
    engine = simulated_engine(load_settings(folders.settings), folders, seed=1, pace=Pace())
    rooms, random = engine._rooms, Random(3)
    engine.start()
    while not is_ready(rooms, symbols):
        time.sleep(0.01)
    for count in itertools.count():
        engine.submit(
            SubmitOrder(request_of(rooms, random.choice(symbols), random, with_plan=count % 4 == 0))
        )
        time.sleep(PAUSE_S)


def is_ready(rooms: Rooms, symbols: Sequence[str]) -> bool:
    """Tell whether orders can leave."""
    is_listed = all(Symbol(symbol) in rooms.market.instruments for symbol in symbols)
    trade = all(rooms.halts.state_of(Symbol(symbol)) is TradingState.ACTIVE for symbol in symbols)
    return is_listed and trade and not rooms.orders.dispatch.denied()


def request_of(rooms: Rooms, symbol: str, random: Random, *, with_plan: bool) -> OrderRequest:
    """Return a small order: at the market, or resting below the venue's touch and with a stop that is to follow it."""
    client_id, number = rooms.ids.next()
    side, limit, cents = random.choice((Side.BUY, Side.SELL)), None, 0
    if with_plan:
        cents = int(Decimal("0.01") / rooms.market.instruments[Symbol(symbol)].price_unit)
        side, limit = Side.BUY, (int(SYMBOLS[symbol]) * 100 + 20) * cents
    return OrderRequest(
        client_id=client_id,
        number=number,
        account=rooms.account.name,
        symbol=Symbol(symbol),
        side=side,
        quantity=random.randint(1, 40),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit=limit,
        plan=ExitPlan(stop=limit - 400 * cents) if limit is not None else None,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
