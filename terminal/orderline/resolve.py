"""A line and the desk to what shall be done: a command for the engine or a wish for the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import singledispatch

from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.errors import InvalidValue
from engine.messages.catalogue import WatchView
from engine.messages.commands import (
    BookDividend,
    BookSplit,
    CancelAll,
    CancelOrder,
    Command,
    Flatten,
    Jump,
    Pause,
    ReloadLimits,
    Resume,
    SetSpeed,
    SetTradingState,
    Step,
    SubmitOrder,
    UnwatchSymbol,
    WatchSymbol,
)
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.orderline.describe import symbol_word
from terminal.orderline.errors import ResolveError
from terminal.orderline.intents import (
    Action,
    FocusSymbol,
    GoToPane,
    Pair,
    Quit,
    ShowAlerts,
    ShowDesks,
    ShowHelp,
    ShowLog,
    SwitchTheme,
)
from terminal.orderline.lines import (
    AmendLine,
    CancelAllLine,
    CancelOrderLine,
    CancelStrategyLine,
    CancelSymbolLine,
    DividendLine,
    FlatLine,
    FocusLine,
    HelpLine,
    JumpLine,
    Line,
    OrderLine,
    PaneLine,
    PlainLine,
    ReverseLine,
    SpeedLine,
    SplitLine,
    StateLine,
    ThemeLine,
    UnwatchLine,
    WatchLine,
)
from terminal.orderline.requests import Numbering, Situation, amend, open_order, submit
from terminal.orderline.sizing import LINE, held
from terminal.orderline.symbols import instrument_of


def resolve(
    line: Line,
    desk: Desk,
    ids: Numbering,
    now_ns: int,
    account: str,
    correlation: str = "",
    *,
    zone: tzinfo = UTC,
) -> Action:
    """Return what a line asks for, everything in whole units.

    `zone` is where a typed time of day is.

    Raises:
        ResolveError: it can't be done on this desk now; the sentence says why.
    """
    return _resolve(line, Situation(desk, ids, now_ns, account, correlation, zone))


def stamp(action: Action, ids: Numbering, now_ns: int) -> Action:
    """Give a drafted order its own id and time; its client id is also its correlation, and a pair's group."""
    if isinstance(action, Pair):
        first = _stamped(action.first.request, ids, now_ns)
        second = _stamped(action.second.request, ids, now_ns)
        group, joined = first.client_id, first.correlation
        return Pair(
            SubmitOrder(replace(first, group=group)),
            SubmitOrder(replace(second, group=group, correlation=joined)),
        )
    if not isinstance(action, SubmitOrder):
        return action
    return SubmitOrder(_stamped(action.request, ids, now_ns))


def _stamped(request: OrderRequest, ids: Numbering, now_ns: int) -> OrderRequest:
    client_id, number = ids.next()
    return replace(
        request,
        client_id=client_id,
        number=number,
        created_ns=now_ns,
        correlation=request.correlation or client_id,
    )


@singledispatch
def _resolve(line: Line, _situation: Situation) -> Action:
    raise TypeError(f"expected a line, found {type(line).__name__}")


_resolve.register(OrderLine, submit)
_resolve.register(AmendLine, amend)


@_resolve.register
def _(line: CancelOrderLine, situation: Situation) -> Action:
    return CancelOrder(open_order(situation.desk, line.number).client_id, origin=LINE)


@_resolve.register
def _(line: CancelSymbolLine, situation: Situation) -> Action:
    return CancelAll(instrument_of(situation.desk, line.symbol).symbol, origin=LINE)


@_resolve.register
def _(line: CancelStrategyLine, _situation: Situation) -> Action:
    return CancelAll(origin=LINE, strategy=line.strategy)


@_resolve.register
def _(_line: CancelAllLine, _situation: Situation) -> Action:
    return CancelAll(origin=LINE)


@_resolve.register
def _(line: FlatLine, situation: Situation) -> Action:
    if line.everything:
        return Flatten(origin=LINE)
    return Flatten(instrument_of(situation.desk, line.symbol).symbol, origin=LINE)


@_resolve.register
def _(line: ReverseLine, situation: Situation) -> Action:
    """Reverse by one market order of twice the position, so that there is no moment in between."""
    instrument = instrument_of(situation.desk, line.symbol)
    position = held(situation.desk, instrument)
    if not position:
        raise ResolveError(f"rev needs a position, and you are flat in {instrument.symbol}")
    client_id, number = situation.ids.next()
    return SubmitOrder(
        OrderRequest(
            client_id=client_id,
            number=number,
            account=situation.account,
            symbol=instrument.symbol,
            side=Side.SELL if position > 0 else Side.BUY,
            quantity=2 * abs(position),
            type=OrderType.MARKET,
            origin=LINE,
            created_ns=situation.now_ns,
            correlation=situation.correlation,
        )
    )


@_resolve.register
def _(line: StateLine, situation: Situation) -> Action:
    symbol: Symbol | None = None
    if line.symbol is not None:
        symbol = instrument_of(situation.desk, line.symbol).symbol
    return SetTradingState(line.state, "typed on the order line", symbol, line.strategy or "", firm=line.firm)


@_resolve.register
def _(line: SplitLine, situation: Situation) -> Action:
    instrument = _held_instrument(line.symbol, situation, "split")
    symbol = instrument.symbol
    working = [f"#{order.number}" for order in situation.desk.working if order.symbol == symbol]
    if working:
        raise ResolveError(
            f"{symbol} has orders at prices of before the split ({', '.join(working)}): "
            f"x {symbol_word(symbol)} cancels them, then split"
        )
    try:
        cash = instrument.price_units(line.cash) if line.cash is not None else None
    except InvalidValue as error:
        raise ResolveError(str(error)) from error
    return BookSplit(symbol, line.new, line.old, cash, origin=LINE)


@_resolve.register
def _(line: DividendLine, situation: Situation) -> Action:
    instrument = _held_instrument(line.symbol, situation, "dividend")
    return BookDividend(instrument.symbol, line.per_unit, origin=LINE)


def _held_instrument(name: str | None, situation: Situation, what: str) -> Instrument:
    instrument = instrument_of(situation.desk, name)
    if not held(situation.desk, instrument):
        raise ResolveError(f"a {what} is booked on what is held, and you are flat in {instrument.symbol}")
    return instrument


@_resolve.register
def _(line: WatchLine, situation: Situation) -> Action:
    watching = _watching(situation)
    if _followed(line.symbol, watching):
        raise ResolveError(f"{line.symbol} is followed already")
    return WatchSymbol(line.symbol)


@_resolve.register
def _(line: UnwatchLine, situation: Situation) -> Action:
    watching = _watching(situation)
    name = line.symbol or situation.desk.focus or ""
    symbol = _followed(name, watching)
    if not symbol:
        raise ResolveError(f"{name or 'nothing'} is not followed")
    return UnwatchSymbol(symbol)


def _watching(situation: Situation) -> WatchView:
    if situation.desk.watching is None:
        raise ResolveError("this market has the symbols it has; touchline live VENUE SYMBOL follows others")
    return situation.desk.watching


def _followed(name: str, watching: WatchView) -> Symbol | None:
    return next((symbol for symbol in watching.symbols if symbol.upper() == name.upper()), None)


@_resolve.register
def _(line: FocusLine, situation: Situation) -> Action:
    return FocusSymbol(instrument_of(situation.desk, line.symbol).symbol, line.pane)


@_resolve.register
def _(line: PaneLine, _situation: Situation) -> Action:
    return GoToPane(line.pane)


@_resolve.register
def _(line: ThemeLine, _situation: Situation) -> Action:
    return SwitchTheme(line.name)


@_resolve.register
def _(line: HelpLine, _situation: Situation) -> Action:
    return ShowHelp(line.topic)


@_resolve.register
def _(line: SpeedLine, _situation: Situation) -> Action:
    return SetSpeed(float(line.speed))


_PLAIN: dict[str, Callable[[], Command | ShowDesks | ShowAlerts | ShowLog | Quit]] = {
    "pause": Pause,
    "play": Resume,
    "step": Step,
    "limits": ReloadLimits,
    "desks": ShowDesks,
    "alerts": ShowAlerts,
    "log": ShowLog,
    "quit": Quit,
}


@_resolve.register
def _(line: PlainLine, _situation: Situation) -> Action:
    return _PLAIN[line.word]()


@_resolve.register
def _(line: JumpLine, situation: Situation) -> Action:
    playback = situation.desk.playback
    if playback is None or not playback.last_ns:
        raise ResolveError("only a replay can jump")
    for day in _days(situation):
        to_ns = int((day + timedelta(seconds=line.second)).timestamp()) * NS_PER_S
        if playback.first_ns - NS_PER_S < to_ns <= playback.last_ns:
            return Jump(to_ns)
    first, last = (_moment(time_ns, situation.zone) for time_ns in (playback.first_ns, playback.last_ns))
    raise ResolveError(f"the recording runs from {first:%d %b %H:%M:%S} to {last:%d %b %H:%M:%S %Z}")


def _days(situation: Situation) -> list[datetime]:
    """Return the midnights a time of day may belong to: today's first, then those of the recording."""
    playback = situation.desk.playback
    assert playback is not None
    first, last, now = (
        _moment(time_ns, situation.zone).replace(hour=0, minute=0, second=0)
        for time_ns in (playback.first_ns, playback.last_ns, situation.desk.now_ns)
    )
    span = min(366, (last - first).days + 1)
    return [now, *(first + timedelta(days=day) for day in range(span))]


def _moment(time_ns: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(time_ns // NS_PER_S, zone)
