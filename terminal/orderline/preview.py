"""What the engine's gate says of an order, on one row: worth, position and buying power after, its quote, its no."""

from __future__ import annotations

from collections.abc import Sequence

from engine.messages.views import OrderPreview
from engine.model.market_state import Trust
from engine.model.order import OrderRequest
from terminal.desk import Desk
from terminal.format import age, compact_money, figures, money
from terminal.strips import Run


def is_about(preview: OrderPreview, request: OrderRequest) -> bool:
    """Tell whether a preview answers for this order, its number and time apart."""
    asked = preview.request
    return (
        asked.client_id == request.client_id
        and asked.symbol == request.symbol
        and asked.side is request.side
        and asked.quantity == request.quantity
        and asked.type is request.type
        and asked.limit == request.limit
        and asked.stop == request.stop
        and asked.trail == request.trail
        and asked.tif is request.tif
        and asked.post_only == request.post_only
        and asked.reduce_only == request.reduce_only
        and asked.strategy == request.strategy
    )


def enter_run(*, flips: bool, denied: bool, books: bool = False) -> Run:
    """Return what the next Enter does with what is reviewed, as the key that does it."""
    if denied:
        return (" ⏎ DENIED ", "breach+b/selected")
    if flips:
        return (" ⏎ FLIP ", "on_loud+b/breach")
    return (" ⏎ BOOK " if books else " ⏎ SEND ", "background+b/own")


def preview_runs(previews: Sequence[OrderPreview], desk: Desk) -> list[Run]:
    """Return what the gate says of an order or a pair, the most telling first, for a row that may be cut."""
    if not previews:
        return []
    preview = previews[0]
    write = figures(desk.instruments[preview.request.symbol])
    runs: list[Run] = []
    for each in previews:
        name = each.request.type.value if len(previews) > 1 else ""
        worth = money(each.notional_micros, 0) if each.notional_micros is not None else "unknown"
        runs += [(f"  {name}", "muted")] if name else []
        runs += _verdict(each, write.quantity(each.quantity_max))
        runs += [("  ≈ ", "muted"), (worth, "text")]
    runs.append((f"  pos {write.quantity(preview.position_after)}", "muted"))
    if preview.buying_power_after_micros is not None:
        runs.append((f"  BP {compact_money(preview.buying_power_after_micros)}", "muted"))
    runs.append(_quote(preview))
    return runs


def _verdict(preview: OrderPreview, largest: str) -> list[Run]:
    if not preview.denials:
        return [("  ✓", "ok")]
    others = len(preview.denials) - 1
    more = f" · {others} more" if others else ""
    runs: list[Run] = [(f"  ! {preview.denials[0].text}{more}", "breach+b")]
    if preview.quantity_max:
        runs.append((f"  max {largest}", "warn"))
    return runs


def _quote(preview: OrderPreview) -> Run:
    if preview.trust is Trust.NONE:
        return ("  no quote", "warn")
    text = f"  {age(preview.quote_age_ns)} {preview.quote_source}"
    if preview.trust is Trust.GOOD:
        return (text, "muted")
    return (f"{text} {preview.trust.value}", "warn")
