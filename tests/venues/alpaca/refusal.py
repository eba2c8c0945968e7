"""A request that the venue refuses, with the status, the code and the words that it uses."""

from __future__ import annotations

from typing import Any

PARAMETER, STATE = 40010001, 42210000


class Refusal(Exception):
    """What is answered instead."""

    def __init__(self, status: int, code: int | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = {**({} if code is None else {"code": code}), "message": message, **more}


def wrong_parameter(message: str, **more: Any) -> Refusal:
    """Return the refusal of a request that says too little, or what nobody can understand."""
    return Refusal(422, PARAMETER, message, **more)


def wrong_state(message: str, **more: Any) -> Refusal:
    """Return the refusal of what is understood, and is not possible."""
    return Refusal(422, STATE, message, **more)


def forbidden(message: str, **more: Any) -> Refusal:
    """Return the refusal of what the account may not do."""
    return Refusal(403, 40310000, message, **more)


def not_found(message: str) -> Refusal:
    """Return the refusal of what is not there."""
    return Refusal(404, 40410000, message)


UNAUTHORIZED = Refusal(401, None, "unauthorized.")
TOO_MANY = Refusal(429, 42910000, "rate limit exceeded")
BROKEN = Refusal(500, 50010000, "internal server error occurred")
