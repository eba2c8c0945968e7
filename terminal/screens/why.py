"""Where a number comes from: its source, its age, what was refused, the rule and the id behind it."""

from __future__ import annotations

from engine.messages.views import OrderView
from engine.model.instrument import Symbol
from engine.model.order import ExitPlan
from engine.model.trade import Side
from terminal.cover import cover_sentence, is_orphan, legs_of, partner_of
from terminal.desk import Desk
from terminal.format import NOTHING, age, figures, midnight_ns, money, month_and_day, time_of_day
from terminal.orderline.strategies import strategy_word
from terminal.widgets.blotter import FOREIGN, status_word

REASONS = "; "
"""What stands between the reasons of one denial."""


def why_symbol(symbol: Symbol, desk: Desk) -> list[str]:
    """Say what is known of a symbol's price and position, and how."""
    instrument = desk.instruments[symbol]
    quote = desk.quotes.get(symbol)
    lines = [
        f"{symbol} on {instrument.venue}, {instrument.asset_class.value}, priced in {instrument.currency}",
        (
            f"tick {instrument.tick}, lot {instrument.lot}, smallest order {instrument.size_min or instrument.lot}"
            f"{f' and {instrument.notional_min} {instrument.currency}' if instrument.notional_min else ''}, hours {instrument.calendar}"
        ),
    ]
    if not instrument.tradable:
        lines.append("it can be watched, not traded")
    if quote is None:
        return [*lines, "", "no quote has come yet"]
    figure = figures(instrument)
    lines += [
        "",
        f"quote     {figure.price(quote.bid)} x {figure.price(quote.ask)} from {quote.source or NOTHING}",
        f"age       {age(max(0, desk.now_ns - quote.receive_ns))}, received {_moment(quote.receive_ns, desk)}",
        f"trust     {quote.trust.value}{': ' + quote.trust_reason if quote.trust_reason else ''}",
        f"session   {quote.session.value}{': ' + quote.session_reason if quote.session_reason else ''}",
        f"last      {figure.price(quote.last)}, traded {_moment(quote.last_trade_ns, desk)}",
        (
            f"day       low {figure.price(quote.day_low)}, high {figure.price(quote.day_high)}, "
            f"VWAP {figure.average(quote.vwap)} = turnover / volume"
        ),
        f"change    against {'the prior close' if quote.prior_close else 'the first trade seen'} {figure.price(quote.base)}",
        f"messages  {quote.accepted:,} accepted, {quote.refused:,} refused by the quality filters",
    ]
    return lines + _position(symbol, desk)


def why_order(order: OrderView, desk: Desk) -> list[str]:
    """Tell an order's story: who asked for it, what became of it, every fill."""
    figure = figures(desk.instruments[order.symbol])
    side = "buy" if order.side is Side.BUY else "sell"
    lines = [
        f"#{order.number} {side} {figure.size(order.quantity)} {order.symbol}, {order.type.value}, {order.tif.value}",
        *_status(order),
        f"filled       {figure.size(order.filled)} of {figure.size(order.quantity)}, leaves {figure.size(order.leaves)}",
        f"asked by     {_asker(order)} at {_moment(order.created_ns, desk)}",
        f"last change  {_moment(order.updated_ns, desk)}",
        f"client id    {order.client_id}",
        f"venue id     {order.venue_id or NOTHING}",
        f"correlation  {order.correlation or NOTHING}; O on the order shows what the log has of it",
    ]
    if order.strategy:
        lines.insert(4, f"strategy     {order.strategy}; halt {strategy_word(order.strategy)} halts it")
    if order.trail is not None:
        lines.append(f"trails       {_trail(order, desk)}")
    if order.queue_ahead is not None and order.status.is_open:
        lines.append(
            f"queue        {figure.size(order.queue_ahead)} before it at its price, as the paper broker reckons"
        )
    lines += _cost(order, desk)
    lines += _family(order, desk)
    for fill in order.fills:
        fee = money(fill.fee_micros, 4)
        lines.append(
            f"fill {fill.fill_id:8} {figure.size(fill.quantity)} at {figure.price(fill.price)} as {fill.liquidity.value}, "
            f"fee {fee} {fill.fee_currency}, {_moment(fill.event_ns, desk)}"
        )
    return lines


def _cost(order: OrderView, desk: Desk) -> list[str]:
    """Say what an order cost to trade, against the market as it was sent."""
    if not (order.sent_bid and order.sent_ask):
        return []
    instrument = desk.instruments[order.symbol]
    price = figures(instrument).price
    market = f"{price(order.sent_bid)} x {price(order.sent_ask)} as it was sent"
    if order.slippage_bps is None or order.slippage_micros is None:
        return [f"market       {market}"]
    better = order.slippage_micros < 0
    amount = f"{abs(order.slippage_bps):.1f} bps ({money(abs(order.slippage_micros))} {instrument.currency})"
    return [
        f"market       {market}",
        f"cost         {amount} {'better' if better else 'worse'} than its middle, fees apart",
    ]


def _status(order: OrderView) -> list[str]:
    """Say how an order stands; each reason has a line of its own."""
    status, reasons = status_word(order), order.reason.split(REASONS)
    if len(reasons) == 1:
        return [f"status       {status}{': ' + order.reason if order.reason else ''}"]
    return [
        f"status       {status}, for {len(reasons)} reasons:",
        *(f"             · {text}" for text in reasons),
    ]


def _trail(order: OrderView, desk: Desk) -> str:
    """Say how a trailing stop follows the market, and where it stands."""
    figure = figures(desk.instruments[order.symbol])
    best = "high" if order.side is Side.SELL else "low"
    distance = f"by {figure.change(order.trail or 0)} from the {best} since it works"
    if order.stop is None:
        return f"{distance}; the broker has not told where it stands"
    return f"{distance}; {'triggered' if order.triggered else 'triggers'} at {figure.price(order.stop)}"


def _asker(order: OrderView) -> str:
    if order.origin != FOREIGN:
        return order.origin
    cancels = f"; x #{order.number} cancels it" if order.status.is_open and order.number else ""
    return f"{FOREIGN}, placed elsewhere{cancels};"


def _family(order: OrderView, desk: Desk) -> list[str]:
    """Say what an order protects, what protects it, and what it cancels."""
    lines = []
    entry = desk.orders.get(order.parent)
    if order.parent:
        name = f"#{entry.number}" if entry else f"an entry that is not known here, {order.parent}"
        gone = "; its position is gone" if is_orphan(order, desk) else ""
        lines.append(f"protects     what {name} filled, as its {order.leg.value}{gone}")
        if (partner := partner_of(order, desk)) is not None:
            held = "the broker holds both as one, and ends one with the other"
            lines.append(f"either or    #{partner.number}: {held}")
    elif order.group:
        others = [each for each in desk.orders.values() if each.group == order.group and each is not order]
        lines += [
            f"either or    #{other.number}: what fills of one is taken off the other" for other in others
        ]
    if order.plan is not None:
        legs = " and ".join(f"{leg.leg.value} #{leg.number}" for leg in legs_of(order, desk))
        lines.append(
            f"exits        {_plan(order.plan, order, desk)}; {legs + ' work' if legs else 'none works now'}"
        )
    return lines


def _plan(plan: ExitPlan, order: OrderView, desk: Desk) -> str:
    figure = figures(desk.instruments[order.symbol])
    parts = [f"a stop at {figure.price(plan.stop)}"] if plan.stop is not None else []
    parts += [f"a stop that trails by {figure.change(plan.trail)}"] if plan.trail is not None else []
    parts += [f"a target at {figure.price(plan.target)}"] if plan.target is not None else []
    return " and ".join(parts)


def _position(symbol: Symbol, desk: Desk) -> list[str]:
    position = desk.positions.get(symbol)
    if position is None:
        return []
    figure = figures(desk.instruments[symbol])
    base = desk.account.base_currency if desk.account else ""
    lines = [
        "",
        f"position  {figure.quantity(position.quantity)} at average cost {position.average_cost or NOTHING}",
        f"mark      {figure.price(position.mark)}: the middle of bid and ask, else the last trade",
        (
            f"value     {money(position.value_micros)} {base}, unrealised {money(position.unrealised_micros, signed=True)}, "
            f"realised {money(position.realised_micros, signed=True)}, fees {money(position.fees_micros)}"
        ),
    ]
    if position.dividends_micros:
        lines.append(f"dividends {money(position.dividends_micros, signed=True)} {base}")
    if position.quantity:
        lines.append(f"stop      {cover_sentence(position, desk)}")
    if not position.rate_known:
        lines.append("its currency has no rate: its money is not counted in the account")
    return lines


def _moment(time_ns: int, desk: Desk) -> str:
    if not time_ns:
        return NOTHING
    moment = time_of_day(time_ns, desk.zone, ms=True)
    is_earlier = time_ns < midnight_ns(desk.now_ns, desk.zone)
    return f"{month_and_day(time_ns, desk.zone)} {moment}" if is_earlier else moment
