"""What the account is worth now: the ledger's positions at the market's marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.messages.events import AccountMarked
from engine.messages.views import AccountView, PositionView
from engine.model.account import Account, CurrencyRates
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState, Trust
from engine.model.position import Position
from engine.model.trading_day import ALWAYS_OPEN, day_end_ns
from engine.model.working_orders import WorkingOrders
from engine.portfolio.buying_power import BuyingPower
from engine.portfolio.ledger import Ledger
from engine.portfolio.rates import rates_from_quotes
from engine.portfolio.worth import Worth, worth_of

_NS_PER_DAY = 86_400 * NS_PER_S
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
        account_clock: Clock | None = None,
        *,
        orders: WorkingOrders | None = None,
        leverage_max: Decimal = Decimal(1),
        refresh_ns: int = REFRESH_NS,
        calendar: str = ALWAYS_OPEN,
    ) -> None:
        self._account = account
        self._ledger = ledger
        self._states = states
        self._rates = rates
        self._clock = clock
        self._account_clock = account_clock or clock
        """Says when the account's day begins."""
        self._refresh_ns = refresh_ns
        working = orders if orders is not None else WorkingOrders()
        self._buying_power = BuyingPower(ledger.positions, working, states, rates, Fraction(leverage_max))
        self._worths: dict[Symbol, Worth] = {}
        self._shown: dict[Symbol, tuple[tuple[Worth, int, Trust, int], PositionView]] = {}
        """The view of each position, and what it was made of."""
        self._day_start: dict[Symbol, int] = {}
        """Each position's profit when the day began."""
        self._calendar = calendar
        """Whose trading days are the account's."""
        self._day_began_ns = self._account_clock.now_ns()
        self._day_end_ns = day_end_ns(calendar, self._day_began_ns)
        self.on_day: Callable[[], None] | None = None
        """What is called when a day began."""
        self._opening_micros = account.cash_micros
        self._seen_version = -1
        self._valued_ns = 0

    def refresh(self) -> bool:
        """Value again if a fill came or the marks are due; say whether it did."""
        waited_ns = abs(self._account_clock.now_ns() - self._valued_ns)
        if self._ledger.version == self._seen_version and waited_ns < self._refresh_ns:
            return False
        self.revalue()
        return True

    def revalue(self) -> None:
        """Value every position and write the account; a day begins with the first value of a trading day."""
        self._measure()
        account = self._account
        account.equity_peak_micros = max(account.equity_peak_micros, account.equity_micros)
        if not self._day_began_ns <= self._valued_ns < self._day_end_ns:
            self._begin_day()

    def mark(self) -> AccountMarked:
        """Return what the day's profit and the drawdown are measured from, as last valued."""
        account = self._account
        return AccountMarked(
            day=self._day_end_ns // _NS_PER_DAY - 1,
            day_start_micros=account.day_start_equity_micros,
            day_start_profits=self._day_start,
            peak_micros=account.equity_peak_micros,
            equity_micros=account.equity_micros,
            profits={symbol: worth.profit for symbol, worth in self._worths.items()},
            day_end_ns=self._day_end_ns,
        )

    def resume(self, mark: AccountMarked) -> None:
        """Go on measuring from where an earlier session did; a new day begins where that one ended.

        The day that was written down ends when it said it would, whatever the calendar is now.
        """
        account, now_ns = self._account, self._account_clock.now_ns()
        end_ns = mark.day_end_ns or (mark.day + 1) * _NS_PER_DAY
        same = now_ns < end_ns
        self._day_began_ns = 0 if same else now_ns
        self._day_end_ns = end_ns if same else day_end_ns(self._calendar, now_ns)
        self._day_start = dict(mark.day_start_profits if same else mark.profits)
        account.day_start_equity_micros = mark.day_start_micros if same else mark.equity_micros
        account.equity_peak_micros = mark.peak_micros

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
        """Return every position ever held as last valued, first held first; the same view while it is the same."""
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
            dividends_micros=account.dividends_micros,
        )

    def _begin_day(self) -> None:
        self._day_began_ns = self._valued_ns
        self._day_end_ns = day_end_ns(self._calendar, self._valued_ns)
        self._day_start = {symbol: worth.profit for symbol, worth in self._worths.items()}
        self._account.day_start_equity_micros = self._account.equity_micros
        self._account.day_pnl_micros = 0
        if self.on_day is not None:
            self.on_day()

    def _measure(self) -> None:
        rates_from_quotes(self._rates, self._states.values())
        self._ledger.settle()
        self._worths = {
            holding.position.symbol: worth_of(holding, self._states.get(holding.position.symbol), self._rates)
            for holding in self._ledger.holdings()
        }
        self._write_account(tuple(self._worths.values()))
        self._seen_version = self._ledger.version
        self._valued_ns = self._account_clock.now_ns()

    def _write_account(self, worths: tuple[Worth, ...]) -> None:
        account = self._account
        account.unrealised_micros = sum(worth.unrealised for worth in worths)
        account.realised_micros = sum(worth.realised for worth in worths)
        account.fees_micros = sum(worth.fees for worth in worths)
        account.dividends_micros = sum(worth.dividends for worth in worths)
        account.gross_micros = sum(abs(worth.value) for worth in worths)
        account.net_micros = sum(worth.value for worth in worths)
        account.fx_micros = sum(worth.fx for worth in worths)
        earned = sum(worth.profit for worth in worths)
        account.equity_micros = self._opening_micros + earned + account.fx_micros
        account.cash_micros = account.equity_micros - sum(worth.paid for worth in worths)
        account.day_pnl_micros = account.equity_micros - account.day_start_equity_micros
        account.buying_power_micros = self._buying_power.left_micros(account.equity_micros)
        account.version += 1

    def _view(self, position: Position, worth: Worth, now_ns: int) -> PositionView:
        state = self._states.get(position.symbol)
        trust = state.trust(now_ns) if state is not None else Trust.NONE
        day_start = self._day_start.get(position.symbol, 0) if worth.rate_known else 0
        made_of = (worth, position.version, trust, day_start)
        known = self._shown.get(position.symbol)
        if known is None or known[0] != made_of:
            known = self._shown[position.symbol] = made_of, _view_of(position, worth, trust, day_start)
        return known[1]


def _view_of(position: Position, worth: Worth, trust: Trust, day_start: int) -> PositionView:
    average = position.average_cost
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
        trust=trust,
        rate_known=worth.rate_known,
        dividends_micros=worth.dividends,
    )
