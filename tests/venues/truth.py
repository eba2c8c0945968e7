"""What a venue in a process of its own holds true: orders, fills, positions, each decision on disk first.

The log is both the memory of the venue, which begins from it after a restart, and the evidence of a judge.
Nothing here, or in the other files of this folder, comes from the program that is tested.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ENDED = frozenset({"filled", "canceled", "expired", "rejected"})


@dataclass
class VenueOrder:
    """One order as the venue has it."""

    client_id: str
    venue_id: str
    symbol: str
    side: str
    quantity: Decimal
    order_type: str
    tif: str
    limit: Decimal | None
    stop: Decimal | None
    post_only: bool
    reduce_only: bool
    status: str = "working"
    filled: Decimal = Decimal(0)
    reason: str = ""
    triggered: bool = True
    time_ns: int = 0
    trail: Decimal | None = None
    fills: list[dict[str, Any]] = field(default_factory=list)

    @property
    def leaves(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def sign(self) -> int:
        return 1 if self.side == "buy" else -1


class Truth:
    """Orders, fills and positions, made of the decisions in the log and of nothing else."""

    def __init__(self, path: Path) -> None:
        self.orders: dict[str, VenueOrder] = {}
        self.fills: list[dict[str, Any]] = []
        self.positions: dict[str, Decimal] = {}
        self.decisions = 0
        for entry in read_log(path):
            self._apply(entry)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(self._file, path.read_bytes().rfind(b"\n") + 1)

    def decide(self, what: str, time_ns: int, **facts: Any) -> None:
        """Write a decision down, then let it be so."""
        entry = {"n": self.decisions + 1, "t": time_ns, "what": what, **facts}
        text = json.dumps(entry, default=str) + "\n"
        os.write(self._file, text.encode())
        self._apply(json.loads(text))

    def close(self) -> None:
        os.close(self._file)

    def _apply(self, entry: dict[str, Any]) -> None:
        self.decisions = entry["n"]
        apply = getattr(self, f"_on_{entry['what']}", None)
        if apply is not None:
            apply(entry)

    def _order(self, entry: dict[str, Any]) -> VenueOrder:
        order = self.orders[entry["client_id"]]
        order.time_ns = entry["t"]
        return order

    def _on_order(self, entry: dict[str, Any]) -> None:
        order = VenueOrder(
            client_id=entry["client_id"],
            venue_id=entry["venue_id"],
            symbol=entry["symbol"],
            side=entry["side"],
            quantity=Decimal(entry["quantity"]),
            order_type=entry["order_type"],
            tif=entry["tif"],
            limit=_decimal(entry["limit"]),
            stop=_decimal(entry["stop"]),
            post_only=entry["post_only"],
            reduce_only=entry["reduce_only"],
            status=entry["status"],
            reason=entry["reason"],
            triggered=entry["stop"] is None and entry.get("trail") is None,
            time_ns=entry["t"],
            trail=_decimal(entry.get("trail")),
        )
        self.orders[order.client_id] = order

    def _on_trailed(self, entry: dict[str, Any]) -> None:
        self._order(entry).stop = Decimal(entry["stop"])

    def _on_triggered(self, entry: dict[str, Any]) -> None:
        self._order(entry).triggered = True

    def _on_fill(self, entry: dict[str, Any]) -> None:
        order, fill = self._order(entry), entry["fill"]
        quantity = Decimal(fill["quantity"])
        order.fills.append(fill)
        self.fills.append(fill)
        order.filled += quantity
        self._move(order, quantity)
        if not order.ended:
            order.status = "partially_filled" if order.leaves > 0 else "filled"

    def _on_bust(self, entry: dict[str, Any]) -> None:
        order, fill = self._order(entry), entry["fill"]
        quantity = Decimal(fill["quantity"])
        order.fills.remove(fill)
        self.fills.remove(fill)
        order.filled -= quantity
        self._move(order, -quantity)

    def _move(self, order: VenueOrder, quantity: Decimal) -> None:
        before = self.positions.get(order.symbol, Decimal(0))
        self.positions[order.symbol] = before + order.sign * quantity

    def _on_end(self, entry: dict[str, Any]) -> None:
        order = self._order(entry)
        order.status, order.reason = entry["status"], entry["reason"]

    def _on_amend(self, entry: dict[str, Any]) -> None:
        order = self._order(entry)
        order.quantity = Decimal(entry["quantity"])
        order.limit, order.stop = _decimal(entry["limit"]), _decimal(entry["stop"])


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a log, oldest first; a last line that was cut off is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


class Evidence:
    """What a judge asks of a venue's log."""

    def __init__(self, path: Path) -> None:
        self.entries = read_log(path)

    def received(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a kind that came in, oldest first."""
        return [each["message"] for each in self.entries if _is_received(each, kind)]

    def submits(self) -> dict[str, int]:
        """Return how often each client id was sent as a new order."""
        counts: dict[str, int] = {}
        for message in self.received("submit"):
            counts[message["client_id"]] = counts.get(message["client_id"], 0) + 1
        return counts

    def fills(self) -> dict[str, dict[str, Any]]:
        """Return the fills that stand, by id."""
        fills: dict[str, dict[str, Any]] = {}
        for each in self.entries:
            if each["what"] == "fill":
                fills[each["fill"]["fill_id"]] = each["fill"]
            elif each["what"] == "bust":
                del fills[each["fill"]["fill_id"]]
        return fills

    def positions(self) -> dict[str, Decimal]:
        """Return what the fills that stand add up to."""
        sums: dict[str, Decimal] = {}
        for fill in self.fills().values():
            signed = Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
            sums[fill["symbol"]] = sums.get(fill["symbol"], Decimal(0)) + signed
        return sums


def _is_received(entry: dict[str, Any], kind: str) -> bool:
    return entry["what"] == "received" and bool(entry["message"].get("type") == kind)
