"""Where a desk listens: worked out from its data folder alone, the same way on both sides."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

PATH_BYTES_MAX = 103
"""What every system takes as the path of a socket: macOS has 104 bytes with the closing zero, Linux 108."""
_SHORT = Path("/tmp")  # noqa: S108  # TMPDIR differs from shell to shell; the folder in it is checked to be ours


def control_path(data: Path) -> Path:
    """Return the socket of the desk that keeps its data there.

    A folder whose path is too long for a socket has it under `/tmp`, in a folder named for its hash.
    """
    path = data.resolve() / "control.sock"
    name = os.fsencode(path)
    if len(name) <= PATH_BYTES_MAX:
        return path
    return _SHORT / f"touchline-{sha256(name).hexdigest()[:16]}" / "control.sock"
