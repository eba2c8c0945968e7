"""The plain HTTP beside HTTPS: it leads to our own names and nowhere else."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

from engine.gateway import redirect
from engine.gateway.redirect import CONNECTIONS_MAX, Redirect

NAMES = ("127.0.0.1", "localhost", "[::1]", "desk.example")


async def asked(*requests: bytes, to_port: int = 8730) -> list[bytes]:
    """Return what is answered to each request; the host in it is PORT's."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = asyncio.create_task(Redirect(NAMES, port, to_port).run(listener))
    try:
        return [await one(port, request.replace(b"PORT", str(port).encode())) for request in requests]
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)


async def one(port: int, request: bytes) -> bytes:
    """Ask once, and return all that is answered; nothing where the connection is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with suppress(ConnectionResetError):
        writer.write(request)
        answer = await reader.read()
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()
    return answer


def head(answer: bytes) -> dict[bytes, bytes]:
    lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return {b"": lines[0], **dict(line.lower().split(b": ", 1) for line in lines[1:])}


@pytest.mark.parametrize(
    ("host", "path", "to_port", "location"),
    [
        (b"localhost:PORT", b"/v1/health?a=1", 8730, b"https://localhost:8730/v1/health?a=1"),
        (b"DESK.example:PORT", b"/", 443, b"https://desk.example/"),
        (b"[::1]:PORT", b"/x", 8730, b"https://[::1]:8730/x"),
        (b"localhost:PORT", b"//evil.example/", 8730, b"https://localhost:8730//evil.example/"),
        (b"localhost:PORT", b"/@evil.example", 443, b"https://localhost/@evil.example"),
    ],
)
def test_the_same_is_asked_encrypted_of_the_name_that_was_called(
    host: bytes, path: bytes, to_port: int, location: bytes
) -> None:
    request = b"POST " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 0\r\n\r\n"
    (answer,) = asyncio.run(asked(request, to_port=to_port))
    told = head(answer)
    assert told[b""].startswith(b"HTTP/1.1 308 ")
    assert told[b"location"] == location
    assert (told[b"connection"], told[b"x-frame-options"]) == (b"close", b"deny")
    assert b"strict-transport-security" not in told, "in plain HTTP it means nothing"


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        (b"GET / HTTP/1.1", b"Host: evil.example\r\n", b"421"),
        (b"GET / HTTP/1.1", b"Host: localhost:1\r\n", b"421"),
        (b"GET / HTTP/1.1", b"Host: localhost:PORT.evil.example\r\n", b"421"),
        (b"GET / HTTP/1.1", b"Host: evil@localhost:PORT\r\n", b"421"),
        (b"GET http://evil.example/ HTTP/1.1", b"Host: localhost:PORT\r\n", b"400"),
        (b"CONNECT evil.example:443 HTTP/1.1", b"Host: localhost:PORT\r\n", b"400"),
        (b"OPTIONS * HTTP/1.1", b"Host: localhost:PORT\r\n", b"400"),
        (b"GET / HTTP/1.0", b"", b"421"),
    ],
)
def test_it_leads_nowhere_else(request_line: bytes, headers: bytes, status: bytes) -> None:
    (answer,) = asyncio.run(asked(request_line + b"\r\n" + headers + b"\r\n"))
    told = head(answer)
    assert told[b""].split()[1] == status
    assert b"location" not in told
    assert b'{"error":{"code":"' in answer


def test_a_body_that_comes_late_does_not_take_the_answer_with_it() -> None:
    async def posted() -> bytes:
        listener = socket.create_server(("127.0.0.1", 0))
        port, loop = listener.getsockname()[1], asyncio.get_running_loop()
        server = asyncio.create_task(Redirect(NAMES, port, 443).run(listener))
        with socket.create_connection(("127.0.0.1", port)) as link:
            link.setblocking(False)
            head_of_it = f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 99\r\n\r\n"
            await loop.sock_sendall(link, head_of_it.encode())
            for _ in range(9):
                await asyncio.sleep(0.01)
                await loop.sock_sendall(link, b"x" * 11)
            answer = await loop.sock_recv(link, 65_536)
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
        return answer

    assert head(asyncio.run(posted()))[b"location"] == b"https://localhost/"


def test_what_is_no_http_gets_nothing() -> None:
    requests = (
        b"\x16\x03\x01\x00\x05hello\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\nHost: localhost:PORT\r\n\r\n",
        b"GET /a\x00b HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    )
    assert asyncio.run(asked(*requests)) == [b""] * len(requests)


def test_who_is_slow_is_hung_up_on_and_who_comes_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect, "HEAD_S", 0.2)

    async def crowd() -> tuple[list[bytes], bytes]:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        port = listener.getsockname()[1]
        server = asyncio.create_task(Redirect(NAMES, port, 443).run(listener))
        slow = [asyncio.create_task(one(port, b"GET / HTTP/1.1\r\n")) for _ in range(CONNECTIONS_MAX + 1)]
        answers = await asyncio.gather(*slow)
        after = await one(port, f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
        return answers, after

    answers, after = asyncio.run(crowd())
    assert set(answers) == {b""}
    assert head(after)[b"location"] == b"https://localhost/"
