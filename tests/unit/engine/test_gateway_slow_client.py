"""A client that takes nothing costs no more than so much, and is gone in the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.gateway import stream_connection
from engine.gateway.channels import Channel
from engine.gateway.stream_messages import Alerts, Ping, Pong, Subscribe
from engine.messages.events import AlertRaised, Severity
from tests.unit.engine.stream_bench import PATIENCE_S, Client, StreamBench, streaming
from tests.waiting import until

TEXT = "x" * 100_000
GOES = 1012


def loud(bench: StreamBench) -> None:
    """Say more at once than anybody's buffers hold for long."""
    for number in range(20):
        bench.rooms.bus.publish(AlertRaised(Severity.INFO, "test", TEXT, number))


def test_a_client_that_takes_nothing_is_let_go_of_and_the_others_hear_on_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("FAREWELL_S", "GONE_S"):
        monkeypatch.setattr(stream_connection, patience, 0.1)

    async def talk(bench: StreamBench) -> None:
        async with bench.client() as stuck, bench.client(max_size=None) as quick:
            for client in (stuck, quick):
                await client.say(Subscribe(Channel.ALERTS))
                await client.hear_a(Alerts)
            stuck.connection.transport.pause_reading()
            heard = asyncio.create_task(hears(quick))
            async with asyncio.timeout(PATIENCE_S):
                while bench.server.connections > 1:
                    bench.on_engine(loud, bench)
                    await asyncio.sleep(0.05)
            await until(lambda: len(bench.stream.connections) == 1)
            stuck.connection.transport.abort()
            heard.cancel()
            await asyncio.gather(heard, return_exceptions=True)
            await quick.say(Ping(9))
            assert await quick.hear_a(Pong) == Pong(9)
            await asyncio.to_thread(bench.server.close)
            assert await quick.closed() == GOES, "the gateway ends, and says so"

    with streaming(tmp_path) as bench:
        asyncio.run(talk(bench))


async def hears(client: Client) -> None:
    while True:
        await client.hear_a(Alerts)
