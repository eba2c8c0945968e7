"""Where equity, the day's profit and buying power come from, and whose time it is."""

from __future__ import annotations

from engine.messages.views import AccountView, PositionView
from terminal.desk import Desk
from terminal.format import date_of, money, percent, time_of_day, zone_name
from terminal.widgets.replay_line import pace_said


def why_account(account: AccountView, desk: Desk) -> list[str]:
    """Say what the money on the status line is made of."""
    base = account.base_currency
    held = sorted(
        (position for position in desk.positions.values() if position.quantity),
        key=lambda position: -abs(position.value_micros),
    )
    start = account.equity_micros - account.day_pnl_micros
    share = f", {percent(account.day_pnl_micros / start)}% of that" if start else ""
    worth = account.equity_micros - account.cash_micros
    return [
        f"equity        {money(account.equity_micros)} {base} = cash + what the positions would bring",
        f"  cash        {money(account.cash_micros)}",
        f"  positions   {money(worth, signed=True)}, each at its mark: the middle of bid and ask, else the last trade",
        *(_position(position) for position in held),
        "",
        f"day           {money(account.day_pnl_micros, signed=True)} = equity less what it was when its trading day began",
        f"  began at    {money(start)}{share}; it is the trading day of [account] calendar in config.toml",
        f"  realised    {money(account.realised_micros, signed=True)}, of all days of this account",
        f"  unrealised  {money(account.unrealised_micros, signed=True)}, fees {money(account.fees_micros)}{_dividends(account)}",
        f"  drawdown    {percent(account.drawdown)}% from the highest equity",
        "",
        (
            f"buying power  {money(account.buying_power_micros)} = equity times leverage_max, less the worst that positions "
            "and open orders can come to: of each symbol all buys filled, or all sells, whichever is more"
        ),
        f"  gross       {money(account.gross_micros)}, net {money(account.net_micros, signed=True)} of positions alone",
        "  set in      config.toml: [account] leverage_max",
        "",
        *_time(desk),
    ]  # fmt: skip


def _dividends(account: AccountView) -> str:
    paid = account.dividends_micros
    return f", dividends {money(paid, signed=True)}" if paid else ""


def _time(desk: Desk) -> list[str]:
    """Say whose time the clock of the status line shows."""
    now_ns, zone, playback = desk.now_ns, desk.zone, desk.playback
    moment = f"{date_of(now_ns, zone)} {time_of_day(now_ns, zone)} {zone_name(now_ns, zone)}"
    return [
        f"time          {moment}, {'of the market that plays' if playback else 'of the world'}",
        *([f"  pace        {pace_said(playback)}; p holds it, < and > change it"] if playback else []),
        "  set in      config.toml: [desk] zone",
    ]


def _position(position: PositionView) -> str:
    if not position.rate_known:
        return f"    {position.symbol:10} not counted: its currency has no rate"
    return f"    {position.symbol:10} {money(position.value_micros)}, of which {money(position.unrealised_micros, signed=True)} not realised"
