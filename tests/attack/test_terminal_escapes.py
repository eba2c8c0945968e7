"""What a terminal would obey comes in by every text from outside, and goes out by none: on a real pseudo-terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.pty_desk import PtyDesk, environment
from tests.unit.engine.bridge_bench import VenueProcess

ATTACKS = {
    "clipboard": "\x1b]52;c;T1dORUQ=\x07",
    "title": "\x1b]0;OWNED\x07",
    "link": "\x1b]8;;https://evil.test\x1b\\",
    "clear": "\x1b[31337J",
    "colour": "\x1b[31337m",
    "device": "\x1bPOWNED\x1b\\",
    "reset": "\x1bc",
    "c1": "\x9b31337m\x9d52;c;T1dORUQ=\x9c",
    "override": "\u202eOWNED\u2066\u200b\ufeff",
    "line": "\r\nOWNED\x08\x0b\x0c",
}
EVIL = "".join(ATTACKS.values())
_OBEYED = re.compile(rb"\x1b(?:\][^\x07\x1b]{0,20}|P|\^|_|c|\[31337)")
"""What Textual never sends but the shape of the pointer: OSC, DCS, PM, APC, a reset, a number of our own."""
_POINTER = b"\x1b]22;"


def obeyed_in(raw: bytes) -> list[str]:
    """Return what a terminal would have obeyed that was in the attacks."""
    escapes = [repr(found[0]) for found in _OBEYED.finditer(raw) if not found[0].startswith(_POINTER)]
    text = raw.decode("utf-8", "replace")
    controls = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Co", "Zl", "Zp"}} - set(
        "\x1b\r\n\t\x07\x08"
    )
    return escapes + sorted(map(repr, controls))


@pytest.mark.parametrize("name", ATTACKS)
def test_the_search_finds_every_attack_that_passes(name: str) -> None:
    assert obeyed_in(b"\x1b[1;1H before " + ATTACKS[name].encode() + b" after") or name == "line"


def home_of(root: Path, address: str) -> Path:
    """Return a home whose own name is an attack, with attacks in every file that is read."""
    home = root / f"home {EVIL.replace('/', '').replace(chr(0), '')}"
    config = home / "config"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(
        f'[broker]\nkind = "bridge"\naddress = "{address}"\n[journal]\ndurability = "process"\n'
        f'[metrics]\nhost = {json.dumps(EVIL)}\n[account]\nname = "SIM-1"\n',
        encoding="utf-8",
    )
    return home


def line_of(**message: Any) -> str:
    return json.dumps(message) + "\n"


@pytest.mark.pty
def test_no_text_from_outside_is_obeyed_by_the_terminal(tmp_path: Path) -> None:
    venue = VenueProcess().start()
    venue.ask("quote", symbol="AAPL", bid="228.50", ask="228.55", bid_size="1000", ask_size="1000")
    home = home_of(tmp_path, venue.address)
    try:
        with PtyDesk(["demo"], environment(home), size=(160, 48)) as desk:
            desk.until("AAPL")
            desk.until((home / "data").exists)
            desk.press(":b 1 AAPL ")
            desk.until(lambda: "b 1 AAPL" in desk.lines[-2])
            desk.paste(EVIL)
            desk.until("OWNED")
            desk.press_until("\x1b", lambda: "OWNED" not in desk.lines[-2])
            desk.send("b 10 AAPL 222 gtc")
            desk.until(lambda: venue.ask("state")["orders"])
            (client_id,) = venue.ask("state")["orders"]
            fill = {
                "fill_id": EVIL,
                "client_id": client_id,
                "symbol": EVIL,
                "side": "buy",
                "price": "1",
                "quantity": "1",
            }
            venue.ask("send_raw", text=line_of(type="filled", fill=fill))
            venue.ask("send_raw", text=line_of(type=EVIL))
            foreign = {
                "client_id": EVIL,
                "symbol": "AAPL",
                "side": "buy",
                "quantity": "1",
                "filled": "0",
                "status": EVIL,
            }
            venue.ask("send_raw", text=line_of(type="status", id=1, order=foreign))
            venue.ask("send_raw", text=line_of(type="canceled", client_id=client_id, reason=f"VENUE {EVIL}"))
            (home / "config" / "limits.toml").write_text(f"{json.dumps(EVIL)} = 1\n")
            desk.press("L")
            desk.until("esc closes")
            desk.press("\x1b")
            for pane in "123456789":
                desk.press(pane)
            log = home / "logs" / "touchline.log"
            desk.until(lambda: log.exists() and b"OWNED" in log.read_bytes())
        assert obeyed_in(bytes(desk.raw)) == []
        assert b"OWNED" in desk.raw
    finally:
        venue.remove()
    lines = log.read_bytes()
    assert lines.isascii()
    assert all(json.loads(line)["event"] for line in lines.splitlines())
