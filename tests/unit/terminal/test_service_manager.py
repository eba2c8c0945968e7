"""What a service manager is told of a program that it started."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock, SystemClock
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
    return ServiceManager(SystemClock(), {"NOTIFY_SOCKET": heard.getsockname(), **more})


def test_it_is_told_of_the_start_and_of_the_end(heard: socket.socket) -> None:
    manager = manager_at(heard)
    manager.ready("PAPER-1 is served at http://127.0.0.1:1")
    manager.watch(1)
    manager.ending()
    assert all_of(heard) == ["READY=1\nSTATUS=PAPER-1 is served at http://127.0.0.1:1", "STOPPING=1"]


def test_a_sign_of_life_comes_as_often_as_is_wanted_while_the_engine_looks_at_itself(
    heard: socket.socket,
) -> None:
    clock = SimulatedClock(NS_PER_S, steady_is_own=True)
    manager = ServiceManager(clock, {"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "4000000"})
    signs = []
    for step in range(40):
        manager.watch(min(step, 10))
        signs += [step / 2 for _ in all_of(heard)]
        clock.advance_to(clock.now_ns() + NS_PER_S // 2)
    assert signs == [0, 2, 4, 6, 8, 10, 12, 14]


def test_signs_that_another_process_is_to_give_are_not_given(heard: socket.socket) -> None:
    manager = manager_at(heard, WATCHDOG_USEC="4000000", WATCHDOG_PID=str(os.getpid() + 1))
    manager.watch(1)
    assert all_of(heard) == []


@pytest.mark.parametrize(
    "environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "@nobody"}]
)
def test_where_nobody_listens_nothing_happens(environment: dict[str, str]) -> None:
    ServiceManager(SystemClock(), environment).ready("here")
