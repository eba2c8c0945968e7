"""What Redis does in one step, as a script that it keeps by its hash."""

from __future__ import annotations

import hashlib


class Script:
    """A Lua text and its name there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        """What EVALSHA knows it by."""
