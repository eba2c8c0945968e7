"""What a service manager is told of a program that it started."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.shell.service_manager import ServiceManager


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        way.bind(str(tmp_path / "notify"))
        way.settimeout(0.0)
        yield way


def all_of(heard: socket.socket) -> list[str]:
    found = []
    try:
        while True:
            found.append(heard.recv(4096).decode())
    except BlockingIOError:
        return found


def manager_at(heard: socket.socket, **more: str) -> ServiceManager:
    return ServiceManager({"NOTIFY_SOCKET": heard.getsockname(), **more})


def test_it_is_told_of_the_start_and_of_the_end(heard: socket.socket) -> None:
    manager = manager_at(heard)
    manager.ready("PAPER-1 is served at http://127.0.0.1:1")
    manager.watch(1)
    manager.ending()
    assert all_of(heard) == ["READY=1\nSTATUS=PAPER-1 is served at http://127.0.0.1:1", "STOPPING=1"]


def test_a_sign_of_life_comes_as_often_as_is_wanted_while_the_engine_looks_at_itself(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("terminal.shell.service_manager.time.monotonic", lambda: now_s)
    manager = manager_at(heard, WATCHDOG_USEC="4000000")
    signs = []
    for step in range(40):
        now_s = 100.0 + step / 2
        manager.watch(min(step, 10))
        signs += [now_s for _ in all_of(heard)]
    assert signs == [100.0, 102.0, 104.0, 106.0, 108.0, 110.0, 112.0, 114.0]


def test_signs_that_another_process_is_to_give_are_not_given(heard: socket.socket) -> None:
    manager = manager_at(heard, WATCHDOG_USEC="4000000", WATCHDOG_PID=str(os.getpid() + 1))
    manager.watch(1)
    assert all_of(heard) == []


@pytest.mark.parametrize(
    "environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "@nobody"}]
)
def test_where_nobody_listens_nothing_happens(environment: dict[str, str]) -> None:
    ServiceManager(environment).ready("here")
