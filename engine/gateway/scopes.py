"""What a command of the way out is about, as programs say it."""

from __future__ import annotations

from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.mirror import Mirror
from engine.model.instrument import Symbol


async def scope(parts: Parts, name: str | None, strategy: str | None) -> Symbol | None:
    """Return the symbol that is meant; a slip of the finger must not look like a halt.

    The engine is asked only for what was not known a moment ago: a halt does not wait for it.

    Raises:
        Refused: there is none of that name, or a strategy is meant besides.
        TransientError: the engine does not answer.
    """
    if name is None:
        return None
    if strategy is not None:
        raise Refused(Code.BODY_INVALID, "expected a symbol or a strategy, not both")
    symbol = Symbol(name)
    if not (_is_known(parts.feed.mirror, symbol) or _is_known(await parts.feed.fresh(), symbol)):
        raise Refused(Code.NOT_FOUND, "there is no such symbol")
    return symbol


def _is_known(mirror: Mirror, symbol: Symbol) -> bool:
    risk = mirror.risk
    held_back = (*risk.halted_symbols, *risk.reducing_symbols) if risk is not None else ()
    return symbol in mirror.instruments or symbol in held_back
