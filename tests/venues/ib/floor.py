"""What happens here: books, orders, fills, positions; everything on the venue's own loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.ib import told
from tests.venues.ib.executions import FEE, Execution, commission, positions_of, status
from tests.venues.ib.faults import Faults
from tests.venues.ib.history import Past
from tests.venues.ib.orders import Order, Placed
from tests.venues.ib.pit import CROWD, Pit
from tests.venues.ib.stock import Contract
from tests.venues.price_time import ZERO, PriceTimeBook, Resting

if TYPE_CHECKING:
    from tests.venues.ib.session import Session

ACCOUNT = "DU1234567"
Touch = tuple[Decimal, Decimal]


class Floor:
    """One gateway with one account."""

    def __init__(self, contracts: Iterable[Contract], *, account: str = ACCOUNT, seed: int = 1) -> None:
        self.contracts = {each.con_id: each for each in contracts}
        self.account = account
        self.faults = Faults()
        self.sessions: set[Session] = set()
        self.orders: list[Order] = []
        self.executions: list[Execution] = []
        self.cash: dict[str, Decimal] = {"USD": Decimal(100_000)}
        self.closed = False
        """Whether no market is open."""
        self.cut_off = False
        """Whether the gateway has lost its own connection."""
        self.placed = 0
        """Messages that placed or changed an order."""
        self.books: dict[int, PriceTimeBook] = {con_id: PriceTimeBook() for con_id in self.contracts}
        self.past = Past(seed)
        self.pit = Pit(self)
        self._last_ids: dict[int, int] = {}
        self._perm_id = 1_800_000_000
        self._exec_number = 0
        self._commissions_held: list[Execution] = []

    # What a test does

    def contract(self, name: str) -> Contract:
        """Return a contract by what it is called locally."""
        return next(each for each in self.contracts.values() if each.local_symbol == name)

    def quote(self, name: str, bid: str, ask: str, bid_size: str = "100", ask_size: str = "100") -> None:
        """Let others show this touch and nothing else; orders of the account that it reaches trade."""
        contract = self.contract(name)
        book = self.books[contract.con_id]
        book.clear(CROWD)
        for side, price, size in (("buy", bid, bid_size), ("sell", ask, ask_size)):
            self._show(book, side, Decimal(price), Decimal(size))
        self.moved(contract)

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> None:
        """Print a trade of others; `side` is who took."""
        del side
        self.printed(self.contract(symbol), Decimal(price), Decimal(quantity))

    def say(self, fields: list[object]) -> None:
        """Send everyone a message of any kind."""
        for session in self.sessions:
            session.say(fields)

    def say_raw(self, data: bytes) -> None:
        """Send everyone bytes as they are."""
        for session in self.sessions:
            session.say_raw(data)

    def kill(self) -> None:
        """End every connection without a word."""
        for session in list(self.sessions):
            session.drop()

    def cut(self, *, off: bool) -> None:
        """Let the gateway lose its own connection, or get it back."""
        self.cut_off = off
        code, text = (
            (1100, "Connectivity between IBKR and Trader Workstation has been lost.")
            if off
            else (
                1102,
                "Connectivity between IBKR and Trader Workstation has been restored - data maintained.",
            )
        )
        for session in self.sessions:
            session.error(-1, code, text)

    def place_elsewhere(
        self, name: str, side: str, quantity: str, limit: str, *, client_id: int = 0
    ) -> Order:
        """Place an order that no desk asked for, as by hand."""
        order = self._made(
            Placed(
                order_id=0 if not client_id else self.next_id(client_id),
                asked={},
                side=side,
                quantity=Decimal(quantity),
                type="LMT",
                limit=Decimal(limit),
                aux=None,
                tif="GTC",
                account=self.account,
                ref="",
                transmit=True,
                trail_stop=None,
            ),
            client_id,
            self.contract(name),
        )
        self.pit.work(order)
        return order

    def correct(self, exec_id: str, price: str) -> None:
        """Tell a fill again, at another price."""
        was = next(each for each in self.executions if each.exec_id == exec_id)
        now = replace(was, exec_id=f"{exec_id[:-2]}02", price=Decimal(price))
        self.executions[self.executions.index(was)] = now
        self._to(now.order, now.fields(-1))
        self._tell_commission(now)

    def tell_commissions(self) -> None:
        """Tell the fees that were held back."""
        held, self._commissions_held = self._commissions_held, []
        for each in held:
            self._to(each.order, commission(each))

    # What clients do

    def next_id(self, client_id: int) -> int:
        """Return the least number that a new order of a client may have."""
        return self._last_ids.get(client_id, 0) + 1

    def find(self, client_id: int, order_id: int) -> Order | None:
        """Return an order of a client by its number."""
        own = (each for each in self.orders if (each.client_id, each.order_id) == (client_id, order_id))
        return next(own, None)

    def find_contracts(self, asked: dict[str, str]) -> list[Contract]:
        """Return all that a client may mean."""
        return [each for each in self.contracts.values() if each.matches(asked)]

    def place(self, session: Session, placed: Placed) -> None:
        """Take an order, or other terms for one."""
        self.placed += 1
        known = self.find(session.client_id, placed.order_id)
        if known is not None:
            self._change(session, known, placed)
            return
        if placed.order_id < self.next_id(session.client_id):
            session.error(placed.order_id, 103, "Duplicate order id")
            return
        self._last_ids[session.client_id] = placed.order_id
        found = self.find_contracts(placed.asked)
        if len(found) != 1:
            session.error(placed.order_id, 200, "No security definition has been found for the request")
            return
        reason = self.faults.refuse_orders or placed.objection()
        if not reason and placed.account not in {"", self.account}:
            reason = "The account code you specified does not exist"
        if reason:
            session.error(placed.order_id, 201, f"Order rejected - reason:{reason}")
            return
        if code := self.faults.warn_of_orders:
            session.error(placed.order_id, code, "Order Message: it is odd")
        order = self._made(placed, session.client_id, found[0])
        order.status = "PreSubmitted" if order.waits else "Submitted"
        self.tell(order)
        self.pit.work(order)

    def _made(self, placed: Placed, client_id: int, contract: Contract) -> Order:
        self._perm_id += 1
        order = placed.order(client_id, self._perm_id, contract, self.account)
        if client_id:
            self._last_ids[client_id] = max(placed.order_id, self._last_ids.get(client_id, 0))
        self.orders.append(order)
        return order

    def _change(self, session: Session, order: Order, placed: Placed) -> None:
        if order.ended:
            session.error(order.order_id, 104, "Cannot modify a filled order.")
        elif (placed.side, placed.type) != (order.side, order.type):
            session.error(order.order_id, 105, "Order being modified does not match original order")
        elif reason := self.faults.refuse_orders or placed.objection():
            session.error(order.order_id, 201, f"Order rejected - reason:{reason}")
        elif placed.quantity <= order.filled:
            session.error(order.order_id, 201, "Order rejected - reason:Order size below what is filled")
        else:
            self.pit.leave(order)
            order.quantity, order.limit, order.aux = placed.quantity, placed.limit, placed.aux
            order.tif = placed.tif
            self.tell(order)
            self.pit.work(order)

    def cancel(self, session: Session, order_id: int) -> None:
        """Take an order back."""
        order = self.find(session.client_id, order_id)
        if order is None:
            text = f"OrderId {order_id} that needs to be cancelled is not found."
            session.error(order_id, 10147, text)
        elif order.ended:
            text = (
                f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {order.status}."
            )
            session.error(order_id, 10148, text)
        elif self.faults.stuck_cancels:
            self.faults.stuck_cancels -= 1
        else:
            self.pit.end(order, "Cancelled by Trader")

    def cancel_all(self) -> None:
        """Take all orders back, whoever placed them."""
        for order in [each for each in self.orders if not each.ended]:
            self.pit.end(order, "Cancelled by Trader")

    # What is told

    def tell(self, order: Order) -> None:
        """Tell whose order it is how it stands."""
        self._to(order, told.open_order(order))
        self._to(order, status(order))

    def ended(self, order: Order) -> None:
        """Tell that an order was taken back."""
        self._to(order, status(order))
        for session in self._sessions_of(order):
            session.error(order.order_id, 202, "Order Canceled - reason:")

    def filled(self, order: Order, price: Decimal, quantity: Decimal, *, is_maker: bool) -> None:
        """Note and tell a fill."""
        self._exec_number += 1
        exec_id = f"0000e0d5.{self._exec_number:08x}.01.01"
        each = Execution(exec_id, order, price, quantity, is_maker, time.time(), order.filled)
        self.executions.append(each)
        multiplier = Decimal(order.contract.multiplier or 1)
        currency = order.contract.currency
        spent = order.sign * price * quantity * multiplier + FEE
        self.cash[currency] = self.cash.get(currency, ZERO) - spent
        self._to(order, each.fields(-1))
        self._to(order, status(order))
        self._tell_commission(each)
        for session in self.sessions:
            if session.follows_positions:
                session.position(order.contract)
        self.printed(order.contract, price, quantity)

    def _tell_commission(self, each: Execution) -> None:
        if self.faults.hold_commissions:
            self._commissions_held.append(each)
        else:
            self._to(each.order, commission(each))

    def is_told_of(self, each: Execution) -> bool:
        """Whether the fee of a fill is known."""
        return each not in self._commissions_held

    def _to(self, order: Order, fields: list[object]) -> None:
        for session in self._sessions_of(order):
            session.say(fields)

    def _sessions_of(self, order: Order) -> list[Session]:
        return [each for each in self.sessions if each.is_ready and each.client_id == order.client_id]

    # The market

    def touch(self, contract: Contract) -> tuple[Touch | None, Touch | None]:
        """Return the best bid and offer, whoever made them."""
        book = self.books[contract.con_id]
        return book.best("buy"), book.best("sell")

    def moved(self, contract: Contract) -> None:
        """Tell who follows a contract of its touch, and look at what waits for a price."""
        for session in list(self.sessions):
            session.touch(contract)
        self.pit.market_moved(contract)

    def printed(self, contract: Contract, price: Decimal, quantity: Decimal) -> None:
        """Tell who follows a contract of a print."""
        for session in list(self.sessions):
            session.print(contract, price, quantity)

    def _show(self, book: PriceTimeBook, side: str, price: Decimal, size: Decimal) -> None:
        for made in book.take(side, size, price, CROWD):
            self.pit.reached(made.maker, made.price, made.quantity)
            size -= made.quantity
        if size > 0:
            book.rest(Resting(CROWD, side, price, size))

    # What is asked for

    def positions(self) -> dict[int, tuple[Decimal, Decimal]]:
        """Return what is held of each contract, and what it cost on the average."""
        return positions_of(self.executions)

    def open_orders(self, is_wanted: Callable[[Order], bool]) -> list[Order]:
        """Return the orders that work."""
        return [each for each in self.orders if not each.ended and is_wanted(each)]
