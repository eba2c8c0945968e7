"""One handler for each command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.catalogue import Catalogue
from engine.duties.alarm_answers import AlarmAnswers
from engine.duties.desk_lock import DeskLock
from engine.duties.followed import why_followed
from engine.duties.leaving import Leaving
from engine.duties.limits_reload import LimitsReload
from engine.duties.named_proofs import NamedProofs
from engine.duties.permission import Permission
from engine.duties.proofs import Proofs
from engine.duties.remedying import apply_remedy
from engine.duties.safety_catch import SafetyCatch
from engine.errors import EngineError
from engine.execution.corporate_actions import CorporateActions
from engine.messages.commands import (
    AcknowledgeAlert,
    AmendOrder,
    ApplyRemedy,
    ArmSignals,
    ArmTrading,
    BookDividend,
    BookSplit,
    CancelAll,
    CancelOrder,
    Command,
    DisarmSignals,
    DisarmTrading,
    Flatten,
    Jump,
    Leave,
    LockDesk,
    Pause,
    Prove,
    ReadListings,
    ReloadLimits,
    ReopenAlert,
    ResolveBreak,
    Resume,
    SetSpeed,
    SetTradingState,
    SilenceAlert,
    Skip,
    Stay,
    Step,
    SubmitOrder,
    TakeStock,
    TradingState,
    UnlockDesk,
    UnwatchSymbol,
    WatchSymbol,
    origin_of,
)
from engine.messages.events import AlertRaised, Severity, TradingStateChanged
from engine.messages.order_path import CommandTaken
from engine.model.account import AccountMode
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.ports.market_data import Playback
from engine.risk.halt import is_stricter
from engine.rooms import Rooms
from engine.watching import Watching

if TYPE_CHECKING:  # loaded only where there are models
    from engine.duties.signal_trader import SignalTrader

_INFO = Severity.INFO


class Handlers:
    """Carries commands out, on the engine's thread."""

    def __init__(self, rooms: Rooms, leaving: Leaving) -> None:
        self._rooms = rooms
        self.catch = catch = SafetyCatch(rooms)
        """What arms and disarms the account."""
        self._proofs = Proofs(rooms)
        self.limits = limits = LimitsReload(rooms, self._proofs.demand)
        """What reads the limits again."""
        orders, answers = rooms.orders, AlarmAnswers(rooms)
        corporate = CorporateActions(
            orders.history,
            orders.scribe,
            rooms.working,
            rooms.ledger.positions,
            rooms.bus,
            rooms.account_clock,
        )
        handlers: dict[type, Callable[..., object]] = {
            SubmitOrder: self._submit,
            CancelOrder: lambda command: orders.cancel(command.client_id, command.origin),
            AmendOrder: self._amend,
            CancelAll: lambda command: orders.cancel_all(command.symbol, command.origin, command.strategy),
            Flatten: lambda command: orders.flatten(command.symbol, command.origin),
            SetTradingState: self._set_trading_state,
            ArmTrading: self._arm,
            DisarmTrading: lambda command: catch.disarm(clean(command.reason, 200), command.origin),
            ArmSignals: self._arm_signals,
            DisarmSignals: lambda command: self._trader().disarm(command),
            LockDesk: lambda _: self._desk_lock().lock(),
            UnlockDesk: lambda command: self._desk_lock().unlock(command),
            Prove: self._prove,
            BookSplit: lambda command: self._say(_INFO, "portfolio", corporate.split(command)),
            BookDividend: lambda command: self._say(_INFO, "portfolio", corporate.dividend(command)),
            TakeStock: lambda _: orders.take_stock(),
            ResolveBreak: orders.resolve_break,
            Leave: leaving.begin,
            Stay: lambda _: leaving.stay(),
            ApplyRemedy: partial(apply_remedy, rooms),
            ReloadLimits: limits.reload,
            ReadListings: lambda _: self._catalogue().want(),
            WatchSymbol: lambda command: self._watching().watch(command.symbol),
            UnwatchSymbol: self._unwatch,
            Pause: lambda _: self._playback().pause(),
            Resume: lambda _: self._playback().resume(),
            Step: lambda _: self._playback().step(),
            Jump: lambda command: self._go_to(command.to_ns),
            Skip: lambda command: self._go_to(self._playback().target_ns + command.by_ns),
            AcknowledgeAlert: answers.acknowledge,
            SilenceAlert: answers.silence,
            ReopenAlert: answers.reopen,
            SetSpeed: lambda command: self._playback().set_speed(command.speed),
        }
        self._handlers = handlers
        self._permission = Permission(rooms)
        self.desk_lock: DeskLock | None = None
        """What locks the desk; None where there is none."""
        self.named_proofs: NamedProofs | None = None
        """What hears proofs where nobody signed in."""
        self.trader = _trader_of(rooms, self.handle, self._set_trading_state)
        """What sends the orders of models; None where the settings name none."""

    def handle(self, command: Command) -> None:
        """Carry one command out, where who signed in may say it.

        Raises:
            NotAllowed: it is not for that role.
            ProofWanted: it takes a proof that was not given lately.
        """
        cause, before = self._rooms.cause, self._rooms.cause.id
        cause.id = self._take(command)
        try:
            self._permission.check(command)
            self._handlers[type(command)](command)
        finally:
            cause.id = before

    def _take(self, command: Command) -> str:
        """Tell of a command that came, and return what it is found by: its order's correlation, what it came with, or an id of its own."""
        rooms = self._rooms
        sender = rooms.sender
        correlation = sender.correlation if sender is not None else ""
        if isinstance(command, SubmitOrder):
            correlation = command.request.correlation or correlation or command.request.client_id
        correlation = correlation or rooms.ids.command()
        signed = sender or rooms.operator
        who = signed.name if signed is not None else ""
        now_ns = rooms.account_clock.now_ns()
        origin = _origin_of(command) if sender is None else sender.origin
        rooms.bus.publish(CommandTaken(command, correlation, origin, who, now_ns))
        return correlation

    def carry_out(self, proven: Prove) -> None:
        """Carry out what a proof was given for; raises like `handle`."""
        with self._proofs.given(proven):
            self.handle(proven.command)

    def _submit(self, command: SubmitOrder) -> None:
        """Take an order in at the account's time: the screen knows the market's, as of its last frame."""
        rooms = self._rooms
        request = replace(
            command.request, created_ns=rooms.account_clock.now_ns(), correlation=rooms.cause.id
        )
        rooms.orders.submit(request)

    def _amend(self, command: AmendOrder) -> None:
        self._rooms.orders.amend(
            command.client_id, command.quantity, command.limit, command.stop, origin=command.origin
        )

    def _arm(self, command: ArmTrading) -> None:
        """Arm the account; a live one takes a proof besides its name."""
        arming, name = self._rooms.arming, self._rooms.account.name
        if arming.needs_name and not arming.armed and command.account_name == name:
            self._proofs.demand(command, f"arm {name}")
        self.catch.arm(command)

    def _arm_signals(self, command: ArmSignals) -> None:
        """Let a model send orders; to a live account it takes a proof besides its name."""
        trader, account = self._trader(), self._rooms.account
        if account.mode is AccountMode.LIVE and command.name == command.model:
            self._proofs.demand(command, f"let {command.model} send orders to {account.name}")
        trader.arm(command)

    def _set_trading_state(self, command: SetTradingState) -> None:
        scope = "every desk" if command.firm else command.symbol or command.strategy or "everything"
        said = self._rooms.halts.said_of(command.symbol, command.strategy, firm=command.firm)
        if is_stricter(said.state, command.state):
            if command.tightens:
                self._say(Severity.INFO, "risk", f"{scope} is {said.state.value} already: {said.reason}")
                return
            does = "trade" if command.state is TradingState.ACTIVE else "be reduced"
            what = f"let {scope} {does} again ({said.reason or said.state.value})"
            self._proofs.demand(command, what)
        if command.firm:
            sender = self._rooms.sender
            who = sender.name if sender is not None else ""
            self._rooms.firm.say(command.state, command.reason, who, self._rooms.cause.id)
            self._tell_latch()
            return
        now_ns = self._rooms.account_clock.now_ns()
        event = TradingStateChanged(
            command.state,
            command.reason,
            command.symbol,
            now_ns,
            command.strategy,
            command.origin,
            correlation=self._rooms.cause.id,
        )
        self._rooms.halts.apply(event)
        self._rooms.orders.scribe.note(event)
        self._rooms.bus.publish(event)
        self._say(Severity.WARNING, "risk", f"{scope} is {command.state.value}: {command.reason}")
        firm = self._rooms.halts.firm
        if command.state is TradingState.ACTIVE and firm.state is not TradingState.ACTIVE:
            text = f"everything is still {firm.state.value}: {firm.reason}; resume firm lifts it"
            self._say(Severity.WARNING, "risk", text)
        self._tell_latch()

    def _tell_latch(self) -> None:
        """Say so where the file of the halts could not be written."""
        latch = self._rooms.latch
        if latch is not None and latch.failure:
            text = f"{latch.failure}: a restart knows this from the journal alone"
            self._say(Severity.CRITICAL, "risk", text)

    def _prove(self, command: Prove) -> None:
        named = self.named_proofs
        if named is not None and named.are_wanted:
            named.prove(command)
        else:
            self._desk_lock().prove(command)

    def _go_to(self, to_ns: int) -> None:
        """Move the market; not to a time before orders that the account has, since then they could not be."""
        back = to_ns < self._rooms.clock.now_ns()
        if back and self._rooms.account.mode is AccountMode.REPLAY and self._rooms.orders.orders:
            raise EngineError(
                "a replay does not go back once there are orders: they would be from a time that has not come; "
                "replay again with --start"
            )
        self._playback().jump(to_ns)

    def _playback(self) -> Playback:
        if self._rooms.playback is None:
            raise EngineError("a market with a gateway beside it can't be held, moved or sped up")
        return self._rooms.playback

    def _desk_lock(self) -> DeskLock:
        if self.desk_lock is None:
            raise EngineError("there is no desk to lock")
        return self.desk_lock

    def _trader(self) -> SignalTrader:
        if self.trader is None:
            raise EngineError("no model predicts here: [[signals]] in config.toml names those that do")
        return self.trader

    def _catalogue(self) -> Catalogue:
        if self._rooms.catalogue is None:
            raise EngineError("only a desk on live market data reads what venues list")
        return self._rooms.catalogue

    def _unwatch(self, command: UnwatchSymbol) -> None:
        """Drop a symbol that nothing of the account depends on."""
        watching = self._watching()
        if why := why_followed(self._rooms, command.symbol):
            raise EngineError(why)
        watching.unwatch(command.symbol)

    def _watching(self) -> Watching:
        if self._rooms.watching is None:
            raise EngineError(
                "a simulated or recorded market has the symbols it has; others are followed on live data: "
                "touchline live VENUE SYMBOL"
            )
        return self._rooms.watching

    def _say(self, severity: Severity, source: str, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, source, clean(text, ALERT_LENGTH_MAX), now_ns))


def _origin_of(command: Command) -> str:
    return command.request.origin if isinstance(command, SubmitOrder) else origin_of(command)


def _trader_of(
    rooms: Rooms, handle: Callable[[Command], None], halt: Callable[[SetTradingState], None]
) -> SignalTrader | None:
    if rooms.signals is None:
        return None
    from engine.duties.signal_trader import SignalTrader  # noqa: PLC0415  # only where there are models

    return SignalTrader(rooms, rooms.signals, handle, halt)
