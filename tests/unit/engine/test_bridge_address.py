"""Where a gateway may be: on this machine, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest

from engine.adapters.bridge.address import read_address
from engine.errors import ConfigError


@pytest.mark.parametrize(
    "text", ["unix:/run/gateway.sock", "tcp:127.0.0.1:9800", "tcp:127.8.9.1:1", "tcp:::1:9800"]
)
def test_an_address_of_this_machine_is_written_as_it_is_read(text: str) -> None:
    assert str(read_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unix:",
        "unix:relative",
        "tcp:9800",
        "tcp:127.0.0.1",
        "tcp:127.0.0.1:0",
        "tcp:127.0.0.1:65536",
        "tcp:127.0.0.1:port",
        "tcp:192.168.1.2:9800",
        "tcp:0.0.0.0:9800",
        "tcp:example.com:9800",
        "http://127.0.0.1:9800",
    ],
)
def test_any_other_address_is_refused_with_what_was_found(text: str) -> None:
    with pytest.raises(
        ConfigError, match=r"^broker\.address: expected unix:/path or tcp:127\.0\.0\.1:port .*, found "
    ):
        read_address(text)


def test_a_port_is_connected_to() -> None:
    async def heard() -> bytes:
        got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.set_result(await reader.readline())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        protocol = await read_address(f"tcp:127.0.0.1:{port}").open(Knocker)
        line = await got
        await protocol.gone
        server.close()
        return line

    assert asyncio.run(heard()) == b"knock\n"


class Knocker(asyncio.Protocol):
    """Says one thing."""

    def __init__(self) -> None:
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"knock\n")

    def connection_lost(self, _error: Exception | None) -> None:
        self.gone.set_result(None)
