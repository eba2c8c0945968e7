"""A desk in a process of its own that follows a venue and shares its quotes until it is ended or killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Self, cast

from tests.pty_desk import ROOT, environment
from tests.redis_server import RedisServer
from tests.sharing_bench import Desk, running, settings_for
from tests.venues.kraken.venue import KrakenVenue


class SharingProcess:
    """Starts one called tower."""

    def __init__(self, root: Path, server: RedisServer, venue: KrakenVenue) -> None:
        settings_for(root, server, "tower")  # the password is kept before two look for it
        arguments = [root, server.socket, venue.stream_url, venue.rest_url]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sharing_process", *map(str, arguments)],
            cwd=ROOT,
            env=environment(root / "tower"),
            stdin=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()


def main() -> None:
    """Run one until the input ends."""
    root, socket, stream_url, rest_url = sys.argv[1:]
    server = cast("RedisServer", SimpleNamespace(socket=socket))
    venue = cast("KrakenVenue", SimpleNamespace(stream_url=stream_url, rest_url=rest_url))
    settings = settings_for(Path(root), server, "tower", venue=venue, shares=True)
    with running(Desk(Path(root), settings, "kraken")):
        sys.stdin.read()


if __name__ == "__main__":
    main()
