"""The account: its orders on a matching book with what everyone else shows, its coins, its executions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.binance.orders import LIMITS, STOPS, Order, OrderList, Trade
from tests.venues.binance.purse import Purse
from tests.venues.binance.refused import Refused
from tests.venues.binance.rules import check_filters, check_words, legs, number
from tests.venues.price_time import ZERO, PriceTimeBook, Resting

if TYPE_CHECKING:
    from tests.venues.binance.floor import Floor

OURS, OTHERS = "account", "others"
UID = 354_937_868
_UNKNOWN = Refused(-2011, "Unknown order sent.")


class Exchange:
    """Works the account's orders whenever one comes or a book changes."""

    def __init__(self, floor: Floor) -> None:
        self.orders: dict[int, Order] = {}
        self.trades: list[Trade] = []
        self.lists: dict[int, OrderList] = {}
        self.purse = Purse()
        self.fee_rate = ZERO
        """The share of what an order gets that is kept; the testnet keeps none."""
        self.told = 0
        """Events about orders that somebody was to hear."""
        self._floor = floor
        self._books: dict[str, PriceTimeBook] = {}
        self._busy = False

    # Orders

    def submit(self, told: Mapping[str, str]) -> Order:
        """Take an order, and let it meet the book."""
        order = self._read(told)
        self._check_new(order)
        self.orders[order.id] = order
        self.purse.reserve(self._floor.books[order.symbol].pair, order)
        self._tell(order, "NEW")
        if not order.waits:
            self._work(order)
        return order

    def submit_list(self, told: Mapping[str, str]) -> OrderList:
        """Take two orders of which only one trades: what they are paid with is kept once."""
        first, second = (self._read(each, number) for number, each in enumerate(legs(told), 1))
        target, stop = (first, second) if second.type in STOPS else (second, first)
        if target.type != "LIMIT_MAKER" or stop.type not in STOPS:
            raise Refused(-1106, "Parameters 'aboveType' and 'belowType' are no pair.")
        if target.way == ("sell" if target.price <= stop.stop else "buy"):
            raise Refused(-2010, "The relationship of the prices for the orders is not correct.")
        name = told.get("listClientOrderId") or f"list-{first.id}"
        if any(each.name == name for each in self.lists.values() if not each.is_done):
            raise Refused(-2010, "Duplicate order sent.")
        self._check_new(target)
        self._check_new(stop)
        made = OrderList(len(self.lists) + 1, name, self._floor.now_ms(), (target, stop))
        target.list = stop.list = self.lists.setdefault(made.id, made)
        self.orders |= {each.id: each for each in sorted(made.orders, key=lambda order: order.id)}
        self.purse.reserve(self._floor.books[target.symbol].pair, target)
        self._floor.tell_account(made.told(self._floor.now_ms()))
        for each in (first, second):
            self._tell(each, "NEW")
        self._work(target)
        return made

    def cancel_list(self, told: Mapping[str, str]) -> OrderList:
        """Take off a list by its number or its name."""
        found = self.find_list(told)
        if found.is_done:
            raise _UNKNOWN
        target = found.orders[0]
        self.cancel(target, told.get("newClientOrderId", f"cancel-{target.id}"))
        return found

    def find_list(self, told: Mapping[str, str]) -> OrderList:
        """Return a list by its number or its name."""
        wanted = (told.get("orderListId"), told.get("listClientOrderId") or told.get("origClientOrderId"))
        found = [each for each in self.lists.values() if str(each.id) == wanted[0] or each.name == wanted[1]]
        if not found:
            raise Refused(-2018, "Order list does not exist.")
        return found[-1]

    def check(self, told: Mapping[str, str]) -> None:
        """Refuse an order that would not be taken."""
        self._check_new(self._read(told))

    def cancel(self, order: Order, name: str) -> dict[str, Any]:
        """Take an order off; the answer and the event have the cancel's own name."""
        if order.ended:
            raise _UNKNOWN
        own = order.name
        self._end(order, "CANCELED", c=name, C=own)
        self._end_other(order, "CANCELED")
        return {**order.read(), "clientOrderId": name, "origClientOrderId": own}

    def make_smaller(self, order: Order, quantity: Decimal, name: str) -> Order:
        """Make an order smaller where it is."""
        if order.ended or order.waits:
            raise Refused(-2038, "Order amend request was rejected.")
        if not order.filled < quantity < order.quantity:
            raise Refused(-2038, "The requested action would change no state; rejecting.")
        own, less = order.name, order.quantity - quantity
        self.purse.release(self._floor.books[order.symbol].pair, order, less)
        order.quantity, order.name, order.update_time = quantity, name, self._floor.now_ms()
        if order.entry is not None:
            order.entry.quantity -= less
        self._tell(order, "REPLACED", C=own)
        return order

    def find(self, told: Mapping[str, str]) -> Order:
        """Return an order by its id or its name; of a name that was used again the last one."""
        orders = [each for each in self.orders.values() if each.symbol == told["symbol"]]
        if "orderId" in told:
            orders = [each for each in orders if str(each.id) == told["orderId"]]
        elif "origClientOrderId" in told:
            orders = [each for each in orders if each.name == told["origClientOrderId"]]
        else:
            raise Refused(
                -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
            )
        if not orders:
            raise Refused(-2013, "Order does not exist.")
        return orders[-1]

    @property
    def open(self) -> list[Order]:
        """The orders that may still trade."""
        return [each for each in self.orders.values() if not each.ended]

    def _read(self, told: Mapping[str, str], place: int = 1) -> Order:
        check_words(told)
        kind, now_ms = told["type"], self._floor.now_ms()
        order_id = 4_000_000 + len(self.orders) + place
        order = Order(
            id=order_id,
            symbol=told["symbol"],
            name=told.get("newClientOrderId", f"made-{order_id}"),
            side=told["side"],
            type=kind,
            time_in_force=told.get("timeInForce", "GTC"),
            quantity=number(told, "quantity"),
            price=number(told, "price"),
            stop=number(told, "stopPrice"),
            time=now_ms,
        )
        check_filters(self._floor.books[order.symbol].pair, kind, order.quantity, order.price, order.stop)
        return order

    def _check_new(self, order: Order) -> None:
        pair, book = self._floor.books[order.symbol].pair, self._loaded(order.symbol)
        if pair.status != "TRADING":
            raise Refused(-2010, "Market is closed.")
        if any(each.name == order.name for each in self.open):
            raise Refused(-2010, "Duplicate order sent.")
        if order.waits and self._reached(order):
            raise Refused(-2010, "Stop price would trigger immediately.")
        if order.type == "LIMIT_MAKER" and book.available(order.way, order.price, OURS):
            raise Refused(-2010, "Order would immediately match and take.")
        if not self.purse.covers(pair, order, self._cost(order, book)):
            raise Refused(-2010, "Account has insufficient balance for requested action.")

    def _cost(self, order: Order, book: PriceTimeBook) -> Decimal:
        """Return what an order without a limit would cost now."""
        left, cost = order.quantity, ZERO
        for price, quantity in book.levels("sell"):
            part = min(left, quantity)
            left, cost = left - part, cost + price * part
        return cost

    # Meeting the book

    def _loaded(self, symbol: str) -> PriceTimeBook:
        """Return the book with what the others show now, and with our own orders in it."""
        book, shown = self._books.setdefault(symbol, PriceTimeBook()), self._floor.books[symbol]
        book.clear(OTHERS)
        for side, levels in (("buy", shown.bids), ("sell", shown.asks)):
            for price, quantity in levels.ranked():
                book.rest(Resting(OTHERS, side, Decimal(price), Decimal(quantity)))
        return book

    def _work(self, order: Order) -> None:
        book = self._loaded(order.symbol)
        is_whole = (
            order.time_in_force != "FOK" or book.available(order.way, order.limit, OURS) >= order.leaves
        )
        made = book.take(order.way, order.leaves, order.limit, OURS) if is_whole else []
        for each in made:
            self._fill(order, each.price, each.quantity, is_maker=False)
        taken = sum((each.quantity for each in made), ZERO)
        if taken:
            self._show(order, book)
        if not order.ended and (order.time_in_force != "GTC" or order.type not in LIMITS):
            self._end(order, "EXPIRED")
        elif not order.ended:
            order.entry = Resting(OURS, order.way, order.price, order.leaves, str(order.id))
            book.rest(order.entry)

    def _show(self, order: Order, book: PriceTimeBook) -> None:
        """Let everyone see what the other side has left."""
        side = "sell" if order.side == "BUY" else "buy"
        shown = self._floor.books[order.symbol]
        levels = (shown.asks if side == "sell" else shown.bids).ranked()
        left = dict(book.levels(side))
        changed = [
            (price, str(left.get(Decimal(price), ZERO)))
            for price, quantity in levels
            if left.get(Decimal(price), ZERO) != Decimal(quantity)
        ]
        self._change(order.symbol, {("asks" if side == "sell" else "bids"): changed})

    def _change(self, symbol: str, lists: dict[str, Any]) -> None:
        self._busy = True
        try:
            self._floor.change(symbol, **lists)
        finally:
            self._busy = False

    def moved(self, symbol: str) -> None:
        """Let what the others show now meet our orders, and look at the stops."""
        if self._busy or not any(each.symbol == symbol for each in self.open):
            return
        book, shown = self._books.setdefault(symbol, PriceTimeBook()), self._floor.books[symbol]
        book.clear(OTHERS)
        for side, name, levels in (("buy", "bids", shown.bids), ("sell", "asks", shown.asks)):
            changed = []
            for price, quantity in levels.ranked():
                made = book.take(side, Decimal(quantity), Decimal(price), OTHERS)
                for each in made:
                    resting = self.orders[int(each.maker.order_id)]
                    self._fill(resting, each.price, each.quantity, is_maker=True)
                if made:
                    left = Decimal(quantity) - sum((each.quantity for each in made), ZERO)
                    changed.append((price, str(left)))
            if changed:
                self._change(symbol, {name: changed})
        for order in self.open:
            if order.symbol == symbol and order.waits and self._reached(order):
                order.triggered, order.update_time = True, self._floor.now_ms()
                self._end_other(order, "EXPIRED")
                self._tell(order, "NEW", w=True)
                self._work(order)

    def _reached(self, order: Order) -> bool:
        shown = self._floor.books[order.symbol]
        levels = (shown.asks if order.side == "BUY" else shown.bids).ranked()
        if not levels:
            return False
        best = Decimal(levels[0][0])
        return best >= order.stop if order.side == "BUY" else best <= order.stop

    # What becomes of an order

    def _fill(self, order: Order, price: Decimal, quantity: Decimal, *, is_maker: bool) -> None:
        floor, pair = self._floor, self._floor.books[order.symbol].pair
        order.filled += quantity
        order.paid += price * quantity
        order.status = "PARTIALLY_FILLED" if order.leaves else "FILLED"
        order.update_time = floor.now_ms()
        if order.ended:
            order.entry = None
        taker = order.side if not is_maker else ("SELL" if order.side == "BUY" else "BUY")
        trade_id = floor.trade(order.symbol, taker.lower(), str(price), str(quantity))
        got, asset = (quantity, pair.base) if order.side == "BUY" else (price * quantity, pair.quote)
        fee = round(got * self.fee_rate, 8)
        made = Trade(trade_id, order, price, quantity, fee, asset, order.update_time, is_maker)
        self.purse.filled(pair, made)
        self.trades.append(made)
        self._tell(order, "TRADE", **made.told())
        self._end_other(order, "EXPIRED")
        if order.list is not None and order.ended:
            self.purse.forget(pair, order)
        self._tell_coins(pair.base, pair.quote)

    def _end(self, order: Order, status: str, **more: Any) -> None:
        pair = self._floor.books[order.symbol].pair
        self.purse.release(pair, order, order.leaves)
        if order.entry is not None:
            self._books[order.symbol].remove(order.entry)
            order.entry = None
        order.status, order.update_time = status, self._floor.now_ms()
        self._tell(order, status, **more)

    def _end_other(self, order: Order, status: str) -> None:
        """End the order that one was sent together with; its coins are kept for that one, as long as it trades."""
        if order.list is None:
            return
        other = order.list.other(order)
        if not other.ended:
            if not order.ended:
                self.purse.hand_on(other, order)
            else:
                self.purse.forget(self._floor.books[other.symbol].pair, other)
            self._end(other, status)
        if order.list.is_done:
            self._floor.tell_account(order.list.told(self._floor.now_ms()))

    def _tell(self, order: Order, what: str, **more: Any) -> None:
        self.told += self._floor.tell_account(order.told(what, self._floor.now_ms(), **more))

    def _tell_coins(self, *coins: str) -> None:
        balances = [{"a": coin, **self.purse.told(coin)} for coin in coins]
        now_ms = self._floor.now_ms()
        self._floor.tell_account({"e": "outboundAccountPosition", "E": now_ms, "u": now_ms, "B": balances})
