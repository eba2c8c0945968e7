"""What the venue says to a request that it does not take."""

from __future__ import annotations

import json

from tests.venues.http_door import Answer


class Refused(Exception):
    """A request that the venue does not take."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status

    @property
    def answer(self) -> Answer:
        """How it is said over HTTP."""
        return Answer(self.status, json.dumps({"code": self.code, "msg": self.text}))
