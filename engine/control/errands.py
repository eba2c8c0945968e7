"""Carries out what another shell asks: acts in the first step, then looks for proof."""

from __future__ import annotations

from collections.abc import Generator

from engine.control import alert_errands
from engine.control.controls import Controls
from engine.control.proving import PROOF_S, Judged, with_proof
from engine.control.requests import (
    Answer,
    AnswerAlert,
    CancelOrders,
    Code,
    Disarm,
    FlattenPositions,
    Request,
    SetState,
    TellAlerts,
    TellStatus,
)
from engine.control.status import NAMED_MAX, DeskStatus, OpenOrder, Scope, counted, summary_of
from engine.control.watch import ANSWER_S, Watch
from engine.messages.commands import (
    SHELL,
    CancelAll,
    DisarmTrading,
    Flatten,
    Prove,
    SetTradingState,
    TradingState,
)
from engine.messages.exit_views import FlattenView
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.risk.halt import is_stricter

_BOTH = "expected a symbol or a strategy, found both"
_FIRM_ALONE = "what is said about every desk is about everything there: leave out symbol and strategy"

Steps = Generator[None, None, Answer]


class Errands:
    """Knows how each request is carried out and what proves it."""

    def __init__(self, controls: Controls, watch: Watch) -> None:
        self._controls = controls
        self._watch = watch

    def begin(self, request: Request) -> Steps:
        """Return the steps of a request: the first acts, the others wait for proof, the last answers."""
        match request:
            case SetState():
                return self._set_state(request)
            case Disarm():
                return self._disarm(request)
            case CancelOrders():
                return self._cancel(request)
            case FlattenPositions():
                return self._flatten(request)
            case TellStatus():
                return self._tell(request)
            case TellAlerts() | AnswerAlert():
                return alert_errands.begin(self._controls, self._watch, request)

    def _set_state(self, request: SetState) -> Steps:
        if request.firm and (request.symbol or request.strategy):
            return Answer(code=Code.BAD_INPUT, text=_FIRM_ALONE)
        if request.symbol and request.strategy:
            return Answer(code=Code.BAD_INPUT, text=_BOTH)
        if (unlisted := self._unlisted(request.symbol)) is not None:
            return unlisted
        state, reason = request.state, clean(request.reason)
        symbol, strategy = self._symbol(request.symbol), request.strategy or ""
        command = SetTradingState(state, reason, symbol, strategy, SHELL, request.firm)
        proof, written = request.proof, _Written()

        def is_done(status: DeskStatus) -> bool:
            holds = not request.firm or status.trading.firm.state is state
            return holds and not written.doubt(status)

        if proof is None or state is TradingState.HALTED:
            self._controls.set_state(command)
            status = yield from self._watch.until(ANSWER_S, is_done)
        else:
            judged = Judged(self._watch.look())
            self._controls.submit(Prove(proof.password, proof.code, command, name=proof.name))
            status = yield from self._watch.until(
                PROOF_S, lambda status: judged.is_over(status) and is_done(status)
            )
        name = "every desk" if request.firm else symbol or strategy
        if isinstance(status, str):
            held = "asked for" if state is TradingState.ACTIVE else "in force from now on, not journalled yet"
            return Answer(code=Code.UNPROVEN, text=f"{name or 'everything'} {state.value}: {held}; {status}")
        doubt = written.doubt(status)
        if doubt and state is not TradingState.ACTIVE and not status.trading.latch:
            doubt = ""  # the halts' own file has it
        found = status.trading.firm if request.firm else _scope_of(status, symbol, strategy)
        answer = _stated(state, found, status, doubt)
        return with_proof(answer, status, proof) if is_stricter(found.state, state) else answer

    def _disarm(self, request: Disarm) -> Steps:
        self._controls.submit(DisarmTrading(clean(request.reason), SHELL))
        status = yield from self._watch.until(ANSWER_S, lambda status: not status.arming.armed)
        if isinstance(status, str):
            return Answer(code=Code.UNPROVEN, text=f"disarming asked for; {status}; halt holds at once")
        text = f"{status.account} is disarmed: {status.arming.reason}"
        return _proven(text + _still_working(status), status, done=not status.arming.armed)

    def _cancel(self, request: CancelOrders) -> Steps:
        if request.symbol and request.strategy:
            return Answer(code=Code.BAD_INPUT, text=_BOTH)
        if (unlisted := self._unlisted(request.symbol)) is not None:
            return unlisted
        symbol, strategy = self._symbol(request.symbol), request.strategy or ""
        before = self._watch.look()
        self._controls.submit(CancelAll(symbol, SHELL, strategy))

        def left(status: DeskStatus) -> list[OpenOrder]:
            asked = {order.client_id for order in _orders_of(before.status, symbol, strategy)}
            return [order for order in status.orders if order.client_id in asked]

        def is_done(status: DeskStatus) -> bool:
            return not (left(status) or _order_doubts_of(status, symbol, strategy))

        status = yield from self._watch.until(request.wait_s, is_done)
        if isinstance(status, str):
            name = symbol or strategy or "everything"
            return Answer(code=Code.UNPROVEN, text=f"cancel asked for {name}; {status}")
        asked, remaining = _orders_of(before.status, symbol, strategy), left(status)
        text = f"{_count(len(asked), 'cancel')} asked; {_remaining(remaining)}"
        text += _not_sure(_order_doubts_of(status, symbol, strategy))
        return _proven(text, status, done=is_done(status))

    def _flatten(self, request: FlattenPositions) -> Steps:
        if (unlisted := self._unlisted(request.symbol)) is not None:
            return unlisted
        symbol = self._symbol(request.symbol)
        before = self._watch.look()
        self._controls.submit(Flatten(symbol, SHELL))

        def is_flat(status: DeskStatus) -> bool:
            return not (_orders_of(status, symbol) or _positions_of(status, symbol))

        def is_given_up(status: DeskStatus) -> bool:
            return not (is_flat(status) or _flattens_of(status, symbol))

        def is_over(status: DeskStatus) -> bool:
            return is_given_up(status) or (is_flat(status) and not _doubts_of(status, symbol))

        status = yield from self._watch.until(request.wait_s, is_over)
        if isinstance(status, str):
            return Answer(code=Code.UNPROVEN, text=f"flatten asked for {symbol or 'everything'}; {status}")
        held, left = _positions_of(before.status, symbol), _positions_of(status, symbol)
        text = (
            f"flatten asked for {_count(len(held), 'position')}; {_held(left)}, "
            f"{_remaining(_orders_of(status, symbol))}"
        )
        if not is_flat(status):
            text += "; it was given up, the desk says why" if is_given_up(status) else "; it goes on"
        doubts = _doubts_of(status, symbol)
        return _proven(text + _not_sure(doubts), status, done=is_flat(status) and not doubts)

    def _tell(self, request: TellStatus) -> Steps:
        status = yield from self._watch.until(ANSWER_S, lambda _: True, hashed=request.hashed)
        if isinstance(status, str):
            return Answer(code=Code.UNPROVEN, text=status)
        return _proven("the desk runs", status, done=True)

    def _symbol(self, typed: str | None) -> Symbol | None:
        """Return the instrument that was meant, as it is listed, or what was typed where none is."""
        if typed is None:
            return None
        symbol, upper = Symbol(clean(typed)), Symbol(clean(typed).upper())
        return upper if not self._controls.lists(symbol) and self._controls.lists(upper) else symbol

    def _unlisted(self, typed: str | None) -> Answer | None:
        """Return the refusal of a symbol that the desk does not have: a slip of the finger would halt nothing."""
        symbol = self._symbol(typed)
        if symbol is None or self._controls.lists(symbol):
            return None
        return Answer(code=Code.BAD_INPUT, text=f"{symbol} is not listed here; nothing was done")


class _Written:
    """Proves that a command that was just carried out is safe in the journal."""

    def __init__(self) -> None:
        self._sequence: int | None = None

    def doubt(self, status: DeskStatus) -> str:
        """Return why a restart may not know of it; empty once it is proven."""
        journal = status.journal
        if self._sequence is None:
            self._sequence = journal.sequence
        if journal.refusal:
            return f"; a restart may not know it, the journal says: {journal.refusal}"
        return "" if journal.durable >= self._sequence else "; not on the disk yet"


def _stated(wanted: TradingState, found: Scope, status: DeskStatus, doubt: str) -> Answer:
    """Say which state holds now, whether a restart will know it, and what still works."""
    active = TradingState.ACTIVE
    holds = found.state is wanted or (wanted is not active and is_stricter(found.state, wanted))
    text = f"{found.name or 'everything'} is {found.state.value}"
    if found.state is not active:
        text += f": {found.reason}"
    text += doubt
    if wanted is not active:
        text += _still_working(status)
    return _proven(text, status, done=holds and not doubt)


def _still_working(status: DeskStatus) -> str:
    if not status.orders:
        return ""
    return f"; {_count(len(status.orders), 'order')} still working, cancel-all takes them back"


def _proven(text: str, status: DeskStatus, *, done: bool) -> Answer:
    return Answer(code=Code.PROVEN if done else Code.UNPROVEN, text=text, status=summary_of(status))


def _scope_of(status: DeskStatus, symbol: Symbol | None, strategy: str) -> Scope:
    trading = status.trading
    if not symbol and not strategy:
        return trading.everything
    scopes, name = (trading.strategies, strategy) if strategy else (trading.symbols, str(symbol))
    active = Scope(name, TradingState.ACTIVE, "", 0)
    return next((scope for scope in scopes if scope.name == name), active)


def _orders_of(status: DeskStatus | None, symbol: Symbol | None, strategy: str = "") -> list[OpenOrder]:
    orders = status.orders if status is not None else ()
    return [order for order in orders if symbol in {None, order.symbol} and strategy in {"", order.strategy}]


def _doubts_of(status: DeskStatus, symbol: Symbol | None) -> list[str]:
    return [each.text for each in status.doubts if symbol is None or each.symbol in {"", symbol}]


def _order_doubts_of(status: DeskStatus, symbol: Symbol | None, strategy: str) -> list[str]:
    concerned = [
        each
        for each in status.doubts
        if not each.of_position and (not strategy or each.strategy in {None, strategy})
    ]
    return [each.text for each in concerned if symbol is None or each.symbol in {"", symbol}]


def _not_sure(doubts: list[str]) -> str:
    return f"; not sure that this is all: {_some(doubts)}" if doubts else ""


def _positions_of(status: DeskStatus | None, symbol: Symbol | None) -> dict[str, str]:
    positions = status.positions if status is not None else {}
    return {name: size for name, size in positions.items() if symbol is None or name == symbol}


def _flattens_of(status: DeskStatus, symbol: Symbol | None) -> list[FlattenView]:
    return [each for each in status.flattening if symbol is None or each.symbol == symbol]


def _remaining(orders: list[OpenOrder]) -> str:
    if not orders:
        return "0 still working"
    unknown = [order.label for order in orders if order.unknown]
    text = f"{len(orders)} still working: {_some([f'{k} {n}' for k, n in counted(o.symbol for o in orders).items()])}"
    return f"{text}; fate unknown: {_some(unknown)}" if unknown else text


def _held(positions: dict[str, str]) -> str:
    if not positions:
        return "nothing is held"
    return f"still held: {_some([f'{symbol} {size}' for symbol, size in positions.items()])}"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED_MAX
    return ", ".join(names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
