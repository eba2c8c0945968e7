"""What people do to an account's controls is in the audit log: who, from where, before and after."""

from __future__ import annotations

from pathlib import Path

from engine.engine import Engine
from engine.messages.commands import ArmTrading, DisarmTrading, SetTradingState, TradingState
from engine.messages.events import AlertRaised
from engine.security.audit.heads import verify
from engine.security.audit.log import entries_in
from tests.engine_rooms import ABC, composed
from tests.waiting import wait_until


def test_halts_arming_and_limits_are_written_down_and_a_log_that_cannot_be_is_told(tmp_path: Path) -> None:
    alerts: list[AlertRaised] = []
    with composed(tmp_path) as rooms:
        assert rooms.audit is not None
        rooms.bus.subscribe(AlertRaised, alerts.append)
        engine = Engine(rooms)
        engine.start()
        engine.submit(SetTradingState(TradingState.HALTED, "bad fills", None))
        engine.submit(SetTradingState(TradingState.REDUCING, "calmer", None, origin="shell"))
        engine.submit(SetTradingState(TradingState.HALTED, "odd prints", ABC))
        engine.submit(ArmTrading("PAPER-1"))
        engine.submit(DisarmTrading("lunch", "shell"))
        path = rooms.folders.data / "audit.log"
        wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") >= 4)
        rooms.folders.limits.parent.mkdir(parents=True, exist_ok=True)
        rooms.folders.limits.write_text("[account]\norder_burst = 7\n", encoding="utf-8")
        wait_until(lambda: b"order_burst" in path.read_bytes())
        path.chmod(0o644)
        engine.submit(SetTradingState(TradingState.ACTIVE, "well again", None))
        wait_until(lambda: any(alert.source == "audit" for alert in alerts))
        path.chmod(0o600)
        engine.stop()
        assert rooms.audit.dropped == 1
    told = [
        (entry.what, entry.origin, entry.subject, entry.before, entry.after) for entry in entries_in(path)
    ]
    everything, symbol, limit = "PAPER-1 everything", "PAPER-1 ABC", "account.order_burst"
    assert told[:3] == [
        ("trading-state", "desk", everything, "active", "halted: bad fills"),
        ("trading-state", "shell", everything, "halted: bad fills", "reducing: calmer"),
        ("trading-state", "desk", symbol, "active", "halted: odd prints"),
    ]
    assert ("arming", "shell", "PAPER-1", "armed", "disarmed: lunch") in told
    (changed,) = [row for row in told if row[0] == "limit"]
    assert (changed[2:], changed[1].startswith("limits.toml, saved ")) == ((limit, "40", "7"), True)
    assert verify(path).entries == len(told)
