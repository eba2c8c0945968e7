"""Who is at the other end of a local socket: the kernel says, not the peer."""

from __future__ import annotations

import os
import socket
import struct
import sys
from typing import NamedTuple

_ROOT = 0
_UCRED = struct.Struct("3i")  # pid, uid, gid: unix(7)
_XUCRED = struct.Struct("IIh16I")  # version, uid, count and ids of groups: macOS sys/ucred.h
_SOL_LOCAL, _LOCAL_PEERCRED, _LOCAL_PEERPID = 0, 1, 2


class Peer(NamedTuple):
    """A process and whose it is."""

    uid: int
    pid: int


def peer_of(connection: socket.socket) -> Peer:
    """Return who connected, or who listens.

    Raises:
        OSError: the kernel does not say.
    """
    if sys.platform == "darwin":
        _, uid, *_ = _XUCRED.unpack(connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED.size))
        return Peer(uid, connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID))
    pid, uid, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(uid, pid)


def is_trusted(peer: Peer) -> bool:
    """Tell whether it is the same person, or root."""
    return peer.uid in {os.geteuid(), _ROOT}
