"""The timer of the backups, as systemd tells it, and what is said where something else runs the system."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.preflight.operation_facts import TimerFacts
from engine.preflight.timers import timer_facts

LOADED = "LoadState=loaded\nActiveState=active\nNextElapseUSecRealtime=Wed 2026-01-07 03:12:09 UTC\n"


def answering(folder: Path, patch: pytest.MonkeyPatch, text: str, code: int = 0) -> None:
    """Have a program of systemd's name that answers this, as systemd does."""
    program = folder / "systemctl"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\nexit {code}\n", encoding="utf-8")
    program.chmod(0o700)
    patch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        (LOADED, 0, TimerFacts(manager=True, state="active", next="Wed 2026-01-07 03:12:09 UTC")),
        (LOADED.replace("=active", "=inactive"), 0, TimerFacts(manager=True, state="inactive", next="Wed 2026-01-07 03:12:09 UTC")),
        ("LoadState=not-found\nActiveState=inactive\nNextElapseUSecRealtime=\n", 0, TimerFacts(manager=True)),
        ("System has not been booted with systemd as init system (PID 1).\n", 1, TimerFacts()),
    ],
    ids=["active", "stopped", "not-installed", "no-systemd"],
)  # fmt: skip
def test_the_timer_is_as_systemd_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, code: int, found: TimerFacts
) -> None:
    answering(tmp_path, monkeypatch, text, code)
    assert timer_facts() == found


def test_where_there_is_no_systemd_none_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert timer_facts() == TimerFacts()


def test_what_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("engine.preflight.timers._PATIENCE_S", 0.2)
    assert timer_facts() == TimerFacts()
