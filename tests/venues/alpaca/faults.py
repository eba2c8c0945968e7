"""What goes wrong until it is set right again."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.venues.alpaca.refusal import BROKEN, Refusal


@dataclass
class RestFault:
    """What happens to the next requests of a kind, instead of an answer or around it."""

    kind: str
    """`error`: answer with it. `drop`: end the connection without an answer. `hang`: never answer.
    `late`: answer after `late_s`; what is asked
    for is done before that where `done` says so. `garbage`: answer with what is no JSON. `cut`: end within the body."""
    method: str = ""
    path: str = ""
    """What the path begins with."""
    times: int = 1
    done: bool = False
    """Whether what was asked for is done all the same."""
    error: Refusal = BROKEN
    late_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    def meets(self, method: str, path: str) -> bool:
        """Whether it is about a request."""
        return self.method in {"", method} and path.startswith(self.path)


@dataclass
class Faults:
    """All that a test can switch on; every one of them is off."""

    rest: list[RestFault] = field(default_factory=list)
    """The first one that is about a request is used up by it."""
    skew_s: float = 0.0
    """How far the venue's clock is ahead, in times, headers and the clock that it tells."""
    stopped_ns: int = 0
    """The time at which its clock stands still; 0 lets it go on."""
    refuse_streams: int = 0
    """The status that answers every handshake, 429 or 503."""
    mute: set[str] = field(default_factory=set)
    """Which streams say nothing and stay connected: `trades`, `data`."""
    stream_late_s: float = 0.0
    """How long every message of a stream waits."""

    ack_s: float = 0.0
    """How long an order stays `pending_new`."""
    change_s: float = 0.0
    """How long a cancel or a replacement stays pending."""
    hold_changes: bool = False
    """Let cancels and replacements stay pending until `Floor.let_go`."""
    refuse_cancels: bool = False
    refuse_replaces: bool = False
    rejections: list[str] = field(default_factory=list)
    """Why the next orders are rejected after they were taken."""

    duplicate_updates: bool = False
    reorder_updates: bool = False
    """Let every second trade update come before the first."""
    lose_updates: int = 0
    """So many trade updates are never sent."""

    def take_rest(self, method: str, path: str) -> RestFault | None:
        """Use up the fault that is about a request."""
        for fault in self.rest:
            if fault.meets(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.rest.remove(fault)
                return fault
        return None
