"""What an order's exits would lose and gain, in price, share and money."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.views import QuoteView
from engine.model.instrument import Instrument
from engine.model.order import OrderRequest
from terminal.desk import Desk
from terminal.format import figures, money
from terminal.orderline.exits import stop_distance
from terminal.orderline.pricing import touch
from terminal.strips import Run


class Exits(Struct, frozen=True):
    """An order's exits measured from where it begins; distances in price units, unsigned."""

    instrument: Instrument
    quantity: int
    entry: int
    stop: int | None
    """Where the stop stands; a trailing one, where it begins."""
    is_trailing: bool
    risk: int | None
    target: int | None
    gain: int | None

    @property
    def ratio(self) -> float | None:
        """Reward for risk; None without both."""
        return self.gain / self.risk if self.gain and self.risk else None

    def share(self, price: int) -> float:
        """Return how far a price is from the entry, as a signed fraction of it."""
        return (price - self.entry) / self.entry

    def money(self, distance: int) -> str:
        """Write what the whole size makes of a distance, in the instrument's currency."""
        return money(self.instrument.notional_micros(distance, self.quantity), 0)


def exits_of(request: OrderRequest, desk: Desk) -> Exits | None:
    """Return what an order's exits are worth now; None without exits, or without a price to measure from."""
    plan = request.plan
    entry = entry_price(request, desk.quotes.get(request.symbol))
    if plan is None or not entry:
        return None
    risk = stop_distance(plan, entry)
    stop = plan.stop if plan.trail is None else entry - plan.trail * int(request.side)
    gain = None if plan.target is None else abs(plan.target - entry)
    instrument = desk.instruments[request.symbol]
    return Exits(instrument, request.quantity, entry, stop, plan.trail is not None, risk, plan.target, gain)


def entry_price(request: OrderRequest, quote: QuoteView | None) -> int | None:
    """Return where an order begins, in price units: its own price, else the touch."""
    return request.limit or request.stop or touch(quote, request.side)


def exit_runs(request: OrderRequest, desk: Desk) -> list[Run]:
    """Return an order's exits for one row: SL 187.46 -1.00% -190  TP 193.14 +2.00% +380 2.0R."""
    exits = exits_of(request, desk)
    runs: list[Run] = []
    if exits is None:
        return runs
    write = figures(exits.instrument)
    if exits.stop is not None and exits.risk is not None:
        runs += [("  SL ", "muted"), (write.price(exits.stop), "text+b")]
        runs.append((f"{' trails' if exits.is_trailing else ''} {exits.share(exits.stop):+.2%}", "muted"))
        runs.append((f" -{exits.money(exits.risk)}", "down"))
    if exits.target is not None and exits.gain is not None:
        runs += [("  TP ", "muted"), (write.price(exits.target), "text+b")]
        runs.append((f" {exits.share(exits.target):+.2%}", "muted"))
        runs.append((f" +{exits.money(exits.gain)}", "up"))
    return [*runs, (f" {exits.ratio:.1f}R", "text")] if exits.ratio else runs
