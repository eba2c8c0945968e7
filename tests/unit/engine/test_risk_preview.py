from __future__ import annotations

from decimal import Decimal

import msgspec

from engine.messages.commands import TradingState
from engine.messages.views import LimitView, MetricView
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderType
from engine.risk.catalogue import RULES
from engine.risk.limits import AccountLimits, SymbolLimits
from tests.risk_room import AMD, MICROS, NOW_NS, NVDA, SAP, Room, listed, quote


def test_a_preview_says_what_would_be() -> None:
    desk = Room(SymbolLimits(position_size_max=Decimal(2_000)))
    desk.states[NVDA].source = "sim"
    desk.hold(1_200)
    desk.work(desk.buy(300))
    desk.clock.advance_to(NOW_NS + 42)
    preview = desk.gate.preview(desk.buy(400, limit=10_010))
    assert preview.denials == ()
    assert preview.notional_micros == 40_040 * MICROS
    assert preview.position_after == 1_600
    assert preview.quantity_max == 500
    assert (preview.quote_age_ns, preview.quote_source, preview.trust) == (42, "sim", Trust.GOOD)
    assert preview.reference_price == 10_000
    position = next(rule for rule in preview.rules if rule.rule == "position_limit")
    assert (position.before, position.after, position.limit, position.unit) == (1_500, 1_900, 2_000, "size")


def test_a_preview_shows_every_rule_that_concerns_the_type() -> None:
    desk = Room()
    for request in (desk.buy(), desk.buy(limit=None)):
        shown = [rule.rule for rule in desk.gate.preview(request).rules]
        assert shown == [rule.name for rule in RULES if request.type in rule.types]


def test_a_preview_tells_the_failing_rule_by_its_reason() -> None:
    desk = Room(SymbolLimits(order_size_max=Decimal(10)))
    preview = desk.gate.preview(desk.buy(11))
    failed = [rule for rule in preview.rules if not rule.passed]
    assert [(rule.rule, rule.text) for rule in failed] == [("order_size", "order size is 11, limit 10")]
    assert [denial.rule for denial in preview.denials] == ["order_size"]
    assert preview.quantity_max == 10


def test_a_preview_counts_nothing() -> None:
    desk = Room(SymbolLimits(order_size_max=Decimal(10)))
    desk.gate.preview(desk.buy(11))
    assert desk.gate.denial_counts == {}
    assert desk.gate.last_denial == ""


def test_a_preview_with_an_open_orders_id_judges_that_order_with_other_terms() -> None:
    desk = Room(SymbolLimits(position_size_max=Decimal(1_000), duplicate_window_ms=1_000))
    order = desk.work(desk.buy(300))
    order.filled, order.leaves = 100, 200
    desk.hold(100)
    terms = msgspec.structs.replace(order.request, quantity=900)
    preview = desk.gate.preview(terms)
    assert preview.denials == ()
    assert (preview.position_after, preview.quantity_max) == (900, 1_000)
    assert preview.notional_micros == 80_000 * MICROS
    too_large = desk.gate.preview(msgspec.structs.replace(terms, quantity=1_101))
    assert [denial.rule for denial in too_large.denials] == ["position_limit"]
    assert desk.gate.denial_counts == {}


def test_the_largest_size_is_in_whole_lots() -> None:
    desk = Room(SymbolLimits(order_size_max=Decimal(137)))
    desk.states[NVDA] = listed(NVDA, lot="10")
    assert desk.gate.preview(desk.buy(10)).quantity_max == 130


def test_no_size_is_the_largest_where_none_passes() -> None:
    desk = Room(restricted=("NVDA",))
    assert desk.gate.preview(desk.buy()).quantity_max == 0
    small = Room(SymbolLimits(order_size_max=Decimal(4)))
    small.states[NVDA] = listed(NVDA, size_min="5")
    assert small.gate.preview(small.buy()).quantity_max == 0


def test_the_largest_size_does_not_mind_a_duplicate() -> None:
    desk = Room(SymbolLimits(order_size_max=Decimal(100), duplicate_window_ms=1_000))
    desk.gate.note_sent(desk.buy(100))
    assert desk.gate.preview(desk.buy(100)).quantity_max == 100


def test_while_reducing_the_largest_size_is_the_position() -> None:
    desk = Room()
    desk.hold(73)
    desk.halts.set(TradingState.REDUCING, "end of day")
    assert desk.gate.preview(desk.sell(1)).quantity_max == 73
    assert desk.gate.preview(desk.buy(1)).quantity_max == 0


def test_a_preview_admits_what_it_does_not_know() -> None:
    desk = Room()
    unknown = desk.gate.preview(desk.buy(symbol=Symbol("GHOST")))
    assert [denial.rule for denial in unknown.denials] == ["instrument_unknown"]
    no_rate = desk.gate.preview(desk.buy(symbol=SAP))
    assert (no_rate.notional_micros, no_rate.buying_power_after_micros) == (None, None)
    quote(desk.states[NVDA], 0, 0)
    no_price = desk.gate.preview(desk.buy(limit=None))
    assert (no_price.notional_micros, no_price.trust, no_price.reference_price) == (None, Trust.NONE, 0)


def test_a_stop_is_previewed_at_its_stop() -> None:
    desk = Room()
    preview = desk.gate.preview(desk.buy(10, limit=None, type=OrderType.STOP, stop=10_500))
    assert preview.notional_micros == 1_050 * MICROS


def test_the_gauges_show_the_account_as_it_stands() -> None:
    desk = Room(SymbolLimits(position_notional_max=Decimal(400_000)))
    desk.hold(1_000)
    desk.hold(-3_000, AMD)
    desk.work(desk.sell(1_000, limit=10_100, symbol=AMD))
    desk.account.day_pnl_micros = -5_000 * MICROS
    desk.gate.note_sent(desk.buy())
    used = {limit.rule: (limit.label, limit.used) for limit in desk.gate.usage()}
    assert used == {
        "gross_exposure": ("Gross exposure", 500_000),
        "net_exposure": ("Net exposure", 300_000),
        "day_loss": ("Day loss", 5_000),
        "drawdown": ("Drawdown", 0),
        "position_notional": ("Max position AMD", 400_000),
        "concentration": ("Concentration AMD", 40),
        "order_rate": ("Order rate", 1),
        "open_orders": ("Open orders", 1),
    }


def test_an_empty_account_has_gauges_too() -> None:
    rules = [limit.rule for limit in Room().gate.usage()]
    assert rules == [
        "gross_exposure",
        "net_exposure",
        "day_loss",
        "drawdown",
        "var",
        "order_rate",
        "open_orders",
    ]


def _var(desk: Room, value: float | None) -> list[LimitView]:
    metrics = (MetricView("var_ewma", "VaR 99% 1d EWMA", value, "money"),)
    return [limit for limit in desk.gate.view(metrics).limits if limit.rule == "var"]


def test_the_value_at_risk_is_held_against_its_share_of_equity_and_denies_nothing() -> None:
    desk = Room()
    desk.hold(1_000)
    (gauge,) = _var(desk, 20_000.0)
    assert (gauge.used, gauge.limit) == (20_000, 25_000)
    over = MetricView("var_ewma", "VaR 99% 1d EWMA", 30_000.0, "money")
    assert desk.gate.view((over,)).breaches == 1
    assert desk.no(desk.buy()) == []


def test_a_value_at_risk_that_is_not_known_has_no_gauge() -> None:
    desk = Room()
    desk.hold(1_000)
    assert _var(desk, None) == []
    assert [limit for limit in desk.gate.usage() if limit.rule == "var"] == []


def test_the_limit_on_the_value_at_risk_can_be_switched_off() -> None:
    desk = Room(account_limits=AccountLimits(var_max_percent=Decimal(0)))
    assert _var(desk, 20_000.0) == []


def test_a_limit_that_the_market_pushed_past_is_a_breach() -> None:
    desk = Room(SymbolLimits(position_notional_max=Decimal(400_000)))
    desk.hold(4_000)
    assert desk.gate.view().breaches == 0
    quote(desk.states[NVDA], 10_000, 10_002)
    desk.gate.refresh()
    assert desk.gate.view().breaches == 1


def test_the_view_remembers_the_last_denial_and_counts_all() -> None:
    desk = Room(SymbolLimits(order_size_max=Decimal(10)))
    desk.halts.set(TradingState.HALTED, "news", AMD, NOW_NS)
    desk.no(desk.buy(11))
    desk.no(desk.buy(12))
    metrics = (MetricView("var", "VaR", 1.0, "money"),)
    view = desk.gate.view(metrics)
    assert view.last_denial == "NVDA: order size is 12, limit 10"
    assert (view.last_denial_ns, view.limits_source, view.metrics) == (NOW_NS, "the test", metrics)
    assert (view.state, view.halted_symbols) == (TradingState.ACTIVE, (AMD,))
    assert desk.gate.denial_counts == {"order_size": 2}


def test_new_limits_hold_from_the_next_order_on() -> None:
    desk = Room(SymbolLimits(order_size_max=Decimal(10)))
    assert desk.no(desk.buy(11)) == ["order_size"]
    desk.limits.reload()
    assert desk.no(desk.buy(11)) == []
    assert desk.gate.view().limits_source == "built-in limits"


def test_a_market_that_was_listed_anew_is_seen() -> None:
    desk = Room()
    assert desk.no(desk.buy()) == []
    desk.states[NVDA] = listed(NVDA, tradable=False)
    assert desk.no(desk.buy()) == ["not_tradable"]


def test_prices_that_aged_are_valued_again_without_being_told() -> None:
    desk = Room()
    desk.hold(1_000, AMD)
    assert desk.gate.usage()[0].used == 100_000
    quote(desk.states[AMD], 19_999, 20_001)
    desk.clock.advance_to(NOW_NS + 1_000_000_001)
    assert desk.gate.usage()[0].used == 200_000
