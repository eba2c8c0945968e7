"""Where a span is in the trace that it belongs to, and how others are told of it: W3C Trace Context."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

TRACEPARENT: Final = "traceparent"
"""The header, and the field of a message, that a context goes along in."""
_SHAPE: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_SAMPLED: Final = 1


class TraceContext(NamedTuple):
    """One span of one trace."""

    trace_id: int
    """128 bits, never 0."""
    span_id: int
    """64 bits, never 0."""
    is_sampled: bool = True
    """Whether who began the trace keeps it: what comes of it is kept or not with it."""


def traceparent_of(context: TraceContext) -> str:
    """Return what another program is told."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.is_sampled):02x}"


def read_traceparent(text: str) -> TraceContext | None:
    """Return what another program told; None where it is no context, as the standard has it: then a trace begins.

    A later version may say more behind what version 00 says (W3C Trace Context, 4.3).
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more is not None):
        return None
    context = TraceContext(int(trace_id, 16), int(span_id, 16), bool(int(flags, 16) & _SAMPLED))
    return context if context.trace_id and context.span_id else None
