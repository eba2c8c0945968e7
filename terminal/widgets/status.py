"""The status line: whose account, what mode, how the day goes, and whether the feed is alive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.events import Click
from textual.message import Message

from engine.messages.commands import TradingState
from engine.messages.comparison_views import BreakState
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.model.market_status import Session
from terminal.broker_words import broker_trouble
from terminal.desk import Desk
from terminal.format import compact, date_of, direction, money, percent, time_of_day, zone_name
from terminal.strips import Ink, Run
from terminal.widgets.badge import BEGINS, badge
from terminal.widgets.fitting import Part, Placed, placed, room_of, row_of
from terminal.widgets.pane import LivePane
from terminal.widgets.portfolio import profit_role
from terminal.widgets.replay_line import AS_THE_CLOCK, is_held, pace_said
from terminal.widgets.signal_words import is_armed

_SESSION_ROLES = {Session.OPEN: "ok", Session.HALTED: "warn+b"}
_ROOMY_COLUMNS = 100
_ACCOUNT, _ORDERS, _RISK, _BREAKS = "why_account", "go_to('orders')", "go_to('risk')", "breaks"
"""What a click asks for."""
_VENUES = {"XNYS": "NYSE", "FX": "FX", "24/7": "24/7"}


class StatusLine(LivePane, can_focus=False):
    """One row; what matters less gives way first when the terminal is narrow."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {
            "clock",
            "account",
            "risk",
            "arming",
            "orders",
            "health",
            "playback",
            "reconcile",
            "exits",
            "alarms",
            "signals",
        }
    )

    class Picked(Message):
        """A part was clicked; the screen is asked for an action."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, desk: Desk, ink: Ink, *, mode: AccountMode, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self.mode = mode
        self._placed: list[Placed] = []

    def draw(self) -> None:
        """Put what fits, in order of importance, each at its place."""
        if self.desk.account is None:
            self.put(0, *self._badge(), BEGINS)
            return
        self._placed = placed(self._parts(), self.size.width)
        self.put(0, *row_of(self._placed))

    def on_click(self, event: Click) -> None:
        """Ask for what explains the part under the pointer."""
        for start, part in self._placed:
            if part.opens and start <= event.x < start + room_of(part.runs):
                self.post_message(self.Picked(part.opens))
                return

    def _parts(self) -> list[Part]:
        return [
            Part(0, self._badge(), "arm" if self.mode is AccountMode.LIVE else _ACCOUNT),
            Part(3, self._account(), _ACCOUNT),
            Part(1, self._equity(), _ACCOUNT),
            Part(1, self._day(), _ACCOUNT),
            Part(4, self._buying_power(), _ACCOUNT),
            Part(2, self._open_orders(), _ORDERS),
            *self._troubles(),
            Part(0, self._disarmed(), "arm"),
            Part(0, self._models(), "signals"),
            Part(3, self._playback(), "pause"),
            Part(5 if self._is_fed else 1, self._feed(), "why_component('feed')"),
            Part(6, self._paint(), "why_component('key_to_paint')"),
            Part(4, self._session(), "why_symbol"),
            Part(3, self._date(), _ACCOUNT),
            Part(2, self._clock(), _ACCOUNT),
        ]

    @property
    def _is_narrow(self) -> bool:
        """Whether figures give up their cents, so that none has to go."""
        return self.size.width < _ROOMY_COLUMNS

    @property
    def _cents(self) -> int:
        return 0 if self._is_narrow else 2

    def _account(self) -> list[Run]:
        return [(self.desk.account.name, "muted")] if self.desk.account else []

    def _equity(self) -> list[Run]:
        account = self.desk.account
        name = "Eq " if self._is_narrow else "Equity "
        return [(name, "faint"), (money(account.equity_micros, self._cents), "text+b")] if account else []

    def _day(self) -> list[Run]:
        account = self.desk.account
        if account is None:
            return []
        day = account.day_pnl_micros
        start = account.equity_micros - day
        share = f" {percent(day / start)}%" if start else ""
        text = f"{direction(day)} {money(day, self._cents, signed=True)}{share}"
        return [("Day ", "faint"), (text, f"{profit_role(day)}+b")]

    def _buying_power(self) -> list[Run]:
        account = self.desk.account
        return [("BP ", "faint"), (money(account.buying_power_micros, 0), "text")] if account else []

    def _models(self) -> list[Run]:
        """Say which models send orders: nobody may forget that one does."""
        view = self.desk.signals
        armed = [each.model for each in view.models if is_armed(each)] if view is not None else []
        name = armed[0] if len(armed) == 1 else f"{len(armed)} models"
        return [(f"● {name}" if self._is_narrow else f"● {name} trades", "own+b")] if armed else []

    def _open_orders(self) -> list[Run]:
        working = len(self.desk.working)
        return [("Open ", "faint"), (str(working), "own+b" if working else "text")]

    def _troubles(self) -> Iterator[Part]:
        """Yield what a person must not overlook, each with its rank."""
        troubles = (*self._risk_troubles(), *self._book_troubles(), *self._exits(), *self._alarms())
        for rank, text, opens in troubles:
            yield Part(rank, [(f" {text} ", "on_loud+b/breach")], opens)

    def _alarms(self) -> Iterator[tuple[int, str, str]]:
        if unanswered := self.desk.alarms.unanswered:
            yield 1, f"{unanswered} ALERT{'S' * (unanswered != 1)}", "alerts"

    def _risk_troubles(self) -> Iterator[tuple[int, str, str]]:
        risk = self.desk.risk
        if risk is None:
            return
        if risk.state is not TradingState.ACTIVE:
            yield 0, risk.state.value.upper(), _RISK
        if risk.breaches:
            yield 0, f"{risk.breaches} BREACH", _RISK
        halted = len(risk.halted_symbols) + len(risk.halted_strategies)
        reducing = len(risk.reducing_symbols) + len(risk.reducing_strategies)
        if halted:
            yield 1, f"{halted} HALTED", _RISK
        if reducing:
            yield 1, f"{reducing} REDUCING", _RISK

    def _book_troubles(self) -> Iterator[tuple[int, str, str]]:
        compared = self.desk.reconcile
        if compared is None:
            return
        if trouble := broker_trouble(compared):
            broker, word, since = trouble.split(" ", 2)
            yield 0, f"{broker.upper()} {word.upper()} {since}", _BREAKS
        if compared.unknown:
            yield 1, f"{compared.unknown} UNKNOWN", _ORDERS
        if any(each.state is BreakState.OPEN for each in compared.breaks):
            yield 1, f"{len(compared.breaks)} BREAK", _BREAKS

    def _exits(self) -> Iterator[tuple[int, str, str]]:
        underway = self.desk.exits.flattening if self.desk.exits is not None else ()
        if underway:
            yield 0, f"FLATTENING {underway[0].symbol if len(underway) == 1 else len(underway)}", _ORDERS

    def _badge(self) -> list[Run]:
        return badge(self.mode, self.desk.arming)

    def _disarmed(self) -> list[Run]:
        """Say that an account is disarmed whose badge does not."""
        arming = self.desk.arming
        told = arming is None or arming.armed or self.mode is AccountMode.LIVE
        return [] if told else [(" DISARMED F12 ", "on_badge+b/warn")]

    def _playback(self) -> list[Run]:
        playback = self.desk.playback
        if playback is None or self.mode is AccountMode.REPLAY:
            return []
        said = pace_said(playback)
        return [] if said == AS_THE_CLOCK else [(said, "warn+b" if is_held(playback) else "accent")]

    @property
    def _is_fed(self) -> bool:
        row = next((row for row in self.desk.health if row.name == "feed"), None)
        return row is None or row.state is HealthState.OK

    def _feed(self) -> list[Run]:
        good = self._is_fed
        return [
            ("feed ", "faint"),
            ("● " if good else "! ", "ok" if good else "breach+b"),
            (f"{compact(self.desk.quotes_per_s)}/s", "text"),
        ]

    def _paint(self) -> list[Run]:
        row = next((row for row in self.desk.health if row.name == "key_to_paint"), None)
        return [("key ", "faint"), (row.value, "text")] if row and row.state is not HealthState.OFF else []

    def _session(self) -> list[Run]:
        quote = self.desk.quotes.get(self.desk.focus) if self.desk.focus else None
        if quote is None:
            return []
        calendar = self.desk.instruments[quote.symbol].calendar
        role = _SESSION_ROLES.get(quote.session, "warn")
        return [(f"{_VENUES.get(calendar, calendar)} ", "faint"), (quote.session.value.upper(), f"{role}")]

    def _date(self) -> list[Run]:
        now_ns = self.desk.now_ns
        return [(date_of(now_ns, self.desk.zone), "muted")] if now_ns else []

    def _clock(self) -> list[Run]:
        now_ns, zone = self.desk.now_ns, self.desk.zone
        if not now_ns:
            return []
        return [(f"{time_of_day(now_ns, zone)} ", "text+b"), (zone_name(now_ns, zone), "faint")]
