"""One connection: a line in, a line out, and the end."""

from __future__ import annotations

import socket

from engine.control.requests import LINE_BYTES_MAX, Answer, Code, written
from engine.errors import DataError

_SEND_BYTES = 4 * LINE_BYTES_MAX
"""Room for a whole answer in the kernel, so that sending it never waits for a reader."""


class Conversation:
    """Takes in a request as it comes, and sends its answer in one go; nothing here waits."""

    __slots__ = ("_received", "begun_ns", "connection")

    def __init__(self, connection: socket.socket, begun_ns: int) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        self.connection = connection
        self.begun_ns = begun_ns
        self._received = bytearray()

    def read(self) -> bytes | None:
        """Take in what has come; return the line once it is whole.

        Raises:
            DataError: it is too long, broken off, or more than one line.
            OSError: the other side is gone.
        """
        try:
            data = self.connection.recv(LINE_BYTES_MAX)
        except BlockingIOError:
            return None
        self._received += data
        line, newline, rest = self._received.partition(b"\n")
        if len(self._received) > LINE_BYTES_MAX:
            raise DataError(f"expected a line of at most {LINE_BYTES_MAX:,} bytes, found a longer one")
        if rest:
            raise DataError("expected one line, found more after it")
        if newline:
            return bytes(line)
        if not data:
            raise DataError(f"expected a line, found its end after {len(self._received):,} bytes")
        return None

    def tell(self, answer: Answer) -> bool:
        """Send the answer, after which nothing is said any more; tell whether all of it went."""
        line = written(answer)
        if len(line) > LINE_BYTES_MAX:
            line = written(Answer(code=Code.UNPROVEN, text="what there is to say is too long for one line"))
        try:
            return self.connection.send(line) == len(line)
        except OSError:
            return False
