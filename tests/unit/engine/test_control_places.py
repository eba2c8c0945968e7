"""Places for connections when the process has no descriptor left."""

from __future__ import annotations

import os
import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.places import KEPT, KeptPlaces


class Crowd:
    """Takes every descriptor that is free, at once and for good."""

    def __init__(self) -> None:
        self._held: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        self.take_all()
        self._thread.start()

    def take_all(self) -> int:
        """Take what is free; return how many that were."""
        before = len(self._held)
        while True:
            try:
                self._held.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                return len(self._held) - before

    def end(self) -> None:
        """Stop, and let all of it go."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        while self._held:
            os.close(self._held.pop())

    def _run(self) -> None:
        while not self._over.is_set():
            self.take_all()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/dev/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 32, hard))
    crowd = Crowd()
    yield crowd
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    crowd.end()


def test_there_is_a_place_for_each_that_is_given_up_and_no_other(crowd: Crowd) -> None:
    places = KeptPlaces()
    places.keep()
    crowd.take_all()
    freed = 0
    while places.give_up():
        freed += 1
    assert freed == KEPT - 1
    assert crowd.take_all() == freed
    places.end()
    assert crowd.take_all() == 1


def test_nobody_can_have_the_place_of_a_connection_that_ends(crowd: Crowd) -> None:
    here, there = socket.socketpair()
    places = KeptPlaces()
    places.keep()
    crowd.take_all()
    assert places.give_up()
    assert crowd.take_all() == 1
    crowd.begin()
    places.close(here)
    assert there.recv(1) == b"", "its other end hears that it is over"
    crowd.end()
    there.close()
    assert [places.give_up() for _ in range(KEPT)] == [True] * (KEPT - 1) + [False]
    places.end()


def test_who_could_keep_nothing_at_first_keeps_what_is_free_later(crowd: Crowd) -> None:
    here, there = socket.socketpair()
    crowd.take_all()
    places = KeptPlaces()
    places.keep()
    assert not places.give_up()
    places.close(here)
    assert crowd.take_all() == 0, "it was kept"
    there.close()
    places.close(socket.socket())
    assert places.give_up()
    places.end()
