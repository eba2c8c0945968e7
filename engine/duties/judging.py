"""Looks at a password in a thread of its own, so that the engine's loop goes on."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from engine.errors import EngineError
from engine.security.operators.sign_in import SignedIn


def judge_soon(
    judge: Callable[[], SignedIn], take: Callable[[SignedIn | EngineError], None], call: Callable[..., None]
) -> None:
    """Have a try judged, and `take` called on the engine's loop with who it is, or why it is nobody."""
    Thread(target=_judged, args=(judge, take, call), name="touchline-sign-in", daemon=True).start()


def _judged(
    judge: Callable[[], SignedIn], take: Callable[[SignedIn | EngineError], None], call: Callable[..., None]
) -> None:
    try:
        verdict: SignedIn | EngineError = judge()
    except EngineError as error:
        verdict = error
    except Exception as error:  # noqa: BLE001  # without a verdict who asked would wait without a word
        verdict = EngineError(f"nobody can be judged: {type(error).__name__}")
    call(take, verdict)
