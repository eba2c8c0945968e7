"""Asks a running desk, from another process."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from engine.clock import NS_PER_S, SystemClock
from engine.control.address import control_path
from engine.control.peer import is_trusted, peer_of
from engine.control.requests import LINE_BYTES_MAX, Answer, Request, read_answer, written
from engine.errors import EngineError

RETRY_S = 0.02


class NoDeskError(EngineError):
    """No desk runs on this data folder."""


class SilentDeskError(EngineError):
    """A desk runs and does not answer: nothing is proven."""


class _Deadline:
    def __init__(self, timeout_s: float) -> None:
        self._now_ns = SystemClock().monotonic_ns
        self._due_ns = self._now_ns() + int(timeout_s * NS_PER_S)

    def left_s(self) -> float:
        left_s = (self._due_ns - self._now_ns()) / NS_PER_S
        if left_s <= 0:
            raise TimeoutError
        return left_s


def ask(data: Path, request: Request, timeout_s: float) -> Answer:
    """Have the desk that keeps its data there carry out a request, and return its answer.

    Raises:
        NoDeskError: no desk runs there.
        SilentDeskError: it took more than `timeout_s`, or hung up.
        EngineError: who answers is not to be trusted.
        DataError: the answer can't be read.
    """
    path = control_path(data)
    deadline = _Deadline(timeout_s)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        who = "the desk"
        try:
            _connect(connection, path, deadline)
            peer = peer_of(connection)
            who = f"the desk (process {peer.pid})"
            if not is_trusted(peer) and os.geteuid():
                raise EngineError(f"{path}: user {peer.uid} listens there, and you are user {os.geteuid()}")
            connection.settimeout(deadline.left_s())
            connection.sendall(written(request))
            return read_answer(_line(connection, deadline))
        except TimeoutError:
            raise SilentDeskError(f"{who} has not answered for {timeout_s:g} s; nothing is proven") from None
        except (ConnectionError, EOFError) as error:
            raise SilentDeskError(f"{who} hung up without an answer ({error}); nothing is proven") from error


def _connect(connection: socket.socket, path: Path, deadline: _Deadline) -> None:
    """Connect; where a crowd waits before us, wait too."""
    while True:
        connection.settimeout(deadline.left_s())
        try:
            connection.connect(os.fspath(path))
        except BlockingIOError:
            time.sleep(RETRY_S)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoDeskError(f"no desk runs here: nothing listens at {path}") from error
        except PermissionError as error:
            raise EngineError(f"{path}: this desk belongs to another user") from error
        else:
            return


def _line(connection: socket.socket, deadline: _Deadline) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        connection.settimeout(deadline.left_s())
        data = connection.recv(LINE_BYTES_MAX)
        if not data:
            raise EOFError(f"after {len(received):,} bytes")
        received += data
        if len(received) > LINE_BYTES_MAX:
            raise EOFError(f"expected a line of at most {LINE_BYTES_MAX:,} bytes")
    return bytes(received)
