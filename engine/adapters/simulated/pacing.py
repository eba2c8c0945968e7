"""How fast market time passes: held, stepped, at a speed, or hurrying to a time."""

from __future__ import annotations

from engine.clock import NS_PER_MS, NS_PER_S
from engine.errors import InvalidValue

HELD = -1
_LAG_MAX_NS = 250 * NS_PER_MS
"""How late the market may be, on the wall, before it gives up on catching up."""
FOREVER_NS = 2**62


class Pacing:
    """Turns the machine's steady time into how far the market may go."""

    def __init__(self, start_ns: int, speed: float) -> None:
        _check(speed)
        self.speed = speed
        self.paused = False
        self._steps = 0
        self._goal_ns = 0
        self._anchor_market_ns = start_ns
        self._anchor_wall_ns = 0
        self._anchored = False

    def limit_ns(self, market_ns: int, wall_ns: int) -> int:
        """Return the market time up to which events are due, or HELD.

        A machine that can't keep up gets a slower market, never a growing backlog.
        """
        if market_ns < self._goal_ns:
            self._anchored = False
            return self._goal_ns
        if self.paused:
            self._anchored = False
            return FOREVER_NS if self._steps else HELD
        if self.speed == 0:
            return FOREVER_NS
        if not self._anchored:
            self._anchor(market_ns, wall_ns)
        due_ns = self._anchor_market_ns + int((wall_ns - self._anchor_wall_ns) * self.speed)
        if due_ns - market_ns > _LAG_MAX_NS * self.speed:
            self._anchor(market_ns, wall_ns)
            return market_ns
        return due_ns

    def take_step(self) -> None:
        """Note that one event was delivered."""
        self._steps -= 1

    @property
    def stepping(self) -> bool:
        """Whether single events are wanted."""
        return self._steps > 0

    def pause(self) -> None:
        """Hold."""
        self.paused = True

    def resume(self) -> None:
        """Go on at the speed that was set."""
        self.paused = False
        self._steps = 0
        self._anchored = False

    def step(self) -> None:
        """Let one more event pass, then hold."""
        self.paused = True
        self._steps += 1

    def hurry_to(self, goal_ns: int, market_ns: int) -> None:
        """Let everything up to a time pass as fast as it can.

        Raises:
            InvalidValue: the time has passed; a simulation only goes forward.
        """
        if goal_ns < market_ns:
            behind_s = (market_ns - goal_ns) / NS_PER_S
            raise InvalidValue(f"the simulation only goes forward: that time was {behind_s:,.0f} s ago")
        self._goal_ns = goal_ns

    def goal_after(self, market_ns: int) -> int:
        """Return the time that is hurried to; the market's own when it does not hurry."""
        return max(self._goal_ns, market_ns)

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on; 0 is as fast as it can.

        Raises:
            InvalidValue: it is negative or not finite.
        """
        _check(speed)
        self.speed = speed
        self._anchored = False

    def _anchor(self, market_ns: int, wall_ns: int) -> None:
        self._anchor_market_ns, self._anchor_wall_ns = market_ns, wall_ns
        self._anchored = True


def _check(speed: float) -> None:
    if not 0 <= speed < float("inf"):
        raise InvalidValue(f"speed: expected 0 or more seconds of market time a second, found {speed}")
