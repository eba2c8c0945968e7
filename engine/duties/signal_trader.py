"""Lets a model's champion send orders while a person has armed it, and switches it off whenever nobody may mean it any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.duties.model_trading import ModelTrading
from engine.duties.signal_orders import ORIGIN
from engine.errors import EngineError
from engine.messages.commands import (
    ArmSignals,
    DisarmSignals,
    SetTradingState,
    SubmitOrder,
    TradingState,
)
from engine.messages.events import (
    AlertRaised,
    FillBusted,
    FillCorrected,
    OrderFilled,
    PositionSplit,
    Severity,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.signal_views import ModelView, SignalTrading, SignalView
from engine.model.account import AccountMode
from engine.model.order import OrderRequest
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.signals.serving.demotion import WHO
from engine.signals.serving.signals import Signals
from engine.signals.trading.bounds import bounds_of, why_lost
from engine.signals.trading.holding_back import why_no_order, why_off, why_unfit

_HALTED: Final = TradingState.HALTED


class SignalTrader:
    """Belongs to the engine's thread. An order of a model goes the way of every other: through `submit`, and the gate behind it."""

    def __init__(
        self,
        rooms: Rooms,
        signals: Signals,
        submit: Callable[[SubmitOrder], None],
        halt: Callable[[SetTradingState], None],
    ) -> None:
        """Begin with every model off.

        Raises:
            ConfigError: a limit is none.
        """
        self._rooms = rooms
        self._signals = signals
        self._submit = submit
        self._halt = halt
        self._models = {
            model.table.model: ModelTrading(
                rooms, model.table, bounds_of(model.table.model, model.table.limits)
            )
            for model in signals.models
        }
        self._told: dict[str, tuple[SignalTrading, str, str]] = {}
        self._live = rooms.account.mode is AccountMode.LIVE
        signals.listen(self.hear)
        bus = rooms.bus
        bus.subscribe(OrderFilled, self._on_filled)
        bus.subscribe(TradingStateChanged, lambda _: self.look())
        bus.subscribe(TradingDisarmed, lambda _: self.look())
        bus.subscribe(FillBusted, lambda _: self._read())
        bus.subscribe(FillCorrected, lambda _: self._read())
        bus.subscribe(PositionSplit, lambda _: self._read())
        self.look()

    def arm(self, command: ArmSignals) -> None:
        """Let a model's champion send orders.

        Raises:
            EngineError: says why it stays off.
        """
        trading = self._models.get(command.model)
        if trading is None:
            raise EngineError(f"no table of [[signals]] names a model {clean(command.model, 40)!r}")
        self._look_at(trading)  # what was armed until now may be champion no more
        champion = self._champion(command.model)
        if refusal := self._objection(trading, champion, command.name):
            raise EngineError(f"{command.model} stays off: {refusal}")
        assert champion is not None
        trading.version, trading.reason = champion.version, "armed; no signal yet"
        trading.orders.begin(self._rooms.clock.now_ns())
        self._note(command.model, command.origin, "off", f"armed: {champion.version}")
        where = f"to the live account {self._rooms.account.name}" if self._live else "on paper"
        self._say(Severity.WARNING, f"{command.model} {champion.version} is armed and sends orders {where}")
        self._tell(trading)

    def disarm(self, command: DisarmSignals) -> None:
        """Switch a model off at once; one that is off stays so.

        Raises:
            EngineError: there is no such model.
        """
        trading = self._models.get(command.model)
        if trading is None:
            raise EngineError(f"no table of [[signals]] names a model {clean(command.model, 40)!r}")
        self._off(trading, clean(command.reason, 200), command.origin)

    def look(self) -> None:
        """Switch off what must not go on, and halt what lost too much."""
        for trading in self._models.values():
            self._look_at(trading)

    def _look_at(self, trading: ModelTrading) -> None:
        self._halt_loser(trading)
        if trading.version and (why := self._why_off(trading)):
            self._off(trading, why, ORIGIN)
        self._tell_overdue(trading)
        self._tell(trading)

    def hear(self, signal: SignalView, champion: ModelView) -> None:
        """Make an order of what a champion says, or note why there is none."""
        trading = self._models[signal.model]
        self._halt_loser(trading)
        if not trading.version:
            return
        if why := self._why_off(trading, champion):
            self._off(trading, why, ORIGIN)
        else:
            trading.orders.hear(signal)
            horizon_ns = champion.horizon_bars * champion.interval_ns
            trading.reason = f"{signal.symbol}: {self._send(trading, signal, horizon_ns)}"
        self._tell(trading)

    def _halt_loser(self, trading: ModelTrading) -> None:
        """Halt a model that is on and lost too much; the halt switches it off and outlives a restart."""
        name = trading.table.model
        if not trading.version or self._rooms.halts.said_of(None, name).state is _HALTED:
            return
        if lost := self._lost(trading):
            self._halt(SetTradingState(_HALTED, lost, strategy=name, origin=ORIGIN))

    def _tell_overdue(self, trading: ModelTrading) -> None:
        """Say what should have been closed and is not, since no bar ends at which it could be: once for each."""
        champion = self._champion(trading.table.model) if trading.version else None
        overdue = ""
        if champion is not None:
            due_ns = self._rooms.clock.now_ns() - champion.interval_ns - trading.valid_ns
            overdue = trading.orders.overdue(champion.horizon_bars * champion.interval_ns, due_ns)
        if overdue and overdue != trading.overdue:
            trading.reason = f"it holds {overdue} beyond its horizon: no bar ends at which it could be closed"
            self._say(
                Severity.WARNING,
                f"{trading.table.model}: {trading.reason}; it stays until one does, or you close it",
            )
        trading.overdue = overdue

    def _send(self, trading: ModelTrading, signal: SignalView, horizon_ns: int) -> str:
        """Send what a signal asks for, else what ends a position whose horizon is over; return what came of it."""
        if signal.version != trading.version:
            return f"no order: {signal.version} was not armed"
        wanted = self._wanted(trading, signal)
        if not isinstance(wanted, str):
            return self._sent(trading, wanted)
        leaving = trading.orders.leaving(signal, horizon_ns)
        if not leaving:
            return f"no order: {wanted}"
        came = leaving if isinstance(leaving, str) else self._sent(trading, leaving)
        return f"{came}; its horizon is over ({wanted})"

    def _wanted(self, trading: ModelTrading, signal: SignalView) -> OrderRequest | str:
        """Return the order that a signal asks for, or why there is none."""
        now_ns = self._rooms.clock.now_ns()
        if why := why_no_order(signal, trading.bounds, now_ns, trading.valid_ns):
            return why
        trading.orders.want(signal)
        return trading.orders.wanted(signal)

    def _sent(self, trading: ModelTrading, request: OrderRequest) -> str:
        """Send an order; return what came of it."""
        try:
            self._submit(SubmitOrder(request))
        except EngineError as error:
            self._off(trading, f"its order was refused: {error}", ORIGIN)
            return trading.reason
        denied = trading.orders.note(request.client_id)
        return f"denied: {denied}" if denied else f"{request.side.name.lower()} sent as #{request.number}"

    def _objection(self, trading: ModelTrading, champion: ModelView | None, name: str) -> str:
        if name != trading.table.model:
            return "that is not the model's name"
        if trading.version:
            return "it is armed already"
        if champion is None:
            return "it has no champion here"
        if not trading.bounds.quantity:
            return "its limits.quantity in config.toml is 0, which is no orders"
        if other := self._armed_beside(trading):
            return f"{other} is armed on the same symbols, and one model a symbol sends orders"
        return why_unfit(champion) or self._lost(trading) or self._held_up(trading, champion.version)

    def _why_off(self, trading: ModelTrading, champion: ModelView | None = None) -> str:
        champion = champion or self._champion(trading.table.model)
        return why_off(trading.version, champion) or self._held_up(trading, trading.version)

    def _held_up(self, trading: ModelTrading, version: str) -> str:
        """Return what of the account keeps a model off."""
        rooms, name = self._rooms, trading.table.model
        for scope, halt in (("trading", rooms.halts.everything), (name, rooms.halts.said_of(None, name))):
            if halt.state is _HALTED:
                return f"{scope} is halted: {halt.reason}"
        if not rooms.arming.armed:
            return f"the account is disarmed ({rooms.arming.reason})"
        if not self._live:
            return ""
        return (
            rooms.may_trade(name, version) if rooms.may_trade is not None else "nobody can sign for it here"
        )

    def _armed_beside(self, trading: ModelTrading) -> str:
        mine = set(trading.table.symbols)
        for name, other in self._models.items():
            theirs = set(other.table.symbols)
            if other is not trading and other.version and (not mine or not theirs or mine & theirs):
                return name
        return ""

    def _lost(self, trading: ModelTrading) -> str:
        return why_lost(trading.bounds, trading.orders.day_micros(), self._rooms.rates.base_currency)

    def _champion(self, model: str) -> ModelView | None:
        views = self._signals.view.models
        return next((view for view in views if view.model == model and view.stage == "champion"), None)

    def _off(self, trading: ModelTrading, reason: str, origin: str) -> None:
        if not trading.version:
            return
        version, trading.version, trading.reason = trading.version, "", reason
        self._note(trading.table.model, origin, f"armed: {version}", f"off: {reason}")
        text = f"{trading.table.model} {version} sends no more orders: {reason}; what it holds stays"
        self._say(Severity.WARNING, text)
        self._tell(trading)

    def _on_filled(self, event: OrderFilled) -> None:
        trading = self._models.get(event.order.request.strategy)
        if trading is None or not trading.orders.is_own(event.order):
            return
        fill = trading.orders.filled(event.order, event.fill)
        if fill is not None:
            self._signals.filled(fill)

    def _read(self) -> None:
        """Count anew what the account's orders say, since some of it was rewritten."""
        for trading in self._models.values():
            trading.orders.read()

    def _tell(self, trading: ModelTrading) -> None:
        name = trading.table.model
        halt = self._rooms.halts.said_of(None, name)
        if trading.version:
            state, reason = SignalTrading.ARMED, trading.reason
        elif halt.state is _HALTED:
            state, reason = SignalTrading.HALTED, f"{halt.reason}; typing resume as={name} lifts it"
        else:
            state, reason = SignalTrading.OFF, trading.reason
        if self._told.get(name) != (told := (state, reason, trading.version)):
            self._told[name] = told
            self._signals.tell_trading(name, state, reason, live=self._live, version=trading.version)

    def _note(self, model: str, origin: str, before: str, after: str) -> None:
        rooms = self._rooms
        if rooms.audit is None:
            return
        sender = rooms.sender or rooms.operator
        who = WHO if origin == ORIGIN else sender.name if sender is not None else rooms.audit.who
        subject = f"{rooms.account.name} {model}"
        rooms.audit.note(
            Act(who=who, what="signals-arming", origin=origin, subject=subject, before=before, after=after)
        )

    def _say(self, severity: Severity, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, "signals", clean(text, ALERT_LENGTH_MAX), now_ns))
