"""One order of the real program, from the key to the fill, found by its id in the log of every component it passed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.observe.logs import NAME
from tests.pty_desk import PtyDesk, environment

pytestmark = pytest.mark.pty
QUIT = "\x11"


def test_an_order_sent_by_a_key_is_followed_to_its_fill(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[metrics]\nport = 0\n", encoding="utf-8")
    with PtyDesk((), environment(tmp_path), size=(160, 48)) as desk:
        desk.until(lambda: re.search(r"NVDA +\d+\.\d\d", desk.text))
        desk.send("b 100 NVDA mkt")
        desk.until(lambda: re.search(r"NVDA +BUY +100 +100 .*✓ FILL", desk.text))
        desk.press("5w")
        desk.until("correlation")
        shown = re.search(r"correlation +(\S+);", desk.text)
        assert shown is not None
        desk.press("\x1b")
        desk.until(lambda: "correlation " not in desk.text)
        desk.press("O")
        desk.until(lambda: "Log · order #1 NVDA" in desk.text and "fill booked" in desk.text)
        desk.press("\x1b")
        desk.until("5 Orders")
        desk.press(QUIT)
        assert desk.exit_code() == 0
    lines = map(json.loads, (tmp_path / "logs" / NAME).read_text(encoding="utf-8").splitlines())
    story = [line for line in lines if line.get("correlation") == shown[1]]
    assert [(line["component"], line["event"], line.get("status", "")) for line in story] == [
        ("commands", "command", ""),
        ("orders", "order submitted", ""),
        ("broker", "order sent", ""),
        ("orders", "order changed", "working"),
        ("orders", "order filled", ""),
        ("ledger", "fill booked", ""),
        ("orders", "order changed", "filled"),
    ]
    assert {line["client_id"] for line in story} == {shown[1]}
    assert story[0]["origin"] == "line"
    assert story[5]["held"] == 100
