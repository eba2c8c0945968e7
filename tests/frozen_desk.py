"""The whole desk in front of an engine that stands still: one hand-made frame, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from textual.pilot import Pilot

from engine.config import DeskSettings
from engine.face import OnFailure
from engine.folders import Folders
from engine.ids import OrderIds
from engine.messages.commands import Command, TradingState
from engine.messages.events import Severity
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.playback_views import PlaybackView
from engine.messages.risk_views import ArmingView, RuleView
from engine.messages.rows import ReadMetrics, RowReading
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.messages.views import (
    AccountView,
    Frame,
    HealthState,
    HealthView,
    LimitView,
    MetricView,
    OrderPreview,
    OrderView,
    PositionView,
    QuoteView,
    RiskView,
    ViewRequest,
)
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from engine.ports.tracing import OFF, Tracer
from terminal.app import DeskApp
from terminal.screens.trade import TradeScreen
from tests.market_views import NOW_NS, chart, depth, instrument, order, quote, tape

SYMBOLS = ("NVDA", "AAPL", "MSFT", "AMZN", "TSLA", "META", "GOOGL", "AMD", "JPM", "XOM", "LLY", "COST", "SPY")
MICROS = 1_000_000


def quotes() -> tuple[QuoteView, ...]:
    """Return one quote a symbol: rising, falling, and one that is stale."""
    made = [
        quote(name, 18_234 + 1_731 * index, prior_close=17_900 + 1_750 * index)
        for index, name in enumerate(SYMBOLS)
    ]
    made[3] = replace(made[3], trust=Trust.STALE, trust_reason="no quote for 9 s")
    return tuple(made)


def orders() -> tuple[OrderView, ...]:
    """Return a filled, a denied, a working, a part filled and a waiting stop order."""
    return (
        order(1, Side.BUY, 300, status=OrderStatus.FILLED, filled=300, leaves=0, average_price=18_231),
        order(2, Side.BUY, 90_000, status=OrderStatus.DENIED, reason="size 90,000 is above 10,000"),
        order(3, Side.BUY, 100, limit=18_230, queue_ahead=1_200),
        order(4, Side.SELL, 200, limit=18_240, status=OrderStatus.PARTIALLY_FILLED, filled=50, leaves=150),
        order(5, Side.SELL, 300, type=OrderType.STOP, limit=None, stop=18_100),
    )


def positions() -> tuple[PositionView, ...]:
    """Return a gain and a loss."""
    return (
        PositionView(
            Symbol("NVDA"), 300, "182.31", 18_234, 54_702 * MICROS, 9 * MICROS, 0, 9 * MICROS, 0, Trust.GOOD, True
        ),
        PositionView(
            Symbol("AAPL"), -200, "199.10", 19_965, -39_930 * MICROS, -110 * MICROS, 75 * MICROS, -35 * MICROS,
            2 * MICROS, Trust.GOOD, True,
        ),
    )  # fmt: skip


def account() -> AccountView:
    """Return the money that goes with these positions."""
    return AccountView(
        name="PAPER-1",
        mode=AccountMode.SIMULATED,
        base_currency="USD",
        cash_micros=985_202 * MICROS,
        equity_micros=999_974 * MICROS,
        day_pnl_micros=-26 * MICROS,
        realised_micros=75 * MICROS,
        unrealised_micros=-101 * MICROS,
        fees_micros=2 * MICROS,
        gross_micros=94_632 * MICROS,
        net_micros=14_772 * MICROS,
        buying_power_micros=1_905_316 * MICROS,
        drawdown=-0.0001,
    )


def risk() -> RiskView:
    """Return a calm limit, a tight one and a breached one."""
    return RiskView(
        state=TradingState.ACTIVE,
        state_reason="",
        halted_symbols=(Symbol("TSLA"),),
        limits=(
            LimitView("gross", "Gross exposure", 94_632, 2_000_000, "money"),
            LimitView("position", "Max position NVDA", 390_000, 400_000, "money"),
            LimitView("rate", "Order rate", 24, 20, "per_s"),
        ),
        metrics=(
            MetricView("var_95", "VaR 95%", 1_234.0, "money"),
            MetricView("beta", "Beta", None, "ratio"),
        ),
        breaches=1,
        last_denial="size 90,000 is above 10,000",
        last_denial_ns=NOW_NS,
        limits_source="defaults",
    )


def health() -> tuple[HealthView, ...]:
    """Return one row of each state."""
    return (
        HealthView("feed", "feed", HealthState.OK, "1,914 q/s", "gap 0 · refused 0", (1.0, 2.0, 3.0)),
        HealthView("loop_lag", "loop lag", HealthState.DEGRADED, "28.1 ms", "p99", (1.0, 5.0, 2.0)),
        HealthView("journal", "journal", HealthState.DOWN, "full", "the disk is full", ()),
        HealthView("exporter", "exporter", HealthState.OFF, "off", "by choice", ()),
    )


def whole_frame() -> Frame:
    """Return everything at once."""
    return Frame(
        now_ns=NOW_NS,
        sequence=1,
        instruments=tuple(instrument(name) for name in SYMBOLS),
        quotes=quotes(),
        depth=depth(),
        chart=chart(),
        tape=tape((100, 250, 75, 1_200, 40) * 4),
        orders=orders(),
        positions=positions(),
        account=account(),
        risk=risk(),
        arming=ArmingView(),
        health=health(),
        playback=PlaybackView("simulated", False, False, 1.0, 0, 0, 1),
        quotes_per_s=1_914.0,
    )


def approve(request: OrderRequest) -> OrderPreview:
    """Return the verdict of a gate that likes everything."""
    rule = RuleView("gross", "Gross exposure", True, 94_632.0, 112_866.0, 2_000_000.0, "money", "")
    return OrderPreview(
        request=request,
        denials=(),
        rules=(rule,),
        notional_micros=18_234 * MICROS,
        position_after=400,
        buying_power_after_micros=1_887_082 * MICROS,
        quantity_max=2_000,
        quote_age_ns=200_000_000,
        quote_source="sim",
        trust=Trust.GOOD,
        reference_price=18_234,
    )


@dataclass
class StillEngine:
    """Answers as an engine does, at once and always the same; keeps what it was told."""

    frame: Frame = field(default_factory=whole_frame)
    ids: OrderIds = field(default_factory=lambda: OrderIds(0))
    account_name: str = "PAPER-1"
    mode: AccountMode = AccountMode.SIMULATED
    told: list[Command] = field(default_factory=list)
    runs: bool = False

    @property
    def tracer(self) -> Tracer:
        """Trace nothing."""
        return OFF

    def start(self, on_failure: OnFailure | None = None) -> None:  # noqa: ARG002  # nothing can fail here
        """Start."""
        self.runs = True

    def end(self, reason: str) -> None:
        """Let it be ended; there is nothing to wait for."""

    def stop(self) -> int:
        """Stop."""
        self.runs = False
        return 0

    def submit(self, command: Command, pressed_ns: int = 0) -> None:  # noqa: ARG002  # the engine's own
        """Keep a command."""
        self.told.append(command)

    def carry_out(self, command: Command, sender: Sender, tell: Callable[[CommandAnswer], None]) -> bool:  # noqa: ARG002
        """Keep a command, whoever says it."""
        self.told.append(command)
        tell(CommandAnswer(Verdict.DONE))
        return False

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Deliver the frame; to one who has everything, that nothing changed."""
        if request.everything:
            deliver(self.frame)
            return
        seen = self.frame if request.focus == Symbol(SYMBOLS[0]) else Frame(NOW_NS, 2)
        deliver(
            Frame(
                NOW_NS,
                2,
                depth=seen.depth,
                chart=seen.chart,
                tape=seen.tape,
                quotes_per_s=self.frame.quotes_per_s,
            )
        )

    def follow(self) -> StillFollower:
        """Let somebody follow."""
        return StillFollower(self)

    def preview(self, request: OrderRequest, deliver: Callable[[OrderPreview], None]) -> None:
        """Approve an order."""
        deliver(approve(request))

    def add_row(self, name: str, label: str, read: Callable[[], RowReading]) -> None:
        """Have a row; nobody looks."""

    def add_metrics(self, read: ReadMetrics) -> None:
        """Have no metric."""

    def alert(self, severity: Severity, source: str, text: str) -> None:
        """Let a person hear of something; nobody is there."""

    def note_paint(self, key_to_paint_ns: int) -> None:
        """Count nothing."""

    def note_shown(self, source_ns: int) -> None:
        """Count nothing."""


@dataclass
class StillFollower:
    """Is told what the screen of a still engine is."""

    engine: StillEngine

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Deliver the frame."""
        self.engine.drain(request, deliver)

    def ask(
        self, questions: tuple[MarketQuestion, ...], deliver: Callable[[tuple[MarketAnswer, ...]], None]
    ) -> None:
        """Answer that nothing is known."""
        deliver(tuple(MarketAnswer(question.symbol, NOW_NS) for question in questions))

    def close(self) -> None:
        """Follow no more."""


def frozen_app(root: Path, theme: str = "dark", frame: Frame | None = None) -> tuple[DeskApp, StillEngine]:
    """Return the desk of a still engine, its files below `root`, and the engine."""
    folders = Folders(root / "config", root / "data", root / "cache", root / "logs")
    engine = StillEngine(frame or whole_frame())
    return DeskApp(engine, DeskSettings(), folders, theme=theme), engine


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the frame has come and is drawn."""
    while True:
        await pilot.pause(0.05)
        screen = pilot.app.screen
        if isinstance(screen, TradeScreen) and screen.desk.tape is not None:
            await pilot.pause(0.1)
            return
