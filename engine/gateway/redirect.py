"""The plain HTTP beside HTTPS: it takes nothing, and says where the same is asked encrypted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import h11

from engine.gateway.answers import JSON, SECURITY_HEADERS, encode
from engine.gateway.names import Names
from engine.gateway.refusals import Code, Refused
from engine.security.tokens.mint import new_id

CONNECTIONS_MAX: Final = 32
"""How many may be open; one more is hung up on."""
HEAD_BYTES_MAX: Final = 8_192
HEAD_S: Final = 5.0
"""How long a request and its answer may take."""
PERMANENT: Final = 308
"""The method and the body stay as they are."""
_HTTPS: Final = 443


class Redirect:
    """Answers one request a connection, by one of our names alone: it sends nobody anywhere else."""

    def __init__(self, names: Iterable[str], port: int, to_port: int) -> None:
        self._names = Names(names, port, "http")
        self._from = f":{port}"
        self._to = "" if to_port == _HTTPS else f":{to_port}"
        self._open = 0

    async def run(self, listener: socket.socket) -> None:
        """Answer until it is cancelled."""
        async with asyncio.TaskGroup() as meetings:

            def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                meetings.create_task(self._meet(reader, writer))

            server = await asyncio.start_server(meet, sock=listener)
            try:
                await asyncio.Event().wait()
            finally:
                server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= CONNECTIONS_MAX:
                async with asyncio.timeout(HEAD_S):
                    writer.write(await self._answered(reader))
                    writer.write_eof()
                    while await reader.read(HEAD_BYTES_MAX):
                        pass  # a body that is not read would take the answer with it
        except (TimeoutError, OSError):
            pass  # who is slow or gone gets nothing
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader) -> bytes:
        speech = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)
        try:
            while not isinstance(event := speech.next_event(), h11.Request):
                if event is not h11.NEED_DATA:
                    return b""
                speech.receive_data(await reader.read(HEAD_BYTES_MAX))
            return _sent(speech, PERMANENT, [("Location", self._target(event))])
        except Refused as refused:
            body = encode(refused.answer(new_id()))
            return _sent(speech, refused.meaning.status, [("Content-Type", JSON)], body)
        except h11.RemoteProtocolError:
            return b""

    def _target(self, request: h11.Request) -> str:
        """Return where the same is asked encrypted.

        Raises:
            Refused: it was asked of somebody else, or is no path.
        """
        self._names.check(request.headers)
        if not request.target.startswith(b"/"):
            raise Refused(Code.BAD_REQUEST)
        host = next(value for name, value in request.headers if name == b"host").decode("latin-1")
        return f"https://{host.removesuffix(self._from)}{self._to}{request.target.decode('ascii')}"


def _sent(speech: h11.Connection, status: int, headers: list[tuple[str, str]], body: bytes = b"") -> bytes:
    told = [*SECURITY_HEADERS, *headers, ("Content-Length", str(len(body))), ("Connection", "close")]
    parts = (h11.Response(status_code=status, headers=told), h11.Data(data=body), h11.EndOfMessage())
    return b"".join(speech.send(part) or b"" for part in parts)
