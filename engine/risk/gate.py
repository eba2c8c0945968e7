"""The gate that no order passes unseen."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from engine.clock import Clock
from engine.messages.commands import TradingState
from engine.messages.events import Denial
from engine.messages.risk_views import FirmStateView, RiskSplitView
from engine.messages.views import LimitView, MetricView, OrderPreview, RiskView
from engine.model.abilities import BrokerAbilities
from engine.model.ability_table import EVERYTHING
from engine.model.account import Account, CurrencyRates
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.order import EXIT_ORIGINS, Order, OrderRequest
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.risk.arming import Arming
from engine.risk.candidate import Candidate
from engine.risk.catalogue import plan_for
from engine.risk.controls.permission import trading_state
from engine.risk.exposure import ExposureBook, extremes
from engine.risk.firm_exposure import FirmExposure
from engine.risk.halt import TradingHalts
from engine.risk.inputs import RiskInputs, SessionSource
from engine.risk.limits_source import LimitsSource
from engine.risk.preview import preview_order
from engine.risk.usage import limit_views


class RiskGate:
    """Judges every order by every control, and says no with all reasons at once.

    `check` changes nothing but the count of denials; what was sent is told by `note_sent`. Someone must call
    `note_changed` for each order or position that changed, and may call `refresh` on a timer to keep the
    valuation of the account off the orders' way.
    """

    __slots__ = ("_inputs", "denial_counts", "last_denial", "last_denial_ns", "note_changed")

    def __init__(
        self,
        *,
        limits: LimitsSource,
        states: Mapping[Symbol, MarketState],
        positions: Mapping[Symbol, Position],
        working: WorkingOrders,
        account: Account,
        rates: CurrencyRates,
        clock: Clock,
        halts: TradingHalts,
        arming: Arming,
        hours: SessionSource | None = None,
        leverage_max: Decimal = Decimal(2),
        abilities: BrokerAbilities = EVERYTHING,
    ) -> None:
        self._inputs = RiskInputs(
            limits=limits,
            states=states,
            positions=positions,
            working=working,
            account=account,
            rates=rates,
            clock=clock,
            halts=halts,
            arming=arming,
            hours=hours,
            leverage_max=leverage_max,
            plan_for=plan_for,
            abilities=abilities,
        )
        self.note_changed = self._inputs.exposure.note_changed
        """Values a symbol again before the next check: one of its orders or its position changed."""
        self.denial_counts: dict[str, int] = {}
        """How often each rule said no."""
        self.last_denial = ""
        self.last_denial_ns = 0

    def check(self, request: OrderRequest) -> tuple[Denial, ...]:
        """Return every reason against sending this order; empty lets it pass."""
        denials = self._judge(request, None)
        if denials:
            self._remember(request.symbol, denials)
        return denials

    def check_amend(
        self, order: Order, quantity: int, limit: int | None, stop: int | None, origin: str = "desk"
    ) -> tuple[Denial, ...]:
        """Return every reason against these terms, judged as the larger of old and new exposure.

        A stop or a target that its bracket makes larger may stand beside what works; one that a person enlarges may not.

        An amendment that passes is counted as sent.
        """
        denials = self._judge_amend(order, quantity, limit, stop, origin)
        if denials:
            self._remember(order.symbol, denials)
        else:
            self._inputs.amends.take(self._inputs.clock.now_ns())
            self.note_changed(order.symbol)
        return denials

    def note_sent(self, request: OrderRequest) -> None:
        """Count an order that passed and is being sent."""
        inputs = self._inputs
        now_ns = inputs.clock.now_ns()
        inputs.orders.take(now_ns)
        inputs.recent.note(request, now_ns)
        self.note_changed(request.symbol)

    @property
    def exposure(self) -> ExposureBook:
        """The account's worst cases, as they were last valued."""
        return self._inputs.exposure

    @property
    def firm(self) -> FirmExposure:
        """What the other desks hold; whoever hears them keeps it."""
        return self._inputs.firm

    @property
    def stamp(self) -> int:
        """Which state of halts and arming orders are judged by now."""
        return self._inputs.halts.version + self._inputs.arming.version

    def held_back(self, request: OrderRequest, stamp: int) -> str:
        """Return why an order that passed may not leave after all; empty lets it go.

        Asked last, just before the send: trading may have been halted or disarmed since it was judged, under `stamp`.
        """
        halts, arming = self._inputs.halts, self._inputs.arming
        if stamp == self.stamp or (halts.all_active and arming.armed):
            return ""
        halt = halts.halt_of(request.symbol, request.strategy)
        opens = halt.state is TradingState.ACTIVE and arming.armed
        if opens or (request.reduce_only and request.origin in EXIT_ORIGINS):
            return ""
        if halt.state is not TradingState.HALTED and not self._could_open(request):
            return ""
        if halt.state is TradingState.ACTIVE:
            return arming.sentence
        return f"trading is {halt.state}: {halt.reason}"

    def refresh(self) -> None:
        """Value the whole account at the prices of now."""
        self._inputs.exposure.revalue(self._inputs.clock.now_ns())

    def preview(self, request: OrderRequest) -> OrderPreview:
        """Say what would happen if this order were sent now, with every rule's headroom."""
        return preview_order(self._inputs, request)

    def usage(self, metrics: tuple[MetricView, ...] = ()) -> tuple[LimitView, ...]:
        """Return how much of each limit is used now, for the gauges; the metrics come from the portfolio."""
        return limit_views(self._inputs, metrics)

    def view(self, metrics: tuple[MetricView, ...] = (), split: RiskSplitView | None = None) -> RiskView:
        """Return what the risk pane shows; the metrics and the split come from the portfolio."""
        usage = self.usage(metrics)
        halts = self._inputs.halts
        return RiskView(
            state=halts.everything.state,
            state_reason=halts.everything.reason,
            halted_symbols=halts.symbols_in(TradingState.HALTED),
            halted_strategies=halts.strategies_in(TradingState.HALTED),
            reducing_symbols=halts.symbols_in(TradingState.REDUCING),
            reducing_strategies=halts.strategies_in(TradingState.REDUCING),
            limits=usage,
            metrics=metrics,
            split=split,
            breaches=sum(limit.used > limit.limit for limit in usage),
            last_denial=self.last_denial,
            last_denial_ns=self.last_denial_ns,
            limits_source=self._inputs.limits.source,
            firm=FirmStateView(halts.firm.state, halts.firm.reason),
        )

    def _could_open(self, request: OrderRequest) -> bool:
        """Tell whether its side, itself and all that works there, could open a position."""
        position = self._inputs.positions.get(request.symbol)
        held = position.quantity if position is not None else 0
        high, low = extremes(held, self._inputs.working.of(request.symbol))
        return high > 0 if request.side is Side.BUY else low < 0

    def _judge(self, request: OrderRequest, amends: Order | None) -> tuple[Denial, ...]:
        inputs = self._inputs
        listing = inputs.listing_of(request.symbol)
        if listing is None:
            return (Denial("instrument_unknown", f"{request.symbol} is not a known instrument"),)
        now_ns = inputs.clock.now_ns()
        inputs.exposure.bring_up_to_date(now_ns)
        halts_seen = inputs.halts.version
        candidate = Candidate(inputs, request, listing, now_ns, amends)
        denials = None
        for control in listing.controls[request.type]:
            denial = control(candidate)
            if denial is not None:
                denials = [denial] if denials is None else [*denials, denial]
        if inputs.halts.version != halts_seen and (denial := trading_state(candidate)) is not None:
            denials = [denial, *(denials or ())]
        return () if denials is None else tuple(denials)

    def _judge_amend(
        self, order: Order, quantity: int, limit: int | None, stop: int | None, origin: str
    ) -> tuple[Denial, ...]:
        if not order.is_open:
            return (Denial("order_not_open", f"order #{order.request.number} is no longer open"),)
        if quantity <= order.filled:
            return (
                Denial(
                    "amend_quantity",
                    f"new size is {order.instrument.size(quantity):f}, already filled "
                    f"{order.instrument.size(order.filled):f}",
                ),
            )
        origin = origin if quantity > order.quantity else order.request.origin
        terms = msgspec.structs.replace(
            order.request, quantity=quantity, limit=limit, stop=stop, origin=origin
        )
        return self._judge(terms, order)

    def _remember(self, symbol: Symbol, denials: tuple[Denial, ...]) -> None:
        counts = self.denial_counts
        for denial in denials:
            counts[denial.rule] = counts.get(denial.rule, 0) + 1
        self.last_denial = f"{symbol}: {denials[0].text}"
        self.last_denial_ns = self._inputs.clock.now_ns()
