"""What the account is worth now: the ledger's positions at the market's marks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from engine.clock import NS_PER_MS, Clock
from engine.messages.views import AccountView, PositionView
from engine.model.account import RATE_SCALE, Account, CurrencyRates
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState, Trust
from engine.model.position import Position, round_half_even
from engine.model.working_orders import WorkingOrders
from engine.portfolio.buying_power import BuyingPower
from engine.portfolio.equity_curve import EquityCurve
from engine.portfolio.ledger import Ledger
from engine.portfolio.rates import rates_from_quotes
from engine.portfolio.worth import Worth, worth_of

REFRESH_NS = 250 * NS_PER_MS
"""How long marks may move before everything is valued again; a fill is valued at the next call."""


class Valuation:
    """Writes the account; equity is always cash plus what the positions would bring.

    A position whose currency has no rate is flagged and its money not counted; one without a price is
    valued at its cost. Profit is in base at the rates of the closing fills; what rates did since is the
    account's own `fx_micros`.
    """

    def __init__(
        self,
        account: Account,
        ledger: Ledger,
        states: Mapping[Symbol, MarketState],
        rates: CurrencyRates,
        clock: Clock,
        *,
        orders: WorkingOrders | None = None,
        leverage_max: Decimal = Decimal(1),
        refresh_ns: int = REFRESH_NS,
    ) -> None:
        self._account = account
        self._ledger = ledger
        self._states = states
        self._rates = rates
        self._clock = clock
        self._refresh_ns = refresh_ns
        working = orders if orders is not None else WorkingOrders()
        self._buying_power = BuyingPower(ledger.positions, working, states, rates, Fraction(leverage_max))
        self._worths: dict[Symbol, Worth] = {}
        self._day_start: dict[Symbol, int] = {}
        """Each position's profit when the day began."""
        self._seen_version = -1
        self._valued_ns = 0
        self.curve = EquityCurve()
        """Equity a minute through the day, for the chart and the deepest fall."""

    def refresh(self) -> bool:
        """Value again if a fill came or the marks are due; say whether it did."""
        waited_ns = abs(self._clock.now_ns() - self._valued_ns)
        if self._ledger.version == self._seen_version and waited_ns < self._refresh_ns:
            return False
        self.revalue()
        return True

    def revalue(self) -> None:
        """Value every position and write the account."""
        self._measure()
        account = self._account
        account.equity_peak_micros = max(account.equity_peak_micros, account.equity_micros)
        self.curve.record(self._valued_ns, account.equity_micros)

    def start_day(self) -> None:
        """Begin a day: day profit counts from the value of this moment."""
        self.revalue()
        self._day_start = {symbol: worth.profit for symbol, worth in self._worths.items()}
        self._account.day_start_equity_micros = self._account.equity_micros
        self._account.day_pnl_micros = 0

    def transfer(self, micros: int, currency: str) -> None:
        """Bring money in or take it out; neither is profit, so peak and day start move along."""
        self.revalue()
        account, before = self._account, self._account.equity_micros
        self._ledger.transfer(micros, currency)
        self._measure()
        moved = account.equity_micros - before
        account.equity_peak_micros += moved
        account.day_start_equity_micros += moved
        account.day_pnl_micros -= moved
        self.curve.shift(moved)

    @property
    def drawdown(self) -> float:
        """How far equity is below its peak, a negative fraction of the peak."""
        account = self._account
        if account.equity_peak_micros <= 0:
            return 0.0
        return min(0.0, account.equity_micros / account.equity_peak_micros - 1.0)

    def exposures(self) -> dict[Symbol, int]:
        """Return the signed value of each open position in base, where its rate is known."""
        open_worths = ((symbol, worth.value) for symbol, worth in self._worths.items() if worth.rate_known)
        return {symbol: value for symbol, value in open_worths if value}

    def views(self) -> tuple[PositionView, ...]:
        """Return every position ever held as last valued, first held first."""
        now_ns, positions = self._clock.now_ns(), self._ledger.positions
        return tuple(self._view(positions[symbol], worth, now_ns) for symbol, worth in self._worths.items())

    def account_view(self) -> AccountView:
        """Return the account as last valued."""
        account = self._account
        return AccountView(
            name=account.name,
            mode=account.mode,
            base_currency=account.base_currency,
            cash_micros=account.cash_micros,
            equity_micros=account.equity_micros,
            day_pnl_micros=account.day_pnl_micros,
            realised_micros=account.realised_micros,
            unrealised_micros=account.unrealised_micros,
            fees_micros=account.fees_micros,
            gross_micros=account.gross_micros,
            net_micros=account.net_micros,
            buying_power_micros=account.buying_power_micros,
            drawdown=self.drawdown,
        )

    def _measure(self) -> None:
        rates_from_quotes(self._rates, self._states.values())
        self._ledger.settle()
        self._worths = {
            holding.position.symbol: worth_of(holding, self._states.get(holding.position.symbol), self._rates)
            for holding in self._ledger.holdings()
        }
        self._write_account(tuple(self._worths.values()))
        self._seen_version = self._ledger.version
        self._valued_ns = self._clock.now_ns()

    def _write_account(self, worths: tuple[Worth, ...]) -> None:
        account, transfers = self._account, self._ledger.transfers
        account.unrealised_micros = sum(worth.unrealised for worth in worths)
        account.realised_micros = sum(worth.realised for worth in worths)
        account.fees_micros = sum(worth.fees for worth in worths)
        account.dividends_micros = sum(worth.dividends for worth in worths)
        account.gross_micros = sum(abs(worth.value) for worth in worths)
        account.net_micros = sum(worth.value for worth in worths)
        brought_in = round_half_even(transfers.base_e9, RATE_SCALE)
        drift = round_half_even(transfers.drift_e9(), RATE_SCALE)
        account.fx_micros = drift + sum(worth.fx for worth in worths)
        account.equity_micros = brought_in + sum(worth.profit for worth in worths) + account.fx_micros
        account.cash_micros = account.equity_micros - sum(worth.paid for worth in worths)
        account.day_pnl_micros = account.equity_micros - account.day_start_equity_micros
        account.buying_power_micros = self._buying_power.left_micros(account.equity_micros)
        account.version += 1

    def _view(self, position: Position, worth: Worth, now_ns: int) -> PositionView:
        state, average = self._states.get(position.symbol), position.average_cost
        day_start = self._day_start.get(position.symbol, 0) if worth.rate_known else 0
        return PositionView(
            symbol=position.symbol,
            quantity=position.quantity,
            average_cost="" if average is None else f"{average.normalize():f}",
            mark=worth.mark,
            value_micros=worth.value,
            unrealised_micros=worth.unrealised,
            realised_micros=worth.realised,
            day_pnl_micros=worth.profit - day_start,
            fees_micros=worth.fees,
            trust=state.trust(now_ns) if state is not None else Trust.NONE,
            rate_known=worth.rate_known,
        )
