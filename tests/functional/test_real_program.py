"""The real program in a real terminal, as a person starts it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.pty_desk import PROGRAM, PtyDesk, environment
from tests.recordings import write_quotes

pytestmark = pytest.mark.pty

COLOURED = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
TRUE_COLOUR = re.compile(rb"\x1b\[(?:\d+;)*[34]8;2;")
KILL, QUIT = "\x0b", "\x11"
Start = Callable[..., PtyDesk]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home whose exporter takes any free port."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[metrics]\nport = 0\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def start(home: Path) -> Start:
    def started(
        *arguments: str,
        size: tuple[int, int] = (160, 48),
        program: tuple[str, ...] = PROGRAM,
        **changes: str | None,
    ) -> PtyDesk:
        return PtyDesk(arguments, environment(home, **changes), size=size, program=program)

    return started


def lives(desk: PtyDesk) -> None:
    """Wait until quotes of the simulated market are shown."""
    desk.until(lambda: re.search(r"NVDA +\d+\.\d\d", desk.text))


def leaves_cleanly(desk: PtyDesk, code: int = 0) -> None:
    """Check the exit code, that the terminal is as it was, and that nothing broke on the way."""
    assert desk.exit_code() == code
    raw = bytes(desk.raw)
    assert raw.rfind(b"\x1b[?1049l") > raw.rfind(b"\x1b[?1049h") >= 0
    assert raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l") >= 0
    assert raw.rfind(b"\x1b[?1000l") > raw.rfind(b"\x1b[?1000h") >= 0
    assert b"Traceback" not in raw


def test_an_order_is_typed_reviewed_sent_and_seen_to_fill(start: Start) -> None:
    with start() as desk:
        lives(desk)
        desk.press(":b 100 NVDA mkt")
        desk.until("b 100 NVDA mkt")
        desk.until(lambda: desk.row_with("Checks", "passed"))
        desk.press("\r")
        desk.until("SEND")
        assert not desk.row_with("NVDA", "BUY", "✓ FILL")
        desk.press_until("\r", lambda: "SEND" not in desk.text)
        desk.until(lambda: re.search(r"NVDA +BUY +100 +100 .*✓ FILL", desk.text))
        desk.until(lambda: re.search(r"NVDA +100 +\d+\.\d+ +\d+\.\d+", desk.text))
        desk.until("1 open")
        desk.press(QUIT)
        leaves_cleanly(desk)


def test_working_orders_make_the_way_out_ask_and_the_kill_key_cancels_them(start: Start) -> None:
    with start() as desk:
        lives(desk)
        desk.send("b 100 NVDA bid-50t")
        desk.until(lambda: desk.row_with("NVDA", "BUY", "● WORK"))
        desk.press(QUIT)
        desk.until("keep · c cancel all")
        desk.press("\x1b")
        desk.until(lambda: "cancel all · f" not in desk.text)
        desk.press_until(KILL, "HALTED")
        desk.until(lambda: desk.row_with("NVDA", "BUY", "– CXL"))  # noqa: RUF001  # no longer "○ CXL?"
        desk.press(QUIT)
        leaves_cleanly(desk)


def test_with_the_break_board_open_the_keys_still_halt_and_cancel(start: Start) -> None:
    with start(size=(80, 24)) as desk:
        lives(desk)
        desk.send("b 100 NVDA bid-50t")
        desk.until("Orders·1")
        desk.press("R")
        desk.until("t compare now")
        desk.press(KILL)
        desk.until("^K again")
        desk.press_until(KILL, "HALTED")
        desk.until(lambda: "Orders·1" not in desk.text)
        assert "t compare now" in desk.text
        desk.press("\x1b")
        desk.until(lambda: "t compare now" not in desk.text)
        desk.press(QUIT)
        leaves_cleanly(desk)


def test_at_80_by_24_one_pane_and_the_tabs_are_seen(start: Start) -> None:
    with start(size=(80, 24)) as desk:
        lives(desk)
        assert desk.row_with("1 Quotes", "5 Orders", "9 Tape")
        assert "4 Portfolio" not in desk.text
        desk.press("5")
        desk.until("No orders yet")
        desk.press("4")
        desk.until("No positions")
        desk.press(QUIT)
        leaves_cleanly(desk)


def test_a_terminal_too_small_says_so_and_growing_it_brings_the_desk_back(start: Start) -> None:
    with start(size=(20, 5)) as desk:
        desk.until(lambda: "Touchline needs" in " ".join(desk.text.split()))
        assert "Traceback" not in desk.text
        desk.resize(160, 48)
        lives(desk)
        desk.until("5 Orders")
        desk.resize(20, 5)
        desk.until(lambda: "Touchline needs" in " ".join(desk.text.split()))
        desk.press(QUIT)
        leaves_cleanly(desk)


def test_no_color_is_obeyed(start: Start) -> None:
    with start(NO_COLOR="1") as desk:
        lives(desk)
        desk.press("?")
        desk.until("esc closes")
        desk.press("\x1b")
        desk.until("9 Time & Sales")
        desk.press(QUIT)
        leaves_cleanly(desk)
        assert not COLOURED.search(bytes(desk.raw))


def test_a_terminal_of_256_colours_gets_no_others(start: Start) -> None:
    with start(COLORTERM=None) as desk:
        lives(desk)
        desk.press(QUIT)
        leaves_cleanly(desk)
        assert b"\x1b[" in desk.raw
        assert COLOURED.search(bytes(desk.raw))
        assert not TRUE_COLOUR.search(bytes(desk.raw))


def test_a_replay_is_paused_stepped_and_sped_up(start: Start, tmp_path: Path) -> None:
    path = write_quotes(tmp_path / "quotes.parquet")
    with start("replay", str(path)) as desk:
        desk.until("61000.")
        assert "REPLAY" in desk.lines[0]
        desk.press("p")
        desk.until("‖ paused")
        before = clock(desk)
        desk.press("nnnn")
        desk.until(lambda: clock(desk) > before)
        desk.press("p")
        for speed in (2, 4, 8, 16, 32):
            desk.press(">")
            desk.until(f"speed {speed}x")
            desk.until(partial(runs_at, desk, f"▸ {speed}x"))
        desk.until("■ end")
        desk.until("61003.99")
        desk.press(QUIT)
        leaves_cleanly(desk)


def runs_at(desk: PtyDesk, speed: str) -> bool:
    """Tell whether the replay's row shows a speed, or that the recording is over already."""
    return speed in desk.lines[1] or "■ end" in desk.lines[1]


def clock(desk: PtyDesk) -> str:
    """Return the time of day on the status line."""
    found = re.search(r"\d\d:\d\d:\d\d", desk.lines[0])
    return found[0] if found else ""


@pytest.mark.parametrize("evil", ["X[/foo]", "[@click=app.quit]HI[/]"])
def test_a_symbol_that_is_markup_is_a_title_as_it_is(start: Start, tmp_path: Path, evil: str) -> None:
    path = write_quotes(tmp_path / "evil.parquet", symbol=evil)
    with start("replay", str(path), size=(160, 48)) as desk:
        desk.until("61000.")
        desk.press("w")
        desk.until("esc closes")
        assert any(evil in line and "─" in line for line in desk.lines)
        desk.press("\x1b")
        desk.press(QUIT)
        leaves_cleanly(desk)


def test_a_recorded_symbol_with_escapes_and_markup_is_shown_as_text(start: Start, tmp_path: Path) -> None:
    evil = "EV\x1b]0;owned\x07\x1b[31mIL[bold red]"
    path = write_quotes(tmp_path / "evil.parquet", symbol=evil, venue="\x1b[2Jven[reverse]ue")
    with start("replay", str(path), size=(240, 67)) as desk:
        desk.until("61000.")
        desk.until("EV]0;ow")
        desk.press("w")
        desk.until("esc closes")
        desk.until("IL[bold red]")
        desk.press("\x1b")
        desk.press(QUIT)
        leaves_cleanly(desk)
        assert b"\x1b]0;owned" not in desk.raw
        assert b"\x1b[31mIL" not in desk.raw
        assert b"\x1b[2Jven" not in desk.raw


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--theme", "nope"), "there is no theme 'nope'"),
        (("--config", "nowhere.toml"), "nowhere.toml: there is no such file"),
        (("replay", "nowhere.parquet"), "nowhere.parquet: expected a file, found nothing"),
    ],
)
def test_what_is_wrong_is_said_before_the_screen_is_taken(
    start: Start, arguments: tuple[str, ...], sentence: str
) -> None:
    with start(*arguments) as desk:
        assert desk.exit_code() == 2
        assert sentence in " ".join(desk.text.split())
        assert b"\x1b[?1049h" not in desk.raw
        assert "Traceback" not in desk.text


def test_a_terminal_that_can_place_no_text_gets_a_sentence(start: Start) -> None:
    with start(program=("/usr/bin/env", "TERM=dumb", *PROGRAM)) as desk:
        assert desk.exit_code() == 2
        assert "TERM is dumb" in " ".join(desk.text.split())
        assert "Traceback" not in desk.text


def test_an_installed_command_and_a_broken_stdout_end_without_a_traceback(start: Start) -> None:
    script = f"{sys.executable} -m terminal --help | head -c 1"
    with start(program=("/bin/sh", "-c", script)) as desk:
        assert desk.exit_code() == 0
        assert "Traceback" not in desk.text
